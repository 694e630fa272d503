//! A toy model with known log p(x), posterior, best Gaussian posterior and gaps (slide 1.1).
//! It knows no training and no pictures.
//!
//! z ~ N(0, I), x ~ N(f(z), sigma_x² I) in the plane, with a point on a wheel for the decoder's mean:
//!
//! f(z) = (z_1 - a sin(w z_1), a cos(w z_1) + z_2),  a = 3/2, w = 2, and z_2 = 0 when there is one latent dimension.
//!
//! The curve z_2 = 0 is a prolate trochoid. It crosses itself at z_1 = ±1.1394..., well inside the prior, so that some
//! points of the plane have two equally good explanations, and no Gaussian holds both. Everything in nats.
//!
//! ```
//! use math::wheel::{Family, Wheel};
//! let model = Wheel::new(1, 0.5);
//! assert_eq!(model.decode([0.0, 0.0]), [0.0, 1.5]);
//! let x = [0.0, -0.97]; // next to the crossing
//! assert!(model.elbo(x, &model.best(x, Family::Diagonal)) < model.log_px(x) - 0.5);
//! ```

mod best;

use crate::gaussian::{LN_2PI, kl_to_standard_normal_1d, log_pdf, log_prior};
use crate::quadrature::Grid;
use crate::rng::Rng;

/// a, the radius of the wheel.
pub const RADIUS: f64 = 1.5;
/// w, the angle that the wheel turns per unit of z_1.
pub const TURN: f64 = 2.0;
/// The trapezoid rule over z_1 covers [-9, 9]: enough for points of the plane within 6 of the origin.
const REACH: f64 = 9.0;
/// Points of that rule: the narrowest posterior (sigma_x 0.1 where f is 5 times steeper than z) is 1.8 steps wide.
const POINTS: usize = 1801;

/// A Gaussian q(z) = N(mu, L Lᵀ) with L = ((sigma_1, 0), (lower, sigma_2)), sigma_j = exp(log_var_j/2).
///
/// The covariance of z_1 and z_2 is sigma_1 lower; with `lower` = 0 the Gaussian is diagonal and `log_var` are the logarithms of the
/// variances. With one latent dimension `lower` and the second entries are not read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaussian {
    /// Means.
    pub mu: [f64; 2],
    /// 2 log L_jj: the log variance of z_1, and that of z_2 given z_1.
    pub log_var: [f64; 2],
    /// L_21.
    pub lower: f64,
}

impl Gaussian {
    /// N(mu, diag exp(log_var)).
    pub const fn diagonal(mu: [f64; 2], log_var: [f64; 2]) -> Self {
        Self { mu, log_var, lower: 0.0 }
    }

    /// z = mu + L eps: the reparameterization, eq. (8).
    pub fn sample(&self, eps: [f64; 2]) -> [f64; 2] {
        let [first, second] = self.log_var.map(|log_var| libm::exp(0.5 * log_var));
        [self.mu[0] + first * eps[0], self.mu[1] + self.lower * eps[0] + second * eps[1]]
    }

    /// Standard deviations of z_1 and z_2, the roots of the covariance's diagonal.
    pub fn sigmas(&self) -> [f64; 2] {
        let [first, second] = self.log_var.map(|log_var| libm::exp(0.5 * log_var));
        [first, libm::hypot(self.lower, second)]
    }
}

/// The Gaussians among which the best one is looked for. With one latent dimension both are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Diagonal covariances.
    Diagonal,
    /// All covariances.
    Full,
}

/// The model: how many latent dimensions and how much noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wheel {
    latent: usize,
    sigma_x: f64,
}

impl Wheel {
    /// The model with 1 or 2 latent dimensions and the noise sigma_x of p(x|z), at least 0.1. Panics for others.
    pub fn new(latent: usize, sigma_x: f64) -> Self {
        assert!((1..=2).contains(&latent), "the wheel has 1 or 2 latent dimensions, not {latent}");
        assert!((0.1..=10.0).contains(&sigma_x), "the wheel's noise is 0.1 to 10, not {sigma_x}");
        Self { latent, sigma_x }
    }

    /// Latent dimensions, d_z.
    pub fn latent(&self) -> usize {
        self.latent
    }

    /// Standard deviation of p(x|z).
    pub fn sigma_x(&self) -> f64 {
        self.sigma_x
    }

    /// The decoder's mean f(z) = (z_1 - a sin(w z_1), a cos(w z_1) + z_2).
    pub fn decode(&self, z: [f64; 2]) -> [f64; 2] {
        let (sin, cos) = libm::sincos(TURN * z[0]);
        [z[0] - RADIUS * sin, RADIUS * cos + if self.latent == 2 { z[1] } else { 0.0 }]
    }

    /// A point of the model: z from the prior, x from p(x|z).
    pub fn sample(&self, rng: &mut Rng) -> [f64; 2] {
        let mean = self.decode([rng.normal(), rng.normal()]);
        [mean[0] + self.sigma_x * rng.normal(), mean[1] + self.sigma_x * rng.normal()]
    }

