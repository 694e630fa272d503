//! The curves and bars of slides 1.2, 1.4 and 1.8.

use crate::shared::vae_run::slots;
use figure::{Axis, Chart, Dash, Figure, Layer, Marker, Role};
use math::gaussian;

use super::experiment::{Autoencoder, Column, LogPx, Variance};
use crate::shared::plane::{largest_two, subscript};
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

/// Reconstruction, KL and ELBO against steps, training solid and held-out dotted, held-out log p(x) dashed, and the
/// reconstruction of the plain autoencoder where one is trained too.
pub(super) fn curves(table: &Table<Column>, log_px: &Table<LogPx>, autoencoder: Option<&Table<Autoencoder>>) -> Figure {
    let column = |column| table.column(column);
    let mut layers = vec![
        Layer::line(Role::Kl, Dash::Solid, "KL", column(Column::Kl)),
        Layer::line(Role::Kl, Dash::Dotted, "", column(Column::HeldoutKl)),
        Layer::line(Role::Reconstruction, Dash::Solid, "reconstruction", column(Column::Reconstruction)),
        Layer::line(Role::Reconstruction, Dash::Dotted, "", column(Column::HeldoutReconstruction)),
        Layer::line(Role::Elbo, Dash::Solid, "ELBO", column(Column::Elbo)),
        Layer::line(Role::Elbo, Dash::Dotted, "ELBO, held out", column(Column::HeldoutElbo)),
    ];
    // The label is drawn from the first point on; points that are far apart are not joined by a line.
    layers.push(Layer::line(
        Role::Exact,
        Dash::Dashed,
        "log p(x), held out",
        log_px.column(LogPx::Mean).pop().into_iter().collect(),
    ));
    layers.push(Layer::points(Role::Exact, Marker::Cross, "", log_px.column(LogPx::Mean)));
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

/// Variance of both gradient estimators on the running VAE against steps, on a logarithmic axis.
pub(super) fn gradient_variances(table: &Table<Variance>) -> Figure {
    let both = |column: Variance, role: Role, marker: Marker, label: &str| {
        let points = table.column(column);
        [Layer::line(role, Dash::Solid, label, points.clone()), Layer::points(role, marker, "", points)]
    };
    let mut layers = both(Variance::Score, Role::Score, Marker::Circle, "score").to_vec();
    layers.extend(both(Variance::Reparameterized, Role::Reparameterized, Marker::Square, "reparameterized"));
    let alt = match table.last() {
        None => "Variances of both gradient estimators on the live VAE; not measured yet.".to_owned(),
        Some((step, row)) => format!(
            "After {step} steps the score estimator of d/dμ E[log p(x|z)] has a total variance of {:.4}, the reparameterized one {:.4}: {:.4} times less.",
            row[Variance::Score],
            row[Variance::Reparameterized],
            row[Variance::Score] / row[Variance::Reparameterized]
        ),
    };
    let chart = Chart::new(Axis::linear("training steps"), Axis::log("gradient variance (nats²)"), layers);
    slots::GRADIENT_VARIANCES.chart(alt, chart)
}
