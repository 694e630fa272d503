//! The ELBO of a model in which every quantity has a closed form: one latent dimension, a decoder mean linear in z (slides 1.3, 1.7).
//! It knows no training and no pictures.
//!
//! p(z) = N(mu_p, sigma_p²), p(x|z) = N(weight z + bias, sigma_x²), q(z|x) = N(mu, exp(log_var)). Every term in nats.
//!
//! ```
//! use math::elbo::{LinearGaussian, Normal};
//! // log p(x) = ELBO + KL[q(z|x) || p(z|x)] for every q.
//! let model = LinearGaussian { mu_p: 0.0, sigma_p: 1.0, weight: 2.0, bias: 0.5, sigma_x: 0.3 };
//! let q = Normal { mu: 0.4, log_var: -1.0 };
//! let sum = model.elbo(1.0, &q).elbo + q.kl(&model.posterior(1.0));
//! assert!((sum - model.log_px(1.0)).abs() < 1e-12);
//! ```

use crate::estimate::Estimate;
use crate::gaussian::{LN_2PI, kl_1d, lemma_1_1d, log_pdf};
use crate::quadratic::Quadratic;
use crate::rng::Rng;

/// A normal distribution in one dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal {
    /// Mean.
    pub mu: f64,
    /// log sigma².
    pub log_var: f64,
}

impl Normal {
    /// Log density at `z`, nats.
    pub fn log_pdf(&self, z: f64) -> f64 {
        log_pdf(z, self.mu, self.log_var)
    }

    /// Density at `z`.
    pub fn pdf(&self, z: f64) -> f64 {
        libm::exp(self.log_pdf(z))
    }

    /// The reparameterization g(eps) = mu + sigma eps, eq. (8).
    pub fn sample(&self, eps: f64) -> f64 {
        self.mu + self.sigma() * eps
    }

    /// A draw from the density itself, without g: a uniform point within six standard deviations, kept with probability
    /// density/highest density (von Neumann's rejection). One of 4.8 points is kept; 2e-9 of the mass lies outside.
    pub fn sample_by_rejection(&self, rng: &mut Rng) -> f64 {
        const REACH: f64 = 6.0;
        loop {
            let z = self.mu + REACH * self.sigma() * (2.0 * rng.uniform() - 1.0);
            if rng.uniform() * self.pdf(self.mu) < self.pdf(z) {
                return z;
            }
        }
    }

    /// Standard deviation, exp(log_var/2).
    pub fn sigma(&self) -> f64 {
        libm::exp(0.5 * self.log_var)
    }

    /// log density of `self` at z = mu_q + sigma_q eps as a function of eps, z following `q`.
    pub fn log_pdf_along(&self, q: &Self) -> Quadratic {
        let precision = libm::exp(-0.5 * self.log_var);
        Quadratic::half_square((q.mu - self.mu) * precision, q.sigma() * precision, LN_2PI + self.log_var)
    }

    /// KL\[self‖other\], nats.
    pub fn kl(&self, other: &Self) -> f64 {
        kl_1d(self.mu, self.log_var, other.mu, other.log_var)
    }

    /// The density of KL\[self‖other\] over z: q log(q/p) - q + p, with q = self and p = other.
    ///
    /// Never negative, 0 where the densities are equal, and its integral is the divergence, because those of q and p are both 1: the
    /// divergence as an area. In nats per unit of z.
    pub fn kl_density(&self, other: &Self, z: f64) -> f64 {
        let (log_q, log_p) = (self.log_pdf(z), other.log_pdf(z));
        let ratio = log_p - log_q;
        if ratio > 1.0 {
            return libm::exp(log_p) - libm::exp(log_q) * (1.0 + ratio); // exp(ratio) alone may overflow
        }
        (libm::exp(log_q) * (libm::expm1(ratio) - ratio)).max(0.0)
    }
}

/// The model p(z) p(x|z). All standard deviations must be positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearGaussian {
    /// Mean of the prior.
    pub mu_p: f64,
    /// Standard deviation of the prior.
    pub sigma_p: f64,
    /// Slope of the decoder's mean, w.
    pub weight: f64,
    /// Offset of the decoder's mean, b.
    pub bias: f64,
    /// Standard deviation of the decoder.
    pub sigma_x: f64,
}

/// The ELBO and its terms, in nats. elbo = reconstruction + expected_log_prior + entropy = reconstruction - kl.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// (2): E_q\[log p(x|z)\].
    pub reconstruction: f64,
    /// (3): E_q\[log p(z)\].
    pub expected_log_prior: f64,
    /// (4): -E_q\[log q(z|x)\].
    pub entropy: f64,
    /// KL\[q(z|x)‖p(z)\] = -((3) + (4)).
    pub kl: f64,
    /// The evidence lower bound.
    pub elbo: f64,
}

impl LinearGaussian {
    /// The prior p(z).
    pub fn prior(&self) -> Normal {
        Normal { mu: self.mu_p, log_var: log_var(self.sigma_p) }
    }

    /// log p(x|z).
    pub fn log_likelihood(&self, x: f64, z: f64) -> f64 {
        log_pdf(x, self.weight * z + self.bias, log_var(self.sigma_x))
    }

