//! Exponential functions as plain arithmetic: where thousands are wanted at once, the compiler turns a loop of these into vectors, and since
//! IEEE 754 rounds each operation in one way, every machine and every browser makes the same bytes.
//!
//! Reduction and polynomials: S. L. Moshier, Cephes Mathematical Library, `expf` and `exp` (1989); the latter's rational function is a
//! Taylor polynomial here, which has no division.
//!
//! ```
//! use math::elementary::{exp_f32, exp_of_negative, ln_1p_of_unit_f32};
//! assert!((exp_of_negative(-1.0) * std::f64::consts::E - 1.0).abs() < 1e-15);
//! assert!((ln_1p_of_unit_f32(exp_f32(-0.5)) - (-0.5_f32).exp().ln_1p()).abs() < 1e-7);
//! ```

/// ln 2 in two parts, the first with so few bits that its product with a small whole number is exact.
const LN_2_F32: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
/// The same in f64.
const LN_2: [f64; 2] = [6.931_457_519_531_25e-1, 1.428_606_820_309_417_2e-6];

/// e^x for x ≤ 0, within 2 units in the last place; below −87, where it is less than 2·10⁻³⁸, it falls no further.
#[inline(always)]
pub fn exp_of_negative_f32(x: f32) -> f32 {
    /// Added to a number of at most 2²², it leaves the nearest whole number in the low bits.
    const ROUND: f32 = 12_582_912.0;
    // A comparison, not `max`, so that a number that is none stays none.
    let x = if x < -87.0 { -87.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let power = shifted - ROUND;
    let r = x - power * LN_2_F32[0] - power * LN_2_F32[1];
    let mut y = 1.987_569_1e-4;
    y = y * r + 1.398_2e-3;
    y = y * r + 8.333_452e-3;
    y = y * r + 4.166_579_6e-2;
    y = y * r + 1.666_666_5e-1;
    y = y * r + 0.5;
    let y = y * r * r + r + 1.0;
    y * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

/// e^x for every x, within 3 units in the last place: infinite above 87, and not below e⁻⁸⁷.
#[inline(always)]
pub fn exp_f32(x: f32) -> f32 {
    let e = exp_of_negative_f32(-x.abs());
    let positive = if x > 87.0 { f32::INFINITY } else { 1.0 / e };
    if x > 0.0 { positive } else { e }
}

/// ln(1 + e) for e in \[0, 1\], within 3 units in the last place: 2·artanh(e / (2 + e)), as its series.
#[inline(always)]
pub fn ln_1p_of_unit_f32(e: f32) -> f32 {
    let s = e / (2.0 + e);
    let square = s * s;
    let mut y = 1.0 / 15.0;
    y = y * square + 1.0 / 13.0;
    y = y * square + 1.0 / 11.0;
    y = y * square + 1.0 / 9.0;
    y = y * square + 1.0 / 7.0;
    y = y * square + 1.0 / 5.0;
    y = y * square + 1.0 / 3.0;
    2.0 * (s * square * y + s)
}

/// e^x for x ≤ 0, within 2 units in the last place; below −708, where it is less than 4·10⁻³⁰⁸, it falls no further.
#[inline(always)]
pub fn exp_of_negative(x: f64) -> f64 {
    /// Added to a number of at most 2⁵¹, it leaves the nearest whole number in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let x = if x < -708.0 { -708.0 } else { x };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let power = shifted - ROUND;
    let r = x - power * LN_2[0] - power * LN_2[1]; // at most ½ ln 2
    let mut y = 1.0 / 6_227_020_800.0;
    y = y * r + 1.0 / 479_001_600.0;
    y = y * r + 1.0 / 39_916_800.0;
    y = y * r + 1.0 / 3_628_800.0;
    y = y * r + 1.0 / 362_880.0;
    y = y * r + 1.0 / 40_320.0;
    y = y * r + 1.0 / 5040.0;
    y = y * r + 1.0 / 720.0;
    y = y * r + 1.0 / 120.0;
    y = y * r + 1.0 / 24.0;
    y = y * r + 1.0 / 6.0;
    y = y * r + 0.5;
    let y = y * r * r + r + 1.0;
    y * f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest error of an f32 function in units in the last place.
    fn worst(ours: fn(f32) -> f32, exact: fn(f64) -> f64, arguments: impl Iterator<Item = f32>) -> f64 {
        arguments
            .map(|x| {
                let exact = exact(f64::from(x));
                let unit = f64::from((exact as f32).next_up()) - f64::from(exact as f32);
                (f64::from(ours(x)) - exact).abs() / unit
            })
            .fold(0.0, f64::max)
    }

    #[test]
    fn in_f32_they_are_the_functions_to_a_few_units_in_the_last_place() {
        let negative = worst(exp_of_negative_f32, libm::exp, (0..86_900).map(|at| at as f32 * -1e-3));
        let both = worst(exp_f32, libm::exp, (-86_900..86_900).map(|at| at as f32 * 1e-3));
        let ln_1p = worst(ln_1p_of_unit_f32, libm::log1p, (1..=100_000).map(|at| at as f32 * 1e-5));
        assert!(negative < 2.0 && both < 3.0 && ln_1p < 3.0, "{negative} {both} {ln_1p}");
        assert_eq!([exp_of_negative_f32(0.0), exp_f32(0.0), ln_1p_of_unit_f32(0.0)], [1.0, 1.0, 0.0]);
        assert_eq!(exp_of_negative_f32(-1e30), exp_of_negative_f32(-87.0));
        assert_eq!(exp_f32(1e30), f32::INFINITY);
        assert!(
            exp_of_negative_f32(f32::NAN).is_nan() && exp_f32(f32::NAN).is_nan(),
            "a run that diverges must be seen to"
        );
    }

    #[test]
    fn in_f64_it_is_the_exponential_to_two_units_in_the_last_place() {
        for at in 0..707_000 {
            let x = f64::from(at) * -1.000_1e-3;
            let exact = libm::exp(x);
            assert!((exp_of_negative(x) - exact).abs() <= 2.0 * (exact.next_up() - exact), "{x}");
        }
        assert_eq!([exp_of_negative(0.0), exp_of_negative(f64::NEG_INFINITY)], [1.0, exp_of_negative(-708.0)]);
        assert!(exp_of_negative(f64::NAN).is_nan());
    }
}
