//! Part 1 of the lecture: variational autoencoders, slides 1.1 to 1.8.

pub mod amortized_inference;
pub mod elbo;
pub mod generation;
pub mod gradient_variance;
pub mod latent_arithmetic;
#[cfg(feature = "training")]
mod plane;
pub mod reparameterization;
#[cfg(feature = "training")]
pub mod trained;
pub mod vae;

use crate::Demo;

/// The demos of part 1.
pub fn demos() -> Vec<Demo> {
    vec![
        amortized_inference::DEMO,
        vae::LIKELIHOODS,
        elbo::DEMO,
        vae::DEMO,
        generation::DEMO,
        latent_arithmetic::DEMO,
        reparameterization::DEMO,
        gradient_variance::DEMO,
    ]
}
