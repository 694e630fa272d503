//! Algorithms 1 and 2 of slide 1.5, up to the distribution that x is drawn from. The noise is passed in.

use burn::tensor::Tensor;

use learn::models::{Vae, VaeConfig};
use learn::objectives::{mean, scale};

/// Codes and the decoder's output for them.
#[derive(Clone, Debug)]
pub(crate) struct Generated {
    /// The codes, `[n, latent]`.
    pub(crate) z: Tensor<2>,
    /// Mean of p(x|z), `[n, pixel]`: the point estimate.
    pub(crate) mean: Tensor<2>,
    /// Scale of p(x|z), `[n, pixel]`: the spread of a random sample.
    pub(crate) scale: Tensor<2>,
}

/// Algorithm 1: generates from the posterior of images.
///
/// mu, sigma = f(x);  z = mu + sigma·eps;  x ~ p(x|z)
///
/// Shapes: `x` `[n, pixel]`, `eps` `[n, latent]`, standard normal.
pub(crate) fn algorithm_1(vae: &Vae, config: &VaeConfig, x: Tensor<2>, eps: Tensor<2>) -> Generated {
    let (mu, log_var) = vae.encoder.forward(x);
    let z = Vae::reparameterize(mu, log_var, eps);
    p_x(vae, config, z)
}

/// Algorithm 2: generates from the prior.
///
/// z ~ N(0, I);  x ~ p(x|z)
///
/// Shapes: `eps` `[n, latent]`, standard normal: the codes themselves.
pub(crate) fn algorithm_2(vae: &Vae, config: &VaeConfig, eps: Tensor<2>) -> Generated {
    let z = eps;
    p_x(vae, config, z)
}

/// Mean and scale of p(x|z), pixel by pixel.
fn p_x(vae: &Vae, config: &VaeConfig, z: Tensor<2>) -> Generated {
    let decoded = vae.decoder.forward(z.clone());
    let mean = mean(config.likelihood, decoded.clone(), config.pixels);
    let scale = scale(config.likelihood, decoded, vae.decoder.log_scale.val(), config.pixels);
    Generated { z, mean, scale }
}
