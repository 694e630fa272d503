//! A run's settings, read from a demo's controls, and the images and the network that follow from them.

use burn::tensor::Device;
use figure::{Assets, Values};
use learn::images::ImageSet;
use learn::models::{Architecture, VaeConfig, conv};
use learn::objectives::Likelihood;

use crate::Demo;
use crate::shared::trained::split_seed;
use crate::shared::vae_run::{self, Binarise};

/// The settings that a run is started with.
pub(crate) struct Settings {
    /// Whose run it is: what this demo does not declare is not shown.
    pub(crate) demo: Demo,
    pub(crate) seed: u64,
    /// How many of the user's own images to train on; none for the embedded digits.
    pub(crate) own_images: Option<usize>,
    pub(crate) architecture: Architecture,
    pub(crate) hidden: usize,
    pub(crate) layers: usize,
    pub(crate) latent: usize,
    pub(crate) likelihood: vae_run::Likelihood,
    /// The scale of a Gaussian or Laplace likelihood, or the initial value of a learned one.
    pub(crate) scale: f32,
    /// Whether a plain autoencoder is trained beside the VAE.
    pub(crate) autoencoder: bool,
    pub(crate) batch: usize,
    /// Whether pixels are drawn in black and white.
    pub(crate) binarise: Binarise,
    /// How the demo reads the live settings.
    pub(crate) live: fn(&Values) -> Live,
}

/// What may change during the run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Live {
    pub(crate) learning_rate: f64,
    pub(crate) beta: f64,
    pub(crate) warm_up: u64,
    pub(crate) importance_samples: usize,
    /// Whether the signal-to-noise ratio of the bound's gradient is measured.
    pub(crate) signal: bool,
    pub(crate) pressed: Option<super::Pressed>,
}

impl Live {
    /// β at a step: it grows linearly from 0 over the warm-up.
    pub(super) fn beta_at(&self, step: u64) -> f64 {
        if step >= self.warm_up { self.beta } else { self.beta * step as f64 / self.warm_up as f64 }
    }
}

/// The images to train on, and a note for the user. Where the user's own images cannot be used, the embedded digits are the
/// fallback.
pub(super) fn images(settings: &Settings, assets: &Assets, device: &Device) -> (ImageSet, Option<String>) {
    let seed = split_seed(assets, settings.seed);
    let digits = |note: Option<String>| (ImageSet::digits(seed, device), note);
    let Some(most) = settings.own_images else { return digits(None) };
    match ImageSet::own(assets, most, seed, device) {
        Ok(Some(images)) => (images, None),
        Ok(None) => digits(Some(
            "There are no images of yours here yet, so these are the embedded digits. Under the controls, choose IDX files or press Fetch MNIST."
                .into(),
        )),
        Err(error) => digits(Some(format!(
            "Your images can not be used, so these are the embedded digits. {error} Choose other files under the controls."
        ))),
    }
}

/// The requested network, and a note where images of this side do not fit into it.
fn architecture(asked: Architecture, pixels: usize) -> (Architecture, Option<String>) {
    let side = conv::side(pixels);
    if asked.takes(side) {
        return (asked, None);
    }
    let sentence = format!(
        "The convolutional network halves an image twice and needs a side that is a multiple of four; these are {side}×{side}. The dense network is used instead."
    );
    (Architecture::Mlp, Some(sentence))
}

/// The model's sizes and likelihood, and a note for the user.
pub(super) fn config(settings: &Settings, pixels: usize) -> (VaeConfig, Option<String>) {
    let log = settings.scale.ln();
    let (likelihood, log_scale, learn_scale) = match settings.likelihood {
        vae_run::Likelihood::Bernoulli => (Likelihood::Bernoulli, 0.0, false),
        vae_run::Likelihood::ContinuousBernoulli => (Likelihood::ContinuousBernoulli, 0.0, false),
        vae_run::Likelihood::Gaussian => (Likelihood::Gaussian, 2.0 * log, false),
        vae_run::Likelihood::GaussianLearned => (Likelihood::Gaussian, 2.0 * log, true),
        vae_run::Likelihood::GaussianPerPixel => (Likelihood::GaussianPerPixel, 0.0, false),
        vae_run::Likelihood::Laplace => (Likelihood::Laplace, log, false),
        vae_run::Likelihood::LaplaceLearned => (Likelihood::Laplace, log, true),
    };
    let (architecture, note) = architecture(settings.architecture, pixels);
    let config = VaeConfig {
        architecture,
        pixels,
        hidden: settings.hidden,
        layers: settings.layers,
        latent: settings.latent,
        likelihood,
        log_scale,
        learn_scale,
    };
    (config, note)
}
