//! Slide 1.7: the gradient of a one-dimensional ELBO in closed form, along the path of a sample, by the score, and by finite differences.
//! The model is that of [`crate::elbo`].

pub mod trace;

use crate::elbo::{LinearGaussian, Normal};

/// The derivatives of the ELBO with respect to the parameters of q.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gradient {
    /// d ELBO / d mu.
    pub mu: f64,
    /// d ELBO / d log_var.
    pub log_var: f64,
}

impl Gradient {
    /// The mean of gradients, such as one per sample. NaN when there are none.
    pub fn mean(gradients: impl IntoIterator<Item = Self>) -> Self {
        let (mut sum, mut count) = (Self { mu: 0.0, log_var: 0.0 }, 0.0);
        for gradient in gradients {
            sum = Self { mu: sum.mu + gradient.mu, log_var: sum.log_var + gradient.log_var };
            count += 1.0;
        }
        Self { mu: sum.mu / count, log_var: sum.log_var / count }
    }
}

/// The exact gradient of the ELBO at q.
///
/// mu: w (x - w mu - b)/sigma_x² - (mu - mu_p)/sigma_p²; log_var: 1/2 - sigma²/2 (w²/sigma_x² + 1/sigma_p²).
pub fn closed_form(model: &LinearGaussian, x: f64, q: &Normal) -> Gradient {
    // w²/sigma_x² + 1/sigma_p² is the precision of the true posterior.
    let best = model.posterior(x).log_var;
    Gradient { mu: slope(model, x, q.mu), log_var: 0.5 - 0.5 * libm::exp(q.log_var - best) }
}

/// The gradient of one sample through z = mu + sigma eps, eq. (9): what autodiff computes.
///
/// With h(z) = log p(x, z): mu: h'(z); log_var: h'(z) sigma eps/2 + 1/2, the 1/2 from -log q(z|x), which along the path is
/// log_var/2 plus what depends on eps only.
pub fn pathwise(model: &LinearGaussian, x: f64, q: &Normal, eps: f64) -> Gradient {
    let along = slope(model, x, q.sample(eps));
    Gradient { mu: along, log_var: 0.5 * along * libm::exp(0.5 * q.log_var) * eps + 0.5 }
}

/// The gradient of one sample by the score, eq. (10): (log p(x, z) - log q(z|x)) d log q(z|x), at the z that eps gives.
///
/// d log q: mu: eps/sigma; log_var: (eps² - 1)/2. The derivative of -log q inside the expectation has mean 0 and is left out.
pub fn score(model: &LinearGaussian, x: f64, q: &Normal, eps: f64) -> Gradient {
    let value = model.elbo_sample(x, q, eps);
    Gradient { mu: value * eps * libm::exp(-0.5 * q.log_var), log_var: value * 0.5 * (eps * eps - 1.0) }
}

/// Central differences of the Monte Carlo ELBO, the same `eps` at both ends (common random numbers).
///
/// The ELBO's sample is quadratic in mu and sigma, so that the mu part has no truncation error and the log_var part one of order step².
/// 1e-4 is a good `step`.
pub fn finite_difference(model: &LinearGaussian, x: f64, q: &Normal, eps: &[f32], step: f64) -> Gradient {
    central(q, step, |q| model.elbo_estimate(x, q, eps).mean)
}

/// Central differences of a function of q.
fn central(q: &Normal, step: f64, f: impl Fn(&Normal) -> f64) -> Gradient {
    let at = |mu: f64, log_var: f64| f(&Normal { mu, log_var });
    Gradient {
        mu: (at(q.mu + step, q.log_var) - at(q.mu - step, q.log_var)) / (2.0 * step),
        log_var: (at(q.mu, q.log_var + step) - at(q.mu, q.log_var - step)) / (2.0 * step),
    }
}

/// The noise shifted and scaled to mean 0 and mean square 1.
///
/// For an integrand quadratic in z, such as this ELBO, the Monte Carlo mean over matched noise is exact: then autodiff, finite
/// differences and closed form are three equal numbers. Fewer than two different numbers are returned as they are.
pub fn moment_matched(eps: &[f32]) -> Vec<f32> {
    let n = eps.len() as f64;
    let mean = eps.iter().map(|&eps| f64::from(eps)).sum::<f64>() / n;
    let square = eps.iter().map(|&eps| (f64::from(eps) - mean) * (f64::from(eps) - mean)).sum::<f64>() / n;
    if square.is_nan() || square <= 0.0 {
        return eps.to_vec();
    }
    let scale = 1.0 / libm::sqrt(square);
    eps.iter().map(|&eps| ((f64::from(eps) - mean) * scale) as f32).collect()
}

