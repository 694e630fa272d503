//! Maximum mean discrepancy between two sets of codes, section 4 (A. Gretton et al., JMLR 13, 2012; Zhao et al., InfoVAE, 2019).
//!
//! MMD²(q, p) = E k(z, z') - 2 E k(z, y) + E k(y, y'), z, z' ~ q, y, y' ~ p, all independent. Points are rows of flat arrays `[n, d]`.
//!
//! ```
//! use math::mmd::{Kernel, estimate};
//! let points = [0.0, 1.0, 2.0];
//! assert!(estimate(&points, &points, 1, Kernel::rbf(1)).biased.abs() < 1e-15);
//! // Two points too far apart for the kernel: 1 - 0 + 1.
//! assert_eq!(estimate(&[0.0], &[100.0], 1, Kernel::rbf(1)).biased, 2.0);
//! ```

use crate::estimate::jackknife_variance;

/// A positive definite function of the distance between two points, 1 at distance 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kernel {
    /// exp(-|a - b|²/(2 s²)): the Gaussian radial basis function.
    Rbf {
        /// 2 s², twice the squared bandwidth. Positive.
        two_s2: f64,
    },
    /// c/(c + |a - b|²): heavier tails, with which far points still count.
    InverseMultiquadratic {
        /// The squared distance at which the kernel is 1/2. Positive.
        c: f64,
    },
}

impl Kernel {
    /// The Gaussian kernel with the lecture's default bandwidth, 2 s² = d latent dimensions.
    pub fn rbf(d: usize) -> Self {
        Self::Rbf { two_s2: d as f64 }
    }

    /// The inverse multiquadratic kernel with c = 2 d, the expected squared distance of two points of the prior
    /// (I. Tolstikhin et al., Wasserstein auto-encoders, 2018).
    pub fn inverse_multiquadratic(d: usize) -> Self {
        Self::InverseMultiquadratic { c: 2.0 * d as f64 }
    }

    /// The kernel at a squared distance.
    pub fn at(&self, distance2: f64) -> f64 {
        match *self {
            Self::Rbf { two_s2 } => libm::exp(-distance2 / two_s2),
            Self::InverseMultiquadratic { c } => c / (c + distance2),
        }
    }
}

/// Both estimates of MMD² from samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mmd2 {
    /// The V-statistic, which pairs every point with itself too: never negative, too large by about (1/n + 1/m)(1 - E k).
    pub biased: f64,
    /// The U-statistic, without those pairs: right on average, hence sometimes negative when the truth is near 0.
    /// NaN when either set has fewer than two points.
    pub unbiased: f64,
}

/// MMD² between the points `z` `[n, d]` and `y` `[m, d]`.
pub fn estimate(z: &[f64], y: &[f64], d: usize, kernel: Kernel) -> Mmd2 {
    assert!(
        d > 0 && z.len().is_multiple_of(d) && y.len().is_multiple_of(d),
        "points [n, {d}] cannot have {} and {} entries",
        z.len(),
        y.len()
    );
    let (n, m) = ((z.len() / d) as f64, (y.len() / d) as f64);
    // Each unordered pair once; a point with itself has kernel 1.
    let (zz, yy) = (2.0 * sum_within(z, d, kernel), 2.0 * sum_within(y, d, kernel));
    let zy: f64 = z.chunks_exact(d).map(|a| y.chunks_exact(d).map(|b| kernel.at(distance2(a, b))).sum::<f64>()).sum();
    let across = 2.0 * zy / (n * m);
    Mmd2 {
        biased: (zz + n) / (n * n) + (yy + m) / (m * m) - across,
        unbiased: zz / (n * (n - 1.0)) + yy / (m * (m - 1.0)) - across,
    }
}

/// Both estimates of MMD² from two sets of equally many points, and the standard error of the unbiased one by the jackknife.
///
/// SE² = (n - 1)/n sum_i (t_i - mean t)², t_i the estimate without the i-th point of either set (B. Efron and C. Stein, Annals of
/// Statistics 9, 1981). Near q = p, where the statistic degenerates, it is up to sqrt 2 too large, never too small on average.
/// Shapes: both `[n, d]`, n at least 3.
pub fn estimate_with_error(z: &[f64], y: &[f64], d: usize, kernel: Kernel) -> (Mmd2, f64) {
    assert!(z.len() == y.len() && z.len() >= 3 * d, "the jackknife needs two sets of equally many points, at least 3");
    let n = z.len() / d;
    // For each i the sum over the pairs that leave with it; a point with itself is no pair within its set.
    let (mut zz, mut yy, mut zy) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let mut across = 0.0;
    for i in 0..n {
        let (z_i, y_i) = (&z[i * d..(i + 1) * d], &y[i * d..(i + 1) * d]);
        for j in 0..n {
            let (z_j, y_j) = (&z[j * d..(j + 1) * d], &y[j * d..(j + 1) * d]);
            let value = kernel.at(distance2(z_i, y_j));
            across += value;
            zy[i] += value;
            if j != i {
                zy[j] += value;
            }
            if j > i {
                let (within_z, within_y) = (kernel.at(distance2(z_i, z_j)), kernel.at(distance2(y_i, y_j)));
                zz[i] += within_z;
                zz[j] += within_z;
                yy[i] += within_y;
                yy[j] += within_y;
            }
        }
    }
    // Sums over ordered pairs.
    let within = zz.iter().sum::<f64>() + yy.iter().sum::<f64>();
    let size = n as f64;
    let statistic = |within: f64, across: f64, n: f64| within / (n * (n - 1.0)) - 2.0 * across / (n * n);
    let without = |i: usize| statistic(within - 2.0 * (zz[i] + yy[i]), across - zy[i], size - 1.0);
    let left_out: Vec<f64> = (0..n).map(without).collect();
    let estimates = Mmd2 {
        biased: (within + 2.0 * size) / (size * size) - 2.0 * across / (size * size),
        unbiased: statistic(within, across, size),
    };
    (estimates, libm::sqrt(jackknife_variance(&left_out)))
}

