//! Samples from a trained VAE. Nothing is trained: every changed control gives new images.

use crate::demos::generation::{Algorithm, Draw, keys, readouts, slots};
use burn::tensor::{Device, Tensor};
use figure::{Chart, Figure, Images, Layer, Marker, Role, SEED, Snapshot, Status, Values};
use math::estimate::Estimate;
use math::gaussian;
use math::mixture::Mixture;

use super::{Generated, algorithm_1, algorithm_2};
use crate::shared::{plane, trained};
use figure::Assets;
use learn::Stream;
use learn::images::ImageSet;
use learn::models::{flat, tensor};
use learn::objectives::Likelihood;
use learn::{Experiment, StartError};

/// Points of the prior for the estimate of KL\[p(z)‖q(z)\].
const GAP_SAMPLES: usize = 2000;
/// A point of latent space counts as far from every posterior when q(z) is this many times smaller than p(z).
const FAR: f64 = 10.0;

struct Generation {
    trained: trained::Trained,
    images: ImageSet,
    values: Values,
    posteriors: Posteriors,
}

/// What stays the same while controls change.
struct Posteriors {
    mu: Vec<f64>,
    log_var: Vec<f64>,
    axes: [usize; 2],
    mixture: Mixture,
    gap: Estimate,
    far_share: f64,
    far_share_error: f64,
}

pub(crate) fn start(values: &Values, assets: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    let (trained, images) = trained::with_images(assets, device)?;
    let posteriors = Posteriors::new(&trained, &images, values.get(SEED) as u64);
    Ok(Box::new(Generation { trained, images, values: values.clone(), posteriors }))
}

impl Experiment for Generation {
    fn step(&mut self) {}

    fn finished(&self) -> bool {
        true
    }

    fn set(&mut self, values: &Values) {
        self.values = values.clone();
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        let Generated { z, mean, scale } = self.generate();
        [z, mean, scale].map(flat).to_vec()
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        let [z, means, scales] = <[Vec<f32>; 3]>::try_from(answers).expect("three tensors were asked for");
        let (latent, posteriors) = (self.trained.config.latent, &self.posteriors);
        let z64: Vec<f64> = z.iter().map(|&z| f64::from(z)).collect();
        let densities: Vec<f64> = z64.chunks_exact(latent).map(|z| posteriors.mixture.log_density(z)).collect();
        let log_aggregate = Estimate::of(&densities);
        Snapshot {
            step: 0,
            status: Status::Done,
            readouts: vec![
                readouts::PRIOR_GAP.estimate(posteriors.gap.mean, posteriors.gap.standard_error),
                readouts::LOG_AGGREGATE.estimate(log_aggregate.mean, log_aggregate.standard_error),
                readouts::FAR_SHARE.estimate(100.0 * posteriors.far_share, 100.0 * posteriors.far_share_error),
            ],
            figures: vec![self.plane(posteriors, &z64), self.pictures(&means, &scales)],
            notes: vec![self.trained.origin.clone()],
            ..Snapshot::default()
        }
    }
}

impl Posteriors {
    fn new(trained: &trained::Trained, images: &ImageSet, seed: u64) -> Self {
        let latent = trained.config.latent;
        let (mu, log_var) = trained.encode(&images.digits.images);
        let mixture = Mixture::new(&mu, &log_var, latent);
        let eps = Stream::Importance.rng(seed).normals(GAP_SAMPLES * latent);
        // One sample of KL[p(z)‖q(z)] for each z ~ p(z): log p(z) − log q(z), nats.
        let eps: Vec<f64> = eps.into_iter().map(f64::from).collect();
        let terms: Vec<f64> =
            eps.chunks_exact(latent).map(|z| gaussian::log_prior(z) - mixture.log_density(z)).collect();
        let (far, of) = (terms.iter().filter(|&&term| term > FAR.ln()).count() as f64, GAP_SAMPLES as f64);
        // Binomial, with one success and one failure added: none among so many is not certainty.
        let likely = (far + 1.0) / (of + 2.0);
        Self {
            axes: plane::widest_axes(&mu, latent),
            gap: Estimate::of(&terms),
            far_share: far / of,
            far_share_error: (likely * (1.0 - likely) / of).sqrt(),
            mixture,
            mu,
            log_var,
        }
    }
}

impl Generation {
    /// How many images are drawn: Algorithm 1 starts from held-out images and cannot use more than there are.
    fn count(&self) -> usize {
        let asked = self.values.get(keys::COUNT);
        match self.values.get(keys::ALGORITHM) {
            Algorithm::Prior => asked,
            Algorithm::Posterior => asked.min(self.images.heldout.len()),
        }
    }

    fn rng(&self) -> math::rng::Rng {
        Stream::Samples.rng(self.values.get(SEED) as u64).stream(self.values.get(keys::AGAIN) as u64)
    }

