//! Slide 3.2: posterior collapse, made and measured live.
//!
//! *Look for:* the collapse curve, which a healthy model holds at 0 until ε is large and a collapsed one starts high; the KL
//! of single dimensions going out like lamps as β or σ_x grows, where the linear VAE says they must; reconstructions that
//! forget their input; and a decoder that sees earlier pixels describing the digits without any z. The paradox answered:
//! KL = 0 is the prior for every x, and then z says nothing about x.
//!
//! Equation (18) and its measure (Lucas et al. 2019); active units (Burda et al. 2016); `math::collapse`. Measured over all
//! training images, never over a batch.

#[cfg(feature = "training")]
mod experiment;
#[cfg(feature = "training")]
mod figures;
#[cfg(feature = "training")]
mod learner;
#[cfg(feature = "training")]
mod map;
#[cfg(feature = "training")]
mod measure;
#[cfg(feature = "training")]
mod pictures;

use figure::Control;

use crate::demo::{ReadoutSpec, readout};
use crate::{Demo, Run};

/// The demo `posterior-collapse`.
pub const DEMO: Demo = Demo {
    name: "posterior-collapse",
    slide: "3.2",
    title: "Posterior collapse",
    ends: false,
    controls,
    readouts: &READOUTS,
    #[cfg(feature = "training")]
    run: Run::Training(experiment::start),
    #[cfg(not(feature = "training"))]
    run: Run::Training,
};

const READOUTS: [ReadoutSpec; 11] = [
    readout("step", "", 0),
    readout("collapsed", "", 2),
    readout("collapsed_linear", "", 2),
    readout("active_units", "", 0),
    readout("kl", "nats per image", 3),
    readout("reconstruction", "nats per image", 2),
    readout("elbo", "nats per image", 2),
    readout("kl_weight", "", 3),
    readout("cells", "", 0),
    readout("steps_per_second", "per second", 0),
    readout("device", "", 0),
];

fn controls() -> Vec<Control> {
    vec![
        Control::log("beta", "KL weight", (0.01, 100.0), 1.0).symbol("β").live().hint(
            "1 is the ELBO. Drag it up during a run and watch dimensions go out; down again, and see which come back.",
        ),
        Control::log("sigma_x", "σ of the likelihood", (0.05, 2.0), 0.4)
            .symbol("σ_x")
            .live()
            .hint("Of the Gaussian likelihood. Large: pixels are not worth a code. Only βσ_x² counts for collapse."),
        Control::toggle("warm_up", "KL warm-up", false)
            .live()
            .hint("Lets the KL weight rise from 0, so that the decoder learns to listen before silence pays."),
        Control::toggle("autoregressive", "Decoder sees earlier pixels", false)
            .hint("A strong decoder: each pixel is predicted from those before it too. It can do without z, and may."),
        Control::integer("decoder_layers", "Decoder's hidden layers", (0, 3), 1)
            .hint("0 is a linear decoder, whose collapse is known exactly."),
        Control::log("epsilon", "Collapsed below", (1e-4, 10.0), 0.05)
            .symbol("ε")
            .unit("nats")
            .live()
            .hint("A dimension counts as collapsed when its KL is below ε for all but a share δ of the images."),
        Control::number("delta", "Share that may escape", (0.0, 0.2), 0.005, 0.01)
            .symbol("δ")
            .live()
            .hint("0.01 on the slide. What is drawn of earlier steps keeps the δ it was measured with."),
        Control::choice(
            "map",
            "Map",
            &[("off", "off: one VAE"), ("sigma_x", "β × σ_x"), ("decoder", "β × decoder")],
            "off",
        )
        .hint("Trains one small VAE per cell, six at a time, and fills in the share of collapsed dimensions."),
        Control::choice(
            "likelihood",
            "Likelihood",
            &[("gaussian", "Gaussian"), ("bernoulli", "Bernoulli")],
            "gaussian",
        )
        .symbol("p(x|z)")
        .advanced()
        .hint("Only the Gaussian has a σ_x."),
        Control::integer("latent", "Latent dimensions", (1, 32), 10)
            .symbol("M")
            .advanced()
            .hint("More than the digits need."),
        Control::log_integer("warm_up_steps", "Warm-up steps", (10, 5_000), 500)
            .live()
            .advanced()
            .hint("Steps until the KL weight is β."),
        Control::log_integer("map_steps", "Steps per cell", (20, 5_000), 400)
            .advanced()
            .hint("Of the map: more steps come closer to where training ends."),
        Control::log("learning_rate", "Learning rate", (1e-5, 1.0), 0.01)
            .live()
            .advanced()
            .hint("Above about 0.05 Adam jumps too far and the run diverges."),
        Control::log_integer("hidden", "Encoder's hidden units", (8, 512), 64).advanced().hint("In one layer."),
        Control::log_integer("decoder_hidden", "Decoder's hidden units", (8, 512), 64)
            .advanced()
            .hint("In each of its hidden layers."),
        Control::log_integer("batch", "Batch size", (8, 1024), 128).advanced().hint("Images per step."),
        Control::seed(),
    ]
}
