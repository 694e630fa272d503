//! Part 2 of the lecture: linear variational autoencoders and probabilistic PCA.

pub mod linear_vae;

use crate::Demo;

/// The demos of part 2.
pub fn demos() -> Vec<Demo> {
    vec![linear_vae::DEMO]
}
