//! I(x, z) from below: the bound of Barber and Agakov (2003) with a decoder over the N data points.
//!
//! A decoder says p(n|z) for every n. For any of them
//! I(x, z) = log N + E log p(n|z) + E_q(z) KL\[q(n|z)‖p(n|z)\] >= log N + E log p(n|z), with q(n|z) = q(z|x_n)/sum_m q(z|x_m), E over
//! q(x, z) and log N the entropy of p(x). Here a decoder is another mixture of as many Gaussians r(z|n), by Bayes' rule p(n|z) =
//! r(z|n)/sum_m r(z|m): the inverse of an encoder that it takes for this one.
//!
//! ```
//! use math::mixture::Mixture;
//! let q = Mixture::new(&[-1.0, 0.5, 2.0], &[-1.0; 3], 1);
//! let information = q.exact_1d().mi;
//! assert!((q.exact_from_below(&q).mean - information).abs() < 1e-9); // its own inverse reaches I(x, z)
//! assert!(q.exact_from_below(&q.widened(2.0)).mean < information);
//! ```

use super::{Mixture, log_sum_and_entropy};
use crate::estimate::Estimate;
use crate::gaussian::{lemma_1_1d, log_mean_exp};
use crate::quadrature::is_converged;

/// The bound by quadrature, in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FromBelow {
    /// log N + E log p(n|z).
    pub mean: f64,
    /// By how much it differs on a grid of twice the spacing.
    pub coarser: f64,
}

impl FromBelow {
    /// Whether it is exact to 1e-3 nats ([`is_converged`]).
    pub fn is_exact(&self) -> bool {
        is_converged(self.coarser)
    }
}

impl Mixture {
    /// The components, each `factor` times as wide.
    ///
    /// As a decoder its logits are linear in 1/factor², so that the bound is concave in that, and largest at 1. Where all components are
    /// equally wide it is p(n|z) ∝ q(z|x_n)^(1/factor²).
    pub fn widened(&self, factor: f64) -> Self {
        let log_var: Vec<f64> = self.log_var.iter().map(|log_var| log_var + 2.0 * libm::log(factor)).collect();
        Self::new(&self.mu, &log_var, self.d)
    }

    /// log N + E log p(n|z) from the samples of [`Mixture::surgery_of_all`], with the decoder p(n|z) ∝ r(z|n). Shape: eps `[each·N, d]`.
    ///
    /// With itself as decoder every sample is that of I(x, z). The standard error is that of the noise alone.
    pub fn from_below_of_all(&self, decoder: &Self, eps: &[f32]) -> Estimate {
        self.check(decoder);
        let n = self.len();
        let mut components = vec![0.0; n];
        let log_posterior = |(s, eps): (usize, &[f32])| {
            decoder.log_components(&self.sample(s % n, eps), &mut components);
            let (log_sum, _) = log_sum_and_entropy(&components);
            components[s % n] - (log_sum - self.log_n())
        };
        let values: Vec<f64> = eps.chunks_exact(self.d).enumerate().map(log_posterior).collect();
        Estimate::stratified(&values, n)
    }

    /// log N + E log p(n|z) by quadrature, in one and two dimensions. Panics in more.
    ///
    /// It is E log r(z|n), in closed form by Lemma 1, less E log r(z) over q(z) on a grid, r(z) = 1/N sum_n r(z|n). The grids are those of
    /// [`Mixture::exact_1d`] and [`Mixture::exact_2d`], finer by as much as the decoder's components are narrower.
    pub fn exact_from_below(&self, decoder: &Self) -> FromBelow {
        self.check(decoder);
        let of_decoder = decoder.mu.iter().zip(&decoder.log_var);
        let lemma_1 = (self.mu.iter().zip(&self.log_var))
            .zip(of_decoder)
            .map(|((&mu, &log_var), (&mu_r, &log_var_r))| lemma_1_1d(mu, log_var, mu_r, log_var_r));
        let closed = lemma_1.sum::<f64>() / self.len() as f64;
        let narrowest = |mixture: &Self| mixture.log_var.iter().copied().fold(f64::INFINITY, f64::min);
        let finer = libm::exp(0.5 * (narrowest(self) - narrowest(decoder))).max(1.0);
        let [fine, coarse] = match self.d {
            1 => self.mean_log_1d(decoder, finer),
            2 => self.mean_log_2d(decoder, finer),
            d => panic!("quadrature needs one or two dimensions, not {d}"),
        };
        FromBelow { mean: closed - fine, coarser: (fine - coarse).abs() }
    }

