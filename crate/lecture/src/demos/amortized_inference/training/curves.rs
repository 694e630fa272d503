//! Curves over the run: ELBOs, gaps, numbers to optimise against N, and the optimisation of added points.

use crate::demos::amortized_inference::slots;
use figure::{Axis, Chart, Dash, Figure, Layer, Marker, Role};

use math::wheel::Family;

use super::points::{Below, FOLLOWED, NEAR};
use super::report::{Column, MEAN_FIELD, Moment};

/// The ELBO's axis reaches this many nats below the best Gaussian: the run begins below that.
const BELOW: f64 = 2.0;
/// The largest N on the axis of the numbers to optimise.
const MOST_POINTS: f64 = 1000.0;

fn rule(label: &str, at: f64) -> Layer {
    Layer::rule(Role::Exact, Dash::Dashed, label, at)
}

/// The family that the run does not have and its best Gaussians' mean ELBO over the training points; none with one latent dimension.
fn other(moment: &Moment<'_>) -> Option<(&'static str, f64)> {
    let averages = moment.averages();
    let other = match moment.points.family {
        Family::Diagonal => ("full", averages.full),
        Family::Full => ("diagonal", averages.diagonal),
    };
    (moment.points.model.latent() == 2).then_some(other)
}

/// The axis of steps: at least 50 long.
fn steps(moment: &Moment<'_>) -> Axis {
    let last = moment.curves.last().map_or(0, |row| row.0);
    Axis::linear("steps").over(0.0, last.max(50) as f64)
}

/// Mean ELBOs over the training points against steps, with the best Gaussian's; values far below it are cut off.
pub(super) fn elbo(moment: &Moment<'_>) -> Figure {
    let averages = moment.averages();
    let name = match (moment.points.model.latent(), moment.points.family) {
        (1, _) => "best Gaussian",
        (_, Family::Diagonal) => "best diagonal",
        (_, Family::Full) => "best full",
    };
    let mut layers = vec![
        Layer::line(MEAN_FIELD, Dash::Solid, "mean-field", moment.curves.column(Column::MeanField)),
        Layer::line(Role::Posterior, Dash::Solid, "amortized", moment.curves.column(Column::Amortized)),
        rule(name, averages.best),
        rule("log p(x)", averages.log_px),
    ];
    layers.extend(other(moment).map(|(name, elbo)| rule(&format!("best {name}"), elbo)));
    let alt = format!(
        "After {} steps, means over {} training points in nats: mean-field ELBO {:.3}, amortized ELBO {:.3}, best Gaussian {:.3}, log p(x) {:.3}.",
        moment.step, moment.points.training, averages.mean_field, averages.amortized, averages.best, averages.log_px
    );
    let gap = averages.log_px - averages.best;
    let chart = Chart::new(
        steps(moment),
        Axis::linear("ELBO (nats per point)").over(averages.best - BELOW, averages.log_px + gap.max(0.1)),
        layers,
    );
    slots::ELBO.chart(alt, chart)
}

/// Differences of both from log p(x), training solid and held-out dotted, on a logarithmic axis.
pub(super) fn distance(moment: &Moment<'_>) -> Figure {
    let (training, heldout) = (moment.averages(), moment.heldout_averages());
    let below = |column: Column, log_px: f64| moment.curves.curve(|row| log_px - row[column]);
    let mut layers = vec![
        Layer::line(MEAN_FIELD, Dash::Solid, "mean-field", below(Column::MeanField, training.log_px)),
        Layer::line(MEAN_FIELD, Dash::Dotted, "", below(Column::HeldoutMeanField, heldout.log_px)),
        Layer::line(Role::Posterior, Dash::Solid, "amortized", below(Column::Amortized, training.log_px)),
        Layer::line(Role::Posterior, Dash::Dotted, "held out", below(Column::HeldoutAmortized, heldout.log_px)),
        rule("approximation gap", training.log_px - training.best),
    ];
    layers.extend(other(moment).map(|(name, elbo)| rule(&format!("best {name}"), training.log_px - elbo)));
    let alt = format!(
        "After {} steps, log p(x) − ELBO in nats: mean-field {:.3} (held out {:.3}), amortized {:.3} (held out {:.3}); the best Gaussians leave {:.3} (held out {:.3}).",
        moment.step,
        training.log_px - training.mean_field,
        heldout.log_px - heldout.mean_field,
        training.log_px - training.amortized,
        heldout.log_px - heldout.amortized,
        training.log_px - training.best,
        heldout.log_px - heldout.best
    );
    let chart = Chart::new(steps(moment), Axis::log("log p(x) − ELBO (nats per point)"), layers);
    slots::DISTANCE.chart(alt, chart)
}

