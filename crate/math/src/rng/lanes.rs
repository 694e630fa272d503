//! The fast path of the generator: [`LANES`] xoshiro128++ side by side, and Box–Muller in f32 on all of them at once.
//! It is written with arrays and plain loops so that the compiler turns every loop into 128-bit (or wider) vectors.
//!
//! Only + - × sqrt, conversions and bit operations are used, each of which IEEE 754 rounds in one way, and the polynomials are our own:
//! a native build and a browser make the same bytes.
//! Polynomials: S. L. Moshier, Cephes Mathematical Library, `logf`, `sinf` and `cosf` (single precision, 1989), error below
//! 2 units in the last place on the ranges used here.

/// How many generators run side by side: two 128-bit vectors of 32-bit words.
pub const LANES: usize = 8;

type Words = [u32; LANES];
type Reals = [f32; LANES];

/// [`LANES`] independent xoshiro128++ (Blackman and Vigna 2021), word by word: `state[word][lane]`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lanes {
    state: [Words; 4],
}

impl Lanes {
    /// Lanes whose states are filled from a source of well-mixed 64-bit words.
    pub(super) fn new(mut word: impl FnMut() -> u64) -> Self {
        let mut state = [[0; LANES]; 4];
        for lane in 0..LANES {
            for pair in 0..2 {
                let bits = word();
                state[2 * pair][lane] = bits as u32;
                state[2 * pair + 1][lane] = (bits >> 32) as u32;
            }
            // The all-zero state is the generator's one fixed point.
            state[0][lane] |= u32::from(state.iter().all(|words| words[lane] == 0));
        }
        Self { state }
    }

    /// The states, word by word.
    pub(super) fn state(&self) -> [Words; 4] {
        self.state
    }

    #[inline(always)]
    fn next(&mut self) -> Words {
        let mut out = [0; LANES];
        let [s0, s1, s2, s3] = &mut self.state;
        for i in 0..LANES {
            out[i] = s0[i].wrapping_add(s3[i]).rotate_left(7).wrapping_add(s0[i]);
            let shifted = s1[i] << 9;
            s2[i] ^= s0[i];
            s3[i] ^= s1[i];
            s1[i] ^= s2[i];
            s0[i] ^= s3[i];
            s2[i] ^= shifted;
            s3[i] = s3[i].rotate_left(11);
        }
        out
    }

    /// 2·[`LANES`] standard normal numbers.
    #[inline(always)]
    fn normal_block(&mut self) -> [Reals; 2] {
        box_muller(self.next(), self.next())
    }

    /// See [`super::Rng::fill_normal`].
    pub(super) fn fill_normal(&mut self, out: &mut [f32]) {
        // A local copy keeps the states in registers.
        let mut lanes = self.clone();
        let mut blocks = out.chunks_exact_mut(2 * LANES);
        for block in &mut blocks {
            let [first, second] = lanes.normal_block();
            block[..LANES].copy_from_slice(&first);
            block[LANES..].copy_from_slice(&second);
        }
        let rest = blocks.into_remainder();
        if !rest.is_empty() {
            let last = lanes.normal_block();
            rest.copy_from_slice(&last.as_flattened()[..rest.len()]);
        }
        *self = lanes;
    }
}

/// Two standard normal numbers per lane from two random words per lane.
///
/// u = (top 31 bits of `radius_bits` + 1/2) / 2³¹ in (0, 1]; the pair is sqrt(-2 ln u) (cos a, sin a), a uniform on the circle.
/// Box and Muller, "A note on the generation of random normal deviates", 1958.
#[inline(always)]
fn box_muller(radius_bits: Words, angle_bits: Words) -> [Reals; 2] {
    /// pi/4 over 2²³: turns a signed 24-bit integer into an angle of the first half quadrant, both signs.
    const ANGLE: f32 = std::f32::consts::FRAC_PI_4 / (1_u32 << 23) as f32;
    const UNIT: f32 = 1.0 / (1_u32 << 31) as f32;
    let mut first = [0.0; LANES];
    let mut second = [0.0; LANES];
    for i in 0..LANES {
        let u = ((radius_bits[i] >> 1) as i32 as f32 + 0.5) * UNIT;
        let radius = (-2.0 * ln(u)).sqrt();
        // The top 24 bits place the angle in (-pi/4, pi/4); of the low ones, two choose the quadrant:
        // bit 0 turns the axis round, bit 1 exchanges the axes.
        let angle = ((angle_bits[i] as i32 >> 8) as f32 + 0.5) * ANGLE;
        let (sin, cos) = sin_cos(angle);
        let cos = cos.to_bits() ^ (angle_bits[i] << 31);
        let sin = sin.to_bits();
        let exchange = (sin ^ cos) & ((angle_bits[i] << 30) as i32 >> 31) as u32;
        first[i] = radius * f32::from_bits(cos ^ exchange);
        second[i] = radius * f32::from_bits(sin ^ exchange);
    }
    [first, second]
}

