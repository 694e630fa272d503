//! The figures of slide 1.8: variance against N, and the estimates themselves.

use crate::demos::gradient_variance::slots;
use figure::{Axis, Chart, Dash, Figure, Layer, Marker, Role};
use math::estimate::variance;
use math::simulation::{Simulation, Term};

/// Variance of the estimates against N on logarithmic axes: simulated points over exact lines with their 95 % bands.
pub(super) fn variances(simulation: &Simulation) -> Figure {
    let settings = &simulation.settings;
    let score = settings.score_term();
    let reparam = settings.reparam_term();
    let mut layers = vec![band(Role::Score, simulation, &score), band(Role::Reparameterized, simulation, &reparam)];
    layers.push(exact(simulation, |n| settings.exact_score_variance(n)));
    layers.push(exact(simulation, |n| settings.exact_reparam_variance(n)));
    layers.push(points(Role::Score, Marker::Circle, "score", simulation, &simulation.score));
    layers.push(points(Role::Reparameterized, Marker::Square, "reparameterized", simulation, &simulation.reparam));
    let alt = format!(
        "Variance of {} gradient estimates against the number of samples N, both axes logarithmic. Exact: the score estimator's variance is {:.4} times the reparameterized one's at every N, and both fall as 1/N.",
        settings.repeats,
        settings.exact_ratio()
    );
    let chart =
        Chart::new(Axis::log("samples per estimate, N"), Axis::log("variance of the gradient estimate"), layers);
    slots::VARIANCE.chart(alt, chart)
}

fn band(role: Role, simulation: &Simulation, term: &Term) -> Layer {
    let settings = &simulation.settings;
    let points = settings.sizes.iter().map(|&n| {
        let band = term.band(n, settings.repeats);
        // A logarithmic axis has no zero: a band with lower edge 0 ends two decades below the exact value.
        [n as f64, band.low.max(term.variance() / n as f64 * 1e-2), band.high]
    });
    Layer::band(role, "95 % of simulations", points.collect())
}

fn exact(simulation: &Simulation, variance_at: impl Fn(u64) -> f64) -> Layer {
    let points = simulation.settings.sizes.iter().map(|&n| [n as f64, variance_at(n)]).collect();
    Layer::line(Role::Exact, Dash::Dashed, "", points)
}

fn points(role: Role, marker: Marker, label: &str, simulation: &Simulation, estimates: &[Vec<f64>]) -> Layer {
    let sizes = &simulation.settings.sizes;
    let done = sizes.iter().zip(estimates).filter(|(_, made)| made.len() == simulation.settings.repeats);
    Layer::points(role, marker, label, done.map(|(&n, made)| [n as f64, variance(made)]).collect())
}

/// Histograms of the R estimates at one N around the true gradient 2θ, score above the axis and reparameterized below.
pub(super) fn histograms(simulation: &Simulation, chosen: usize) -> Figure {
    let settings = &simulation.settings;
    let n = settings.sizes[chosen];
    let truth = 2.0 * settings.theta;
    let spread = 4.0 * settings.exact_score_variance(n).max(settings.exact_reparam_variance(n)).sqrt();
    let (low, high) = (truth - spread, truth + spread);
    let layers = vec![
        Layer::bars(Role::Score, "score", bars(&simulation.score[chosen], low, high, 1.0)),
        Layer::bars(Role::Reparameterized, "reparameterized", bars(&simulation.reparam[chosen], low, high, -1.0)),
        Layer::vertical_rule(Role::Exact, Dash::Dashed, format!("2θ = {truth:.1}"), truth),
    ];
    let alt = format!(
        "Histograms of {} estimates at N = {n} around the true gradient {truth:.1}: score above the line, reparameterized below. Exact standard deviations: {:.4} and {:.4}.",
        settings.repeats,
        settings.exact_score_variance(n).sqrt(),
        settings.exact_reparam_variance(n).sqrt()
    );
    let chart = Chart::new(
        Axis::linear(format!("gradient estimate at N = {n}")).over(low, high),
        Axis::linear("estimates per bin, score up"),
        layers,
    );
    slots::HISTOGRAM.chart(alt, chart)
}

/// Counts in 41 equal bins over \[low, high\], so that one bin is centred on the true gradient; estimates beyond go into the end bins.
fn bars(estimates: &[f64], low: f64, high: f64, sign: f64) -> Vec<[f64; 4]> {
    const BINS: usize = 41;
    let width = (high - low) / BINS as f64;
    let mut counts = [0.0; BINS];
    for &estimate in estimates {
        let bin = ((estimate - low) / width).floor().clamp(0.0, (BINS - 1) as f64);
        counts[bin as usize] += sign;
    }
    let bar = |(bin, &count): (usize, &f64)| [low + width * bin as f64, low + width * (bin + 1) as f64, 0.0, count];
    counts.iter().enumerate().filter(|(_, count)| **count != 0.0).map(bar).collect()
}
