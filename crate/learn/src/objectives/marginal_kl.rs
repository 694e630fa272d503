//! KL\[q(z)‖p(z)\] by the mixture of a mini-batch: a biased estimate of that by the mixture over all the data.

use burn::tensor::Tensor;

use super::kl::log_standard_normal;
use crate::fused;

/// log Σ exp of every row, relative to its largest number; the derivative does not depend on that constant.
///
/// Shapes: `[row, column]` → `[row, 1]`.
pub fn log_sum_exp(values: Tensor<2>) -> Tensor<2> {
    fused::log_sum_exp(&values).unwrap_or_else(|| {
        let largest = values.clone().max_dim(1).detach();
        (values - largest.clone()).exp().sum_dim(1).log() + largest
    })
}

/// log q̂(z), the log density of the mixture of a batch's posteriors; or of any diagonal Gaussians of equal weight, as a learned prior is.
///
/// log q̂(z) = log 1/B Σ_b q(z|x_b),  q(z|x_b) = N(mu_b, diag exp log_var_b)
///
/// Shapes: `z` `[n, latent]`; `mu`, `log_var` `[batch, latent]` → `[n]`, in nats.
pub fn log_batch_mixture(z: Tensor<2>, mu: Tensor<2>, log_var: Tensor<2>) -> Tensor<1> {
    let batch = mu.dims()[0] as f64;
    let log_two_pi = (2.0 * std::f64::consts::PI).ln();
    let distance = z.unsqueeze_dim::<3>(1) - mu.unsqueeze_dim::<3>(0); // [n, batch, latent]
    let log_var = log_var.unsqueeze_dim::<3>(0); // [1, batch, latent]
    let per_dimension = (distance.square() * (-log_var.clone()).exp() + log_var + log_two_pi) * -0.5;
    let components: Tensor<2> = per_dimension.sum_dim(2).squeeze_dim(2); // [n, batch]
    log_sum_exp(components).squeeze_dim(1) - batch.ln()
}

/// The mini-batch estimate of KL\[q(z)‖p(z)\], one sample per example.
///
/// log q̂(z_b) − log p(z_b),  q̂(z) = 1/B Σ_b′ q(z|x_b′)
///
/// Shapes: all `[batch, latent]`, `z` ~ q(z|x) → `[batch]`, in nats. Term (3) of equation (21), with q̂ for q(z).
///
/// Biased upwards: z_b's own component has weight 1/B in q̂ but 1/N in q(z). The mean is never below mean KL − log B, so
/// that up to log B nats of I(x,z) are not penalised when this is the divergence.
pub fn marginal_kl(z: Tensor<2>, mu: Tensor<2>, log_var: Tensor<2>) -> Tensor<1> {
    log_batch_mixture(z.clone(), mu, log_var) - log_standard_normal(z)
}
