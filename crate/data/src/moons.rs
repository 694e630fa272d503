//! Two interleaved half circles: a toy data set in the plane.

use math::rng::Rng;

/// Points in the plane and which moon each belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Moons {
    /// Coordinates, `[n, 2]` row-major.
    pub points: Vec<f32>,
    /// 0 for the upper moon, 1 for the lower one, `[n]`.
    pub labels: Vec<u8>,
}

/// `n` points on two half moons, with independent normal noise of standard deviation `noise` on each coordinate.
///
/// Upper moon: (cos a, sin a); lower: (1 - cos a, 1/2 - sin a); a evenly spaced on [0, pi], as scikit-learn's `make_moons`
/// places them. The moons alternate, so that the first examples, however many, hold both. For odd `n` the upper one has one more.
pub fn two_moons(n: usize, noise: f64, seed: u64) -> Moons {
    /// The stream of this use of the seed.
    const MOONS: u64 = 0x3007;
    let mut rng = Rng::new(seed).stream(MOONS);
    let counts = [n.div_ceil(2), n / 2];
    let mut points = Vec::with_capacity(2 * n);
    let mut labels = Vec::with_capacity(n);
    // Along each moon in random order, so that the first examples are spread over the whole moon.
    let places = counts.map(|count| rng.permutation(count));
    for i in 0..n {
        let moon = i % 2;
        let share = places[moon][i / 2] as f64 / counts[moon].saturating_sub(1).max(1) as f64;
        let (sin, cos) = libm::sincos(std::f64::consts::PI * share);
        let [x, y] = if moon == 0 { [cos, sin] } else { [1.0 - cos, 0.5 - sin] };
        points.push((x + noise * rng.normal()) as f32);
        points.push((y + noise * rng.normal()) as f32);
        labels.push(moon as u8);
    }
    Moons { points, labels }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_noise_the_points_lie_on_the_moons() {
        let moons = two_moons(101, 0.0, 1);
        assert_eq!(moons.points.len(), 202);
        let mut upper = 0;
        for (point, &label) in moons.points.chunks(2).zip(&moons.labels) {
            let (x, y) = (f64::from(point[0]), f64::from(point[1]));
            // Undo the lower moon's place: then both are the upper half of the unit circle.
            let [u, v] = if label == 0 { [x, y] } else { [1.0 - x, 0.5 - y] };
            assert!((u * u + v * v - 1.0).abs() < 1e-6 && v > -1e-6, "{x} {y}");
            upper += usize::from(label == 0);
        }
        assert_eq!(upper, 51);
        let mut places: Vec<f32> = moons.points.chunks(2).step_by(2).map(|point| point[0]).collect();
        places.sort_by(f32::total_cmp);
        assert_eq!((places[0], places[50]), (-1.0, 1.0), "the moon is covered from end to end");
    }

    #[test]
    fn the_noise_is_as_large_as_asked_for_and_seeded() {
        let (clean, noisy) = (two_moons(4000, 0.0, 2), two_moons(4000, 0.1, 2));
        assert_eq!(clean.labels, noisy.labels);
        let noise: Vec<f64> = noisy.points.iter().zip(&clean.points).map(|(a, b)| f64::from(a - b)).collect();
        let variance = noise.iter().map(|noise| noise * noise).sum::<f64>() / noise.len() as f64;
        assert!((variance / 0.01 - 1.0).abs() < 5.0 * (2.0 / 8000.0_f64).sqrt(), "{variance}");
        assert_eq!(two_moons(10, 0.1, 2), two_moons(10, 0.1, 2));
        assert_ne!(two_moons(10, 0.1, 2), two_moons(10, 0.1, 3));
        assert!(two_moons(0, 0.1, 0).points.is_empty() && two_moons(1, 0.1, 0).labels == [0]);
    }
}
