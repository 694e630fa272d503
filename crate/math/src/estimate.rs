//! A Monte Carlo estimate: a mean and its standard error.
//!
//! ```
//! use math::estimate::{Estimate, variance};
//! let samples = [1.0, 3.0];
//! assert_eq!(variance(&samples), 2.0); // divisor n - 1
//! let estimate = Estimate::of(&samples);
//! assert_eq!((estimate.mean, estimate.standard_error), (2.0, 1.0)); // sqrt(2/2)
//! ```

/// The mean of independent samples with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Mean of the samples. NaN when there are none.
    pub mean: f64,
    /// Standard deviation of the mean, sqrt(s²/L) with the sample variance s² (divisor L - 1). NaN for fewer than two samples.
    pub standard_error: f64,
    /// L, how many samples there are.
    pub samples: usize,
}

impl Estimate {
    /// The estimate from independent values.
    pub fn of(values: &[f64]) -> Self {
        let samples = values.len();
        let mean = values.iter().sum::<f64>() / samples as f64;
        let standard_error = libm::sqrt(variance(values) / samples as f64);
        Self { mean, standard_error, samples }
    }

    /// The estimate of the mean over `strata` from equally many samples of each: `values[s]` belongs to stratum s mod `strata`.
    ///
    /// Standard error sqrt( sum_n s_n²/each ) / strata: differences between strata do not count as noise. NaN below two samples of each.
    /// Panics unless every stratum has equally many.
    pub fn stratified(values: &[f64], strata: usize) -> Self {
        let samples = values.len();
        assert!(
            strata > 0 && samples.is_multiple_of(strata),
            "{samples} samples cannot be equally many of {strata} strata"
        );
        let each = samples / strata;
        let mean = values.iter().sum::<f64>() / samples as f64;
        let mut of_one = vec![0.0; each];
        let variances = (0..strata).map(|n| {
            for (place, value) in of_one.iter_mut().zip(values.iter().skip(n).step_by(strata)) {
                *place = *value;
            }
            variance(&of_one) / each as f64
        });
        Self { mean, standard_error: libm::sqrt(variances.sum::<f64>()) / strata as f64, samples }
    }
}

/// Sample variance with the divisor n - 1. NaN for fewer than two values.
pub fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (values.len() as f64 - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_that_of_a_mean() {
        let estimate = Estimate::of(&[1.0, 3.0, 1.0, 3.0]);
        assert_eq!((estimate.mean, estimate.samples), (2.0, 4));
        assert!((estimate.standard_error - (4.0_f64 / 3.0 / 4.0).sqrt()).abs() < 1e-15);
        assert!(variance(&[1.0]).is_nan());
        assert_eq!(variance(&[1.0, 3.0]), 2.0);
        assert!(Estimate::of(&[1.0]).standard_error.is_nan() && Estimate::of(&[]).mean.is_nan());
    }

    #[test]
    fn differences_between_strata_are_not_noise() {
        // Stratum 0: 1, 3 (variance 2), stratum 1: 100, 100.
        let estimate = Estimate::stratified(&[1.0, 100.0, 3.0, 100.0], 2);
        assert_eq!((estimate.mean, estimate.samples), (51.0, 4));
        assert!((estimate.standard_error - 0.5).abs() < 1e-15, "sqrt(2/2 + 0)/2");
        let one = [4.0, 7.0, 1.0];
        assert_eq!(Estimate::stratified(&one, 1), Estimate::of(&one));
        assert!(Estimate::stratified(&one, 3).standard_error.is_nan());
    }
}
