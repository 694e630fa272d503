//! Probabilistic principal component analysis, section 2: the model whose exact maximum the linear VAE should reach.
//! M. E. Tipping and C. M. Bishop, "Probabilistic principal component analysis", JRSS B 61(3), 1999.
//!
//! p(z) = N(0, I_M), p(x|z) = N(W z + mu, sigma² I_D). Data enter only through their mean and covariance (divisor N).
//! Everything in nats per data point. Matrix products are nalgebra's, whose last bits may differ
//! between machines.
//!
//! ```
//! use math::ppca::{Eigen, Moments, Ppca};
//! // The maximum likelihood model of the data reaches the maximum that their eigenvalues predict.
//! let moments = Moments::of(&[1.0, 2.0, 0.0, -1.0, 0.5, 3.0, 2.0, 2.5, -1.0, 0.0, 1.0, 4.0], 3); // 4 points in 3 dimensions
//! let eigen = Eigen::of(&moments.covariance);
//! let sigma2 = eigen.sigma2_ml(1);
//! let model = Ppca { weights: eigen.best_weights(1, sigma2), mu: moments.mean.clone(), sigma2 };
//! assert!((model.log_px(&moments) - eigen.log_px_max(1)).abs() < 1e-12);
//! ```

mod linear_vae;

pub use linear_vae::{LinearElbo, LinearGradient, LinearVae};
pub use nalgebra::{DMatrix, DVector};

use crate::gaussian::LN_2PI;
use crate::rng::Rng;
use nalgebra::{Cholesky, Dyn, SymmetricEigen};

/// The statistics of the data that pPCA needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// The sample mean, `[D]`.
    pub mean: DVector<f64>,
    /// S, the sample covariance with divisor N, `[D, D]`.
    pub covariance: DMatrix<f64>,
}

impl Moments {
    /// Mean and covariance of the rows of `data` `[N, D]`, D = `dim`. Panics without rows.
    pub fn of<T: Copy + Into<f64>>(data: &[T], dim: usize) -> Self {
        assert!(
            dim > 0 && !data.is_empty() && data.len().is_multiple_of(dim),
            "data [N, {dim}] with N >= 1 cannot have {} entries",
            data.len()
        );
        let n = data.len() / dim;
        let mut centred = DMatrix::from_fn(dim, n, |i, row| data[row * dim + i].into());
        let mean = centred.column_mean();
        for mut column in centred.column_iter_mut() {
            column -= &mean;
        }
        let covariance = (&centred * centred.transpose()) / n as f64;
        Self { mean, covariance }
    }

    /// D, dimensions of the data.
    pub fn dim(&self) -> usize {
        self.mean.len()
    }

    /// E (x - mu)(x - mu)^T about any mu: S + (mean - mu)(mean - mu)^T.
    pub fn about(&self, mu: &DVector<f64>) -> DMatrix<f64> {
        let shift = &self.mean - mu;
        &self.covariance + &shift * shift.transpose()
    }
}

/// Eigenvalues and eigenvectors of a symmetric matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigen {
    /// l_1 >= l_2 >= ... >= l_D.
    pub values: DVector<f64>,
    /// One unit eigenvector per column, in the order of the values; the entry of largest size is positive.
    pub vectors: DMatrix<f64>,
}

impl Eigen {
    /// Of a symmetric matrix, such as a sample covariance. Negative values from rounding are set to 0.
    pub fn of(symmetric: &DMatrix<f64>) -> Self {
        let found = SymmetricEigen::new(symmetric.clone());
        let mut order: Vec<usize> = (0..found.eigenvalues.len()).collect();
        order.sort_by(|&a, &b| found.eigenvalues[b].total_cmp(&found.eigenvalues[a]));
        let values = DVector::from_iterator(order.len(), order.iter().map(|&i| found.eigenvalues[i].max(0.0)));
        let mut vectors = found.eigenvectors.select_columns(&order);
        for mut vector in vectors.column_iter_mut() {
            let largest = vector.iter().copied().fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
            if largest < 0.0 {
                vector.neg_mut();
            }
        }
        Self { values, vectors }
    }

    /// sigma²_ML = 1/(D - M) sum_{j>M} l_j: the mean of the values that M directions leave over. Panics unless M < D.
    pub fn sigma2_ml(&self, m: usize) -> f64 {
        let d = self.values.len();
        assert!(m < d, "pPCA needs fewer latent than data dimensions, not {m} of {d}");
        self.values.rows(m, d - m).mean()
    }

    /// W = U_M (Lambda_M - sigma² I)^(1/2) with R = I, `[D, M]`: the best W at a given sigma².
    ///
    /// Directions with l_j <= sigma² get a column of zeros: they collapse, exactly (J. Lucas et al. 2019). At [`Eigen::sigma2_ml`] it is W_ML.
    pub fn best_weights(&self, m: usize, sigma2: f64) -> DMatrix<f64> {
        let mut weights = self.vectors.columns(0, m).into_owned();
        for (mut column, value) in weights.column_iter_mut().zip(&self.values) {
            column *= libm::sqrt((value - sigma2).max(0.0));
        }
        weights
    }

