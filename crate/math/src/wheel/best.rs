//! The best Gaussian: the largest ELBO over all (mu, log_var), by a grid search and then Newton steps.

use super::{Gaussian, RADIUS, TURN, Wheel, waves};

/// Means on the grid: every basin of z_1 is wider than twice their distance.
const MEANS: usize = 121;
/// The means cover [-6, 6].
const FURTHEST: f64 = 6.0;
/// Standard deviations tried at each mean.
const SIGMAS: [f64; 10] = [0.02, 0.04, 0.08, 0.14, 0.2, 0.28, 0.4, 0.55, 0.75, 1.0];
/// Newton steps at most; fewer than ten are usual.
const POLISH: usize = 60;

impl Wheel {
    /// argmax over (mu, log_var) of the ELBO of x: the limit of every mean-field optimisation that ends in the right basin.
    ///
    /// z_2 is quadratic, so its best (mu, log_var) follows from z_1's: m_2 = (x_2 - a C)/(1 + sigma_x²), v_2 = sigma_x²/(1 + sigma_x²).
    /// z_1's are searched on a grid of means and standard deviations; every local maximum there is polished by Newton steps.
    pub fn best(&self, x: [f64; 2]) -> Gaussian {
        let first = |mean: usize, sigma: usize| {
            [FURTHEST * (2.0 * mean as f64 / (MEANS - 1) as f64 - 1.0), 2.0 * libm::log(SIGMAS[sigma])]
        };
        let tried: Vec<Vec<f64>> = (0..MEANS)
            .map(|mean| (0..SIGMAS.len()).map(|sigma| self.profile(x, first(mean, sigma))).collect())
            .collect();
        let mut best = (f64::NEG_INFINITY, [0.0; 2]);
        for (mean, line) in tried.iter().enumerate() {
            for (sigma, &value) in line.iter().enumerate() {
                let beside = tried[mean.saturating_sub(1)..(mean + 2).min(MEANS)].iter().map(|line| line[sigma]);
                let along = line[sigma.saturating_sub(1)..(sigma + 2).min(SIGMAS.len())].iter().copied();
                if beside.chain(along).all(|near| value >= near) {
                    let polished = self.polish(x, first(mean, sigma));
                    best = if polished.0 > best.0 { polished } else { best };
                }
            }
        }
        self.completed(x, best.1)
    }

    /// z_1's (mu, log_var) with the best ones of z_2.
    pub(super) fn completed(&self, x: [f64; 2], [m, log_var]: [f64; 2]) -> Gaussian {
        if self.latent == 1 {
            return Gaussian { mu: [m, 0.0], log_var: [log_var, 0.0] };
        }
        let variance = self.sigma_x * self.sigma_x;
        let (_, c) = waves(m, libm::exp(log_var));
        let second = (x[1] - RADIUS * c) / (1.0 + variance);
        Gaussian { mu: [m, second], log_var: [log_var, libm::log(variance / (1.0 + variance))] }
    }

    /// The ELBO at z_1's (mu, log_var) and the best of z_2.
    fn profile(&self, x: [f64; 2], first: [f64; 2]) -> f64 {
        self.elbo(x, &self.completed(x, first))
    }

    /// Gradient of [`Wheel::elbo`] in z_1's (mu, log_var). At the best z_2 it is also the profile's gradient.
    pub fn gradient_first(&self, x: [f64; 2], q: &Gaussian) -> [f64; 2] {
        let (m, v) = (q.mu[0], libm::exp(q.log_var[0]));
        let m_2 = if self.latent == 2 { q.mu[1] } else { 0.0 };
        let (s, c) = waves(m, v);
        let (d, e) = (x[0] - m, x[1] - m_2);
        let (half, turn) = (0.5 * TURN * TURN, TURN);
        let by_m = -2.0 * d + 2.0 * RADIUS * (-s + d * turn * c + turn * turn * v * s + e * turn * s);
        let by_v = 1.0 + 2.0 * RADIUS * (-half * d * s - turn * c + half * turn * v * c + half * e * c);
        let precision = 1.0 / (self.sigma_x * self.sigma_x);
        [-m - 0.5 * precision * by_m, 0.5 * (1.0 - v) - 0.5 * precision * v * by_v]
    }

    /// Newton steps uphill on the profile, with a backtracking line search; plain gradient where the hill is not concave.
    fn polish(&self, x: [f64; 2], mut at: [f64; 2]) -> (f64, [f64; 2]) {
        let gradient = |p: [f64; 2]| self.gradient_first(x, &self.completed(x, p));
        let mut value = self.profile(x, at);
        for _ in 0..POLISH {
            let g = gradient(at);
            let h = 1e-5;
            let column = |k: usize| {
                let (mut up, mut down) = (at, at);
                up[k] += h;
                down[k] -= h;
                let (up, down) = (gradient(up), gradient(down));
                [(up[0] - down[0]) / (2.0 * h), (up[1] - down[1]) / (2.0 * h)]
            };
            let ([a, b_1], [b_2, d]) = (column(0), column(1));
            let b = 0.5 * (b_1 + b_2);
            let determinant = a * d - b * b;
            let mut step = if a < 0.0 && determinant > 0.0 {
                [-(d * g[0] - b * g[1]) / determinant, -(a * g[1] - b * g[0]) / determinant]
            } else {
                let length = libm::hypot(g[0], g[1]).max(1.0);
                [0.1 * g[0] / length, 0.1 * g[1] / length]
            };
            let moved = loop {
                let next = [at[0] + step[0], at[1] + step[1].clamp(-2.0, 2.0)];
                let there = self.profile(x, next);
                if there > value {
                    (at, value) = (next, there);
                    break true;
                }
                if step[0].abs().max(step[1].abs()) < 1e-9 {
                    break false;
                }
                step = [0.5 * step[0], 0.5 * step[1]];
            };
            if !moved {
                break;
            }
        }
        (value, at)
    }
}
