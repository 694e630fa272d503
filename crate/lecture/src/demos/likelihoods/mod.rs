//! Slide 1.2: the run of slide 1.4, with a choice of p(x|z).
//!
//! *Look for:* the smaller the scale, the larger the KL that the model pays; means that look alike under all likelihoods, and random
//! samples that do not; a learned scale that settles at the size of the error that is left.
//!
//! The objective is the ELBO of equations (2)–(4).

#[cfg(all(test, feature = "training"))]
mod tests;
#[cfg(feature = "training")]
mod training;

use figure::{Control, FigureSpec, ReadoutSpec};

use crate::demo::{Demo, Model, Run, start};
use crate::shared::vae_run::{binarise, common, learning_rate, likelihood, readouts, scale, slots};

const READOUTS: &[ReadoutSpec] = &[
    readouts::STEP,
    readouts::RECONSTRUCTION,
    readouts::KL,
    readouts::ELBO,
    readouts::HELDOUT_ELBO,
    readouts::CEILING,
    readouts::LEARNED_SCALE,
];

const FIGURES: &[FigureSpec] = &[slots::CURVES, slots::SAMPLES, slots::RECONSTRUCTIONS, slots::KL_PER_DIMENSION];

/// The demo `likelihoods`.
pub const DEMO: Demo = Demo {
    name: "likelihoods",
    slide: "1.2",
    title: "The distributions",
    run: Run::Open(start!(training::start)),
    device: true,
    rate: true,
    elapsed: false,
    model: Model::None,
    images: None,
    controls,
    readouts: READOUTS,
    figures: FIGURES,
};

fn controls() -> Vec<Control> {
    vec![
        likelihood(),
        scale(),
        binarise(),
        learning_rate(),
        Control::integer(common::LATENT, "Latent dimensions", (1, 32), 8)
            .symbol("M")
            .advanced()
            .hint("Enough that the scale matters."),
        Control::log_integer(common::HIDDEN, "Hidden units", (8, 512), 128)
            .advanced()
            .hint("Units in each hidden layer."),
        Control::log_integer(common::BATCH, "Batch size", (8, 1024), 128).advanced().hint("Images per step."),
        Control::seed(),
    ]
}
