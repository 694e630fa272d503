//! Slide 1.8's simulation on WebGPU: sums of the estimators' terms, a lane of a generator for each invocation.
//!
//! An estimate's N samples are those of the CPU: [`math::rng::Rng::fill_normal`] fills its places from eight lanes side by side, and here
//! each lane draws its own. A lane's sum is Σ term(ε) over the samples that are its own, in f32 over some ten thousand numbers at a time;
//! what is taken off the device is added up in f64. An estimate is the sum of its eight lanes over N.

use math::simulation::Function;

/// The terms that are summed: (10) with its baseline, and (11).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// The f whose expectation is differentiated.
    pub function: Function,
    /// Mean of p(x).
    pub theta: f32,
    /// The score estimator's baseline b.
    pub baseline: f32,
}

#[cfg(feature = "webgpu")]
pub use crate::fused::LaneSums;

/// Without WebGPU there are none.
#[cfg(not(feature = "webgpu"))]
pub enum LaneSums {}

#[cfg(not(feature = "webgpu"))]
impl LaneSums {
    /// None: no device here has lanes.
    pub fn new(_: &[[[u32; math::rng::LANES]; 4]], _: u32, _: Terms, _: &burn::tensor::Device) -> Option<Self> {
        None
    }

    /// How many lanes there are.
    pub fn lanes(&self) -> usize {
        match *self {}
    }

    /// Pairs of numbers that every lane has still to draw.
    pub fn left(&self) -> u32 {
        match *self {}
    }

    /// Draws so many pairs in every lane.
    pub fn draw(&mut self, _: u32) {
        match *self {}
    }

    /// Every lane's sum since it was last taken.
    pub fn take(&mut self) -> Option<burn::tensor::Tensor<1>> {
        match *self {}
    }
}

#[cfg(all(test, feature = "webgpu"))]
mod tests;
