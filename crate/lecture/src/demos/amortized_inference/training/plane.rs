//! The data plane and the latent posteriors of the shown point.

use crate::demos::amortized_inference::{keys, slots};
use figure::{Axis, Chart, Dash, Figure, Heat, Layer, Marker, Pointer, Role};
use math::gaussian::log_pdf;
use math::quadrature::Grid;
use math::wheel::{Family, Gaussian, Wheel};

use super::points::{Group, Point, Points};
use super::report::{MEAN_FIELD, Moment, point_name};

/// The latent axis goes from minus to plus this.
const REACH: f64 = 3.2;
/// Points of a curve over it.
const CURVE: usize = 321;
/// Cells of the heat map of a two-dimensional posterior, and how many subdivisions along z₁, where it is narrow, each averages.
const CELLS: (usize, usize) = (121, 81);
const FINER: usize = 3;

/// The exact posterior of one point, ready to draw.
pub(super) struct Exact {
    pub(super) id: u64,
    layer: Layer,
}

impl Exact {
    pub(super) fn new(points: &Points, shown: usize) -> Self {
        let (model, point) = (&points.model, &points.all[shown]);
        let layer = if model.latent() == 1 {
            let grid = Grid::new(-REACH, REACH, CURVE);
            let logs = model.log_posterior_first(point.x, &grid);
            let points = grid.points.iter().zip(logs).map(|(&z, log)| [z, log.exp()]).collect();
            Layer::line(Role::Exact, Dash::Dashed, "p(z|x)", points)
        } else {
            Layer::Heat(heat(model, point.x, point.log_px))
        };
        Self { id: point.id, layer }
    }
}

/// p(z|x) in cells, averaged along z₁ in each.
fn heat(model: &Wheel, x: [f64; 2], log_px: f64) -> Heat {
    let (columns, rows) = CELLS;
    let centre = |cell: usize, of: usize| REACH * (2.0 * (cell as f64 + 0.5) / of as f64 - 1.0);
    let mut values = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        for column in 0..columns {
            let fine = (0..FINER).map(|part| centre(column * FINER + part, columns * FINER));
            let sum: f64 = fine.map(|z| model.posterior_density(x, [z, centre(row, rows)], log_px)).sum();
            values.push((sum / FINER as f64) as f32);
        }
    }
    Heat { role: Role::Exact, x: (-REACH, REACH), y: (-REACH, REACH), columns, rows, values, range: None }
}

/// The true posterior of the shown point and both Gaussians, over the prior.
pub(super) fn posterior(moment: &Moment<'_>, exact: &Exact) -> Figure {
    let state = &moment.states[moment.shown];
    let point = &moment.points.all[moment.shown];
    let two = moment.points.model.latent() == 2;
    let pair = |q: &Gaussian| {
        let sigmas = q.sigmas();
        let terms = |j: usize| format!("mean {:.2}, sd {:.2}", q.mu[j], sigmas[j]);
        match (two, q.lower != 0.0) {
            (true, true) => format!("{} and {}, correlation {:.2}", terms(0), terms(1), q.lower / sigmas[1]),
            (true, false) => format!("{} and {}", terms(0), terms(1)),
            (false, _) => terms(0),
        }
    };
    let full = on_the_same_hump(point, &state.mean_field);
    let best = if two {
        format!(" The best full Gaussian: {}, {:.3} nats from it.", pair(&full), point.log_px - point.full_elbo)
    } else {
        String::new()
    };
    let alt = format!(
        "{} at ({:.2}, {:.2}): the true posterior; mean-field {}, {:.3} nats from it; amortized {}, {:.3} nats from it.{best}",
        point_name(moment, moment.shown),
        point.x[0],
        point.x[1],
        pair(&state.mean_field),
        point.log_px - state.mean_field_elbo,
        pair(&state.amortized),
        point.log_px - state.amortized_elbo
    );
    let chart = if two {
        let may_tilt = moment.points.family == Family::Full;
        let rings = |role: Role, label: &str, q: &Gaussian| {
            if may_tilt {
                // One line with a break: a tilted ellipse is none of the axis-parallel ones.
                let points = [ring(q, 1.0), vec![[f64::NAN; 2]], ring(q, 2.0)].concat();
                return Layer::line(role, Dash::Solid, "", points);
            }
            let sigma = q.sigmas();
            let ring = |k: f64| [q.mu[0], q.mu[1], k * sigma[0], k * sigma[1]];
            Layer::ellipses(role, label, vec![ring(1.0), ring(2.0)])
        };
        let centre = |role, label: &str, marker, q: &Gaussian| Layer::points(role, marker, label, vec![q.mu]);
        Chart::new(
            Axis::linear("z₁").over(-REACH, REACH),
            Axis::linear("z₂").over(-REACH, REACH),
            vec![
                exact.layer.clone(),
                rings(MEAN_FIELD, "mean-field", &state.mean_field),
                rings(Role::Posterior, "amortized", &state.amortized),
                Layer::line(Role::Exact, Dash::Dashed, "best full", ring(&full, 2.0)),
                centre(MEAN_FIELD, "mean-field", Marker::Square, &state.mean_field),
                centre(Role::Posterior, "amortized", Marker::Dot, &state.amortized),
            ],
        )
        .with_equal_axes()
    } else {
        let line = |role: Role, dash: Dash, label: &str, mu: f64, log_var: f64| {
            let at = |k: usize| {
                let z = REACH * (2.0 * k as f64 / (CURVE - 1) as f64 - 1.0);
                [z, log_pdf(z, mu, log_var).exp()]
            };
            Layer::line(role, dash, label, (0..CURVE).map(at).collect())
        };
        let of = |role, label, q: &Gaussian| line(role, Dash::Solid, label, q.mu[0], q.log_var[0]);
        Chart::new(
            Axis::linear("z").over(-REACH, REACH),
            Axis::linear("density"),
            vec![
                line(Role::Prior, Dash::Solid, "p(z)", 0.0, 0.0),
                of(MEAN_FIELD, "mean-field", &state.mean_field),
                of(Role::Posterior, "amortized", &state.amortized),
                exact.layer.clone(),
            ],
        )
    };
    slots::POSTERIOR.chart(alt, chart)
}

