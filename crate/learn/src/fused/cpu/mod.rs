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

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

pub(crate) use conv::{double, halve};
pub(crate) use kernel::kernel_sum;
pub(crate) use log_sum_exp::log_sum_exp;

use super::Activation;
use super::passes::{AdamStep, Layer, Passes, Value};
use host::{in_one_piece, numbers};

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

    fn scaled(mut slopes: FlexTensor, arrived: FlexTensor) -> FlexTensor {
        let arrived = in_one_piece(arrived);
        let (all, factors) = (slopes.storage_mut::<f32>(), numbers(&arrived));
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

    fn adam(step: AdamStep, [theta, gradient, m, v]: [FlexTensor; 4]) -> [FlexTensor; 3] {
        adam::update(step, &in_one_piece(theta), &in_one_piece(gradient), in_one_piece(m), in_one_piece(v))
    }
}
