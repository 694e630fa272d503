//! The terms of (17) by quadrature, for one and two latent dimensions: without Monte Carlo noise, with the error of a grid, which is known
//! from a coarser one.

use super::Mixture;
use crate::gaussian::{LN_2PI, log_mean_exp, log_pdf, log_prior};
use crate::quadrature::{EXACT, Grid, is_converged};

/// The terms of (17) without Monte Carlo, in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exact {
    /// I(x, z), between 0 and log N.
    pub mi: f64,
    /// KL\[q(z)‖p(z)\].
    pub marginal_kl: f64,
    /// 1/N sum_n KL\[q(z|x_n)‖p(z)\], in closed form.
    pub kl: f64,
    /// kl - mi - marginal_kl: 0 but for the error of the grid.
    pub residual: f64,
    /// By how much I(x, z) or the marginal KL, whichever changes more, differ on a grid of twice the spacing.
    pub coarser: f64,
    /// log N.
    pub log_n: f64,
}

impl Exact {
    /// Whether the terms are exact to 1e-3 nats: they add up to better than that, and the spacing is fine enough ([`is_converged`]).
    pub fn is_exact(&self) -> bool {
        self.residual.abs() < EXACT && is_converged(self.coarser)
    }
}

/// Points per standard deviation of the narrowest component in two dimensions.
const FINE: f64 = 4.0;

/// I(x, z) and KL\[q(z)‖p(z)\] on the grid and on every second of its points.
#[derive(Default)]
struct Sums {
    fine: [f64; 2],
    coarse: [f64; 2],
}

impl Sums {
    /// Adds what one point contributes, weighted for the fine grid and for the coarse one.
    fn add(&mut self, terms: [f64; 2], fine: f64, coarse: f64) {
        for (k, term) in terms.into_iter().enumerate() {
            self.fine[k] += fine * term;
            self.coarse[k] += coarse * term;
        }
    }
}

impl Mixture {
    /// (17) on a one-dimensional grid around all components. Panics unless d = 1.
    ///
    /// The step is 1/16 of the narrowest component's sigma, or the range over 40,000 where that is wider.
    pub fn exact_1d(&self) -> Exact {
        assert_eq!(self.d, 1, "exact_1d needs one latent dimension");
        let grid = self.grid_1d(1.0);
        let n = self.len() as f64;
        let mut components = vec![0.0; self.len()];
        let mut sums = Sums::default();
        for (i, z) in grid.points.chunks_exact(1).enumerate() {
            self.log_components(z, &mut components);
            let log_q = log_mean_exp(&components);
            let q = libm::exp(log_q);
            if q == 0.0 {
                continue; // so is every component
            }
            let mi = components.iter().map(|component| libm::exp(*component) / n * (component - log_q)).sum::<f64>();
            let coarse = if i.is_multiple_of(2) { 2.0 * grid.step } else { 0.0 };
            sums.add([mi, q * (log_q - log_prior(z))], grid.step, coarse);
        }
        self.exact_terms(&sums)
    }

    /// (17) in two dimensions. Panics unless d = 2.
    ///
    /// On one grid around all components, of a quarter of the narrowest sigma, where 400 points along each axis are enough for that; else
    /// component by component, each on a grid of its own.
    pub fn exact_2d(&self) -> Exact {
        assert_eq!(self.d, 2, "exact_2d needs two latent dimensions");
        self.one_grid(1.0).map_or_else(|| self.by_component(), |grids| self.on_one_grid(&grids))
    }

    /// The grid of one dimension, `finer` times as fine.
    pub(super) fn grid_1d(&self, finer: f64) -> Grid {
        /// Points per standard deviation of the narrowest component.
        const FINE: f64 = 16.0;
        self.grid(0, FINE * finer, 40_000)
    }

    /// One grid around all components, where 400 points along each axis make it `finer` times a quarter of the narrowest sigma.
    pub(super) fn one_grid(&self, finer: f64) -> Option<[Grid; 2]> {
        const MOST: usize = 400;
        let enough = [0, 1].map(|axis| self.points_needed(axis, FINE * finer) <= MOST);
        (enough == [true; 2]).then(|| [0, 1].map(|axis| self.grid(axis, FINE * finer, MOST)))
    }

