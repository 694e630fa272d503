//! What the controls mean for a step of training.

use burn::tensor::Tensor;
use figure::Values;

use crate::models::{Architecture, VaeConfig};
use crate::objectives::{Estimator, Kernel, Likelihood, marginal_kl, mi_augmented, mmd2};
use crate::trainer::Pass;

/// D(q(z), p(z)) of the objective.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Divergence {
    /// MMD² between the batch's codes and points of the prior.
    Mmd,
    /// KL\[q̂(z)‖p(z)\], q̂ the mixture of the batch's posteriors.
    MarginalKl,
}

/// The live settings but ω, which each arm has for itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Settings {
    pub(super) lambda: f64,
    pub(super) divergence: Divergence,
    pub(super) kernel: Kernel,
    pub(super) estimator: Estimator,
    pub(super) learning_rate: f64,
    pub(super) batch: usize,
}

impl Settings {
    pub(super) fn of(values: &Values) -> Self {
        let latent = values.integer("latent") as f64;
        let bandwidth = values.number("bandwidth");
        Self {
            lambda: values.number("lambda"),
            divergence: if values.text("divergence") == "mmd" { Divergence::Mmd } else { Divergence::MarginalKl },
            kernel: match values.text("kernel") {
                "rbf" => Kernel::Rbf { two_s2: bandwidth * latent },
                _ => Kernel::InverseMultiquadratic { c: 2.0 * bandwidth * latent },
            },
            estimator: if values.text("estimator") == "biased" { Estimator::Biased } else { Estimator::Unbiased },
            learning_rate: values.number("learning_rate"),
            batch: values.integer("batch"),
        }
    }

    /// The objective per example, `[batch]` in nats; `prior` are points y ~ p(z), `[batch, latent]`.
    pub(super) fn objective(&self, pass: &Pass, prior: Tensor<2>, omega: f64) -> Tensor<1> {
        let divergence = || match self.divergence {
            Divergence::Mmd => mmd2(pass.z.clone(), prior, self.kernel, self.estimator),
            Divergence::MarginalKl => marginal_kl(pass.z.clone(), pass.mu.clone(), pass.log_var.clone()),
        };
        mi_augmented(pass.reconstruction.clone(), pass.kl(), divergence, omega, self.lambda)
    }
}

/// The sizes of the VAE: one hidden layer each way, Bernoulli pixels.
pub(super) fn config(values: &Values, pixels: usize) -> VaeConfig {
    VaeConfig {
        architecture: Architecture::Mlp,
        pixels,
        hidden: values.integer("hidden"),
        layers: 1,
        latent: values.integer("latent"),
        likelihood: Likelihood::Bernoulli,
        log_scale: 0.0,
        learn_scale: false,
    }
}
