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

    /// The estimate of the mean over n strata from one sample of each, its error from a second sample of some.
    ///
    /// `values` are n samples, one a stratum, and then a second one of each stratum in `again`, which counts for the error only:
    /// sqrt( mean of (a - b)²/2 over the pairs / n ). Differences between strata are no noise. NaN without pairs. Panics on other lengths.
    pub fn of_one_each(values: &[f64], again: &[usize]) -> Self {
        let (first, second) = values.split_at(values.len() - again.len());
        let samples = first.len();
        let squares = again.iter().zip(second).map(|(&stratum, b)| 0.5 * (first[stratum] - b) * (first[stratum] - b));
        let within = squares.sum::<f64>() / again.len() as f64;
        let mean = first.iter().sum::<f64>() / samples as f64;
        Self { mean, standard_error: libm::sqrt(within / samples as f64), samples }
    }

    /// Half the width of the 95 % confidence interval about the mean: the standard error times Student's t with L - 1 degrees of freedom.
    ///
    /// It covers the expectation with 95 % where the values are normal, whatever L; where they are skewed, as squares of normals are,
    /// with less while L is small. NaN for fewer than two values.
    pub fn half_width_95(&self) -> f64 {
        if self.samples < 2 {
            return f64::NAN;
        }
        student_t_975(self.samples as f64 - 1.0) * self.standard_error
    }
}

/// A smooth function of means, estimated from the rows of a table: shape `[samples][k]`, `of` maps k means to a number.
///
/// The plug-in value is biased by about its curvature over the samples (log sum exp of means lies too high); the jackknife takes that bias
/// away to first order, S f - (S - 1) mean f_{-s}, and its error is sqrt((S - 1)/S sum (f_{-s} - mean)²) (Efron 1982). At least two rows.
pub fn jackknife(rows: &[Vec<f64>], of: impl Fn(&[f64]) -> f64) -> Estimate {
    let samples = rows.len();
    assert!(samples > 1, "the jackknife needs two samples, not {samples}");
    let s = samples as f64;
    let sums: Vec<f64> = (0..rows[0].len()).map(|k| rows.iter().map(|row| row[k]).sum()).collect();
    let all = of(&sums.iter().map(|sum| sum / s).collect::<Vec<_>>());
    let without = |row: &Vec<f64>| of(&sums.iter().zip(row).map(|(sum, x)| (sum - x) / (s - 1.0)).collect::<Vec<_>>());
    let left: Vec<f64> = rows.iter().map(without).collect();
    let mean = left.iter().sum::<f64>() / s;
    Estimate { mean: s * all - (s - 1.0) * mean, standard_error: libm::sqrt(jackknife_variance(&left)), samples }
}

/// The variance of a statistic of S samples from its values without each of them: (S - 1)/S sum (f_{-s} - mean)². NaN for fewer than two.
pub fn jackknife_variance(left_out: &[f64]) -> f64 {
    let s = left_out.len() as f64;
    variance(left_out) * (s - 1.0) * (s - 1.0) / s
}

