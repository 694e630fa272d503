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
/// Between codes of other lengths, r1 and r2, at an angle of at most 90° every row's is between these; at a larger angle it may be shorter
/// or longer than both ([`lowest_norm_spherical`]).
/// Falls back to the straight path when the arc is not defined: nearly parallel or opposite codes, or one of length 0.
/// Shapes as in [`interpolate`].
pub fn interpolate_spherical(start: &[f64], end: &[f64], steps: usize) -> Vec<f64> {
    let Some((angle, sine)) = arc(start, end) else { return interpolate(start, end, steps) };
    path(start, end, steps, |t| [libm::sin((1.0 - t) * angle) / sine, libm::sin(t * angle) / sine])
}

/// The angle between two codes and its sine; none where the arc is not defined.
fn arc(start: &[f64], end: &[f64]) -> Option<(f64, f64)> {
    /// The sine of the angle below which the arc and the straight line are the same to rounding.
    const STRAIGHT: f64 = 1e-6;
    let lengths = libm::sqrt(dot(start, start) * dot(end, end));
    let angle = libm::acos((dot(start, end) / lengths).clamp(-1.0, 1.0));
    let sine = libm::sin(angle);
    (sine >= STRAIGHT).then_some((angle, sine))
}

/// min over 0 <= t <= 1 of ‖(1 - t) start + t end‖: the distance of the straight path from the origin.
pub fn lowest_norm(start: &[f64], end: &[f64]) -> f64 {
    let squared = dot(start, start) - 2.0 * dot(start, end) + dot(end, end); // ‖end - start‖²
    let t = (dot(start, start) - dot(start, end)) / squared;
    let t = if t.is_nan() { 0.0 } else { t.clamp(0.0, 1.0) };
    let z: Vec<f64> = start.iter().zip(end).map(|(start, end)| (1.0 - t) * start + t * end).collect();
    libm::sqrt(dot(&z, &z))
}

/// The same of the spherical path: min over 0 <= t <= 1 of ‖z(t)‖.
///
/// With v = (end - cos a start)/sin a the path is z(t) = cos(t a) start + sin(t a) v, an arc of an ellipse about the origin, so that
/// ‖z(t)‖² = m + p cos(2 t a) + q sin(2 t a) with m, p = (‖start‖² ± ‖v‖²)/2 and q = start · v. Where the arc passes its lowest
/// value m - √(p² + q²) = (‖start‖ ‖end‖)² / (m + √(p² + q²)), that is it, else the shorter end.
/// At least [`lowest_norm`]; at an angle of at most 90° the shorter end's norm, at larger ones less where the ends differ in length.
pub fn lowest_norm_spherical(start: &[f64], end: &[f64]) -> f64 {
    let Some((angle, sine)) = arc(start, end) else { return lowest_norm(start, end) };
    let cosine = libm::cos(angle);
    let [r1, r2] = [start, end].map(|z| libm::sqrt(dot(z, z)));
    let v = (r2 * r2 - 2.0 * r1 * r2 * cosine * cosine + r1 * r1 * cosine * cosine) / (sine * sine); // ‖v‖²
    let (m, p, q) = (0.5 * (r1 * r1 + v), 0.5 * (r1 * r1 - v), r1 * cosine * (r2 - r1) / sine);
    let opposite = libm::atan2(q, p) + std::f64::consts::PI; // the 2 t a of the minimum, in [0, 2 pi]
    let ends = r1.min(r2);
    if opposite <= 2.0 * angle { (r1 * r2 / libm::sqrt(m + libm::hypot(p, q))).min(ends) } else { ends }
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

    fn norms(path: &[f64], d: usize) -> Vec<f64> {
        path.chunks(d).map(|z| dot(z, z).sqrt()).collect()
    }

    /// The lowest norm in closed form against a fine path's, from both sides, and both paths against each other.
    #[test]
    fn the_lowest_norms_are_those_of_fine_paths_and_spherical_is_never_inside_straight() {
        const STEPS: usize = 4000;
        let mut rng = crate::rng::Rng::new(4);
        let (mut acute, mut inside_both_ends) = (0, 0);
        for case in 0..60 {
            let d = [2, 3, 16][case % 3];
            let [start, end] = [0, 1].map(|_| (0..d).map(|_| rng.normal()).collect::<Vec<f64>>());
            let straight = norms(&interpolate(&start, &end, STEPS), d);
            let spherical = norms(&interpolate_spherical(&start, &end, STEPS), d);
            // A step's length bounds how far the grid may miss the minimum.
            let length = spherical.windows(2).map(|pair| (pair[0] - pair[1]).abs()).fold(0.0, f64::max);
            for (closed, fine) in
                [(lowest_norm(&start, &end), &straight), (lowest_norm_spherical(&start, &end), &spherical)]
            {
                let fine = fine.iter().copied().fold(f64::INFINITY, f64::min);
                assert!(closed <= fine + 1e-12 && closed > fine - length - 2e-3, "{case}: {closed} against {fine}");
            }
            assert!(lowest_norm_spherical(&start, &end) >= lowest_norm(&start, &end) - 1e-12, "{case}");
            let (shorter, longer) = (spherical[0].min(spherical[STEPS + 1]), spherical[0].max(spherical[STEPS + 1]));
            if dot(&start, &end) >= 0.0 {
                acute += 1;
                assert!(
                    spherical.iter().all(|&r| r > shorter - 1e-12 && r < longer + 1e-12),
                    "{case}: between its ends"
                );
            } else if lowest_norm_spherical(&start, &end) < shorter - 1e-6 {
                inside_both_ends += 1;
            }
        }
        assert!(acute > 10 && inside_both_ends > 10, "{acute}, {inside_both_ends} of 60");
    }

    #[test]
    fn lowest_norms_by_hand() {
        // Equal lengths: the arc keeps its length, the straight line comes to r cos(angle/2).
        let (start, end) = ([3.0, 0.0], [3.0 * (2.0_f64).cos(), 3.0 * (2.0_f64).sin()]);
        assert!((lowest_norm_spherical(&start, &end) - 3.0).abs() < 1e-12);
        assert!((lowest_norm(&start, &end) - 3.0 * (1.0_f64).cos()).abs() < 1e-12);
        // No way, a way through the origin, and one that begins there.
        assert_eq!((lowest_norm(&start, &start), lowest_norm_spherical(&start, &start)), (3.0, 3.0));
        assert!(lowest_norm_spherical(&[1.0, 0.5], &[-2.0, -1.0]) < 1e-12);
        assert_eq!(lowest_norm_spherical(&[0.0, 0.0], &[1.0, 2.0]), 0.0);
        // Nearly opposite codes of different lengths: as good as through the origin in closed form too.
        assert!(lowest_norm_spherical(&[1.0, 0.0], &[-3.0, 1e-4]) < 1e-3);
    }

    #[test]
    fn codes_add_and_subtract() {
        assert_eq!(analogy(&[1.0, 2.0], &[0.5, 0.5], &[10.0, 20.0]), [10.5, 21.5]);
        assert_eq!(mean(&[1.0, 2.0, 9.0, 9.0, 3.0, 6.0], 2, &[0, 2]), [2.0, 4.0]);
        assert!(mean(&[], 2, &[])[0].is_nan());
    }
}
