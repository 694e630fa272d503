//! The objective of section 4: the ELBO plus a share of the mutual information that its KL term penalises.

use burn::tensor::Tensor;

/// The MI-augmented objective ELBO + (1 − ω) I(x,z), its marginal KL replaced by λ·D. Per example; larger is better.
///
/// log p(x|z) − ω · KL\[q(z|x)‖p(z)\] − (1 − ω) · λ · D(q(z), p(z))
///
/// By (17), with λ = 1 and D = KL\[q(z)‖p(z)\] its mean is the objective itself. ω = 1 is the ELBO; ω = 0 has no
/// per-sample KL. A term with weight 0 is left out, not multiplied: then it has no gradient either, not even rounding,
/// and a `divergence` that is not needed is not computed.
///
/// Shapes: `reconstruction`, `kl` `[batch]` in nats; `divergence` gives `[1]` or `[batch]` → `[batch]`.
pub fn mi_augmented(
    reconstruction: Tensor<1>,
    kl: Tensor<1>,
    divergence: impl FnOnce() -> Tensor<1>,
    omega: f64,
    lambda: f64,
) -> Tensor<1> {
    let weight = (1.0 - omega) * lambda;
    let mut objective = reconstruction;
    if omega != 0.0 {
        objective = objective - kl * omega;
    }
    if weight != 0.0 {
        objective = objective - divergence() * weight;
    }
    objective
}
