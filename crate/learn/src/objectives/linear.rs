//! The linear VAE's ELBO in closed form, section 2: every term exact, from the data's second moments alone.

use burn::tensor::Tensor;

/// KL\[q(z|x)‖p(z)\] of q(z|x) = N(V (x − mu), D), averaged over the data, in closed form.
///
/// KL = ½ ( −log det D + tr(V S Vᵀ) + tr D − M ),  with `log_d` the logarithm of D's diagonal
///
/// Shapes: `recognition` V `[M, D]`, `log_d` `[M]`, `about` S = E (x − mu)(x − mu)ᵀ `[D, D]` → `[1]`, in nats per data point.
/// The KL under equation (13).
pub fn linear_kl(recognition: Tensor<2>, log_d: Tensor<1>, about: Tensor<2>) -> Tensor<1> {
    let codes = (recognition.clone().matmul(about) * recognition).sum(); // tr(V S Vᵀ)
    let widths = (log_d.clone().exp() - log_d - 1.0).sum(); // tr D − log det D − M
    (codes + widths) * 0.5
}

/// E_q\[log p(x|z)\] of p(x|z) = N(W z + mu, sigma² I) under the same q, averaged over the data, by the trace trick.
///
/// −D/2 log(2π sigma²) − 1/(2 sigma²) \[ tr(W D Wᵀ) + tr(S) − 2 tr(W V S) + tr(WᵀW V S Vᵀ) \]
///
/// the last three being the average of ‖W V (x − mu) − (x − mu)‖².
/// Shapes: `weights` W `[D, M]`, `recognition` V `[M, D]`, `log_d` `[M]`, `log_sigma2` `[1]`, `about` S `[D, D]` → `[1]`, in nats
/// per data point. The expectation under equation (12).
pub fn linear_reconstruction(
    weights: Tensor<2>,
    recognition: Tensor<2>,
    log_d: Tensor<1>,
    log_sigma2: Tensor<1>,
    about: Tensor<2>,
) -> Tensor<1> {
    let dim = about.dims()[0];
    let trace = (about.clone() * Tensor::eye(dim, &about.device())).sum();
    let code_data = recognition.clone().matmul(about); // V S, [M, D]
    let code_code = code_data.clone().matmul(recognition.transpose()); // V S Vᵀ, [M, M]
    let gram = weights.clone().transpose().matmul(weights.clone()); // WᵀW, [M, M]
    let spread = (weights.clone().square() * log_d.exp().unsqueeze::<2>()).sum(); // tr(W D Wᵀ)
    let error = trace - (weights * code_data.transpose()).sum() * 2.0 + (gram * code_code).sum();
    let log_two_pi = (2.0 * std::f64::consts::PI).ln();
    ((spread + error) * (-log_sigma2.clone()).exp() + (log_sigma2 + log_two_pi) * dim as f64) * -0.5
}
