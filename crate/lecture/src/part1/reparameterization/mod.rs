//! Slide 1.7: the reparameterization trick in a computation graph with live numbers, forward and backward.
//!
//! *Look for:* the node that stops the gradient when z itself is sampled, and the path that opens when eps is; three equal
//! numbers for d ELBO/dμ and three for d ELBO/d log σ² (autodiff through g, finite differences with common random numbers,
//! closed form); and that z has the same distribution either way.
//!
//! Equations (6) to (9). One latent dimension: p(z) = N(0, 1), p(x|z) = N(w z, σ_x²), q(z|x) = N(μ, σ²). All in nats.

#[cfg(feature = "training")]
mod experiment;
#[cfg(feature = "training")]
mod figures;
#[cfg(feature = "training")]
mod graph;

use figure::Control;

use crate::demo::{ReadoutSpec, readout};
use crate::{Demo, Run};

/// The last stage: every number forward and backward.
const LAST_STAGE: u32 = 10;

/// The demo `reparameterization`.
pub const DEMO: Demo = Demo {
    name: "reparameterization",
    slide: "1.7",
    title: "The reparameterization trick",
    ends: false,
    controls,
    readouts: &READOUTS,
    #[cfg(feature = "training")]
    run: Run::Training(experiment::start),
    #[cfg(not(feature = "training"))]
    run: Run::Training,
};

const READOUTS: [ReadoutSpec; 8] = [
    readout("autodiff", "nats", 5),
    readout("finite_difference", "nats", 5),
    readout("closed_form", "nats", 5),
    readout("autodiff_log_var", "nats", 5),
    readout("finite_difference_log_var", "nats", 5),
    readout("closed_form_log_var", "nats", 5),
    readout("elbo", "nats", 4),
    readout("stage", "", 0),
];

fn controls() -> Vec<Control> {
    vec![
        Control::choice("mode", "What is sampled", &[("sample-eps", "sample ε"), ("sample-z", "sample z")], "sample-eps")
            .live()
            .hint("Sampling z makes its node random, and no gradient passes a random node. Sampling ε moves the randomness aside."),
        Control::integer("stage", "Stage", (0, LAST_STAGE), LAST_STAGE)
            .live()
            .hint("0 to 6 compute forward, 7 to 10 send the gradient back. From a lower stage, Step goes on by one."),
        Control::number("mu", "Mean of q(z|x)", (-3.0, 3.0), 0.05, -0.5)
            .symbol("μ")
            .live()
            .hint("The gradient with respect to μ vanishes at the true posterior's mean."),
        Control::number("log_var", "Log variance of q(z|x)", (-4.0, 2.0), 0.05, -0.5)
            .symbol("log σ²")
            .live()
            .hint("Its gradient vanishes at the true posterior's spread, whatever μ is."),
        Control::log_integer("samples", "Samples of the estimate", (1, 10_000), 64)
            .symbol("L")
            .live()
            .hint("The graph shows the first of them; the gradients are means over all."),
        Control::toggle("matched", "Noise with mean 0 and variance 1 exactly", true)
            .live()
            .hint("This ELBO is quadratic in ε, so noise with the right two moments has no Monte Carlo error. Off: plain noise."),
        Control::number("x", "Observed x", (-4.0, 4.0), 0.05, 1.25).symbol("x").live().advanced().hint("One data point."),
        Control::number("weight", "Decoder's slope", (-3.0, 3.0), 0.05, 1.0)
            .symbol("w")
            .live()
            .advanced()
            .hint("The decoder's mean is w z."),
        Control::number("sigma_x", "Decoder's spread", (0.1, 3.0), 0.05, 0.75)
            .symbol("σ_x")
            .live()
            .advanced()
            .hint("Small: the reconstruction's gradient is large."),
        Control::seed().live(),
    ]
}
