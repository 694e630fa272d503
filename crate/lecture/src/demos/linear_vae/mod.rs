//! Section 2: the linear VAE converges to the exact solution of probabilistic PCA.
//!
//! *Look for:* the ELBO rising to the dashed line, the maximum log-likelihood that the eigenvalues give, and the gap falling
//! below 0.01 nats when every term is exact; the sampled ELBO at the same learning rate stopping short of it, because by then its
//! gradient is noise; span(W) turning into the leading eigenvectors, sigma² into sigma²_ML. With sigma² held on its slider:
//! every direction with l_j <= sigma² collapses, and as many columns of W vanish as the eigenvalues say.
//!
//! Equations (12) and (13), the KL and the trace trick below them, and Tipping & Bishop 1999 for the exact answer
//! (`math::ppca`). Collapse as in J. Lucas et al. 2019, counted by the measure of slide 3.2.

#[cfg(all(test, feature = "training"))]
mod tests;
#[cfg(feature = "training")]
mod training;

use figure::Control;

use crate::demo::{Demo, Model, Run, start};

figure::choice! {
    /// Which ELBOs are maximised.
    pub(crate) enum Objectives {
        Both = "both" "closed form and sampled",
        ClosedForm = "closed_form" "closed form",
        Sampled = "sampled" "sampled",
    }
}

figure::choice! {
    /// The data.
    pub(crate) enum Data {
        Digits = "digits" "digits 8×8",
        Synthetic = "synthetic" "Gaussian with known W",
    }
}

/// The names of its controls.
pub(crate) mod keys {
    use figure::Key;

    pub(crate) const LATENT: Key<usize> = Key::new("latent");
    pub(crate) const LEARN_SIGMA2: Key<bool> = Key::new("learn_sigma2");
    pub(crate) const SIGMA2: Key<f64> = Key::new("sigma2");
    pub(crate) const OBJECTIVE: Key<super::Objectives> = Key::new("objective");
    pub(crate) const DATA: Key<super::Data> = Key::new("data");
    pub(crate) const LEARNING_RATE: Key<f64> = Key::new("learning_rate");
    pub(crate) const BATCH: Key<usize> = Key::new("batch");
    pub(crate) const SAMPLES: Key<usize> = Key::new("samples");
    pub(crate) const DECAY: Key<usize> = Key::new("decay");
    pub(crate) const EPSILON: Key<f64> = Key::new("epsilon");
}

/// Its read-outs.
pub(crate) mod readouts {
    use figure::{ReadoutSpec, Role};

    figure::declare! { ReadoutSpec:
        STEP = ReadoutSpec::new("step", "steps", "", 0);
        ELBO = ReadoutSpec::new("elbo", "ELBO", "nats", 3).role(Role::Elbo).without_error();
        LOG_PX_MAX = ReadoutSpec::new("log_px_max", r"\(\max \log p(\mathbf{x})\)", "nats", 3).role(Role::Exact).without_error();
        GAP = ReadoutSpec::new("gap", "gap", "nats", 4).without_error();
        COLLAPSED = ReadoutSpec::new("collapsed", "collapsed", "", 0);
        COLLAPSED_PREDICTED = ReadoutSpec::new("collapsed_predicted", r"eigenvalues ≤ \(\sigma^2\)", "", 0).role(Role::Exact);
        MAX_ANGLE_DEG = ReadoutSpec::new("max_angle_deg", "largest angle", "degrees", 2);
        SIGMA2 = ReadoutSpec::new("sigma2", r"\(\sigma^2\)", "", 5);
        SIGMA2_ML = ReadoutSpec::new("sigma2_ml", r"\(\sigma_{\mathrm{ML}}^2\)", "", 5).role(Role::Exact);
        RECONSTRUCTION = ReadoutSpec::new("reconstruction", "reconstruction", "nats", 3).role(Role::Reconstruction).without_error();
        KL = ReadoutSpec::new("kl", "KL", "nats", 3).role(Role::Kl).without_error();
        LOG_PX = ReadoutSpec::new("log_px", r"\(\log p(\mathbf{x})\) of this decoder", "nats", 3).role(Role::Exact).without_error();
        KNOWN_ANGLE_DEG = ReadoutSpec::new("known_angle_deg", r"angle to the known \(\mathbf{W}\)", "degrees", 2);
        SAMPLED_ELBO = ReadoutSpec::new("sampled_elbo", "ELBO, sampled", "nats", 3).role(Role::Reparameterized).without_error();
        SAMPLED_GAP = ReadoutSpec::new("sampled_gap", "gap, sampled", "nats", 4).role(Role::Reparameterized).without_error();
        SAMPLED_ANGLE_DEG = ReadoutSpec::new("sampled_angle_deg", "angle, sampled", "degrees", 2).role(Role::Reparameterized);
        CLOSED_FORM_NOISE = ReadoutSpec::new("closed_form_noise", r"gradient noise: closed form, all \(\mathbf{x}\)", "", -3).exact();
        CLOSED_FORM_BATCH_NOISE = ReadoutSpec::new("closed_form_batch_noise", "closed form, batches", "", -3).role(Role::Elbo);
        SAMPLED_NOISE = ReadoutSpec::new("sampled_noise", "sampled, the same batches", "", -3).role(Role::Reparameterized);
        GRADIENT_NORM = ReadoutSpec::new("gradient_norm", "length of the gradient", "", -3);
        LEARNING_RATE_NOW = ReadoutSpec::new("learning_rate_now", "learning rate now", "", -2);
    }
}

