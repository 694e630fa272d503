//! Slide 1.8's sums as a shader: every lane of every estimate's generator is an invocation.

use burn::backend::Cube;
use burn::tensor::{Device, Int, Tensor, TensorData};
use math::rng::LANES;
use math::simulation::Function;

use super::GROUP;
use super::shader::{GpuTensor, Shader, new_like};
use crate::simulation::Terms;

const SIMULATION: Shader = Shader::new(include_str!("simulation.wgsl"), "simulation");

/// The estimates of one N while they are drawn: see [`crate::simulation`].
pub struct LaneSums {
    /// `[4, lanes]`, as 32-bit words.
    states: GpuTensor,
    sums: Option<GpuTensor>,
    lanes: usize,
    n: u32,
    terms: Terms,
    drawn: u32,
}

impl LaneSums {
    /// The sums of estimates that have drawn nothing yet, by the states of their generators: first all score estimates, then as many
    /// reparameterized ones. None where the device is not WebGPU.
    pub fn new(states: &[[[u32; LANES]; 4]], n: u32, terms: Terms, device: &Device) -> Option<Self> {
        let lanes = states.len() * LANES;
        let words = (0..4).flat_map(|word| states.iter().flat_map(move |state| state[word]));
        let numbers: Vec<i32> = words.map(u32::cast_signed).collect();
        let states: Tensor<1, Int> = Tensor::from_data(TensorData::new(numbers, [4 * lanes]), device);
        let states = states.try_into_primitive::<Cube>().ok()?;
        Some(Self { states, sums: None, lanes, n, terms, drawn: 0 })
    }

    /// How many lanes there are, eight for each estimate.
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// Pairs of numbers that every lane has still to draw.
    pub fn left(&self) -> u32 {
        self.n.div_ceil(2 * LANES as u32) - self.drawn
    }

    /// Draws so many pairs in every lane, at most those that are left.
    pub fn draw(&mut self, pairs: u32) {
        let pairs = pairs.min(self.left());
        let begins = self.sums.is_none();
        let sums = self.sums.get_or_insert_with(|| new_like(&self.states, [self.lanes]));
        let function = u32::from(self.terms.function == Function::Step);
        let info = [
            self.lanes as u32,
            self.n,
            self.drawn,
            pairs,
            u32::from(begins),
            function,
            self.terms.theta.to_bits(),
            self.terms.baseline.to_bits(),
        ];
        SIMULATION.run([self.lanes.div_ceil(GROUP), 1], &[], &[&self.states, sums], &info);
        self.drawn += pairs;
    }

    /// Every lane's sum since it was last taken, `[lanes]`; none where nothing was drawn.
    pub fn take(&mut self) -> Option<Tensor<1>> {
        self.sums.take().map(Tensor::from_primitive::<Cube>)
    }
}