    /// log p(x|z).
    pub fn log_likelihood(&self, x: [f64; 2], z: [f64; 2]) -> f64 {
        let mean = self.decode(z);
        let log_var = 2.0 * libm::log(self.sigma_x);
        log_pdf(x[0], mean[0], log_var) + log_pdf(x[1], mean[1], log_var)
    }

    /// log p(x, z) = log p(x|z) + log p(z): the posterior up to a constant.
    pub fn log_joint(&self, x: [f64; 2], z: [f64; 2]) -> f64 {
        self.log_likelihood(x, z) + log_prior(&z[..self.latent])
    }

    /// log p(x, z_1), z_2 integrated out: given z_1, x_2 is N(a cos(w z_1), sigma_x² + 1) when there is a z_2.
    fn log_joint_first(&self, x: [f64; 2], z: f64) -> f64 {
        let mean = self.decode([z, 0.0]);
        let variance = self.sigma_x * self.sigma_x;
        let second = if self.latent == 2 { variance + 1.0 } else { variance };
        log_pdf(x[0], mean[0], libm::log(variance)) + log_pdf(x[1], mean[1], libm::log(second)) + log_prior(&[z])
    }

    /// log p(x) by the trapezoid rule over z_1 (z_2 is integrated in closed form), for x within 6 of the origin.
    pub fn log_px(&self, x: [f64; 2]) -> f64 {
        let grid = Grid::new(-REACH, REACH, POINTS);
        let logs: Vec<f64> = grid.points.iter().map(|&z| self.log_joint_first(x, z)).collect();
        grid.log_integral(&logs)
    }

    /// The ELBO of x at q, in closed form: E_q[log p(x|z)] - KL\[q‖p(z)\].
    ///
    /// Under q = N(m, v) in z_1, with S = exp(-w² v/2) sin(w m) and C = exp(-w² v/2) cos(w m), N(m_2, v_2) in z_2 and the covariance c:
    /// E|x - f(z)|² = (x_1 - m)² + v + 2a((x_1 - m) S - w v C) + (x_2 - m_2)² + v_2 - 2a ((x_2 - m_2) C + w c S) + a²,
    /// by E\[sin\] = S, E\[cos\] = C, Stein's E\[(z_1 - m) sin\] = w v C and E\[(z_2 - m_2) cos\] = -w c S, and a² (sin² + cos²) = a².
    /// KL = sum_j KL\[N(mu_j, L_jj²)‖N(0, 1)\] + L_21²/2, as tr L Lᵀ is the sum of the squares and |L| the product of the diagonal.
    pub fn elbo(&self, x: [f64; 2], q: &Gaussian) -> f64 {
        let variance = self.sigma_x * self.sigma_x;
        let kl: f64 = (0..self.latent).map(|j| kl_to_standard_normal_1d(q.mu[j], q.log_var[j])).sum();
        let lower = if self.latent == 2 { q.lower } else { 0.0 };
        let kl = kl + 0.5 * lower * lower;
        -LN_2PI - libm::log(variance) - 0.5 * self.expected_distance(x, q) / variance - kl
    }

    /// E_q|x - f(z)|², see [`Wheel::elbo`].
    fn expected_distance(&self, x: [f64; 2], q: &Gaussian) -> f64 {
        let (m, v) = (q.mu[0], libm::exp(q.log_var[0]));
        let (m_2, v_2, lower) = match self.latent {
            2 => (q.mu[1], libm::exp(q.log_var[1]) + q.lower * q.lower, q.lower),
            _ => (0.0, 0.0, 0.0),
        };
        let covariance = lower * libm::exp(0.5 * q.log_var[0]);
        let (s, c) = waves(m, v);
        let (d, e) = (x[0] - m, x[1] - m_2);
        let first = d * d + v + 2.0 * RADIUS * (d * s - TURN * v * c);
        first + e * e + v_2 - 2.0 * RADIUS * e * c + RADIUS * RADIUS - 2.0 * RADIUS * TURN * covariance * s
    }

    /// log p(z_1|x) on a grid, normalised over all z_1; with one latent dimension this is the posterior.
    pub fn log_posterior_first(&self, x: [f64; 2], grid: &Grid) -> Vec<f64> {
        let log_px = self.log_px(x);
        grid.points.iter().map(|&z| self.log_joint_first(x, z) - log_px).collect()
    }

    /// The posterior p(z|x) of two latent dimensions at z, given log p(x).
    pub fn posterior_density(&self, x: [f64; 2], z: [f64; 2], log_px: f64) -> f64 {
        libm::exp(self.log_joint(x, z) - log_px)
    }
}

/// E sin(w z) and E cos(w z) under N(m, v): exp(-w² v/2) times sine and cosine of w m.
fn waves(m: f64, v: f64) -> (f64, f64) {
    let (sin, cos) = libm::sincos(TURN * m);
    let shrink = libm::exp(-0.5 * TURN * TURN * v);
    (shrink * sin, shrink * cos)
}

#[cfg(test)]
mod tests;
