//! A VAE in training: the trainer with its batches and noise, and the means over its recent steps.
//!
//! The objective is an argument, so that every demo that trains a VAE uses this loop.

use burn::tensor::{Device, Gradients, Tensor};
use data::Batches;
use math::rng::Rng;

use crate::Stream;
use crate::Weight;
use crate::images::{ImageSet, binarised};
use crate::models::{Vae, VaeConfig, from_bytes, restore, tensor};
use crate::objectives::{kl_per_dimension, log_likelihood, row_sums};
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
    /// Its sum over the dimensions, `[batch]`.
    kl: Tensor<1>,
}

impl Pass {
    /// Encodes `x`, samples with `eps`, decodes, and evaluates both terms. Shapes: `x` `[batch, pixel]`, `eps` `[batch, latent]`.
    pub fn new(vae: &Vae, config: &VaeConfig, x: Tensor<2>, eps: Tensor<2>) -> Self {
        let (mu, log_var) = vae.encoder.forward(x.clone());
        let z = Vae::reparameterize(mu.clone(), log_var.clone(), eps);
        let decoded = vae.decoder.forward(z.clone());
        let reconstruction = log_likelihood(config.likelihood, x.clone(), decoded.clone(), vae.decoder.log_scale.val());
        let kl_per_dimension = kl_per_dimension(mu.clone(), log_var.clone());
        let kl = row_sums(kl_per_dimension.clone());
        Self { x, mu, log_var, z, decoded, reconstruction, kl_per_dimension, kl }
    }

    /// KL\[q(z|x)‖p(z)\], `[batch]`, nats.
    pub fn kl(&self) -> Tensor<1> {
        self.kl.clone()
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
    /// Where it is set, the pixels of every batch are drawn afresh in black and white.
    pub binarise: Option<Rng>,
    trainer: Trainer<Vae>,
    batches: Batches,
    noise: Rng,
    device: Device,
    /// Mean reconstruction and mean KL of the batches, `[2]`.
    recent: Recent,
    /// Reconstruction and KL of the last batch, `[batch]` each.
    last: Option<[Tensor<1>; 2]>,
}

/// Means over the recent batches and their standard errors.
#[derive(Clone, Debug)]
pub struct RecentMeans {
    /// Mean reconstruction and mean KL, `[2]`, nats per example.
    pub means: Tensor<1>,
    /// Standard errors of reconstruction, KL and ELBO, `[3]`: of the draw of batches and noise, by the spread within the last batch.
    pub errors: Tensor<1>,
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
            binarise: None,
            recent: Recent::default(),
            last: None,
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
        self.step_beside(batch, learning_rate, objective, |_| ());
    }

    /// The same with an objective that was computed from other modules too: `beside` is given the loss's gradients that are left, those of
    /// parameters that are not the VAE's ([`Trainer::descend_part`]).
    pub fn step_beside(
        &mut self,
        batch: usize,
        learning_rate: f64,
        objective: impl FnOnce(&Pass) -> Tensor<1>,
        beside: impl FnOnce(&mut Gradients),
    ) {
        let indices = self.batches.next(batch);
        // What comes from the host comes first: on WebGPU an upload sends off all that was asked before.
        let shape = [indices.len(), self.config.latent];
        let mut eps: Tensor<2> = tensor(self.noise.normals(shape[0] * shape[1]), shape, &self.device);
        let x = match &mut self.binarise {
            None => Tensor::from_inner(self.images.select(&indices)).to_device(&self.device),
            Some(rng) => {
                let pixels = binarised(&self.images.digits.gather(&indices), rng);
                tensor(pixels, [indices.len(), self.config.pixels], &self.device)
            }
        };
        if self.noise_scale != 1.0 {
            eps = eps * self.noise_scale;
        }
        let pass = Pass::new(self.vae(), &self.config, x, eps);
        let objective = objective(&pass);
        // The gradient of a sum starts from ones: that of the loss, −mean objective, without the loss itself, which nobody asks for.
        let share = -1.0 / objective.dims()[0] as f64;
        let mut gradients = (objective * share).backward();
        self.trainer.descend_part(&mut gradients, learning_rate);
        beside(&mut gradients);
        let terms = [pass.reconstruction.clone().inner(), pass.kl().inner()];
        self.recent.add_means(&terms);
        self.last = Some(terms);
    }

    /// Means over the batches since the last call; none before the first step.
    pub fn take_recent(&mut self) -> Option<RecentMeans> {
        let (means, steps) = self.recent.take()?;
        let [reconstruction, kl] = self.last.take()?;
        let [batch] = reconstruction.dims();
        let all: Tensor<2> = Tensor::stack(vec![reconstruction.clone(), kl.clone(), reconstruction - kl], 0); // [3, batch]
        let errors = (all.var(1) / (f64::from(steps) * batch as f64)).sqrt().squeeze_dim(1);
        Some(RecentMeans { means, errors })
    }

    /// The model without autodiff, for evaluation.
    pub fn valid(&self) -> Vae {
        self.trainer.valid()
    }

    /// Goes back to a model as it was after `step` updates, with a new optimiser.
    pub fn restore(&mut self, step: u64, vae: Vae) {
        self.trainer.restore(step, vae);
        (self.recent, self.last) = (Recent::default(), None);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objectives::Likelihood;
    use math::estimate::variance;

    /// The errors that recent means come with against the spread of those means, of a model that stands still.
    #[test]
    fn the_errors_of_recent_means_are_their_spread() {
        let device = Device::flex();
        let images = ImageSet::digits(1, &device);
        let mut trainer = VaeTrainer::new(VaeConfig::new(64, 8, 2, Likelihood::Bernoulli), images, 1, &device);
        let mut rows: Vec<[f32; 5]> = Vec::new();
        for _ in 0..200 {
            for _ in 0..2 {
                trainer.step(32, 0.0, |pass| pass.reconstruction.clone() - pass.kl());
            }
            let recent = trainer.take_recent().expect("two steps");
            let numbers = Tensor::cat(vec![recent.means, recent.errors], 0).into_data();
            rows.push(numbers.try_to_vec::<f32>().expect("f32").try_into().expect("five"));
        }
        let of = |value: fn(&[f32; 5]) -> f32| rows.iter().map(|row| f64::from(value(row))).collect::<Vec<_>>();
        let ratio = |mean: fn(&[f32; 5]) -> f32, error: fn(&[f32; 5]) -> f32| {
            let said = of(error).iter().map(|error| error * error).sum::<f64>() / 200.0;
            (said / variance(&of(mean))).sqrt()
        };
        let reconstruction = ratio(|row| row[0], |row| row[2]);
        let kl = ratio(|row| row[1], |row| row[3]);
        let elbo = ratio(|row| row[0] - row[1], |row| row[4]);
        for ratio in [reconstruction, kl, elbo] {
            assert!((0.8..1.25).contains(&ratio), "{reconstruction} {kl} {elbo}");
        }
    }
}
