//! From control values to a model's sizes and a run's live settings.

use burn::tensor::Device;
use figure::Values;

use crate::Assets;
use crate::images::ImageSet;
use crate::models::{Architecture, VaeConfig, conv};
use crate::objectives::Likelihood;

/// What may change during the run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Live {
    pub(super) learning_rate: f64,
    pub(super) beta: f64,
    pub(super) warm_up: u64,
    pub(super) importance_samples: usize,
}

impl Live {
    /// The demo `likelihoods` has fewer controls: what it lacks takes the ELBO's own value.
    pub(super) fn new(values: &Values) -> Self {
        let number =
            |name: &str, otherwise: f64| if values.0.contains_key(name) { values.number(name) } else { otherwise };
        Self {
            learning_rate: values.number("learning_rate"),
            beta: number("beta", 1.0),
            warm_up: number("warm_up", 0.0) as u64,
            importance_samples: (number("importance_samples", 50.0) as usize).max(1),
        }
    }

    /// β at a step: it grows linearly from 0 over the warm-up.
    pub(super) fn beta_at(&self, step: u64) -> f64 {
        if step >= self.warm_up { self.beta } else { self.beta * step as f64 / self.warm_up as f64 }
    }
}

/// What the demo `likelihoods` has no control for takes the first option.
fn chosen(values: &Values, control: &str, option: &str) -> bool {
    values.0.contains_key(control) && values.text(control) == option
}

/// The images to learn from, and what the person should know about them. Whatever is wrong with the person's own, there are always
/// the embedded digits.
pub(super) fn images(values: &Values, assets: &Assets, device: &Device) -> (ImageSet, Option<String>) {
    let seed = values.integer("seed") as u64;
    let digits = |note: Option<String>| (ImageSet::digits(seed, device), note);
    if !chosen(values, "data", "own") {
        return digits(None);
    }
    match ImageSet::own(assets, values.integer("images"), seed, device) {
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

/// The network asked for, and a sentence where images of this side do not fit into it.
fn architecture(values: &Values, pixels: usize) -> (Architecture, Option<String>) {
    if !chosen(values, "architecture", "convolutional") {
        return (Architecture::Mlp, None);
    }
    let side = conv::side(pixels);
    if Architecture::Convolutional.takes(side) {
        return (Architecture::Convolutional, None);
    }
    let sentence = format!(
        "The convolutional network halves an image twice and needs a side that is a multiple of four; these are {side}×{side}. The dense network is used instead."
    );
    (Architecture::Mlp, Some(sentence))
}

/// The model's sizes and likelihood, and what the person should know about them.
pub(super) fn config(values: &Values, pixels: usize) -> (VaeConfig, Option<String>) {
    let scale = values.number("scale") as f32;
    let (likelihood, log_scale, learn_scale) = match values.text("likelihood") {
        "gaussian" => (Likelihood::Gaussian, 2.0 * scale.ln(), false),
        "gaussian-learned" => (Likelihood::Gaussian, 2.0 * scale.ln(), true),
        "gaussian-per-pixel" => (Likelihood::GaussianPerPixel, 0.0, false),
        "laplace" => (Likelihood::Laplace, scale.ln(), false),
        "laplace-learned" => (Likelihood::Laplace, scale.ln(), true),
        _ => (Likelihood::Bernoulli, 0.0, false),
    };
    let layers = if values.0.contains_key("layers") { values.integer("layers") } else { 1 };
    let (architecture, note) = architecture(values, pixels);
    let config = VaeConfig {
        architecture,
        pixels,
        hidden: values.integer("hidden"),
        layers,
        latent: values.integer("latent"),
        likelihood,
        log_scale,
        learn_scale,
    };
    (config, note)
}