/// The exact MMD² between N(mu_q, diag exp log_var_q) and N(mu_p, diag exp log_var_p) for the Gaussian kernel.
///
/// E k(z, y) = prod_j (1 + 2 v_j/h)^(-1/2) exp(-delta_j²/(h + 2 v_j)), h = 2 s², since z - y is N(delta, diag v) with
/// delta = mu_q - mu_p and v the sum of the variances. Shapes: all `[d]`.
pub fn between_gaussians(mu_q: &[f64], log_var_q: &[f64], mu_p: &[f64], log_var_p: &[f64], two_s2: f64) -> f64 {
    let d = mu_q.len();
    assert!(
        log_var_q.len() == d && mu_p.len() == d && log_var_p.len() == d,
        "Gaussian parameters must have one number per dimension each"
    );
    let expected_kernel = |mu_a: &[f64], log_var_a: &[f64], mu_b: &[f64], log_var_b: &[f64]| {
        let log_factor = |j: usize| {
            let variance = libm::exp(log_var_a[j]) + libm::exp(log_var_b[j]);
            let delta = mu_a[j] - mu_b[j];
            -0.5 * libm::log1p(2.0 * variance / two_s2) - delta * delta / (two_s2 + 2.0 * variance)
        };
        libm::exp((0..d).map(log_factor).sum())
    };
    expected_kernel(mu_q, log_var_q, mu_q, log_var_q) - 2.0 * expected_kernel(mu_q, log_var_q, mu_p, log_var_p)
        + expected_kernel(mu_p, log_var_p, mu_p, log_var_p)
}

/// The exact MMD² between N(mu, I) and the standard normal prior for the Gaussian kernel: [`between_gaussians`] with unit variances.
pub fn shifted_prior(mu: &[f64], two_s2: f64) -> f64 {
    let zero = vec![0.0; mu.len()];
    between_gaussians(mu, &zero, &zero, &zero, two_s2)
}

fn sum_within(points: &[f64], d: usize, kernel: Kernel) -> f64 {
    let later = |i: usize| points[(i + 1) * d..].chunks_exact(d);
    points.chunks_exact(d).enumerate().map(|(i, a)| later(i).map(|b| kernel.at(distance2(a, b))).sum::<f64>()).sum()
}

