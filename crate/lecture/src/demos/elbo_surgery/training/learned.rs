//! The figures of the learned priors.

use crate::demos::elbo_surgery::{Prior, slots};
use figure::{Axis, Chart, Dash, Figure, Images, Layer, Marker, Role};
use learn::Table;
use learn::images::ImageSet;

use super::figures::Column;

/// About how many marks tell one line from another.
const MARKS: usize = 12;
/// Standard errors in a 95 % interval.
const NINETY_FIVE: f64 = 1.96;
/// Half the height of the comparison, in nats: the first that holds its latest numbers.
const HEIGHTS: [f64; 9] = [0.15, 0.3, 0.6, 1.2, 2.5, 5.0, 10.0, 25.0, 60.0];

/// A line of the comparison: a prior, how it is drawn, and where its numbers are.
struct Compared {
    name: &'static str,
    role: Role,
    marker: Option<Marker>,
    gain: Column,
    error: Column,
    /// Whether the axis must hold it.
    fits: bool,
}

/// The held-out ELBO under each prior less that under the prior in force, against steps; the error of the latest numbers (95 %).
///
/// Where another prior is in force, N(0, I) may lie tens of nats below: the axis need not hold it.
pub(super) fn priors(curves: &Table<Column>, force: Prior) -> Figure {
    let compared = [
        ("N(0, I)", Role::Prior, None, Column::GainNormal, Column::GainNormalError),
        ("q(z) of N", Role::Aggregate, None, Column::GainAggregate, Column::GainAggregateError),
        ("× mixture", Role::Prior, Some(Marker::Cross), Column::GainMixture, Column::GainMixtureError),
        ("□ pseudo-inputs", Role::Aggregate, Some(Marker::Square), Column::GainVamp, Column::GainVampError),
    ];
    let compared = compared.map(|(name, role, marker, gain, error)| Compared {
        name,
        role,
        marker,
        gain,
        error,
        fits: force == Prior::Normal || gain != Column::GainNormal,
    });
    let largest = compared.iter().filter(|one| one.fits).map(|one| curves.latest(one.gain).abs()).fold(0.0, f64::max);
    let height = HEIGHTS.into_iter().find(|height| 0.9 * height >= largest).unwrap_or(HEIGHTS[HEIGHTS.len() - 1]);
    let layers = compared.iter().enumerate().flat_map(|(at, one)| one.layers(curves, at, height)).collect();
    let told = curves.last().map_or_else(String::new, |(step, row)| {
        let each = compared.iter().map(|one| format!("{} {:.3} ± {:.3}", one.name, row[one.gain], row[one.error]));
        format!(" After {step} steps: {}.", each.collect::<Vec<_>>().join(", "))
    });
    let alt =
        format!("The held-out ELBO under four priors, less that under the prior in force, in nats per image.{told}");
    let y = Axis::linear("held-out ELBO, differences (nats per image)").over(-height, height);
    slots::PRIORS.chart(alt, Chart::new(Axis::linear("training steps"), y, layers))
}

impl Compared {
    /// Its line, its marks, and the error of one of the latest numbers, each line's at another step. A line that has left the axis has no label.
    fn layers(&self, curves: &Table<Column>, at: usize, height: f64) -> Vec<Layer> {
        let points = curves.column(self.gain);
        let every = points.len().div_ceil(MARKS).max(1);
        let latest = points.len().saturating_sub(1 + at * every / 4);
        let marked: Vec<[f64; 2]> =
            points[..points.len().min(latest + 1)].iter().rev().step_by(every).copied().collect();
        let error =
            curves.rows().get(latest).map(|(step, row)| [*step as f64, row[self.gain], NINETY_FIVE * row[self.error]]);
        let error = error.filter(|[_, _, error]| *error > 0.0);
        let label = if curves.latest(self.gain).abs() > height { "" } else { self.name };
        let mut layers = vec![Layer::line(self.role, Dash::Dotted, label, points)];
        layers.push(Layer::errors(self.role, error.into_iter().collect()));
        layers.extend(self.marker.map(|marker| Layer::points(self.role, marker, "", marked)));
        layers
    }
}

/// The first pseudo-inputs, under the training images that they began as.
pub(super) fn pseudo_inputs(images: &ImageSet, began: &[usize], inputs: &[f32]) -> Figure {
    let side = images.digits.side;
    let columns = (inputs.len() / images.pixels()).min(began.len());
    let mut pixels = images.digits.gather(&began[..columns]);
    pixels.extend_from_slice(&inputs[..columns * images.pixels()]);
    let shown = Images::from_unit(&pixels, columns, side, side).with_captions(vec!["began as".into(), "now".into()]);
    let alt = format!(
        "The first {columns} pseudo-inputs: above, the training images that they began as; below, what they are now."
    );
    slots::PSEUDO_INPUTS.images(alt, shown)
}
