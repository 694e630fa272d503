//! Slide 1.5: generative modelling with a trained VAE, Algorithms 1 and 2.
//!
//! *Look for:* where samples of the prior land in the latent plane and no posterior lives: there the decoder was never
//! trained, and its pictures are none. The gap has a number, KL\[p(z)‖q(z)\] with q(z) the aggregate posterior.

#[cfg(feature = "training")]
mod algorithms;
#[cfg(feature = "training")]
mod experiment;

#[cfg(feature = "training")]
pub use algorithms::{Generated, algorithm_1, algorithm_2};

use figure::Control;

use crate::demo::{ReadoutSpec, readout};
use crate::{Demo, Run};

/// The demo `generation`.
pub const DEMO: Demo = Demo {
    name: "generation",
    slide: "1.5",
    title: "Algorithms 1 and 2",
    ends: true,
    controls,
    readouts: &READOUTS,
    #[cfg(feature = "training")]
    run: Run::Training(experiment::start),
    #[cfg(not(feature = "training"))]
    run: Run::Training,
};

const READOUTS: [ReadoutSpec; 3] =
    [readout("prior_gap", "nats", 2), readout("log_aggregate", "nats", 2), readout("far_share", "%", 0)];

fn controls() -> Vec<Control> {
    vec![
        Control::choice(
            "algorithm",
            "Algorithm",
            &[("posterior", "1: z from the posterior of a test image"), ("prior", "2: z from the prior")],
            "prior",
        )
        .live()
        .hint("Algorithm 1 starts from held-out images, Algorithm 2 from nothing."),
        Control::integer("count", "Pictures", (1, 100), 36).symbol("N").live().hint("How many z are drawn."),
        Control::choice(
            "draw",
            "What is shown of p(x|z)",
            &[("mean", "its mean"), ("mode", "its mode"), ("sample", "a random sample")],
            "mean",
        )
        .symbol("x")
        .live()
        .hint("The mean is a point estimate; a sample adds the pixel noise of the likelihood, each pixel on its own."),
        Control::integer("again", "Draw number", (1, 500), 1)
            .live()
            .hint("Another number, other random z and pixels; the same number, the same ones."),
        Control::seed(),
    ]
}
