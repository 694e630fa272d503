//! Slide 1.8 on a trained model: score and reparameterized gradients of the running VAE's own ELBO, with respect to the
//! encoder's outputs mu.

use burn::tensor::{Device, Tensor};
use math::rng::Rng;

use learn::models::{Vae, VaeConfig, tensor};
use learn::objectives::log_likelihood;

/// Held-out images the variances are averaged over, and samples of each.
const IMAGES: usize = 16;
const SAMPLES: usize = 64;

/// Total variance over samples of two one-sample estimates of d/dmu E_q\[log p(x|z)\], averaged over images.
///
/// - score (10): log p(x|z) · d log q(z|x)/dmu = log p(x|z) · eps / sigma
/// - reparameterized (11): d log p(x|z)/dz at z = mu + sigma·eps
///
/// Both are unbiased for the same gradient; the KL term is in closed form and adds no variance to either. "Total" is the
/// sum over latent dimensions. Shape: `heldout` `[n, pixel]` (the first 16 are used) → `[2]`: score, reparameterized.
pub(super) fn variances(vae: &Vae, config: &VaeConfig, heldout: Tensor<2>, mut rng: Rng, device: &Device) -> Tensor<1> {
    let images = heldout.dims()[0].min(IMAGES);
    let latent = config.latent;
    let x = heldout.narrow(0, 0, images);
    let (mu, log_var) = vae.encoder.forward(x.clone());
    let sigma = (log_var * 0.5).exp();
    let repeat = |rows: Tensor<2>| rows.repeat_dim(0, SAMPLES); // sample by sample: [samples·images, …]
    let eps = tensor(rng.normals(SAMPLES * images * latent), [SAMPLES * images, latent], &mu.device());
    let z = repeat(mu) + repeat(sigma.clone()) * eps.clone();

    // All samples' reparameterized gradients at once: the samples do not interact, so the sum's gradient is each one's.
    let track = |tensor: Tensor<2>| Tensor::from_inner(tensor).to_device(device);
    let z = track(z).require_grad();
    let decoder = burn::module::Module::train(vae.decoder.clone());
    let log_scale = decoder.log_scale.val();
    let log_px = log_likelihood(config.likelihood, track(repeat(x)), decoder.forward(z.clone()), log_scale);
    let gradients = log_px.clone().sum().backward();
    let reparam = z.grad(&gradients).expect("z asked for its gradient");
    let score = log_px.inner().unsqueeze_dim::<2>(1) * eps / repeat(sigma);

    let total = |estimates: Tensor<2>| {
        let by_sample: Tensor<3> = estimates.reshape([SAMPLES, images, latent]);
        by_sample.var(0).sum_dim(2).mean() // [1]
    };
    Tensor::cat(vec![total(score), total(reparam)], 0)
}