/// d/dz log p(x, z).
fn slope(model: &LinearGaussian, x: f64, z: f64) -> f64 {
    let residual = x - model.weight * z - model.bias;
    model.weight * residual / (model.sigma_x * model.sigma_x) - (z - model.mu_p) / (model.sigma_p * model.sigma_p)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::Estimate;
    use crate::rng::Rng;

    const MODEL: LinearGaussian = LinearGaussian { mu_p: 0.3, sigma_p: 1.2, weight: 1.5, bias: -0.2, sigma_x: 0.7 };
    const X: f64 = 0.9;
    const Q: Normal = Normal { mu: -0.4, log_var: -0.9 };

    #[test]
    fn the_closed_form_is_the_derivative_of_the_closed_elbo() {
        let step = 1e-5;
        let at = |mu, log_var| MODEL.elbo(X, &Normal { mu, log_var }).elbo;
        let gradient = closed_form(&MODEL, X, &Q);
        assert!((gradient.mu - (at(Q.mu + step, Q.log_var) - at(Q.mu - step, Q.log_var)) / (2.0 * step)).abs() < 1e-8);
        let by_log_var = (at(Q.mu, Q.log_var + step) - at(Q.mu, Q.log_var - step)) / (2.0 * step);
        assert!((gradient.log_var - by_log_var).abs() < 1e-8);
        let optimum = closed_form(&MODEL, X, &MODEL.posterior(X));
        assert!(optimum.mu.abs() < 1e-12 && optimum.log_var.abs() < 1e-12);
    }

    #[test]
    fn three_equal_numbers() {
        let eps = moment_matched(&Rng::new(1).normals(64));
        let exact = closed_form(&MODEL, X, &Q);
        let path = Gradient::mean(eps.iter().map(|&eps| pathwise(&MODEL, X, &Q, f64::from(eps))));
        let difference = finite_difference(&MODEL, X, &Q, &eps, 1e-4);
        for other in [path, difference] {
            assert!((other.mu - exact.mu).abs() < 1e-6 && (other.log_var - exact.log_var).abs() < 1e-6, "{other:?}");
        }
        // Without matching, the first two still agree with each other: they differentiate the same noise.
        let eps = Rng::new(2).normals(10);
        let path = Gradient::mean(eps.iter().map(|&eps| pathwise(&MODEL, X, &Q, f64::from(eps))));
        let difference = finite_difference(&MODEL, X, &Q, &eps, 1e-4);
        assert!((path.mu - difference.mu).abs() < 1e-7 && (path.log_var - difference.log_var).abs() < 1e-7);
        assert!((path.mu - exact.mu).abs() > 1e-3);
    }

    #[test]
    fn both_estimators_are_unbiased_and_the_path_is_the_quieter_one() {
        let eps = Rng::new(3).normals(200_000);
        let exact = closed_form(&MODEL, X, &Q);
        let estimate =
            |of: &dyn Fn(f64) -> f64| Estimate::of(&eps.iter().map(|&eps| of(f64::from(eps))).collect::<Vec<_>>());
        let path = [estimate(&|e| pathwise(&MODEL, X, &Q, e).mu), estimate(&|e| pathwise(&MODEL, X, &Q, e).log_var)];
        let score = [estimate(&|e| score(&MODEL, X, &Q, e).mu), estimate(&|e| score(&MODEL, X, &Q, e).log_var)];
        for (path, score, exact) in [(path[0], score[0], exact.mu), (path[1], score[1], exact.log_var)] {
            assert!((path.mean - exact).abs() < 4.5 * path.standard_error, "{path:?} {exact}");
            assert!((score.mean - exact).abs() < 4.5 * score.standard_error, "{score:?} {exact}");
            assert!(path.standard_error < score.standard_error);
        }
    }

    #[test]
    fn matched_noise_has_its_moments() {
        let eps = moment_matched(&Rng::new(4).normals(31));
        assert!(eps.iter().map(|&e| f64::from(e)).sum::<f64>().abs() < 1e-5);
        assert!((eps.iter().map(|&e| f64::from(e * e)).sum::<f64>() / 31.0 - 1.0).abs() < 1e-6);
        assert_eq!(moment_matched(&[2.0, 2.0]), [2.0, 2.0]);
        assert!(moment_matched(&[]).is_empty());
    }
}
