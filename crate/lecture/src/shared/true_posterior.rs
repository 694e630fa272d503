//! The true posterior p(z|x) of single images under a trained decoder, on a grid of one or two latent dimensions.

use burn::tensor::{Device, Tensor};
use figure::{Heat, Layer, Role};
use math::evidence::posterior::{TruePosterior, points};

use learn::models::{Decoder, VaeConfig, tensor};
use learn::objectives::{Likelihood, log_likelihood_table};

/// Points whose likelihoods are in memory at once.
const CHUNK: usize = 4096;
/// The most pixels of all points together: the plane's grid for images of 8×8. That of larger images would take seconds.
const MOST_PIXELS: usize = 101 * 101 * 64;
/// Cells of the picture for each spacing of the grid, along a side.
const FINER: usize = 4;

/// The grid on the device.
pub(crate) struct PosteriorGrid {
    latent: usize,
    /// `[points, latent]` together.
    chunks: Vec<Tensor<2>>,
}

impl PosteriorGrid {
    /// None where it is not affordable: more than two dimensions, larger images, a Laplace likelihood.
    pub(crate) fn new(config: &VaeConfig, device: &Device) -> Option<Self> {
        let latent = config.latent;
        if latent > 2 || config.likelihood == Likelihood::Laplace {
            return None;
        }
        let z = points(latent);
        if z.len() / latent * config.pixels > MOST_PIXELS {
            return None;
        }
        let chunk = |z: &[f64]| tensor(z.iter().map(|&z| z as f32).collect(), [z.len() / latent, latent], device);
        Some(Self { latent, chunks: z.chunks(CHUNK * latent).map(chunk).collect() })
    }

    /// log p(x|z) of every image at every point. Shape: `x` `[n, pixel]` → `[n·points]`, image by image.
    pub(crate) fn log_likelihoods(&self, decoder: &Decoder, config: &VaeConfig, x: &Tensor<2>) -> Tensor<1> {
        let of_chunk = |z: &Tensor<2>| {
            let decoded = decoder.forward(z.clone());
            let table = log_likelihood_table(config.likelihood, x.clone(), decoded, decoder.log_scale.val());
            table.expect("a likelihood without a table has no grid")
        };
        let table = Tensor::cat(self.chunks.iter().map(of_chunk).collect(), 1);
        let [n, points] = table.dims();
        table.reshape([n * points])
    }

    /// The posterior of every image, from the numbers of [`Self::log_likelihoods`].
    pub(crate) fn posteriors(&self, log_likelihoods: &[f64]) -> Vec<TruePosterior> {
        let points: usize = self.chunks.iter().map(|chunk| chunk.dims()[0]).sum();
        log_likelihoods.chunks_exact(points).map(|logs| TruePosterior::new(self.latent, logs.to_vec())).collect()
    }
}

/// p(z|x) as heat, where it is above a thousandth of its largest value. With one dimension a strip of the given height.
pub(crate) fn heat(posterior: &TruePosterior, strip: (f64, f64)) -> Layer {
    let window = posterior.window(FINER);
    let line = window.rows == 1;
    let values = window.density.iter().map(|&density| density as f32).collect();
    Layer::Heat(Heat {
        role: Role::Exact,
        x: window.x,
        y: if line { strip } else { window.y },
        columns: window.columns,
        rows: window.rows,
        values,
        range: None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::shared::trained::{DEFAULT_SEED, trained};
    use crate::testing::given::{numbers, wide};
    use crate::testing::golden::{near, parse};
    use figure::Assets;
    use learn::images::ImageSet;

    /// The page's own model on the first ten digits: by NumPy and SciPy on a finer grid and with another optimiser.
    #[test]
    fn the_gaps_of_the_pages_own_model_are_those_found_elsewhere() {
        let reference = parse(include_str!("true_posterior/shipped.json"));
        let device = Device::flex();
        let model = trained(&Assets::default(), 64, &device).unwrap();
        let images = ImageSet::digits(DEFAULT_SEED, &device);
        let few: Vec<usize> = (0..10).collect();
        let grid = PosteriorGrid::new(&model.config, &device).unwrap();
        let logs = grid.log_likelihoods(&model.vae.decoder, &model.config, &images.select(&few));
        let (mu, log_var) = model.vae.encoder.forward(images.select(&few));
        let [mu, log_var] = [mu, log_var].map(|table| numbers(&table));
        let posteriors = grid.posteriors(&numbers(&logs));
        let of = |n: usize| posteriors[n].gaps(&mu[2 * n..2 * n + 2], &log_var[2 * n..2 * n + 2]).unwrap();
        let gaps: Vec<_> = few.iter().map(|&n| of(n)).collect();
        let column = |f: fn(&math::evidence::posterior::Gaps) -> f64| gaps.iter().map(f).collect::<Vec<_>>();
        near(&column(|gaps| gaps.evidence.log_px), &reference["log_px"], 3e-5, "log p(x)");
        near(&column(|gaps| gaps.elbo), &reference["elbo"], 3e-5, "ELBO");
        near(&column(|gaps| gaps.best.elbo), &reference["best"], 3e-5, "the best Gaussian's ELBO");
        assert!(gaps.iter().all(|gaps| gaps.approximation > 0.0 && gaps.amortization > 0.0));
        // Their pictures hold nearly all of the mass: the interpolation is a chord below the logarithm, which takes a few per cent.
        for posterior in &posteriors {
            let Layer::Heat(heat) = heat(posterior, (0.0, 1.0)) else { panic!("heat") };
            let cell = (heat.x.1 - heat.x.0) * (heat.y.1 - heat.y.0) / heat.values.len() as f64;
            let mass = wide(&heat.values).iter().sum::<f64>() * cell;
            assert!((0.93..1.005).contains(&mass), "{mass}");
        }
    }

    #[test]
    fn what_is_not_affordable_is_not_tried() {
        let device = Device::flex();
        let config = |pixels, latent, likelihood| VaeConfig::new(pixels, 8, latent, likelihood);
        let has = |config: &VaeConfig| PosteriorGrid::new(config, &device).is_some();
        assert!(has(&config(64, 1, Likelihood::Bernoulli)) && has(&config(64, 2, Likelihood::GaussianPerPixel)));
        assert!(!has(&config(64, 3, Likelihood::Bernoulli)) && !has(&config(784, 2, Likelihood::Bernoulli)));
        assert!(!has(&config(64, 2, Likelihood::Laplace)));
    }
}
