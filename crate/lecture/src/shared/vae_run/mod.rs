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
        HELDOUT_LOG_PX = ReadoutSpec::new("heldout_log_px", r"\(\log p(\mathbf{x})\), held out", "nats", 2).role(Role::Exact);
        ACTIVE_UNITS = ReadoutSpec::new("active_units", "active units", "", 0);
        LEARNED_SCALE = ReadoutSpec::new("learned_scale", r"scale \(\sigma\) or \(b\)", "", 3);
        SCORE_VARIANCE = ReadoutSpec::new("score_variance", "score gradient, variance", "nats²", -3).role(Role::Score);
        REPARAM_VARIANCE = ReadoutSpec::new("reparam_variance", "reparameterized gradient, variance", "nats²", -3).role(Role::Reparameterized);
    }
}

/// All its figures.
pub(crate) mod slots {
    use figure::FigureSpec;

    figure::declare! { FigureSpec:
        CURVES = FigureSpec("curves");
        LATENT = FigureSpec("latent");
        GRID = FigureSpec("grid");
        AUTOENCODER_LATENT = FigureSpec("autoencoder_latent");
        AUTOENCODER_GRID = FigureSpec("autoencoder_grid");
        RECONSTRUCTIONS = FigureSpec("reconstructions");
        KL_PER_DIMENSION = FigureSpec("kl_per_dimension");
        SAMPLES = FigureSpec("samples");
        GRADIENT_VARIANCES = FigureSpec("gradient_variances");
    }
}

/// The choice of the likelihood.
pub(crate) fn likelihood() -> Control {
    Control::choice(common::LIKELIHOOD, "Likelihood", Likelihood::Bernoulli).symbol("p(x|z)").hint(
        "A density can exceed 1, so its log likelihood can be positive: compare ELBOs only within one likelihood.",
    )
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
