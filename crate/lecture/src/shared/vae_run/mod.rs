//! The run of slides 1.2 and 1.4: a VAE in training. This file holds what both demos declare; `run` is the experiment.

#[cfg(feature = "training")]
pub(crate) mod run;
#[cfg(all(test, feature = "training"))]
mod tests;

use figure::Control;

figure::choice! {
    /// The likelihood p(x|z).
    pub(crate) enum Likelihood {
        Bernoulli = "bernoulli" "Bernoulli",
        Gaussian = "gaussian" "Gaussian, fixed σ",
        GaussianLearned = "gaussian-learned" "Gaussian, one learned σ",
        GaussianPerPixel = "gaussian-per-pixel" "Gaussian, σ per pixel (6)",
        Laplace = "laplace" "Laplace, fixed b",
        LaplaceLearned = "laplace-learned" "Laplace, learned b",
        ContinuousBernoulli = "continuous-bernoulli" "continuous Bernoulli",
    }
}

figure::choice! {
    /// What becomes of grey pixels.
    pub(crate) enum Binarise {
        No = "no" "grey, as they are",
        Once = "once" "black and white, drawn once",
        Afresh = "afresh" "black and white, drawn anew at each step",
    }
}

/// The names of the controls that both demos have.
pub(crate) mod common {
    use figure::Key;

    pub(crate) const LIKELIHOOD: Key<super::Likelihood> = Key::new("likelihood");
    pub(crate) const SCALE: Key<f64> = Key::new("scale");
    pub(crate) const LEARNING_RATE: Key<f64> = Key::new("learning_rate");
    pub(crate) const LATENT: Key<usize> = Key::new("latent");
    pub(crate) const HIDDEN: Key<usize> = Key::new("hidden");
    pub(crate) const BATCH: Key<usize> = Key::new("batch");
    pub(crate) const BINARISE: Key<super::Binarise> = Key::new("binarise");
    pub(crate) const PRESSED: Key<Vec<f64>> = Key::new("pressed");
}

/// Every read-out of the run.
pub(crate) mod readouts {
    use figure::{ReadoutSpec, Role};

    figure::declare! { ReadoutSpec:
        STEP = ReadoutSpec::new("step", "steps", "", 0);
        RECONSTRUCTION = ReadoutSpec::new("reconstruction", "reconstruction", "nats", 2).role(Role::Reconstruction);
        KL = ReadoutSpec::new("kl", "KL", "nats", 2).role(Role::Kl);
        ELBO = ReadoutSpec::new("elbo", "ELBO", "nats", 2).role(Role::Elbo);
        HELDOUT_ELBO = ReadoutSpec::new("heldout_elbo", "ELBO, held out", "nats", 2).role(Role::Elbo);
        HELDOUT_LOG_PX = ReadoutSpec::new("heldout_log_px", r"\(\log p(\mathbf{x}) \ge\), \(K\) samples, held out", "nats", 2).role(Role::Elbo);
        EXACT_LOG_PX = ReadoutSpec::new("exact_log_px", r"\(\log p(\mathbf{x})\) by quadrature, held out", "nats", 2).role(Role::Exact).exact();
        CEILING = ReadoutSpec::new("ceiling", r"ceiling \(-\mathbb{H}(\mathbf{x})\), held out", "nats", 2).role(Role::Exact).exact();
        APPROXIMATION_GAP = ReadoutSpec::new("approximation_gap", "approximation gap, images of the strip", "nats", 3).role(Role::Exact).without_error();
        AMORTIZATION_GAP = ReadoutSpec::new("amortization_gap", "amortization gap, images of the strip", "nats", 3).role(Role::Posterior).without_error();
        PRESSED_LOG_PX = ReadoutSpec::new("pressed_log_px", r"\(\log p(\mathbf{x})\), pressed image", "nats", 2).role(Role::Exact).exact();
        PRESSED_APPROXIMATION_GAP = ReadoutSpec::new("pressed_approximation_gap", "its approximation gap", "nats", 3).role(Role::Exact).without_error();
        PRESSED_AMORTIZATION_GAP = ReadoutSpec::new("pressed_amortization_gap", "its amortization gap", "nats", 3).role(Role::Posterior).without_error();
        ACTIVE_UNITS = ReadoutSpec::new("active_units", "active units", "", 0);
        LEARNED_SCALE = ReadoutSpec::new("learned_scale", r"scale \(\sigma\) or \(b\)", "", 3);
        SCORE_VARIANCE = ReadoutSpec::new("score_variance", r"variance in \(\boldsymbol{\mu}\): score", "nats²", -3).role(Role::Score);
        BASELINE_VARIANCE = ReadoutSpec::new("baseline_variance", r"in \(\boldsymbol{\mu}\): score, baseline", "nats²", -3).role(Role::Score);
        REPARAM_VARIANCE = ReadoutSpec::new("reparam_variance", r"in \(\boldsymbol{\mu}\): reparameterized", "nats²", -3).role(Role::Reparameterized);
        SCORE_VARIANCE_LOG_VAR = ReadoutSpec::new("score_variance_log_var", r"variance in \(\log\boldsymbol{\sigma}^2\): score", "nats²", -3).role(Role::Score);
        BASELINE_VARIANCE_LOG_VAR = ReadoutSpec::new("baseline_variance_log_var", r"in \(\log\boldsymbol{\sigma}^2\): score, baseline", "nats²", -3).role(Role::Score);
        REPARAM_VARIANCE_LOG_VAR = ReadoutSpec::new("reparam_variance_log_var", r"in \(\log\boldsymbol{\sigma}^2\): reparameterized", "nats²", -3).role(Role::Reparameterized);
    }
}