    /// Sums over one grid around all components.
    pub(super) fn on_one_grid(&self, [first, second]: &[Grid; 2]) -> Exact {
        let n = self.len();
        let cell = first.step * second.step;
        // A component is the product of one function of each coordinate: exponentials only along the axes.
        let (rows, columns) = (self.factors(0, &first.points), self.factors(1, &second.points));
        let mut sums = Sums::default();
        for (i, row) in rows.chunks_exact(n).enumerate() {
            for (j, column) in columns.chunks_exact(n).enumerate() {
                let (total, weighted) = total_and_weighted(row, column);
                if total == 0.0 {
                    continue; // so is every component
                }
                let log_q = libm::log(total) - self.log_n();
                let log_prior = log_prior(&[first.points[i], second.points[j]]);
                let terms = [(weighted - total * log_q) / n as f64, total / n as f64 * (log_q - log_prior)];
                let coarse = if i.is_multiple_of(2) && j.is_multiple_of(2) { 4.0 * cell } else { 0.0 };
                sums.add(terms, cell, coarse);
            }
        }
        self.exact_terms(&sums)
    }

    /// 1/N sum_n E\[log N - H(q(m|z))\] and 1/N sum_n E\[log q(z)/p(z)\], each expectation over q(z|x_n) on a grid around that component:
    /// components far apart cost no points in between.
    ///
    /// The step is a quarter of the component's sigma, or of that of a narrower one beside it, as far as 121 points along an axis go.
    pub(super) fn by_component(&self) -> Exact {
        let n = self.len();
        let mut sums = Sums::default();
        for component in 0..n {
            let [first, second] = [0, 1].map(|axis| self.own_grid(component, axis, 1.0));
            let (rows, columns) = (self.factors(0, &first.points), self.factors(1, &second.points));
            let log_prior = |axis: usize| {
                let at = component * self.d + axis;
                -0.5 * (LN_2PI + self.mu[at] * self.mu[at] + libm::exp(self.log_var[at]))
            };
            let expected_log_prior = log_prior(0) + log_prior(1);
            for (i, row) in rows.chunks_exact(n).enumerate() {
                for (j, column) in columns.chunks_exact(n).enumerate() {
                    let (total, weighted) = total_and_weighted(row, column);
                    if total == 0.0 {
                        continue; // the tail of a component so narrow that its density there is no number
                    }
                    let log_total = libm::log(total);
                    let information = self.log_n() - (log_total - weighted / total);
                    let terms = [information, log_total - self.log_n() - expected_log_prior];
                    let fine = first.fine[i] * second.fine[j] / n as f64;
                    let coarse = first.coarse[i] * second.coarse[j] / n as f64;
                    sums.add(terms, fine, coarse);
                }
            }
        }
        self.exact_terms(&sums)
    }

    /// The points around component `n` along an axis and their weights under it, `finer` times as fine.
    pub(super) fn own_grid(&self, n: usize, axis: usize, finer: f64) -> OwnGrid {
        /// Standard deviations covered on either side, and the most points.
        const REACH: f64 = 7.0;
        const MOST: f64 = 121.0;
        let of = |n: usize, axis: usize| {
            let at = n * self.d + axis;
            (self.mu[at], libm::exp(0.5 * self.log_var[at]))
        };
        let (mu, sigma) = of(n, axis);
        let beside = |m: &usize| {
            (0..self.d).all(|axis| {
                let ((a, wide), (b, narrow)) = (of(n, axis), of(*m, axis));
                (a - b).abs() < REACH * (wide + narrow)
            })
        };
        let narrowest = (0..self.len()).filter(beside).map(|m| of(m, axis).1).fold(sigma, f64::min);
        let half = libm::ceil((REACH * sigma / narrowest * FINE * finer).min(0.5 * (MOST - 1.0)) * 0.5) * 2.0;
        let count = 2 * half as usize + 1;
        let t = |i: usize| REACH * (i as f64 / half - 1.0);
        let density = |i: usize| libm::exp(-0.5 * t(i) * t(i));
        let normalised = |weights: Vec<f64>| {
            let sum: f64 = weights.iter().sum();
            weights.into_iter().map(|weight| weight / sum).collect()
        };
        OwnGrid {
            points: (0..count).map(|i| mu + sigma * t(i)).collect(),
            fine: normalised((0..count).map(density).collect()),
            coarse: normalised((0..count).map(|i| if i.is_multiple_of(2) { density(i) } else { 0.0 }).collect()),
        }
    }

