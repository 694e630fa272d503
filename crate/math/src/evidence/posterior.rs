//! The true posterior p(z|x) of one x on a grid of a latent line or plane, and how near a diagonal Gaussian comes to it.
//!
//! It knows no model: the input is log p(x|z) at the points of [`points`], row by row, under the prior N(0, I).
//!
//! ```
//! use math::evidence::posterior::{TruePosterior, points};
//! use math::gaussian::log_pdf;
//! // p(x|z) = N(x; z, 1) at x = 1: the posterior is N(1/2, 1/2), a Gaussian, so that nothing is lost by the best one.
//! let posterior = TruePosterior::new(1, points(1).iter().map(|&z| log_pdf(1.0, z, 0.0)).collect());
//! let best = posterior.best_gaussian(&[0.0], &[0.0]).unwrap();
//! assert!((best.mu[0] - 0.5).abs() < 1e-6 && (best.elbo - posterior.evidence().log_px).abs() < 1e-9);
//! ```

use super::{Evidence, LatentGrid, REACH, SIDE};
use crate::gaussian::{kl_to_standard_normal, log_prior, log_sum_exp};

/// A Gaussian narrower than this many spacings falls between the points. At it the trapezoid rule's relative error on a Gaussian is
/// 2 exp(−2π² 0.75²) = 3e-5, from 0.9 on below 3e-7.
const NARROWEST: f64 = 0.75;
/// Standard deviations of a Gaussian that an expectation sums over: 1e-11 of its mass lies beyond.
const TAIL: f64 = 6.8;
/// The most local maxima of p(z|x) that the search for the best Gaussian starts from.
const MOST_MODES: usize = 4;
/// The most steps uphill from one start, and the gain in nats at which it ends.
const STEPS: usize = 300;
const ENOUGH: f64 = 1e-10;

/// Evenly spaced points of a line (`latent` = 1) or a plane (2), row by row, z_1 running fastest: `[points, latent]`.
pub fn points(latent: usize) -> Vec<f64> {
    assert!((1..=2).contains(&latent), "a grid of {latent} dimensions is too large");
    let side = SIDE[latent - 1];
    let rows = if latent == 2 { side } else { 1 };
    (0..rows * side)
        .flat_map(|at| [coordinate(at % side, side), coordinate(at / side, side)].into_iter().take(latent))
        .collect()
}

fn coordinate(index: usize, side: usize) -> f64 {
    2.0 * REACH * index as f64 / (side as f64 - 1.0) - REACH
}

/// p(z|x) of one x at the points of a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct TruePosterior {
    latent: usize,
    side: usize,
    step: f64,
    /// log p(x|z).
    log_likelihood: Vec<f64>,
    /// log p(x|z) + log p(z).
    log_joint: Vec<f64>,
    evidence: Evidence,
}

/// A Gaussian N(mu, diag exp(log_var)) with its ELBO.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// Means.
    pub mu: Vec<f64>,
    /// Log variances.
    pub log_var: Vec<f64>,
    /// E_q\[log p(x|z)\] − KL\[q‖p(z)\], in nats.
    pub elbo: f64,
}

/// What an encoder loses on one x (Cremer, Li and Duvenaud, "Inference suboptimality in variational autoencoders", 2018), in nats.
#[derive(Clone, Debug, PartialEq)]
pub struct Gaps {
    /// log p(x), and how exact it is.
    pub evidence: Evidence,
    /// The ELBO of the encoder's q(z|x).
    pub elbo: f64,
    /// The best diagonal Gaussian that was found.
    pub best: Fitted,
    /// log p(x) − the ELBO of the best diagonal Gaussian: what the family costs.
    pub approximation: f64,
    /// The ELBO of the best diagonal Gaussian − that of the encoder's: what it costs that one network serves all x.
    pub amortization: f64,
}

/// The part of a grid with the posterior's mass, for a picture: densities row by row over a rectangle of cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// Lowest and highest z_1, the cells' outer edges.
    pub x: (f64, f64),
    /// The same of z_2; of a line (0, 1).
    pub y: (f64, f64),
    /// Cells in a row.
    pub columns: usize,
    /// Rows, that of the lowest z_2 first.
    pub rows: usize,
    /// p(z|x) at the cells' centres.
    pub density: Vec<f64>,
}

