//! The norm of a standard normal vector, slide 1.6: for z ~ N(0, I) of d dimensions ‖z‖ has the chi distribution with d degrees of freedom.
//!
//! ```
//! // In one dimension the half-normal; in many a shell of radius about √d that is no wider than in few.
//! assert!((math::chi::mean(1) - (2.0 / std::f64::consts::PI).sqrt()).abs() < 1e-14);
//! assert!(math::chi::cdf(9.0, 100) < 0.1 && math::chi::cdf(11.0, 100) > 0.9);
//! ```

use std::f64::consts::LN_2;

/// log p(‖z‖ = r) = (d - 1) log r - r²/2 - (d/2 - 1) log 2 - log Γ(d/2), for r >= 0 and d >= 1.
pub fn log_density(r: f64, d: usize) -> f64 {
    let half = 0.5 * d as f64;
    // 0 · log 0 is 0: the half-normal is finite at the origin.
    let power = if d == 1 { 0.0 } else { (d as f64 - 1.0) * libm::log(r) };
    power - 0.5 * r * r - (half - 1.0) * LN_2 - libm::lgamma(half)
}

/// E‖z‖ = √2 Γ((d + 1)/2) / Γ(d/2), a little less than √d: E‖z‖² is d, and the variance of ‖z‖ about 1/2.
pub fn mean(d: usize) -> f64 {
    let half = 0.5 * d as f64;
    libm::exp(0.5 * LN_2 + libm::lgamma(half + 0.5) - libm::lgamma(half))
}

/// P(‖z‖ <= r): the regularised lower incomplete gamma function at a = d/2 and x = r²/2.
///
/// By its series x^a e^-x / Γ(a + 1) · (1 + x/(a + 1) + x²/((a + 1)(a + 2)) + …), whose terms are all positive (NIST DLMF 8.11.4).
pub fn cdf(r: f64, d: usize) -> f64 {
    /// Above this x the first term is no longer a number, and the rest of the mass none.
    const ALL: f64 = 600.0;
    let (a, x) = (0.5 * d as f64, 0.5 * r * r);
    if x <= 0.0 {
        return 0.0;
    }
    if x > ALL && x > 4.0 * a {
        return 1.0;
    }
    let mut term = libm::exp(a * libm::log(x) - x - libm::lgamma(a + 1.0));
    let (mut sum, mut above) = (term, a);
    // The terms grow until `above` is x.
    while term > f64::EPSILON * sum || above < x {
        above += 1.0;
        term *= x / above;
        sum += term;
    }
    // Rounding; what is no number stays none.
    if sum > 1.0 { 1.0 } else { sum }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quadrature::Grid;
    use crate::rng::Rng;

    #[test]
    fn the_density_is_one_in_all_and_has_the_mean_and_the_distribution_function() {
        for d in [1, 2, 3, 16, 50] {
            let grid = Grid::new(0.0, 20.0, 40_001);
            let step = grid.points[1];
            // The trapezoid rule; at 0 only the half-normal has a density.
            let weight = |r: f64| if r == 0.0 { 0.5 } else { 1.0 };
            let p = |r: f64| weight(r) * step * log_density(r, d).exp();
            let total = |up_to: f64| grid.points.iter().filter(|&&r| r <= up_to).map(|&r| p(r)).sum::<f64>();
            assert!((total(20.0) - 1.0).abs() < 1e-6, "{d}: {}", total(20.0));
            let mean_of = grid.points.iter().map(|&r| r * p(r)).sum::<f64>();
            assert!((mean_of - mean(d)).abs() < 1e-6, "{d}: {mean_of} against {}", mean(d));
            for r in [0.5, 1.0, 4.0, 7.0] {
                let inside = total(r) - 0.5 * step * log_density(r, d).exp();
                assert!((inside - cdf(r, d)).abs() < 1e-6, "{d}, {r}: {inside} against {}", cdf(r, d));
            }
        }
    }

    /// In two dimensions, P(‖z‖ <= r) = 1 - exp(-r²/2); E‖z‖² = d = (E‖z‖)² + a variance below 1/2.
    #[test]
    fn closed_forms_and_limits() {
        for r in [0.0, 0.1, 1.0, 3.0, 8.0, 30.0, 50.0] {
            assert!((cdf(r, 2) - (1.0 - (-0.5 * r * r).exp())).abs() < 1e-12, "{r}");
        }
        for d in [1, 2, 16, 200, 2000] {
            let variance = d as f64 - mean(d) * mean(d);
            assert!(variance > 0.36 && variance < 0.5 + 1e-6, "{d}: {variance}");
            assert!(cdf(mean(d), d) > 0.45 && cdf(mean(d), d) < 0.6);
            assert!((cdf(mean(d) + 10.0, d) - 1.0).abs() < 1e-12);
        }
        assert!(log_density(0.0, 1).is_finite() && log_density(0.0, 2) == f64::NEG_INFINITY);
    }

    /// Half way between two independent draws of N(0, I) lies a draw of N(0, I/2): its norm is that of a draw, over √2.
    #[test]
    fn half_way_between_two_draws_the_norm_is_smaller_by_the_root_of_two() {
        const DRAWS: usize = 20_000;
        for d in [2, 16] {
            let mut rng = Rng::new(8);
            let half_way =
                |rng: &mut Rng| (0..d).map(|_| (0.5 * (rng.normal() + rng.normal())).powi(2)).sum::<f64>().sqrt();
            let norms: Vec<f64> = (0..DRAWS).map(|_| half_way(&mut rng)).collect();
            let found = crate::estimate::Estimate::of(&norms);
            let expected = mean(d) / 2.0_f64.sqrt();
            assert!((found.mean - expected).abs() < 4.0 * found.standard_error, "{d}: {found:?} against {expected}");
            assert!((expected - (0.5 * d as f64).sqrt()).abs() < 0.12, "about the root of d/2");
        }
    }
}
