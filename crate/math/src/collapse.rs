//! Posterior collapse, slide 3.2: the latent dimensions whose posterior is the prior for almost every data point.
//! It knows no training: its input is a table of KL per data point and latent dimension.
//!
//! ```
//! use math::collapse::{collapsed, thresholds};
//! // KL of three data points (rows) and two latent dimensions: the first is used, the second is the prior but for 0.003 nats.
//! let kl = [2.0, 0.001, 1.0, 0.002, 3.0, 0.003];
//! assert_eq!(thresholds(&kl, 2, 0.0), [3.0, 0.003]);
//! assert_eq!(collapsed(&kl, 2, 0.01, 0.0), [false, true]);
//! ```

/// The share of data points that the measure exempts: a dimension is collapsed when P_x(KL < epsilon) >= 1 - delta.
pub const DELTA: f64 = 0.01;

/// The variance of mu over the data above which Burda, Grosse and Salakhutdinov (2016) call a unit active.
pub const ACTIVE: f64 = 0.01;

/// The epsilon above which each dimension is collapsed, in nats.
///
/// Dimension i is collapsed at (epsilon, delta) exactly when epsilon > its threshold, the ceil((1 - delta) N)-th smallest KL\[n, i\].
/// Shapes: kl `[n, dims]` row-major in nats → `[dims]`. NaN counts as large. Without rows every threshold is -inf.
pub fn thresholds(kl: &[f64], dims: usize, delta: f64) -> Vec<f64> {
    let rows = row_count(kl, dims);
    // 0.99 is not a binary number: without the slack, 99 rows of 100 would not be enough.
    let needed = ((1.0 - delta) * rows as f64 - 1e-9).ceil().clamp(0.0, rows as f64) as usize;
    (0..dims)
        .map(|i| {
            let mut column: Vec<f64> =
                kl.iter().skip(i).step_by(dims).map(|kl| if kl.is_nan() { f64::INFINITY } else { *kl }).collect();
            column.sort_unstable_by(f64::total_cmp);
            if needed == 0 { f64::NEG_INFINITY } else { column[needed - 1] }
        })
        .collect()
}

/// Which dimensions are collapsed at (epsilon, delta). Shapes as in [`thresholds`].
pub fn collapsed(kl: &[f64], dims: usize, epsilon: f64, delta: f64) -> Vec<bool> {
    thresholds(kl, dims, delta).into_iter().map(|threshold| epsilon > threshold).collect()
}

/// The proportion of collapsed dimensions at each of `epsilons`, 0 to 1: the curve of slide 3.2. Never falls as epsilon grows.
pub fn curve(kl: &[f64], dims: usize, epsilons: &[f64], delta: f64) -> Vec<f64> {
    let thresholds = thresholds(kl, dims, delta);
    let share =
        |&epsilon: &f64| thresholds.iter().filter(|&&threshold| epsilon > threshold).count() as f64 / dims as f64;
    epsilons.iter().map(share).collect()
}

/// `count` values of epsilon from `low` to `high`, evenly spaced on a log axis, for [`curve`]. Panics unless 0 < low < high, count >= 2.
pub fn log_grid(low: f64, high: f64, count: usize) -> Vec<f64> {
    assert!(low > 0.0, "a log axis begins above 0, not at {low}");
    let grid = crate::quadrature::Grid::new(libm::log(low), libm::log(high), count);
    grid.points.into_iter().map(libm::exp).collect()
}

/// Var_x of mu_i, one per dimension, divisor N. Shapes: mu `[n, dims]` row-major → `[dims]`. NaN without rows.
pub fn mean_variances(mu: &[f64], dims: usize) -> Vec<f64> {
    let n = row_count(mu, dims) as f64;
    (0..dims)
        .map(|i| {
            let column = || mu.iter().skip(i).step_by(dims);
            let mean = column().sum::<f64>() / n;
            column().map(|mu| (mu - mean) * (mu - mean)).sum::<f64>() / n
        })
        .collect()
}

/// How many units are active, Var_x(mu_i) > [`ACTIVE`]. Shapes as in [`mean_variances`].
pub fn active_units(mu: &[f64], dims: usize) -> usize {
    mean_variances(mu, dims).into_iter().filter(|&variance| variance > ACTIVE).count()
}

fn row_count(table: &[f64], dims: usize) -> usize {
    assert!(dims > 0 && table.len().is_multiple_of(dims), "a table [n, {dims}] cannot have {} entries", table.len());
    table.len() / dims
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// The measure word for word.
    fn by_definition(kl: &[f64], dims: usize, epsilon: f64, delta: f64) -> f64 {
        let n = kl.len() / dims;
        let collapsed = (0..dims).filter(|i| {
            let below = (0..n).filter(|row| kl[row * dims + i] < epsilon).count();
            below as f64 / n as f64 >= 1.0 - delta - 1e-12
        });
        collapsed.count() as f64 / dims as f64
    }

    #[test]
    fn the_curve_is_the_definition() {
        let mut rng = Rng::new(1);
        let (n, dims) = (100, 7);
        let kl: Vec<f64> = (0..n * dims).map(|i| libm::exp(rng.normal() + (i % dims) as f64 - 6.0)).collect();
        let epsilons = log_grid(1e-5, 100.0, 60);
        for delta in [0.0, 0.01, 0.1, 1.0] {
            let curve = curve(&kl, dims, &epsilons, delta);
            for (&epsilon, share) in epsilons.iter().zip(&curve) {
                assert_eq!(*share, by_definition(&kl, dims, epsilon, delta), "{epsilon} {delta}");
            }
            assert!(curve.is_sorted() && curve[59] == 1.0);
        }
        // A threshold is itself not collapsed: the inequality is strict.
        let threshold = thresholds(&kl, dims, DELTA)[2];
        assert!(!collapsed(&kl, dims, threshold, DELTA)[2] && collapsed(&kl, dims, threshold * 1.000_001, DELTA)[2]);
    }

    #[test]
    fn one_percent_is_exempt() {
        let mut kl = vec![0.001; 200]; // [100, 2]
        kl[0] = 5.0;
        kl[1] = 5.0;
        kl[3] = f64::NAN;
        assert_eq!(collapsed(&kl, 2, 0.01, DELTA), [true, false]);
        assert_eq!(thresholds(&[], 2, DELTA), [f64::NEG_INFINITY; 2]);
    }

    #[test]
    fn active_units_move_with_the_data() {
        let mu = [1.0, 0.05, -1.0, -0.05, 1.0, 0.05, -1.0, -0.05]; // [4, 2]: variances 1 and 0.0025
        let variances = mean_variances(&mu, 2);
        assert!((variances[0] - 1.0).abs() < 1e-15 && (variances[1] - 0.0025).abs() < 1e-15);
        assert_eq!(active_units(&mu, 2), 1);
    }

    #[test]
    fn the_log_grid_has_its_ends() {
        let grid = log_grid(1e-4, 1.0, 5);
        for (found, expected) in grid.iter().zip([1e-4, 1e-3, 1e-2, 1e-1, 1.0]) {
            assert!((found / expected - 1.0).abs() < 1e-12);
        }
    }
}
