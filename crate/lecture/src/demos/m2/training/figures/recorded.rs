//! Accuracy against the number of labels: recorded results, the results of this sweep, and the current run.

use crate::demos::m2::slots;
use figure::{Axis, Chart, Dash, Figure, Layer, Marker, Role, Scale};

use super::View;
use crate::demos::m2::training::record::Column;
use crate::demos::m2::training::set::Kind;

/// Held-out accuracies on the digits at the default settings after 1,000 steps, over seeds 1 to 5:
/// labels per class, mean and standard deviation of M2, mean and standard deviation of the baseline classifier.
///
/// Written by `cargo test -p lecture --features training --lib m2::tests::accuracy -- --ignored --nocapture`.
pub(in crate::demos::m2) const RECORDED: [[f64; 5]; 7] = [
    [1.0, 0.807, 0.035, 0.617, 0.049],
    [2.0, 0.830, 0.040, 0.745, 0.038],
    [3.0, 0.914, 0.019, 0.809, 0.023],
    [5.0, 0.934, 0.014, 0.867, 0.025],
    [10.0, 0.930, 0.014, 0.910, 0.010],
    [20.0, 0.944, 0.017, 0.939, 0.008],
    [50.0, 0.959, 0.010, 0.962, 0.008],
];

/// Held-out accuracy against labels per class.
pub(super) fn by_labels(view: &View<'_>) -> Figure {
    let record = view.record;
    let now = record.labels_per_class as f64;
    let path = |column: Column| {
        let finished = record.finished.iter().map(|one| [one.labels_per_class as f64, one.row[column]]);
        finished.chain([[now, record.last(column)]]).collect::<Vec<_>>()
    };
    let mut layers = Vec::new();
    if matches!(view.set.kind, Kind::Digits { .. }) {
        let recorded = |mean: usize| RECORDED.iter().map(|row| [row[0], row[mean]]).collect();
        let spread = |mean: usize| RECORDED.iter().map(|row| [row[0], row[mean], row[mean + 1]]).collect();
        for (role, label, mean) in [(Role::Neutral, "labels alone", 3), (Role::Posterior, "M2", 1)] {
            layers.push(Layer::line(role, Dash::Solid, label, recorded(mean)));
            layers.push(Layer::errors(role, spread(mean)));
        }
    }
    for (role, marker, column) in
        [(Role::Neutral, Marker::Square, Column::Baseline), (Role::Posterior, Marker::Circle, Column::Accuracy)]
    {
        let points = path(column);
        if points.len() > 1 {
            layers.push(Layer::line(role, Dash::Dotted, "", points.clone()));
        }
        layers.push(Layer::points(role, marker, "", points));
    }
    let alt = format!(
        "Held-out accuracy against labels per class. This run, {now} per class: M2 {:.3}, labels alone {:.3}.{}",
        record.last(Column::Accuracy),
        record.last(Column::Baseline),
        if matches!(view.set.kind, Kind::Digits { .. }) {
            " Lines: means over five earlier runs of 1,000 steps, with their standard deviation."
        } else {
            ""
        }
    );
    let ticks = [1, 2, 3, 5, 10, 20, 50, 100].map(|labels| (f64::from(labels), labels.to_string())).to_vec();
    let x = Axis { scale: Scale::Log, ..Axis::linear("labels per class").over(0.8, 200.0).with_ticks(ticks) };
    let chart = Chart::new(x, Axis::linear("held-out accuracy").over(0.0, 1.0), layers);
    slots::BY_LABELS.chart(alt, chart)
}
