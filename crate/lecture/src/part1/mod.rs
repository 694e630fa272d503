//! Part 1 of the lecture: variational autoencoders, slides 1.1 to 1.8.

pub mod amortized_inference;
pub mod gradient_variance;
pub mod vae;

use crate::Demo;

/// The demos of part 1.
pub fn demos() -> Vec<Demo> {
    vec![amortized_inference::DEMO, vae::LIKELIHOODS, vae::DEMO, gradient_variance::DEMO]
}
