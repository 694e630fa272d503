//! The two parts of a Gaussian posterior on the CPU: its sample and its divergence from the prior, in one pass each.

use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use math::elementary::exp_f32;

use super::host::{numbers, sizes, tensor};
use super::slopes::{Value, operation};

/// mu + exp(½ log_var)·eps where all are the CPU's tensors of one shape.
pub(crate) fn sample(mu: &Tensor<2>, log_var: &Tensor<2>, eps: &Tensor<2>) -> Option<Tensor<2>> {
    if mu.dims() != log_var.dims() || mu.dims() != eps.dims() {
        return None;
    }
    operation([mu, log_var, eps], |[mu, log_var, eps], wanted| {
        let shape = sizes(mu);
        let sigma: Vec<f32> = numbers(log_var).iter().map(|log_var| exp_f32(0.5 * log_var)).collect();
        let shift: Vec<f32> = sigma.iter().zip(numbers(eps)).map(|(sigma, eps)| sigma * eps).collect();
        let z = numbers(mu).iter().zip(&shift).map(|(mu, shift)| mu + shift).collect();
        let kept = |numbers: Vec<f32>| wanted.then(|| tensor(numbers, shape));
        let half = shift.iter().map(|shift| 0.5 * shift).collect();
        Value { value: tensor(z, shape), slopes: [None, kept(half), kept(sigma)] }
    })
}

/// ½ (mu² + exp(log_var) − log_var − 1) where both are the CPU's tensors of one shape.
pub(crate) fn kl(mu: &Tensor<2>, log_var: &Tensor<2>) -> Option<Tensor<2>> {
    if mu.dims() != log_var.dims() {
        return None;
    }
    operation([mu, log_var], |[mu, log_var], wanted: bool| {
        let shape = sizes(mu);
        let variance: Vec<f32> = numbers(log_var).iter().map(|log_var| exp_f32(*log_var)).collect();
        let parts = numbers(mu).iter().zip(numbers(log_var)).zip(&variance);
        let kl = parts.map(|((mu, log_var), variance)| (mu * mu + variance - log_var - 1.0) * 0.5).collect();
        let half = || tensor(variance.iter().map(|variance| 0.5 * (variance - 1.0)).collect(), shape);
        let slopes: [Option<FlexTensor>; 2] = if wanted { [Some((*mu).clone()), Some(half())] } else { [None, None] };
        Value { value: tensor(kl, shape), slopes }
    })
}
