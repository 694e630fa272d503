//! log p(x) of the running VAE by quadrature: with one or two latent dimensions the integral over z can be done.

use burn::tensor::{Device, Tensor};
use math::evidence::{Evidence, LatentGrid};

use crate::shared::true_posterior::{chunks, is_affordable};
use learn::models::{Vae, VaeConfig};
use learn::objectives::{log_likelihood_table, log_standard_normal, log_sum_exp};

/// The grid on the device.
pub(super) struct Quadrature {
    grid: LatentGrid,
    /// The four parts of the grid in chunks, `[points, latent]` each.
    parts: [Vec<Tensor<2>>; 4],
}

impl Quadrature {
    /// None where it is not affordable ([`is_affordable`]).
    pub(super) fn new(config: &VaeConfig, device: &Device) -> Option<Self> {
        is_affordable(config).then(|| {
            let grid = LatentGrid::new(config.latent);
            let parts = grid.parts.each_ref().map(|part| chunks(part, config.latent, device));
            Self { grid, parts }
        })
    }

    /// Log sums of p(x|z) p(z) over the four parts. Shape: `x` `[n, pixel]` → `[n·4]`, image by image.
    pub(super) fn log_sums(&self, vae: &Vae, config: &VaeConfig, x: &Tensor<2>) -> Tensor<1> {
        let of_chunk = |z: &Tensor<2>| {
            let log_scale = vae.decoder.log_scale.val();
            let table = log_likelihood_table(config.likelihood, x.clone(), vae.decoder.forward(z.clone()), log_scale);
            let table = table.expect("a likelihood without a table has no quadrature");
            log_sum_exp(table + log_standard_normal(z.clone()).unsqueeze_dim::<2>(0))
        };
        let of_part = |chunks: &Vec<Tensor<2>>| log_sum_exp(Tensor::cat(chunks.iter().map(of_chunk).collect(), 1));
        let sums: Tensor<2> = Tensor::cat(self.parts.iter().map(of_part).collect(), 1);
        let [n, parts] = sums.dims();
        sums.reshape([n * parts])
    }

    /// log p(x) of every image, from the numbers of [`Self::log_sums`].
    pub(super) fn evidence(&self, log_sums: &[f64]) -> Vec<Evidence> {
        let (images, _) = log_sums.as_chunks::<4>();
        images.iter().map(|sums| Evidence::of(sums, &self.grid)).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::shared::trained::{DEFAULT_SEED, trained};
    use crate::testing::given::numbers;
    use figure::Assets;
    use learn::images::ImageSet;
    use learn::objectives::Likelihood;
    use math::evidence::exact_mean;

    /// The page's own model on its held-out images: by NumPy on a grid of 241 points a side, −24.681 nats.
    #[test]
    fn the_pages_own_model_has_the_evidence_found_elsewhere() {
        let device = Device::flex();
        let model = trained(&Assets::default(), 64, &device).unwrap();
        let images = ImageSet::digits(DEFAULT_SEED, &device);
        let quadrature = Quadrature::new(&model.config, &device).unwrap();
        let heldout = images.select(&images.heldout);
        let evidence = quadrature.evidence(&numbers(&quadrature.log_sums(&model.vae, &model.config, &heldout)));
        let found = exact_mean(&evidence).unwrap();
        assert!((found + 24.681).abs() < 1e-3, "{found}");
    }

    #[test]
    fn what_is_not_affordable_is_not_tried() {
        let device = Device::flex();
        let config = |pixels, latent, likelihood| VaeConfig::new(pixels, 8, latent, likelihood);
        let has = |config: &VaeConfig| Quadrature::new(config, &device).is_some();
        assert!(has(&config(64, 1, Likelihood::Bernoulli)) && has(&config(64, 2, Likelihood::GaussianPerPixel)));
        assert!(!has(&config(64, 3, Likelihood::Bernoulli)) && !has(&config(784, 2, Likelihood::Bernoulli)));
        assert!(!has(&config(64, 2, Likelihood::Laplace)));
    }
}
