//! The pictures of slide 1.4.

use figure::{Axis, Chart, Dash, Figure, Images, Layer, Marker, Role};
use math::gaussian;

use super::experiment::Column;
use crate::history::History;
use crate::images::ImageSet;

/// The two latent dimensions that are drawn: those with the largest KL, in index order (with one dimension: it twice).
pub(super) fn axes(kl: &[f64]) -> [usize; 2] {
    let mut order: Vec<usize> = (0..kl.len()).collect();
    order.sort_by(|&a, &b| kl[b].total_cmp(&kl[a]).then(a.cmp(&b)));
    let (first, second) = (order[0], order.get(1).copied().unwrap_or(order[0]));
    [first.min(second), first.max(second)]
}

/// Latent points over prior quantiles in the two drawn dimensions, the others at the prior's mean: row by row from the
/// top, `side`² points of `latent` numbers (one dimension: `2·side` points along it). Returns numbers and count.
pub(super) fn grid_points(axes: [usize; 2], latent: usize, side: usize) -> (Vec<f32>, usize) {
    let quantile = |index: usize, of: usize| gaussian::quantile((index as f64 + 0.5) / of as f64) as f32;
    if latent == 1 {
        let count = 2 * side;
        return ((0..count).map(|index| quantile(index, count)).collect(), count);
    }
    let mut points = Vec::with_capacity(side * side * latent);
    for row in 0..side {
        for column in 0..side {
            let mut z = vec![0.0; latent];
            z[axes[0]] = quantile(column, side);
            z[axes[1]] = quantile(side - 1 - row, side);
            points.extend(z);
        }
    }
    (points, side * side)
}

/// Reconstruction, KL and ELBO against steps, training solid and held-out dotted, and held-out log p(x) dashed.
pub(super) fn curves(history: &History, log_px: &History) -> Figure {
    let column = |column: Column| history.column(column as usize);
    let difference = |a: Column, b: Column| -> Vec<[f64; 2]> {
        history.rows().iter().map(|(step, row)| [*step as f64, row[a as usize] - row[b as usize]]).collect()
    };
    let line = |role, dash, label: &str, points| Layer::Line { role, dash, label: label.into(), points };
    let mut layers = vec![
        line(Role::Kl, Dash::Solid, "KL", column(Column::Kl)),
        line(Role::Kl, Dash::Dotted, "", column(Column::HeldoutKl)),
        line(Role::Reconstruction, Dash::Solid, "reconstruction", column(Column::Reconstruction)),
        line(Role::Reconstruction, Dash::Dotted, "", column(Column::HeldoutReconstruction)),
        line(Role::Elbo, Dash::Solid, "ELBO", difference(Column::Reconstruction, Column::Kl)),
        line(Role::Elbo, Dash::Dotted, "held-out ELBO", difference(Column::HeldoutReconstruction, Column::HeldoutKl)),
    ];
    if log_px.rows().len() > 1 {
        layers.push(line(Role::Exact, Dash::Dashed, "held-out log p(x)", log_px.column(0)));
    }
    let alt = match history.last() {
        None => "Reconstruction, KL and ELBO against training steps; nothing trained yet.".to_owned(),
        Some((step, row)) => format!(
            "After {step} steps, in nats per image: reconstruction {:.2}, KL {:.2}, ELBO {:.2}, held-out ELBO {:.2}.",
            row[0],
            row[1],
            row[0] - row[1],
            row[2] - row[3]
        ),
    };
    let chart = Chart { x: Axis::linear("training steps"), y: Axis::linear("nats per image"), layers, equal: false };
    Figure::chart("curves", alt, chart)
}

/// KL of each latent dimension over the held-out images.
pub(super) fn kl_per_dimension(kl: &[f64]) -> Figure {
    let bars = kl.iter().enumerate().map(|(index, &kl)| [index as f64 + 0.6, index as f64 + 1.4, 0.0, kl]).collect();
    let named = kl.len() <= 10;
    let ticks = if named {
        (1..=kl.len()).map(|index| (index as f64, format!("z{}", subscript(index)))).collect()
    } else {
        Vec::new()
    };
    let total: f64 = kl.iter().sum();
    let alt = format!("KL of each of {} latent dimensions, held-out images; {total:.2} nats in all.", kl.len());
    let chart = Chart {
        x: Axis::linear("latent dimension").over(0.4, kl.len() as f64 + 0.6).with_ticks(ticks),
        y: Axis::linear("KL (nats per image)"),
        layers: vec![Layer::Bars { role: Role::Kl, label: "KL".into(), bars }],
        equal: false,
    };
    Figure::chart("kl_per_dimension", alt, chart)
}

fn subscript(number: usize) -> String {
    number.to_string().chars().map(|digit| char::from_u32(0x2080 + digit as u32 - 0x30).unwrap_or(digit)).collect()
}

