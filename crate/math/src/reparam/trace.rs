//! Slide 1.7: the computation graph of a one-sample ELBO, its numbers forward and its derivatives backward, edge by edge.
//! Here the KL term is its closed form, as in a VAE: only the reconstruction is sampled.
//!
//! ```
//! use math::elbo::{LinearGaussian, Normal};
//! use math::reparam::{Gradient, closed_form, trace::{Route, backward}};
//! // eps = ±1 has mean 0 and mean square 1, so that the mean of the sampled gradients is the exact one.
//! let model = LinearGaussian { mu_p: 0.3, sigma_p: 1.2, weight: 1.5, bias: -0.2, sigma_x: 0.7 };
//! let q = Normal { mu: -0.4, log_var: -0.9 };
//! let mean = Gradient::mean([-1.0, 1.0].map(|eps| backward(&model, 0.9, &q, eps, Route::SampleEps).total()));
//! let exact = closed_form(&model, 0.9, &q);
//! assert!((mean.mu - exact.mu).abs() < 1e-12 && (mean.log_var - exact.log_var).abs() < 1e-12);
//! ```

use super::{Gradient, central};
use crate::elbo::{LinearGaussian, Normal};
use crate::estimate::Estimate;

/// Where the randomness of z enters the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// z is drawn from q itself: its node is random, and no derivative passes it.
    SampleZ,
    /// eps is drawn from N(0, 1), and z = mu + sigma eps is a function, eq. (8): derivatives pass.
    SampleEps,
}

/// The value of every node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forward {
    /// sigma = exp(log_var/2).
    pub sigma: f64,
    /// The noise.
    pub eps: f64,
    /// z = mu + sigma eps.
    pub z: f64,
    /// log p(x|z), nats.
    pub log_likelihood: f64,
    /// KL\[q(z|x)‖p(z)\] in closed form, nats.
    pub kl: f64,
    /// log p(x|z) - KL: an unbiased one-sample estimate of the ELBO, nats.
    pub elbo: f64,
}

/// The derivative of the one-sample ELBO with respect to every node, by the chain rule. Where the route stops it, 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backward {
    /// With respect to log p(x|z): 1.
    pub log_likelihood: f64,
    /// With respect to KL: -1.
    pub kl: f64,
    /// With respect to z: w (x - w z - b)/sigma_x². It arrives at z by either route.
    pub z: f64,
    /// With respect to sigma, through z: dz/dsigma = eps.
    pub sigma: f64,
    /// What reaches mu and log_var through z: dz/dmu = 1, dsigma/dlog_var = sigma/2.
    pub through_z: Gradient,
    /// What reaches them through -KL.
    pub through_kl: Gradient,
}

impl Backward {
    /// The whole derivative: both paths added.
    pub fn total(&self) -> Gradient {
        Gradient {
            mu: self.through_z.mu + self.through_kl.mu,
            log_var: self.through_z.log_var + self.through_kl.log_var,
        }
    }
}

/// The numbers of the graph for one draw of the noise.
pub fn forward(model: &LinearGaussian, x: f64, q: &Normal, eps: f64) -> Forward {
    let z = q.sample(eps);
    let (log_likelihood, kl) = (model.log_likelihood(x, z), q.kl(&model.prior()));
    Forward { sigma: q.sigma(), eps, z, log_likelihood, kl, elbo: log_likelihood - kl }
}

/// The derivatives of the graph for the same draw: by [`Route::SampleEps`] the pathwise gradient, eq. (9), which autodiff computes.
pub fn backward(model: &LinearGaussian, x: f64, q: &Normal, eps: f64, route: Route) -> Backward {
    let along = model.weight * (x - model.weight * q.sample(eps) - model.bias) / (model.sigma_x * model.sigma_x);
    let (passed, sigma) = match route {
        Route::SampleZ => (0.0, 0.0),
        Route::SampleEps => (along, along * eps),
    };
    Backward {
        log_likelihood: 1.0,
        kl: -1.0,
        z: along,
        sigma,
        through_z: Gradient { mu: passed, log_var: 0.5 * q.sigma() * sigma },
        through_kl: through_kl(model, q),
    }
}

