//! Section 4: the MI-augmented objective, with ω on a slider, ω against ω, and a sweep of ω.
//!
//! *Look for:* I(x,z) rising as ω falls from 1 (the ELBO) to 0, up to log N, the most that N data points allow, and the
//! reconstruction with it; units that the ELBO had put to sleep waking up; MMD² staying small, now and then below 0,
//! while KL\[q(z)‖p(z)\] grows, so that the two divergences do not say the same; the bars of (17) adding up all the while;
//! in the rate–distortion plane the ELBO largest near ω = β = 1, and the rate rising as either weight falls.
//!
//! Maximised: E\[log p(x|z)\] − ω · mean KL\[q(z|x)‖p(z)\] − (1 − ω) · λ · D(q(z), p(z)), by (17) the same as
//! ELBO + (1 − ω) I(x,z) when λ = 1 and D = KL\[q(z)‖p(z)\].

#[cfg(all(test, feature = "training"))]
mod tests;
#[cfg(feature = "training")]
mod training;

use figure::Control;

use crate::demo::{Demo, Model, Run, start};

figure::choice! {
    /// What is run.
    pub(crate) enum View {
        Train = "train" "side by side",
        Sweep = "sweep" "a sweep of ω",
        SweepBoth = "sweep_both" "a sweep of ω, and of β",
    }
}

figure::choice! {
    /// D(q(z), p(z)) of the objective.
    pub(crate) enum Divergence {
        Mmd = "mmd" "MMD²",
        MarginalKl = "marginal_kl" "KL of the batch's mixture",
    }
}

figure::choice! {
    /// The kernel of MMD².
    pub(crate) enum Kernel {
        Rbf = "rbf" "Gaussian (RBF)",
        Imq = "imq" "inverse multiquadratic",
    }
}

figure::choice! {
    /// The estimator of MMD².
    pub(crate) enum Estimator {
        Unbiased = "unbiased" "unbiased",
        Biased = "biased" "biased",
    }
}

/// The names of its controls.
pub(crate) mod keys {
    use figure::Key;

    pub(crate) const OMEGA: Key<f64> = Key::new("omega");
    pub(crate) const VIEW: Key<super::View> = Key::new("view");
    pub(crate) const COMPARE: Key<Vec<f64>> = Key::new("compare");
    pub(crate) const LAMBDA: Key<f64> = Key::new("lambda");
    pub(crate) const DIVERGENCE: Key<super::Divergence> = Key::new("divergence");
    pub(crate) const KERNEL: Key<super::Kernel> = Key::new("kernel");
    pub(crate) const BANDWIDTH: Key<f64> = Key::new("bandwidth");
    pub(crate) const ESTIMATOR: Key<super::Estimator> = Key::new("estimator");
    pub(crate) const LATENT: Key<usize> = Key::new("latent");
    pub(crate) const LEARNING_RATE: Key<f64> = Key::new("learning_rate");
    pub(crate) const HIDDEN: Key<usize> = Key::new("hidden");
    pub(crate) const BATCH: Key<usize> = Key::new("batch");
    pub(crate) const SWEEP_POINTS: Key<usize> = Key::new("sweep_points");
    pub(crate) const SWEEP_STEPS: Key<usize> = Key::new("sweep_steps");
}

/// Its read-outs.
pub(crate) mod readouts {
    use figure::{ReadoutSpec, Role};

    figure::declare! { ReadoutSpec:
        STEP = ReadoutSpec::new("step", "steps", "", 0);
        MI = ReadoutSpec::new("mi", r"\(I(\mathbf{x}, \mathbf{z})\)", "nats", 3).role(Role::MutualInformation);
        LOG_N = ReadoutSpec::new("log_n", r"\(\log N\)", "nats", 3).exact();
        KL = ReadoutSpec::new("kl", "average KL", "nats", 3).role(Role::Kl).without_error();
        MARGINAL_KL = ReadoutSpec::new("marginal_kl", r"\(\mathrm{KL}[q(\mathbf{z}) \,\|\, p(\mathbf{z})]\)", "nats", 3).role(Role::MarginalKl);
        RESIDUAL = ReadoutSpec::new("residual", "residual of (17)", "nats", 3);
        MMD2 = ReadoutSpec::new("mmd2", r"\(\mathrm{MMD}^2\), unbiased", "", 5).role(Role::Mmd);
        MMD2_BIASED = ReadoutSpec::new("mmd2_biased", r"\(\mathrm{MMD}^2\), biased", "", 5).role(Role::Mmd);
        RECONSTRUCTION = ReadoutSpec::new("reconstruction", "reconstruction", "nats", 2).role(Role::Reconstruction);
        ELBO = ReadoutSpec::new("elbo", "ELBO", "nats", 2).role(Role::Elbo);
        ACTIVE_UNITS = ReadoutSpec::new("active_units", "active units", "", 0);
        COMPARED_OMEGA = ReadoutSpec::new("compared_omega", r"beside it, \(\omega\)", "", 2);
        COMPARED_MI = ReadoutSpec::new("compared_mi", r"\(I(\mathbf{x}, \mathbf{z})\) there", "nats", 3).role(Role::MutualInformation);
        COMPARED_RECONSTRUCTION = ReadoutSpec::new("compared_reconstruction", "reconstruction there", "nats", 2).role(Role::Reconstruction);
    }
}