/// What was read back for one snapshot.
pub(super) struct View<'a> {
    pub(super) images: &'a ImageSet,
    pub(super) latent: usize,
    pub(super) axes: [usize; 2],
    /// Means of q(z|x) of all images, `[n, latent]`.
    pub(super) mu: &'a [f32],
    /// Log variances of q(z|x) of all images, `[n, latent]`.
    pub(super) log_var: &'a [f32],
    /// The images shown one by one.
    pub(super) shown: &'a [usize],
    pub(super) shown_mu: &'a [f32],
    pub(super) shown_log_var: &'a [f32],
    /// Their reconstructions, `[shown, pixel]` in \[0, 1\].
    pub(super) decoded: &'a [f32],
    /// The decoded grid, `[points, pixel]` in \[0, 1\].
    pub(super) grid: &'a [f32],
}

impl View<'_> {
    /// Mean over the held-out images of KL\[q(z_j|x)‖p(z_j)\], for each dimension j, in nats.
    pub(super) fn heldout_kl_per_dimension(&self) -> Vec<f64> {
        let heldout = &self.images.heldout;
        let kl = |n: usize, j: usize| {
            let at = n * self.latent + j;
            gaussian::kl_to_standard_normal_1d(f64::from(self.mu[at]), f64::from(self.log_var[at]))
        };
        (0..self.latent).map(|j| heldout.iter().map(|&n| kl(n, j)).sum::<f64>() / heldout.len() as f64).collect()
    }

    /// Latent dimensions whose posterior means vary over the data by more than `threshold`.
    pub(super) fn active_units(&self, threshold: f64) -> usize {
        let variance_of = |j: usize| {
            let mu = || self.mu.iter().skip(j).step_by(self.latent).map(|&mu| f64::from(mu));
            let n = mu().count() as f64;
            let mean = mu().sum::<f64>() / n;
            mu().map(|mu| (mu - mean) * (mu - mean)).sum::<f64>() / n
        };
        (0..self.latent).filter(|&j| variance_of(j) > threshold).count()
    }

    /// Where the images live in the latent plane, by digit, with the posteriors of the shown images and the prior.
    pub(super) fn latent_plane(&self) -> Figure {
        let [a, b] = self.axes;
        let one = self.latent == 1;
        let y_of =
            |n: usize, row: &[f32]| if one { f64::from(self.images.digits.labels[n]) } else { f64::from(row[b]) };
        let points =
            self.mu.chunks_exact(self.latent).enumerate().map(|(n, row)| [f64::from(row[a]), y_of(n, row)]).collect();
        let shown = self.shown_mu.chunks_exact(self.latent).zip(self.shown_log_var.chunks_exact(self.latent));
        let sigma = |log_var: f32| (0.5 * f64::from(log_var)).exp();
        let mut layers = Vec::new();
        if !one {
            let rings = [1.0, 2.0].map(|radius| [0.0, 0.0, radius, radius]).to_vec();
            layers.push(Layer::Ellipses { role: Role::Prior, label: "prior, 1σ and 2σ".into(), ellipses: rings });
        }
        layers.push(Layer::Classes {
            marker: Marker::Dot,
            size: 2.0,
            points,
            classes: self.images.digits.labels.clone(),
        });
        if !one {
            let ellipses = shown
                .clone()
                .map(|(mu, log_var)| [f64::from(mu[a]), f64::from(mu[b]), sigma(log_var[a]), sigma(log_var[b])]);
            layers.push(Layer::Ellipses {
                role: Role::Posterior,
                label: "q(z|x), 1σ".into(),
                ellipses: ellipses.collect(),
            });
        }
        let numerals = self.shown.iter().zip(shown).map(|(&n, (mu, _))| [f64::from(mu[a]), y_of(n, mu)]).collect();
        let classes = self.shown.iter().map(|&n| self.images.digits.labels[n]).collect();
        layers.push(Layer::Classes { marker: Marker::Numeral, size: 8.0, points: numerals, classes });
        let y =
            if one { Axis::linear("digit").over(-0.5, 9.5) } else { Axis::linear(format!("z{}", subscript(b + 1))) };
        let chart = Chart { x: Axis::linear(format!("z{}", subscript(a + 1))), y, layers, equal: !one };
        let alt = format!(
            "Posterior means of all {} images in the latent plane, coloured by digit, with the posterior of one held-out image of each digit and the prior's circles.",
            self.images.digits.len()
        );
        Figure::chart("latent", alt, chart)
    }

    /// What the decoder makes of the prior's quantiles.
    pub(super) fn decoded_grid(&self) -> Figure {
        let side = self.images.digits.side;
        let columns = super::experiment::GRID;
        let images = Images::from_unit(self.grid, columns, side, side);
        Figure::images(
            "grid",
            "Decoded means over a grid of prior quantiles: every picture is as probable as every other.",
            images,
        )
    }

    /// One held-out image of each digit above its reconstruction from the posterior mean.
    pub(super) fn reconstructions(&self) -> Figure {
        let side = self.images.digits.side;
        let mut pixels = self.images.digits.gather(self.shown);
        pixels.extend_from_slice(self.decoded);
        let images = Images::from_unit(&pixels, self.shown.len(), side, side);
        let images = images.with_captions(vec!["x".into(), "decoded".into()]);
        Figure::images("reconstructions", "One held-out image of each digit above its reconstruction.", images)
    }
}
