//! A VAE in training: the trainer with its batches and noise, and the means over its recent steps.
//!
//! The objective is an argument, so that every demo that trains a VAE uses this loop.

use burn::tensor::{Device, Tensor};
use data::Batches;
use math::rng::Rng;

use crate::Stream;
use crate::Weight;
use crate::images::ImageSet;
use crate::models::{Vae, VaeConfig, from_bytes, restore, tensor};
use crate::objectives::{kl_per_dimension, log_likelihood};
use crate::trainer::{Recent, Trainer};

/// The result of one pass through a VAE, per example.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The images, `[batch, pixel]`.
    pub x: Tensor<2>,
    /// Mean of q(z|x), `[batch, latent]`.
    pub mu: Tensor<2>,
    /// Log variance of q(z|x), `[batch, latent]`.
    pub log_var: Tensor<2>,
    /// The sample z = mu + sigma·eps, `[batch, latent]`.
    pub z: Tensor<2>,
    /// The decoder's output for z, `[batch, pixel·outputs]`.
    pub decoded: Tensor<2>,
    /// log p(x|z), `[batch]`, nats: a one-sample estimate of the reconstruction term (2).
    pub reconstruction: Tensor<1>,
    /// KL\[q(z|x)‖p(z)\] of each dimension, `[batch, latent]`, nats.
    pub kl_per_dimension: Tensor<2>,
}

impl Pass {
    /// Encodes `x`, samples with `eps`, decodes, and evaluates both terms. Shapes: `x` `[batch, pixel]`, `eps` `[batch, latent]`.
    pub fn new(vae: &Vae, config: &VaeConfig, x: Tensor<2>, eps: Tensor<2>) -> Self {
        let (mu, log_var) = vae.encoder.forward(x.clone());
        let z = Vae::reparameterize(mu.clone(), log_var.clone(), eps);
        let decoded = vae.decoder.forward(z.clone());
        let reconstruction = log_likelihood(config.likelihood, x.clone(), decoded.clone(), vae.decoder.log_scale.val());
        let kl_per_dimension = kl_per_dimension(mu.clone(), log_var.clone());
        Self { x, mu, log_var, z, decoded, reconstruction, kl_per_dimension }
    }

    /// KL\[q(z|x)‖p(z)\], `[batch]`, nats.
    pub fn kl(&self) -> Tensor<1> {
        self.kl_per_dimension.clone().sum_dim(1).squeeze_dim(1)
    }
}

/// A VAE in training, and the streams of its data and noise.
pub struct VaeTrainer {
    /// Sizes and likelihood.
    pub config: VaeConfig,
    /// The images, on the device without autodiff.
    pub images: ImageSet,
    /// Factor on the noise of the training steps: 1, or 0 for a plain autoencoder (z = mu).
    pub noise_scale: f64,
    trainer: Trainer<Vae>,
    batches: Batches,
    noise: Rng,
    device: Device,
    /// Mean reconstruction and mean KL of the batches, `[2]`.
    recent: Recent,
}

impl VaeTrainer {
    /// A new model under a seed. `device` is without autodiff; the trainer adds it.
    pub fn new(config: VaeConfig, images: ImageSet, seed: u64, device: &Device) -> Self {
        let device = device.clone().autodiff();
        Self {
            trainer: Trainer::new(config.init(&mut Stream::Weights.rng(seed), &device)),
            batches: images.batches(seed),
            noise: Stream::Noise.rng(seed),
            noise_scale: 1.0,
            recent: Recent::default(),
            config,
            images,
            device,
        }
    }

    /// Updates made so far.
    pub fn steps(&self) -> u64 {
        self.trainer.step
    }

    /// The model, on the autodiff device.
    pub fn vae(&self) -> &Vae {
        &self.trainer.module
    }

    /// One update: takes a batch and ascends the gradient of the mean objective.
    ///
    /// `objective` maps a pass to `[batch]` in nats per example (larger is better): loss = −mean objective.
    pub fn step(&mut self, batch: usize, learning_rate: f64, objective: impl FnOnce(&Pass) -> Tensor<1>) {
        let indices = self.batches.next(batch);
        let x = Tensor::from_inner(self.images.select(&indices)).to_device(&self.device);
        let shape = [indices.len(), self.config.latent];
        let mut eps: Tensor<2> = tensor(self.noise.normals(shape[0] * shape[1]), shape, &self.device);
        if self.noise_scale != 1.0 {
            eps = eps * self.noise_scale;
        }
        let pass = Pass::new(self.vae(), &self.config, x, eps);
        self.trainer.ascend(objective(&pass).mean(), learning_rate);
        let (reconstruction, kl) = (pass.reconstruction.clone().inner().mean(), pass.kl().inner().mean());
        self.recent.add(Tensor::cat(vec![reconstruction, kl], 0));
    }

    /// Mean reconstruction and mean KL over the batches since the last call, `[2]`; none before the first step.
    pub fn take_recent(&mut self) -> Option<Tensor<1>> {
        self.recent.take().map(|(means, _)| means)
    }

    /// The model without autodiff, for evaluation.
    pub fn valid(&self) -> Vae {
        self.trainer.valid()
    }

    /// Goes back to a model as it was after `step` updates, with a new optimiser.
    pub fn restore(&mut self, step: u64, vae: Vae) {
        self.trainer.restore(step, vae);
        self.recent = Recent::default();
    }

    /// Loads stored parameters (safetensors bytes).
    ///
    /// # Errors
    /// A sentence for the user when the file is damaged or has other sizes; the model then stays as it was.
    pub fn load(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.trainer.module = restore(self.vae().clone(), &from_bytes(bytes)?)?;
        Ok(())
    }

    /// The device of the training tensors, with autodiff.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The parameters, named by their path.
    pub fn weights(&self) -> Vec<Weight> {
        crate::models::weights(&self.valid())
    }
}
