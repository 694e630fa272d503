//! The KL term of the ELBO, by Lemma 1.

use burn::tensor::Tensor;

/// Kullback–Leibler divergence from a diagonal Gaussian posterior to the standard normal prior, per latent dimension.
///
/// KL_j = ½ ( μ_j² + σ_j² − 1 − log σ_j² ),  with `log_var` = log σ²
///
/// Shapes: `mu`, `log_var` `[batch, latent]` → `[batch, latent]`, in nats. Equations (3) + (4), negated.
pub fn kl_per_dimension(mu: Tensor<2>, log_var: Tensor<2>) -> Tensor<2> {
    (mu.square() + log_var.clone().exp() - log_var - 1.0) * 0.5
}

/// Kullback–Leibler divergence from a diagonal Gaussian posterior to the standard normal prior.
///
/// KL\[q‖p\] = ½ Σ_j ( μ_j² + σ_j² − 1 − log σ_j² )
///
/// Shapes: `mu`, `log_var` `[batch, latent]` → `[batch]`, in nats per example. Equations (3) + (4), negated.
pub fn kl_to_standard_normal(mu: Tensor<2>, log_var: Tensor<2>) -> Tensor<1> {
    kl_per_dimension(mu, log_var).sum_dim(1).squeeze_dim(1)
}

/// Log density of the standard normal, summed over dimensions.
///
/// log p(z) = −½ Σ_j ( log 2π + z_j² )
///
/// Shapes: `z` `[batch, latent]` → `[batch]`, in nats.
pub fn log_standard_normal(z: Tensor<2>) -> Tensor<1> {
    let latent = z.dims()[1] as f64;
    (z.square().sum_dim(1) * -0.5 - 0.5 * latent * (2.0 * std::f64::consts::PI).ln()).squeeze_dim(1)
}
