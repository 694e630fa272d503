//! The exact values for the simulation of slide 1.8: variances, and how much a sample variance over R estimates differs from them.

use crate::gaussian;

/// The three gradient estimators of slide 1.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimator {
    /// (10): x² (x - theta).
    Score,
    /// (10) with the best constant baseline: (x² - theta² - 3)(x - theta).
    ScoreWithBaseline,
    /// (11): 2 (theta + eps).
    Reparameterized,
}

/// One term of an estimator as a polynomial in eps = x - theta, lowest power first: sum_k c_k eps^k.
///
/// All its moments are exact, since E eps^k = (k-1)!! for even k and 0 for odd k.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    coefficients: Vec<f64>,
}

impl Term {
    /// The estimator's term at theta.
    ///
    /// ((theta + eps)² - b) eps = (theta² - b) eps + 2 theta eps² + eps³, where the best b leaves theta² - b = -3, and 2 theta + 2 eps.
    pub fn new(estimator: Estimator, theta: f64) -> Self {
        let coefficients = match estimator {
            Estimator::Score => vec![0.0, theta * theta, 2.0 * theta, 1.0],
            Estimator::ScoreWithBaseline => vec![0.0, -3.0, 2.0 * theta, 1.0],
            Estimator::Reparameterized => vec![2.0 * theta, 2.0],
        };
        Self { coefficients }
    }

    /// Expectation of the term: 2 theta for each estimator.
    pub fn mean(&self) -> f64 {
        expectation(&self.coefficients)
    }

    /// Variance of the term: theta⁴ + 14 theta² + 15, 8 theta² + 6, or 4.
    pub fn variance(&self) -> f64 {
        self.central_moment(2)
    }

    /// E (term - mean)^order, by multiplying polynomials.
    pub fn central_moment(&self, order: usize) -> f64 {
        let mut centred = self.coefficients.clone();
        centred[0] -= self.mean();
        let power = (0..order).fold(vec![1.0], |power, _| product(&power, &centred));
        expectation(&power)
    }

    /// Kurtosis of the mean of n independent terms, E(·-mean)⁴/variance²: 3 + (kurtosis of one - 3)/n. A normal has 3.
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

/// Expectation of a polynomial in a standard normal variable.
fn expectation(coefficients: &[f64]) -> f64 {
    let mut moment = 1.0; // E eps^k = 1 · 3 · 5 · ... · (k-1)
    let mut sum = 0.0;
    for (k, pair) in coefficients.chunks(2).enumerate() {
        sum += pair[0] * moment;
        moment *= 2.0 * k as f64 + 1.0;
    }
    sum
}
