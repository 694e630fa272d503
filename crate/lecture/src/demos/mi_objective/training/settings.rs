//! The settings of a training step, read from the controls.

use std::fmt::{self, Display, Formatter};

use crate::demos::mi_objective::{self, Divergence, keys};
use burn::tensor::Tensor;
use figure::Values;

use learn::models::VaeConfig;
use learn::objectives::{Estimator, Kernel, Likelihood, marginal_kl, mi_augmented, mmd2};
use learn::vae_trainer::Pass;

/// What an arm maximises.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Objective {
    /// The objective of section 4 with this ω.
    Omega(f64),
    /// The ELBO with this weight β of its KL term, without a divergence: at 1 the same as ω = 1.
    Beta(f64),
}

impl Display for Objective {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Omega(omega) => write!(f, "ω = {omega}"),
            Self::Beta(beta) => write!(f, "β = {beta}"),
        }
    }
}

/// The live settings except the weight, which each arm has for itself.
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
        let latent = values.get(keys::LATENT) as f64;
        let bandwidth = values.get(keys::BANDWIDTH);
        Self {
            lambda: values.get(keys::LAMBDA),
            divergence: values.get(keys::DIVERGENCE),
            kernel: match values.get(keys::KERNEL) {
                mi_objective::Kernel::Rbf => Kernel::Rbf { two_s2: bandwidth * latent },
                mi_objective::Kernel::Imq => Kernel::InverseMultiquadratic { c: 2.0 * bandwidth * latent },
            },
            estimator: match values.get(keys::ESTIMATOR) {
                mi_objective::Estimator::Unbiased => Estimator::Unbiased,
                mi_objective::Estimator::Biased => Estimator::Biased,
            },
            learning_rate: values.get(keys::LEARNING_RATE),
            batch: values.get(keys::BATCH),
        }
    }

    /// The objective per example, `[batch]` in nats; `prior` are points y ~ p(z), `[batch, latent]`.
    pub(super) fn objective(&self, pass: &Pass, prior: Tensor<2>, objective: Objective) -> Tensor<1> {
        let omega = match objective {
            Objective::Omega(omega) => omega,
            Objective::Beta(beta) => return pass.reconstruction.clone() - pass.kl() * beta,
        };
        let divergence = || match self.divergence {
            Divergence::Mmd => mmd2(pass.z.clone(), prior, self.kernel, self.estimator),
            Divergence::MarginalKl => marginal_kl(pass.z.clone(), pass.mu.clone(), pass.log_var.clone()),
        };
        mi_augmented(pass.reconstruction.clone(), pass.kl(), divergence, omega, self.lambda)
    }
}

/// The sizes of the VAE: one hidden layer in encoder and decoder, Bernoulli pixels.
pub(super) fn config(values: &Values, pixels: usize) -> VaeConfig {
    VaeConfig::new(pixels, values.get(keys::HIDDEN), values.get(keys::LATENT), Likelihood::Bernoulli)
}
