//! The extent of a chart's layers in data units. It must not know pixels.

use figure::{Axis, Chart, Layer, Scale};

use crate::ticks;

/// The ranges that the two axes show: the given one, or one fitted to what is drawn inside the other axis's range.
pub(crate) fn ranges(chart: &Chart) -> ((f64, f64), (f64, f64)) {
    let x = valid_range(&chart.x);
    let y = valid_range(&chart.y);
    let mut extent = Extent { x: EMPTY, y: EMPTY, x_range: x, x_log: log(&chart.x), y_log: log(&chart.y) };
    for layer in &chart.layers {
        extent.layer(layer);
    }
    for (at, _) in &chart.x.ticks {
        extent.x(*at);
    }
    for (at, _) in &chart.y.ticks {
        extent.y(*at);
    }
    (
        x.unwrap_or_else(|| ticks::fit(extent.x.0, extent.x.1, chart.x.scale, X_STEPS)),
        y.unwrap_or_else(|| ticks::fit(extent.y.0, extent.y.1, chart.y.scale, Y_STEPS)),
    )
}

/// Steps across the data of a horizontal axis: in a run that goes on it grows by a fifth, and so changes rarely.
const X_STEPS: f64 = 5.0;
/// Steps across the data of a vertical axis: finer, because heights are what is read.
const Y_STEPS: f64 = 8.0;

const EMPTY: (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);

/// The axis's own range, where it can be drawn.
fn valid_range(axis: &Axis) -> Option<(f64, f64)> {
    axis.range.filter(|(low, high)| {
        low.is_finite() && high.is_finite() && low < high && (high - low).is_finite() && (!log(axis) || *low > 0.0)
    })
}

fn log(axis: &Axis) -> bool {
    axis.scale == Scale::Log
}

struct Extent {
    x: (f64, f64),
    y: (f64, f64),
    /// The fixed horizontal range; what lies outside it does not count for the vertical one.
    x_range: Option<(f64, f64)>,
    x_log: bool,
    y_log: bool,
}

impl Extent {
    fn x(&mut self, x: f64) {
        if x.is_finite() && (!self.x_log || x > 0.0) {
            self.x = (self.x.0.min(x), self.x.1.max(x));
        }
    }

    fn y(&mut self, y: f64) {
        if y.is_finite() && (!self.y_log || y > 0.0) {
            self.y = (self.y.0.min(y), self.y.1.max(y));
        }
    }

    fn point(&mut self, x: f64, y: f64) {
        if x.is_finite() && y.is_finite() {
            self.x(x);
            if self.x_range.is_none_or(|(low, high)| x >= low && x <= high) {
                self.y(y);
            }
        }
    }

    fn layer(&mut self, layer: &Layer) {
        match layer {
            Layer::Line { points, .. } | Layer::Points { points, .. } | Layer::Classes { points, .. } => {
                points.iter().for_each(|&[x, y]| self.point(x, y));
            }
            Layer::Band { points, .. } => points.iter().for_each(|&[x, low, high]| {
                self.point(x, low);
                self.point(x, high);
            }),
            Layer::Bars { bars, .. } => bars.iter().for_each(|&[x0, x1, y0, y1]| {
                self.point(x0, y0);
                self.point(x1, y1);
            }),
            Layer::Arrows { arrows, .. } => arrows.iter().for_each(|&[x0, y0, x1, y1]| {
                self.point(x0, y0);
                self.point(x1, y1);
            }),
            Layer::Rule { at, vertical: true, .. } => self.x(*at),
            Layer::Rule { at, .. } => self.y(*at),
            Layer::Ellipses { ellipses, .. } => ellipses.iter().for_each(|&[x, y, rx, ry]| {
                self.point(x - rx, y - ry);
                self.point(x + rx, y + ry);
            }),
            Layer::Errors { points, .. } => points.iter().for_each(|&[x, y, half]| {
                self.point(x, y - half);
                self.point(x, y + half);
            }),
            Layer::Heat(heat) => {
                self.point(heat.x.0, heat.y.0);
                self.point(heat.x.1, heat.y.1);
            }
            Layer::Text { at: [x, y], .. } => self.point(*x, *y),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use figure::{Dash, Role};

    fn line(points: Vec<[f64; 2]>) -> Chart {
        let layer = Layer::Line { role: Role::Kl, dash: Dash::Solid, label: String::new(), points };
        Chart { layers: vec![layer], ..Chart::default() }
    }

    #[test]
    fn axes_fit_what_can_be_drawn() {
        let chart = line(vec![[0.0, 1.0], [9.0, f64::NAN], [8.0, 4.2], [1.0, f64::INFINITY]]);
        assert_eq!(ranges(&chart), ((0.0, 8.0), (1.0, 4.5)));
        assert_eq!(ranges(&Chart::default()), ((0.0, 1.0), (0.0, 1.0)));
    }

    #[test]
    fn a_fixed_width_hides_what_lies_beside_it() {
        let mut chart = line(vec![[0.0, 1.0], [1.0, 2.0], [50.0, 1e6]]);
        chart.x = Axis::linear("x").over(0.0, 2.0);
        assert_eq!(ranges(&chart), ((0.0, 2.0), (1.0, 2.0)));
        chart.x.range = Some((3.0, 3.0));
        assert_eq!(ranges(&chart).0, (0.0, 50.0), "a range without width is fitted instead");
        chart.y = Axis::log("y").over(-1.0, 1.0);
        assert!(ranges(&chart).1.0 > 0.0, "a logarithmic range starts above zero");
    }
}
