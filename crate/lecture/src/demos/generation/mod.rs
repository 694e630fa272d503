//! Slide 1.5: generative modelling with a trained VAE, Algorithms 1 and 2.
//!
//! *Look for:* samples of the prior that land in a part of the latent plane without posteriors: the decoder was never trained
//! there, and its images look like no digit. The gap has a number, KL\[p(z)‖q(z)\] with q(z) the aggregate posterior.

#[cfg(all(test, feature = "training"))]
mod tests;
#[cfg(feature = "training")]
mod training;

use figure::Control;

use crate::demo::{Demo, Model, Run, start};

figure::choice! {
    /// The algorithm of the slide.
    pub(crate) enum Algorithm {
        Posterior = "posterior" "1: z from the posterior of a test image",
        Prior = "prior" "2: z from the prior",
    }
}

figure::choice! {
    /// What is shown of p(x|z).
    pub(crate) enum Draw {
        Mean = "mean" "its mean",
        Mode = "mode" "its mode",
        Sample = "sample" "a random sample",
    }
}

/// The names of its controls.
pub(crate) mod keys {
    use figure::Key;

    pub(crate) const ALGORITHM: Key<super::Algorithm> = Key::new("algorithm");
    pub(crate) const COUNT: Key<usize> = Key::new("count");
    pub(crate) const DRAW: Key<super::Draw> = Key::new("draw");
    pub(crate) const AGAIN: Key<usize> = Key::new("again");
}

/// Its read-outs.
pub(crate) mod readouts {
    use figure::{ReadoutSpec, Role};

    figure::declare! { ReadoutSpec:
        PRIOR_GAP = ReadoutSpec::new("prior_gap", r"\(\mathrm{KL}[p(\mathbf{z})\,\|\,q(\mathbf{z})]\)", "nats", 2);
        FAR_SHARE = ReadoutSpec::new("far_share", r"prior samples where \(q(\mathbf{z}) &lt; p(\mathbf{z})/10\)", "%", 0);
        LOG_AGGREGATE = ReadoutSpec::new("log_aggregate", r"mean \(\log q(\mathbf{z})\) of these codes", "nats", 2).role(Role::Aggregate);
    }
}

/// Its figures.
pub(crate) mod slots {
    use figure::FigureSpec;

    figure::declare! { FigureSpec:
        PICTURES = FigureSpec("pictures");
        LATENT = FigureSpec("latent");
    }
}

/// The demo `generation`.
pub const DEMO: Demo = Demo {
    name: "generation",
    slide: "1.5",
    title: "Generative modelling",
    run: Run::Answers(start!(training::start)),
    device: false,
    rate: false,
    elapsed: false,
    model: Model::StartsFrom,
    images: None,
    controls,
    readouts: readouts::ALL,
    figures: slots::ALL,
};

fn controls() -> Vec<Control> {
    vec![
        Control::choice(keys::ALGORITHM, "Algorithm", Algorithm::Prior)
            .live()
            .hint("Algorithm 1 starts from held-out images, Algorithm 2 from nothing."),
        Control::integer(keys::COUNT, "Pictures", (1, 100), 36).symbol("N").live().hint("How many z are drawn."),
        Control::choice(keys::DRAW, "What is shown of p(x|z)", Draw::Mean).symbol("x").live().hint(
            "The mean is a point estimate; a sample adds the pixel noise of the likelihood, each pixel on its own.",
        ),
        Control::integer(keys::AGAIN, "Draw number", (1, 500), 1)
            .live()
            .hint("Another number, other random z and pixels; the same number, the same ones."),
        Control::seed(),
    ]
}
