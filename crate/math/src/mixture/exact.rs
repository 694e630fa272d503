//! The terms of (17) by quadrature, for one and two latent dimensions: without Monte Carlo noise, with the error of a grid.

use super::Mixture;
use crate::gaussian::{log_mean_exp, log_pdf, log_prior};
use crate::quadrature::Grid;

/// The terms of (17) without Monte Carlo, in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exact {
    /// I(x, z), between 0 and log N.
    pub mi: f64,
    /// KL\[q(z)‖p(z)\].
    pub marginal_kl: f64,
    /// 1/N sum_n KL\[q(z|x_n)‖p(z)\], in closed form.
    pub kl: f64,
    /// kl - mi - marginal_kl: the error of the grid.
    pub residual: f64,
    /// log N.
    pub log_n: f64,
}

impl Mixture {
    /// (17) on a one-dimensional grid around all components. Panics unless d = 1.
    ///
    /// The step is 1/16 of the narrowest component's sigma, or the range over 40,000 where that is wider.
    pub fn exact_1d(&self) -> Exact {
        assert_eq!(self.d, 1, "exact_1d needs one latent dimension");
        /// Points per standard deviation of the narrowest component.
        const FINE: f64 = 16.0;
        let grid = self.grid(0, FINE, 40_000);
        let n = self.len() as f64;
        let mut components = vec![0.0; self.len()];
        let (mut mi, mut marginal_kl) = (0.0, 0.0);
        for z in grid.points.chunks_exact(1) {
            self.log_components(z, &mut components);
            let log_q = log_mean_exp(&components);
            let q = libm::exp(log_q);
            if q == 0.0 {
                continue; // so is every component
            }
            marginal_kl += q * (log_q - log_prior(z));
            for &component in &components {
                mi += libm::exp(component) / n * (component - log_q);
            }
        }
        self.exact_terms(mi * grid.step, marginal_kl * grid.step)
    }

    /// (17) on a two-dimensional grid around all components. Panics unless d = 2.
    ///
    /// Along each axis the step is 1/4 of the narrowest component's sigma, or the range over 400 where that is wider: components
    /// much narrower than 1/100 of the picture lose digits, and the residual shows it.
    pub fn exact_2d(&self) -> Exact {
        assert_eq!(self.d, 2, "exact_2d needs two latent dimensions");
        const FINE: f64 = 4.0;
        let (first, second) = (self.grid(0, FINE, 400), self.grid(1, FINE, 400));
        let n = self.len();
        // A component is the product of one function of each coordinate: exponentials only along the axes.
        let (rows, columns) = (self.factors(0, &first), self.factors(1, &second));
        let (mut mi, mut marginal_kl) = (0.0, 0.0);
        for (i, row) in rows.chunks_exact(n).enumerate() {
            for (j, column) in columns.chunks_exact(n).enumerate() {
                let (mut total, mut weighted) = (0.0, 0.0);
                for ((log_a, a), (log_b, b)) in row.iter().zip(column) {
                    let density = a * b;
                    total += density;
                    weighted += density * (log_a + log_b);
                }
                if total == 0.0 {
                    continue; // so is every component
                }
                let log_q = libm::log(total) - self.log_n();
                mi += (weighted - total * log_q) / n as f64;
                marginal_kl += total / n as f64 * (log_q - log_prior(&[first.points[i], second.points[j]]));
            }
        }
        let cell = first.step * second.step;
        self.exact_terms(mi * cell, marginal_kl * cell)
    }

    /// The density of coordinates `axes` of z under q(z), on the grid `rows` × `columns`: `axes[0]` runs along columns,
    /// `axes[1]` along rows. Shape: `[rows, columns]`. In two dimensions with axes 0 and 1 it is q(z) itself.
    pub fn plane(&self, axes: [usize; 2], columns: &Grid, rows: &Grid) -> Vec<f64> {
        let n = self.len();
        let (across, up) = (self.factors(axes[0], columns), self.factors(axes[1], rows));
        let density = |row: &[(f64, f64)], column: &[(f64, f64)]| {
            row.iter().zip(column).map(|((_, a), (_, b))| a * b).sum::<f64>() / n as f64
        };
        up.chunks_exact(n).flat_map(|row| across.chunks_exact(n).map(move |column| density(row, column))).collect()
    }

    /// For each point of the grid and each component n the log density of coordinate `axis` and that density: `[points, N]`.
    fn factors(&self, axis: usize, grid: &Grid) -> Vec<(f64, f64)> {
        let component = |n: usize, z: f64| {
            let at = n * self.d + axis;
            let log_density = log_pdf(z, self.mu[at], self.log_var[at]);
            (log_density, libm::exp(log_density))
        };
        grid.points.iter().flat_map(|&z| (0..self.len()).map(move |n| component(n, z))).collect()
    }

    /// Even points along an axis that cover every component by 9 standard deviations.
    fn grid(&self, axis: usize, per_sigma: f64, most: usize) -> Grid {
        /// Standard deviations covered; what lies beyond weighs 1e-19.
        const REACH: f64 = 9.0;
        let (mut low, mut high, mut narrowest) = (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY);
        for (mu, log_var) in self.mu.chunks_exact(self.d).zip(self.log_var.chunks_exact(self.d)) {
            let sigma = libm::exp(0.5 * log_var[axis]);
            low = low.min(mu[axis] - REACH * sigma);
            high = high.max(mu[axis] + REACH * sigma);
            narrowest = narrowest.min(sigma);
        }
        let count = libm::ceil((high - low) / narrowest * per_sigma) as usize + 1;
        Grid::new(low, high, count.min(most))
    }

    /// Sums over the grid's cells, with what they should add up to. Both integrands vanish at the grid's ends, where the
    /// trapezoid rule is the plain sum.
    fn exact_terms(&self, mi: f64, marginal_kl: f64) -> Exact {
        let kl = self.average_kl();
        Exact { mi, marginal_kl, kl, residual: kl - mi - marginal_kl, log_n: self.log_n() }
    }
}
