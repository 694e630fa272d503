//! Mean-field inference: a table with a free Gaussian for every point, each row optimised independently.

use burn::tensor::{Device, Int, Tensor, TensorData};
use math::gaussian::quantile;

use learn::models::tensor;

/// Adam's constants (Kingma & Ba 2015), those of the encoder's optimiser.
const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// How many numbers a Gaussian has: `latent` means, `latent` log variances, and with a full covariance one for each pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) latent: usize,
    /// Entries below the diagonal of L: 1 with a full covariance of two dimensions, else 0.
    pub(crate) below: usize,
}

impl Shape {
    /// What one Gaussian takes: 2·latent + below.
    pub(crate) fn numbers(self) -> usize {
        2 * self.latent + self.below
    }
}

/// A table `[row, number]` of means, then log variances, then what is below the diagonal of L, with Adam's moments. Points have R rows
/// each, one per start.
///
/// Every row counts its own steps, so that a point added later is optimised exactly as it would have been alone:
/// Adam works entry by entry, and its bias correction uses the row's own count.
#[derive(Clone, Debug)]
pub(crate) struct MeanField {
    table: Tensor<2>,
    /// Running means of the gradient and of its square, `[row, number]`.
    moments: [Tensor<2>; 2],
    /// β₁ and β₂ to the power of the row's steps, `[row, 1]`.
    powers: [Tensor<2>; 2],
    shape: Shape,
    starts: usize,
}

impl MeanField {
    /// A table for `points` points with `starts` rows each, at their starts.
    ///
    /// The first start is the prior. The others are narrower, σ = 1/R, on the middles of R − 1 equal shares of the prior in z₁:
    /// a wide Gaussian has gradients from every mode of the posterior at once, a narrow one finds the mode nearest to it. z₂ starts at the
    /// prior, and nothing is tilted. `device` is without autodiff.
    pub(crate) fn new(points: usize, starts: usize, shape: Shape, device: &Device) -> Self {
        let (rows, numbers) = (points * starts, shape.numbers());
        let mut values = Vec::with_capacity(rows * numbers);
        for row in 0..rows {
            let mut start = vec![0.0_f32; numbers];
            if let Some(share) = (row % starts).checked_sub(1) {
                start[0] = quantile((share as f64 + 0.5) / (starts - 1) as f64) as f32;
                start[shape.latent] = (-2.0 * (starts as f64).ln()) as f32;
            }
            values.extend(start);
        }
        let zeros = || Tensor::zeros([rows, numbers], device);
        let ones = || Tensor::ones([rows, 1], device);
        Self {
            table: tensor(values, [rows, numbers], device),
            moments: [zeros(), zeros()],
            powers: [ones(), ones()],
            shape,
            starts,
        }
    }

    /// Rows of the table.
    pub(crate) fn rows(&self) -> usize {
        self.table.dims()[0]
    }

    /// The table, `[row, number]`: means, log variances, L_21.
    pub(crate) fn table(&self) -> Tensor<2> {
        self.table.clone()
    }

    /// One ascent step of Adam. `gradient` is of the sum of the rows' ELBOs, `[row, number]`.
    pub(crate) fn ascend(&mut self, gradient: Tensor<2>, rate: f64) {
        let [first, second] = &mut self.moments;
        *first = first.clone() * BETA_1 + gradient.clone() * (1.0 - BETA_1);
        *second = second.clone() * BETA_2 + gradient.square() * (1.0 - BETA_2);
        let [power_1, power_2] = &mut self.powers;
        *power_1 = power_1.clone() * BETA_1;
        *power_2 = power_2.clone() * BETA_2;
        let mean = first.clone() / (-power_1.clone() + 1.0);
        let square = second.clone() / (-power_2.clone() + 1.0);
        self.table = self.table.clone() + mean / (square.sqrt() + EPSILON) * rate;
    }

    /// The table of the points with these indices, in this order, followed by `fresh` new ones.
    #[must_use]
    pub(crate) fn regrouped(&self, kept: &[usize], fresh: usize) -> Self {
        let device = self.table.device();
        let rows: Vec<i32> =
            kept.iter().flat_map(|&point| (0..self.starts).map(move |r| (point * self.starts + r) as i32)).collect();
        let count = rows.len();
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [count]), &device);
        let new = (fresh > 0).then(|| Self::new(fresh, self.starts, self.shape, &device));
        let join = |old: &Tensor<2>, of: fn(&Self) -> &Tensor<2>| {
            let old = old.clone().select(0, rows.clone());
            match &new {
                Some(new) => Tensor::cat(vec![old, of(new).clone()], 0),
                None => old,
            }
        };
        Self {
            table: join(&self.table, |t| &t.table),
            moments: [join(&self.moments[0], |t| &t.moments[0]), join(&self.moments[1], |t| &t.moments[1])],
            powers: [join(&self.powers[0], |t| &t.powers[0]), join(&self.powers[1], |t| &t.powers[1])],
            shape: self.shape,
            starts: self.starts,
        }
    }
}
