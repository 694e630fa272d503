//! Slide 1.8: the variance of score and reparameterized gradient estimates, simulated beside exact.
//!
//! *Look for:* both simulated lines on the exact ones, falling as 1/N; the ratio, about 2,854 at θ = 10, and how it grows
//! with θ and falls to 15/4 at θ = 0; the two histograms around the same true gradient 2θ. With the step function in place of x² the
//! reparameterized estimates are all 0: no variance, and not the gradient.
//!
//! Equations (10), (11) and the simulation slide; the mathematics is `math::simulation`.

#[cfg(all(test, feature = "training"))]
mod tests;
#[cfg(feature = "training")]
mod training;

use figure::Control;

use crate::demo::{Demo, Model, Run, start};

figure::choice! {
    /// The function f whose expectation is differentiated.
    pub(crate) enum F {
        Square = "square" "x², the slide’s",
        Step = "step" "the step 1[x > 0]",
    }
}

/// The names of its controls.
pub(crate) mod keys {
    use figure::Key;

    pub(crate) const FUNCTION: Key<super::F> = Key::new("function");
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
        GRADIENT = ReadoutSpec::new("gradient", "true gradient", "", -4).role(Role::Exact).exact();
        SCORE_MEAN = ReadoutSpec::new("score_mean", "score, mean", "", -4).role(Role::Score);
        REPARAM_MEAN = ReadoutSpec::new("reparam_mean", "reparameterized, mean", "", -4).role(Role::Reparameterized);
        EXACT_BIAS = ReadoutSpec::new("exact_bias", "reparameterized, exact bias", "", -4).role(Role::Reparameterized).exact();
        N = ReadoutSpec::new("n", r"at \(N\)", "", 0);
    }
}

/// Its figures.
pub(crate) mod slots {
    use figure::FigureSpec;

    figure::declare! { FigureSpec:
        VARIANCE = FigureSpec("variance");
        HISTOGRAM = FigureSpec("histogram");
        AGAINST_THETA = FigureSpec("against_theta");
    }
}

/// The slide's list of N.
const SIZES: [f64; 6] = [1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0];

/// The largest N: with the slide's 100 estimates of each kind two thousand million numbers.
const LARGEST: u32 = 10_000_000;

/// The demo `gradient-variance`.
pub const DEMO: Demo = Demo {
    name: "gradient-variance",
    slide: "1.8",
    title: "Two gradients, two variances",
    run: Run::Ends(start!(training::start)),
    device: true,
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
        Control::choice(keys::FUNCTION, "Function", F::Square)
            .symbol("f")
            .hint("Of the step the slope is 0 wherever there is one: the score finds the gradient, reparameterization does not."),
        Control::number(keys::THETA, "Mean of p(x)", (-20.0, 20.0), 0.1, 10.0)
            .symbol("θ")
            .hint("Of x² the true gradient is 2θ: the score estimator's variance grows as θ⁴, the reparameterized one's does not grow. Of the step it is the normal density at θ."),
        Control::log_integer(keys::SIZE, "Histogram at N", (1, LARGEST), 100)
            .symbol("N")
            .live()
            .hint("The nearest N of the list: its estimates are shown as histograms and in the numbers."),
        Control::toggle(keys::BASELINE, "Subtract the best baseline", false)
            .symbol("b")
            .hint("For x², b = θ² + 3 leaves the score estimator unbiased with variance (8θ² + 6)/N; for the step b = Φ(θ) − θΦ′(θ)."),
        Control::log_integer(keys::REPEATS, "Estimates of each", (2, 2_000), 100)
            .symbol("R")
            .hint("The variance is taken over R estimates; its own relative error is about √(2/(R−1))."),
        Control::list(keys::SIZES, "List of N", (1.0, f64::from(LARGEST)), 12, SIZES.to_vec())
            .symbol("N")
            .hint("Samples per estimate, separated by commas; up to ten million, for which a graphics card is worth choosing under Device.")
            .advanced(),
        Control::seed(),
    ]
}
