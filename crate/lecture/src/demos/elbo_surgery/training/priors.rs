//! The learned priors: a mixture of K Gaussians and the VampPrior of K pseudo-inputs, trained beside the VAE or together with it.

use crate::demos::elbo_surgery::Prior;
use burn::module::Module;
use burn::tensor::{Gradients, Tensor};
use learn::Stream;
use learn::models::{Encoder, MixturePrior, Vae, VampPrior, flat, tensor};
use learn::objectives::{log_batch_mixture, log_posterior};
use learn::trainer::Trainer;
use learn::vae_trainer::{Pass, VaeTrainer};
use math::mixture::Mixture;

/// Their learning rate in units of the VAE's: they have few parameters and follow a q(z) that moves.
const FASTER: f64 = 5.0;
/// The largest learning rate of theirs: with larger ones pseudo-inputs jump between black and white.
const FASTEST: f64 = 0.02;

/// The learned priors of a run; each is there only while it is wanted.
///
/// The mixture begins with means drawn from N(0, I) and variances 1, the VampPrior with K training images, drawn without replacement, as
/// pseudo-inputs. (Begun at the images' posteriors, which lie close together in a new encoder, the mixture's components stay together for long.)
pub(super) struct Priors {
    mixture: Option<Trainer<MixturePrior>>,
    vamp: Option<Trainer<VampPrior>>,
    /// The images that the pseudo-inputs began as, K indices.
    pub(super) began: Vec<usize>,
    seed: u64,
}

/// The parameters of the learned priors.
#[derive(Clone, Default)]
pub(super) struct Parameters {
    mixture: Option<MixturePrior>,
    vamp: Option<VampPrior>,
}

impl Priors {
    /// None of them yet.
    pub(super) fn new(seed: u64) -> Self {
        Self { mixture: None, vamp: None, began: Vec::new(), seed }
    }

    /// Begins those that are wanted and not there, and drops the others; another K begins all anew.
    pub(super) fn want(&mut self, wanted: impl Fn(Prior) -> bool, components: usize, trainer: &VaeTrainer) {
        if self.began.len() != components {
            (self.mixture, self.vamp) = (None, None);
            let train = &trainer.images.train;
            let order = Stream::Components.rng(self.seed).permutation(train.len());
            self.began = order.into_iter().take(components).map(|place| train[place]).collect();
        }
        let device = trainer.device();
        self.mixture = self.mixture.take().filter(|_| wanted(Prior::Mixture)).or_else(|| {
            let shape = [components, trainer.config.latent];
            let mu = || tensor(Stream::Components.rng(self.seed).stream(1).normals(shape[0] * shape[1]), shape, device);
            wanted(Prior::Mixture).then(|| Trainer::new(MixturePrior::new(mu(), Tensor::zeros(shape, device))))
        });
        self.vamp = self.vamp.take().filter(|_| wanted(Prior::Vamp)).or_else(|| {
            let images = || Tensor::from_inner(trainer.images.select(&self.began)).to_device(device);
            wanted(Prior::Vamp).then(|| Trainer::new(VampPrior::new(images())))
        });
    }

    /// The parameters of those that are there.
    pub(super) fn parameters(&self) -> Parameters {
        Parameters {
            mixture: self.mixture.as_ref().map(|trainer| trainer.module.clone()),
            vamp: self.vamp.as_ref().map(|trainer| trainer.module.clone()),
        }
    }

    /// One step down a loss's gradients, at the VAE's learning rate times [`FASTER`], up to [`FASTEST`]; pseudo-inputs stay images.
    pub(super) fn descend(&mut self, gradients: &mut Gradients, learning_rate: f64) {
        let learning_rate = (FASTER * learning_rate).min(FASTEST);
        if let Some(mixture) = &mut self.mixture {
            mixture.descend_part(gradients, learning_rate);
        }
        if let Some(vamp) = &mut self.vamp {
            vamp.descend_part(gradients, learning_rate);
            vamp.module = vamp.module.clone().within_pixels();
        }
    }

    /// Goes back to earlier parameters, with new optimisers. Those that were not there yet are dropped: [`Priors::want`] begins them anew.
    pub(super) fn restore(&mut self, parameters: Parameters) {
        self.mixture = parameters.mixture.map(Trainer::new);
        self.vamp = parameters.vamp.map(Trainer::new);
    }

    /// Which of them are there: the mixture, the VampPrior.
    pub(super) fn there(&self) -> [bool; 2] {
        [self.mixture.is_some(), self.vamp.is_some()]
    }

    /// Means and log variances of the components of those that are there, without autodiff: `[K·latent]` each.
    pub(super) fn components(&self, vae: &Vae) -> Vec<Tensor<1>> {
        let mixture = self.mixture.as_ref().map(|trainer| trainer.valid().components());
        let vamp = self.vamp.as_ref().map(|trainer| trainer.valid().components(&vae.encoder));
        mixture.into_iter().chain(vamp).flat_map(|(mu, log_var)| [flat(mu), flat(log_var)]).collect()
    }

