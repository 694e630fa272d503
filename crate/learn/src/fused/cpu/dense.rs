//! The dense layer on the CPU: the matrix product, then bias and ReLU in one pass over it; backward, mask and sum over the batch in one.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::backend::ops::FloatTensorOps;

use super::host::{in_one_piece, numbers, sizes, tensor};
use super::sparse;
use crate::fused::Activation;
use crate::fused::passes::Layer;

pub(super) fn forward(x: FlexTensor, weight: FlexTensor, bias: FlexTensor, activation: Activation) -> FlexTensor {
    let mut y = product(x, weight);
    let bias = in_one_piece(bias);
    let bias = numbers(&bias);
    for row in y.storage_mut::<f32>().chunks_exact_mut(bias.len()) {
        if activation == Activation::Relu {
            // Comparisons so that a number that is none stays none.
            row.iter_mut().zip(bias).for_each(|(y, b)| {
                let sum = *y + b;
                *y = if sum < 0.0 { 0.0 } else { sum };
            });
        } else {
            row.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
        }
    }
    y
}

/// x·W.
fn product(x: FlexTensor, weight: FlexTensor) -> FlexTensor {
    let (x, weight) = (in_one_piece(x), in_one_piece(weight));
    let ([rows, _], [_, columns]) = (sizes(&x), sizes(&weight));
    match sparse::rows(&x, columns) {
        Some(few) => tensor(few.times(numbers(&weight), columns), [rows, columns]),
        None => Flex::float_matmul(x, weight),
    }
}

/// xᵀ·dy.
fn product_of_turned(x: FlexTensor, dy: FlexTensor) -> FlexTensor {
    let x = in_one_piece(x);
    let ([_, rows], [_, columns]) = (sizes(&x), sizes(&dy));
    match sparse::columns(&x, columns) {
        Some(few) => tensor(few.times(numbers(&dy), columns), [rows, columns]),
        None => Flex::float_matmul(Flex::float_transpose(x), dy),
    }
}

/// The gradients by x, W and b where they are wanted.
pub(super) fn backward(dy: FlexTensor, layer: Layer<Flex>, wanted: [bool; 3]) -> [Option<FlexTensor>; 3] {
    let Layer { x, weight, relu } = layer;
    let (sums, by_bias) = masked(dy, relu.as_ref());
    let [of_x, of_weight, of_bias] = wanted;
    let by_weight = of_weight.then(|| product_of_turned(x, sums.clone()));
    let by_x = of_x.then(|| Flex::float_matmul(sums, Flex::float_transpose(weight)));
    [by_x, by_weight, of_bias.then_some(by_bias)]
}

/// The gradient of the sums from that of the outputs, and its sum over the batch: the bias's gradient.
fn masked(dy: FlexTensor, y: Option<&FlexTensor>) -> (FlexTensor, FlexTensor) {
    let mut dy = in_one_piece(dy);
    let outputs = sizes(&dy)[1];
    let mut bias = vec![0.0; outputs];
    let add = |bias: &mut [f32], row: &[f32]| bias.iter_mut().zip(row).for_each(|(sum, d)| *sum += d);
    if let Some(y) = y {
        for (row, y) in dy.storage_mut::<f32>().chunks_exact_mut(outputs).zip(numbers(y).chunks_exact(outputs)) {
            row.iter_mut().zip(y).for_each(|(d, y)| *d = if *y > 0.0 { *d } else { 0.0 });
            add(&mut bias, row);
        }
    } else {
        numbers(&dy).chunks_exact(outputs).for_each(|row| add(&mut bias, row));
    }
    (dy, tensor(bias, [outputs]))
}
