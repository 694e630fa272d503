//! Slide 1.7: the reparameterization trick in a computation graph with live numbers, forward and backward.
//!
//! *Look for:* the node that stops the gradient when z itself is sampled, and the path that opens when ε is; three equal
//! numbers for d ELBO/dμ and three for d ELBO/d log σ² (autodiff through g, finite differences with common random numbers,
//! closed form); the fourth number, the score gradient, which needs no path through z and has an error; and that z has the
//! same distribution either way.
//!
//! Equations (6) to (9). One latent dimension: p(z) = N(0, 1), p(x|z) = N(w z, σ_x²), q(z|x) = N(μ, σ²). All in nats.

#[cfg(all(test, feature = "training"))]
mod tests;
#[cfg(feature = "training")]
mod training;

use figure::Control;

use crate::demo::{Demo, Model, Run, start};

figure::choice! {
    /// What is sampled.
    pub(crate) enum Mode {
        SampleEps = "sample-eps" "sample ε",
        SampleZ = "sample-z" "sample z",
    }
}

/// The names of its controls.
pub(crate) mod keys {
    use figure::Key;

    pub(crate) const MODE: Key<super::Mode> = Key::new("mode");
    pub(crate) const STAGE: Key<usize> = Key::new("stage");
    pub(crate) const MU: Key<f64> = Key::new("mu");
    pub(crate) const LOG_VAR: Key<f64> = Key::new("log_var");
    pub(crate) const SAMPLES: Key<usize> = Key::new("samples");
    pub(crate) const MATCHED: Key<bool> = Key::new("matched");
    pub(crate) const X: Key<f64> = Key::new("x");
    pub(crate) const WEIGHT: Key<f64> = Key::new("weight");
    pub(crate) const SIGMA_X: Key<f64> = Key::new("sigma_x");
}

/// Its read-outs.
pub(crate) mod readouts {
    use figure::{ReadoutSpec, Role};

    figure::declare! { ReadoutSpec:
        AUTODIFF = ReadoutSpec::new("autodiff", r"\(\partial\,\mathrm{ELBO}/\partial\mu\), autodiff", "", 5).role(Role::Reparameterized);
        FINITE_DIFFERENCE = ReadoutSpec::new("finite_difference", "finite difference", "", 5);
        CLOSED_FORM = ReadoutSpec::new("closed_form", "closed form", "", 5).exact();
        SCORE = ReadoutSpec::new("score", "score gradient", "", 5).role(Role::Score);
        AUTODIFF_LOG_VAR = ReadoutSpec::new("autodiff_log_var", r"\(\partial\,\mathrm{ELBO}/\partial\log\sigma^2\), autodiff", "", 5).role(Role::Reparameterized);
        FINITE_DIFFERENCE_LOG_VAR = ReadoutSpec::new("finite_difference_log_var", "finite difference", "", 5);
        CLOSED_FORM_LOG_VAR = ReadoutSpec::new("closed_form_log_var", "closed form", "", 5).exact();
        SCORE_LOG_VAR = ReadoutSpec::new("score_log_var", "score gradient", "", 5).role(Role::Score);
        ELBO = ReadoutSpec::new("elbo", r"ELBO, mean of \(L\)", "nats", 4).role(Role::Elbo).without_error();
        STAGE = ReadoutSpec::new("stage", "stage", "", 0);
    }
}

/// Its figures.
pub(crate) mod slots {
    use figure::FigureSpec;

    figure::declare! { FigureSpec:
        GRAPH = FigureSpec("graph");
        SLOPE_MU = FigureSpec("slope_mu");
        SLOPE_LOG_VAR = FigureSpec("slope_log_var");
        SAMPLES = FigureSpec("samples");
    }
}

/// The last stage, which shows every number forward and backward.
const LAST_STAGE: u32 = 10;

/// The demo `reparameterization`.
pub const DEMO: Demo = Demo {
    name: "reparameterization",
    slide: "1.7",
    title: "The reparameterization trick",
    run: Run::Answers(start!(training::start)),
    device: false,
    rate: false,
    elapsed: false,
    model: Model::None,
    images: None,
    controls,
    readouts: readouts::ALL,
    figures: slots::ALL,
};

fn controls() -> Vec<Control> {
    vec![
        Control::choice(keys::MODE, "What is sampled", Mode::SampleEps)
            .live()
            .hint("Sampling z makes its node random, and no gradient passes a random node: the score gradient differentiates q’s density instead. Sampling ε moves the randomness aside."),
        Control::integer(keys::STAGE, "Stage", (0, LAST_STAGE), LAST_STAGE)
            .live()
            .hint("0 to 6 compute forward, 7 to 10 send the gradient back. From a lower stage, Step goes on by one."),
        Control::number(keys::MU, "Mean of q(z|x)", (-3.0, 3.0), 0.05, -0.5)
            .symbol("μ")
            .live()
            .hint("The gradient with respect to μ vanishes at the true posterior's mean."),
        Control::number(keys::LOG_VAR, "Log variance of q(z|x)", (-4.0, 2.0), 0.05, -0.5)
            .symbol("log σ²")
            .live()
            .hint("Its gradient vanishes at the true posterior's spread, whatever μ is."),
        Control::log_integer(keys::SAMPLES, "Samples of the estimate", (1, 10_000), 64)
            .symbol("L")
            .live()
            .hint("The graph shows the first of them; the gradients are means over all."),
        Control::toggle(keys::MATCHED, "Noise with mean 0 and variance 1 exactly", true)
            .live()
            .hint("This ELBO is quadratic in ε, so noise with the right two moments has no Monte Carlo error. Off: plain noise. The score gradient always takes plain noise: it is unbiased over independent z only."),
        Control::number(keys::X, "Observed x", (-4.0, 4.0), 0.05, 1.25).symbol("x").live().advanced().hint("One data point."),
        Control::number(keys::WEIGHT, "Decoder's slope", (-3.0, 3.0), 0.05, 1.0)
            .symbol("w")
            .live()
            .advanced()
            .hint("The decoder's mean is w z."),
        Control::number(keys::SIGMA_X, "Decoder's spread", (0.1, 3.0), 0.05, 0.75)
            .symbol("σ_x")
            .live()
            .advanced()
            .hint("Small: the reconstruction's gradient is large."),
        Control::seed().live(),
    ]
}
