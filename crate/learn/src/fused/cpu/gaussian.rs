//! The two parts of a Gaussian posterior on the CPU: its sample and its divergence from the prior, in one pass each.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use math::elementary::exp_f32;

use super::host::{numbers, sizes, tensor};
use crate::fused::passes::Value;

/// mu + exp(½ log_var)·eps.
pub(super) fn sample([mu, log_var, eps]: [&FlexTensor; 3], wanted: bool) -> Value<Flex, 3> {
    let shape = sizes(mu);
    let sigma: Vec<f32> = numbers(log_var).iter().map(|log_var| exp_f32(0.5 * log_var)).collect();
    let shift: Vec<f32> = sigma.iter().zip(numbers(eps)).map(|(sigma, eps)| sigma * eps).collect();
    let z = numbers(mu).iter().zip(&shift).map(|(mu, shift)| mu + shift).collect();
    let kept = |numbers: Vec<f32>| wanted.then(|| tensor(numbers, shape));
    let half = shift.iter().map(|shift| 0.5 * shift).collect();
    Value { value: tensor(z, shape), slopes: [None, kept(half), kept(sigma)] }
}

/// ½ (mu² + exp(log_var) − log_var − 1).
pub(super) fn kl([mu, log_var]: [FlexTensor; 2], wanted: bool) -> Value<Flex, 2> {
    let shape = sizes(&mu);
    let variance: Vec<f32> = numbers(&log_var).iter().map(|log_var| exp_f32(*log_var)).collect();
    let parts = numbers(&mu).iter().zip(numbers(&log_var)).zip(&variance);
    let kl = parts.map(|((mu, log_var), variance)| (mu * mu + variance - log_var - 1.0) * 0.5).collect();
    let half = || tensor(variance.iter().map(|variance| 0.5 * (variance - 1.0)).collect(), shape);
    Value { value: tensor(kl, shape), slopes: if wanted { [Some(mu), Some(half())] } else { [None, None] } }
}