/// Its figures.
pub(crate) mod slots {
    use figure::FigureSpec;

    figure::declare! { FigureSpec:
        ELBO = FigureSpec("elbo");
        GAP = FigureSpec("gap");
        SPECTRUM = FigureSpec("spectrum");
        KL = FigureSpec("kl");
        COLUMNS = FigureSpec("columns");
        ANGLE = FigureSpec("angle");
        SIGMA2 = FigureSpec("sigma2");
        NOISE = FigureSpec("noise");
    }
}

/// The demo `linear-vae`.
pub const DEMO: Demo = Demo {
    name: "linear-vae",
    slide: "2",
    title: "The linear VAE and its tractable ELBO",
    run: Run::Open(start!(training::start)),
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
        Control::integer(keys::LATENT, "Latent dimensions", (1, 32), 10)
            .symbol("M")
            .hint("Columns of W. The more there are, the longer the last of them take to turn into place."),
        Control::toggle(keys::LEARN_SIGMA2, "Learn σ²", true)
            .live()
            .hint("On: σ² climbs the gradient too. Off: it is held at the slider, and directions below it collapse."),
        Control::log(keys::SIGMA2, "Noise variance", (1e-3, 2.0), 0.3)
            .symbol("σ²")
            .live()
            .hint("Where σ² is held, or, when it is learned, where it is put to learn from. Put it above an eigenvalue to see that direction collapse."),
        Control::choice(keys::OBJECTIVE, "Objective", Objectives::Both)
        .hint("Side by side both start from the same weights and take the same learning rates."),
        Control::choice(keys::DATA, "Data", Data::Digits)
            .hint("All 1,797 digits, or 2,000 points that a linear model with four known columns made."),
        Control::log(keys::LEARNING_RATE, "Learning rate", (1e-4, 10.0), 0.03)
            .live()
            .hint("Adam’s rate at first. Above about 0.1 the run shakes, and at 10 it leaves all bounds."),
        Control::log_integer(keys::BATCH, "Batch size", (1, 2_000), 128)
            .symbol("B")
            .live()
            .advanced()
            .hint("Data points per step of the sampled ELBO; the closed form always takes all of them."),
        Control::log_integer(keys::SAMPLES, "Samples per point", (1, 64), 1)
            .symbol("L")
            .live()
            .advanced()
            .hint("Samples z per data point in the sampled ELBO: its noise falls with them, down to that of the batch."),
        Control::log_integer(keys::DECAY, "Half-life of the rate", (10, 100_000), 300)
            .unit("steps")
            .live()
            .advanced()
            .hint("After t steps the rate is divided by 1 + t/this; t starts again when σ² is moved."),
        Control::log(keys::EPSILON, "Collapse below", (1e-4, 1.0), 0.01)
            .symbol("ε")
            .unit("nats")
            .live()
            .advanced()
            .hint("A dimension counts as collapsed when its KL is below ε for 99 % of the data, as on slide 3.2."),
        Control::seed(),
    ]
}
