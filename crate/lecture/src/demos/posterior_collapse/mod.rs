//! Slide 3.2: posterior collapse, made and measured live.
//!
//! *Look for:* the collapse curve, which a healthy model holds at 0 until ε is large and a collapsed one starts high; the KL
//! of single dimensions going out like lamps as β or σ_x grows, where the linear VAE says they must; reconstructions that
//! forget their input; and a decoder that sees earlier pixels describing the digits without any z. The paradox answered:
//! KL = 0 is the prior for every x, and then z says nothing about x. Side by side, what a warm-up (Bowman et al. 2016), cyclical
//! annealing (Fu et al. 2019; `math::annealing`) and free bits (Kingma et al. 2016) save of the code, and what they cost.
//!
//! Equation (18), and the measure of collapse (Lucas et al. 2019); active units (Burda et al. 2016); `math::collapse`. Measured over all
//! training images, never over a batch.

#[cfg(all(test, feature = "training"))]
mod tests;
#[cfg(feature = "training")]
mod training;

use figure::Control;

use crate::demo::{Demo, Model, Run, start};

figure::choice! {
    /// The setting that varies over the rows of the map.
    pub(crate) enum MapOf {
        Off = "off" "off: one VAE",
        SigmaX = "sigma_x" "β × σ_x",
        Decoder = "decoder" "β × decoder",
    }
}

figure::choice! {
    /// The likelihood.
    pub(crate) enum PixelModel {
        Gaussian = "gaussian" "Gaussian",
        Bernoulli = "bernoulli" "Bernoulli",
    }
}

figure::choice! {
    /// How the KL weight rises.
    #[derive(serde::Serialize, serde::Deserialize)]
    pub(crate) enum Schedule {
        Linear = "linear" "linear",
        Cyclical = "cyclical" "cyclical",
    }
}

/// The names of its controls.
pub(crate) mod keys {
    use figure::Key;

    pub(crate) const BETA: Key<f64> = Key::new("beta");
    pub(crate) const SIGMA_X: Key<f64> = Key::new("sigma_x");
    pub(crate) const WARM_UP: Key<bool> = Key::new("warm_up");
    pub(crate) const AUTOREGRESSIVE: Key<bool> = Key::new("autoregressive");
    pub(crate) const DECODER_LAYERS: Key<usize> = Key::new("decoder_layers");
    pub(crate) const EPSILON: Key<f64> = Key::new("epsilon");
    pub(crate) const DELTA: Key<f64> = Key::new("delta");
    pub(crate) const MAP: Key<super::MapOf> = Key::new("map");
    pub(crate) const LIKELIHOOD: Key<super::PixelModel> = Key::new("likelihood");
    pub(crate) const LATENT: Key<usize> = Key::new("latent");
    pub(crate) const FREE_BITS: Key<bool> = Key::new("free_bits");
    pub(crate) const REMEDIES: Key<bool> = Key::new("remedies");
    pub(crate) const SCHEDULE: Key<super::Schedule> = Key::new("kl_schedule");
    pub(crate) const KAPPA: Key<f64> = Key::new("kappa");
    pub(crate) const WARM_UP_STEPS: Key<usize> = Key::new("warm_up_steps");
    pub(crate) const MAP_STEPS: Key<usize> = Key::new("map_steps");
    pub(crate) const LEARNING_RATE: Key<f64> = Key::new("learning_rate");
    pub(crate) const HIDDEN: Key<usize> = Key::new("hidden");
    pub(crate) const DECODER_HIDDEN: Key<usize> = Key::new("decoder_hidden");
    pub(crate) const BATCH: Key<usize> = Key::new("batch");
}

/// Its read-outs.
pub(crate) mod readouts {
    use figure::{ReadoutSpec, Role};

    figure::declare! { ReadoutSpec:
        STEP = ReadoutSpec::new("step", "steps", "", 0);
        COLLAPSED = ReadoutSpec::new("collapsed", "collapsed, share", "", 2).role(Role::Kl);
        COLLAPSED_LINEAR = ReadoutSpec::new("collapsed_linear", "the same, linear VAE", "", 2).role(Role::Exact);
        ACTIVE_UNITS = ReadoutSpec::new("active_units", "active units", "", 0).role(Role::MutualInformation);
        KL = ReadoutSpec::new("kl", "average KL", "nats", 3).role(Role::Kl).without_error();
        RECONSTRUCTION = ReadoutSpec::new("reconstruction", "reconstruction", "nats", 2).role(Role::Reconstruction);
        ELBO = ReadoutSpec::new("elbo", "ELBO", "nats", 2).role(Role::Elbo);
        KL_WEIGHT = ReadoutSpec::new("kl_weight", "KL weight now", "", 3);
        CELLS = ReadoutSpec::new("cells", "cells of the map", "", 0);
    }
}

/// Its figures.
pub(crate) mod slots {
    use figure::FigureSpec;

