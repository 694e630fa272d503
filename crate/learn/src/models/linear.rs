//! Layers with initial weights from the project's own generator, so that every device starts from the same numbers.

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, TensorData};
use math::rng::Rng;

use crate::fused::{self, Activation};

/// A tensor from host numbers, row by row.
pub fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// A tensor's numbers in one row.
pub fn flat<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let count = tensor.dims().iter().product::<usize>();
    tensor.reshape([count])
}

/// Each row so many times, one after the other: `[rows, width]` → `[rows·times, width]`.
pub fn repeat_each(rows: Tensor<2>, times: usize) -> Tensor<2> {
    let [count, width] = rows.dims();
    rows.reshape([count, 1, width]).repeat_dim(1, times).reshape([count * times, width])
}

/// Glorot's uniform initial weights: U(−a, a), a = √(6 / (inputs + outputs)). Glorot & Bengio 2010, equation (16).
///
/// Shape: `[inputs, outputs]`, drawn row by row.
pub fn glorot(inputs: usize, outputs: usize, rng: &mut Rng) -> Vec<f32> {
    let bound = (6.0 / (inputs + outputs) as f64).sqrt();
    (0..inputs * outputs).map(|_| (bound * (2.0 * rng.uniform() - 1.0)) as f32).collect()
}

/// A dense layer: a(x·W + b).
///
/// Shapes: `x` `[batch, inputs]`, W `[inputs, outputs]`, b `[outputs]` → `[batch, outputs]`.
pub fn dense(layer: &Linear, x: Tensor<2>, activation: Activation) -> Tensor<2> {
    fused::dense(layer, &x, activation).unwrap_or_else(|| match activation {
        Activation::None => layer.forward(x),
        Activation::Relu => relu(layer.forward(x)),
    })
}

/// A dense layer x·W + b with Glorot weights and zero bias. Shapes: `[batch, inputs]` → `[batch, outputs]`.
pub fn linear(inputs: usize, outputs: usize, rng: &mut Rng, device: &Device) -> Linear {
    Linear {
        weight: Param::from_tensor(tensor(glorot(inputs, outputs, rng), [inputs, outputs], device)),
        bias: Some(Param::from_tensor(Tensor::zeros([outputs], device))),
    }
}
