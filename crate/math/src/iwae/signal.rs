//! The signal-to-noise ratio of gradients of the importance-weighted bound: T. Rainforth, A. Kosiorek, T. A. Le, C. Maddison, M. Igl, F. Wood
//! and Y. W. Teh, "Tighter variational bounds are not necessarily better", 2018.
//!
//! The estimator is the plain reparameterized gradient, sum_k w_k grad log w_k / sum_k w_k. Its ratio for the encoder's parameters falls as
//! 1/sqrt(K); that of the doubly reparameterized gradient (Tucker et al. 2019) does not.
//!
//! ```
//! // Two samples with weights 1 and 3 and gradients 4 and 8: (1·4 + 3·8)/4.
//! let gradient = math::iwae::signal::gradient(&[0.0, 3.0_f64.ln()], &[4.0, 8.0], 1);
//! assert!((gradient[0] - 7.0).abs() < 1e-12);
//! ```

use crate::estimate::{Estimate, jackknife};

/// The gradient of the bound by K samples. Shapes: `log_weights` `[K]`, `gradients` of the log weights `[K, outputs]` → `[outputs]`.
pub fn gradient(log_weights: &[f64], gradients: &[f64], outputs: usize) -> Vec<f64> {
    let top = log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = log_weights.iter().map(|log| libm::exp(log - top)).collect();
    let sum: f64 = weights.iter().sum();
    let mut all = vec![0.0; outputs];
    for (weight, row) in weights.iter().zip(gradients.chunks_exact(outputs)) {
        for (total, part) in all.iter_mut().zip(row) {
            *total += weight / sum * part;
        }
    }
    all
}