    /// How many of the M leading directions collapse at a fixed sigma²: those with l_j <= sigma².
    pub fn collapsed(&self, m: usize, sigma2: f64) -> usize {
        self.values.iter().take(m).filter(|&&value| value <= sigma2).count()
    }

    /// The maximum log-likelihood per data point over W, mu and sigma²:
    /// -1/2 [ D log 2 pi + sum_{j<=M} log l_j + (D - M) log sigma²_ML + D ].
    ///
    /// +inf when M directions hold all of the data.
    pub fn log_px_max(&self, m: usize) -> f64 {
        self.log_px_max_at(m, self.sigma2_ml(m))
    }

    /// The maximum log-likelihood per data point over W and mu at a given sigma²: directions at or below sigma² are left to the noise.
    ///
    /// -1/2 [ D log 2 pi + sum_kept (log l_j + 1) + sum_others (log sigma² + l_j/sigma²) ].
    pub fn log_px_max_at(&self, m: usize, sigma2: f64) -> f64 {
        let log_sigma2 = libm::log(sigma2);
        let part = |(j, &value): (usize, &f64)| {
            if j < m && value > sigma2 { libm::log(value) + 1.0 } else { log_sigma2 + value / sigma2 }
        };
        -0.5 * (self.values.len() as f64 * LN_2PI + self.values.iter().enumerate().map(part).sum::<f64>())
    }
}

/// The model's parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Ppca {
    /// W, `[D, M]`.
    pub weights: DMatrix<f64>,
    /// mu, `[D]`.
    pub mu: DVector<f64>,
    /// sigma², positive.
    pub sigma2: f64,
}

impl Ppca {
    /// log p(x) averaged over the data, exactly: -1/2 [ D log 2 pi + log|C| + tr(C^-1 S) ], C = W W^T + sigma² I, S about mu.
    ///
    /// By the M×M matrix B = W^T W + sigma² I: log|C| = (D - M) log sigma² + log|B|, C^-1 = (I - W B^-1 W^T)/sigma².
    pub fn log_px(&self, moments: &Moments) -> f64 {
        let (d, m) = self.weights.shape();
        let inner = self.inner();
        let log_det_inner = 2.0 * inner.l_dirty().diagonal().iter().map(|&entry| libm::log(entry)).sum::<f64>();
        let log_det = (d as f64 - m as f64) * libm::log(self.sigma2) + log_det_inner;
        let about = moments.about(&self.mu);
        let explained = inner.solve(&(self.weights.transpose() * &about * &self.weights)).trace();
        let trace = (about.trace() - explained) / self.sigma2;
        -0.5 * (d as f64 * LN_2PI + log_det + trace)
    }

    /// `n` data points from the model, `[n, D]` row-major.
    pub fn sample(&self, n: usize, rng: &mut Rng) -> Vec<f64> {
        let (d, m) = self.weights.shape();
        let sigma = libm::sqrt(self.sigma2);
        let mut data = Vec::with_capacity(n * d);
        for _ in 0..n {
            let z = DVector::from_fn(m, |_, _| rng.normal());
            let mean = &self.weights * z + &self.mu;
            data.extend(mean.iter().map(|mean| mean + sigma * rng.normal()));
        }
        data
    }

    /// The factor of B = W^T W + sigma² I.
    fn inner(&self) -> Cholesky<f64, Dyn> {
        let m = self.weights.ncols();
        let inner = self.weights.transpose() * &self.weights + DMatrix::identity(m, m) * self.sigma2;
        Cholesky::new(inner).expect("W^T W + sigma² I is positive definite for finite W and sigma² > 0")
    }
}

/// The angles between the column spaces of `a` and `b`, in degrees, from the smallest to the largest.
///
/// The cosines are the singular values of Q_a^T Q_b, with Q an orthonormal basis (Å. Björck and G. H. Golub 1973). Shapes: `[D, M]` each, M <= D.
/// A column of zeros spans nothing: leave collapsed directions out before asking. Angles below 1e-6 degrees are rounding.
pub fn principal_angles_deg(a: &DMatrix<f64>, b: &DMatrix<f64>) -> Vec<f64> {
    assert_eq!(a.nrows(), b.nrows(), "both spaces lie in the same data space");
    let cosines = (a.clone().qr().q().transpose() * b.clone().qr().q()).singular_values();
    let mut angles: Vec<f64> = cosines.iter().map(|cosine| libm::acos(cosine.min(1.0)).to_degrees()).collect();
    angles.sort_by(f64::total_cmp);
    angles
}

#[cfg(test)]
mod tests;
