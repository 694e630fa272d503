//! Slides 1.2 and 1.4: the VAE, trained live on handwritten digits or on images that the person brings, with the likelihood and the
//! kind of network of the person's choice, beside a plain autoencoder for contrast.
//!
//! *Look for:* reconstruction, KL and ELBO as three curves, in nats per image, for training and held-out images; clusters
//! growing in the latent plane; the decoded grid turning from fog into digits; held-out log p(x) above the ELBO; the holes
//! of the autoencoder's plane, where its decoder never was.
//!
//! The objective is the ELBO of equations (2)–(4), with the KL term weighted by β (1 is the ELBO itself).

#[cfg(feature = "training")]
mod ask;
#[cfg(feature = "training")]
mod experiment;
#[cfg(feature = "training")]
mod figures;
#[cfg(feature = "training")]
mod gradients;
#[cfg(feature = "training")]
mod notes;
#[cfg(feature = "training")]
mod settings;
#[cfg(feature = "training")]
mod view;

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

/// The demo `likelihoods`: the same run, looked at through p(x|z).
pub const LIKELIHOODS: Demo = Demo {
    name: "likelihoods",
    slide: "1.2",
    title: "The likelihood is chosen by the data",
    controls: likelihood_controls,
    readouts: &LIKELIHOOD_READOUTS,
    ..DEMO
};

const READOUTS: [ReadoutSpec; 12] = [
    readout("step", "", 0),
    readout("reconstruction", "nats per image", 2),
    readout("kl", "nats per image", 2),
    readout("elbo", "nats per image", 2),
    readout("heldout_elbo", "nats per image", 2),
    readout("heldout_log_px", "nats per image", 2),
    readout("active_units", "", 0),
    readout("learned_scale", "", 3),
    readout("score_variance", "nats²", -3),
    readout("reparam_variance", "nats²", -3),
    readout("steps_per_second", "per second", 0),
    readout("device", "", 0),
];

const LIKELIHOOD_READOUTS: [ReadoutSpec; 8] = [
    readout("step", "", 0),
    readout("reconstruction", "nats per image", 2),
    readout("kl", "nats per image", 2),
    readout("elbo", "nats per image", 2),
    readout("heldout_elbo", "nats per image", 2),
    readout("learned_scale", "", 3),
    readout("steps_per_second", "per second", 0),
    readout("device", "", 0),
];

fn likelihood() -> Control {
    let options = [
        ("bernoulli", "Bernoulli"),
        ("gaussian", "Gaussian, fixed σ"),
        ("gaussian-learned", "Gaussian, one learned σ"),
        ("gaussian-per-pixel", "Gaussian, σ per pixel (6)"),
        ("laplace", "Laplace, fixed b"),
        ("laplace-learned", "Laplace, learned b"),
    ];
    Control::choice("likelihood", "Likelihood", &options, "bernoulli").symbol("p(x|z)").hint(
        "A density can exceed 1, so its log likelihood can be positive: compare ELBOs only within one likelihood.",
    )
}

fn scale() -> Control {
    Control::log("scale", "Scale of p(x|z)", (0.02, 2.0), 0.2)
        .symbol("σ, b")
        .hint("Of a Gaussian or Laplace likelihood: the fixed one, or where the learned one begins. Larger: less weight on pixels.")
}

fn learning_rate() -> Control {
    Control::log("learning_rate", "Learning rate", (1e-5, 1.0), 2e-3)
        .live()
        .hint("Above about 0.05 Adam jumps too far: watch the curves shake, or the run diverge.")
}

fn controls() -> Vec<Control> {
    vec![
        learning_rate(),
        Control::number("beta", "KL weight", (0.0, 10.0), 0.05, 1.0).symbol("β").live().hint(
            "1 is the ELBO. Above 1 the code gets shorter and the digits blur; at 0 nothing pulls towards the prior.",
        ),
        Control::integer("latent", "Latent dimensions", (1, 32), 2)
            .symbol("M")
            .hint("Two can be drawn. More reconstruct better, and some of them collapse."),
        Control::log_integer("hidden", "Hidden units", (8, 512), 128)
            .hint("Units in each dense hidden layer, encoder and decoder alike."),
        Control::choice(
            "architecture",
            "Network",
            &[("mlp", "dense layers"), ("convolutional", "convolutional")],
            "mlp",
        )
        .hint("Convolutions know which pixels are neighbours: two before the dense layers, two back after them. Meant for 28×28."),
        likelihood(),
        Control::toggle("autoencoder", "A plain autoencoder beside it", false)
            .hint("The same network, data and seed, without noise and without the KL term."),
        Control::log_integer("batch", "Batch size", (8, 1024), 128).hint("Images per step."),
        Control::choice("data", "Data", &[("digits", "digits, 8×8"), ("own", "your own images")], "digits")
            .hint("Your own: MNIST, Fashion-MNIST or other square images as IDX files, brought below the controls."),
        scale().advanced(),
        Control::log_integer("images", "Images used", (100, 60_000), 10_000)
            .advanced()
            .hint("Of your own images, chosen at random by the seed. More take more memory and a longer start."),
        Control::integer("layers", "Hidden layers", (1, 3), 1)
            .advanced()
            .hint("In the encoder, and as many in the decoder."),
        Control::integer("warm_up", "KL warm-up", (0, 5000), 0)
            .unit("steps")
            .live()
            .advanced()
            .hint("β grows from 0 to its value over these steps: the code is learned before it is charged for."),
        Control::log_integer("importance_samples", "Importance samples", (1, 256), 50)
            .symbol("K")
            .live()
            .advanced()
            .hint("Samples per image for held-out log p(x): more come closer to it, always from below on average."),
        Control::seed(),
    ]
}

fn likelihood_controls() -> Vec<Control> {
    vec![
        likelihood(),
        scale(),
        learning_rate(),
        Control::integer("latent", "Latent dimensions", (1, 32), 8)
            .symbol("M")
            .advanced()
            .hint("Enough that the scale matters."),
        Control::log_integer("hidden", "Hidden units", (8, 512), 128).advanced().hint("Units in each hidden layer."),
        Control::log_integer("batch", "Batch size", (8, 1024), 128).advanced().hint("Images per step."),
        Control::seed(),
    ]
}
