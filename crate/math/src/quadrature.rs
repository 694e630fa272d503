//! Deterministic integrals: Gauss–Hermite expectations under a normal, and the trapezoid rule on log values.
//! It knows no models.
//!
//! ```
//! use math::quadrature::{GaussHermite, Grid};
//! // Three nodes integrate degree 5 exactly: E eps⁴ = 3.
//! let fourth = GaussHermite::new(3).expectation(0.0, 0.0, |eps| eps.powi(4));
//! assert!((fourth - 3.0).abs() < 1e-14);
//! // log ∫ exp(-z²/2) dz = 1/2 log(2 pi).
//! let grid = Grid::new(-9.0, 9.0, 181);
//! let logs: Vec<f64> = grid.points.iter().map(|z| -0.5 * z * z).collect();
//! assert!((grid.log_integral(&logs) - 0.5 * std::f64::consts::TAU.ln()).abs() < 1e-14);
//! ```

use crate::gaussian::log_sum_exp;
use nalgebra::{DMatrix, SymmetricEigen};

/// Nodes and weights with sum_i w_i f(z_i) = E f(eps), eps ~ N(0, 1), exactly for polynomials f of degree up to 2n - 1.
#[derive(Clone, Debug, PartialEq)]
pub struct GaussHermite {
    /// z_i in increasing order.
    pub nodes: Vec<f64>,
    /// w_i, positive, summing to 1.
    pub weights: Vec<f64>,
}

impl GaussHermite {
    /// The rule with `n` nodes, 1 <= n <= 100.
    ///
    /// Nodes: the eigenvalues of the Jacobi matrix of the Hermite polynomials, which has sqrt(k) beside the diagonal (G. H. Golub and
    /// J. H. Welsch 1969), polished by Newton steps. Weights: w_i = 1 / sum_{k<n} h_k(z_i)² with h_k the orthonormal polynomials.
    pub fn new(n: usize) -> Self {
        assert!((1..=100).contains(&n), "a Gauss-Hermite rule has 1 to 100 nodes, not {n}");
        let jacobi = DMatrix::from_fn(n, n, |i, j| if i.abs_diff(j) == 1 { libm::sqrt(i.max(j) as f64) } else { 0.0 });
        let mut nodes: Vec<f64> = SymmetricEigen::new(jacobi).eigenvalues.iter().copied().collect();
        nodes.sort_by(f64::total_cmp);
        for node in &mut nodes {
            for _ in 0..3 {
                let h = orthonormal_hermite(n, *node);
                *node -= h[n] / (libm::sqrt(n as f64) * h[n - 1]); // h_n' = sqrt(n) h_{n-1}
            }
        }
        for i in 0..n / 2 {
            let distance = 0.5 * (nodes[n - 1 - i] - nodes[i]);
            (nodes[i], nodes[n - 1 - i]) = (-distance, distance);
        }
        if n % 2 == 1 {
            nodes[n / 2] = 0.0;
        }
        let weight = |&node: &f64| 1.0 / orthonormal_hermite(n, node)[..n].iter().map(|h| h * h).sum::<f64>();
        let weights = nodes.iter().map(weight).collect();
        Self { nodes, weights }
    }

    /// E f(z) for z ~ N(mu, exp(log_var)).
    pub fn expectation(&self, mu: f64, log_var: f64, f: impl Fn(f64) -> f64) -> f64 {
        let sigma = libm::exp(0.5 * log_var);
        self.nodes.iter().zip(&self.weights).map(|(node, weight)| weight * f(mu + sigma * node)).sum()
    }
}

/// h_0(z) .. h_n(z), orthonormal under N(0, 1): sqrt(k+1) h_{k+1} = z h_k - sqrt(k) h_{k-1}.
fn orthonormal_hermite(n: usize, z: f64) -> Vec<f64> {
    let mut h = vec![1.0, z];
    for k in 1..n {
        let next = (z * h[k] - libm::sqrt(k as f64) * h[k - 1]) / libm::sqrt(k as f64 + 1.0);
        h.push(next);
    }
    h
}

/// What "exact" promises on the page, in nats.
pub const EXACT: f64 = 1e-3;