    fn check(&self, decoder: &Self) {
        let [ours, theirs] = [self, decoder].map(|mixture| (mixture.len(), mixture.d));
        assert_eq!(ours, theirs, "the decoder needs a component for each of ours, in as many dimensions");
    }

    /// E log r(z) over q(z), on the grid and on every second point of it.
    fn mean_log_1d(&self, decoder: &Self, finer: f64) -> [f64; 2] {
        let grid = self.grid_1d(finer);
        let (mut components, mut sums) = (vec![0.0; self.len()], [0.0; 2]);
        for (i, z) in grid.points.chunks_exact(1).enumerate() {
            self.log_components(z, &mut components);
            let q = libm::exp(log_mean_exp(&components));
            if q < NOTHING {
                continue;
            }
            decoder.log_components(z, &mut components);
            let term = q * log_mean_exp(&components) * grid.step;
            add(&mut sums, term, i.is_multiple_of(2), 2.0);
        }
        sums
    }

    fn mean_log_2d(&self, decoder: &Self, finer: f64) -> [f64; 2] {
        let n = self.len() as f64;
        let log_r = |row: &[(f64, f64)], column: &[(f64, f64)], z: [f64; 2]| {
            let total = total(row, column);
            // Where each is too small for a number, its logarithm is not.
            if total > 0.0 { libm::log(total / n) } else { decoder.log_density(&z) }
        };
        let mut sums = [0.0; 2];
        if let Some([first, second]) = self.one_grid(finer) {
            let [q_rows, q_columns] = self.along_both(&first.points, &second.points);
            let [r_rows, r_columns] = decoder.along_both(&first.points, &second.points);
            for (i, (q_row, r_row)) in q_rows.chunks_exact(self.len()).zip(r_rows.chunks_exact(self.len())).enumerate()
            {
                for (j, (q_column, r_column)) in
                    q_columns.chunks_exact(self.len()).zip(r_columns.chunks_exact(self.len())).enumerate()
                {
                    let q = total(q_row, q_column) / n;
                    if q < NOTHING {
                        continue;
                    }
                    let log_r = log_r(r_row, r_column, [first.points[i], second.points[j]]);
                    let both = i.is_multiple_of(2) && j.is_multiple_of(2);
                    add(&mut sums, q * log_r * first.step * second.step, both, 4.0);
                }
            }
            return sums;
        }
        for component in 0..self.len() {
            let [first, second] = [0, 1].map(|axis| self.own_grid(component, axis, finer));
            let [rows, columns] = decoder.along_both(&first.points, &second.points);
            for (i, row) in rows.chunks_exact(self.len()).enumerate() {
                for (j, column) in columns.chunks_exact(self.len()).enumerate() {
                    let log_r = log_r(row, column, [first.points[i], second.points[j]]);
                    sums[0] += first.fine[i] * second.fine[j] / n * log_r;
                    sums[1] += first.coarse[i] * second.coarse[j] / n * log_r;
                }
            }
        }
        sums
    }

    /// The factors of every component along both axes.
    fn along_both(&self, first: &[f64], second: &[f64]) -> [Vec<(f64, f64)>; 2] {
        [self.factors(0, first), self.factors(1, second)]
    }
}

/// A density under which nothing is left to add: far below the rounding of the sums, far above where a decoder's is no number.
const NOTHING: f64 = 1e-60;

/// Adds a term of the fine grid, and to the coarse one what it weighs there.
fn add(sums: &mut [f64; 2], term: f64, on_both: bool, weight: f64) {
    sums[0] += term;
    if on_both {
        sums[1] += weight * term;
    }
}

/// sum_n of the products of the factors along both axes.
fn total(row: &[(f64, f64)], column: &[(f64, f64)]) -> f64 {
    row.iter().zip(column).map(|((_, a), (_, b))| a * b).sum()
}

#[cfg(test)]
mod tests;
