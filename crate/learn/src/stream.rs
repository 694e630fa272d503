//! The independent streams of random numbers of a run: what one of them draws changes nothing in another.

use math::rng::Rng;

/// Every random choice of a run has its own stream under the run's seed, so that one more draw in one place leaves all others
/// unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Initial weights.
    Weights = 1,
    /// The order of the batches.
    Batches = 2,
    /// The noise eps of training steps.
    Noise = 3,
    /// The fixed noise of figures and held-out estimates.
    Fixed = 4,
    /// Importance samples.
    Importance = 5,
    /// Samples shown to the user.
    Samples = 6,
    /// Points of the prior that a batch's codes are compared with.
    Prior = 7,
    /// Which examples keep their labels.
    Labels = 8,
    /// Which of the user's images are used.
    Chosen = 9,
    /// Pixels drawn in black and white.
    Binarised = 10,
    /// The images that learned priors begin with.
    Components = 11,
}

impl Stream {
    /// The generator of this stream under a seed.
    pub fn rng(self, seed: u64) -> Rng {
        Rng::new(seed).stream(self as u64)
    }
}
