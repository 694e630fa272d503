//! The only random generator of the project: seeded, splittable into independent streams, and the same everywhere.
//! It knows no clock and no operating system: randomness is an argument.
//!
//! One `Rng` holds two generators with the same seed and separate states:
//! a scalar xoshiro256++ for everything that is drawn one at a time, and [`LANES`] interleaved xoshiro128++ for the arrays of
//! noise that training and simulation take by the million.
//! Sources: D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021
//! (xoshiro256++, xoshiro128++); G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators",
//! OOPSLA 2014 (SplitMix64, which expands a seed into a state, as Blackman and Vigna recommend).
//!
//! ```
//! use math::rng::Rng;
//! let mut rng = Rng::new(7);
//! let noise = rng.stream(1).normals(4);
//! rng.uniform(); // what is drawn from the parent changes no stream
//! assert_eq!(rng.stream(1).normals(4), noise);
//! assert_ne!(rng.stream(2).normals(4), noise);
//! ```

mod lanes;

pub use lanes::LANES;
use lanes::Lanes;

/// SplitMix64's increment, 2⁶⁴ over the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// SplitMix64's finaliser: a bijection of 64 bits in which every input bit reaches every output bit.
fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// One step of SplitMix64: advances `state`, returns the next 64 bits.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(GOLDEN);
    mix(*state)
}

/// A seeded random generator. The same seed gives the same numbers on every machine and in every browser.
#[derive(Clone, Debug, PartialEq)]
pub struct Rng {
    /// What the streams are derived from; never advanced, so a stream does not depend on what was drawn before.
    key: u64,
    /// State of the scalar xoshiro256++.
    state: [u64; 4],
    /// The second number of the last Box–Muller pair.
    spare: Option<f64>,
    /// The generators of the fast path.
    lanes: Lanes,
}

impl Rng {
    /// The generator of a seed. Every seed is good, 0 included.
    pub fn new(seed: u64) -> Self {
        let mut expand = seed;
        let state = std::array::from_fn(|_| split_mix(&mut expand));
        let lanes = Lanes::new(|| split_mix(&mut expand));
        Self { key: seed, state, spare: None, lanes }
    }

    /// The independent child stream named `tag`: the same tag always gives the same child, whatever was drawn from the parent.
    ///
    /// Streams of streams are streams: `rng.stream(size).stream(repeat)`.
    pub fn stream(&self, tag: u64) -> Self {
        // Two rounds of mixing with the tag in between: neighbouring seeds and neighbouring tags land far apart, and
        // stream(a).stream(b) differs from stream(b).stream(a).
        Self::new(mix(mix(self.key.wrapping_add(GOLDEN)) ^ tag.wrapping_mul(GOLDEN).wrapping_add(1)))
    }

    /// The next 64 random bits (xoshiro256++).
    pub fn next_u64(&mut self) -> u64 {
        let [s0, s1, s2, s3] = &mut self.state;
        let result = s0.wrapping_add(*s3).rotate_left(23).wrapping_add(*s0);
        let shifted = *s1 << 17;
        *s2 ^= *s0;
        *s3 ^= *s1;
        *s1 ^= *s2;
        *s0 ^= *s3;
        *s2 ^= shifted;
        *s3 = s3.rotate_left(45);
        result
    }

    /// A uniform number in [0, 1), a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A uniform integer in 0..n, without bias.
    ///
    /// D. Lemire, "Fast random integer generation in an interval", ACM TOMACS 29(1), 2019. Panics when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "below(0): there is no integer below 0 to draw");
        let n = n as u64;
        let mut product = u128::from(self.next_u64()) * u128::from(n);
        if (product as u64) < n {
            let threshold = n.wrapping_neg() % n;
            while (product as u64) < threshold {
                product = u128::from(self.next_u64()) * u128::from(n);
            }
        }
        (product >> 64) as usize
    }

    /// A standard normal number in full f64 precision, by Box and Muller's transform (1958).
    ///
    /// sqrt(-2 ln u) cos(2 pi v) and, at the next call, sqrt(-2 ln u) sin(2 pi v). Reaches 8.5 standard deviations.
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let u = 1.0 - self.uniform(); // in (0, 1]: the logarithm is finite
        let radius = libm::sqrt(-2.0 * libm::log(u));
        let (sin, cos) = libm::sincos(std::f64::consts::TAU * self.uniform());
        self.spare = Some(radius * sin);
        radius * cos
    }

    /// Shuffles in place, every order equally likely (Fisher and Yates, Durstenfeld 1964).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// A random order of 0..n.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }

    /// Fills `out` with independent standard normal numbers, in f32, fast. Reaches 6.66 standard deviations.
    ///
    /// Each call takes whole blocks of 2·[`LANES`] from the fast generators and drops what does not fit, so two short calls are
    /// not one long one; the same calls in the same order give the same numbers.
    pub fn fill_normal(&mut self, out: &mut [f32]) {
        self.lanes.fill_normal(out);
    }

    /// The states of the generators of [`Rng::fill_normal`], word by word, a lane in each place: who has them draws the same numbers
    /// elsewhere. Lane l of a block of 2·[`LANES`] fills places l and [`LANES`] + l with one Box–Muller pair.
    pub fn lanes(&self) -> [[u32; LANES]; 4] {
        self.lanes.state()
    }

    /// `n` independent standard normal numbers: [`Rng::fill_normal`] into a new vector.
    pub fn normals(&mut self, n: usize) -> Vec<f32> {
        let mut eps = vec![0.0; n];
        self.fill_normal(&mut eps);
        eps
    }
}

#[cfg(test)]
mod tests;
