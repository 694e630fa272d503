//! The tensors that a snapshot requests from the device, and the order in which their answers arrive.

use burn::tensor::Tensor;

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
