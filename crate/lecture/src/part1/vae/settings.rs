//! From control values to a model's sizes and a run's live settings.

use figure::Values;

use crate::models::VaeConfig;
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

/// The model's sizes and likelihood.
pub(super) fn config(values: &Values, pixels: usize) -> VaeConfig {
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
    VaeConfig {
        pixels,
        hidden: values.integer("hidden"),
        layers,
        latent: values.integer("latent"),
        likelihood,
        log_scale,
        learn_scale,
    }
}
