//! Importance-weighted bounds on log p(x), slide 1.4: Y. Burda, R. Grosse and R. Salakhutdinov, "Importance weighted autoencoders", 2016.
//! It knows no model: the input is the table of log weights log p(x, z_k) - log q(z_k|x), z_k ~ q(z|x).
//!
//! ```
//! // Weights 1 and 3 have the mean 2; one sample at a time gives log 1 and log 3, whose mean is smaller.
//! let log_weights = [1.0_f64.ln(), 3.0_f64.ln()];
//! assert!((math::iwae::bound(&log_weights) - 2.0_f64.ln()).abs() < 1e-15);
//! assert!(math::iwae::estimate(&log_weights, 2, 1).mean < math::iwae::estimate(&log_weights, 2, 2).mean);
//! ```

pub mod signal;

use crate::estimate::{Estimate, jackknife_variance, variance};
use crate::gaussian::{log_mean_exp, log_sum_exp};

/// log ( 1/K sum_k w_k ) of one example from its K log weights, in nats.
///
/// In expectation a lower bound on log p(x) that never falls as K grows; K = 1 is a sample of the ELBO. NaN without weights.
pub fn bound(log_weights: &[f64]) -> f64 {
    log_mean_exp(log_weights)
}

/// The bound by `k` samples, averaged over examples and over as many disjoint groups of k as an example's samples give, in nats.
///
/// Its standard error is that of the samples: the examples are given. It comes from the spread between an example's groups, or where
/// there is only one from the jackknife within it; NaN for a single sample. Shape: `log_weights` `[n, samples]` row-major, k <= samples.
pub fn estimate(log_weights: &[f64], samples: usize, k: usize) -> Estimate {
    assert!(
        (1..=samples).contains(&k) && log_weights.len().is_multiple_of(samples),
        "a table of {} log weights, {samples} an example, has no bound by {k}",
        log_weights.len()
    );
    let groups = samples / k;
    let (mut means, mut variances) = (Vec::new(), Vec::new());
    for of_one in log_weights.chunks_exact(samples) {
        let bounds: Vec<f64> = of_one.chunks_exact(k).map(bound).collect();
        let noise = if groups > 1 { variance(&bounds) } else { jackknife_variance(&left_out(&of_one[..k])) };
        means.push(bounds.iter().sum::<f64>() / groups as f64);
        variances.push(noise / groups as f64);
    }
    let n = means.len() as f64;
    let standard_error = libm::sqrt(variances.iter().sum::<f64>()) / n;
    Estimate { mean: means.iter().sum::<f64>() / n, standard_error, samples: log_weights.len() }
}

/// The [`bound`] without each of the samples, for the jackknife. Empty for one sample, which leaves nothing.
fn left_out(log_weights: &[f64]) -> Vec<f64> {
    let k = log_weights.len();
    if k < 2 {
        return Vec::new();
    }
    let all = log_sum_exp(log_weights);
    let without = |i: usize| {
        let share = libm::exp(log_weights[i] - all);
        if share < 0.5 {
            return all + libm::log1p(-share);
        }
        // What one sample leaves over would cancel: at most one sample is summed around.
        let others: Vec<f64> = (0..k).filter(|&j| j != i).map(|j| log_weights[j]).collect();
        log_sum_exp(&others)
    };
    (0..k).map(without).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elbo::{LinearGaussian, Normal};
    use crate::rng::Rng;

    const MODEL: LinearGaussian = LinearGaussian { mu_p: 0.0, sigma_p: 1.0, weight: 1.2, bias: 0.1, sigma_x: 0.5 };
    const X: f64 = 0.8;
    const Q: Normal = Normal { mu: 0.2, log_var: -0.5 };

    fn weights(q: &Normal, count: usize, seed: u64) -> Vec<f64> {
        let mut rng = Rng::new(seed);
        (0..count).map(|_| MODEL.elbo_sample(X, q, rng.normal())).collect()
    }

    #[test]
    fn the_bound_rises_from_the_elbo_to_the_evidence() {
        let weights = weights(&Q, 60_000, 1);
        let by = |k: usize| estimate(&weights, weights.len(), k);
        let (one, ten, hundred) = (by(1), by(10), by(100));
        assert!((one.mean - MODEL.elbo(X, &Q).elbo).abs() < 4.5 * one.standard_error);
        assert!(one.mean < ten.mean && ten.mean < hundred.mean);
        let all = by(weights.len());
        assert!((all.mean - MODEL.log_px(X)).abs() < 4.5 * all.standard_error, "{all:?} {}", MODEL.log_px(X));
        assert!(all.standard_error < 0.01 && hundred.mean < all.mean);
    }

    #[test]
    fn at_the_posterior_one_sample_is_enough() {
        let weights = weights(&MODEL.posterior(X), 10, 1);
        assert!(weights.chunks(5).all(|weights| (bound(weights) - MODEL.log_px(X)).abs() < 1e-12));
        assert!(estimate(&weights, 10, 5).standard_error < 1e-12 && estimate(&weights, 10, 10).standard_error < 1e-12);
    }

    /// Both ways to an error against the spread of the estimate itself over 400 tables of three examples.
    #[test]
    fn the_error_is_the_spread_over_other_samples() {
        for (samples, k) in [(8, 1), (8, 4), (20, 20), (50, 50)] {
            let all: Vec<Estimate> =
                (0..400).map(|seed| estimate(&weights(&Q, 3 * samples, seed), samples, k)).collect();
            let spread = variance(&all.iter().map(|one| one.mean).collect::<Vec<_>>()).sqrt();
            let said = (all.iter().map(|one| one.standard_error.powi(2)).sum::<f64>() / 400.0).sqrt();
            assert!((0.8..1.25).contains(&(said / spread)), "{samples} {k}: {said} said, {spread} seen");
        }
    }

    #[test]
    fn one_dominant_sample_leaves_the_error_finite() {
        assert!(estimate(&[0.0, -800.0, -801.0], 3, 3).standard_error > 10.0);
        assert!(estimate(&[0.0, -800.0, -801.0], 3, 3).standard_error.is_finite());
        assert!(estimate(&[1.0], 1, 1).standard_error.is_nan());
    }
}
