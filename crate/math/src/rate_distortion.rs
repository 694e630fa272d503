//! The rate–distortion plane of A. A. Alemi et al. 2018: a model is a point (R, D) in nats per image, with rate
//! R = E KL\[q(z|x)‖p(z)\] and distortion D = −E\[log p(x|z)\]. It knows no training.
//!
//! ```
//! use math::rate_distortion::{elbo, hull};
//! assert_eq!(elbo([4.0, 20.0]), -24.0);
//! // Of four models the second is above the straight line between its neighbours, the last has more of both than the third.
//! assert_eq!(hull(&[[0.0, 30.0], [2.0, 27.0], [4.0, 20.0], [9.0, 21.0]]), [[0.0, 30.0], [4.0, 20.0]]);
//! ```

use std::cmp::Ordering;

/// The ELBO of a model in the plane, −(R + D), (18): lines of equal ELBO have slope −1 and meet the axis R = 0 at −ELBO.
pub fn elbo([rate, distortion]: [f64; 2]) -> f64 {
    -(rate + distortion)
}

/// The part of the line of equal ELBO within a rectangle, from left to right; none where it does not cross it or is no number.
pub fn line_of_equal_elbo(elbo: f64, rates: (f64, f64), distortions: (f64, f64)) -> Option<[[f64; 2]; 2]> {
    if !elbo.is_finite() {
        return None;
    }
    let from = rates.0.max(-elbo - distortions.1);
    let to = rates.1.min(-elbo - distortions.0);
    (from < to).then(|| [from, to].map(|rate| [rate, -elbo - rate]))
}

