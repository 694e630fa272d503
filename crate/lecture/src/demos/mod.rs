//! The contents of the lecture: a folder for every demo, and the parts with their demos in the order of the slides.

pub mod amortized_inference;
pub mod elbo;
pub mod elbo_surgery;
pub mod generation;
pub mod gradient_variance;
pub mod latent_arithmetic;
pub mod likelihoods;
pub mod linear_vae;
pub mod m2;
pub mod mi_bound;
pub mod mi_objective;
pub mod posterior_collapse;
pub mod reparameterization;
pub mod vae;

use crate::Demo;

/// A part of the lecture.
#[derive(Clone, Copy)]
pub struct Part {
    /// Its number.
    pub number: u8,
    /// Its title.
    pub title: &'static str,
    /// Its demos, in the order of their slides.
    pub demos: &'static [Demo],
}

/// The parts of the lecture: the only list of its demos.
pub const CONTENTS: [Part; 5] = [
    Part {
        number: 1,
        title: "Variational Autoencoder",
        demos: &[
            amortized_inference::DEMO,
            likelihoods::DEMO,
            elbo::DEMO,
            vae::DEMO,
            generation::DEMO,
            latent_arithmetic::DEMO,
            reparameterization::DEMO,
            gradient_variance::DEMO,
        ],
    },
    Part { number: 2, title: "Linear Variational Autoencoders", demos: &[linear_vae::DEMO] },
    Part {
        number: 3,
        title: "Should we optimise the ELBO?",
        demos: &[mi_bound::DEMO, posterior_collapse::DEMO, elbo_surgery::DEMO],
    },
    Part { number: 4, title: "Likelihood-free objective", demos: &[mi_objective::DEMO] },
    Part { number: 5, title: "Semi-supervised learning with VAEs", demos: &[m2::DEMO] },
];

/// Every demo, in the lecture's order.
pub fn demos() -> impl Iterator<Item = Demo> {
    CONTENTS.iter().flat_map(|part| part.demos).copied()
}

/// A demo by its name.
pub fn demo(name: &str) -> Option<Demo> {
    demos().find(|demo| demo.name == name)
}
