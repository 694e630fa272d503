//! Section 4: the MI-augmented objective, with ω on a slider, ω against ω, and a sweep of ω.
//!
//! *Look for:* I(x,z) rising as ω falls from 1 (the ELBO) to 0, up to log N, the most that N data points allow, and the
//! reconstruction with it; units that the ELBO had put to sleep waking up; MMD² staying small, now and then below 0,
//! while KL\[q(z)‖p(z)\] grows, so that the two divergences do not say the same; the bars of (17) adding up all the while.
//!
//! Maximised: E\[log p(x|z)\] − ω · mean KL\[q(z|x)‖p(z)\] − (1 − ω) · λ · D(q(z), p(z)), by (17) the same as
//! ELBO + (1 − ω) I(x,z) when λ = 1 and D = KL\[q(z)‖p(z)\].

#[cfg(feature = "training")]
mod arm;
#[cfg(feature = "training")]
mod evaluation;
#[cfg(feature = "training")]
mod figures;
#[cfg(feature = "training")]
mod notes;
#[cfg(feature = "training")]
mod panels;
#[cfg(feature = "training")]
mod settings;
#[cfg(feature = "training")]
mod side_by_side;
#[cfg(feature = "training")]
mod sweep;

use figure::Control;

use crate::demo::{ReadoutSpec, readout};
use crate::{Demo, Run};

/// The demo `mi-objective`.
pub const DEMO: Demo = Demo {
    name: "mi-objective",
    slide: "4",
    title: "Paying the information back: ω",
    ends: false,
    controls,
    readouts: &READOUTS,
    #[cfg(feature = "training")]
    run: Run::Training(start),
    #[cfg(not(feature = "training"))]
    run: Run::Training,
};

const READOUTS: [ReadoutSpec; 16] = [
    readout("step", "", 0),
    readout("mi", "nats", 3),
    readout("kl", "nats per image", 3),
    readout("marginal_kl", "nats", 3),
    readout("residual", "nats", 3),
    readout("log_n", "nats", 3),
    readout("mmd2", "", 5),
    readout("mmd2_biased", "", 5),
    readout("reconstruction", "nats per image", 2),
    readout("elbo", "nats per image", 2),
    readout("active_units", "", 0),
    readout("compared_omega", "", 2),
    readout("compared_mi", "nats", 3),
    readout("compared_reconstruction", "nats per image", 2),
    readout("steps_per_second", "per second", 0),
    readout("device", "", 0),
];

/// Most values of ω beside the slider's.
const MOST_COMPARED: usize = 3;

fn controls() -> Vec<Control> {
    vec![
        Control::number("omega", "Weight of the KL term", (0.0, 1.0), 0.05, 0.0).symbol("ω").live().hint(
            "1 is the ELBO. Below it the average KL counts less and the divergence of q(z) from p(z) more; at 0 only that is left.",
        ),
        Control::choice("view", "Run", &[("train", "side by side"), ("sweep", "a sweep of ω")], "train")
            .hint("Side by side trains the slider's ω and those beside it; the sweep trains values of ω from 0 to 1, up to six at a time, then ends."),
        Control::list("compare", "Beside it, ω =", (0.0, 1.0), MOST_COMPARED, vec![1.0])
            .hint("Up to three values of ω, trained beside the slider's from the same weights on the same batches and noise."),
        Control::log("lambda", "Weight of the divergence", (0.1, 10_000.0), 100.0).symbol("λ").live().hint(
            "MMD² is a small number: near 100 it counts like nats. 1 fits the marginal KL, which is in nats already. Too large and its noise drowns the images.",
        ),
        Control::choice(
            "divergence",
            "Divergence of q(z) from p(z)",
            &[("mmd", "MMD²"), ("marginal_kl", "KL of the batch's mixture")],
            "mmd",
        )
        .symbol("D")
        .live()
        .hint("MMD² needs samples only. The mixture of a batch stands in for q(z) in KL[q(z)‖p(z)]: too large by up to log(N/B)."),
        Control::choice(
            "kernel",
            "Kernel",
            &[("rbf", "Gaussian (RBF)"), ("imq", "inverse multiquadratic")],
            "rbf",
        )
        .symbol("k")
        .live()
        .hint("The Gaussian kernel forgets points beyond its bandwidth; the inverse multiquadratic still sees them."),
        Control::log("bandwidth", "Bandwidth", (0.02, 50.0), 1.0).symbol("h").live().hint(
            "In multiples of the default: 2s² = h·M for the Gaussian kernel, c = 2h·M for the other, M the latent dimensions.",
        ),
        Control::choice("estimator", "Estimator", &[("unbiased", "unbiased"), ("biased", "biased")], "unbiased")
            .live()
            .hint("What training uses. Both have nearly the same gradient; only the unbiased one can fall below 0."),
        Control::integer("latent", "Latent dimensions", (1, 32), 10)
            .symbol("M")
            .hint("Some of them stay inactive at ω = 1 and wake up below it."),
        Control::log("learning_rate", "Learning rate", (1e-5, 0.3), 5e-3).live().advanced().hint("Of Adam."),
        Control::log_integer("hidden", "Hidden units", (8, 512), 64)
            .advanced()
            .hint("In the one hidden layer of the encoder, and of the decoder."),
        Control::log_integer("batch", "Batch size", (8, 512), 128)
            .symbol("B")
            .advanced()
            .hint("Images per step. MMD² compares their codes with as many points of the prior."),
        Control::integer("sweep_points", "Values of ω", (3, 17), 9)
            .advanced()
            .hint("In the sweep, evenly spaced from 0 to 1, both ends first."),
        Control::log_integer("sweep_steps", "Steps per ω", (50, 5000), 600)
            .advanced()
            .hint("In the sweep; every ω starts from the same weights."),
        Control::seed(),
    ]
}

#[cfg(feature = "training")]
fn start(
    values: &figure::Values,
    assets: &crate::Assets,
    device: &burn::tensor::Device,
) -> Result<Box<dyn crate::Experiment>, crate::StartError> {
    match values.text("view") {
        "sweep" => Ok(Box::new(sweep::Sweep::new(values, device))),
        _ => Ok(Box::new(side_by_side::SideBySide::new(values, assets, device)?)),
    }
}