impl TruePosterior {
    /// From log p(x|z) at [`points`].
    pub fn new(latent: usize, log_likelihood: Vec<f64>) -> Self {
        let z = points(latent);
        assert_eq!(log_likelihood.len() * latent, z.len(), "one log p(x|z) for every point of the grid");
        let side = SIDE[latent - 1];
        let log_joint: Vec<f64> =
            log_likelihood.iter().zip(z.chunks_exact(latent)).map(|(log, z)| log + log_prior(z)).collect();
        let mut parts: [Vec<f64>; 4] = Default::default();
        for (at, &log) in log_joint.iter().enumerate() {
            let indices = &[at % side, at / side][..latent];
            parts[LatentGrid::part(indices, |index| coordinate(index, side))].push(log);
        }
        let grid = LatentGrid { parts: Default::default(), latent, step: 2.0 * REACH / (side as f64 - 1.0) };
        let evidence = Evidence::of(&parts.map(|part| log_sum_exp(&part)), &grid);
        Self { latent, side, step: grid.step, log_likelihood, log_joint, evidence }
    }

    /// log p(x), and whether the grid is fine and wide enough for it.
    pub fn evidence(&self) -> Evidence {
        self.evidence
    }

    /// p(z|x) at every point.
    pub fn density(&self) -> Vec<f64> {
        self.log_joint.iter().map(|log| libm::exp(log - self.evidence.log_px)).collect()
    }

    /// Means and variances of p(z|x) in each dimension.
    pub fn moments(&self) -> (Vec<f64>, Vec<f64>) {
        let density = self.density();
        let cell = if self.latent == 2 { self.step * self.step } else { self.step };
        let place = |at: usize, j: usize| coordinate(if j == 0 { at % self.side } else { at / self.side }, self.side);
        let expect = |f: &dyn Fn(usize) -> f64| density.iter().enumerate().map(|(at, p)| cell * p * f(at)).sum::<f64>();
        let mean: Vec<f64> = (0..self.latent).map(|j| expect(&|at| place(at, j))).collect();
        let variance = (0..self.latent).map(|j| expect(&|at| (place(at, j) - mean[j]) * (place(at, j) - mean[j])));
        let variance = variance.collect();
        (mean, variance)
    }

    /// The ELBO of N(mu, diag exp(log_var)): E_q\[log p(x|z)\] by the trapezoid rule, the KL in closed form. None where the Gaussian is
    /// narrower than the grid or reaches beyond it.
    pub fn elbo(&self, mu: &[f64], log_var: &[f64]) -> Option<f64> {
        self.expectations(mu, log_var).map(|all| all.elbo)
    }

    /// The best diagonal Gaussian: steps uphill on the ELBO from this one (the encoder's), from the posterior's own moments and from
    /// its highest modes. Never below the ELBO of the first. None where the grid does not serve the first.
    ///
    /// A step solves the conditions of an optimum one by one: precision_j = 1 − E_q\[d²log p(x|z)/dz_j²\] and E_q\[d log p(x, z)/dz_j\] = 0,
    /// derivatives of E_q by those of q's density (Opper and Archambeau 2009); it is halved until the ELBO rises.
    pub fn best_gaussian(&self, mu: &[f64], log_var: &[f64]) -> Option<Fitted> {
        let first = self.climb(mu.to_vec(), log_var.to_vec())?;
        let (mean, variance) = self.moments();
        let narrowest = 2.0 * libm::log(self.step);
        let spread: Vec<f64> = variance.iter().map(|&variance| libm::log(variance).max(narrowest)).collect();
        let mut starts = self.modes();
        starts.push((mean, spread));
        let others = starts.into_iter().filter_map(|(mean, log_var)| self.climb(mean, log_var));
        Some(others.fold(first, |best, other| if other.elbo > best.elbo { other } else { best }))
    }

    /// The gaps of the encoder's Gaussian. None where log p(x) is not good ([`Evidence::is_good`]) or the Gaussian does not fit the grid.
    pub fn gaps(&self, mu: &[f64], log_var: &[f64]) -> Option<Gaps> {
        if !self.evidence.is_good() {
            return None;
        }
        let elbo = self.elbo(mu, log_var)?;
        let best = self.best_gaussian(mu, log_var)?;
        let (evidence, log_px) = (self.evidence, self.evidence.log_px);
        Some(Gaps { evidence, elbo, approximation: log_px - best.elbo, amortization: best.elbo - elbo, best })
    }

