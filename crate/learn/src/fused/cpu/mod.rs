//! The passes on the CPU, over plain rows of numbers.

mod adam;
mod bernoulli;
mod conv;
mod dense;
mod gaussian;
mod host;
mod kernel;
mod log_sum_exp;
mod patches;
mod sparse;

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::backend::ops::ActivationOps;

pub(crate) use conv::{double, halve};
pub(crate) use kernel::kernel_sum;
pub(crate) use log_sum_exp::log_sum_exp;

use super::Activation;
use super::passes::{AdamStep, Layer, Passes, Value};
use host::{in_one_piece, numbers, tensor};

impl Passes for Flex {
    fn dense(x: FlexTensor, weight: FlexTensor, bias: FlexTensor, activation: Activation) -> FlexTensor {
        dense::forward(x, weight, bias, activation)
    }

    fn dense_back(dy: FlexTensor, layer: Layer<Flex>, wanted: [bool; 3]) -> [Option<FlexTensor>; 3] {
        dense::backward(dy, layer, wanted)
    }

    fn bernoulli(inputs: [FlexTensor; 2], slopes: bool) -> Value<Flex, 2> {
        bernoulli::bernoulli(inputs.map(in_one_piece), slopes)
    }

    fn sample(inputs: [FlexTensor; 3], slopes: bool) -> Value<Flex, 3> {
        gaussian::sample(inputs.map(in_one_piece).each_ref(), slopes)
    }

    fn kl(inputs: [FlexTensor; 2], slopes: bool) -> Value<Flex, 2> {
        gaussian::kl(inputs.map(in_one_piece), slopes)
    }

    fn scaled(slopes: Vec<FlexTensor>, arrived: FlexTensor) -> Vec<FlexTensor> {
        let arrived = in_one_piece(arrived);
        slopes.into_iter().map(|slopes| scaled(slopes, numbers(&arrived))).collect()
    }

    fn add_means(sums: Option<FlexTensor>, columns: [FlexTensor; 2]) -> FlexTensor {
        let means = columns.map(in_one_piece).map(|column| {
            let numbers = numbers(&column);
            numbers.iter().sum::<f32>() / numbers.len() as f32
        });
        let sums = sums.map(in_one_piece);
        let before = sums.as_ref().map_or(&[0.0; 2][..], numbers);
        tensor(vec![before[0] + means[0], before[1] + means[1]], [2])
    }

    fn sigmoid(logits: FlexTensor) -> FlexTensor {
        <Flex as ActivationOps<Flex>>::sigmoid(logits)
    }

    fn adam(step: AdamStep, [theta, gradient, m, v]: [FlexTensor; 4]) -> [FlexTensor; 3] {
        adam::update(step, &in_one_piece(theta), &in_one_piece(gradient), in_one_piece(m), in_one_piece(v))
    }
}

/// Numbers times factors: one each, or one for each of as many rows as there are factors.
fn scaled(mut slopes: FlexTensor, factors: &[f32]) -> FlexTensor {
    let all = slopes.storage_mut::<f32>();
    if factors.len() == all.len() {
        all.iter_mut().zip(factors).for_each(|(number, factor)| *number *= factor);
    } else {
        let width = all.len() / factors.len();
        for (row, factor) in all.chunks_exact_mut(width).zip(factors) {
            row.iter_mut().for_each(|number| *number *= factor);
        }
    }
    slopes
}