/// All its figures.
pub(crate) mod slots {
    use figure::FigureSpec;

    figure::declare! { FigureSpec:
        CURVES = FigureSpec("curves");
        RATE_DISTORTION = FigureSpec("rate_distortion");
        LATENT = FigureSpec("latent");
        GRID = FigureSpec("grid");
        AUTOENCODER_LATENT = FigureSpec("autoencoder_latent");
        AUTOENCODER_GRID = FigureSpec("autoencoder_grid");
        RECONSTRUCTIONS = FigureSpec("reconstructions");
        KL_PER_DIMENSION = FigureSpec("kl_per_dimension");
        SAMPLES = FigureSpec("samples");
        GRADIENT_VARIANCES = FigureSpec("gradient_variances");
        GRADIENT_VARIANCES_LOG_VAR = FigureSpec("gradient_variances_log_var");
        BOUND = FigureSpec("bound");
        GAPS = FigureSpec("gaps");
        SIGNAL = FigureSpec("signal");
    }
}

/// The choice of the likelihood.
pub(crate) fn likelihood() -> Control {
    Control::choice(common::LIKELIHOOD, "Likelihood", Likelihood::Bernoulli).symbol("p(x|z)").hint(
        "A density can exceed 1, so its log likelihood can be positive: compare ELBOs only within one likelihood.",
    )
}

/// Grey pixels or black and white ones.
pub(crate) fn binarise() -> Control {
    Control::choice(common::BINARISE, "Pixels", Binarise::No)
        .symbol("x")
        .hint("A Bernoulli knows black and white only. Drawn, each pixel is 1 with its grey value as probability.")
}

/// The scale of the likelihood.
pub(crate) fn scale() -> Control {
    Control::log(common::SCALE, "Scale of p(x|z)", (0.02, 2.0), 0.2)
        .symbol("σ, b")
        .hint("Of a Gaussian or Laplace likelihood: the fixed one, or where the learned one begins. Larger: less weight on pixels.")
}

/// The learning rate.
pub(crate) fn learning_rate() -> Control {
    Control::log(common::LEARNING_RATE, "Learning rate", (1e-5, 1.0), 2e-3)
        .live()
        .hint("Above about 0.05 Adam jumps too far: watch the curves shake, or the run diverge.")
}
