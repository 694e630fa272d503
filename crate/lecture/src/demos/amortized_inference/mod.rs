//! Slide 1.1: mean-field against amortized inference, on the same points with the same fixed decoder.
//!
//! *Look for:* 2·d_z·N numbers against one network's |φ|, and the N at which the network is the smaller one; the
//! amortization gap, which shrinks while the encoder trains and widens again on points that it never saw; the
//! approximation gap, which no training closes, large where the posterior has two humps; a new point, for which the
//! encoder is done at once and the mean-field begins a new optimisation. With two latent dimensions a full covariance,
//! N(μ, L Lᵀ), beside the diagonal one: the part of the approximation gap that was the price of being diagonal.
//!
//! The decoder is `math::wheel`, f(z) = (z₁ − 3/2 sin 2z₁, 3/2 cos 2z₁ + z₂), with x ~ N(f(z), σ_x² I): log p(x), p(z|x), the
//! ELBO of any Gaussian and the best Gaussian of both families are known exactly, so that every gap on the page is exact too. Equation (1).

#[cfg(all(test, feature = "training"))]
mod tests;
#[cfg(feature = "training")]
mod training;

use figure::Control;

use crate::demo::{Demo, Model, Run, start};

figure::choice! {
    /// How the gradient of the reconstruction term is estimated.
    pub(crate) enum Gradient {
        Quadrature = "quadrature" "exact, by quadrature",
        Sample = "sample" "one sample, as in a VAE",
    }
}

figure::choice! {
    /// The covariances that q may have.
    pub(crate) enum Covariance {
        Diagonal = "diagonal" "diagonal",
        Full = "full" "full, L Lᵀ",
    }
}

/// The names of its controls.
pub(crate) mod keys {
    use figure::Key;

    pub(crate) const POINTS: Key<usize> = Key::new("points");
    pub(crate) const LATENT: Key<usize> = Key::new("latent");
    pub(crate) const COVARIANCE: Key<super::Covariance> = Key::new("covariance");
    pub(crate) const HIDDEN: Key<usize> = Key::new("hidden");
    pub(crate) const LEARNING_RATE: Key<f64> = Key::new("learning_rate");
    pub(crate) const SIGMA_X: Key<f64> = Key::new("sigma_x");
    pub(crate) const MEAN_FIELD_RATE: Key<f64> = Key::new("mean_field_rate");
    pub(crate) const LAYERS: Key<usize> = Key::new("layers");
    pub(crate) const STARTS: Key<usize> = Key::new("starts");
    pub(crate) const GRADIENT: Key<super::Gradient> = Key::new("gradient");
    pub(crate) const HELDOUT: Key<usize> = Key::new("heldout");
    pub(crate) const ADDED: Key<Vec<f64>> = Key::new("added");
    pub(crate) const CHOSEN: Key<Vec<f64>> = Key::new("chosen");
}

/// Its read-outs.
pub(crate) mod readouts {
    use figure::{ReadoutSpec, Role};

    figure::declare! { ReadoutSpec:
        STEP = ReadoutSpec::new("step", "steps", "", 0);
        LOG_PX = ReadoutSpec::new("log_px", r"\(\log p(\mathbf{x})\)", "nats", 3).role(Role::Exact).exact();
        APPROXIMATION_GAP = ReadoutSpec::new("approximation_gap", "approximation gap", "nats", 3).role(Role::Exact).exact();
        DIAGONAL_APPROXIMATION_GAP = ReadoutSpec::new("diagonal_approximation_gap", "best diagonal Gaussian leaves", "nats", 3).role(Role::Exact).exact();
        FULL_APPROXIMATION_GAP = ReadoutSpec::new("full_approximation_gap", "best full Gaussian leaves", "nats", 3).role(Role::Exact).exact();
        MEAN_FIELD_ELBO = ReadoutSpec::new("mean_field_elbo", "ELBO, mean-field", "nats", 3).role(Role::MeanField).without_error();
        AMORTIZED_ELBO = ReadoutSpec::new("amortized_elbo", "ELBO, amortized", "nats", 3).role(Role::Posterior).without_error();
        AMORTIZATION_GAP = ReadoutSpec::new("amortization_gap", "amortization gap", "nats", 3).role(Role::Posterior).without_error();
        HELDOUT_AMORTIZATION_GAP = ReadoutSpec::new("heldout_amortization_gap", "amortization gap, held out", "nats", 3).role(Role::Posterior).without_error();
        OPTIMISATION_GAP = ReadoutSpec::new("optimisation_gap", "mean-field still lacks", "nats", 3).without_error();
        FREE_PARAMETERS = ReadoutSpec::new("free_parameters", r"\(2 d_z N\), or \(5 N\) with a full covariance", "", 0).role(Role::MeanField);
        NETWORK_PARAMETERS = ReadoutSpec::new("network_parameters", r"\(|\phi|\)", "", 0).role(Role::Posterior);
        NEW_STEPS = ReadoutSpec::new("new_steps", "newest point: steps to 0.01 nats", "", 0);
        HELDOUT_MEAN_FIELD_ELBO = ReadoutSpec::new("heldout_mean_field_elbo", "ELBO, mean-field, held out", "nats", 3).role(Role::MeanField).without_error();
        HELDOUT_AMORTIZED_ELBO = ReadoutSpec::new("heldout_amortized_elbo", "ELBO, amortized, held out", "nats", 3).role(Role::Posterior).without_error();
        BREAK_EVEN_POINTS = ReadoutSpec::new("break_even_points", r"\(N\) at which both have as many numbers", "", 0);
        NEW_AMORTIZATION_GAP = ReadoutSpec::new("new_amortization_gap", "newest point: amortization gap", "nats", 3).role(Role::Posterior).without_error();
        SHOWN_APPROXIMATION_GAP = ReadoutSpec::new("shown_approximation_gap", "ringed point: approximation gap", "nats", 3).role(Role::Exact).without_error();
        SHOWN_AMORTIZATION_GAP = ReadoutSpec::new("shown_amortization_gap", "ringed point: amortization gap", "nats", 3).role(Role::Posterior).without_error();
    }
}

