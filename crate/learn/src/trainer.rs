//! A VAE in training: model, optimiser, batches and noise, and the means over its recent steps.
//!
//! The objective is an argument, so that every demo that trains a VAE uses this loop.

use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};
use data::Batches;
use math::rng::Rng;

use crate::Weight;
use crate::images::{ImageSet, Stream};
use crate::models::{Vae, VaeConfig, from_bytes, restore, tensor};
use crate::objectives::{kl_per_dimension, log_likelihood};

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

/// A VAE, its optimiser, and the streams of its data and noise.
pub struct Trainer {
    /// Sizes and likelihood.
    pub config: VaeConfig,
    /// The model, on the autodiff device.
    pub vae: Vae,
    /// The images, on the device without autodiff.
    pub images: ImageSet,
    /// Updates made so far.
    pub step: u64,
    /// Factor on the noise of the training steps: 1, or 0 for a plain autoencoder (z = mu).
    pub noise_scale: f64,
    optimizer: ModuleOptimizer,
    batches: Batches,
    noise: Rng,
    device: Device,
    /// Sums over the steps since the last [`Trainer::take_recent`]: mean reconstruction and mean KL, `[1]` each.
    recent: Option<(Tensor<1>, Tensor<1>, u32)>,
    good: (u64, Vae),
}

impl Trainer {
    /// A new model under a seed. `device` is without autodiff; the trainer adds it.
    pub fn new(config: VaeConfig, images: ImageSet, seed: u64, device: &Device) -> Self {
        let device = device.clone().autodiff();
        let vae = config.init(&mut Stream::Weights.rng(seed), &device);
        Self {
            optimizer: adam(),
            batches: images.batches(seed),
            noise: Stream::Noise.rng(seed),
            step: 0,
            noise_scale: 1.0,
            recent: None,
            good: (0, vae.clone()),
            config,
            vae,
            images,
            device,
        }
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
        let pass = Pass::new(&self.vae, &self.config, x, eps);
        let loss = -objective(&pass).mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &self.vae);
        self.vae = self.optimizer.step(learning_rate, self.vae.clone(), gradients);
        self.step += 1;
        self.remember(pass.reconstruction.clone().inner().mean(), pass.kl().inner().mean());
    }

    fn remember(&mut self, reconstruction: Tensor<1>, kl: Tensor<1>) {
        self.recent = Some(match self.recent.take() {
            None => (reconstruction, kl, 1),
            Some((sum_reconstruction, sum_kl, steps)) => (sum_reconstruction + reconstruction, sum_kl + kl, steps + 1),
        });
    }

    /// Mean reconstruction and mean KL over the batches since the last call, `[2]`; none before the first step.
    pub fn take_recent(&mut self) -> Option<Tensor<1>> {
        let (reconstruction, kl, steps) = self.recent.take()?;
        Some(Tensor::cat(vec![reconstruction, kl], 0) / f64::from(steps))
    }

    /// The model without autodiff, for evaluation.
    pub fn valid(&self) -> Vae {
        self.vae.valid()
    }

    /// Stores the current weights as good ones.
    pub fn mark_good(&mut self) {
        self.good = (self.step, self.vae.clone());
    }

    /// Restores the last good weights with a new optimiser, and returns the step they are from.
    pub fn restore_good(&mut self) -> u64 {
        self.step = self.good.0;
        self.vae = self.good.1.clone();
        self.optimizer = adam();
        self.recent = None;
        self.step
    }

    /// Loads stored parameters (safetensors bytes).
    ///
    /// # Errors
    /// A sentence for the user when the file is damaged or has other sizes; the model then stays as it was.
    pub fn load(&mut self, bytes: &[u8]) -> Result<(), String> {
        let stored = from_bytes(bytes)?;
        self.vae = restore(self.vae.clone(), &stored).map_err(|missing| {
            format!("The saved model has other sizes than these settings: {} does not fit.", missing.join(", "))
        })?;
        self.mark_good();
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

/// Adam with the constants of Kingma & Ba 2015 (β₁ 0.9, β₂ 0.999, ε 1e-8).
pub fn adam() -> ModuleOptimizer {
    AdamConfig::new().with_epsilon(1e-8).init()
}