    /// The rectangle outside of which p(z|x) is below a thousandth of its largest value, each cell of the grid in `finer` cells a side,
    /// between the points by linear interpolation of log p(z|x).
    pub fn window(&self, finer: usize) -> Window {
        let top = self.log_joint.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let last = self.side - 1;
        let (mut low, mut high) = ([last; 2], [0; 2]);
        for (at, log) in self.log_joint.iter().enumerate() {
            if log - top > -6.9 {
                for (j, index) in [at % self.side, at / self.side].into_iter().enumerate() {
                    low[j] = low[j].min(index);
                    high[j] = high[j].max(index);
                }
            }
        }
        let (low, high) =
            (low.map(|index: usize| index.saturating_sub(1)), high.map(|index: usize| (index + 1).min(last)));
        // Centres of the finer cells, in spacings of the grid.
        let finer = if self.latent == 1 { 1 } else { finer.max(1) };
        let of_axis = |j: usize| -> Vec<f64> {
            let cells = (high[j].saturating_sub(low[j])).max(1) * finer;
            (0..cells).map(|cell| low[j] as f64 + (cell as f64 + 0.5) / finer as f64).collect()
        };
        let edges = |j: usize| (coordinate(low[j], self.side), coordinate(high[j], self.side));
        let columns = of_axis(0);
        let (rows, y) = if self.latent == 2 { (of_axis(1), edges(1)) } else { (vec![0.0], (0.0, 1.0)) };
        let log = |column: usize, row: usize| {
            let row = if self.latent == 2 { row.min(last) } else { 0 };
            self.log_joint[row * self.side + column.min(last)]
        };
        let between = |row: f64, column: f64| {
            let (r, c) = (row as usize, column as usize);
            let (down, right) = (row - r as f64, column - c as f64);
            let along = |r: usize| (1.0 - right) * log(c, r) + right * log(c + 1, r);
            let value = (1.0 - down) * along(r) + down * along(r + 1);
            libm::exp(value - self.evidence.log_px)
        };
        let density = rows.iter().flat_map(|&row| columns.iter().map(move |&column| (row, column)));
        let density = density.map(|(row, column)| between(row, column)).collect();
        Window { x: edges(0), y, columns: columns.len(), rows: rows.len(), density }
    }
}

/// Expectations under a Gaussian on the grid: its ELBO, and by dimension E d log p(x|z)/dz_j and E d²log p(x|z)/dz_j².
struct Expectations {
    elbo: f64,
    slope: Vec<f64>,
    curvature: Vec<f64>,
}

impl TruePosterior {
    /// The grid's weights of one dimension of a Gaussian: index of the first, the standardised places, the weights.
    fn weights(&self, mu: f64, sigma: f64) -> Option<(usize, Vec<[f64; 2]>)> {
        let inside = sigma >= NARROWEST * self.step && mu.abs() + 4.0 * sigma <= REACH;
        if !inside {
            return None; // numbers that are none too
        }
        let index = |z: f64| ((z + REACH) / self.step).clamp(0.0, self.side as f64 - 1.0);
        let first = libm::ceil(index(mu - TAIL * sigma)) as usize;
        let last = libm::floor(index(mu + TAIL * sigma)) as usize;
        let place = |at: usize| (coordinate(at, self.side) - mu) / sigma;
        let mut all: Vec<[f64; 2]> =
            (first..=last).map(|at| [place(at), libm::exp(-0.5 * place(at) * place(at))]).collect();
        let sum: f64 = all.iter().map(|[_, weight]| weight).sum();
        all.iter_mut().for_each(|[_, weight]| *weight /= sum);
        Some((first, all))
    }

    fn expectations(&self, mu: &[f64], log_var: &[f64]) -> Option<Expectations> {
        let sigma = |j: usize| libm::exp(0.5 * log_var[j]);
        let (left, columns) = self.weights(mu[0], sigma(0))?;
        let (bottom, rows) = if self.latent == 2 { self.weights(mu[1], sigma(1))? } else { (0, vec![[0.0, 1.0]]) };
        let (mut mean, mut first, mut second) = (0.0, [0.0; 2], [0.0; 2]);
        for (row, [v, by_row]) in rows.iter().enumerate() {
            let start = (bottom + row) * self.side + left;
            let (mut of_row, mut slope, mut bend) = (0.0, 0.0, 0.0);
            for ([u, weight], log) in columns.iter().zip(&self.log_likelihood[start..]) {
                let part = weight * log;
                of_row += part;
                slope += part * u;
                bend += part * (u * u - 1.0);
            }
            mean += by_row * of_row;
            first[0] += by_row * slope;
            first[1] += by_row * of_row * v;
            second[0] += by_row * bend;
            second[1] += by_row * of_row * (v * v - 1.0);
        }
        let scaled = |sums: [f64; 2], power: i32| (0..self.latent).map(|j| sums[j] / sigma(j).powi(power)).collect();
        let elbo = mean - kl_to_standard_normal(mu, log_var);
        elbo.is_finite().then(|| Expectations { elbo, slope: scaled(first, 1), curvature: scaled(second, 2) })
    }

