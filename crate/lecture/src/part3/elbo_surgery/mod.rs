//! Slide 3.3: the ELBO of a VAE in training, carved up into the three terms of (21).
//!
//! *Look for:* ① reconstruction and ② I(x,z) rising together, though ② counts against the ELBO; ② running into its
//! ceiling log N; ③ small and never quite gone while the prior is N(0, I), and exactly 0 once q(z) itself is the prior;
//! and the sum ① − ② − ③ on the ELBO of (19), within the error of the samples.
//!
//! Equations (19) to (21); the mathematics is `math::mixture`. Trained on all training images, measured on N of them.

#[cfg(feature = "training")]
mod experiment;
#[cfg(feature = "training")]
mod figures;
#[cfg(feature = "training")]
mod terms;

use figure::Control;

use crate::demo::{ReadoutSpec, readout};
use crate::{Demo, Run};

/// The demo `elbo-surgery`.
pub const DEMO: Demo = Demo {
    name: "elbo-surgery",
    slide: "3.3",
    title: "ELBO surgery",
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
    readout("reconstruction", "nats per image", 2),
    readout("mi", "nats per image", 3),
    readout("marginal_kl", "nats per image", 3),
    readout("kl", "nats per image", 3),
    readout("elbo", "nats per image", 2),
    readout("sum", "nats per image", 2),
    readout("residual", "nats per image", 3),
    readout("log_n", "nats", 3),
    readout("steps_per_second", "per second", 0),
    readout("device", "", 0),
];

fn controls() -> Vec<Control> {
    vec![
        Control::log_integer("points", "Data points measured", (2, 1024), 256)
            .symbol("N")
            .live()
            .hint("The terms are of the first N training images; training itself uses all of them. The ceiling of ② is log N."),
        Control::choice(
            "prior",
            "Prior",
            &[("normal", "N(0, I)"), ("aggregate", "q(z), the aggregate posterior")],
            "normal",
        )
        .symbol("p(z)")
        .live()
        .hint("With q(z) as prior ③ is 0 and training stops pulling codes to the origin. A step's q(z) is that of its batch."),
        Control::number("beta", "KL weight", (0.0, 10.0), 0.05, 1.0)
            .symbol("β")
            .live()
            .hint("Of ② + ③ in training; the ELBO shown is always that of (19), with weight 1."),
        Control::log("learning_rate", "Learning rate", (1e-5, 1.0), 2e-3)
            .live()
            .hint("Above about 0.05 Adam jumps too far and the run diverges."),
        Control::integer("latent", "Latent dimensions", (1, 16), 2)
            .symbol("M")
            .hint("Two can be drawn whole; of more the two with the largest KL are."),
        Control::log_integer("hidden", "Hidden units", (8, 512), 128)
            .advanced()
            .hint("Units in the hidden layer, encoder and decoder alike."),
        Control::log_integer("batch", "Batch size", (8, 1024), 128).advanced().hint("Images per step."),
        Control::seed(),
    ]
}
