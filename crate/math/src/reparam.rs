//! Slide 1.7: the gradient of a one-dimensional ELBO in closed form, sample by sample through the graph of [`trace`], and by the score.
//! The model is that of [`crate::elbo`].
//!
//! ```
//! use math::{elbo::{LinearGaussian, Normal}, reparam::closed_form};
//! // The ELBO is largest at the posterior: no slope is left there.
//! let model = LinearGaussian { mu_p: 0.3, sigma_p: 1.2, weight: 1.5, bias: -0.2, sigma_x: 0.7 };
//! let slope = closed_form(&model, 0.9, &model.posterior(0.9));
//! assert!(slope.mu.abs() < 1e-14 && slope.log_var.abs() < 1e-14);
//! assert!(closed_form(&model, 0.9, &Normal { mu: -2.0, log_var: 0.0 }).mu > 0.0);
//! ```

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

/// The score of q: the derivatives of log q(z) with respect to mu and log_var at a fixed z.
///
/// mu: (z - mu)/sigma²; log_var: ((z - mu)²/sigma² - 1)/2. Both have mean 0 under q.
pub fn score_of(q: &Normal, z: f64) -> Gradient {
    let precision = libm::exp(-q.log_var);
    let mu = (z - q.mu) * precision;
    Gradient { mu, log_var: 0.5 * (mu * (z - q.mu) - 1.0) }
}

/// The score gradient of the ELBO from one z, drawn from q: log p(x|z) d log q(z), eq. (10), with the KL term's part in closed form.
///
/// Nothing is differentiated along z, so that a random z stops nothing. Its mean over independent z is [`closed_form`].
pub fn score(model: &LinearGaussian, x: f64, q: &Normal, z: f64) -> Gradient {
    let (value, of, kl) = (model.log_likelihood(x, z), score_of(q, z), trace::through_kl(model, q));
    Gradient { mu: value * of.mu + kl.mu, log_var: value * of.log_var + kl.log_var }
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
    use crate::quadrature::GaussHermite;
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
    fn the_score_is_the_derivative_of_the_log_density_and_has_mean_zero() {
        for z in [-2.0, -0.4, 0.9] {
            let difference = central(&Q, 1e-5, |q| q.log_pdf(z));
            let of = score_of(&Q, z);
            assert!((of.mu - difference.mu).abs() < 1e-8 && (of.log_var - difference.log_var).abs() < 1e-8, "{of:?}");
        }
        let rule = GaussHermite::new(20);
        let mean = |part: fn(Gradient) -> f64| rule.expectation(Q.mu, Q.log_var, |z| part(score_of(&Q, z)));
        assert!(mean(|of| of.mu).abs() < 1e-12 && mean(|of| of.log_var).abs() < 1e-12);
    }

    /// By quadrature the expectation of the score gradient is the closed form: the integrand is a polynomial.
    #[test]
    fn the_score_gradient_is_unbiased() {
        let rule = GaussHermite::new(20);
        for q in [Q, Normal { mu: 1.4, log_var: 0.8 }, MODEL.posterior(X)] {
            let exact = closed_form(&MODEL, X, &q);
            let mean = |part: fn(Gradient) -> f64| rule.expectation(q.mu, q.log_var, |z| part(score(&MODEL, X, &q, z)));
            let (mu, log_var) = (mean(|one| one.mu), mean(|one| one.log_var));
            assert!(
                (mu - exact.mu).abs() < 1e-10 && (log_var - exact.log_var).abs() < 1e-10,
                "{mu} {log_var} {exact:?}"
            );
        }
    }

    /// Over matched noise the part of log sigma² shrinks to (L - 2)/(L + 1) of the reconstruction's: E m_4 = 3 (L - 1)/(L + 1).
    #[test]
    fn over_matched_noise_the_score_gradient_is_biased() {
        const L: usize = 8;
        let mut rng = Rng::new(9);
        let kl = trace::through_kl(&MODEL, &Q).log_var;
        let of = |eps: Vec<f32>| {
            let each = eps.iter().map(|&eps| score(&MODEL, X, &Q, Q.sample(f64::from(eps))));
            Gradient::mean(each).log_var - kl
        };
        let (mut plain, mut matched) = (Vec::new(), Vec::new());
        for _ in 0..20_000 {
            let eps = rng.normals(L);
            matched.push(of(moment_matched(&eps)));
            plain.push(of(eps));
        }
        let exact = closed_form(&MODEL, X, &Q).log_var - kl;
        for (of, expected) in [(plain, exact), (matched, exact * (L as f64 - 2.0) / (L as f64 + 1.0))] {
            let estimate = Estimate::of(&of);
            assert!((estimate.mean - expected).abs() < 4.5 * estimate.standard_error, "{estimate:?} {expected}");
            assert!(estimate.standard_error < 0.05 * exact.abs(), "{estimate:?} {exact}: shows nothing");
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
