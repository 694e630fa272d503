//! Slide 1.4: the VAE, trained live on handwritten digits or on the user's own images, with the likelihood and the kind of
//! network that the user chooses, beside a plain autoencoder for contrast.
//!
//! *Look for:* reconstruction, KL and ELBO as three curves, in nats per image, for training and held-out images; clusters
//! growing in the latent plane; the decoded grid turning from fog into digits; held-out log p(x) above the bounds on it, and the reconstruction under its ceiling; the holes
//! of the autoencoder's plane, where its decoder never was.
//!
//! The objective is the ELBO of equations (2)–(4), with the KL term weighted by β (1 is the ELBO itself).

#[cfg(all(test, feature = "training"))]
mod tests;
#[cfg(feature = "training")]
mod training;

use figure::{Control, FigureSpec, ReadoutSpec};

use crate::demo::{Demo, ImagesChoice, Model, Run, start};
use crate::shared::vae_run::{binarise, common, learning_rate, likelihood, readouts, scale, slots};

figure::choice! {
    /// The network.
    pub(crate) enum Architecture {
        Mlp = "mlp" "dense layers",
        Convolutional = "convolutional" "convolutional",
    }
}

figure::choice! {
    /// The data.
    pub(crate) enum Data {
        Digits = "digits" "digits, 8×8",
        Own = "own" "your own images",
    }
}

/// The names of its controls.
pub(crate) mod keys {
    use figure::Key;

    pub(crate) const BETA: Key<f64> = Key::new("beta");
    pub(crate) const ARCHITECTURE: Key<super::Architecture> = Key::new("architecture");
    pub(crate) const AUTOENCODER: Key<bool> = Key::new("autoencoder");
    pub(crate) const DATA: Key<super::Data> = Key::new("data");
    pub(crate) const IMAGES: Key<usize> = Key::new("images");
    pub(crate) const LAYERS: Key<usize> = Key::new("layers");
    pub(crate) const WARM_UP: Key<usize> = Key::new("warm_up");
    pub(crate) const IMPORTANCE_SAMPLES: Key<usize> = Key::new("importance_samples");
    pub(crate) const SIGNAL: Key<bool> = Key::new("signal");
}

const READOUTS: &[ReadoutSpec] = &[
    readouts::STEP,
    readouts::RECONSTRUCTION,
    readouts::KL,
    readouts::ELBO,
    readouts::HELDOUT_ELBO,
    readouts::HELDOUT_LOG_PX,
    readouts::EXACT_LOG_PX,
    readouts::APPROXIMATION_GAP,
    readouts::AMORTIZATION_GAP,
    readouts::PRESSED_LOG_PX,
    readouts::PRESSED_APPROXIMATION_GAP,
    readouts::PRESSED_AMORTIZATION_GAP,
    readouts::CEILING,
    readouts::ACTIVE_UNITS,
    readouts::LEARNED_SCALE,
    readouts::SCORE_VARIANCE,
    readouts::BASELINE_VARIANCE,
    readouts::REPARAM_VARIANCE,
    readouts::SCORE_VARIANCE_LOG_VAR,
    readouts::BASELINE_VARIANCE_LOG_VAR,
    readouts::REPARAM_VARIANCE_LOG_VAR,
];

const FIGURES: &[FigureSpec] = &[
    slots::CURVES,
    slots::LATENT,
    slots::GRID,
    slots::AUTOENCODER_LATENT,
    slots::AUTOENCODER_GRID,
    slots::RECONSTRUCTIONS,
    slots::KL_PER_DIMENSION,
    slots::RATE_DISTORTION,
    slots::BOUND,
    slots::GAPS,
    slots::SIGNAL,
    slots::GRADIENT_VARIANCES,
    slots::GRADIENT_VARIANCES_LOG_VAR,
];

/// The demo `vae`.
pub const DEMO: Demo = Demo {
    name: "vae",
    slide: "1.4",
    title: "The VAE, trained live",
    run: Run::Open(start!(training::start)),
    device: true,
    rate: true,
    elapsed: false,
    model: Model::Gives,
    images: Some(ImagesChoice { control: keys::DATA.name, value: Data::Own.value() }),
    controls,
    readouts: READOUTS,
    figures: FIGURES,
};

fn controls() -> Vec<Control> {
    vec![
        learning_rate(),
        Control::number(keys::BETA, "KL weight", (0.0, 10.0), 0.05, 1.0).symbol("β").live().hint(
            "1 is the ELBO. Above 1 the code gets shorter and the digits blur; at 0 nothing pulls towards the prior.",
        ),
        Control::integer(common::LATENT, "Latent dimensions", (1, 32), 2)
            .symbol("M")
            .hint("Two can be drawn. More reconstruct better, and some of them collapse."),
        Control::log_integer(common::HIDDEN, "Hidden units", (8, 512), 128)
            .hint("Units in each dense hidden layer, encoder and decoder alike."),
        Control::choice(keys::ARCHITECTURE, "Network", Architecture::Mlp)
        .hint("Convolutions know which pixels are neighbours: two before the dense layers, two back after them. Meant for 28×28."),
        likelihood(),
        Control::toggle(keys::AUTOENCODER, "A plain autoencoder beside it", false)
            .hint("The same network, data and seed, without noise and without the KL term."),
        Control::log_integer(common::BATCH, "Batch size", (8, 1024), 128).hint("Images per step."),
        Control::choice(keys::DATA, "Data", Data::Digits)
            .hint("Your own: MNIST, Fashion-MNIST or other square images as IDX files, brought below the controls."),
        binarise().advanced(),
        scale().advanced(),
        Control::log_integer(keys::IMAGES, "Images used", (100, 60_000), 10_000)
            .advanced()
            .hint("Of your own images, chosen at random by the seed. More take more memory and a longer start."),
        Control::integer(keys::LAYERS, "Hidden layers", (1, 3), 1)
            .advanced()
            .hint("In the encoder, and as many in the decoder."),
        Control::integer(keys::WARM_UP, "KL warm-up", (0, 5000), 0)
            .unit("steps")
            .live()
            .advanced()
            .hint("β grows from 0 to its value over these steps: the code is learned before it is charged for."),
        Control::log_integer(keys::IMPORTANCE_SAMPLES, "Importance samples", (1, 1000), 50)
            .symbol("K")
            .live()
            .advanced()
            .hint("Samples per image for held-out log p(x): more come closer to it, always from below on average."),
        Control::toggle(keys::SIGNAL, "Gradient signal against K", false)
            .live()
            .advanced()
            .hint("How much of the bound’s gradient is signal, every 250 steps: it costs as much as some hundred steps."),
        Control::pointed(common::PRESSED, "Pressed image", (-20.0, 20.0), 1, 2, Vec::new()).live(),
        Control::seed(),
    ]
}