fn distance2(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::Estimate;
    use crate::quadrature::GaussHermite;
    use crate::rng::Rng;

    fn normals(rng: &mut Rng, n: usize, mu: &[f64], sigma: f64) -> Vec<f64> {
        (0..n * mu.len()).map(|i| mu[i % mu.len()] + sigma * rng.normal()).collect()
    }

    /// The definition, every pair written out.
    fn by_definition(z: &[f64], y: &[f64], d: usize, kernel: Kernel, with_self: bool) -> f64 {
        let mean = |a: &[f64], b: &[f64], same: bool| {
            let (mut sum, mut count) = (0.0, 0.0);
            for (i, a) in a.chunks(d).enumerate() {
                for (j, b) in b.chunks(d).enumerate() {
                    if with_self || !same || i != j {
                        sum += kernel.at(distance2(a, b));
                        count += 1.0;
                    }
                }
            }
            sum / count
        };
        mean(z, z, true) - 2.0 * mean(z, y, false) + mean(y, y, true)
    }

    #[test]
    fn the_estimates_are_their_definitions() {
        let mut rng = Rng::new(1);
        let (z, y) = (normals(&mut rng, 7, &[0.3, -1.0, 0.0], 0.5), normals(&mut rng, 5, &[0.0; 3], 1.0));
        for kernel in [Kernel::rbf(3), Kernel::inverse_multiquadratic(3), Kernel::Rbf { two_s2: 0.2 }] {
            let found = estimate(&z, &y, 3, kernel);
            assert!((found.biased - by_definition(&z, &y, 3, kernel, true)).abs() < 1e-14);
            assert!((found.unbiased - by_definition(&z, &y, 3, kernel, false)).abs() < 1e-14);
            assert!(found.biased >= 0.0 && found.unbiased < found.biased);
        }
        assert!(estimate(&z, &z, 3, Kernel::rbf(3)).biased.abs() < 1e-15);
        assert!(estimate(&z[..3], &y, 3, Kernel::rbf(3)).unbiased.is_nan());
    }

    #[test]
    fn the_closed_form_is_the_integral() {
        let rule = GaussHermite::new(60);
        let (mu_q, log_var_q, mu_p, log_var_p, h) = (0.7, -1.0, -0.2, 0.3, 1.5);
        let mean = |(mu_a, log_var_a): (f64, f64), (mu_b, log_var_b): (f64, f64)| {
            let kernel = Kernel::Rbf { two_s2: h };
            rule.expectation(mu_a, log_var_a, |a| rule.expectation(mu_b, log_var_b, |b| kernel.at((a - b) * (a - b))))
        };
        let (q, p) = ((mu_q, log_var_q), (mu_p, log_var_p));
        let integral = mean(q, q) - 2.0 * mean(q, p) + mean(p, p);
        let closed = between_gaussians(&[mu_q], &[log_var_q], &[mu_p], &[log_var_p], h);
        assert!((closed - integral).abs() < 1e-10, "{closed} {integral}");
        assert!(shifted_prior(&[0.0; 4], 4.0).abs() < 1e-15);
        let shifts: Vec<f64> = [0.5, 1.0, 2.0, 10.0].iter().map(|&mu| shifted_prior(&[mu, 0.0], 2.0)).collect();
        assert!(shifts.is_sorted() && shifts[0] > 0.0);
        // Far apart the cross term is 0 and the others are (1 + 4/h)^(-d/2) each: 2/3 at h = d = 2.
        assert!((shifted_prior(&[100.0, 0.0], 2.0) - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn the_unbiased_estimate_is_unbiased_and_can_be_negative() {
        let mut rng = Rng::new(2);
        for mu in [[0.0, 0.0], [0.5, -0.3]] {
            let exact = shifted_prior(&mu, 2.0);
            let (mut unbiased, mut biased) = (Vec::new(), Vec::new());
            for _ in 0..400 {
                let (z, y) = (normals(&mut rng, 40, &mu, 1.0), normals(&mut rng, 30, &[0.0; 2], 1.0));
                let found = estimate(&z, &y, 2, Kernel::rbf(2));
                unbiased.push(found.unbiased);
                biased.push(found.biased);
            }
            let (mean, too_large) = (Estimate::of(&unbiased), Estimate::of(&biased));
            assert!((mean.mean - exact).abs() < 4.5 * mean.standard_error, "{mean:?} {exact}");
            // E k within N(mu, I) is (1 + 4/h)^(-d/2) = 1/3 here, so the bias is (1/n + 1/m)(1 - 1/3).
            let bias = (1.0 / 40.0 + 1.0 / 30.0) * 2.0 / 3.0;
            assert!((too_large.mean - exact - bias).abs() < 4.5 * too_large.standard_error);
            if exact == 0.0 {
                let negative = unbiased.iter().filter(|&&value| value < 0.0).count();
                assert!(negative > 100, "at q = p more than a quarter of the estimates are negative: {negative}");
            }
        }
    }

    #[test]
    fn the_jackknife_error_is_the_spread_over_repetitions() {
        let mut rng = Rng::new(4);
        for (mu, most) in [([0.8, -0.5], 1.2), ([0.0, 0.0], 1.7)] {
            let (mut values, mut errors) = (Vec::new(), Vec::new());
            for _ in 0..300 {
                let (z, y) = (normals(&mut rng, 30, &mu, 1.0), normals(&mut rng, 30, &[0.0; 2], 1.0));
                let (found, error) = estimate_with_error(&z, &y, 2, Kernel::rbf(2));
                let plain = estimate(&z, &y, 2, Kernel::rbf(2));
                assert!((found.biased - plain.biased).abs() + (found.unbiased - plain.unbiased).abs() < 1e-13);
                values.push(found.unbiased);
                errors.push(error);
            }
            let spread = libm::sqrt(crate::estimate::variance(&values));
            let ratio = errors.iter().sum::<f64>() / 300.0 / spread;
            assert!(ratio > 0.85 && ratio < most, "{mu:?}: {ratio}");
        }
    }

    #[test]
    fn both_kernels_tell_a_shift_from_none() {
        let mut rng = Rng::new(3);
        let (far, near) = (normals(&mut rng, 200, &[1.0; 4], 1.0), normals(&mut rng, 200, &[0.0; 4], 1.0));
        let prior = normals(&mut rng, 200, &[0.0; 4], 1.0);
        for kernel in [Kernel::rbf(4), Kernel::inverse_multiquadratic(4)] {
            assert!(
                estimate(&far, &prior, 4, kernel).unbiased > 10.0 * estimate(&near, &prior, 4, kernel).unbiased.abs()
            );
        }
    }
}
