//! The continuous Bernoulli, a density on \[0, 1\]: p(x) = e^(l·x) l / (e^l − 1) with the logit l. Its mean, and samples by its mean.
//!
//! G. Loaiza-Ganem and J. P. Cunningham, "The continuous Bernoulli: fixing a pervasive error in variational autoencoders", 2019.
//!
//! ```
//! use math::continuous_bernoulli::{mean, quantile};
//! assert_eq!(mean(0.0), 0.5); // the uniform distribution
//! assert_eq!(quantile(0.3, 0.5), 0.3);
//! assert!(quantile(0.5, 0.9) > 0.9); // skewed to the left, so the median is above the mean
//! ```

/// Its mean: 1/(1 − e^(−l)) − 1/l, at l = 0 one half.
pub fn mean(logit: f64) -> f64 {
    if logit.abs() < 1e-4 { 0.5 + logit / 12.0 } else { -1.0 / libm::expm1(-logit) - 1.0 / logit }
}

/// The x below which the one of this mean lies with probability `p`: log(1 + p (e^l − 1)) / l. A sample where `p` is uniform.
pub fn quantile(p: f64, mean: f64) -> f64 {
    let logit = logit(mean);
    if logit.abs() < 1e-6 {
        return p;
    }
    // With l > 0 the powers would overflow: 1 − x is distributed as x is with −l.
    let (p, decay) = if logit > 0.0 { (1.0 - p, -logit) } else { (p, logit) };
    let x = (libm::log1p(p * libm::expm1(decay)) / decay).min(1.0);
    if logit > 0.0 { 1.0 - x } else { x }
}

/// The logit of this mean, by bisection: the mean rises with it. Within ±2,000, whose means are 0.0005 from 0 and 1.
fn logit(of: f64) -> f64 {
    let (mut low, mut high) = (-2000.0, 2000.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if mean(middle) < of { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The distribution function, (e^(l·x) − 1) / (e^l − 1).
    fn below(x: f64, l: f64) -> f64 {
        (l * x).exp_m1() / l.exp_m1()
    }

    #[test]
    fn the_quantile_is_the_inverse_of_the_distribution_function() {
        for l in [-40.0, -2.0, -1e-3, 1e-3, 1.0, 40.0] {
            for p in [0.01, 0.3, 0.5, 0.97] {
                let x = quantile(p, mean(l));
                assert!((below(x, l) - p).abs() < 1e-9, "{l} {p}: {x}");
            }
        }
        for (mean, p) in [(0.0, 1.0), (0.0, 0.0), (1.0, 1.0), (1.0, 0.0)] {
            assert!((quantile(p, mean) - p).abs() <= 1.0 && (0.0..=1.0).contains(&quantile(p, mean)));
        }
    }

    #[test]
    fn the_mean_is_the_mean_of_the_quantiles() {
        const STEPS: usize = 100_000;
        for l in [-7.0, -0.3, 0.0, 2.0, 15.0] {
            let sum: f64 = (0..STEPS).map(|at| quantile((at as f64 + 0.5) / STEPS as f64, mean(l))).sum();
            assert!((sum / STEPS as f64 - mean(l)).abs() < 1e-6, "{l}");
        }
    }
}
