//! One VAE in training, with an encoder and a decoder of different sizes. No figures and no map here.

use burn::module::Param;
use burn::tensor::{Device, Tensor};
use data::Batches;
use math::annealing::{cyclical, linear};
use math::rng::Rng;
use serde::{Deserialize, Serialize};

use crate::demos::posterior_collapse::Schedule;
use learn::Stream;
use learn::images::ImageSet;
use learn::models::{StrongVae, Vae, VaeConfig, flat, tensor};
use learn::objectives::{Likelihood, free_bits, kl_per_dimension, kl_to_standard_normal, log_likelihood};
use learn::trainer::Trainer;

/// Samples of z per image in an estimate of the reconstruction: two are the fewest that give a standard error.
const EACH: usize = 2;

/// The decoder's capacity: its layers, and whether it is autoregressive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Strength {
    /// Hidden layers; 0 is a linear decoder.
    pub(super) layers: usize,
    /// Units in each.
    pub(super) hidden: usize,
    /// Whether each pixel depends on the earlier ones.
    pub(super) autoregressive: bool,
}

/// The settings that are fixed during a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) latent: usize,
    pub(super) hidden: usize,
    pub(super) decoder: Strength,
    pub(super) likelihood: Likelihood,
    pub(super) batch: usize,
    pub(super) seed: u64,
}

/// The live settings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Live {
    pub(super) learning_rate: f64,
    /// KL weight after the warm-up.
    pub(super) beta: f64,
    /// σ of the Gaussian likelihood.
    pub(super) sigma_x: f64,
    /// Steps over which the KL weight rises from 0; 0: full weight at once.
    pub(super) warm_up: u64,
    /// How it rises.
    pub(super) schedule: Schedule,
    /// κ, the nats that every dimension has for nothing; 0: the plain KL.
    pub(super) free_bits: f64,
}

impl Live {
    /// The KL weight after `step` steps.
    pub(super) fn weight(&self, step: u64) -> f64 {
        match self.schedule {
            Schedule::Linear => linear(self.beta, step, self.warm_up),
            Schedule::Cyclical => cyclical(self.beta, step, self.warm_up),
        }
    }
}

/// A VAE in training, with its batches and noise.
pub(super) struct Learner {
    pub(super) shape: Shape,
    pub(super) live: Live,
    trainer: Trainer<StrongVae>,
    images: ImageSet,
    /// The training images `[n, pixel]`, on the device without autodiff.
    train: Tensor<2>,
    /// Noise of the estimates, the same every time, `[EACH·n, latent]`.
    eps: Tensor<2>,
    batches: Batches,
    noise: Rng,
    device: Device,
}

impl Learner {
    /// A new model. `device` is without autodiff.
    pub(super) fn new(shape: Shape, live: Live, images: ImageSet, device: &Device) -> Self {
        let trained_on = device.clone().autodiff();
        let config = |layers, hidden| VaeConfig {
            layers,
            ..VaeConfig::new(images.pixels(), hidden, shape.latent, shape.likelihood)
        };
        let model = StrongVae::new(
            &config(1, shape.hidden),
            &config(shape.decoder.layers, shape.decoder.hidden),
            shape.decoder.autoregressive,
            &mut Stream::Weights.rng(shape.seed),
            &trained_on,
        );
        let samples = EACH * images.train.len();
        let eps = Stream::Fixed.rng(shape.seed).normals(samples * shape.latent);
        let mut learner = Self {
            shape,
            live,
            train: images.select(&images.train),
            eps: tensor(eps, [samples, shape.latent], device),
            batches: images.batches(shape.seed),
            noise: Stream::Noise.rng(shape.seed),
            images,
            device: trained_on,
            trainer: Trainer::new(model),
        };
        learner.set(live);
        learner
    }

    /// Changes the live settings.
    pub(super) fn set(&mut self, live: Live) {
        self.live = live;
        let log_var = 2.0 * live.sigma_x.ln();
        let log_scale = Tensor::full([1], log_var, &self.device);
        self.trainer.module.decoder.log_scale = Param::from_tensor(log_scale).set_require_grad(false);
    }

    /// One update: loss = −mean over the batch of log p(x|z) − weight·KL\[q(z|x)‖p(z)\], the KL with free bits where there are any.
    pub(super) fn step(&mut self) {
        let indices = self.batches.next(self.shape.batch);
        let size = [indices.len(), self.shape.latent];
        let x: Tensor<2> = Tensor::from_inner(self.images.select(&indices)).to_device(&self.device);
        let eps = tensor(self.noise.normals(size[0] * size[1]), size, &self.device);
        let model = &self.trainer.module;
        let (mu, log_var) = model.encoder.forward(x.clone());
        let z = Vae::reparameterize(mu.clone(), log_var.clone(), eps);
        let reconstruction = self.reconstruction(model, x, z);
        let weight = self.live.weight(self.trainer.step);
        let objective = if self.live.free_bits > 0.0 {
            reconstruction.mean() - free_bits(kl_per_dimension(mu, log_var), self.live.free_bits) * weight
        } else {
            (reconstruction - kl_to_standard_normal(mu, log_var) * weight).mean()
        };
        self.trainer.ascend(objective, self.live.learning_rate);
    }

    /// log p(x|z), `[batch]`, nats.
    fn reconstruction(&self, model: &StrongVae, x: Tensor<2>, z: Tensor<2>) -> Tensor<1> {
        let decoded = model.decode(z, x.clone());
        log_likelihood(self.shape.likelihood, x, decoded, model.decoder.log_scale.val())
    }

    /// Everything that is measured, over all n training images, flattened one after the other:
    /// mu `[n, latent]`, log_var `[n, latent]`, log p(x|z) `[EACH·n]`, sample s of image s mod n.
    pub(super) fn measure(&self) -> Tensor<1> {
        let model = self.valid();
        let (mu, log_var) = model.encoder.forward(self.train.clone());
        let repeat = |tensor: &Tensor<2>| tensor.clone().repeat_dim(0, EACH);
        let z = Vae::reparameterize(repeat(&mu), repeat(&log_var), self.eps.clone());
        let reconstruction = self.reconstruction(&model, repeat(&self.train), z);
        Tensor::cat(vec![flat(mu), flat(log_var), reconstruction], 0)
    }

    /// The model without autodiff, for evaluation.
    pub(super) fn valid(&self) -> StrongVae {
        self.trainer.valid()
    }

    /// The weights, on the autodiff device.
    pub(super) fn weights(&self) -> StrongVae {
        self.trainer.module.clone()
    }

    /// Goes back to weights as they were after `step` updates.
    pub(super) fn restore(&mut self, step: u64, weights: StrongVae) {
        self.trainer.restore(step, weights);
        self.set(self.live);
    }
}
