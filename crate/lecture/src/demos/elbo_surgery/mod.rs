//! Slide 3.3: the ELBO of a VAE in training, decomposed into the three terms of (21).
//!
//! *Look for:* ① reconstruction and ② I(x,z) rising together, though ② counts against the ELBO; ② running into its
//! ceiling log N; ③ small and never quite gone while the prior is N(0, I), and exactly 0 once q(z) itself is the prior;
//! and the sum ① − ② − ③ on the ELBO of (19), within the error of the samples.
//! With the learned priors beside it: held out, a mixture of K Gaussians and K pseudo-inputs a little better than N(0, I) and than q(z) of
//! few images.
//!
//! Equations (19) to (21); the mathematics is `math::mixture`. The VampPrior is Tomczak & Welling 2018, equation (9).
//! Trained on all training images, measured on N of them.

#[cfg(all(test, feature = "training"))]
mod tests;
#[cfg(feature = "training")]
mod training;

use figure::Control;

use crate::demo::{Demo, Model, Run, start};

figure::choice! {
    /// The prior that (21) is computed with.
    pub(crate) enum Prior {
        Normal = "normal" "N(0, I)",
        Aggregate = "aggregate" "q(z), the aggregate posterior",
        Mixture = "mixture" "mixture of K Gaussians, learned",
        Vamp = "vamp" "VampPrior, K pseudo-inputs, learned",
    }
}

/// The names of its controls.
pub(crate) mod keys {
    use figure::Key;

    pub(crate) const POINTS: Key<usize> = Key::new("points");
    pub(crate) const PRIOR: Key<super::Prior> = Key::new("prior");
    pub(crate) const LEARNED_PRIORS: Key<bool> = Key::new("learned_priors");
    pub(crate) const COMPONENTS: Key<usize> = Key::new("components");
    pub(crate) const BETA: Key<f64> = Key::new("beta");
    pub(crate) const LEARNING_RATE: Key<f64> = Key::new("learning_rate");
    pub(crate) const LATENT: Key<usize> = Key::new("latent");
    pub(crate) const HIDDEN: Key<usize> = Key::new("hidden");
    pub(crate) const BATCH: Key<usize> = Key::new("batch");
}

/// Its read-outs.
pub(crate) mod readouts {
    use figure::{ReadoutSpec, Role};

    figure::declare! { ReadoutSpec:
        STEP = ReadoutSpec::new("step", "steps", "", 0);
        RECONSTRUCTION = ReadoutSpec::new("reconstruction", "① reconstruction", "nats", 2).role(Role::Reconstruction);
        MI = ReadoutSpec::new("mi", r"② \(I(\mathbf{x}, \mathbf{z})\)", "nats", 3).role(Role::MutualInformation);
        MARGINAL_KL = ReadoutSpec::new("marginal_kl", "③ marginal KL", "nats", 3).role(Role::MarginalKl);
        KL = ReadoutSpec::new("kl", "average KL", "nats", 3).role(Role::Kl).without_error();
        ELBO = ReadoutSpec::new("elbo", "ELBO, (19)", "nats", 2).role(Role::Elbo);
        SUM = ReadoutSpec::new("sum", "① − ② − ③", "nats", 2).role(Role::Elbo);
        RESIDUAL = ReadoutSpec::new("residual", "residual", "nats", 3);
        LOG_N = ReadoutSpec::new("log_n", r"\(\log N\)", "nats", 3).role(Role::Exact).exact();
        HELDOUT_ELBO = ReadoutSpec::new("heldout_elbo", r"ELBO, held out, prior \(\mathcal{N}(\mathbf{0}, \mathbf{I})\)", "nats", 2).role(Role::Prior);
        HELDOUT_ELBO_AGGREGATE = ReadoutSpec::new("heldout_elbo_aggregate", r"ELBO, held out, prior \(q(\mathbf{z})\)", "nats", 2).role(Role::Aggregate);
        HELDOUT_ELBO_MIXTURE = ReadoutSpec::new("heldout_elbo_mixture", r"ELBO, held out, prior: mixture of \(K\)", "nats", 2).role(Role::Prior);
        HELDOUT_ELBO_VAMP = ReadoutSpec::new("heldout_elbo_vamp", r"ELBO, held out, prior: \(K\) pseudo-inputs", "nats", 2).role(Role::Aggregate);
    }
}

/// Its figures.
pub(crate) mod slots {
    use figure::FigureSpec;

    figure::declare! { FigureSpec:
        TERMS = FigureSpec("terms");
        ELBO = FigureSpec("elbo");
        TENSION = FigureSpec("tension");
        RATE_DISTORTION = FigureSpec("rate_distortion");
        BARS = FigureSpec("bars");
        LATENT = FigureSpec("latent");
        SAMPLES = FigureSpec("samples");
        PRIORS = FigureSpec("priors");
        PSEUDO_INPUTS = FigureSpec("pseudo_inputs");
    }
}

/// The demo `elbo-surgery`.
pub const DEMO: Demo = Demo {
    name: "elbo-surgery",
    slide: "3.3",
    title: "The ELBO, cut another way",
    run: Run::Open(start!(training::start)),
    device: true,
    rate: true,
    elapsed: false,
    model: Model::None,
    images: None,
    controls,
    readouts: readouts::ALL,
    figures: slots::ALL,
};

fn controls() -> Vec<Control> {
    vec![
        Control::log_integer(keys::POINTS, "Data points measured", (2, 1024), 256)
            .symbol("N")
            .live()
            .hint("The terms are of the first N training images; training itself uses all of them. The ceiling of ② is log N."),
        Control::choice(keys::PRIOR, "Prior", Prior::Normal)
        .symbol("p(z)")
        .live()
        .hint("With q(z) as prior ③ is 0 and training stops pulling codes to the origin. A step's q(z) is that of its batch. A learned prior is trained with the VAE."),
        Control::toggle(keys::LEARNED_PRIORS, "Learned priors beside it", false)
            .live()
            .hint("Fits both learned priors to q(z) while the VAE trains, from this step on, without changing the VAE. A step takes longer."),
        Control::number(keys::BETA, "KL weight", (0.0, 10.0), 0.05, 1.0)
            .symbol("β")
            .live()
            .hint("Of ② + ③ in training; the ELBO shown is always that of (19), with weight 1."),
        Control::log(keys::LEARNING_RATE, "Learning rate", (1e-5, 1.0), 2e-3)
            .live()
            .hint("Above about 0.05 Adam jumps too far and the run diverges."),
        Control::integer(keys::LATENT, "Latent dimensions", (1, 16), 2)
            .symbol("M")
            .hint("Two can be drawn whole; of more the two with the largest KL are."),
        Control::log_integer(keys::COMPONENTS, "Components of a learned prior", (1, 128), 16)
            .symbol("K")
            .live()
            .advanced()
            .hint("Gaussians of the mixture, and pseudo-inputs. Another K begins the learned priors anew."),
        Control::log_integer(keys::HIDDEN, "Hidden units", (8, 512), 128)
            .advanced()
            .hint("Units in the hidden layer, encoder and decoder alike."),
        Control::log_integer(keys::BATCH, "Batch size", (8, 1024), 128).advanced().hint("Images per step."),
        Control::seed(),
    ]
}
