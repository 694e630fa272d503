//! Between burn's CPU tensors and plain rows of numbers.

use burn::backend::flex::FlexTensor;
use burn::tensor::{Shape, TensorData};

/// A new tensor of these numbers, without a copy of them.
pub(super) fn tensor<const D: usize>(numbers: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(numbers, Shape::from(shape)))
}

/// The same tensor with its numbers in one piece, row by row.
pub(super) fn in_one_piece(tensor: FlexTensor) -> FlexTensor {
    let tight = tensor.to_contiguous();
    drop(tensor); // else a later write would find the numbers shared, and copy them
    tight
}

/// The numbers of a tensor that is [`in_one_piece`].
pub(super) fn numbers(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("f32, in one piece")
}

/// The sizes of a matrix.
pub(super) fn sizes(tensor: &FlexTensor) -> [usize; 2] {
    let shape = tensor.layout().shape();
    [shape[0], shape[1]]
}

/// Numbers side by side in a loop that becomes vectors: two of 128 bits.
pub(super) const LANES: usize = 8;

/// So many numbers.
pub(super) type Lanes = [f32; LANES];

/// The last numbers of a row, filled up.
pub(super) fn padded(rest: &[f32], fill: f32) -> Lanes {
    std::array::from_fn(|lane| rest.get(lane).copied().unwrap_or(fill))
}
