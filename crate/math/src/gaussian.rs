//! Diagonal Gaussians: densities, Lemma 1, KL divergences, quantiles, and sums of exponentials without overflow.
//! It knows no samples and no models.
//!
//! A Gaussian is (mu, log_var) with log_var = log sigma²; arrays hold one number per latent dimension. Everything is in nats,
//! summed over dimensions. Functions named `..._1d` are one dimension's part.
//!
//! ```
//! use math::gaussian::{kl_1d, lemma_1_1d};
//! // KL[q || p] = E_q log q - E_q log p: Lemma 1 twice.
//! let (q, p) = ((0.3, -1.0), (1.0, 0.5)); // mu and log_var
//! let twice = lemma_1_1d(q.0, q.1, q.0, q.1) - lemma_1_1d(q.0, q.1, p.0, p.1);
//! assert!((kl_1d(q.0, q.1, p.0, p.1) - twice).abs() < 1e-14);
//! ```

mod quantile;

pub use quantile::quantile;

use crate::elementary::exp_of_negative;

/// log 2 pi.
pub const LN_2PI: f64 = 1.837_877_066_409_345_5;

/// Log density of N(mu, sigma²) at `x`: -1/2 (log 2 pi + log_var + (x - mu)²/sigma²).
pub fn log_pdf(x: f64, mu: f64, log_var: f64) -> f64 {
    let distance = x - mu;
    -0.5 * (LN_2PI + log_var + distance * distance * libm::exp(-log_var))
}

/// Log density of the standard normal prior at `z`: sum_j -1/2 (log 2 pi + z_j²).
pub fn log_prior(z: &[f64]) -> f64 {
    z.iter().map(|z| -0.5 * (LN_2PI + z * z)).sum()
}

/// Lemma 1, eq. (5), one dimension: the expectation of log p under q, for q = N(mu_q, sigma_q²) and p = N(mu_p, sigma_p²).
///
/// ∫ q log p = -1/2 log(2 pi sigma_p²) - sigma_q²/(2 sigma_p²) - (mu_q - mu_p)²/(2 sigma_p²).
/// The slide's index 2 is q, its index 1 is p; its left side mixes x and z for the same variable.
pub fn lemma_1_1d(mu_q: f64, log_var_q: f64, mu_p: f64, log_var_p: f64) -> f64 {
    let distance = mu_q - mu_p;
    let precision = libm::exp(-log_var_p);
    -0.5 * (LN_2PI + log_var_p + libm::exp(log_var_q - log_var_p) + distance * distance * precision)
}

/// KL divergence of one dimension's N(mu, sigma²) from N(0, 1): 1/2 (mu² + sigma² - 1 - log_var). Never below 0.
///
/// Near the prior, sigma² - 1 - log_var is computed by expm1, so that collapsed dimensions keep their digits.
pub fn kl_to_standard_normal_1d(mu: f64, log_var: f64) -> f64 {
    0.5 * (mu * mu + (libm::expm1(log_var) - log_var).max(0.0))
}

/// KL\[q(z|x)‖p(z)\] for the standard normal prior: 1/2 sum_j (mu_j² + sigma_j² - 1 - log sigma_j²) = -((3) + (4)).
///
/// Kingma and Welling 2014, appendix B.
pub fn kl_to_standard_normal(mu: &[f64], log_var: &[f64]) -> f64 {
    assert_eq!(mu.len(), log_var.len(), "a Gaussian has one mean and one log variance per dimension");
    (0..mu.len()).map(|j| kl_to_standard_normal_1d(mu[j], log_var[j])).sum()
}

/// KL\[q‖p\] of two Gaussians in one dimension, q = N(mu_q, sigma_q²), p = N(mu_p, sigma_p²). Never below 0.
///
/// 1/2 ( sigma_q²/sigma_p² - 1 - log(sigma_q²/sigma_p²) + (mu_q - mu_p)²/sigma_p² ): Lemma 1 twice.
pub fn kl_1d(mu_q: f64, log_var_q: f64, mu_p: f64, log_var_p: f64) -> f64 {
    // The distance in p's standard deviations, the variance in p's: then p is the standard normal.
    kl_to_standard_normal_1d((mu_q - mu_p) * libm::exp(-0.5 * log_var_p), log_var_q - log_var_p)
}

/// log sum_i exp(v_i) without overflow. Empty: -inf.
pub fn log_sum_exp(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !largest.is_finite() {
        // All -inf, or a +inf among them; `max` has passed over a NaN.
        return if values.iter().any(|value| value.is_nan()) { f64::NAN } else { largest };
    }
    // Four sums side by side, which the compiler makes vectors of.
    let (whole, rest) = values.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for values in whole {
        for lane in 0..4 {
            sums[lane] += exp_of_negative(values[lane] - largest);
        }
    }
    let rest: f64 = rest.iter().map(|value| exp_of_negative(value - largest)).sum();
    largest + libm::log(sums.iter().sum::<f64>() + rest)
}

/// log ( 1/K sum_k exp(v_k) ), the mean of K numbers given by their logarithms. Empty: NaN, for there is no mean.
pub fn log_mean_exp(values: &[f64]) -> f64 {
    log_sum_exp(values) - libm::log(values.len() as f64)
}

/// 1 / (1 + exp(-x)) without overflow.
pub fn sigmoid(x: f64) -> f64 {
    let small = libm::exp(-x.abs());
    if x >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) }
}

#[cfg(test)]
mod tests;
