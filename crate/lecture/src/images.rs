//! Images on the device: a training part that batches are taken from, and a held-out part.

use burn::tensor::{Device, Int, Tensor, TensorData};
use data::{Batches, Digits, split};
use math::rng::Rng;

use crate::models::tensor;

/// Share of the images that is never trained on.
pub const HELDOUT_FRACTION: f64 = 0.2;

/// Every random choice of a run has a stream of its own under the run's seed, so that one more draw in one place moves
/// nothing elsewhere.
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
    /// Samples shown to the person.
    Samples = 6,
    /// Points of the prior that a batch's codes are compared with.
    Prior = 7,
}

impl Stream {
    /// The generator of this stream under a seed.
    pub fn rng(self, seed: u64) -> Rng {
        Rng::new(seed).stream(self as u64)
    }
}

/// Images split into training and held-out parts, resident on a device.
#[derive(Clone, Debug)]
pub struct ImageSet {
    /// All images on the host.
    pub digits: Digits,
    /// Indices of the training images.
    pub train: Vec<usize>,
    /// Indices of the held-out images.
    pub heldout: Vec<usize>,
    /// All images `[n, pixel]` on the device.
    pub x: Tensor<2>,
}

impl ImageSet {
    /// The embedded digits. The split depends on the seed alone.
    pub fn digits(seed: u64, device: &Device) -> Self {
        let digits = Digits::load();
        let parts = split(digits.len(), HELDOUT_FRACTION, seed);
        let x = tensor(digits.images.clone(), [digits.len(), digits.pixels()], device);
        Self { train: parts.train, heldout: parts.heldout, x, digits }
    }

    /// Batches of training indices, every image once an epoch.
    pub fn batches(&self, seed: u64) -> Batches {
        Batches::new(self.train.clone(), Stream::Batches.rng(seed))
    }

    /// Images by index, gathered on the device. Shape: `[indices, pixel]`.
    pub fn select(&self, indices: &[usize]) -> Tensor<2> {
        let indices: Vec<i32> = indices.iter().map(|&index| index as i32).collect();
        let count = indices.len();
        let indices = Tensor::<1, Int>::from_data(TensorData::new(indices, [count]), &self.x.device());
        self.x.clone().select(0, indices)
    }

    /// Pixels of an image.
    pub fn pixels(&self) -> usize {
        self.digits.pixels()
    }

    /// For each class 0..=9 the first held-out image of it.
    pub fn one_of_each(&self) -> Vec<usize> {
        (0..10).filter_map(|class| self.heldout.iter().copied().find(|&n| self.digits.labels[n] == class)).collect()
    }
}
