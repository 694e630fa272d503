//! Slide 1.8: the variance of score and reparameterized gradient estimates, simulated beside exact.
//!
//! *Look for:* both simulated lines on the exact ones, falling as 1/N; the ratio, about 2,854 at θ = 10, and how it grows
//! with θ; the two histograms around the same true gradient 2θ.
//!
//! Equations (10), (11) and the simulation slide; the mathematics is `math::simulation`.

#[cfg(feature = "training")]
mod experiment;
#[cfg(feature = "training")]
mod figures;

use figure::Control;

use crate::demo::{ReadoutSpec, readout};
use crate::{Demo, Run};

/// The slide's list of N.
const SIZES: [f64; 6] = [1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0];

/// The demo `gradient-variance`.
pub const DEMO: Demo = Demo {
    name: "gradient-variance",
    slide: "1.8",
    title: "Score against reparameterized gradients",
    ends: true,
    controls,
    readouts: &READOUTS,
    #[cfg(feature = "training")]
    run: Run::Training(experiment::start),
    #[cfg(not(feature = "training"))]
    run: Run::Training,
};

const READOUTS: [ReadoutSpec; 8] = [
    readout("score_variance", "", -4),
    readout("exact_score_variance", "", -4),
    readout("reparam_variance", "", -4),
    readout("exact_reparam_variance", "", -4),
    readout("ratio", "", 0),
    readout("exact_ratio", "", 0),
    readout("n", "", 0),
    readout("elapsed_ms", "ms", 0),
];

fn controls() -> Vec<Control> {
    vec![
        Control::number("theta", "Mean of p(x)", (-20.0, 20.0), 0.1, 10.0)
            .symbol("θ")
            .hint("The true gradient is 2θ. The score estimator's variance grows as θ⁴, the reparameterized one's does not grow."),
        Control::log_integer("size", "Histogram at N", (1, 1_000_000), 100)
            .symbol("N")
            .live()
            .hint("The nearest N of the list: its estimates are shown as histograms and in the numbers."),
        Control::toggle("baseline", "Subtract the best baseline", false)
            .symbol("b")
            .hint("b = θ² + 3 leaves the score estimator unbiased with variance (8θ² + 6)/N."),
        Control::log_integer("repeats", "Estimates of each", (2, 2_000), 100)
            .symbol("R")
            .hint("The variance is taken over R estimates; its own relative error is about √(2/(R−1))."),
        Control::list("sizes", "List of N", (1.0, 1_000_000.0), 12, SIZES.to_vec())
            .symbol("N")
            .hint("Samples per estimate, separated by commas.")
            .advanced(),
        Control::seed(),
    ]
}
