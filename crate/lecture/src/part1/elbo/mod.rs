//! Slide 1.3: the ELBO of a model small enough to know everything about, term by term, in closed form and by sampling.
//!
//! *Look for:* the closed form inside the error bar of the Monte Carlo estimate; the error on the line sd/√L; both divergences at
//! zero only when the two densities coincide, and different otherwise; log p(x) − ELBO as an area that closes as q reaches the
//! true posterior, where every sample of the ELBO is log p(x) itself.
//!
//! Equations (2) to (5). One latent dimension: p(z) = N(μ_p, σ_p²), p(x|z) = N(w z, σ_x²), q(z|x) = N(μ_q, σ_q²). All in nats.

mod figures;
mod sketch;

use figure::Control;

use crate::demo::{ReadoutSpec, readout};
use crate::{Demo, Run};

/// The most samples of one estimate, and of each repeat behind the error line.
const MOST_SAMPLES: u32 = 10_000;

/// The demo `elbo`.
pub const DEMO: Demo = Demo {
    name: "elbo",
    slide: "1.3",
    title: "The ELBO in closed form and by Monte Carlo",
    ends: true,
    controls,
    readouts: &READOUTS,
    run: Run::Sketch(sketch::sketch),
};

const READOUTS: [ReadoutSpec; 14] = [
    readout("closed_form", "nats", 4),
    readout("monte_carlo", "nats", 4),
    readout("standard_error", "nats", 4),
    readout("exact_error", "nats", 4),
    readout("term_2", "nats", 4),
    readout("term_3", "nats", 4),
    readout("term_4", "nats", 4),
    readout("kl", "nats", 4),
    readout("reverse_kl", "nats", 4),
    readout("elbo", "nats", 4),
    readout("log_px", "nats", 4),
    readout("gap", "nats", 4),
    readout("posterior_mu", "", 4),
    readout("posterior_sigma", "", 4),
];

fn controls() -> Vec<Control> {
    vec![
        Control::number("mu_q", "Mean of q(z|x)", (-4.0, 4.0), 0.05, -0.5)
            .symbol("μ_q")
            .live()
            .hint("Move it towards the true posterior's mean and watch the gap close."),
        Control::number("sigma_q", "Spread of q(z|x)", (0.05, 3.0), 0.05, 0.5)
            .symbol("σ_q")
            .live()
            .hint("Too wide pays in term (2), too narrow in term (4)."),
        Control::number("mu_p", "Mean of the prior", (-4.0, 4.0), 0.05, 0.0)
            .symbol("μ_p")
            .live()
            .hint("The lecture's prior has mean 0."),
        Control::number("sigma_p", "Spread of the prior", (0.05, 3.0), 0.05, 1.0)
            .symbol("σ_p")
            .live()
            .hint("The lecture's prior has spread 1. Make it equal to q's, and both divergences vanish."),
        Control::log_integer("samples", "Monte Carlo samples", (1, MOST_SAMPLES), 100)
            .symbol("L")
            .live()
            .hint("A hundred times more samples, a tenth of the error."),
        Control::choice(
            "quantity",
            "Estimate",
            &[
                ("elbo", "ELBO, (2) + (3) + (4)"),
                ("term_2", "(2), reconstruction"),
                ("term_3", "(3), expected log prior"),
                ("term_4", "(4), entropy of q"),
                ("kl", "KL(q‖p)"),
                ("reverse_kl", "KL(p‖q)"),
            ],
            "elbo",
        )
        .live()
        .hint("What is computed both ways: by Lemma 1, and as a mean over L samples."),
        Control::number("x", "Observed x", (-4.0, 4.0), 0.05, 1.25)
            .symbol("x")
            .live()
            .hint("One data point. The true posterior follows it."),
        Control::number("weight", "Decoder's slope", (-3.0, 3.0), 0.05, 1.0)
            .symbol("w")
            .live()
            .advanced()
            .hint("The decoder's mean is w z. At 0 the data say nothing about z, and the posterior is the prior."),
        Control::number("sigma_x", "Decoder's spread", (0.05, 3.0), 0.05, 0.75)
            .symbol("σ_x")
            .live()
            .advanced()
            .hint("Small: x pins z down, and a q that is too wide costs much."),
        Control::seed().live(),
    ]
}
