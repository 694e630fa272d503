//! The dense layer on the CPU: the matrix product, then bias and ReLU in one pass over it; backward, mask and sum over the batch in one.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};
use burn::nn::Linear;
use burn::tensor::Tensor;

use super::Activation;
use super::host::{in_one_piece, numbers, sizes, tensor};

/// The layer where its tensors are the CPU's.
pub(crate) fn dense(layer: &Linear, x: &Tensor<2>, activation: Activation) -> Option<Tensor<2>> {
    let (weight, bias) = (layer.weight.val(), layer.bias.as_ref()?.val());
    let tracked = x.device().is_autodiff();
    if !super::wanted() || tracked != weight.device().is_autodiff() {
        return None;
    }
    if tracked {
        let x = x.clone().try_into_primitive::<Autodiff<Flex>>().ok()?;
        let weight = weight.try_into_primitive::<Autodiff<Flex>>().ok()?;
        let bias = bias.try_into_primitive::<Autodiff<Flex>>().ok()?;
        return Some(Tensor::from_primitive::<Autodiff<Flex>>(with_derivative(x, weight, bias, activation)));
    }
    let x = x.clone().try_into_primitive::<Flex>().ok()?;
    let weight = weight.try_into_primitive::<Flex>().ok()?;
    let bias = bias.try_into_primitive::<Flex>().ok()?;
    Some(Tensor::from_primitive::<Flex>(forward(x, weight, bias, activation)))
}

fn forward(x: FlexTensor, weight: FlexTensor, bias: FlexTensor, activation: Activation) -> FlexTensor {
    let mut y = Flex::float_matmul(x, weight);
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

#[derive(Debug)]
struct Derivative;

/// What the way back needs: inputs, weights, and the outputs where a ReLU has cut some off.
#[derive(Clone, Debug)]
struct Kept {
    x: FlexTensor,
    weight: FlexTensor,
    y: Option<FlexTensor>,
}

impl Backward<Flex, 3> for Derivative {
    type State = Kept;

    fn backward(self, ops: Ops<Kept, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let Kept { x, weight, y } = ops.state;
        let (sums, of_bias) = masked(gradients.consume::<Flex>(&ops.node), y.as_ref());
        let [to_x, to_weight, to_bias] = ops.parents;
        if let Some(node) = to_bias {
            gradients.register::<Flex>(node.id, of_bias);
        }
        if let Some(node) = to_weight {
            gradients.register::<Flex>(node.id, Flex::float_matmul(Flex::float_transpose(x), sums.clone()));
        }
        if let Some(node) = to_x {
            gradients.register::<Flex>(node.id, Flex::float_matmul(sums, Flex::float_transpose(weight)));
        }
    }
}

type Tracked = FloatTensor<Autodiff<Flex>>;

fn with_derivative(x: Tracked, weight: Tracked, bias: Tracked, activation: Activation) -> Tracked {
    let ((x, of_x), (weight, of_weight), (bias, of_bias)) = (x.into_parts(), weight.into_parts(), bias.into_parts());
    let y = forward(x.clone(), weight.clone(), bias, activation);
    let prepared = Derivative.prepare::<NoCheckpointing>([of_x, of_weight, of_bias]).compute_bound();
    match prepared.stateful() {
        OpsKind::Tracked(step) => {
            let cut = (activation == Activation::Relu).then(|| y.clone());
            step.finish(Kept { x, weight, y: cut }, y)
        }
        OpsKind::UnTracked(step) => step.finish(y),
    }
}
