//! Slide 1.8: the variance of score and reparameterized gradient estimates, simulated beside exact.
//!
//! *Look for:* both simulated lines on the exact ones, falling as 1/N; the ratio, about 2,854 at θ = 10, and how it grows
//! with θ; the two histograms around the same true gradient 2θ.
//!
//! Equations (10), (11) and the simulation slide; the mathematics is `math::simulation`.

#[cfg(test)]
mod tests;
#[cfg(feature = "training")]
mod training;

use figure::Control;

use crate::demo::{Demo, Model, Run, start};

/// The names of its controls.
pub(crate) mod keys {
    use figure::Key;

    pub(crate) const THETA: Key<f64> = Key::new("theta");
    pub(crate) const SIZE: Key<usize> = Key::new("size");
    pub(crate) const BASELINE: Key<bool> = Key::new("baseline");
    pub(crate) const REPEATS: Key<usize> = Key::new("repeats");
    pub(crate) const SIZES: Key<Vec<f64>> = Key::new("sizes");
}

/// Its read-outs.
pub(crate) mod readouts {
    use figure::{ReadoutSpec, Role};

    figure::declare! { ReadoutSpec:
        SCORE_VARIANCE = ReadoutSpec::new("score_variance", "score, simulated", "", -4).role(Role::Score);
        EXACT_SCORE_VARIANCE = ReadoutSpec::new("exact_score_variance", "score, exact", "", -4).role(Role::Score).exact();
        REPARAM_VARIANCE = ReadoutSpec::new("reparam_variance", "reparameterized, simulated", "", -4).role(Role::Reparameterized);
        EXACT_REPARAM_VARIANCE = ReadoutSpec::new("exact_reparam_variance", "reparameterized, exact", "", -4).role(Role::Reparameterized).exact();
        RATIO = ReadoutSpec::new("ratio", "ratio, simulated", "", 0);
        EXACT_RATIO = ReadoutSpec::new("exact_ratio", "ratio, exact", "", 0).exact();
        N = ReadoutSpec::new("n", r"at \(N\)", "", 0);
    }
}

/// Its figures.
pub(crate) mod slots {
    use figure::FigureSpec;

    figure::declare! { FigureSpec:
        VARIANCE = FigureSpec("variance");
        HISTOGRAM = FigureSpec("histogram");
    }
}

/// The slide's list of N.
const SIZES: [f64; 6] = [1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0];

/// The demo `gradient-variance`.
pub const DEMO: Demo = Demo {
    name: "gradient-variance",
    slide: "1.8",
    title: "Two gradients, two variances",
    run: Run::Ends(start!(training::start)),
    device: false,
    rate: false,
    elapsed: true,
    model: Model::None,
    images: None,
    controls,
    readouts: readouts::ALL,
    figures: slots::ALL,
};

fn controls() -> Vec<Control> {
    vec![
        Control::number(keys::THETA, "Mean of p(x)", (-20.0, 20.0), 0.1, 10.0)
            .symbol("θ")
            .hint("The true gradient is 2θ. The score estimator's variance grows as θ⁴, the reparameterized one's does not grow."),
        Control::log_integer(keys::SIZE, "Histogram at N", (1, 1_000_000), 100)
            .symbol("N")
            .live()
            .hint("The nearest N of the list: its estimates are shown as histograms and in the numbers."),
        Control::toggle(keys::BASELINE, "Subtract the best baseline", false)
            .symbol("b")
            .hint("b = θ² + 3 leaves the score estimator unbiased with variance (8θ² + 6)/N."),
        Control::log_integer(keys::REPEATS, "Estimates of each", (2, 2_000), 100)
            .symbol("R")
            .hint("The variance is taken over R estimates; its own relative error is about √(2/(R−1))."),
        Control::list(keys::SIZES, "List of N", (1.0, 1_000_000.0), 12, SIZES.to_vec())
            .symbol("N")
            .hint("Samples per estimate, separated by commas.")
            .advanced(),
        Control::seed(),
    ]
}
