//! Section 2: the linear VAE climbs to the answer that probabilistic PCA knows.
//!
//! *Look for:* the ELBO rising to the dashed line, the maximum log-likelihood that the eigenvalues give, and the gap falling
//! below 0.01 nats when every term is exact; the sampled ELBO at the same learning rate stopping short of it, because by then its
//! gradient is noise; span(W) turning into the leading eigenvectors, sigma² into sigma²_ML. With sigma² held on its slider:
//! every direction with l_j <= sigma² collapses, and as many columns of W vanish as the eigenvalues say.
//!
//! Equations (12) and (13), the KL and the trace trick below them, and Tipping & Bishop 1999 for the exact answer
//! (`math::ppca`). Collapse as in J. Lucas et al. 2019, counted by equation (18).

#[cfg(feature = "training")]
mod ascent;
#[cfg(feature = "training")]
mod columns;
#[cfg(feature = "training")]
mod experiment;
#[cfg(feature = "training")]
mod figures;
#[cfg(feature = "training")]
mod noise;
#[cfg(feature = "training")]
mod reference;
#[cfg(feature = "training")]
mod settings;
#[cfg(feature = "training")]
mod source;

use figure::Control;

use crate::demo::{ReadoutSpec, readout};
use crate::{Demo, Run};

/// The demo `linear-vae`.
pub const DEMO: Demo = Demo {
    name: "linear-vae",
    slide: "2",
    title: "A linear VAE against probabilistic PCA",
    ends: false,
    controls,
    readouts: &READOUTS,
    #[cfg(feature = "training")]
    run: Run::Training(experiment::start),
    #[cfg(not(feature = "training"))]
    run: Run::Training,
};

const READOUTS: [ReadoutSpec; 20] = [
    readout("step", "", 0),
    readout("elbo", "nats", 3),
    readout("log_px_max", "nats", 3),
    readout("gap", "nats", 4),
    readout("log_px", "nats", 3),
    readout("reconstruction", "nats", 3),
    readout("kl", "nats", 3),
    readout("max_angle_deg", "degrees", 2),
    readout("known_angle_deg", "degrees", 2),
    readout("sigma2", "", 5),
    readout("sigma2_ml", "", 5),
    readout("collapsed", "", 0),
    readout("collapsed_predicted", "", 0),
    readout("sampled_elbo", "nats", 3),
    readout("sampled_gap", "nats", 4),
    readout("sampled_angle_deg", "degrees", 2),
    readout("gradient_norm", "", -3),
    readout("closed_form_noise", "", -3),
    readout("sampled_noise", "", -3),
    readout("learning_rate_now", "", -2),
];

fn controls() -> Vec<Control> {
    vec![
        Control::integer("latent", "Latent dimensions", (1, 32), 10)
            .symbol("M")
            .hint("Columns of W. The more there are, the longer the last of them take to turn into place."),
        Control::toggle("learn_sigma2", "Learn σ²", true)
            .live()
            .hint("On: σ² climbs the gradient too. Off: it is held at the slider, and directions below it collapse."),
        Control::log("sigma2", "Noise variance", (1e-3, 2.0), 0.3)
            .symbol("σ²")
            .live()
            .hint("Where σ² is held, or, when it is learned, where it is put to learn from. Put it above an eigenvalue to see that direction collapse."),
        Control::choice(
            "objective",
            "Objective",
            &[("both", "closed form and sampled"), ("closed_form", "closed form"), ("sampled", "sampled")],
            "both",
        )
        .hint("Side by side both start from the same weights and take the same learning rates."),
        Control::choice("data", "Data", &[("digits", "digits 8×8"), ("synthetic", "Gaussian with known W")], "digits")
            .hint("All 1,797 digits, or 2,000 points that a linear model with four known columns made."),
        Control::log("learning_rate", "Learning rate", (1e-4, 10.0), 0.03)
            .live()
            .hint("Adam’s rate at first. Above about 0.1 the run shakes, and at 10 it leaves all bounds."),
        Control::log_integer("batch", "Batch size", (1, 2_000), 128)
            .symbol("B")
            .live()
            .advanced()
            .hint("Data points per step of the sampled ELBO; the closed form always takes all of them."),
        Control::log_integer("samples", "Samples per point", (1, 64), 1)
            .symbol("L")
            .live()
            .advanced()
            .hint("Samples z per data point in the sampled ELBO: its noise falls with them, down to that of the batch."),
        Control::log_integer("decay", "Half-life of the rate", (10, 100_000), 300)
            .unit("steps")
            .live()
            .advanced()
            .hint("After t steps the rate is divided by 1 + t/this; t starts again when σ² is moved."),
        Control::log("epsilon", "Collapse below", (1e-4, 1.0), 0.01)
            .symbol("ε")
            .unit("nats")
            .live()
            .advanced()
            .hint("A dimension counts as collapsed when its KL is below ε for 99 % of the data, equation (18)."),
        Control::seed(),
    ]
}
