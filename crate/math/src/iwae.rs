//! Importance-weighted bounds on log p(x), slide 1.4: Y. Burda, R. Grosse and R. Salakhutdinov, "Importance weighted autoencoders", 2016.
//! It knows no model: the input is the table of log weights log p(x, z_k) - log q(z_k|x), z_k ~ q(z|x).
//!
//! ```
//! // Weights 1 and 3 have the mean 2; one sample at a time gives log 1 and log 3, whose mean is smaller.
//! let log_weights = [1.0_f64.ln(), 3.0_f64.ln()];
//! assert!((math::iwae::bound(&log_weights) - 2.0_f64.ln()).abs() < 1e-15);
//! assert!(math::iwae::estimate(&log_weights, 1).mean < math::iwae::estimate(&log_weights, 2).mean);
//! ```

use crate::estimate::Estimate;
use crate::gaussian::log_mean_exp;

/// log ( 1/K sum_k w_k ) of one example from its K log weights, in nats.
///
/// In expectation a lower bound on log p(x) that never falls as K grows; K = 1 is a sample of the ELBO. NaN without weights.
pub fn bound(log_weights: &[f64]) -> f64 {
    log_mean_exp(log_weights)
}

/// The bound of every example. Shapes: log_weights `[n, k]` row-major → `[n]`, in nats.
pub fn bounds(log_weights: &[f64], k: usize) -> Vec<f64> {
    assert!(k > 0 && log_weights.len().is_multiple_of(k), "a table [n, {k}] cannot have {} entries", log_weights.len());
    log_weights.chunks_exact(k).map(bound).collect()
}

/// The mean bound over examples with its standard error over examples. Shapes as in [`bounds`].
pub fn estimate(log_weights: &[f64], k: usize) -> Estimate {
    Estimate::of(&bounds(log_weights, k))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elbo::{LinearGaussian, Normal};
    use crate::rng::Rng;

    const MODEL: LinearGaussian = LinearGaussian { mu_p: 0.0, sigma_p: 1.0, weight: 1.2, bias: 0.1, sigma_x: 0.5 };
    const X: f64 = 0.8;

    fn weights(q: &Normal, count: usize) -> Vec<f64> {
        let mut rng = Rng::new(1);
        (0..count).map(|_| MODEL.elbo_sample(X, q, rng.normal())).collect()
    }

    #[test]
    fn the_bound_rises_from_the_elbo_to_the_evidence() {
        let q = Normal { mu: 0.2, log_var: -0.5 };
        let weights = weights(&q, 60_000);
        let one = estimate(&weights, 1);
        let (ten, hundred) = (estimate(&weights, 10), estimate(&weights, 100));
        assert!((one.mean - MODEL.elbo(X, &q).elbo).abs() < 4.5 * one.standard_error);
        assert!(one.mean < ten.mean && ten.mean < hundred.mean);
        let all = bound(&weights);
        assert!((all - MODEL.log_px(X)).abs() < 0.02 && hundred.mean < all, "{all} {}", MODEL.log_px(X));
    }

    #[test]
    fn at_the_posterior_one_sample_is_enough() {
        let weights = weights(&MODEL.posterior(X), 10);
        assert!(bounds(&weights, 5).iter().all(|bound| (bound - MODEL.log_px(X)).abs() < 1e-12));
    }
}
