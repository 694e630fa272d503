//! Slide 1.3: the ELBO of a model small enough to compute everything exactly, term by term, in closed form and by sampling.
//!
//! *Look for:* the closed form inside the error bar of the Monte Carlo estimate; the error on the line sd/√L; both divergences at
//! zero only when the two densities coincide, and different otherwise; log p(x) − ELBO as an area that closes as q reaches the
//! true posterior, where every sample of the ELBO is log p(x) itself.
//!
//! Equations (2) to (5). One latent dimension: p(z) = N(μ_p, σ_p²), p(x|z) = N(w z, σ_x²), q(z|x) = N(μ_q, σ_q²). All in nats.

mod figures;
mod sketch;
#[cfg(test)]
mod tests;

use figure::Control;

use crate::demo::{Demo, Model, Run};

figure::choice! {
    /// What is computed both ways.
    pub(crate) enum Quantity {
        /// All three.
        Elbo = "elbo" "ELBO, (2) + (3) + (4)",
        /// Term (2).
        Reconstruction = "term_2" "(2), reconstruction",
        /// Term (3).
        LogPrior = "term_3" "(3), expected log prior",
        /// Term (4).
        Entropy = "term_4" "(4), entropy of q",
        /// KL(q‖p).
        Kl = "kl" "KL(q‖p)",
        /// KL(p‖q).
        ReverseKl = "reverse_kl" "KL(p‖q)",
    }
}

/// The names of its controls.
pub(crate) mod keys {
    use figure::Key;

    pub(crate) const MU_Q: Key<f64> = Key::new("mu_q");
    pub(crate) const SIGMA_Q: Key<f64> = Key::new("sigma_q");
    pub(crate) const MU_P: Key<f64> = Key::new("mu_p");
    pub(crate) const SIGMA_P: Key<f64> = Key::new("sigma_p");
    pub(crate) const SAMPLES: Key<usize> = Key::new("samples");
    pub(crate) const QUANTITY: Key<super::Quantity> = Key::new("quantity");
    pub(crate) const X: Key<f64> = Key::new("x");
    pub(crate) const WEIGHT: Key<f64> = Key::new("weight");
    pub(crate) const SIGMA_X: Key<f64> = Key::new("sigma_x");
}

/// Its read-outs.
pub(crate) mod readouts {
    use figure::{ReadoutSpec, Role};

    figure::declare! { ReadoutSpec:
        CLOSED_FORM = ReadoutSpec::new("closed_form", "closed form", "nats", 4).exact();
        MONTE_CARLO = ReadoutSpec::new("monte_carlo", "Monte Carlo", "nats", 4);
        STANDARD_ERROR = ReadoutSpec::new("standard_error", "standard error", "nats", 4).without_error();
        EXACT_ERROR = ReadoutSpec::new("exact_error", r"its exact value, \(\mathrm{sd}/\sqrt{L}\)", "nats", 4).exact();
        TERM_2 = ReadoutSpec::new("term_2", "(2)", "nats", 4).role(Role::Reconstruction).without_error();
        TERM_3 = ReadoutSpec::new("term_3", "(3)", "nats", 4).role(Role::Prior).without_error();
        TERM_4 = ReadoutSpec::new("term_4", "(4)", "nats", 4).role(Role::Posterior).without_error();
        KL = ReadoutSpec::new("kl", r"\(\mathrm{KL}(q\|p)\)", "nats", 4).role(Role::Kl).without_error();
        REVERSE_KL = ReadoutSpec::new("reverse_kl", r"\(\mathrm{KL}(p\|q)\)", "nats", 4).role(Role::Prior).without_error();
        ELBO = ReadoutSpec::new("elbo", "ELBO", "nats", 4).role(Role::Elbo).without_error();
        LOG_PX = ReadoutSpec::new("log_px", r"\(\log p(x)\)", "nats", 4).role(Role::Exact).exact();
        GAP = ReadoutSpec::new("gap", "gap", "nats", 4).role(Role::Posterior).without_error();
        POSTERIOR_MU = ReadoutSpec::new("posterior_mu", r"mean of \(p(z|x)\)", "", 4).exact();
        POSTERIOR_SIGMA = ReadoutSpec::new("posterior_sigma", r"spread of \(p(z|x)\)", "", 4).exact();
    }
}

/// Its figures.
pub(crate) mod slots {
    use figure::FigureSpec;

    figure::declare! { FigureSpec:
        DENSITIES = FigureSpec("densities");
        GAP = FigureSpec("gap");
        KL = FigureSpec("kl");
        TERMS = FigureSpec("terms");
        ESTIMATE = FigureSpec("estimate");
        ERROR = FigureSpec("error");
    }
}

/// The most samples of one estimate, and of each repeat behind the error line.
const MOST_SAMPLES: u32 = 10_000;

/// The demo `elbo`.
pub const DEMO: Demo = Demo {
    name: "elbo",
    slide: "1.3",
    title: "The ELBO in closed form",
    run: Run::Sketch(sketch::sketch),
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
        Control::number(keys::MU_Q, "Mean of q(z|x)", (-4.0, 4.0), 0.05, -0.5)
            .symbol("μ_q")
            .live()
            .hint("Move it towards the true posterior's mean and watch the gap close."),
        Control::number(keys::SIGMA_Q, "Spread of q(z|x)", (0.05, 3.0), 0.05, 0.5)
            .symbol("σ_q")
            .live()
            .hint("Too wide pays in term (2), too narrow in term (4)."),
        Control::number(keys::MU_P, "Mean of the prior", (-4.0, 4.0), 0.05, 0.0)
            .symbol("μ_p")
            .live()
            .hint("The lecture's prior has mean 0."),
        Control::number(keys::SIGMA_P, "Spread of the prior", (0.05, 3.0), 0.05, 1.0)
            .symbol("σ_p")
            .live()
            .hint("The lecture's prior has spread 1. Make it equal to q's, and both divergences vanish."),
        Control::log_integer(keys::SAMPLES, "Monte Carlo samples", (1, MOST_SAMPLES), 100)
            .symbol("L")
            .live()
            .hint("A hundred times more samples, a tenth of the error."),
        Control::choice(keys::QUANTITY, "Estimate", Quantity::Elbo)
            .live()
            .hint("What is computed both ways: by Lemma 1, and as a mean over L samples."),
        Control::number(keys::X, "Observed x", (-4.0, 4.0), 0.05, 1.25)
            .symbol("x")
            .live()
            .hint("One data point. The true posterior follows it."),
        Control::number(keys::WEIGHT, "Decoder's slope", (-3.0, 3.0), 0.05, 1.0)
            .symbol("w")
            .live()
            .advanced()
            .hint("The decoder's mean is w z. At 0 the data say nothing about z, and the posterior is the prior."),
        Control::number(keys::SIGMA_X, "Decoder's spread", (0.05, 3.0), 0.05, 0.75)
            .symbol("σ_x")
            .live()
            .advanced()
            .hint("Small: x pins z down, and a q that is too wide costs much."),
        Control::seed().live(),
    ]
}