/// Its figures.
pub(crate) mod slots {
    use figure::FigureSpec;

    figure::declare! { FigureSpec:
        IDENTITY = FigureSpec("identity");
        MI = FigureSpec("mi");
        KL = FigureSpec("kl");
        MARGINAL_KL = FigureSpec("marginal_kl");
        MMD2 = FigureSpec("mmd2");
        RECONSTRUCTION = FigureSpec("reconstruction");
        ACTIVE_UNITS = FigureSpec("active_units");
        RATE_DISTORTION = FigureSpec("rate_distortion");
        COLLAPSE = FigureSpec("collapse");
        RECONSTRUCTIONS = FigureSpec("reconstructions");
        SAMPLES = FigureSpec("samples");
    }
}

/// The demo `mi-objective`.
pub const DEMO: Demo = Demo {
    name: "mi-objective",
    slide: "4",
    title: "Adding mutual information",
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

/// Most values of ω beside the slider's.
const MOST_COMPARED: usize = 3;

fn controls() -> Vec<Control> {
    vec![
        Control::number(keys::OMEGA, "Weight of the KL term", (0.0, 1.0), 0.05, 0.0).symbol("ω").live().hint(
            "1 is the ELBO. Below it the average KL counts less and the divergence of q(z) from p(z) more; at 0 only that is left.",
        ),
        Control::choice(keys::VIEW, "Run", View::Train)
            .hint("Side by side trains the slider's ω and those beside it; a sweep trains values of ω from 0 to 1, the second one also of β from 0.1 to 10, up to six at a time, then ends."),
        Control::list(keys::COMPARE, "Beside it, ω =", (0.0, 1.0), MOST_COMPARED, vec![1.0])
            .hint("Up to three values of ω, trained beside the slider's from the same weights on the same batches and noise."),
        Control::log(keys::LAMBDA, "Weight of the divergence", (0.1, 10_000.0), 100.0).symbol("λ").live().hint(
            "MMD² is a small number: near 100 it counts like nats. 1 fits the marginal KL, which is in nats already. Too large and its noise drowns the images.",
        ),
        Control::choice(keys::DIVERGENCE, "Divergence of q(z) from p(z)", Divergence::Mmd)
        .live()
        .hint("MMD² needs samples only. The mixture of a batch stands in for q(z) in KL[q(z)‖p(z)]: too large by up to log(N/B)."),
        Control::choice(keys::KERNEL, "Kernel", Kernel::Rbf)
        .symbol("k")
        .live()
        .hint("The Gaussian kernel forgets points beyond its bandwidth; the inverse multiquadratic still sees them."),
        Control::log(keys::BANDWIDTH, "Bandwidth", (0.02, 50.0), 1.0).symbol("h").live().hint(
            "In multiples of the default: 2s² = h·M for the Gaussian kernel, c = 2h·M for the other, M the latent dimensions.",
        ),
        Control::choice(keys::ESTIMATOR, "Estimator", Estimator::Unbiased)
            .live()
            .hint("What training uses. Both have nearly the same gradient; only the unbiased one can fall below 0."),
        Control::integer(keys::LATENT, "Latent dimensions", (1, 32), 10)
            .symbol("M")
            .hint("Some of them stay inactive at ω = 1 and wake up below it."),
        Control::log(keys::LEARNING_RATE, "Learning rate", (1e-5, 0.3), 5e-3).live().advanced().hint("Of Adam."),
        Control::log_integer(keys::HIDDEN, "Hidden units", (8, 512), 64)
            .advanced()
            .hint("In the one hidden layer of the encoder, and of the decoder."),
        Control::log_integer(keys::BATCH, "Batch size", (8, 512), 128)
            .symbol("B")
            .advanced()
            .hint("Images per step. MMD² compares their codes with as many points of the prior."),
        Control::integer(keys::SWEEP_POINTS, "Values of ω", (3, 17), 9)
            .advanced()
            .hint("In a sweep, evenly spaced from 0 to 1, both ends first. Of β about as many, evenly spaced by their logarithms and rounded."),
        Control::log_integer(keys::SWEEP_STEPS, "Steps per value", (50, 5000), 600)
            .advanced()
            .hint("In a sweep; every ω or β starts from the same weights."),
        Control::seed(),
    ]
}
