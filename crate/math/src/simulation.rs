//! Slide 1.8: the variance of score and reparameterized gradient estimates, eq. (10) and (11), simulated and exact.
//! It knows no clock and no page: each call of [`Simulation::advance`] says how many samples may be drawn.
//!
//! p(x) = N(theta, 1), the objective is E_p\[x²\] = theta² + 1, and the gradient 2 theta is estimated from N samples in two ways.
//! (10) score: the mean of (x² - b)(x - theta), with x ~ N(theta, 1) and a constant baseline b (0, or the best one).
//! (11) reparameterized: the mean of 2 (theta + eps), with eps ~ N(0, 1), drawn independently of the x.
//! With a step in place of x², f(x) = 1\[x > 0\], (10) is as right as before, and (11) is 0 for every eps: without variance, and wrong.
//!
//! ```
//! use math::simulation::{Settings, Simulation};
//! let slide = Settings { sizes: vec![1, 10], ..Settings::default() };
//! // (theta⁴ + 14 theta² + 15)/4 at theta = 10.
//! assert!((slide.exact_ratio() - 2853.75).abs() < 1e-9);
//! let mut simulation = Simulation::new(slide)?;
//! while !simulation.advance(1000) {}
//! assert!(simulation.score.iter().all(|estimates| estimates.len() == 100));
//! # Ok::<(), math::simulation::SettingsError>(())
//! ```

mod function;
mod theory;

pub use function::{Function, best_baseline, reparam_sample, score_sample, step_reparam_sample, step_score_sample};
pub use theory::{Band, Estimator, Term};

use crate::rng::{LANES, Rng};
use std::fmt;

/// Samples drawn between two checks of the budget. Fixed, and each estimate begins a new block, so that no result depends on the budget.
const BLOCK: usize = 4096;
/// Partial sums that are kept side by side, so that the compiler adds vectors.
const SUMS: usize = 8;
/// The most samples one simulation may ask for: minutes of work, and exact in an f64.
const MOST_SAMPLES: u64 = 1_000_000_000_000;
/// The largest |theta|: beyond it the noise disappears in the rounding of terms of order theta².
const MOST_THETA: f64 = 1e6;

/// The parameters of the simulation.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The f whose expectation is differentiated.
    pub function: Function,
    /// Mean of p(x).
    pub theta: f64,
    /// R, how many estimates are made at each size; the variance is taken over them.
    pub repeats: usize,
    /// The list of N, samples per estimate.
    pub sizes: Vec<u64>,
    /// Whether the score estimator subtracts the best constant baseline, [`Function::best_baseline`].
    pub baseline: bool,
    /// Seed of every stream of the simulation.
    pub seed: u64,
}

impl Default for Settings {
    /// The slide: x² at theta = 10, 100 estimates, N = 1 to 100,000, no baseline.
    fn default() -> Self {
        let sizes = vec![1, 10, 100, 1000, 10_000, 100_000];
        Self { function: Function::Square, theta: 10.0, repeats: 100, sizes, baseline: false, seed: 0 }
    }
}

/// Why a simulation cannot be started.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingsError {
    /// theta is not a number, or too large to compute with.
    Theta(f64),
    /// A variance needs at least two estimates.
    Repeats(usize),
    /// There is no N to simulate.
    NoSizes,
    /// An N is 0.
    ZeroSize,
    /// All estimates together ask for more samples than allowed.
    TooManySamples,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Theta(theta) => {
                write!(f, "theta must be a number between -{MOST_THETA} and {MOST_THETA}, it is {theta}.")
            }
            Self::Repeats(repeats) => write!(f, "A variance needs at least 2 estimates, there are {repeats}."),
            Self::NoSizes => write!(f, "The list of sample sizes N is empty."),
            Self::ZeroSize => write!(f, "A sample size N must be at least 1."),
            Self::TooManySamples => {
                write!(f, "These sizes and repeats need more than {MOST_SAMPLES} samples; choose smaller ones.")
            }
        }
    }
}

impl std::error::Error for SettingsError {}

