//! The curves and bars of slides 1.2, 1.4 and 1.8.

use crate::shared::vae_run::slots;
use figure::{Axis, Chart, Dash, Figure, Layer, Marker, Role};
use math::gaussian;

use super::columns::{Autoencoder, Column};
use super::estimates::{Bound, Estimates, Exact, Variance};
use crate::shared::plane::{largest_two, subscript};
use crate::shared::rate_distortion::Plane;
use learn::Table;

/// Decoded points along each side of the latent grid.
pub(super) const GRID: usize = 12;

/// The two latent dimensions that are drawn: those with the largest KL.
pub(super) fn axes(kl: &[f64]) -> [usize; 2] {
    largest_two(kl)
}

/// Latent points over prior quantiles in the two drawn dimensions, the others at the prior's mean: row by row from the
/// top, [`GRID`]² points of `latent` numbers (one dimension: twice [`GRID`] points along it). Returns numbers and count.
pub(super) fn grid_points(axes: [usize; 2], latent: usize) -> (Vec<f32>, usize) {
    let quantile = |index: usize, of: usize| gaussian::quantile((index as f64 + 0.5) / of as f64) as f32;
    if latent == 1 {
        let count = 2 * GRID;
        return ((0..count).map(|index| quantile(index, count)).collect(), count);
    }
    let mut points = Vec::with_capacity(GRID * GRID * latent);
    for row in 0..GRID {
        for column in 0..GRID {
            let mut z = vec![0.0; latent];
            z[axes[0]] = quantile(column, GRID);
            z[axes[1]] = quantile(GRID - 1 - row, GRID);
            points.extend(z);
        }
    }
    (points, GRID * GRID)
}

/// Reconstruction, KL and ELBO against steps, training solid and held-out dotted; the bound on held-out log p(x) by crosses, log p(x) by
/// quadrature and the reconstruction's ceiling dashed; and the reconstruction of the plain autoencoder where one is trained too.
pub(super) fn curves(
    table: &Table<Column>,
    estimates: &Estimates,
    ceiling: Option<f64>,
    autoencoder: Option<&Table<Autoencoder>>,
) -> Figure {
    let column = |column| table.column(column);
    let mut layers = vec![
        Layer::line(Role::Kl, Dash::Solid, "KL", column(Column::Kl)),
        Layer::line(Role::Kl, Dash::Dotted, "", column(Column::HeldoutKl)),
        Layer::line(Role::Reconstruction, Dash::Solid, "reconstruction", column(Column::Reconstruction)),
        Layer::line(Role::Reconstruction, Dash::Dotted, "", column(Column::HeldoutReconstruction)),
        Layer::line(Role::Elbo, Dash::Solid, "ELBO", column(Column::Elbo)),
        Layer::line(Role::Elbo, Dash::Dotted, "ELBO, held out", column(Column::HeldoutElbo)),
    ];
    layers.push(Layer::points(Role::Elbo, Marker::Cross, "log p(x) ≥, held out", estimates.bounds.column(Bound::Mean)));
    let exact = estimates.exact.column(Exact::LogPx);
    // Where there is none there is nothing to name either.
    if exact.iter().any(|point| point[1].is_finite()) {
        layers.push(Layer::line(Role::Exact, Dash::Dashed, "log p(x), held out", exact));
    }
    layers.extend(ceiling.map(|at| Layer::rule(Role::Reconstruction, Dash::Dashed, "−H(x)", at)));
    if let Some(autoencoder) = autoencoder {
        layers.push(Layer::line(
            Role::Neutral,
            Dash::Solid,
            "autoencoder’s reconstruction",
            autoencoder.column(Autoencoder::Reconstruction),
        ));
    }
    let alt = match table.last() {
        None => "Reconstruction, KL and ELBO against training steps; nothing trained yet.".to_owned(),
        Some((step, row)) => format!(
            "After {step} steps, in nats per image: reconstruction {:.2}, KL {:.2}, ELBO {:.2}, held-out ELBO {:.2}.",
            row[Column::Reconstruction],
            row[Column::Kl],
            row[Column::Elbo],
            row[Column::HeldoutElbo]
        ),
    };
    let chart = Chart::new(Axis::linear("training steps"), Axis::linear("nats per image"), layers);
    slots::CURVES.chart(alt, chart)
}

/// The run in the rate–distortion plane, training solid and held-out dotted, with the line of the held-out ELBO.
pub(super) fn rate_distortion(table: &Table<Column>) -> Figure {
    let path = |rate, reconstruction| table.rows().iter().map(|(_, row)| [row[rate], -row[reconstruction]]).collect();
    let heldout: Vec<[f64; 2]> = path(Column::HeldoutKl, Column::HeldoutReconstruction);
    let mut plane = Plane::default();
    if let Some(&newest) = heldout.last() {
        plane = plane.through(newest);
    }
    let training = path(Column::Kl, Column::Reconstruction);
    plane
        .run(Role::Reconstruction, Dash::Dotted, Marker::Circle, "held out".to_owned(), heldout)
        .run(Role::Reconstruction, Dash::Solid, Marker::Dot, "training".to_owned(), training)
        .figure(slots::RATE_DISTORTION)
}

