//! What a snapshot asks the device for, and the order the answers come back in.

use burn::tensor::Tensor;

/// Tensors to read, each with what it is for.
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
    /// One more tensor, flattened.
    pub(super) fn push<const D: usize>(&mut self, purpose: T, tensor: Tensor<D>) {
        let count = tensor.dims().iter().product::<usize>();
        self.tensors.push(tensor.reshape([count]));
        self.purposes.push(purpose);
    }
}