impl Settings {
    /// Whether the settings can be simulated.
    pub fn check(&self) -> Result<(), SettingsError> {
        if self.theta.is_nan() || self.theta.abs() > MOST_THETA {
            return Err(SettingsError::Theta(self.theta));
        }
        if self.repeats < 2 {
            return Err(SettingsError::Repeats(self.repeats));
        }
        if self.sizes.is_empty() {
            return Err(SettingsError::NoSizes);
        }
        if self.sizes.contains(&0) {
            return Err(SettingsError::ZeroSize);
        }
        let total = self.checked_total().filter(|&total| total <= MOST_SAMPLES);
        total.map(|_| ()).ok_or(SettingsError::TooManySamples)
    }

    fn checked_total(&self) -> Option<u64> {
        let each = self.sizes.iter().try_fold(0_u64, |sum, &size| sum.checked_add(size))?;
        each.checked_mul(self.repeats as u64)?.checked_mul(2)
    }

    /// The score estimator's term (10), with or without baseline.
    pub fn score_term(&self) -> Term {
        let estimator = if self.baseline { Estimator::ScoreWithBaseline } else { Estimator::Score };
        Term::new(self.function, estimator, self.theta)
    }

    /// The reparameterized estimator's term (11).
    pub fn reparam_term(&self) -> Term {
        Term::new(self.function, Estimator::Reparameterized, self.theta)
    }

    /// The score estimator's b: 0, or the best one.
    pub fn baseline(&self) -> f64 {
        if self.baseline { self.function.best_baseline(self.theta) } else { 0.0 }
    }

    /// The random stream of one estimate.
    fn stream(&self, size_index: usize, repeat: usize, reparameterized: bool) -> Rng {
        Rng::new(self.seed).stream(self.sizes[size_index]).stream(repeat as u64).stream(u64::from(reparameterized))
    }

    /// The true gradient of E f: 2 theta, or the normal density at theta.
    pub fn gradient(&self) -> f64 {
        self.function.gradient(self.theta)
    }

    /// The reparameterized estimator's expectation less the true gradient: 0 for x², minus the whole gradient for the step.
    pub fn reparam_bias(&self) -> f64 {
        self.reparam_term().mean() - self.gradient()
    }

    /// Exact variance of one score estimate from n samples: of x² (theta⁴ + 14 theta² + 15)/n, or (8 theta² + 6)/n with the baseline;
    /// of the step (b - Phi'(theta)²)/n with b = Phi(theta) - theta Phi'(theta), or (b (1 - b) - Phi'(theta)²)/n with the baseline b.
    pub fn exact_score_variance(&self, n: u64) -> f64 {
        self.score_term().variance() / n as f64
    }

    /// Exact variance of one reparameterized estimate from n samples: 4/n, or 0 of the step.
    pub fn exact_reparam_variance(&self, n: u64) -> f64 {
        self.reparam_term().variance() / n as f64
    }

    /// How many times the score estimator's variance is the reparameterized one's; the same at every N. 2853.75 at theta = 10.
    ///
    /// Of x² it rises with theta² from 15/4 at theta = 0 (from 6/4 with the baseline). Of the step it is infinite.
    pub fn exact_ratio(&self) -> f64 {
        self.score_term().variance() / self.reparam_term().variance()
    }
}

/// A simulation that runs in portions. The estimates are made from the first size to the last, repeat by repeat.
///
/// Every estimate has two random streams of its own, named by (N, repeat, estimator): the same seed gives an estimate the same
/// value whatever else is simulated, in whichever portions.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// What is simulated.
    pub settings: Settings,
    /// Score estimates made so far, `score[size_index][repeat]`.
    pub score: Vec<Vec<f64>>,
    /// Reparameterized estimates made so far, `reparam[size_index][repeat]`; at most one behind `score`.
    pub reparam: Vec<Vec<f64>>,
    total: u64,
    drawn: u64,
    cell: Option<Cell>,
    eps: Vec<f32>,
}

/// One estimate, partly drawn.
#[derive(Clone, Debug)]
struct Cell {
    size_index: usize,
    repeat: usize,
    reparameterized: bool,
    rng: Rng,
    left: u64,
    sums: [f64; SUMS],
}

impl Cell {
    fn new(settings: &Settings, size_index: usize, repeat: usize, reparameterized: bool) -> Self {
        let rng = settings.stream(size_index, repeat, reparameterized);
        Self { size_index, repeat, reparameterized, rng, left: settings.sizes[size_index], sums: [0.0; SUMS] }
    }

