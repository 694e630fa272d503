//! Tensors and models with the numbers that the reference scripts define by formulas.

use burn::module::Module;
use burn::tensor::Tensor;
use learn::models::{Stored, Vae, restore, weights};
use serde_json::Value;

use super::golden::{narrow, near, wave};

/// [`wave`] for tensors.
pub(crate) fn wave_f32(count: usize, frequency: f64, scale: f64) -> Vec<f32> {
    narrow(&wave(count, frequency, scale))
}

/// Numbers in [0, 1] by the same formula: the pixels of the references' images.
pub(crate) fn pixels(count: usize, frequency: f64) -> Vec<f32> {
    wave_f32(count, frequency, 1.0).iter().map(|w| 0.5 + 0.5 * w).collect()
}

/// Single precision as f64.
pub(crate) fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

/// A tensor's numbers.
pub(crate) fn numbers<const D: usize>(tensor: &Tensor<D>) -> Vec<f64> {
    wide(tensor.to_data().as_slice::<f32>().unwrap())
}

/// A tensor's numbers against the reference, equal up to single precision.
pub(crate) fn close<const D: usize>(ours: &Tensor<D>, reference: &Value, what: &str) {
    near(&numbers(ours), reference, 2e-5, what);
}

/// A model with every parameter as `formula` gives it by name and number of numbers.
pub(crate) fn given<M: Module>(model: M, formula: impl Fn(&str, usize) -> Vec<f32>) -> M {
    let one = |weight: learn::Weight| {
        let values = formula(&weight.name, weight.shape.iter().product());
        (weight.name, (weight.shape, values))
    };
    let stored: Stored = weights(&model).into_iter().map(one).collect();
    restore(model, &stored).unwrap()
}

/// The dense VAE of the scripts, with this scale of the likelihood.
pub(crate) fn given_vae(vae: Vae, log_scale: f32) -> Vae {
    given(vae, |name, count| {
        let (frequency, scale) = match name {
            "encoder.hidden.0.weight" => (0.7, 0.5),
            "encoder.hidden.0.bias" => (1.1, 0.1),
            "encoder.mu.weight" => (1.3, 0.6),
            "encoder.mu.bias" => (1.7, 0.2),
            "encoder.log_var.weight" => (0.9, 0.4),
            "encoder.log_var.bias" => (2.3, 0.2),
            "decoder.hidden.0.weight" => (1.9, 0.7),
            "decoder.hidden.0.bias" => (0.5, 0.1),
            "decoder.output.weight" => (0.3, 0.5),
            "decoder.output.bias" => (0.6, 0.1),
            "decoder.log_scale" => return vec![log_scale],
            other => panic!("the reference has no parameter {other}"),
        };
        wave_f32(count, frequency, scale)
    })
}
