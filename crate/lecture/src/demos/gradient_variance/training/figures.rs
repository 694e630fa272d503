//! The figures of slide 1.8: variance against N, the estimates themselves, and variance against theta.

use crate::demos::gradient_variance::slots;
use figure::{Axis, Chart, Dash, Figure, Layer, Marker, Role};
use math::estimate::variance;
use math::quadrature::Grid;
use math::simulation::{Estimator, Function, Settings, Simulation, Term};

/// The step's band is drawn where a variance of R estimates is known to half of itself: before that almost no estimate has seen the step.
const KNOWN: f64 = 0.5;

/// Variance of the estimates against N on logarithmic axes: simulated points over exact lines with their 95 % bands.
/// A variance of 0, the reparameterized one of the step, has no place there.
pub(super) fn variances(simulation: &Simulation) -> Figure {
    let settings = &simulation.settings;
    let score = settings.score_term();
    let reparam = settings.reparam_term();
    let varies = reparam.variance() > 0.0;
    let mut layers = vec![band(Role::Score, simulation, &score)];
    if varies {
        layers.push(band(Role::Reparameterized, simulation, &reparam));
    }
    layers.push(exact(simulation, |n| settings.exact_score_variance(n)));
    if varies {
        layers.push(exact(simulation, |n| settings.exact_reparam_variance(n)));
    }
    layers.push(points(Role::Score, Marker::Circle, "score", simulation, &simulation.score));
    if varies {
        layers.push(points(Role::Reparameterized, Marker::Square, "reparameterized", simulation, &simulation.reparam));
    }
    let compared = if varies {
        format!(
            "the score estimator's variance is {:.4} times the reparameterized one's at every N, and both fall as 1/N",
            settings.exact_ratio()
        )
    } else {
        "the score estimator's variance falls as 1/N; the reparameterized one's is 0, which this axis cannot show, and its estimates are wrong"
            .to_owned()
    };
    let alt = format!(
        "Variance of {} gradient estimates against the number of samples N, both axes logarithmic. Exact: {compared}.",
        settings.repeats
    );
    let chart =
        Chart::new(Axis::log("samples per estimate, N"), Axis::log("variance of the gradient estimate"), layers);
    slots::VARIANCE.chart(alt, chart)
}

fn band(role: Role, simulation: &Simulation, term: &Term) -> Layer {
    let settings = &simulation.settings;
    let known =
        |n: &&u64| settings.function == Function::Square || term.relative_sd_of_variance(**n, settings.repeats) < KNOWN;
    let points = settings.sizes.iter().filter(known).map(|&n| {
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
    let points = done.map(|(&n, made)| [n as f64, variance(made)]);
    Layer::points(role, marker, label, points.filter(|[_, variance]| *variance > 0.0).collect())
}

/// Histograms of the R estimates at one N around the true gradient, score above the axis and reparameterized below.
pub(super) fn histograms(simulation: &Simulation, chosen: usize) -> Figure {
    /// Half of the least range: where no estimate differs from 0 there is still an axis.
    const LEAST: f64 = 1e-6;
    let settings = &simulation.settings;
    let n = settings.sizes[chosen];
    let truth = settings.gradient();
    let spread = 4.0 * settings.exact_score_variance(n).max(settings.exact_reparam_variance(n)).sqrt();
    // Wide enough for an estimator that is biased, too.
    let spread = spread.max(1.2 * settings.reparam_bias().abs()).max(LEAST);
    let (low, high) = (truth - spread, truth + spread);
    let rule = match settings.function {
        Function::Square => format!("2θ = {truth:.1}"),
        Function::Step => format!("Φ′(θ) = {truth:.3}"),
    };
    let layers = vec![
        Layer::bars(Role::Score, "score", bars(&simulation.score[chosen], low, high, 1.0)),
        Layer::bars(Role::Reparameterized, "reparameterized", bars(&simulation.reparam[chosen], low, high, -1.0)),
        Layer::vertical_rule(Role::Exact, Dash::Dashed, rule, truth),
    ];
    let alt = format!(
        "Histograms of {} estimates at N = {n} around the true gradient {truth:.prec$}: score above the line, reparameterized below. Exact standard deviations: {:.4} and {:.4}.",
        settings.repeats,
        settings.exact_score_variance(n).sqrt(),
        settings.exact_reparam_variance(n).sqrt(),
        prec = if settings.function == Function::Square { 1 } else { 3 }
    );
    let chart = Chart::new(
        Axis::linear(format!("gradient estimate at N = {n}")).over(low, high),
        Axis::linear("estimates per bin, score up"),
        layers,
    );
    slots::HISTOGRAM.chart(alt, chart)
}

/// The exact variance of one term against θ: the score without and with its best baseline, and the reparameterized one unless it is 0.
pub(super) fn against_theta(settings: &Settings) -> Figure {
    /// Half of the axis, near the optimum and over the whole control, and its points.
    const REACHES: [f64; 2] = [4.0, 20.0];
    const POINTS: usize = 161;
    /// What is less is not drawn: the step's variances fall as the normal density does.
    const LEAST: f64 = 1e-4;
    let reach = if settings.theta.abs() <= REACHES[0] { REACHES[0] } else { REACHES[1] };
    let variance = |estimator, theta| Term::new(settings.function, estimator, theta).variance();
    let line = |role, label: &str, estimator| {
        let points =
            Grid::new(-reach, reach, POINTS).points.into_iter().map(|theta| [theta, variance(estimator, theta)]);
        Layer::line(role, Dash::Dashed, label, points.filter(|[_, variance]| *variance >= LEAST).collect())
    };
    let here = |role, marker, estimator| {
        let point = [settings.theta, variance(estimator, settings.theta)];
        Layer::points(role, marker, "", if point[1] >= LEAST { vec![point] } else { Vec::new() })
    };
    let (score, best, reparam) = (Estimator::Score, Estimator::ScoreWithBaseline, Estimator::Reparameterized);
    let mut layers = vec![
        line(Role::Score, "score", score),
        line(Role::Score, "with the best baseline", best),
        Layer::vertical_rule(Role::Neutral, Dash::Dotted, "", settings.theta),
        here(Role::Score, Marker::Circle, score),
        here(Role::Score, Marker::Circle, best),
    ];
    if variance(reparam, settings.theta) > 0.0 {
        layers.push(line(Role::Reparameterized, "reparameterized", reparam));
        layers.push(here(Role::Reparameterized, Marker::Square, reparam));
    }
    let alt = format!(
        "Exact variance of one sample against theta. At theta = {}: score {:.3}, with the best baseline {:.3}, reparameterized {:.3}.",
        settings.theta,
        variance(score, settings.theta),
        variance(best, settings.theta),
        variance(reparam, settings.theta)
    );
    let chart = Chart::new(Axis::linear("θ").over(-reach, reach), Axis::log("variance of one sample"), layers);
    slots::AGAINST_THETA.chart(alt, chart)
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
