//! One of the models trained under the same seed: its ω, its trainer, and its images.

use burn::tensor::{Device, Tensor, activation::sigmoid};
use math::rng::Rng;
use serde::{Deserialize, Serialize};

use super::settings::Settings;
use learn::Stream;
use learn::images::ImageSet;
use learn::models::{VaeConfig, tensor};
use learn::vae_trainer::VaeTrainer;

/// Draws of the prior that are decoded and shown.
const SAMPLES: usize = 10;

/// A model under an ω. Under one seed all arms begin with the same weights and see the same batches, the same noise and
/// the same points of the prior, step by step: what differs comes from ω.
pub(super) struct Arm {
    pub(super) omega: f64,
    pub(super) trainer: VaeTrainer,
    prior: Rng,
}

impl Arm {
    pub(super) fn new(omega: f64, config: VaeConfig, images: ImageSet, seed: u64, device: &Device) -> Self {
        Self { omega, trainer: VaeTrainer::new(config, images, seed, device), prior: Stream::Prior.rng(seed) }
    }

    /// One update of the objective of section 4.
    pub(super) fn step(&mut self, settings: &Settings) {
        let shape = [settings.batch, self.trainer.config.latent];
        // Drawn at ω = 1 too, where it is not used, so that ω may change at any time and the noise stays the same.
        let prior = self.prior.normals(shape[0] * shape[1]);
        let omega = self.omega;
        self.trainer.step(settings.batch, settings.learning_rate, |pass| {
            settings.objective(pass, tensor(prior, shape, &pass.x.device()), omega)
        });
    }
}

/// The inputs of every arm's images: held-out ones to reconstruct, and draws of the prior to decode.
pub(super) struct Gallery {
    pub(super) shown: Vec<usize>,
    x: Tensor<2>,
    prior: Tensor<2>,
}

/// Decoded means in \[0, 1\], image by image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Pictures {
    pub(super) reconstructions: Vec<f32>,
    pub(super) samples: Vec<f32>,
}

impl Pictures {
    pub(super) fn is_finite(&self) -> bool {
        self.reconstructions.iter().chain(&self.samples).all(|value| value.is_finite())
    }
}

impl Gallery {
    pub(super) fn new(images: &ImageSet, latent: usize, seed: u64, device: &Device) -> Self {
        let shown = images.one_of_each();
        let draws = Stream::Samples.rng(seed).normals(SAMPLES * latent);
        Self { x: images.select(&shown), prior: tensor(draws, [SAMPLES, latent], device), shown }
    }

    /// The tensors of [`Pictures`]: reconstructions from the posterior means, and the prior's draws decoded.
    pub(super) fn ask(&self, trainer: &VaeTrainer) -> [Tensor<1>; 2] {
        let vae = trainer.valid();
        let decode = |z: Tensor<2>| {
            let decoded = sigmoid(vae.decoder.forward(z));
            let count = decoded.dims().iter().product::<usize>();
            decoded.reshape([count])
        };
        [decode(vae.encoder.forward(self.x.clone()).0), decode(self.prior.clone())]
    }
}