    /// The next estimate: score, then reparameterized, then the next repeat, then the next size.
    fn next(&self, settings: &Settings) -> Option<Self> {
        if !self.reparameterized {
            return Some(Self::new(settings, self.size_index, self.repeat, true));
        }
        if self.repeat + 1 < settings.repeats {
            return Some(Self::new(settings, self.size_index, self.repeat + 1, false));
        }
        (self.size_index + 1 < settings.sizes.len()).then(|| Self::new(settings, self.size_index + 1, 0, false))
    }
}

impl Simulation {
    /// A simulation with nothing drawn yet.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        settings.check()?;
        let total = settings.checked_total().ok_or(SettingsError::TooManySamples)?;
        Ok(Self {
            score: vec![Vec::new(); settings.sizes.len()],
            reparam: vec![Vec::new(); settings.sizes.len()],
            total,
            drawn: 0,
            cell: Some(Cell::new(&settings, 0, 0, false)),
            eps: vec![0.0; BLOCK],
            settings,
        })
    }

    /// Draws about `budget_samples` more samples (at least one block, at most one block more than the budget). True when every estimate is
    /// made.
    pub fn advance(&mut self, budget_samples: u64) -> bool {
        let until = self.drawn.saturating_add(budget_samples.max(1));
        while self.drawn < until {
            let Some(cell) = &mut self.cell else { break };
            let count = cell.left.min(BLOCK as u64) as usize;
            let eps = &mut self.eps[..count];
            cell.rng.fill_normal(eps);
            let Settings { function, theta, .. } = self.settings;
            let baseline = self.settings.baseline();
            // A loop of its own for each: no sample asks which it is.
            match (function, cell.reparameterized) {
                (Function::Square, false) => add_terms(&mut cell.sums, eps, |eps| score_sample(theta, baseline, eps)),
                (Function::Square, true) => add_terms(&mut cell.sums, eps, |eps| reparam_sample(theta, eps)),
                (Function::Step, false) => {
                    add_terms(&mut cell.sums, eps, |eps| step_score_sample(theta, baseline, eps));
                }
                (Function::Step, true) => add_terms(&mut cell.sums, eps, |eps| step_reparam_sample(theta, eps)),
            }
            cell.left -= count as u64;
            self.drawn += count as u64;
            if cell.left == 0 {
                let estimate = cell.sums.iter().sum::<f64>() / self.settings.sizes[cell.size_index] as f64;
                let done = if cell.reparameterized { &mut self.reparam } else { &mut self.score };
                done[cell.size_index].push(estimate);
                self.cell = cell.next(&self.settings);
            }
        }
        self.is_done()
    }

    /// Takes all estimates of one size as somebody else made them, from the generators that [`generators`] gives.
    pub fn take(&mut self, size_index: usize, score: Vec<f64>, reparam: Vec<f64>) {
        self.drawn += self.settings.sizes[size_index] * (score.len() + reparam.len()) as u64;
        self.score[size_index] = score;
        self.reparam[size_index] = reparam;
        if self.reparam.iter().all(|estimates| estimates.len() == self.settings.repeats) {
            self.cell = None;
        }
    }

    /// Whether every estimate has been made.
    pub fn is_done(&self) -> bool {
        self.cell.is_none()
    }

    /// Share of all samples that have been drawn, 0 to 1.
    pub fn progress(&self) -> f64 {
        self.drawn as f64 / self.total as f64
    }
}

/// The states of the generators of all estimates of one size ([`Rng::lanes`]): score first, then reparameterized, repeat by repeat.
pub fn generators(settings: &Settings, size_index: usize) -> Vec<[[u32; LANES]; 4]> {
    let estimators = [false, true].into_iter();
    let of = |reparameterized| (0..settings.repeats).map(move |repeat| (repeat, reparameterized));
    estimators.flat_map(of).map(|(repeat, which)| settings.stream(size_index, repeat, which).lanes()).collect()
}

/// Adds `term(eps)` of every sample, the i-th to the sum i mod [`SUMS`].
#[inline(always)]
fn add_terms(sums: &mut [f64; SUMS], eps: &[f32], term: impl Fn(f64) -> f64) {
    let mut local = *sums;
    let groups = eps.chunks_exact(SUMS);
    for (sum, &eps) in local.iter_mut().zip(groups.remainder()) {
        *sum += term(f64::from(eps));
    }
    for group in groups {
        for i in 0..SUMS {
            local[i] += term(f64::from(group[i]));
        }
    }
    *sums = local;
}

#[cfg(test)]
mod tests;