/// What reaches mu and log_var through -KL\[q(z|x)‖p(z)\].
pub(super) fn through_kl(model: &LinearGaussian, q: &Normal) -> Gradient {
    let prior = model.prior();
    Gradient {
        mu: -(q.mu - prior.mu) * libm::exp(-prior.log_var),
        log_var: -0.5 * libm::expm1(q.log_var - prior.log_var),
    }
}

/// The Monte Carlo estimate of the ELBO with its KL in closed form: the mean of [`forward`]'s elbo over `eps`.
pub fn elbo_estimate(model: &LinearGaussian, x: f64, q: &Normal, eps: &[f32]) -> Estimate {
    let kl = q.kl(&model.prior());
    let sample = |&eps: &f32| model.log_likelihood(x, q.sample(f64::from(eps))) - kl;
    Estimate::of(&eps.iter().map(sample).collect::<Vec<f64>>())
}

/// Central differences of [`elbo_estimate`], the same `eps` at both ends (common random numbers). 1e-4 is a good `step`.
pub fn elbo_difference(model: &LinearGaussian, x: f64, q: &Normal, eps: &[f32], step: f64) -> Gradient {
    central(q, step, |q| elbo_estimate(model, x, q, eps).mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reparam::{closed_form, moment_matched};
    use crate::rng::Rng;

    const MODEL: LinearGaussian = LinearGaussian { mu_p: 0.3, sigma_p: 1.2, weight: 1.5, bias: -0.2, sigma_x: 0.7 };
    const X: f64 = 0.9;
    const Q: Normal = Normal { mu: -0.4, log_var: -0.9 };

    #[test]
    fn the_chain_rule_is_the_derivative_of_the_graph() {
        for eps in [-1.7_f32, 0.0, 0.4, 2.3] {
            let back = backward(&MODEL, X, &Q, f64::from(eps), Route::SampleEps);
            let difference = elbo_difference(&MODEL, X, &Q, &[eps], 1e-4);
            assert!((back.total().mu - difference.mu).abs() < 1e-7, "{back:?} {difference:?}");
            assert!((back.total().log_var - difference.log_var).abs() < 1e-7, "{back:?} {difference:?}");
            let along_z = |z: f64| MODEL.log_likelihood(X, z);
            let z = Q.sample(f64::from(eps));
            assert!((back.z - (along_z(z + 1e-5) - along_z(z - 1e-5)) / 2e-5).abs() < 1e-7);
        }
    }

    #[test]
    fn a_random_z_lets_only_the_divergence_through() {
        let back = backward(&MODEL, X, &Q, 0.8, Route::SampleZ);
        let divergence = central(&Q, 1e-5, |q| -q.kl(&MODEL.prior()));
        assert!((back.total().mu - divergence.mu).abs() < 1e-8);
        assert!((back.total().log_var - divergence.log_var).abs() < 1e-8);
        assert_eq!((back.through_z, back.sigma), (Gradient { mu: 0.0, log_var: 0.0 }, 0.0));
        assert!(back.z != 0.0, "the gradient arrives at z and stops there");
    }

    #[test]
    fn over_matched_noise_the_mean_is_the_closed_form() {
        let exact = closed_form(&MODEL, X, &Q);
        for samples in [2, 7, 500] {
            let eps = moment_matched(&Rng::new(1).normals(samples));
            let over = |eps: &f32| backward(&MODEL, X, &Q, f64::from(*eps), Route::SampleEps).total();
            let path = Gradient::mean(eps.iter().map(over));
            let difference = elbo_difference(&MODEL, X, &Q, &eps, 1e-4);
            for other in [path, difference] {
                assert!((other.mu - exact.mu).abs() < 1e-6, "{samples}: {other:?} {exact:?}");
                assert!((other.log_var - exact.log_var).abs() < 1e-6, "{samples}: {other:?} {exact:?}");
            }
            assert!((elbo_estimate(&MODEL, X, &Q, &eps).mean - MODEL.elbo(X, &Q).elbo).abs() < 1e-6);
        }
    }
}