/// The best full Gaussian. Where x_1 = 0 the model is symmetric in z_1 and has two, each the other's mirror image: the one on mean-field's side.
fn on_the_same_hump(point: &Point, mean_field: &Gaussian) -> Gaussian {
    let full = point.full;
    if point.x[0] == 0.0 && full.mu[0] * mean_field.mu[0] < 0.0 {
        Gaussian { mu: [-full.mu[0], full.mu[1]], lower: -full.lower, ..full }
    } else {
        full
    }
}

/// The points at k standard deviations of q, mu + k L (cos, sin), as a closed curve.
fn ring(q: &Gaussian, k: f64) -> Vec<[f64; 2]> {
    let at = |step: i32| {
        let (sin, cos) = (std::f64::consts::TAU * f64::from(step) / 120.0).sin_cos();
        q.sample([k * cos, k * sin])
    };
    (0..=120).map(at).collect()
}

/// The data plane: the decoder's curve (and its parallels for z₂ = ±1, ±2), all points, and the decoder's image of both
/// Gaussians of the shown point.
pub(super) fn data(moment: &Moment<'_>) -> Figure {
    let model = &moment.points.model;
    let two = model.latent() == 2;
    let curve = |second: f64, from: f64, to: f64| -> Vec<[f64; 2]> {
        (0..=240).map(|k| model.decode([from + (to - from) * f64::from(k) / 240.0, second])).collect()
    };
    let line = |role, label: &str, points| Layer::line(role, Dash::Solid, label, points);
    let mut layers = Vec::new();
    if two {
        for second in [-2.0, -1.0, 1.0, 2.0] {
            layers.push(Layer::line(Role::Neutral, Dash::Dotted, "", curve(second, -3.0, 3.0)));
        }
    }
    layers.push(line(Role::Neutral, "", curve(0.0, -3.0, 3.0)));
    let state = &moment.states[moment.shown];
    for (role, q) in [(MEAN_FIELD, &state.mean_field), (Role::Posterior, &state.amortized)] {
        let points = if two {
            ring(q, 2.0).into_iter().map(|z| model.decode(z)).collect()
        } else {
            let reach = 2.0 * q.sigmas()[0];
            curve(0.0, q.mu[0] - reach, q.mu[0] + reach)
        };
        layers.push(line(role, "", points));
    }
    let x = moment.points.all[moment.shown].x;
    // A ring around the shown point.
    layers.push(Layer::classes(Marker::Circle, 9.0, vec![x], vec![255]));
    for (group, marker, role) in [
        (Group::Training, Marker::Dot, Role::Data),
        (Group::HeldOut, Marker::Circle, Role::Data),
        (Group::Added, Marker::Cross, Role::Elbo),
    ] {
        let points = moment.points.all.iter().filter(|point| point.group == group).map(|point| point.x).collect();
        layers.push(Layer::points(role, marker, "", points));
    }
    let to_mean = |q: &Gaussian| {
        let mean = model.decode(q.mu);
        [x[0], x[1], mean[0], mean[1]]
    };
    for (role, q) in [(MEAN_FIELD, &state.mean_field), (Role::Posterior, &state.amortized)] {
        layers.push(Layer::Arrows { role, dash: Dash::Solid, head: true, arrows: vec![to_mean(q)] });
    }
    let alt = format!(
        "The data plane with the decoder’s curve f(z), {} training points (dots), {} held-out ones (circles) and {} added ones (crosses). From the shown point, {}, arrows lead to f(μ) of both Gaussians.",
        moment.points.training,
        moment.points.heldout,
        moment.points.added().len(),
        point_name(moment, moment.shown)
    );
    let height = if two { 4.6 } else { 3.4 };
    let chart = Chart::new(Axis::linear("x₁").over(-4.6, 4.6), Axis::linear("x₂").over(-height, height), layers)
        .with_equal_axes();
    slots::PLANE.chart(alt, chart).with_pointer(Pointer::Add { control: keys::ADDED.name.into() })
}
