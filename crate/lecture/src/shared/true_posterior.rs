//! The true posterior p(z|x) of single images under a trained decoder, on a grid of one or two latent dimensions.

use burn::tensor::{Device, Tensor};
use figure::{Heat, Layer, Marker, Role};
use math::evidence::LatentGrid;
use math::evidence::posterior::{Gaps, TruePosterior, points};

use learn::models::{Decoder, VaeConfig, tensor};
use learn::objectives::{Likelihood, log_likelihood_table};

/// Points whose likelihoods are in memory at once.
const CHUNK: usize = 4096;
/// The most pixels of all points together: the plane's grid for images of 8×8. That of larger images would take seconds.
const MOST_PIXELS: usize = 101 * 101 * 64;
/// Cells of the picture for each spacing of the grid, along a side.
const FINER: usize = 4;

/// Whether the likelihood of some images can be had on the whole grid: not of more than two dimensions, of larger images or of a Laplace.
pub(crate) fn is_affordable(config: &VaeConfig) -> bool {
    config.latent <= 2
        && config.likelihood != Likelihood::Laplace
        && LatentGrid::count(config.latent) * config.pixels <= MOST_PIXELS
}

/// Points `[points, latent]` on the device, some at a time.
pub(crate) fn chunks(points: &[f64], latent: usize, device: &Device) -> Vec<Tensor<2>> {
    let chunk = |z: &[f64]| tensor(z.iter().map(|&z| z as f32).collect(), [z.len() / latent, latent], device);
    points.chunks(CHUNK * latent).map(chunk).collect()
}

/// The grid on the device.
pub(crate) struct PosteriorGrid {
    latent: usize,
    /// `[points, latent]` together.
    chunks: Vec<Tensor<2>>,
}

impl PosteriorGrid {
    /// None where it is not affordable ([`is_affordable`]).
    pub(crate) fn new(config: &VaeConfig, device: &Device) -> Option<Self> {
        let latent = config.latent;
        is_affordable(config).then(|| Self { latent, chunks: chunks(&points(latent), latent, device) })
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

/// What is drawn of a chosen image: all of one model, that of the moment at which it was looked at.
pub(crate) struct Drawn {
    /// The image's index.
    pub(crate) image: usize,
    heat: Layer,
    /// Means and standard deviations of q(z|x), and of the best Gaussian where one was found.
    encoder: [Vec<f64>; 2],
    best: Option<[Vec<f64>; 2]>,
}

impl Drawn {
    /// From an image's posterior, its q(z|x) as means and log variances, and its gaps; with one dimension a strip of this height. None
    /// where the posterior falls between the points of the grid.
    pub(crate) fn new(
        image: usize,
        posterior: &TruePosterior,
        [mu, log_var]: [&[f64]; 2],
        gaps: Option<&Gaps>,
        strip: (f64, f64),
    ) -> Option<Self> {
        let spread =
            |mu: &[f64], log_var: &[f64]| [mu.to_vec(), log_var.iter().map(|log_var| (0.5 * log_var).exp()).collect()];
        posterior.evidence().is_good().then(|| Self {
            image,
            heat: heat(posterior, strip),
            encoder: spread(mu, log_var),
            best: gaps.map(|gaps| spread(&gaps.best.mu, &gaps.best.log_var)),
        })
    }

    /// The layers under the points of the plane, and those above: the heat; the ring and both Gaussians at 1σ.
    pub(crate) fn layers(&self, place: [f64; 2], axes: [usize; 2]) -> (Layer, Vec<Layer>) {
        let one = self.encoder[0].len() == 1;
        let ellipse = |[mu, sigma]: &[Vec<f64>; 2]| {
            let second = if one { [place[1], 0.4] } else { [mu[axes[1]], sigma[axes[1]]] };
            vec![[mu[axes[0]], second[0], sigma[axes[0]], second[1]]]
        };
        let mut above = vec![
            Layer::classes(Marker::Circle, 9.0, vec![place], vec![data::UNKNOWN]),
            Layer::ellipses(Role::Posterior, "q(z|x) of the pressed image, 1σ", ellipse(&self.encoder)),
        ];
        above.extend(
            self.best.as_ref().map(|best| Layer::ellipses(Role::MeanField, "the best Gaussian, 1σ", ellipse(best))),
        );
        (self.heat.clone(), above)
    }
}

#[cfg(test)]
mod tests;
