//! One of the models trained under the same seed: its objective, its trainer, and its images.

use burn::tensor::{Device, Tensor, activation::sigmoid};
use math::rng::Rng;
use serde::{Deserialize, Serialize};

use super::settings::{Objective, Settings};
use learn::Stream;
use learn::images::ImageSet;
use learn::models::{VaeConfig, tensor};
use learn::vae_trainer::VaeTrainer;

/// Draws of the prior that are decoded and shown.
const SAMPLES: usize = 10;

/// A model under an objective. Under one seed all arms begin with the same weights and see the same batches, the same noise and
/// the same points of the prior, step by step: what differs comes from the objective.
pub(super) struct Arm {
    pub(super) objective: Objective,
    pub(super) trainer: VaeTrainer,
    prior: Rng,
}

impl Arm {
    pub(super) fn new(objective: Objective, config: VaeConfig, images: ImageSet, seed: u64, device: &Device) -> Self {
        Self { objective, trainer: VaeTrainer::new(config, images, seed, device), prior: Stream::Prior.rng(seed) }
    }

    /// One update.
    pub(super) fn step(&mut self, settings: &Settings) {
        let shape = [settings.batch, self.trainer.config.latent];
        // Drawn where it is not used too, so that ω may change at any time and the noise stays the same.
        let prior = self.prior.normals(shape[0] * shape[1]);
        let objective = self.objective;
        self.trainer.step(settings.batch, settings.learning_rate, |pass| {
            settings.objective(pass, tensor(prior, shape, &pass.x.device()), objective)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demos::mi_objective::DEMO;
    use crate::testing::defaults;
    use crate::testing::given::numbers;
    use learn::objectives::Likelihood;
    use learn::vae_trainer::Pass;

    /// β weighs the KL term and nothing else, and β = 1 is ω = 1, to the last bit.
    #[test]
    fn beta_weighs_the_kl_term_alone() {
        let device = Device::flex();
        let config = VaeConfig::new(64, 16, 3, Likelihood::Bernoulli);
        let settings = Settings::of(&defaults(DEMO).with("batch", 32.0).with("latent", 3.0));
        let images = || ImageSet::digits(1, &device);
        let weights = |trainer: &VaeTrainer| {
            trainer.weights().iter().flat_map(|weight| numbers(&weight.values)).collect::<Vec<f64>>()
        };
        let arm = |objective| {
            let mut arm = Arm::new(objective, config, images(), 1, &device);
            (0..5).for_each(|_| arm.step(&settings));
            weights(&arm.trainer)
        };
        let weighted = |beta: f64| {
            let mut trainer = VaeTrainer::new(config, images(), 1, &device);
            for _ in 0..5 {
                let objective = |pass: &Pass| pass.reconstruction.clone() - pass.kl() * beta;
                trainer.step(settings.batch, settings.learning_rate, objective);
            }
            weights(&trainer)
        };
        assert_eq!(arm(Objective::Beta(1.0)), arm(Objective::Omega(1.0)));
        assert_eq!(arm(Objective::Beta(0.3)), weighted(0.3));
        assert_ne!(arm(Objective::Beta(0.3)), arm(Objective::Omega(0.3)));
    }
}
