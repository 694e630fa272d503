//! Quadratics in one standard normal number: along z = mu + sigma eps every Gaussian log density is one.
//! Their moments are exact, so that the error of a Monte Carlo estimate is known before it is drawn. It knows no densities.
//!
//! ```
//! use math::quadratic::Quadratic;
//! let square = Quadratic { constant: 0.0, linear: 0.0, square: 1.0 }; // eps², chi-square with one degree of freedom
//! assert_eq!((square.mean(), square.variance()), (1.0, 2.0));
//! assert_eq!(square.standard_error(200), 0.1); // sqrt(2/200)
//! ```

/// f(eps) = constant + linear eps + square eps², eps ~ N(0, 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quadratic {
    /// f(0).
    pub constant: f64,
    /// The coefficient of eps.
    pub linear: f64,
    /// The coefficient of eps².
    pub square: f64,
}

impl Quadratic {
    /// -((offset + slope eps)² + log_scale)/2, the shape of a Gaussian log density.
    pub(crate) fn half_square(offset: f64, slope: f64, log_scale: f64) -> Self {
        Self { constant: -0.5 * (offset * offset + log_scale), linear: -offset * slope, square: -0.5 * slope * slope }
    }

    /// f(eps).
    pub fn at(&self, eps: f64) -> f64 {
        self.constant + eps * (self.linear + eps * self.square)
    }

    /// E f(eps) = constant + square.
    pub fn mean(&self) -> f64 {
        self.constant + self.square
    }

    /// Var f(eps) = linear² + 2 square².
    pub fn variance(&self) -> f64 {
        self.linear * self.linear + 2.0 * self.square * self.square
    }

    /// The fourth cumulant, E(f - E f)⁴ - 3 Var², is 48 square² (linear² + square²): 0 for a normal f.
    pub fn fourth_cumulant(&self) -> f64 {
        let square = self.square * self.square;
        48.0 * square * (self.linear * self.linear + square)
    }

    /// Standard error of the mean of L = `samples` independent values, exactly: sqrt(Var/L).
    pub fn standard_error(&self, samples: usize) -> f64 {
        libm::sqrt(self.variance() / samples as f64)
    }

    /// Relative standard deviation of the root mean square error of `repeats` independent estimates from L = `samples` values each,
    /// for many repeats: sqrt((2 + k/L)/R)/2 with the excess kurtosis k of f. NaN for a constant f.
    pub fn relative_sd_of_rms(&self, samples: usize, repeats: usize) -> f64 {
        let variance = self.variance();
        let kurtosis = self.fourth_cumulant() / (variance * variance) / samples as f64;
        0.5 * libm::sqrt((2.0 + kurtosis) / repeats as f64)
    }
}

impl std::ops::Add for Quadratic {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            constant: self.constant + other.constant,
            linear: self.linear + other.linear,
            square: self.square + other.square,
        }
    }
}

impl std::ops::Sub for Quadratic {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + Self { constant: -other.constant, linear: -other.linear, square: -other.square }
    }
}

/// Root mean square error of `repeats` Monte Carlo estimates of E f(eps), for every L of `sizes` (increasing). Each repeat draws
/// its noise once, and a smaller L is its beginning: nested samples.
pub fn rms_errors(f: &Quadratic, sizes: &[usize], repeats: usize, rng: &mut crate::rng::Rng) -> Vec<f64> {
    let truth = f.mean();
    let mut squares = vec![0.0; sizes.len()];
    let mut eps = vec![0.0_f32; sizes.last().copied().unwrap_or(0)];
    for _ in 0..repeats {
        rng.fill_normal(&mut eps);
        let (mut sum, mut from) = (0.0, 0);
        for (&size, square) in sizes.iter().zip(&mut squares) {
            assert!(from <= size, "nested sizes increase, {size} follows {from}");
            sum += eps[from..size].iter().map(|&eps| f.at(f64::from(eps))).sum::<f64>();
            from = size;
            let error = sum / size as f64 - truth;
            *square += error * error;
        }
    }
    squares.iter().map(|square| libm::sqrt(square / repeats as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quadrature::GaussHermite;
    use crate::rng::Rng;

    const F: Quadratic = Quadratic { constant: 0.7, linear: -1.3, square: 0.4 };

    #[test]
    fn the_moments_are_the_integrals() {
        let rule = GaussHermite::new(12); // exact to degree 23, f⁴ has degree 8
        let moment = |power: i32| rule.expectation(0.0, 0.0, |eps| (F.at(eps) - F.mean()).powi(power));
        assert!(moment(1).abs() < 1e-12);
        assert!((moment(2) - F.variance()).abs() < 1e-11);
        assert!((moment(4) - 3.0 * F.variance() * F.variance() - F.fourth_cumulant()).abs() < 1e-10);
    }

    #[test]
    fn the_simulated_error_falls_as_the_root_of_the_number_of_samples() {
        let (sizes, repeats) = ([1, 10, 100, 1000], 400);
        let errors = rms_errors(&F, &sizes, repeats, &mut Rng::new(1));
        for (&size, error) in sizes.iter().zip(&errors) {
            let exact = F.standard_error(size);
            let off = (error / exact - 1.0) / F.relative_sd_of_rms(size, repeats);
            assert!(off.abs() < 4.0, "L {size}: {error} against {exact}, {off} standard deviations");
        }
    }

    #[test]
    fn a_constant_has_no_error() {
        let f = F - F;
        assert_eq!((f.variance(), f.standard_error(3)), (0.0, 0.0));
        assert_eq!(rms_errors(&f, &[1, 5], 3, &mut Rng::new(1)), [0.0, 0.0]);
    }
}
