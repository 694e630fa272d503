//! The log density of a posterior at its own sample.

use burn::tensor::Tensor;

/// Log density of a diagonal Gaussian posterior at its own sample.
///
/// log q(z|x) = −½ Σ_j ( log 2π + `log_var`_j + (z_j − μ_j)² e^(−`log_var`_j) )
///
/// Shapes: all `[batch, latent]` → `[batch]`, in nats.
pub fn log_posterior(z: Tensor<2>, mu: Tensor<2>, log_var: Tensor<2>) -> Tensor<1> {
    let latent = z.dims()[1] as f64;
    let log_two_pi = (2.0 * std::f64::consts::PI).ln();
    let squares = (z - mu).square() * (-log_var.clone()).exp() + log_var; // [batch, latent]
    (squares.sum_dim(1) * -0.5 - 0.5 * latent * log_two_pi).squeeze_dim(1)
}
