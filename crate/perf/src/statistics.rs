//! What is said of repeated measurements.

use serde::Serialize;

/// Repeated measurements of one quantity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Summary {
    pub(crate) median: f64,
    pub(crate) smallest: f64,
    pub(crate) largest: f64,
    pub(crate) count: usize,
}

impl Summary {
    /// None without a measurement.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let (count, middle) = (sorted.len(), sorted.len() / 2);
        let (&smallest, &largest) = (sorted.first()?, sorted.last()?);
        let median = if count % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) };
        Some(Self { median, smallest, largest, count })
    }
}

/// The exponent b of y = a·x^b by least squares of the logarithms, over the upper half of the points: there the fixed costs weigh least.
/// None with fewer than two points left.
pub(crate) fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let upper: Vec<(f64, f64)> = sorted[sorted.len() / 2..].iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = upper.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| upper.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = upper.iter().map(|point| (point.0 - x).powi(2)).sum();
    let together: f64 = upper.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    (upper.len() > 1 && spread > 0.0).then(|| together / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_and_what_is_no_number_does_not_count() {
        let of = |values: &[f64]| Summary::of(values).map(|summary| summary.median);
        assert_eq!(of(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(of(&[4.0, 1.0, 2.0, 3.0, f64::NAN]), Some(2.5));
        assert_eq!(of(&[]), None);
        let summary = Summary::of(&[3.0, 1.0, 2.0]);
        assert_eq!(summary, Some(Summary { median: 2.0, smallest: 1.0, largest: 3.0, count: 3 }));
    }

    #[test]
    fn the_exponent_is_that_of_the_upper_half() {
        let cost = |x: f64| (x, 5.0 + 1e-3 * x * x);
        let points: Vec<(f64, f64)> = [1.0, 2.0, 4.0, 1e4, 2e4, 4e4].map(cost).into();
        assert!((exponent(&points).unwrap_or_default() - 2.0).abs() < 1e-3);
        assert_eq!(exponent(&[(1.0, 1.0)]), None);
    }
}
