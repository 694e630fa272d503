//! Slide 1.4: the VAE, trained live on handwritten digits.
//!
//! *Look for:* reconstruction, KL and ELBO as three curves, in nats per image, for training and held-out images; clusters
//! growing in the latent plane; the decoded grid turning from fog into digits; held-out log p(x) above the ELBO.
//!
//! The objective is the ELBO of equation (2)-(4), with the KL term weighted by β (1 is the ELBO itself).

#[cfg(feature = "training")]
mod experiment;
#[cfg(feature = "training")]
mod figures;

use figure::Control;

use crate::demo::{ReadoutSpec, readout};
use crate::{Demo, Run};

/// The demo `vae`.
pub const DEMO: Demo = Demo {
    name: "vae",
    slide: "1.4",
    title: "A VAE, trained live",
    ends: false,
    controls,
    readouts: &READOUTS,
    #[cfg(feature = "training")]
    run: Run::Training(experiment::start),
    #[cfg(not(feature = "training"))]
    run: Run::Training,
};

const READOUTS: [ReadoutSpec; 9] = [
    readout("step", "", 0),
    readout("reconstruction", "nats per image", 2),
    readout("kl", "nats per image", 2),
    readout("elbo", "nats per image", 2),
    readout("heldout_elbo", "nats per image", 2),
    readout("heldout_log_px", "nats per image", 2),
    readout("active_units", "", 0),
    readout("steps_per_second", "per second", 0),
    readout("device", "", 0),
];

fn controls() -> Vec<Control> {
    vec![
        Control::log("learning_rate", "Learning rate", (1e-5, 1.0), 2e-3)
            .live()
            .hint("Above about 0.05 Adam jumps too far: watch the curves shake, or the run diverge."),
        Control::number("beta", "KL weight", (0.0, 10.0), 0.05, 1.0).symbol("β").live().hint(
            "1 is the ELBO. Above 1 the code gets shorter and the digits blur; at 0 nothing pulls towards the prior.",
        ),
        Control::integer("latent", "Latent dimensions", (1, 32), 2)
            .symbol("M")
            .hint("Two can be drawn. More reconstruct better, and some of them collapse."),
        Control::log_integer("hidden", "Hidden units", (8, 512), 128)
            .hint("Units in each hidden layer, encoder and decoder alike."),
        Control::choice("likelihood", "Likelihood", &[("bernoulli", "Bernoulli")], "bernoulli")
            .symbol("p(x|z)")
            .hint("Grey values between 0 and 1 count as probabilities of ink."),
        Control::log_integer("batch", "Batch size", (8, 1024), 128).hint("Images per step."),
        Control::integer("layers", "Hidden layers", (1, 3), 1)
            .advanced()
            .hint("In the encoder, and as many in the decoder."),
        Control::log_integer("importance_samples", "Importance samples", (1, 256), 50)
            .symbol("K")
            .live()
            .advanced()
            .hint("Samples per image for held-out log p(x): more come closer to it, always from below on average."),
        Control::seed(),
    ]
}