/// The lower convex hull of points (rate, distortion), by increasing rate up to the least distortion: the largest convex and falling
/// curve on or below every point. Using one of two models by the toss of a coin leads to the straight line between them, so no
/// mixture that ignores the image gets below it. Points that are not finite are left out.
///
/// Training with a KL weight β looks for the least distortion + β · rate, where the lowest line of slope −β touches the hull.
/// Monotone chain, A. M. Andrew 1979.
pub fn hull(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut sorted: Vec<[f64; 2]> = points.iter().copied().filter(|[r, d]| r.is_finite() && d.is_finite()).collect();
    // Not by total_cmp, for which −0 and 0 are two rates.
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    let mut hull: Vec<[f64; 2]> = Vec::new();
    for point in sorted {
        // Neither more rate for the same distortion, nor a point that the line between its neighbours undercuts.
        if hull.last().is_some_and(|last| point[1] >= last[1]) {
            continue;
        }
        while let [.., a, b] = hull[..] {
            if (b[0] - a[0]) * (point[1] - a[1]) > (point[0] - a[0]) * (b[1] - a[1]) {
                break;
            }
            hull.pop();
        }
        hull.push(point);
    }
    hull
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// The hull at a rate, as the curve that it is: above its points' rates its lowest distortion, below them nothing.
    fn at(hull: &[[f64; 2]], rate: f64) -> f64 {
        let place = hull.partition_point(|point| point[0] <= rate);
        match (place.checked_sub(1).map(|left| hull[left]), hull.get(place)) {
            (None, _) => f64::NEG_INFINITY,
            (Some(left), None) => left[1],
            (Some([r, d]), Some([next, below])) => d + (rate - r) / (next - r) * (below - d),
        }
    }

    /// On or below every point, made of points, convex and falling; and between two of its points a mixture of them.
    #[test]
    fn the_hull_is_the_lower_convex_one() {
        let mut rng = Rng::new(1);
        for count in 1..40 {
            let points: Vec<[f64; 2]> = (0..count).map(|_| [10.0 * rng.uniform(), 30.0 * rng.uniform()]).collect();
            let hull = hull(&points);
            assert!(!hull.is_empty() && hull.iter().all(|point| points.contains(point)));
            for &[rate, distortion] in &points {
                assert!(at(&hull, rate) <= distortion + 1e-12, "{hull:?} {rate} {distortion}");
            }
            let slopes: Vec<f64> = hull.windows(2).map(|w| (w[1][1] - w[0][1]) / (w[1][0] - w[0][0])).collect();
            assert!(slopes.iter().all(|slope| *slope < 0.0) && slopes.windows(2).all(|w| w[0] < w[1]), "{slopes:?}");
            let lowest = points.iter().map(|point| point[1]).fold(f64::INFINITY, f64::min);
            assert_eq!(hull.last().map(|point| point[1]), Some(lowest));
        }
    }

    /// Against SciPy, whose hull is the whole one, counterclockwise:
    ///
    /// ```python
    /// k = np.arange(24)
    /// rate = (0.61803 * k) % 1 * 10
    /// points = np.stack([rate, 16 + 12 * np.exp(-rate / 3) + 2 * ((0.41421 * k) % 1) + rate**2 / 40], axis=1)
    /// corners = points[ConvexHull(points).vertices]
    /// corners = np.roll(corners, -np.argmin(corners[:, 0]), axis=0)
    /// corners[: np.argmin(corners[:, 1]) + 1]
    /// ```
    #[test]
    fn the_hull_is_scipys() {
        let point = |k: i32| {
            let rate = (0.61803 * f64::from(k)) % 1.0 * 10.0;
            [rate, 16.0 + 12.0 * (-rate / 3.0).exp() + 2.0 * ((0.41421 * f64::from(k)) % 1.0) + rate * rate / 40.0]
        };
        let expected = [
            [0.0, 28.0],
            [0.9015, 25.047_792_406],
            [1.803, 22.944_627_41],
            [2.7045, 21.480_681_155],
            [3.606, 20.500_590_006],
            [5.0651, 18.942_374_776],
            [5.9666, 18.757_453_106],
        ];
        let found = hull(&(0..24).map(point).collect::<Vec<_>>());
        assert_eq!(found.len(), expected.len(), "{found:?}");
        let apart = found.iter().flatten().zip(expected.as_flattened()).map(|(a, b)| (a - b).abs());
        assert!(apart.fold(0.0, f64::max) < 1e-8, "{found:?}");
    }

    /// For every weight of the rate the best of all points is on the hull.
    #[test]
    fn every_weighted_objective_is_best_on_the_hull() {
        let mut rng = Rng::new(2);
        let points: Vec<[f64; 2]> = (0..60).map(|_| [10.0 * rng.uniform(), 30.0 * rng.uniform()]).collect();
        let hull = hull(&points);
        for beta in [0.01, 0.1, 0.5, 1.0, 2.0, 10.0, 100.0] {
            let best = |of: &[[f64; 2]]| of.iter().map(|[r, d]| beta * r + d).fold(f64::INFINITY, f64::min);
            assert_eq!(best(&hull), best(&points), "{beta}");
        }
    }

    #[test]
    fn points_that_repeat_or_are_no_numbers_do_no_harm() {
        assert!(hull(&[]).is_empty());
        assert_eq!(hull(&[[f64::NAN, 1.0], [2.0, 3.0], [1.0, f64::INFINITY]]), [[2.0, 3.0]]);
        assert_eq!(hull(&[[0.0, 5.0], [0.0, 4.0], [0.0, 4.0], [1.0, 4.0]]), [[0.0, 4.0]]);
        assert_eq!(hull(&[[-0.0, 5.0], [0.0, 4.0]]), [[0.0, 4.0]]);
        // On one line only its ends remain.
        assert_eq!(hull(&[[2.0, 8.0], [0.0, 10.0], [1.0, 9.0]]), [[0.0, 10.0], [2.0, 8.0]]);
    }

    #[test]
    fn a_line_of_equal_elbo_is_cut_at_the_rectangle() {
        let (rates, distortions) = ((0.0, 10.0), (15.0, 40.0));
        for value in [-20.0, -30.0, -45.0] {
            let ends = line_of_equal_elbo(value, rates, distortions).unwrap();
            assert!(ends[0][0] < ends[1][0]);
            for [rate, distortion] in ends {
                assert!((elbo([rate, distortion]) - value).abs() < 1e-12);
                assert!((0.0..=10.0).contains(&rate) && (15.0..=40.0).contains(&distortion));
                let edges = [rate - 0.0, 10.0 - rate, distortion - 15.0, 40.0 - distortion];
                assert!(edges.iter().any(|edge| edge.abs() < 1e-12), "{rate} {distortion}");
            }
        }
        assert_eq!(line_of_equal_elbo(-10.0, rates, distortions), None);
        assert_eq!(line_of_equal_elbo(-60.0, rates, distortions), None);
        assert_eq!(line_of_equal_elbo(f64::NAN, rates, distortions), None);
    }
}
