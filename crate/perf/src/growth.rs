//! The picture of growth: the cost of a step, or of a simulation, against what makes it dearer, on two logarithmic axes.

use anyhow::Result;
use plotters::prelude::*;
use plotters_svg::SVGBackend;

use crate::statistics::exponent;

/// One quantity that was grown: its name, and the cost in ms at each of its values.
pub(crate) struct Curve {
    pub(crate) axis: String,
    pub(crate) points: Vec<(f64, f64)>,
}

impl Curve {
    /// The name with the exponent that fits its upper half.
    pub(crate) fn label(&self) -> String {
        exponent(&self.points).map_or(self.axis.clone(), |exponent| format!("{}: exponent {exponent:.2}", self.axis))
    }
}

/// The picture as SVG.
pub(crate) fn picture(curves: &[Curve]) -> Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (300 * curves.len().max(1) as u32, 300)).into_drawing_area();
        area.fill(&WHITE)?;
        for (area, curve) in area.split_evenly((1, curves.len().max(1))).iter().zip(curves) {
            let bounds = |of: fn(&(f64, f64)) -> f64| {
                let values = curve.points.iter().map(of);
                values.fold((f64::INFINITY, 0.0_f64), |(least, most), value| (least.min(value), most.max(value)))
            };
            let ((left, right), (low, high)) = (bounds(|point| point.0), bounds(|point| point.1));
            let mut chart = ChartBuilder::on(area)
                .margin(8)
                .margin_right(16)
                .caption(curve.label(), ("sans-serif", 14))
                .set_label_area_size(LabelAreaPosition::Left, 48)
                .set_label_area_size(LabelAreaPosition::Bottom, 36)
                .build_cartesian_2d(
                    (left..right).log_scale().with_key_points(curve.points.iter().map(|point| point.0).collect()),
                    (low / 1.5..high * 1.5).log_scale(),
                )?;
            let plain = |number: &f64| format!("{number}");
            let mut mesh = chart.configure_mesh();
            mesh.x_desc(&curve.axis).y_desc("ms").light_line_style(WHITE);
            mesh.x_label_formatter(&plain).y_label_formatter(&plain).draw()?;
            chart.draw_series(LineSeries::new(curve.points.iter().copied(), &BLUE))?;
            chart.draw_series(curve.points.iter().map(|&point| Circle::new(point, 3, BLUE.filled())))?;
        }
        area.present()?;
    }
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_has_a_panel_and_an_exponent_for_every_curve() {
        let curve = |axis: &str, power: f64| Curve {
            axis: axis.to_owned(),
            points: [1.0, 10.0, 100.0, 1000.0].map(|x: f64| (x, x.powf(power))).into(),
        };
        let svg = picture(&[curve("batch", 1.0), curve("hidden", 2.0)]).unwrap_or_default();
        assert!(svg.contains("batch: exponent 1.00") && svg.contains("hidden: exponent 2.00"), "{svg}");
    }
}