/// Numbers to optimise against N: rising for mean-field, constant for the network.
pub(super) fn parameters(moment: &Moment<'_>) -> Figure {
    let (free, network) = (moment.free_parameters() as f64, moment.network_parameters as f64);
    let shape = moment.points.shape();
    let (n, each) = (moment.points.training as f64, shape.numbers() as f64);
    let name = if shape.below == 0 { "2·d_z·N" } else { "5·N" };
    let even = moment.break_even_points();
    let point = |role, marker, y| Layer::points(role, marker, "", vec![[n, y]]);
    let layers = vec![
        Layer::line(MEAN_FIELD, Dash::Solid, name, vec![[1.0, each], [MOST_POINTS, each * MOST_POINTS]]),
        Layer::line(Role::Posterior, Dash::Solid, "|φ|", vec![[1.0, network], [MOST_POINTS, network]]),
        point(MEAN_FIELD, Marker::Square, free),
        point(Role::Posterior, Marker::Dot, network),
    ];
    let alt = format!(
        "Numbers to optimise against N on logarithmic axes. At N = {n} mean-field has {free}, the network {network}; they are equal at N = {even:.0}."
    );
    let chart =
        Chart::new(Axis::log("data points, N").over(1.0, MOST_POINTS), Axis::log("numbers to optimise"), layers);
    slots::PARAMETERS.chart(alt, chart)
}

/// Added points: how far mean-field is below the best Gaussian, step by step since each was added, and the level at which
/// one forward pass of the current encoder is at once.
pub(super) fn new_points(moment: &Moment<'_>) -> Figure {
    let first = moment.points.drawn();
    let mut layers = Vec::new();
    let mut at_once = Vec::new();
    let newest = moment.points.traces.len().saturating_sub(1);
    for (k, trace) in moment.points.traces.iter().enumerate() {
        let label = if k == newest { "mean-field" } else { "" };
        // Differences below a hundredth of the mark cannot be seen.
        let points = trace.below.curve(|row| row[Below::Best].max(0.01 * NEAR));
        layers.push(Layer::line(MEAN_FIELD, Dash::Solid, label, points));
        if let Some(reached) = trace.reached {
            layers.push(Layer::points(MEAN_FIELD, Marker::Square, "", vec![[reached as f64, NEAR]]));
        }
        let lacks = moment.points.all[first + k].best_elbo - moment.states[first + k].amortized_elbo;
        let level = lacks.max(0.01 * NEAR);
        let name = if k == newest { "one forward pass" } else { "" };
        at_once.push(Layer::line(Role::Posterior, Dash::Solid, name, vec![[0.0, level], [FOLLOWED as f64, level]]));
    }
    layers.extend(at_once);
    layers.push(Layer::rule(Role::Neutral, Dash::Solid, "0.01 nats", NEAR));
    let told: Vec<String> = moment.new_point_sentences();
    let alt = if told.is_empty() {
        "Nats below the best Gaussian against steps since a point was added; press in the data plane to add one."
            .to_owned()
    } else {
        format!("Nats below the best Gaussian against steps since each point was added. {}", told.join(" "))
    };
    let chart = Chart::new(
        Axis::linear("steps since the point was added").over(0.0, FOLLOWED as f64),
        Axis::log("below the best Gaussian (nats)").over(0.01 * NEAR, 100.0),
        layers,
    );
    slots::NEW_POINTS.chart(alt, chart)
}