/// Its figures.
pub(crate) mod slots {
    use figure::FigureSpec;

    figure::declare! { FigureSpec:
        PLANE = FigureSpec("plane");
        POSTERIOR = FigureSpec("posterior");
        GAPS = FigureSpec("gaps");
        ELBO = FigureSpec("elbo");
        DISTANCE = FigureSpec("distance");
        NEW_POINTS = FigureSpec("new_points");
        PARAMETERS = FigureSpec("parameters");
    }
}

/// The demo `amortized-inference`.
pub const DEMO: Demo = Demo {
    name: "amortized-inference",
    slide: "1.1",
    title: "Amortized inference",
    run: Run::Open(start!(training::start)),
    device: false,
    rate: true,
    elapsed: false,
    model: Model::None,
    images: None,
    controls,
    readouts: readouts::ALL,
    figures: slots::ALL,
};

/// How far from the origin points may be added, in both directions of the data plane.
const FURTHEST: f64 = 4.5;
/// The most added points.
const MOST_ADDED: usize = 12;
/// The initial added points: one beside the data, and one where the decoder's curve crosses itself.
const ADDED: [f64; 4] = [3.2, 1.0, 0.0, -0.97];

fn controls() -> Vec<Control> {
    vec![
        Control::log_integer(keys::POINTS, "Data points", (2, 1000), 100)
            .symbol("N")
            .hint("Mean-field has 2·d_z·N numbers to optimise, the network has |φ| whatever N. With few points the network learns them by heart."),
        Control::integer(keys::LATENT, "Latent dimensions", (1, 2), 1)
            .symbol("d_z")
            .hint("With two, the true posterior is also tilted, and a Gaussian with a diagonal covariance is not."),
        Control::log_integer(keys::HIDDEN, "Hidden units", (1, 128), 32)
            .hint("Units in each hidden layer of the encoder. A small encoder cannot answer for all points at once."),
        Control::log(keys::LEARNING_RATE, "Learning rate of the encoder", (1e-4, 0.3), 0.01)
            .live()
            .hint("Adam on the mean ELBO of all N points at once, no batches."),
        Control::log(keys::SIGMA_X, "Noise of p(x|z)", (0.1, 1.0), 0.5)
            .symbol("σₓ")
            .hint("More noise: more points with two explanations, and posteriors that are less Gaussian."),
        Control::log(keys::MEAN_FIELD_RATE, "Learning rate of mean-field", (1e-3, 0.5), 0.05)
            .live()
            .advanced()
            .hint("Adam on each point’s own μ and log σ²; no point sees another one."),
        Control::integer(keys::LAYERS, "Hidden layers", (1, 3), 2).advanced().hint("Of the encoder, with ReLU."),
        Control::integer(keys::STARTS, "Starts of mean-field", (1, 9), 6)
            .symbol("R")
            .advanced()
            .hint("Each point is optimised from R places, the best one counts. With one, some points end on the smaller hump, and the encoder can beat them."),
        Control::choice(keys::COVARIANCE, "Covariance of q", Covariance::Diagonal)
            .advanced()
            .hint("Of both kinds of inference, with two latent dimensions: a full one may tilt, and costs each point one number more. With one there is nothing to tilt."),
        Control::choice(keys::GRADIENT, "Gradient", Gradient::Quadrature)
            .advanced()
            .hint("Of E_q[log p(x|z)], with z = μ + σ·ε: at Gauss–Hermite nodes, or at one random ε per point and step. The ELBOs shown are exact either way."),
        Control::integer(keys::HELDOUT, "Held-out points", (1, 200), 40)
            .advanced()
            .hint("From the same model, never shown to the encoder while it trains."),
        Control::pointed(keys::ADDED, "Added points", (-FURTHEST, FURTHEST), 2, 2 * MOST_ADDED, ADDED.to_vec())
            .live()
            .hint("Press in the data plane to add a point, press on it to take it away. The encoder is not trained on added points."),
        Control::pointed(keys::CHOSEN, "Shown point", (0.0, 100.0), 2, 2, Vec::new())
            .live()
            .hint("Press on a bar to see that point’s posterior."),
        Control::seed(),
    ]
}
