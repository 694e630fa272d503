//! The best Gaussian of a family: the largest ELBO over all of it, by a grid search and then Newton steps.

use super::{Family, Gaussian, RADIUS, TURN, Wheel, waves};

/// Means on the grid: every basin of z_1 is wider than twice their distance.
const MEANS: usize = 121;
/// The means cover [-6, 6].
const FURTHEST: f64 = 6.0;
/// Standard deviations tried at each mean.
const SIGMAS: [f64; 10] = [0.02, 0.04, 0.08, 0.14, 0.2, 0.28, 0.4, 0.55, 0.75, 1.0];
/// Newton steps at most; fewer than ten are usual.
const POLISH: usize = 60;

impl Wheel {
    /// argmax over the family of the ELBO of x: the limit of every mean-field optimisation that ends in the right basin.
    ///
    /// z_2 is quadratic, so what is best for it follows from z_1's (m, v): m_2 = (x_2 - a C)/(1 + sigma_x²), L_22² = sigma_x²/(1 + sigma_x²),
    /// and in the full family L_21 = sqrt(v) a w S/(1 + sigma_x²). (Given z_1 the true posterior's mean of z_2 is (x_2 - a cos w z_1)/(1 + sigma_x²),
    /// a curve; a Gaussian has a line, and the best line has the curve's mean slope.) At the same (m, v) the full family's ELBO is larger
    /// by v (a w S)²/(2 sigma_x² (1 + sigma_x²)). z_1's are searched on a grid of means and standard deviations; every local maximum there is polished by Newton steps.
    pub fn best(&self, x: [f64; 2], family: Family) -> Gaussian {
        let first = |mean: usize, sigma: usize| {
            [FURTHEST * (2.0 * mean as f64 / (MEANS - 1) as f64 - 1.0), 2.0 * libm::log(SIGMAS[sigma])]
        };
        let tried: Vec<Vec<f64>> = (0..MEANS)
            .map(|mean| (0..SIGMAS.len()).map(|sigma| self.profile(x, first(mean, sigma), family)).collect())
            .collect();
        let mut best = (f64::NEG_INFINITY, [0.0; 2]);
        for (mean, line) in tried.iter().enumerate() {
            for (sigma, &value) in line.iter().enumerate() {
                let beside = tried[mean.saturating_sub(1)..(mean + 2).min(MEANS)].iter().map(|line| line[sigma]);
                let along = line[sigma.saturating_sub(1)..(sigma + 2).min(SIGMAS.len())].iter().copied();
                if beside.chain(along).all(|near| value >= near) {
                    let polished = self.polish(x, first(mean, sigma), family);
                    best = if polished.0 > best.0 { polished } else { best };
                }
            }
        }
        self.completed(x, best.1, family)
    }

    /// z_1's (mu, log_var) with the best rest.
    pub(super) fn completed(&self, x: [f64; 2], [m, log_var]: [f64; 2], family: Family) -> Gaussian {
        if self.latent == 1 {
            return Gaussian::diagonal([m, 0.0], [log_var, 0.0]);
        }
        let variance = self.sigma_x * self.sigma_x;
        let (s, c) = waves(m, libm::exp(log_var));
        let second = (x[1] - RADIUS * c) / (1.0 + variance);
        let slope = match family {
            Family::Diagonal => 0.0,
            Family::Full => RADIUS * TURN * s / (1.0 + variance),
        };
        let lower = slope * libm::exp(0.5 * log_var);
        Gaussian { lower, ..Gaussian::diagonal([m, second], [log_var, libm::log(variance / (1.0 + variance))]) }
    }

    /// The ELBO at z_1's (mu, log_var) and the best rest.
    fn profile(&self, x: [f64; 2], first: [f64; 2], family: Family) -> f64 {
        self.elbo(x, &self.completed(x, first, family))
    }

    /// Gradient of [`Wheel::elbo`] in z_1's (mu, log_var). Where the rest is the best it is also the profile's gradient.
    pub fn gradient_first(&self, x: [f64; 2], q: &Gaussian) -> [f64; 2] {
        let (m, v) = (q.mu[0], libm::exp(q.log_var[0]));
        let (m_2, lower) = if self.latent == 2 { (q.mu[1], q.lower) } else { (0.0, 0.0) };
        let sigma = libm::exp(0.5 * q.log_var[0]);
        let (s, c) = waves(m, v);
        let (d, e) = (x[0] - m, x[1] - m_2);
        let (half, turn) = (0.5 * TURN * TURN, TURN);
        let by_m = -2.0 * d + 2.0 * RADIUS * (-s + d * turn * c + turn * turn * v * s + e * turn * s)
            - 2.0 * RADIUS * turn * turn * lower * sigma * c;
        let by_v = 1.0 + 2.0 * RADIUS * (-half * d * s - turn * c + half * turn * v * c + half * e * c)
            - RADIUS * turn * lower * s * (1.0 / sigma - turn * turn * sigma);
        let precision = 1.0 / (self.sigma_x * self.sigma_x);
        [-m - 0.5 * precision * by_m, 0.5 * (1.0 - v) - 0.5 * precision * v * by_v]
    }

    /// Derivative of [`Wheel::elbo`] in L_21, of two latent dimensions.
    pub fn gradient_lower(&self, q: &Gaussian) -> f64 {
        let sigma = libm::exp(0.5 * q.log_var[0]);
        let (s, _) = waves(q.mu[0], sigma * sigma);
        -q.lower - (q.lower - RADIUS * TURN * sigma * s) / (self.sigma_x * self.sigma_x)
    }

    /// Newton steps uphill on the profile, with a backtracking line search; plain gradient where the hill is not concave.
    fn polish(&self, x: [f64; 2], mut at: [f64; 2], family: Family) -> (f64, [f64; 2]) {
        let gradient = |p: [f64; 2]| self.gradient_first(x, &self.completed(x, p, family));
        let mut value = self.profile(x, at, family);
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
                let there = self.profile(x, next, family);
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
