//! The exact values for the simulation of slide 1.8: variances, and how much a sample variance over R estimates differs from them.

use super::Function;
use crate::gaussian;

/// The three gradient estimators of slide 1.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimator {
    /// (10): f(x) (x - theta).
    Score,
    /// (10) with the best constant baseline: (f(x) - b)(x - theta).
    ScoreWithBaseline,
    /// (11): f'(theta + eps).
    Reparameterized,
}

/// One term of an estimator as a polynomial in eps = x - theta, lowest power first: sum_k c_k eps^k; where f has a step, another one on
/// either side of it.
///
/// All its moments are exact, since those of eps are, over the whole line and over a half of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Regions that are the whole line together, each with its polynomial.
    pieces: Vec<(Region, Vec<f64>)>,
}

impl Term {
    /// The estimator's term for f at theta.
    ///
    /// Of x²: ((theta + eps)² - b) eps = (theta² - b) eps + 2 theta eps² + eps³, where the best b leaves theta² - b = -3, and
    /// 2 theta + 2 eps. Of the step: -b eps up to eps = -theta and (1 - b) eps above, and 0.
    pub fn new(function: Function, estimator: Estimator, theta: f64) -> Self {
        let whole = |coefficients: Vec<f64>| vec![(Region::Line, coefficients)];
        let (below, above) = (Region::Below(-theta), Region::Above(-theta));
        let pieces = match (function, estimator) {
            (Function::Square, Estimator::Score) => whole(vec![0.0, theta * theta, 2.0 * theta, 1.0]),
            (Function::Square, Estimator::ScoreWithBaseline) => whole(vec![0.0, -3.0, 2.0 * theta, 1.0]),
            (Function::Square, Estimator::Reparameterized) => whole(vec![2.0 * theta, 2.0]),
            (Function::Step, Estimator::Score) => vec![(below, vec![0.0]), (above, vec![0.0, 1.0])],
            // b = E[eps² above] and 1 - b = E[eps² below], each to all its digits however small.
            (Function::Step, Estimator::ScoreWithBaseline) => {
                vec![(below, vec![0.0, -above.moment(2)]), (above, vec![0.0, below.moment(2)])]
            }
            (Function::Step, Estimator::Reparameterized) => whole(vec![0.0]),
        };
        Self { pieces }
    }

    /// Expectation of the term: of x² 2 theta for each estimator; of the step Phi'(theta) for the scores, and 0.
    pub fn mean(&self) -> f64 {
        self.pieces.iter().map(|(region, coefficients)| region.expectation(coefficients)).sum()
    }

    /// Variance of the term: of x² theta⁴ + 14 theta² + 15, 8 theta² + 6, or 4; of the step with b = Phi(theta) - theta Phi'(theta)
    /// b - Phi'(theta)², b (1 - b) - Phi'(theta)², or 0.
    pub fn variance(&self) -> f64 {
        self.central_moment(2)
    }

    /// E (term - mean)^order, by multiplying polynomials.
    pub fn central_moment(&self, order: usize) -> f64 {
        let mean = self.mean();
        let over = |(region, coefficients): &(Region, Vec<f64>)| {
            let mut centred = coefficients.clone();
            centred[0] -= mean;
            let power = (0..order).fold(vec![1.0], |power, _| product(&power, &centred));
            region.expectation(&power)
        };
        self.pieces.iter().map(over).sum()
    }

    /// Kurtosis of the mean of n independent terms, E(·-mean)⁴/variance²: 3 + (kurtosis of one - 3)/n. A normal has 3.
    ///
    /// NaN where the variance is 0, as everything below is.
    pub fn kurtosis(&self, n: u64) -> f64 {
        let variance = self.variance();
        3.0 + (self.central_moment(4) / (variance * variance) - 3.0) / n as f64
    }