/// Natural logarithm of a normal, positive, finite f32 at most 1; never above 0.
#[inline(always)]
fn ln(u: f32) -> f32 {
    /// sqrt(1/2) as bits: the mantissa is taken from [sqrt(1/2), sqrt(2)), where the polynomial is short.
    const ROOT_HALF: u32 = 0x3F35_04F3;
    /// ln 2 in two parts, the first with so few bits that its product with an exponent is exact.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    let shifted = u.to_bits().wrapping_add(0x3F80_0000 - ROOT_HALF);
    let exponent = ((shifted >> 23) as i32 - 127) as f32;
    let x = f32::from_bits((shifted & 0x007F_FFFF) + ROOT_HALF) - 1.0;
    let square = x * x;
    let mut y = 7.037_683_6e-2;
    y = y * x - 1.151_461e-1;
    y = y * x + 1.167_699_9e-1;
    y = y * x - 1.242_014_1e-1;
    y = y * x + 1.424_932_3e-1;
    y = y * x - 1.666_805_8e-1;
    y = y * x + 2.000_071_5e-1;
    y = y * x - 2.499_999_4e-1;
    y = y * x + 3.333_333e-1;
    y = y * x * square + LN_2[1] * exponent - 0.5 * square;
    x + y + LN_2[0] * exponent
}

/// Sine and cosine of an angle in [-pi/4, pi/4].
#[inline(always)]
fn sin_cos(angle: f32) -> (f32, f32) {
    let square = angle * angle;
    let sin = ((-1.951_529_6e-4 * square + 8.332_161e-3) * square - 1.666_665_5e-1) * square * angle + angle;
    let cos =
        ((2.443_315_7e-5 * square - 1.388_731_6e-3) * square + 4.166_664_6e-2) * square * square - 0.5 * square + 1.0;
    (sin, cos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_polynomials_are_the_functions() {
        for step in 1..=100_000_u32 {
            let u = step as f32 / 100_000.0;
            let exact = libm::log(f64::from(u));
            assert!((f64::from(ln(u)) - exact).abs() <= 3e-7 * exact.abs().max(0.3), "ln {u}");
            assert!(ln(u) <= 0.0);
            let angle = (u - 0.5) * std::f32::consts::FRAC_PI_2;
            let (sin, cos) = sin_cos(angle);
            assert!((f64::from(sin) - libm::sin(f64::from(angle))).abs() < 1.5e-7);
            assert!((f64::from(cos) - libm::cos(f64::from(angle))).abs() < 1.5e-7);
        }
        assert_eq!(ln(1.0), 0.0);
    }

    #[test]
    fn the_edges_of_the_words_give_finite_numbers() {
        for radius in [0, 1, 2, u32::MAX / 2, u32::MAX - 1, u32::MAX] {
            for angle in [0, 1, 2, 3, 0x7FFF_FFFF, 0x8000_0000, u32::MAX] {
                let [first, second] = box_muller([radius; LANES], [angle; LANES]);
                assert!(first[0].is_finite() && second[0].is_finite());
                let length = f64::from(first[0]).hypot(f64::from(second[0]));
                assert!(length < 6.67, "{length}");
            }
        }
    }

    #[test]
    fn the_lowest_bits_choose_the_quadrant() {
        // At angle +0 (a hair above): (1, 0), turned (-1, 0), exchanged (0, 1), both (0, -1).
        let directions = [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)];
        for (bits, (x, y)) in directions.into_iter().enumerate() {
            let [first, second] = box_muller([1 << 20; LANES], [bits as u32; LANES]);
            let radius = first[0].hypot(second[0]);
            assert!((first[0] / radius - x).abs() < 1e-6 && (second[0] / radius - y).abs() < 1e-6, "{bits}");
        }
    }

    #[test]
    fn a_lane_is_the_published_generator() {
        // xoshiro128++ 1.0 (https://prng.di.unimi.it/xoshiro128plusplus.c), state 1, 2, 3, 4; the first ten outputs as in
        // the test of the crate rand_xoshiro, computed with the reference implementation.
        let mut lanes = Lanes { state: [[1; LANES], [2; LANES], [3; LANES], [4; LANES]] };
        let expected =
            [641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420];
        for word in expected {
            assert_eq!(lanes.next(), [word; LANES]);
        }
    }
}
