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
mod tests;
