//! The tensors that a snapshot requests from the device, and the order in which their answers arrive.

use burn::tensor::Tensor;

use super::estimates::Estimated;
use super::pressed;

/// The purpose of a requested tensor.
pub(super) enum Purpose {
    Row(u64),
    Estimate(Estimated),
    Posteriors(pressed::Asked),
    AutoencoderRow(u64),
    Vae(Part),
    Autoencoder(Part),
    SampleScales,
    Scale,
}

/// The parts of a model that a snapshot shows.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Mu,
    LogVar,
    /// Of the shown images, then of the grid, then of the points of the prior.
    Decoded,
}

/// Tensors to read, each with its purpose.
pub(super) struct Asked<T> {
    pub(super) tensors: Vec<Tensor<1>>,
    pub(super) purposes: Vec<T>,
}

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self { tensors: Vec::new(), purposes: Vec::new() }
    }
}

impl<T> Asked<T> {
    /// Adds a tensor, flattened.
    pub(super) fn push<const D: usize>(&mut self, purpose: T, tensor: Tensor<D>) {
        let count = tensor.dims().iter().product::<usize>();
        self.tensors.push(tensor.reshape([count]));
        self.purposes.push(purpose);
    }
}
