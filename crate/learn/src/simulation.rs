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
mod tests {
    use super::*;
    use math::simulation::{Settings, Simulation, generators};

    /// Every estimate is the CPU's, whatever the portions: odd sizes, both functions, with and without baseline.
    #[test]
    fn the_sums_are_the_cpus() {
        let Some(device) = crate::fused::webgpu_device() else { return };
        for (function, baseline) in [(Function::Square, false), (Function::Square, true), (Function::Step, true)] {
            let sizes = vec![1, 7, 16, 100, 5000, 70_001];
            let settings = Settings { function, baseline, theta: -3.5, repeats: 5, sizes, seed: 3 };
            let mut cpu = Simulation::new(settings.clone()).expect("it can be simulated");
            while !cpu.advance(u64::MAX) {}
            for (index, &n) in settings.sizes.iter().enumerate() {
                let terms = Terms { function, theta: -3.5, baseline: settings.baseline() as f32 };
                let mut sums =
                    LaneSums::new(&generators(&settings, index), n as u32, terms, &device).expect("it is WebGPU");
                let mut totals = vec![0.0; sums.lanes()];
                for portion in [1, 3, 100, 1000].into_iter().cycle() {
                    if sums.left() == 0 {
                        break;
                    }
                    sums.draw(portion);
                    sums.draw(portion);
                    let taken = sums.take().expect("drawn").into_data();
                    for (total, sum) in totals.iter_mut().zip(taken.as_slice::<f32>().expect("f32")) {
                        *total += f64::from(*sum);
                    }
                }
                let estimates: Vec<f64> =
                    totals.chunks(math::rng::LANES).map(|lanes| lanes.iter().sum::<f64>() / n as f64).collect();
                let expected = [cpu.score[index].clone(), cpu.reparam[index].clone()].concat();
                for (ours, cpu) in estimates.iter().zip(&expected) {
                    assert!((ours - cpu).abs() < 2e-5 * cpu.abs().max(1.0), "N = {n}: {ours} {cpu}");
                }
            }
        }
    }
}