/// KL of each latent dimension over the held-out images.
pub(super) fn kl_per_dimension(kl: &[f64]) -> Figure {
    let bars = kl.iter().enumerate().map(|(index, &kl)| [index as f64 + 0.6, index as f64 + 1.4, 0.0, kl]).collect();
    let named = kl.len() <= 10;
    let tick = |index: usize| (index as f64, format!("z{}", subscript(index)));
    let ticks = if named { (1..=kl.len()).map(tick).collect() } else { Vec::new() };
    let total: f64 = kl.iter().sum();
    let alt = format!("KL of each of {} latent dimensions, held-out images; {total:.2} nats in all.", kl.len());
    let chart = Chart::new(
        Axis::linear("latent dimension").over(0.4, kl.len() as f64 + 0.6).with_ticks(ticks),
        Axis::linear("KL (nats per image)"),
        vec![Layer::bars(Role::Kl, "KL", bars)],
    );
    slots::KL_PER_DIMENSION.chart(alt, chart)
}

/// Variances of the gradient estimators with respect to mu on the running VAE against steps, on a logarithmic axis.
pub(super) fn gradient_variances(table: &Table<Variance>) -> Figure {
    let columns = [Variance::Score, Variance::LeaveOneOut, Variance::Reparameterized];
    slots::GRADIENT_VARIANCES.chart(variances_alt(table, columns, "mu"), variances(table, columns))
}

/// The same with respect to log_var.
pub(super) fn gradient_variances_log_var(table: &Table<Variance>) -> Figure {
    let columns = [Variance::ScoreLogVar, Variance::LeaveOneOutLogVar, Variance::ReparameterizedLogVar];
    slots::GRADIENT_VARIANCES_LOG_VAR.chart(variances_alt(table, columns, "log σ²"), variances(table, columns))
}

/// Columns: score, with a leave-one-out baseline, reparameterized.
fn variances(table: &Table<Variance>, columns: [Variance; 3]) -> Chart {
    let marks = [
        (Role::Score, Marker::Circle, "score"),
        (Role::Score, Marker::Cross, "score with baseline"),
        (Role::Reparameterized, Marker::Square, "reparameterized"),
    ];
    let one = |(column, (role, marker, label)): (Variance, (Role, Marker, &str))| {
        let points = table.column(column);
        [Layer::line(role, Dash::Solid, label, points.clone()), Layer::points(role, marker, "", points)]
    };
    let layers = columns.into_iter().zip(marks).flat_map(one).collect();
    Chart::new(Axis::linear("training steps"), Axis::log("gradient variance (nats²)"), layers)
}

fn variances_alt(table: &Table<Variance>, columns: [Variance; 3], of: &str) -> String {
    let Some((step, row)) = table.last() else {
        return format!("Variances of three estimators of the gradient with respect to {of}; not measured yet.");
    };
    let [score, baseline, reparameterized] = columns.map(|column| row[column]);
    format!(
        "After {step} steps the total variance of one-sample gradients with respect to {of}: score {score:.4}, score with a leave-one-out baseline {baseline:.4}, reparameterized {reparameterized:.4}; {:.1} and {:.2} times the last.",
        score / reparameterized,
        baseline / reparameterized
    )
}

/// The bound on held-out log p(x) against the number of importance samples, with 95 % of other samples' bounds shaded; dashed, log p(x)
/// of the same step.
pub(super) fn bound(estimates: &Estimates) -> Figure {
    let by = &estimates.by_samples;
    let points: Vec<[f64; 2]> = by.iter().map(|&[k, nats, _]| [k, nats]).collect();
    let band = by.iter().map(|&[k, nats, error]| [k, nats - 1.96 * error, nats + 1.96 * error]).collect();
    let mut layers = vec![
        Layer::band(Role::Elbo, "95 %", band),
        Layer::line(Role::Elbo, Dash::Solid, "bound", points.clone()),
        Layer::points(Role::Elbo, Marker::Dot, "", points.clone()),
    ];
    let same_step = estimates.bounds.last().map(|(step, _)| step);
    let exact = estimates.exact.last().filter(|(step, _)| Some(*step) == same_step).map(|(_, row)| row[Exact::LogPx]);
    let exact = exact.filter(|nats| nats.is_finite());
    layers.extend(exact.map(|at| Layer::rule(Role::Exact, Dash::Dashed, "log p(x)", at)));
    let alt = match (points.first(), points.last()) {
        (Some([_, one]), Some([k, all])) => format!(
            "The bound on held-out log p(x): {one:.2} nats by one sample, the ELBO, and {all:.2} by {k}{}.",
            exact.map_or_else(String::new, |nats| format!("; log p(x) itself is {nats:.2}"))
        ),
        _ => "The bound on held-out log p(x) against the number of importance samples; not estimated yet.".to_owned(),
    };
    let chart = Chart::new(Axis::log("importance samples K"), Axis::linear("nats per image"), layers);
    slots::BOUND.chart(alt, chart)
}
