//! Equation (17) as bars: the average KL beside I(x,z) with KL\[q(z)‖p(z)\] stacked on it, under the ceiling log N.
//! Needs no samples and no model, only their numbers.

use figure::{Axis, Chart, Dash, Figure, Layer, Role};

/// Half the width of a bar.
const HALF: f64 = 0.32;
/// Standard errors in a 95 % interval.
const NINETY_FIVE: f64 = 1.96;

/// A stacked column for (17), in nats: I(x,z) + KL\[q(z)‖p(z)\] should add up to the average KL.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// The label below it.
    pub(crate) name: &'static str,
    /// I(x,z).
    pub(crate) mi: f64,
    /// KL\[q(z)‖p(z)\].
    pub(crate) marginal_kl: f64,
    /// The standard error of their sum; 0 where nothing is sampled.
    pub(crate) standard_error: f64,
}

/// The figure `bars`: the average KL in closed form, then the columns.
pub(crate) fn bars(kl: f64, columns: &[Column], log_n: f64) -> Figure {
    let span = |at: usize, low: f64, high: f64| [at as f64 - HALF, at as f64 + HALF, low, high];
    let stacked = || columns.iter().enumerate().map(|(index, column)| (index + 2, column));
    let layer = |role, label: &str, bars| Layer::bars(role, label, bars);
    let mut layers = vec![
        layer(Role::Kl, "average KL", vec![span(1, 0.0, kl)]),
        layer(Role::MutualInformation, "I(x,z)", stacked().map(|(at, column)| span(at, 0.0, column.mi)).collect()),
        layer(
            Role::MarginalKl,
            "KL[q(z)‖p(z)]",
            stacked().map(|(at, column)| span(at, column.mi, column.mi + column.marginal_kl)).collect(),
        ),
        Layer::rule(Role::Exact, Dash::Dashed, "log N", log_n),
    ];
    let errors: Vec<_> = stacked()
        .filter(|(_, column)| column.standard_error > 0.0)
        .map(|(at, column)| [at as f64, column.mi + column.marginal_kl, NINETY_FIVE * column.standard_error])
        .collect();
    if !errors.is_empty() {
        layers.push(Layer::errors(Role::Neutral, errors));
    }
    let mut ticks = vec![(1.0, "average KL".to_owned())];
    ticks.extend(stacked().map(|(at, column)| (at as f64, column.name.to_owned())));
    let sums = columns.iter().map(|column| {
        format!(
            "{}: I {:.3} + marginal KL {:.3} = {:.3}",
            column.name,
            column.mi,
            column.marginal_kl,
            column.mi + column.marginal_kl
        )
    });
    let alt = format!(
        "Average KL {kl:.3} nats beside the sums that equal it; {}. The ceiling of I is log N = {log_n:.3}.",
        sums.collect::<Vec<_>>().join("; ")
    );
    let chart = Chart::new(
        Axis::linear("").over(0.4, columns.len() as f64 + 1.6).with_ticks(ticks),
        Axis::linear("nats, averaged over the data"),
        layers,
    );
    Figure::chart("bars", alt, chart)
}
