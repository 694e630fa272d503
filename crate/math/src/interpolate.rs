//! Arithmetic on the latent space, slide 1.6: paths between codes, sums and differences of codes.
//! A code is a slice of its coordinates; several codes are rows of a flat row-major array.
//!
//! ```
//! use math::interpolate::{analogy, interpolate, interpolate_spherical};
//! assert_eq!(interpolate(&[0.0, 0.0], &[4.0, 2.0], 1), [0.0, 0.0, 2.0, 1.0, 4.0, 2.0]);
//! // Half way along the arc between two unit vectors at a right angle: still of length 1.
//! let path = interpolate_spherical(&[1.0, 0.0], &[0.0, 1.0], 1);
//! assert!((path[2].hypot(path[3]) - 1.0).abs() < 1e-15);
//! assert_eq!(analogy(&[3.0], &[1.0], &[5.0]), [7.0]);
//! ```

/// The slide's `interpolate(start, end, steps)`: from `start` to `end`, both included, with `steps` codes between them.
///
/// Row r is (1 - t) start + t end with t = r/(steps + 1). Shapes: `[d]`, `[d]` → `[steps + 2, d]`.
pub fn interpolate(start: &[f64], end: &[f64], steps: usize) -> Vec<f64> {
    path(start, end, steps, |t| [1.0 - t, t])
}

/// The spherical path: constant angular speed on the arc between the directions of `start` and `end`.
///
/// Row r is (sin((1-t) a) start + sin(t a) end)/sin a, with a the angle between the two (K. Shoemake 1985; T. White 2016 for latent codes).
/// Between codes of equal length all rows have that length, which is where a Gaussian prior of many dimensions has its mass.
/// Falls back to the straight path when the arc is not defined: nearly parallel or opposite codes, or one of length 0.
/// Shapes as in [`interpolate`].
pub fn interpolate_spherical(start: &[f64], end: &[f64], steps: usize) -> Vec<f64> {
    /// The sine of the angle below which the arc and the straight line are the same to rounding.
    const STRAIGHT: f64 = 1e-6;
    let lengths = libm::sqrt(dot(start, start) * dot(end, end));
    let angle = libm::acos((dot(start, end) / lengths).clamp(-1.0, 1.0));
    let sine = libm::sin(angle);
    if sine.is_nan() || sine < STRAIGHT {
        return interpolate(start, end, steps);
    }
    path(start, end, steps, |t| [libm::sin((1.0 - t) * angle) / sine, libm::sin(t * angle) / sine])
}

/// z1 - z2 + z3: what z1 is to z2, applied to z3.
pub fn analogy(z1: &[f64], z2: &[f64], z3: &[f64]) -> Vec<f64> {
    assert!(z1.len() == z2.len() && z2.len() == z3.len(), "codes have one length");
    (0..z1.len()).map(|j| z1[j] - z2[j] + z3[j]).collect()
}

/// The mean of the chosen rows of `codes` `[n, d]`, such as the codes of one digit. NaN without rows.
pub fn mean(codes: &[f64], d: usize, rows: &[usize]) -> Vec<f64> {
    let mut sum = vec![0.0; d];
    for row in rows {
        for (total, z) in sum.iter_mut().zip(&codes[row * d..(row + 1) * d]) {
            *total += z;
        }
    }
    sum.iter().map(|total| total / rows.len() as f64).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn path(start: &[f64], end: &[f64], steps: usize, weights: impl Fn(f64) -> [f64; 2]) -> Vec<f64> {
    assert_eq!(start.len(), end.len(), "codes have one length");
    let last = steps + 1;
    let mut rows = Vec::with_capacity((steps + 2) * start.len());
    for r in 0..=last {
        // The ends are the codes themselves, to the last bit.
        let [a, b] = match r {
            0 => [1.0, 0.0],
            r if r == last => [0.0, 1.0],
            r => weights(r as f64 / last as f64),
        };
        rows.extend(start.iter().zip(end).map(|(start, end)| a * start + b * end));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slides_linspace() {
        // numpy.linspace(z1, z2, steps + 2)
        assert_eq!(interpolate(&[0.0, 1.0], &[4.0, -1.0], 3), [0.0, 1.0, 1.0, 0.5, 2.0, 0.0, 3.0, -0.5, 4.0, -1.0]);
        assert_eq!(interpolate(&[0.1], &[0.7], 0), [0.1, 0.7]);
        let path = interpolate(&[0.1, 0.2], &[0.7, -0.3], 9);
        assert_eq!((path.len(), &path[..2], &path[20..]), (22, &[0.1, 0.2][..], &[0.7, -0.3][..]));
    }

    #[test]
    fn the_arc_keeps_length_and_speed() {
        let (start, end) = ([3.0, 0.0, 0.0], [0.0, 0.0, 3.0]);
        let path = interpolate_spherical(&start, &end, 8);
        let rows: Vec<&[f64]> = path.chunks(3).collect();
        assert_eq!((rows.len(), rows[0], rows[9]), (10, &start[..], &end[..]));
        for pair in rows.windows(2) {
            assert!((dot(pair[0], pair[0]) - 9.0).abs() < 1e-12);
            assert!((dot(pair[0], pair[1]) / 9.0 - (10.0_f64.to_radians()).cos()).abs() < 1e-12, "ten degrees a step");
        }
    }

    #[test]
    fn without_an_arc_the_path_is_straight() {
        for (start, end) in [([1.0, 1.0], [2.0, 2.0]), ([1.0, 0.5], [-1.0, -0.5]), ([0.0, 0.0], [1.0, 2.0])] {
            assert_eq!(interpolate_spherical(&start, &end, 4), interpolate(&start, &end, 4));
        }
    }

    #[test]
    fn codes_add_and_subtract() {
        assert_eq!(analogy(&[1.0, 2.0], &[0.5, 0.5], &[10.0, 20.0]), [10.5, 21.5]);
        assert_eq!(mean(&[1.0, 2.0, 9.0, 9.0, 3.0, 6.0], 2, &[0, 2]), [2.0, 4.0]);
        assert!(mean(&[], 2, &[])[0].is_nan());
    }
}