    /// Held-out images that Algorithm 1 starts from, drawn without replacement.
    fn chosen(&self) -> Vec<usize> {
        let order = self.rng().stream(1).permutation(self.images.heldout.len());
        order.into_iter().take(self.count()).map(|index| self.images.heldout[index]).collect()
    }

    /// Samples by the chosen algorithm, with seeded noise.
    fn generate(&self) -> Generated {
        let (count, latent) = (self.count(), self.trained.config.latent);
        let eps: Tensor<2> = tensor(self.rng().normals(count * latent), [count, latent], &self.images.x.device());
        let (vae, config) = (&self.trained.vae, &self.trained.config);
        match self.values.get(keys::ALGORITHM) {
            Algorithm::Posterior => algorithm_1(vae, config, self.images.select(&self.chosen()), eps),
            Algorithm::Prior => algorithm_2(vae, config, eps),
        }
    }

    fn plane(&self, posteriors: &Posteriors, z: &[f64]) -> Figure {
        let latent = self.trained.config.latent;
        let [a, b] = posteriors.axes;
        let mu: Vec<f32> = posteriors.mu.iter().map(|&mu| mu as f32).collect();
        let prior = self.values.get(keys::ALGORITHM) == Algorithm::Prior;
        let drawn = z.chunks_exact(latent).map(|z| [z[a], z[b]]).collect();
        let mut layers =
            vec![plane::prior_rings(), plane::scatter(&mu, latent, posteriors.axes, &self.images.digits.labels)];
        if !prior {
            let sigma = |n: usize, j: usize| (0.5 * posteriors.log_var[n * latent + j]).exp();
            let at = |n: usize, j: usize| posteriors.mu[n * latent + j];
            let ellipse = |n: usize| [at(n, a), at(n, b), sigma(n, a), sigma(n, b)];
            let ellipses = self.chosen().into_iter().map(ellipse).collect();
            layers.push(Layer::ellipses(Role::Posterior, "q(z|x)", ellipses));
        }
        let (role, label) = if prior { (Role::Exact, "z ~ p(z)") } else { (Role::Posterior, "z ~ q(z|x)") };
        layers.push(Layer::points(role, Marker::Cross, label, drawn));
        let chart = Chart { x: plane::axis(a), y: plane::axis(b), layers, equal: latent > 1 };
        let alt = format!(
            "The latent plane with the posterior means of {} images and the {} drawn z. KL[p(z)‖q(z)] is {:.2} ± {:.2} nats; under the prior {:.0} % of z lie where q(z) is more than ten times smaller than p(z).",
            self.images.digits.len(),
            self.count(),
            posteriors.gap.mean,
            posteriors.gap.standard_error,
            100.0 * posteriors.far_share
        );
        slots::LATENT.chart(alt, chart)
    }

    fn pictures(&self, means: &[f32], scales: &[f32]) -> Figure {
        let side = self.images.digits.side;
        let (likelihood, draw) = (self.trained.config.likelihood, self.values.get(keys::DRAW));
        let mut rng = self.rng().stream(2);
        let pixel = |(&mean, &scale): (&f32, &f32)| match (draw, likelihood) {
            (Draw::Sample, _) => likelihood.sample(mean, scale, &mut rng),
            (Draw::Mode, Likelihood::Bernoulli | Likelihood::ContinuousBernoulli) => f32::from(u8::from(mean > 0.5)),
            // The mean is also the mode of a Gaussian and of a Laplace.
            (Draw::Mode, Likelihood::Gaussian | Likelihood::GaussianPerPixel | Likelihood::Laplace)
            | (Draw::Mean, _) => mean,
        };
        let decoded: Vec<f32> = means.iter().zip(scales).map(pixel).collect();
        let columns = (self.count() as f64).sqrt().ceil() as usize;
        let (images, alt) = match self.values.get(keys::ALGORITHM) {
            Algorithm::Posterior => (
                paired(&self.images.digits.gather(&self.chosen()), &decoded, side),
                "Held-out images, each followed by what is generated from its posterior.",
            ),
            Algorithm::Prior => {
                (Images::from_unit(&decoded, columns, side, side), "Pictures decoded from samples of the prior.")
            }
        };
        slots::PICTURES.images(alt, images)
    }
}

/// Each source image followed by the image made from it: pairs, row by row, an even number of columns.
fn paired(sources: &[f32], pictures: &[f32], side: usize) -> Images {
    let size = side * side;
    let pixels: Vec<f32> = sources
        .chunks_exact(size)
        .zip(pictures.chunks_exact(size))
        .flat_map(|(a, b)| a.iter().chain(b))
        .copied()
        .collect();
    let count = pixels.len() / size;
    let columns = 2 * ((count as f64 / 2.0).sqrt() / std::f64::consts::SQRT_2).ceil().max(1.0) as usize;
    Images::from_unit(&pixels, columns, side, side)
}