    /// log p(x), exactly: x is N(w mu_p + b, w² sigma_p² + sigma_x²).
    pub fn log_px(&self, x: f64) -> f64 {
        let spread = self.weight * self.sigma_p;
        let variance = spread * spread + self.sigma_x * self.sigma_x;
        log_pdf(x, self.weight * self.mu_p + self.bias, libm::log(variance))
    }

    /// p(z|x), exactly: precisions add, 1/sigma² = 1/sigma_p² + w²/sigma_x².
    pub fn posterior(&self, x: f64) -> Normal {
        let prior_precision = 1.0 / (self.sigma_p * self.sigma_p);
        let data_precision = 1.0 / (self.sigma_x * self.sigma_x);
        let precision = prior_precision + self.weight * self.weight * data_precision;
        let pull = prior_precision * self.mu_p + data_precision * self.weight * (x - self.bias);
        Normal { mu: pull / precision, log_var: -libm::log(precision) }
    }

    /// The ELBO at q and its terms in closed form, each by Lemma 1, eq. (5).
    ///
    /// The reconstruction: under q, w z + b is N(w mu + b, w² sigma²), and log p(x|z) is symmetric in x and the mean.
    pub fn elbo(&self, x: f64, q: &Normal) -> Terms {
        let prior = self.prior();
        let distance = x - self.weight * q.mu - self.bias;
        let spread = self.weight * self.weight * libm::exp(q.log_var);
        let precision = 1.0 / (self.sigma_x * self.sigma_x);
        let reconstruction =
            log_pdf(0.0, 0.0, log_var(self.sigma_x)) - 0.5 * precision * (spread + distance * distance);
        let expected_log_prior = lemma_1_1d(q.mu, q.log_var, prior.mu, prior.log_var);
        let entropy = -lemma_1_1d(q.mu, q.log_var, q.mu, q.log_var);
        let kl = q.kl(&prior);
        Terms { reconstruction, expected_log_prior, entropy, kl, elbo: reconstruction - kl }
    }

    /// log p(x) - ELBO = KL\[q(z|x)‖p(z|x)\], never negative, 0 when q is the posterior.
    pub fn gap(&self, x: f64, q: &Normal) -> f64 {
        q.kl(&self.posterior(x))
    }

    /// One sample of the ELBO at z = mu + sigma eps: log p(x|z) + log p(z) - log q(z|x).
    pub fn elbo_sample(&self, x: f64, q: &Normal, eps: f64) -> f64 {
        let z = q.sample(eps);
        self.log_likelihood(x, z) + self.prior().log_pdf(z) - q.log_pdf(z)
    }

    /// log p(x|z) at z = mu + sigma eps as a function of eps.
    pub fn log_likelihood_along(&self, x: f64, q: &Normal) -> Quadratic {
        let residual = x - self.weight * q.mu - self.bias;
        let slope = -self.weight * q.sigma() / self.sigma_x;
        Quadratic::half_square(residual / self.sigma_x, slope, LN_2PI + log_var(self.sigma_x))
    }

    /// [`Self::elbo_sample`] as a function of eps: constant when q is the posterior.
    pub fn elbo_along(&self, x: f64, q: &Normal) -> Quadratic {
        self.log_likelihood_along(x, q) + self.prior().log_pdf_along(q) - q.log_pdf_along(q)
    }

    /// The Monte Carlo estimate of the ELBO from L = `eps.len()` samples.
    pub fn elbo_estimate(&self, x: f64, q: &Normal, eps: &[f32]) -> Estimate {
        let samples: Vec<f64> = eps.iter().map(|&eps| self.elbo_sample(x, q, f64::from(eps))).collect();
        Estimate::of(&samples)
    }
}

