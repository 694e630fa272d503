//! Measures collapse over the training images, from plain numbers without tensors.

use math::collapse::{ACTIVE, mean_variances, thresholds};
use math::estimate::Estimate;
use math::gaussian::kl_to_standard_normal_1d;
use math::ppca::Eigen;
use serde::{Deserialize, Serialize};

/// One measurement of a VAE over all n training images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Measure {
    /// Updates made before it.
    pub(super) step: u64,
    /// Mean KL of each dimension, `[latent]`, nats per image.
    pub(super) kl_per_dimension: Vec<f64>,
    /// Var_x of mu of each dimension, `[latent]`.
    pub(super) variances: Vec<f64>,
    /// The ε above which each dimension is collapsed, `[latent]`.
    pub(super) thresholds: Vec<f64>,
    /// E log p(x|z), nats per image, and its standard error.
    pub(super) reconstruction: f64,
    pub(super) reconstruction_error: f64,
}

impl Measure {
    /// From mu and log_var `[n, latent]` and log p(x|z) `[each·n]`, one after the other, with collapse at `delta`.
    pub(super) fn of(step: u64, latent: usize, n: usize, delta: f64, answer: &[f32]) -> Self {
        let answer: Vec<f64> = answer.iter().copied().map(f64::from).collect();
        let (mu, rest) = answer.split_at(n * latent);
        let (log_var, reconstruction) = rest.split_at(n * latent);
        // KL[q(z_i|x_n)‖p(z_i)], [n, latent].
        let table: Vec<f64> =
            mu.iter().zip(log_var).map(|(mu, log_var)| kl_to_standard_normal_1d(*mu, *log_var)).collect();
        let mean = |i: usize| table.iter().skip(i).step_by(latent).sum::<f64>() / n as f64;
        let reconstruction = Estimate::stratified(reconstruction, n);
        Self {
            step,
            kl_per_dimension: (0..latent).map(mean).collect(),
            variances: mean_variances(mu, latent),
            thresholds: thresholds(&table, latent, delta),
            reconstruction: reconstruction.mean,
            reconstruction_error: reconstruction.standard_error,
        }
    }

    /// The average KL\[q(z|x)‖p(z)\], nats per image.
    pub(super) fn kl(&self) -> f64 {
        self.kl_per_dimension.iter().sum()
    }

    /// Dimensions whose mean moves with the image.
    pub(super) fn active_units(&self) -> usize {
        self.variances.iter().filter(|&&variance| variance > ACTIVE).count()
    }

    /// Whether every number is finite.
    pub(super) fn is_finite(&self) -> bool {
        self.reconstruction.is_finite() && self.kl().is_finite()
    }
}

/// The share of dimensions that are collapsed at ε, from their thresholds. NaN thresholds (not measured) give NaN.
pub(super) fn share(thresholds: &[f64], epsilon: f64) -> f64 {
    if thresholds.iter().any(|threshold| threshold.is_nan()) {
        return f64::NAN;
    }
    thresholds.iter().filter(|&&threshold| epsilon > threshold).count() as f64 / thresholds.len() as f64
}

/// The KL of each dimension of the best linear VAE at the same data, latent dimensions, β and σ_x, exactly: with the KL weighted
/// by β its objective is 1/β of an ELBO with σ² = βσ_x², so that direction j carries max(0, ½ log(l_j/(βσ_x²))) nats.
///
/// l_j are the eigenvalues of the data's covariance; largest first. Lucas et al. 2019; Tipping & Bishop 1999.
pub(super) fn linear_kl(eigen: &Eigen, latent: usize, beta: f64, sigma_x: f64) -> Vec<f64> {
    let sigma2 = beta * sigma_x * sigma_x;
    let kl = |lambda: f64| if sigma2 > 0.0 { (0.5 * (lambda / sigma2).ln()).max(0.0) } else { f64::INFINITY };
    (0..latent.min(eigen.values.len())).map(|j| kl(eigen.values[j])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Why the linear VAE's closed form goes with free bits. Two latent dimensions with KL κ each, and nothing to pay: z_j = v·x + noise,
    /// with N(0, 1) as aggregate. Looking at the directions of variances 1 and 0.05 once each leaves a larger squared error than
    /// looking at the first twice.
    #[test]
    fn free_nats_of_two_dimensions_may_go_to_one_direction() {
        let kappa: f64 = 0.3;
        let d = (-2.0 * kappa).exp(); // variance of q(z_j|x)
        // Averaged over z's aggregate, mu² + d = 1.
        assert!((0.5 * ((1.0 - d) + d - 1.0 - d.ln()) - kappa).abs() < 1e-12);
        let signal = (1.0 - d) / d;
        let left = |variance: f64, looks: f64| variance / (1.0 + looks * signal);
        assert!(left(1.0, 2.0) + left(0.05, 0.0) < left(1.0, 1.0) + left(0.05, 1.0) - 0.1);
    }

    #[test]
    fn a_table_by_hand() {
        // Two images, two dimensions: the first distinguishes them, the second equals the prior. log p(x|z) twice each.
        let answer = [2.0, 0.0, -2.0, 0.0, -1.0, 0.0, -1.0, 0.0, -3.0, -5.0, -3.5, -4.5];
        let measure = Measure::of(7, 2, 2, 0.01, &answer);
        let kl = 0.5 * (4.0 + (-1.0_f64).exp() - 1.0 + 1.0);
        assert!((measure.kl() - kl).abs() < 1e-12 && measure.kl_per_dimension[1] == 0.0);
        assert_eq!((measure.active_units(), measure.variances[0]), (1, 4.0));
        assert_eq!(measure.reconstruction, -4.0);
        let thresholds = &measure.thresholds;
        assert_eq!([1e-9, 2.0, 3.0].map(|epsilon| share(thresholds, epsilon)), [0.5, 0.5, 1.0]);
        assert!(share(&[f64::NAN], 1.0).is_nan());
    }
}