/// Whether a trapezoid rule is exact to [`EXACT`], from what the last halving of its spacing changed: for a smooth integrand the
/// error falls faster than any power of the spacing, with kinks like its square, and is then a third of that change.
pub fn is_converged(change: f64) -> bool {
    change.abs() < 3.0 * EXACT
}

/// Evenly spaced points with both ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// The points in increasing order.
    pub points: Vec<f64>,
    /// Distance between neighbours.
    pub step: f64,
}

impl Grid {
    /// `count` points from `low` to `high`. Panics for fewer than two points or an empty range.
    pub fn new(low: f64, high: f64, count: usize) -> Self {
        assert!(
            count >= 2 && low < high,
            "a grid needs two points and a range, not {count} points from {low} to {high}"
        );
        let step = (high - low) / (count - 1) as f64;
        let mut points: Vec<f64> = (0..count).map(|i| low + step * i as f64).collect();
        points[count - 1] = high;
        Self { points, step }
    }

    /// log ∫ f by the trapezoid rule from log f at the grid's points, without overflow.
    ///
    /// The error falls faster than any power of the step when f and its derivatives vanish at both ends.
    pub fn log_integral(&self, log_values: &[f64]) -> f64 {
        assert_eq!(log_values.len(), self.points.len(), "one log value per grid point");
        log_sum_exp(&half_ends(log_values)) + libm::log(self.step)
    }

    /// ∫ f by the trapezoid rule from f at the grid's points.
    pub fn integral(&self, values: &[f64]) -> f64 {
        assert_eq!(values.len(), self.points.len(), "one value per grid point");
        let ends = 0.5 * (values[0] + values[values.len() - 1]);
        (values.iter().sum::<f64>() - ends) * self.step
    }
}

fn half_ends(log_values: &[f64]) -> Vec<f64> {
    let mut values = log_values.to_vec();
    let last = values.len() - 1;
    values[0] -= std::f64::consts::LN_2;
    values[last] -= std::f64::consts::LN_2;
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gaussian::{log_pdf, sigmoid};

    #[test]
    fn polynomials_are_integrated_exactly() {
        for n in [1, 2, 5, 20, 64, 100] {
            let rule = GaussHermite::new(n);
            assert!((rule.weights.iter().sum::<f64>() - 1.0).abs() < 1e-13, "{n}");
            let mut moment = 1.0; // E eps^(2k) = (2k - 1)!!
            for k in 1..n.min(12) {
                moment *= 2.0 * k as f64 - 1.0;
                let found = rule.expectation(0.0, 0.0, |z| z.powi(2 * k as i32));
                assert!((found / moment - 1.0).abs() < 1e-11, "n {n} k {k}: {found} {moment}");
                assert!(rule.expectation(0.0, 0.0, |z| z.powi(2 * k as i32 - 1)).abs() < 1e-9 * moment);
            }
        }
        // numpy.polynomial.hermite_e.hermegauss(5): nodes, weights / sqrt(2 pi)
        let rule = GaussHermite::new(5);
        assert!((rule.nodes[4] - 2.856_970_013_872_806).abs() < 1e-14 && rule.nodes[2] == 0.0);
        assert!((rule.weights[4] - 0.011_257_411_327_720_69).abs() < 1e-15);
    }

    #[test]
    fn both_rules_agree_on_a_function_that_is_no_polynomial() {
        let (mu, log_var) = (0.7, -0.4);
        let grid = Grid::new(-9.0, 10.0, 2001);
        let values: Vec<f64> = grid.points.iter().map(|&z| libm::exp(log_pdf(z, mu, log_var)) * sigmoid(z)).collect();
        let logs: Vec<f64> = values.iter().map(|&value| libm::log(value)).collect();
        let expected = GaussHermite::new(60).expectation(mu, log_var, sigmoid);
        assert!((grid.integral(&values) - expected).abs() < 1e-12);
        assert!((libm::exp(grid.log_integral(&logs)) - expected).abs() < 1e-12);
    }

    #[test]
    fn densities_have_integral_one_however_small_they_are() {
        let grid = Grid::new(-9.0, 7.0, 161);
        let logs: Vec<f64> = grid.points.iter().map(|&z| log_pdf(z, -1.0, 0.1) - 5000.0).collect();
        assert!((grid.log_integral(&logs) + 5000.0).abs() < 1e-10);
    }
}