    fn climb(&self, mut mu: Vec<f64>, mut log_var: Vec<f64>) -> Option<Fitted> {
        let mut now = self.expectations(&mu, &log_var)?;
        for _ in 0..STEPS {
            let (mut share, mut moved) = (1.0, false);
            let before = now.elbo;
            while share > 1e-4 && !moved {
                let (mut to_mu, mut to_log_var) = (mu.clone(), log_var.clone());
                for j in 0..self.latent {
                    let precision = libm::exp(-log_var[j]);
                    let wanted = (1.0 - now.curvature[j]).max(0.1 * precision);
                    to_log_var[j] = -libm::log(precision + share * (wanted - precision));
                    to_mu[j] += share * (now.slope[j] - mu[j]) / wanted;
                }
                if let Some(there) = self.expectations(&to_mu, &to_log_var).filter(|there| there.elbo > now.elbo) {
                    (mu, log_var, now, moved) = (to_mu, to_log_var, there, true);
                }
                share *= 0.5;
            }
            if !moved || now.elbo - before < ENOUGH {
                break;
            }
        }
        Some(Fitted { mu, log_var, elbo: now.elbo })
    }

    /// The highest local maxima of p(z|x), those above a hundredth of the highest, each with the log variances by its curvature.
    fn modes(&self) -> Vec<(Vec<f64>, Vec<f64>)> {
        let side = self.side as i64;
        let rows = if self.latent == 2 { side } else { 1 };
        let at = |row: i64, column: i64| -> f64 {
            let inside = (0..rows).contains(&row) && (0..side).contains(&column);
            if inside { self.log_joint[(row * side + column) as usize] } else { f64::NEG_INFINITY }
        };
        let mut found: Vec<(f64, Vec<f64>, Vec<f64>)> = Vec::new();
        for row in 0..rows {
            for column in 0..side {
                let here = at(row, column);
                let around = |reach: i64| -reach..=reach;
                let highest = around(1).all(|down| around(1).all(|right| at(row + down, column + right) <= here));
                if highest && here.is_finite() {
                    let z = [column, row].map(|index| coordinate(index as usize, self.side));
                    let bends = [
                        2.0 * here - at(row, column - 1) - at(row, column + 1),
                        2.0 * here - at(row - 1, column) - at(row + 1, column),
                    ];
                    // At the border, or where the mode is sharper than the grid, as narrow as the grid allows.
                    let log_var = bends.map(|bend| libm::log(self.step * self.step * (1.0 / bend).clamp(1.0, 1e6)));
                    found.push((here, z[..self.latent].to_vec(), log_var[..self.latent].to_vec()));
                }
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let top = found.first().map_or(0.0, |(log, ..)| *log);
        let high = found.into_iter().take(MOST_MODES).filter(|(log, ..)| top - log < 4.7);
        high.map(|(_, z, log_var)| (z, log_var)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gaussian::log_pdf;

    /// p(x|z) = N(x; W z, s² I) with two pixels: the posterior is Gaussian, with precision I + W'W/s².
    fn linear(w: [[f64; 2]; 2], s: f64, x: [f64; 2]) -> TruePosterior {
        let log = |z: &[f64]| (0..2).map(|i| log_pdf(x[i], w[i][0] * z[0] + w[i][1] * z[1], 2.0 * s.ln())).sum();
        TruePosterior::new(2, points(2).chunks_exact(2).map(log).collect())
    }

    #[test]
    fn it_integrates_to_one_and_is_the_known_gaussian_of_a_linear_decoder() {
        let (w, s, x) = ([[1.5, 0.4], [-0.3, 0.9]], 0.6, [0.7, -1.1]);
        let posterior = linear(w, s, x);
        let cell = posterior.step * posterior.step;
        let mass: f64 = posterior.density().iter().sum::<f64>() * cell;
        assert!((mass - 1.0).abs() < 1e-9, "{mass}");
        let precision =
            |a: usize, b: usize| f64::from(u8::from(a == b)) + (w[0][a] * w[0][b] + w[1][a] * w[1][b]) / (s * s);
        let (a, b, d) = (precision(0, 0), precision(0, 1), precision(1, 1));
        let determinant = a * d - b * b;
        let pull = [0, 1].map(|j| (w[0][j] * x[0] + w[1][j] * x[1]) / (s * s));
        let mean = [(d * pull[0] - b * pull[1]) / determinant, (a * pull[1] - b * pull[0]) / determinant];
        let (found, variance) = posterior.moments();
        for (j, exact) in [d / determinant, a / determinant].into_iter().enumerate() {
            assert!((found[j] - mean[j]).abs() < 1e-6 && (variance[j] - exact).abs() < 1e-6, "{found:?} {variance:?}");
        }
        // The best diagonal Gaussian has the posterior's mean and the inverse of its precision's diagonal (Bishop 2006, 10.1.2):
        // log p(x) lies above its ELBO by KL = ½ log( a d / (a d − b²) ).
        let best = posterior.best_gaussian(&[0.0; 2], &[0.0; 2]).unwrap();
        let gap = 0.5 * (a * d / determinant).ln();
        assert!((posterior.evidence().log_px - best.elbo - gap).abs() < 1e-6, "{best:?} {gap}");
        assert!((best.log_var[0] + a.ln()).abs() < 1e-3 && (best.mu[1] - mean[1]).abs() < 1e-3, "{best:?}");
        // Far from it, both gaps are positive and add up to log p(x) − ELBO.
        let gaps = posterior.gaps(&[1.0, 0.0], &[-1.0, -0.5]).unwrap();
        assert!((gaps.approximation - gap).abs() < 1e-6 && gaps.amortization > 0.1);
        assert!((gaps.approximation + gaps.amortization - (gaps.evidence.log_px - gaps.elbo)).abs() < 1e-12);
        // And the ELBO of any Gaussian is the closed form.
        let (mu, sigma2) = ([1.0, 0.0], [(-1.0_f64).exp(), (-0.5_f64).exp()]);
        let expected: f64 = (0..2)
            .map(|i| {
                let spread: f64 = (0..2).map(|j| w[i][j] * w[i][j] * sigma2[j]).sum();
                log_pdf(x[i], w[i][0] * mu[0] + w[i][1] * mu[1], 2.0 * s.ln()) - 0.5 * spread / (s * s)
            })
            .sum();
        let kl = kl_to_standard_normal(&mu, &[-1.0, -0.5]);
        assert!((gaps.elbo - (expected - kl)).abs() < 1e-6, "{} {}", gaps.elbo, expected - kl);
    }

    /// A posterior with two modes, z = ±1.2 / 0.8: the best Gaussian sits on one of them, and loses log 2 against log p(x) where they do
    /// not overlap.
    #[test]
    fn of_two_modes_the_best_gaussian_takes_one() {
        let log = |z: f64| log_sum_exp(&[log_pdf(1.2, 0.8 * z, -5.0), log_pdf(-1.2, 0.8 * z, -5.0)]);
        let posterior = TruePosterior::new(1, points(1).iter().map(|&z| log(z)).collect());
        let best = posterior.best_gaussian(&[0.0], &[0.0]).unwrap();
        let gap = posterior.evidence().log_px - best.elbo;
        assert!(best.mu[0].abs() > 1.3 && (gap - std::f64::consts::LN_2).abs() < 1e-3, "{best:?} {gap}");
    }

    #[test]
    fn what_the_grid_does_not_serve_is_none() {
        let posterior = linear([[1.0, 0.0], [0.0, 1.0]], 0.6, [0.0; 2]);
        assert!(posterior.elbo(&[0.0; 2], &[-6.0, 0.0]).is_none(), "falls between the points");
        assert!(posterior.elbo(&[5.5, 0.0], &[0.0; 2]).is_none(), "reaches beyond");
        assert!(
            posterior.elbo(&[f64::NAN, 0.0], &[0.0; 2]).is_none()
                && posterior.gaps(&[0.0; 2], &[f64::NAN; 2]).is_none()
        );
        let sharp = linear([[1.0, 0.0], [0.0, 1.0]], 0.02, [0.5; 2]);
        assert!(sharp.gaps(&[0.5; 2], &[-4.0; 2]).is_none(), "the posterior itself falls between the points");
        let broken = TruePosterior::new(1, vec![f64::NAN; points(1).len()]);
        assert!(broken.gaps(&[0.0], &[0.0]).is_none() && broken.best_gaussian(&[0.0], &[0.0]).is_none());
    }

    #[test]
    fn the_window_holds_the_mass() {
        let posterior = linear([[1.5, 0.4], [-0.3, 0.9]], 0.6, [0.7, -1.1]);
        let window = posterior.window(3);
        let cell = (window.x.1 - window.x.0) * (window.y.1 - window.y.0) / (window.columns * window.rows) as f64;
        let mass: f64 = window.density.iter().sum::<f64>() * cell;
        assert_eq!(window.density.len(), window.columns * window.rows);
        assert!((0.97..1.001).contains(&mass), "{mass}");
    }
}
