//! The contents of the lecture: its parts, and the demos of each in the order of the slides.

use crate::Demo;
use crate::demos::*;

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

/// The lecture. Everything that walks it walks this list.
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
