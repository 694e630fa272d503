//! A Monte Carlo estimate: a mean and how far it may be off.

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
        let standard_error = libm::sqrt(crate::simulation::variance(values) / samples as f64);
        Self { mean, standard_error, samples }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_that_of_a_mean() {
        let estimate = Estimate::of(&[1.0, 3.0, 1.0, 3.0]);
        assert_eq!((estimate.mean, estimate.samples), (2.0, 4));
        assert!((estimate.standard_error - (4.0_f64 / 3.0 / 4.0).sqrt()).abs() < 1e-15);
        assert!(Estimate::of(&[1.0]).standard_error.is_nan() && Estimate::of(&[]).mean.is_nan());
    }
}