    /// The density of coordinates `axes` of z under q(z), on the grid `rows` × `columns`: `axes[0]` runs along columns,
    /// `axes[1]` along rows. Shape: `[rows, columns]`. In two dimensions with axes 0 and 1 it is q(z) itself.
    pub fn plane(&self, axes: [usize; 2], columns: &Grid, rows: &Grid) -> Vec<f64> {
        let n = self.len();
        let (across, up) = (self.factors(axes[0], &columns.points), self.factors(axes[1], &rows.points));
        let density = |row: &[(f64, f64)], column: &[(f64, f64)]| {
            row.iter().zip(column).map(|((_, a), (_, b))| a * b).sum::<f64>() / n as f64
        };
        up.chunks_exact(n).flat_map(|row| across.chunks_exact(n).map(move |column| density(row, column))).collect()
    }

    /// For each point and each component n the log density of coordinate `axis` and that density: `[points, N]`.
    pub(super) fn factors(&self, axis: usize, points: &[f64]) -> Vec<(f64, f64)> {
        let component = |n: usize, z: f64| {
            let at = n * self.d + axis;
            let log_density = log_pdf(z, self.mu[at], self.log_var[at]);
            (log_density, libm::exp(log_density))
        };
        points.iter().flat_map(|&z| (0..self.len()).map(move |n| component(n, z))).collect()
    }

    /// Even points along an axis that cover every component by 9 standard deviations: as many as are needed, or the most.
    pub(super) fn grid(&self, axis: usize, per_sigma: f64, most: usize) -> Grid {
        let [low, high, _] = self.extent(axis);
        Grid::new(low, high, self.points_needed(axis, per_sigma).min(most))
    }

    /// Points along an axis for this many in the narrowest component's sigma.
    fn points_needed(&self, axis: usize, per_sigma: f64) -> usize {
        let [low, high, narrowest] = self.extent(axis);
        libm::ceil((high - low) / narrowest * per_sigma) as usize + 1
    }

    /// The ends of an axis that covers every component, and the narrowest sigma.
    fn extent(&self, axis: usize) -> [f64; 3] {
        /// Standard deviations covered; what lies beyond weighs 1e-19.
        const REACH: f64 = 9.0;
        let (mut low, mut high, mut narrowest) = (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY);
        for (mu, log_var) in self.mu.chunks_exact(self.d).zip(self.log_var.chunks_exact(self.d)) {
            let sigma = libm::exp(0.5 * log_var[axis]);
            low = low.min(mu[axis] - REACH * sigma);
            high = high.max(mu[axis] + REACH * sigma);
            narrowest = narrowest.min(sigma);
        }
        [low, high, narrowest]
    }

    /// The sums with what they should add up to. All integrands vanish at the grid's ends, where the trapezoid rule is the plain sum.
    fn exact_terms(&self, sums: &Sums) -> Exact {
        let kl = self.average_kl();
        let [mi, marginal_kl] = sums.fine;
        let coarser = (mi - sums.coarse[0]).abs().max((marginal_kl - sums.coarse[1]).abs());
        Exact { mi, marginal_kl, kl, residual: kl - mi - marginal_kl, coarser, log_n: self.log_n() }
    }
}

/// Points along one axis around one component, with their weights under it: all of them, and every second.
pub(super) struct OwnGrid {
    pub(super) points: Vec<f64>,
    pub(super) fine: Vec<f64>,
    pub(super) coarse: Vec<f64>,
}

/// sum_n q_n(z) and sum_n q_n(z) log q_n(z), from the factors of each component along both axes.
fn total_and_weighted(row: &[(f64, f64)], column: &[(f64, f64)]) -> (f64, f64) {
    let (mut total, mut weighted) = (0.0, 0.0);
    for ((log_a, a), (log_b, b)) in row.iter().zip(column) {
        let density = a * b;
        total += density;
        weighted += density * (log_a + log_b);
    }
    (total, weighted)
}