    /// Means and log variances of components of a learned prior, both `[shares, latent]`: share s stands for component ⌊s·K⌋.
    pub(super) fn chosen(&self, prior: Prior, shares: &[f64], vae: &Vae) -> Option<(Tensor<2>, Tensor<2>)> {
        let (mu, log_var) = match prior {
            Prior::Normal | Prior::Aggregate => None,
            Prior::Mixture => self.mixture.as_ref().map(|trainer| trainer.valid().components()),
            Prior::Vamp => self.vamp.as_ref().map(|trainer| trainer.valid().components(&vae.encoder)),
        }?;
        let [k, _] = mu.dims();
        let one = |of: &Tensor<2>, share: &f64| of.clone().narrow(0, ((share * k as f64) as usize).min(k - 1), 1);
        let chosen = |of: Tensor<2>| Tensor::cat(shares.iter().map(|share| one(&of, share)).collect(), 0);
        Some((chosen(mu), chosen(log_var)))
    }

    /// The first `most` pseudo-inputs, `[most·pixel]`.
    pub(super) fn pseudo_inputs(&self, most: usize) -> Option<Tensor<1>> {
        let inputs = self.vamp.as_ref()?.valid().inputs.val();
        Some(flat(inputs.narrow(0, 0, most.min(self.began.len()))))
    }
}

impl Parameters {
    /// The components of a prior, `[K, latent]`: of q(z) the batch's posteriors in place of those of all data; none of N(0, I).
    fn components(&self, prior: Prior, pass: &Pass, encoder: &Encoder) -> Option<(Tensor<2>, Tensor<2>)> {
        match prior {
            Prior::Normal => None,
            Prior::Aggregate => Some((pass.mu.clone(), pass.log_var.clone())),
            Prior::Mixture => self.mixture.as_ref().map(MixturePrior::components),
            Prior::Vamp => self.vamp.as_ref().map(|vamp| vamp.components(encoder)),
        }
    }

    /// What a training step ascends, `[batch]`, nats: log p(x|z) − β·KL under the prior in force, and of every other learned prior
    /// log p(z), with z and the encoder held fixed: a gradient that fits it to q(z) and leaves the VAE alone.
    pub(super) fn objective(&self, pass: &Pass, vae: &Vae, beta: f64, prior: Prior) -> Tensor<1> {
        let objective = pass.reconstruction.clone() - self.kl(pass, &vae.encoder, prior) * beta;
        if self.mixture.is_none() && self.vamp.is_none() {
            return objective;
        }
        let others = [Prior::Mixture, Prior::Vamp].into_iter().filter(|other| *other != prior);
        let fixed = vae.encoder.clone().no_grad();
        let fitted = others.filter_map(|other| self.components(other, pass, &fixed));
        fitted.fold(objective, |sum, (mu, log_var)| sum + log_batch_mixture(pass.z.clone().detach(), mu, log_var))
    }

    /// One sample per image of KL\[q(z|x)‖p(z)\], `[batch]`, nats: closed form for N(0, I), log q(z|x)/p(z) for the others.
    fn kl(&self, pass: &Pass, encoder: &Encoder, prior: Prior) -> Tensor<1> {
        let Some((mu, log_var)) = self.components(prior, pass, encoder) else { return pass.kl() };
        log_posterior(pass.z.clone(), pass.mu.clone(), pass.log_var.clone())
            - log_batch_mixture(pass.z.clone(), mu, log_var)
    }
}

/// The learned priors of a measurement, as plain numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Learned {
    /// The mixture of K Gaussians.
    pub(super) mixture: Option<Mixture>,
    /// The mixture of the posteriors of K pseudo-inputs.
    pub(super) vamp: Option<Mixture>,
}

impl Learned {
    /// From the numbers of [`Priors::components`], of which `there` says what they are of; none from others.
    pub(super) fn read(numbers: &[f64], there: [bool; 2], latent: usize) -> Self {
        let sizes = there.iter().filter(|there| **there).count();
        let size = numbers.len() / (2 * sizes).max(1);
        let mut each = numbers.chunks_exact((2 * size).max(1)).map(|both| {
            let (mu, log_var) = both.split_at(size);
            Mixture::new(mu, log_var, latent)
        });
        let [mixture, vamp] = there.map(|there| if there { each.next() } else { None });
        Self { mixture, vamp }
    }

    /// The one of a prior's name.
    pub(super) fn of(&self, prior: Prior) -> Option<&Mixture> {
        match prior {
            Prior::Normal | Prior::Aggregate => None,
            Prior::Mixture => self.mixture.as_ref(),
            Prior::Vamp => self.vamp.as_ref(),
        }
    }
}