/// sqrt( sum (E g)² / sum Var g ) of gradients g of the bound by `k` samples, summed over examples and outputs, from as many disjoint groups
/// of k as an example's samples give.
///
/// The square of a mean of groups is too large by its own variance: without any signal the plain ratio would be about 1/sqrt(groups). The
/// jackknife over groups takes that away, and the ratio's square may come out negative, and then so does its root: the signal is lost in
/// the noise of this many groups. The root's error is d/dr sqrt(r) times the square's: a ratio is seen where it is four of its errors.
/// Shapes: `log_weights` `[n, samples]`, `gradients` `[n, samples, outputs]`; two groups at least.
pub fn ratio(log_weights: &[f64], gradients: &[f64], samples: usize, outputs: usize, k: usize) -> Estimate {
    let groups = samples / k;
    assert!(
        groups > 1 && log_weights.len().is_multiple_of(samples) && gradients.len() == log_weights.len() * outputs,
        "{samples} samples are not two groups of {k}"
    );
    let mut rows = vec![Vec::new(); groups];
    for (logs, of_one) in log_weights.chunks_exact(samples).zip(gradients.chunks_exact(samples * outputs)) {
        let of_groups = logs.chunks_exact(k).zip(of_one.chunks_exact(k * outputs));
        for (row, (logs, of_group)) in rows.iter_mut().zip(of_groups) {
            row.extend(gradient(logs, of_group, outputs).into_iter().flat_map(|g| [g, g * g]));
        }
    }
    let squared = jackknife(&rows, |means| {
        let (mut signal, mut noise) = (0.0, 0.0);
        for pair in means.chunks_exact(2) {
            signal += pair[0] * pair[0];
            noise += pair[1] - pair[0] * pair[0];
        }
        signal / noise
    });
    let root = libm::copysign(libm::sqrt(squared.mean.abs()), squared.mean);
    Estimate { mean: root, standard_error: 0.5 * squared.standard_error / root.abs(), ..squared }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elbo::{LinearGaussian, Normal};
    use crate::quadrature::GaussHermite;
    use crate::rng::Rng;

    const MODEL: LinearGaussian = LinearGaussian { mu_p: 0.0, sigma_p: 1.0, weight: 1.2, bias: 0.3, sigma_x: 0.7 };
    const X: f64 = 1.9;
    const Q: Normal = Normal { mu: 0.2, log_var: -0.6 };

    /// log w and its gradient in mu and log_var at a noise: d log p(x, z)/dz, and that times sigma·eps/2 and ½ of the entropy more.
    fn sample(eps: f64) -> (f64, [f64; 2]) {
        let z = Q.sample(eps);
        let slope = (X - MODEL.weight * z - MODEL.bias) * MODEL.weight / (MODEL.sigma_x * MODEL.sigma_x) - z;
        (MODEL.elbo_sample(X, &Q, eps), [slope, 0.5 * Q.sigma() * eps * slope + 0.5])
    }

    fn table(count: usize, seed: u64) -> (Vec<f64>, Vec<f64>) {
        let mut rng = Rng::new(seed);
        let all: Vec<_> = (0..count).map(|_| sample(rng.normal())).collect();
        (all.iter().map(|one| one.0).collect(), all.iter().flat_map(|one| one.1).collect())
    }

    /// The ratio for both outputs together by quadrature over the noise of two samples, K = 1 and K = 2.
    fn exact(k: usize) -> f64 {
        let rule = GaussHermite::new(60);
        let of = |a: f64, b: f64| {
            let all = [sample(a), sample(b)];
            let logs: Vec<f64> = all[..k].iter().map(|one| one.0).collect();
            gradient(&logs, &all[..k].iter().flat_map(|one| one.1).collect::<Vec<_>>(), 2)
        };
        let mean =
            |f: &dyn Fn(&[f64]) -> f64| rule.expectation(0.0, 0.0, |a| rule.expectation(0.0, 0.0, |b| f(&of(a, b))));
        let means = [mean(&|g| g[0]), mean(&|g| g[1])];
        let squares = mean(&|g| g[0] * g[0]) + mean(&|g| g[1] * g[1]);
        let signal = means[0] * means[0] + means[1] * means[1];
        (signal / (squares - signal)).sqrt()
    }

    #[test]
    fn the_ratio_is_that_of_quadrature_and_falls_as_the_root_of_k() {
        let (logs, gradients) = table(1 << 17, 5);
        let by = |k: usize| ratio(&logs, &gradients, logs.len(), 2, k);
        for k in [1, 2] {
            let found = by(k);
            assert!((found.mean - exact(k)).abs() < 4.5 * found.standard_error, "{k}: {found:?} {}", exact(k));
            assert!(found.standard_error < 0.03 * found.mean, "{found:?}");
        }
        // From K = 8 to 32 it falls by 2 in the theory's limit.
        let fall = by(8).mean / by(32).mean;
        assert!((1.5..2.8).contains(&fall), "{fall}");
    }

    /// At K = 1 the mean is the gradient of the ELBO, by central differences of its closed form.
    #[test]
    fn one_sample_has_the_elbos_gradient() {
        let (_, gradients) = table(20_000, 6);
        for output in 0..2 {
            let found = Estimate::of(&gradients.chunks_exact(2).map(|g| g[output]).collect::<Vec<_>>());
            let at = |h: f64| {
                let q = if output == 0 { Normal { mu: Q.mu + h, ..Q } } else { Normal { log_var: Q.log_var + h, ..Q } };
                MODEL.elbo(X, &q).elbo
            };
            let slope = (at(1e-4) - at(-1e-4)) / 2e-4;
            assert!((found.mean - slope).abs() < 4.5 * found.standard_error, "{output}: {found:?} {slope}");
        }
    }

    /// Without any signal the plain ratio of 16 groups would be about 1/4; the corrected one is 0 within its error. And the error is the
    /// spread over other samples.
    #[test]
    fn no_signal_is_none_and_the_error_is_the_spread() {
        let mut rng = Rng::new(9);
        let mut squares = Vec::new();
        for _ in 0..200 {
            let noise: Vec<f64> = (0..16 * 8).map(|_| rng.normal()).collect();
            let found = ratio(&[0.0; 16 * 8], &noise, 16, 1, 1).mean;
            squares.push(found * found.abs());
        }
        let mean = Estimate::of(&squares);
        assert!(mean.mean.abs() < 0.02, "{mean:?}");
        let all: Vec<_> = (0..200)
            .map(|seed| {
                let (logs, g) = table(1024, 100 + seed);
                ratio(&logs, &g, 1024, 2, 8)
            })
            .collect();
        let spread = crate::estimate::variance(&all.iter().map(|one| one.mean).collect::<Vec<_>>()).sqrt();
        let said = (all.iter().map(|one| one.standard_error.powi(2)).sum::<f64>() / 200.0).sqrt();
        assert!((0.75..1.35).contains(&(said / spread)), "{said} said, {spread} seen");
    }
}