    /// Relative standard deviation of the sample variance over `repeats` estimates from n terms each.
    ///
    /// Var s² = (mu_4 - (R-3)/(R-1) sigma⁴)/R for any distribution (Mood, Graybill and Boes 1974, VI.2.3), with mu_4 and sigma²
    /// of the mean of n terms. For large n, where that mean is normal, it is sqrt(2/(R-1)).
    pub fn relative_sd_of_variance(&self, n: u64, repeats: usize) -> f64 {
        let r = repeats as f64;
        libm::sqrt((self.kurtosis(n) - (r - 3.0) / (r - 1.0)) / r)
    }

    /// The interval that holds the sample variance of `repeats` estimates from n terms each with probability 95 %.
    ///
    /// The sample variance is taken as sigma² chi²_nu / nu, exact with nu = R - 1 when the estimates are normal (n large, or the
    /// reparameterized estimator); at small n the score terms have heavy tails, and nu is lowered so that the variance of the
    /// sample variance is the exact one (Box 1953): nu = 2 / relative_sd². Quantiles by Wilson and Hilferty (1931).
    pub fn band(&self, n: u64, repeats: usize) -> Band {
        let exact = self.variance() / n as f64;
        let relative_sd = self.relative_sd_of_variance(n, repeats);
        let freedom = 2.0 / (relative_sd * relative_sd);
        Band { low: exact * chi_square_ratio(freedom, 0.025), high: exact * chi_square_ratio(freedom, 0.975) }
    }
}

/// An interval of 95 % probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// 2.5 % lie below.
    pub low: f64,
    /// 2.5 % lie above.
    pub high: f64,
}

/// Quantile p of chi²_nu / nu: (1 - 2/(9 nu) + x sqrt(2/(9 nu)))³ with x the normal quantile. Never below 0.
fn chi_square_ratio(freedom: f64, p: f64) -> f64 {
    let ninth = 2.0 / (9.0 * freedom);
    let root = (1.0 - ninth + gaussian::quantile(p) * libm::sqrt(ninth)).max(0.0);
    root * root * root
}

fn product(left: &[f64], right: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; left.len() + right.len() - 1];
    for (i, a) in left.iter().enumerate() {
        for (j, b) in right.iter().enumerate() {
            out[i + j] += a * b;
        }
    }
    out
}

/// A part of the line of eps ~ N(0, 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Region {
    /// All of it.
    Line,
    /// eps <= c.
    Below(f64),
    /// eps > c.
    Above(f64),
}

impl Region {
    /// E\[eps^k 1\[eps in the region\]\].
    ///
    /// On the line 1 · 3 · 5 · ... · (k-1), or 0 for odd k. Above c by parts, with Phi' the density of N(0, 1):
    /// M_0 = 1 - Phi(c), M_1 = Phi'(c), M_k = c^(k-1) Phi'(c) + (k-1) M_{k-2}; below c it is (-1)^k times that above -c.
    pub(super) fn moment(self, k: usize) -> f64 {
        match self {
            Self::Line if k % 2 == 1 => 0.0,
            Self::Line => (1..k).step_by(2).map(|factor| factor as f64).product(),
            Self::Below(c) if k % 2 == 1 => -Self::Above(-c).moment(k),
            Self::Below(c) => Self::Above(-c).moment(k),
            Self::Above(c) => {
                let density = libm::exp(gaussian::log_pdf(c, 0.0, 0.0));
                match k {
                    0 => 0.5 * libm::erfc(c * std::f64::consts::FRAC_1_SQRT_2),
                    1 => density,
                    _ => libm::pow(c, k as f64 - 1.0) * density + (k as f64 - 1.0) * self.moment(k - 2),
                }
            }
        }
    }

    /// E\[sum_k c_k eps^k 1\[eps in the region\]\].
    fn expectation(self, coefficients: &[f64]) -> f64 {
        coefficients.iter().enumerate().map(|(k, coefficient)| coefficient * self.moment(k)).sum()
    }
}