    figure::declare! { FigureSpec:
        COLLAPSE = FigureSpec("collapse");
        KL_PER_DIMENSION = FigureSpec("kl_per_dimension");
        RECONSTRUCTIONS = FigureSpec("reconstructions");
        CURVES = FigureSpec("curves");
        SHARES = FigureSpec("shares");
        MAP = FigureSpec("map");
        REMEDIES_COLLAPSE = FigureSpec("remedies_collapse");
        REMEDIES_KL = FigureSpec("remedies_kl");
        REMEDIES_ACTIVE = FigureSpec("remedies_active");
        REMEDIES_ELBO = FigureSpec("remedies_elbo");
        REMEDIES_PLANE = FigureSpec("remedies_plane");
    }
}

/// The demo `posterior-collapse`.
pub const DEMO: Demo = Demo {
    name: "posterior-collapse",
    slide: "3.2",
    title: "Posterior collapse",
    run: Run::Open(start!(training::start)),
    device: true,
    rate: true,
    elapsed: false,
    model: Model::None,
    images: None,
    controls,
    readouts: readouts::ALL,
    figures: slots::ALL,
};

fn controls() -> Vec<Control> {
    vec![
        Control::log(keys::BETA, "KL weight", (0.01, 100.0), 1.0).symbol("β").live().hint(
            "1 is the ELBO. Drag it up during a run and watch dimensions go out; down again, and see which come back.",
        ),
        Control::log(keys::SIGMA_X, "σ of the likelihood", (0.05, 2.0), 0.4)
            .symbol("σ_x")
            .live()
            .hint("Of the Gaussian likelihood. Large: pixels are not worth a code. Only βσ_x² counts for collapse."),
        Control::toggle(keys::WARM_UP, "KL warm-up", false)
            .live()
            .hint("Lets the KL weight rise from 0, so that the decoder learns to listen before silence pays."),
        Control::toggle(keys::AUTOREGRESSIVE, "Decoder sees earlier pixels", false)
            .hint("A strong decoder: each pixel is predicted from those before it too. It can do without z, and may."),
        Control::integer(keys::DECODER_LAYERS, "Decoder's hidden layers", (0, 3), 1)
            .hint("0 is a linear decoder, whose collapse is known exactly."),
        Control::log(keys::EPSILON, "Collapsed below", (1e-4, 10.0), 0.05)
            .symbol("ε")
            .unit("nats")
            .live()
            .hint("A dimension counts as collapsed when its KL is below ε for all but a share δ of the images."),
        Control::number(keys::DELTA, "Share that may escape", (0.0, 0.2), 0.005, 0.01)
            .symbol("δ")
            .live()
            .hint("0.01 on the slide. What is drawn of earlier steps keeps the δ it was measured with."),
        Control::choice(keys::MAP, "Map", MapOf::Off)
            .hint("Trains one small VAE per cell, six at a time, and fills in the share of collapsed dimensions."),
        Control::toggle(keys::REMEDIES, "Remedies side by side", false)
            .hint("Trains four VAEs from the same weights and noise, instead of a map: no remedy, a warm-up, a cyclical one, free bits."),
        Control::choice(keys::LIKELIHOOD, "Likelihood", PixelModel::Gaussian)
            .symbol("p(x|z)")
            .advanced()
            .hint("Only the Gaussian has a σ_x."),
        Control::integer(keys::LATENT, "Latent dimensions", (1, 32), 10)
            .symbol("M")
            .advanced()
            .hint("More than the digits need."),
        Control::log_integer(keys::WARM_UP_STEPS, "Warm-up steps", (10, 5_000), 500)
            .live()
            .advanced()
            .hint("Steps until the KL weight is β; a cycle is twice as long."),
        Control::choice(keys::SCHEDULE, "KL schedule", Schedule::Linear)
            .live()
            .advanced()
            .hint("Of the warm-up. Cyclical: the KL weight rises, stays at β as long, and starts again from 0, four times."),
        Control::toggle(keys::FREE_BITS, "Free bits", false)
            .live()
            .advanced()
            .hint("A dimension pays only for what its average KL exceeds κ by."),
        Control::log(keys::KAPPA, "Free, per dimension", (0.01, 2.0), 0.1)
            .symbol("κ")
            .unit("nats")
            .live()
            .advanced()
            .hint("What every dimension may say for nothing. Needs free bits."),
        Control::log_integer(keys::MAP_STEPS, "Steps per cell", (20, 5_000), 400)
            .advanced()
            .hint("Of the map: more steps come closer to where training ends."),
        Control::log(keys::LEARNING_RATE, "Learning rate", (1e-5, 1.0), 0.01)
            .live()
            .advanced()
            .hint("Above about 0.05 Adam jumps too far and the run diverges."),
        Control::log_integer(keys::HIDDEN, "Encoder's hidden units", (8, 512), 64).advanced().hint("In one layer."),
        Control::log_integer(keys::DECODER_HIDDEN, "Decoder's hidden units", (8, 512), 64)
            .advanced()
            .hint("In each of its hidden layers."),
        Control::log_integer(keys::BATCH, "Batch size", (8, 1024), 128).advanced().hint("Images per step."),
        Control::seed(),
    ]
}
