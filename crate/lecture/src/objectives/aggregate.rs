//! The aggregate posterior of a batch, standing in for the prior.

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

/// Log density of the batch's aggregate posterior at each of its samples.
///
/// log q_B(z_i) = log 1/B Σ_j q(z_i|x_j),  j over the batch
///
/// The batch stands in for the data: z_i meets its own posterior once in B instead of once in N, so that
/// E\[log q(z|x) − log q_B(z)\] estimates I(x,z) with a bias, and never exceeds log B.
/// Shapes: all `[batch, latent]` → `[batch]`, in nats. Costs batch²·latent.
pub fn log_batch_aggregate(z: Tensor<2>, mu: Tensor<2>, log_var: Tensor<2>) -> Tensor<1> {
    let [batch, latent] = z.dims();
    let log_two_pi = (2.0 * std::f64::consts::PI).ln();
    let distance = z.unsqueeze_dim::<3>(1) - mu.unsqueeze_dim::<3>(0); // [sample, component, latent]
    let log_var = log_var.unsqueeze_dim::<3>(0); // [1, component, latent]
    let squares = distance.square() * (-log_var.clone()).exp() + log_var;
    let log_components: Tensor<2> = (squares.sum_dim(2) * -0.5 - 0.5 * latent as f64 * log_two_pi).squeeze_dim(2); // [sample, component]
    // The largest is taken out, so that a sample far from every other component keeps its logarithm.
    let largest = log_components.clone().detach().max_dim(1); // [sample, 1]
    let sum = (log_components - largest.clone()).exp().sum_dim(1);
    (sum.log() + largest - (batch as f64).ln()).squeeze_dim(1)
}
