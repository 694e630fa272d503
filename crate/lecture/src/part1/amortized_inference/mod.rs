//! Slide 1.1: mean-field against amortized inference, on the same points with the same fixed decoder.
//!
//! *Look for:* 2·d_z·N numbers against one network's |φ|, and the N at which the network is the smaller one; the
//! amortization gap, which shrinks while the encoder trains and widens again on points that it never saw; the
//! approximation gap, which no training closes, large where the posterior has two humps; a new point, for which the
//! encoder is done at once and the mean-field begins a new optimisation.
//!
//! The decoder is `math::wheel`, f(z) = (z₁ − 3/2 sin 2z₁, 3/2 cos 2z₁ + z₂), with x ~ N(f(z), σ_x² I): log p(x), p(z|x), the
//! ELBO of any Gaussian and the best Gaussian are known exactly, so that every gap on the page is exact too. Equation (1).

#[cfg(feature = "training")]
mod curves;
#[cfg(feature = "training")]
mod experiment;
#[cfg(feature = "training")]
mod gaps;
#[cfg(feature = "training")]
mod mean_field;
#[cfg(feature = "training")]
mod objective;
#[cfg(feature = "training")]
mod plane;
#[cfg(feature = "training")]
mod points;
#[cfg(feature = "training")]
mod report;

#[cfg(feature = "training")]
pub use mean_field::MeanField;
#[cfg(feature = "training")]
pub use objective::{Nodes, elbo};

use figure::Control;

use crate::demo::{ReadoutSpec, readout};
use crate::{Demo, Run};

/// The demo `amortized-inference`.
pub const DEMO: Demo = Demo {
    name: "amortized-inference",
    slide: "1.1",
    title: "Mean-field against amortized inference",
    ends: false,
    controls,
    readouts: &READOUTS,
    #[cfg(feature = "training")]
    run: Run::Training(experiment::start),
    #[cfg(not(feature = "training"))]
    run: Run::Training,
};

const READOUTS: [ReadoutSpec; 18] = [
    readout("step", "", 0),
    readout("log_px", "nats per point", 3),
    readout("mean_field_elbo", "nats per point", 3),
    readout("amortized_elbo", "nats per point", 3),
    readout("approximation_gap", "nats per point", 3),
    readout("optimisation_gap", "nats per point", 3),
    readout("amortization_gap", "nats per point", 3),
    readout("heldout_mean_field_elbo", "nats per point", 3),
    readout("heldout_amortized_elbo", "nats per point", 3),
    readout("heldout_amortization_gap", "nats per point", 3),
    readout("free_parameters", "", 0),
    readout("network_parameters", "", 0),
    readout("break_even_points", "", 0),
    readout("new_steps", "steps", 0),
    readout("new_amortization_gap", "nats", 3),
    readout("shown_approximation_gap", "nats", 3),
    readout("shown_amortization_gap", "nats", 3),
    readout("steps_per_second", "per second", 0),
];

/// How far from the middle points may be added, in both directions of the data plane.
const FURTHEST: f64 = 4.5;
/// Added points at most.
const MOST_ADDED: usize = 12;
/// There at first: a point beside the data, and the point where the decoder's curve crosses itself.
const ADDED: [f64; 4] = [3.2, 1.0, 0.0, -0.97];

fn controls() -> Vec<Control> {
    vec![
        Control::log_integer("points", "Data points", (2, 1000), 100)
            .symbol("N")
            .hint("Mean-field has 2·d_z·N numbers to optimise, the network has |φ| whatever N. With few points the network learns them by heart."),
        Control::integer("latent", "Latent dimensions", (1, 2), 1)
            .symbol("d_z")
            .hint("With two, the true posterior is also tilted, and a Gaussian with a diagonal covariance is not."),
        Control::log_integer("hidden", "Hidden units", (1, 128), 32)
            .hint("Units in each hidden layer of the encoder. A small encoder cannot answer for all points at once."),
        Control::log("learning_rate", "Learning rate of the encoder", (1e-4, 0.3), 0.01)
            .live()
            .hint("Adam on the mean ELBO of all N points at once, no batches."),
        Control::log("sigma_x", "Noise of p(x|z)", (0.1, 1.0), 0.5)
            .symbol("σₓ")
            .hint("More noise: more points with two explanations, and posteriors that are less Gaussian."),
        Control::log("mean_field_rate", "Learning rate of mean-field", (1e-3, 0.5), 0.05)
            .live()
            .advanced()
            .hint("Adam on each point’s own μ and log σ²; no point sees another one."),
        Control::integer("layers", "Hidden layers", (1, 3), 2).advanced().hint("Of the encoder, with ReLU."),
        Control::integer("starts", "Starts of mean-field", (1, 9), 6)
            .symbol("R")
            .advanced()
            .hint("Each point is optimised from R places, the best one counts. With one, some points end on the smaller hump, and the encoder can beat them."),
        Control::choice("gradient", "Gradient", &[("quadrature", "exact, by quadrature"), ("sample", "one sample, as in a VAE")], "quadrature")
            .advanced()
            .hint("Of E_q[log p(x|z)], with z = μ + σ·ε: at Gauss–Hermite nodes, or at one random ε per point and step. The ELBOs shown are exact either way."),
        Control::integer("heldout", "Held-out points", (1, 200), 40)
            .advanced()
            .hint("From the same model, never shown to the encoder while it trains."),
        Control::pointed("added", "Added points", (-FURTHEST, FURTHEST), 2, 2 * MOST_ADDED, ADDED.to_vec())
            .live()
            .hint("Press in the data plane to add a point, press on it to take it away. The encoder is not trained on added points."),
        Control::pointed("chosen", "Shown point", (0.0, 100.0), 2, 2, Vec::new())
            .live()
            .hint("Press on a bar to see that point’s posterior."),
        Control::seed(),
    ]
}