/// log sigma² of a standard deviation.
pub fn log_var(sigma: f64) -> f64 {
    2.0 * libm::log(sigma)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quadrature::{GaussHermite, Grid};

    const MODEL: LinearGaussian = LinearGaussian { mu_p: 0.5, sigma_p: 1.3, weight: -0.8, bias: 0.2, sigma_x: 0.6 };
    const X: f64 = 1.1;
    const Q: Normal = Normal { mu: -0.4, log_var: -0.9 };

    #[test]
    fn the_evidence_and_the_posterior_are_the_integrals() {
        let grid = Grid::new(-12.0, 12.0, 4001);
        let joint: Vec<f64> =
            grid.points.iter().map(|&z| MODEL.log_likelihood(X, z) + MODEL.prior().log_pdf(z)).collect();
        assert!((grid.log_integral(&joint) - MODEL.log_px(X)).abs() < 1e-12);
        let posterior = MODEL.posterior(X);
        for (&z, log_joint) in grid.points.iter().zip(&joint) {
            let log_density = log_joint - MODEL.log_px(X);
            assert!((posterior.log_pdf(z) - log_density).abs() < 1e-9 * log_density.abs().max(1.0));
        }
    }

    #[test]
    fn the_terms_are_their_expectations_and_add_up() {
        let rule = GaussHermite::new(10); // exact: every term is quadratic in z
        let terms = MODEL.elbo(X, &Q);
        let expect = |f: &dyn Fn(f64) -> f64| rule.expectation(Q.mu, Q.log_var, f);
        assert!((terms.reconstruction - expect(&|z| MODEL.log_likelihood(X, z))).abs() < 1e-12);
        assert!((terms.expected_log_prior - expect(&|z| MODEL.prior().log_pdf(z))).abs() < 1e-12);
        assert!((terms.entropy + expect(&|z| Q.log_pdf(z))).abs() < 1e-12);
        assert!((terms.kl + terms.expected_log_prior + terms.entropy).abs() < 1e-12);
        assert!((terms.elbo - (terms.reconstruction - terms.kl)).abs() < 1e-12);
    }

    #[test]
    fn the_gap_is_the_divergence_from_the_posterior() {
        for (mu, log_var) in [(0.0, 0.0), (-3.0, 1.0), (2.0, -5.0)] {
            let q = Normal { mu, log_var };
            let gap = MODEL.log_px(X) - MODEL.elbo(X, &q).elbo;
            assert!((gap - MODEL.gap(X, &q)).abs() < 1e-10 * gap.max(1.0) && gap > 0.0);
        }
        let posterior = MODEL.posterior(X);
        assert!((MODEL.elbo(X, &posterior).elbo - MODEL.log_px(X)).abs() < 1e-12);
        assert_eq!(MODEL.gap(X, &posterior), 0.0);
    }

    #[test]
    fn both_ways_of_drawing_follow_the_density() {
        let mut rng = Rng::new(7);
        let n = 40_000;
        let direct: Vec<f64> = (0..n).map(|_| Q.sample_by_rejection(&mut rng)).collect();
        let moved: Vec<f64> = rng.normals(n).iter().map(|&eps| Q.sample(f64::from(eps))).collect();
        for mut z in [direct, moved] {
            z.sort_by(f64::total_cmp);
            // Kolmogorov: the greatest distance of the two distribution functions stays below 1.95/sqrt(n) in 99.9 % of runs.
            let below = |z: f64| 0.5 * (1.0 + libm::erf((z - Q.mu) / Q.sigma() / std::f64::consts::SQRT_2));
            let distance =
                z.iter().enumerate().map(|(i, &z)| ((i as f64 + 0.5) / n as f64 - below(z)).abs()).fold(0.0, f64::max);
            assert!(distance < 1.95 / (n as f64).sqrt(), "{distance}");
        }
    }

    #[test]
    fn the_divergence_is_an_area() {
        let grid = Grid::new(-30.0, 30.0, 60_001);
        let p = MODEL.prior();
        for (from, to) in [(Q, p), (p, Q), (Q, Q), (Normal { mu: -3.0, log_var: -5.0 }, p)] {
            let density: Vec<f64> = grid.points.iter().map(|&z| from.kl_density(&to, z)).collect();
            assert!(density.iter().all(|density| *density >= 0.0));
            assert!((grid.integral(&density) - from.kl(&to)).abs() < 1e-9 * from.kl(&to).max(1.0));
        }
    }

    #[test]
    fn along_a_sample_every_term_is_a_quadratic() {
        let (terms, prior) = (MODEL.elbo(X, &Q), MODEL.prior());
        for eps in [-2.5, -0.3, 0.0, 1.7] {
            let z = Q.sample(eps);
            assert!((MODEL.log_likelihood_along(X, &Q).at(eps) - MODEL.log_likelihood(X, z)).abs() < 1e-12);
            assert!((prior.log_pdf_along(&Q).at(eps) - prior.log_pdf(z)).abs() < 1e-12);
            assert!((MODEL.elbo_along(X, &Q).at(eps) - MODEL.elbo_sample(X, &Q, eps)).abs() < 1e-12);
        }
        assert!((MODEL.elbo_along(X, &Q).mean() - terms.elbo).abs() < 1e-12);
        assert!((MODEL.log_likelihood_along(X, &Q).mean() - terms.reconstruction).abs() < 1e-12);
        let posterior = MODEL.posterior(X);
        assert!(MODEL.elbo_along(X, &posterior).variance() < 1e-28);
    }

    #[test]
    fn the_estimates_are_unbiased_and_their_error_falls_as_the_root() {
        let mut rng = Rng::new(1);
        let exact = MODEL.elbo(X, &Q).elbo;
        let (few, many) = (rng.normals(1000), rng.normals(100_000));
        for eps in [&few, &many] {
            let estimate = MODEL.elbo_estimate(X, &Q, eps);
            assert!((estimate.mean - exact).abs() < 4.5 * estimate.standard_error);
        }
        let ratio = MODEL.elbo_estimate(X, &Q, &few).standard_error / MODEL.elbo_estimate(X, &Q, &many).standard_error;
        assert!((ratio / 10.0 - 1.0).abs() < 0.15, "{ratio}");
        // At the posterior every sample is log p(x): no noise is left.
        let noiseless = MODEL.elbo_estimate(X, &MODEL.posterior(X), &few);
        assert!(noiseless.standard_error < 1e-14 && (noiseless.mean - MODEL.log_px(X)).abs() < 1e-12);
    }
}