/// The quantile 0.975 of Student's t with this many degrees of freedom, at least 1, to six digits.
///
/// G. W. Hill, "Algorithm 396: Student's t-quantiles", Communications of the ACM 13(10), 1970; in closed form for 1 and 2.
pub fn student_t_975(degrees: f64) -> f64 {
    const P: f64 = 0.05; // of both tails
    if degrees < 1.5 {
        return 1.0 / libm::tan(0.5 * std::f64::consts::PI * P);
    }
    if degrees < 2.5 {
        return libm::sqrt(2.0 / (P * (2.0 - P)) - 2.0);
    }
    let n = degrees;
    let a = 1.0 / (n - 0.5);
    let b = 48.0 / (a * a);
    let mut c = ((20_700.0 * a / b - 98.0) * a - 16.0) * a + 96.36;
    let d = ((94.5 / (b + c) - 3.0) / b + 1.0) * libm::sqrt(0.5 * std::f64::consts::PI * a) * n;
    let y = libm::pow(d * P, 2.0 / n);
    let y = if y > 0.05 + a {
        let x = crate::gaussian::quantile(0.5 * P);
        if n < 5.0 {
            c += 0.3 * (n - 4.5) * (x + 0.6);
        }
        c += (((0.05 * d * x - 5.0) * x - 7.0) * x - 2.0) * x + b;
        let square = x * x;
        let y = (((((0.4 * square + 6.3) * square + 36.0) * square + 94.5) / c - square - 3.0) / b + 1.0) * x;
        libm::expm1(a * y * y)
    } else {
        let inner = 1.0 / (((n + 6.0) / (n * y) - 0.089 * d - 0.822) * (n + 2.0) * 3.0) + 0.5 / (n + 4.0);
        (inner * y - 1.0) * (n + 1.0) / (n + 2.0) + 1.0 / y
    };
    libm::sqrt(n * y)
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

    /// By `scipy.stats.t.ppf(0.975, degrees)`, SciPy 1.17.
    #[test]
    fn students_quantile_is_scipys() {
        let scipy = [
            (1.0, 12.706204736174694),
            (2.0, 4.302652729749462),
            (3.0, 3.1824463052837078),
            (4.0, 2.7764451051977934),
            (5.0, 2.5705818356363146),
            (7.0, 2.364624251592785),
            (9.0, 2.2621571628540993),
            (20.0, 2.0859634472658644),
            (49.0, 2.0095752371292397),
            (99.0, 1.9842169515864165),
            (9999.0, 1.9602012636213575),
        ];
        for (degrees, quantile) in scipy {
            let ours = student_t_975(degrees);
            assert!((ours - quantile).abs() < 2e-6 * quantile, "{degrees}: {ours} against {quantile}");
        }
    }

    /// The share of intervals that cover the expectation, of samples made from standard normal noise.
    fn coverage(samples: usize, of: fn(f64) -> f64, expectation: f64) -> f64 {
        const RUNS: usize = 20_000;
        let mut rng = crate::rng::Rng::new(samples as u64);
        let covers = |_: &usize| {
            let values: Vec<f64> = (0..samples).map(|_| of(rng.normal())).collect();
            let estimate = Estimate::of(&values);
            (estimate.mean - expectation).abs() < estimate.half_width_95()
        };
        (0..RUNS).filter(covers).count() as f64 / RUNS as f64
    }

    #[test]
    fn the_interval_covers_95_percent_of_normal_samples_and_fewer_of_their_squares() {
        for samples in [2, 5, 100] {
            let share = coverage(samples, |eps| 3.0 - 2.0 * eps, 3.0);
            assert!((share - 0.95).abs() < 0.007, "{samples}: {share}");
        }
        let few = coverage(5, |eps| eps * eps, 1.0);
        assert!((0.78..0.9).contains(&few), "{few}");
        let many = coverage(400, |eps| eps * eps, 1.0);
        assert!((0.93..0.955).contains(&many), "{many}");
    }

    /// log sum exp of two means: the plug-in value lies too high by half the variance of the means' logits, the jackknife does not.
    #[test]
    fn the_jackknife_takes_the_bias_away_and_knows_its_error() {
        const RUNS: usize = 4000;
        let exact = crate::gaussian::log_sum_exp(&[0.3, -0.2]);
        let mut rng = crate::rng::Rng::new(21);
        let (mut plain, mut found) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let rows: Vec<Vec<f64>> =
                (0..8).map(|_| vec![0.3 + 2.0 * rng.normal(), -0.2 + 2.0 * rng.normal()]).collect();
            let mean = |k: usize| rows.iter().map(|row| row[k]).sum::<f64>() / 8.0;
            plain.push(crate::gaussian::log_sum_exp(&[mean(0), mean(1)]));
            found.push(jackknife(&rows, crate::gaussian::log_sum_exp));
        }
        let (plain, means) =
            (Estimate::of(&plain), Estimate::of(&found.iter().map(|one| one.mean).collect::<Vec<_>>()));
        assert!(plain.mean - exact > 10.0 * plain.standard_error, "{plain:?} {exact}");
        assert!((means.mean - exact).abs() < 0.2 * (plain.mean - exact), "{means:?} {exact}");
        let spread = means.standard_error * (RUNS as f64).sqrt();
        let said = (found.iter().map(|one| one.standard_error.powi(2)).sum::<f64>() / RUNS as f64).sqrt();
        assert!((0.85..1.18).contains(&(said / spread)), "{said} said, {spread} seen");
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
