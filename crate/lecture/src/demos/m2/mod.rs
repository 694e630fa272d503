//! Slide 5: the M2 model, trained on a few labelled and many unlabelled examples.
//!
//! *Look for:* held-out accuracy of q(y|x) rising above that of the same classifier trained on the labels alone, most
//! with one label per class; the labelled and the unlabelled ELBO as curves of their own; ten bars of q(y|x) that settle
//! on the weights that the ten bars of −L(x,y) ask for; a column of the grid per digit, a row per handwriting.
//!
//! Maximised is J of Kingma, Rezende, Mohamed and Welling 2014, equations (6) to (9), with the sum over y written out:
//!
//! - labelled: −L(x,y) = E_q(z|x,y)\[log p(x|y,z)\] + log p(y) − KL\[q(z|x,y)‖p(z)\]
//! - unlabelled: −U(x) = Σ_y q(y|x) ( −L(x,y) ) + H(q(y|x))
//! - J = Σ_labelled −L + Σ_unlabelled −U + α · mean_labelled log q(y|x),  p(y) uniform

#[cfg(all(test, feature = "training"))]
mod tests;
#[cfg(feature = "training")]
mod training;

use figure::Control;

use crate::demo::{Demo, Model, Run, start};

figure::choice! {
    /// The data.
    pub(crate) enum Data {
        Digits = "digits" "digits",
        Moons = "moons" "two moons",
    }
}

/// The names of its controls.
pub(crate) mod keys {
    use figure::Key;

    pub(crate) const DATA: Key<super::Data> = Key::new("data");
    pub(crate) const LABELS_PER_CLASS: Key<usize> = Key::new("labels_per_class");
    pub(crate) const ALPHA: Key<f64> = Key::new("alpha");
    pub(crate) const LEARNING_RATE: Key<f64> = Key::new("learning_rate");
    pub(crate) const SWEEP: Key<bool> = Key::new("sweep");
    pub(crate) const LATENT: Key<usize> = Key::new("latent");
    pub(crate) const MOONS_LATENT: Key<usize> = Key::new("moons_latent");
    pub(crate) const HIDDEN: Key<usize> = Key::new("hidden");
    pub(crate) const BATCH: Key<usize> = Key::new("batch");
    pub(crate) const WARM_UP: Key<usize> = Key::new("warm_up");
    pub(crate) const NOISE: Key<f64> = Key::new("noise");
    pub(crate) const LABELS: Key<Vec<f64>> = Key::new("labels");
    pub(crate) const EXAMPLE: Key<Vec<f64>> = Key::new("example");
}

/// Its read-outs.
pub(crate) mod readouts {
    use figure::{ReadoutSpec, Role};

    figure::declare! { ReadoutSpec:
        STEP = ReadoutSpec::new("step", "steps", "", 0);
        ACCURACY = ReadoutSpec::new("accuracy", "accuracy of M2, held-out", "", 3).role(Role::Posterior);
        BASELINE_ACCURACY = ReadoutSpec::new("baseline_accuracy", "accuracy of the labels alone", "", 3);
        LABELLED_ELBO = ReadoutSpec::new("labelled_elbo", r"labelled ELBO, \(-\mathcal{L}\)", "nats", 2).role(Role::Elbo);
        UNLABELLED_ELBO = ReadoutSpec::new("unlabelled_elbo", r"unlabelled ELBO, \(-\mathcal{U}\)", "nats", 2).role(Role::Data);
        HELDOUT_LABELLED_ELBO = ReadoutSpec::new("heldout_labelled_elbo", r"\(-\mathcal{L}\), held-out", "nats", 2).role(Role::Elbo);
        HELDOUT_UNLABELLED_ELBO = ReadoutSpec::new("heldout_unlabelled_elbo", r"\(-\mathcal{U}\), held-out", "nats", 2).role(Role::Data);
        LABELLED = ReadoutSpec::new("labelled", r"labelled, \(N\)", "", 0);
        UNLABELLED = ReadoutSpec::new("unlabelled", r"unlabelled, \(M\)", "", 0);
        ALPHA_TOTAL = ReadoutSpec::new("alpha_total", r"\(\alpha\)", "", 1);
        LABEL_WEIGHT = ReadoutSpec::new("label_weight", r"weight of a label, \(\alpha / N\)", "", 2);
        EXAMPLE_EXPECTED = ReadoutSpec::new("example_expected", r"chosen \(\mathbf{x}\): \(\sum_y q(y|\mathbf{x}) (-\mathcal{L}(\mathbf{x}, y))\)", "nats", 2).role(Role::Elbo);
        EXAMPLE_ENTROPY = ReadoutSpec::new("example_entropy", r"\(+\; \mathbb{H}(q(y|\mathbf{x}))\)", "nats", 3).role(Role::Posterior).without_error();
        EXAMPLE_ELBO = ReadoutSpec::new("example_elbo", r"\(=\; -\mathcal{U}(\mathbf{x})\)", "nats", 2).role(Role::Data);
        EXAMPLE_BEST = ReadoutSpec::new("example_best", r"\(\le\; \log \sum_y \exp(-\mathcal{L}(\mathbf{x}, y))\)", "nats", 2);
    }
}

/// Its figures.
pub(crate) mod slots {
    use figure::FigureSpec;

    figure::declare! { FigureSpec:
        ACCURACY = FigureSpec("accuracy");
        BOUNDS = FigureSpec("bounds");
        DATA = FigureSpec("data");
        BY_LABELS = FigureSpec("by_labels");
        CHOICE = FigureSpec("choice");
        CLASSES = FigureSpec("classes");
        CLASS_BOUNDS = FigureSpec("class_bounds");
        STYLES = FigureSpec("styles");
        TRANSFER = FigureSpec("transfer");
    }
}

/// The demo `m2`.
pub const DEMO: Demo = Demo {
    name: "m2",
    slide: "5",
    title: "The M2 model",
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

/// The maximum length of the list of clicked labels: x and y of each click.
const MOST_CLICKS: usize = 200;

fn controls() -> Vec<Control> {
    vec![
        Control::choice(keys::DATA, "Data", Data::Digits)
            .hint("Digits have ten classes; on the moons you label points by clicking them."),
        Control::log_integer(keys::LABELS_PER_CLASS, "Labels per class", (1, 160), 1)
            .hint("Drawn at random from the training part; 160 labels everything, and then no sum over y is left."),
        Control::log(keys::ALPHA, "Classifier's weight", (1e-3, 10.0), 0.1).symbol("α/(N+M)").live().hint(
            "α as a multiple of the number of data points. Every label weighs α/N: the fewer there are, the more each says.",
        ),
        Control::log(keys::LEARNING_RATE, "Learning rate", (1e-4, 0.1), 3e-3)
            .live()
            .hint("The same for M2 and for the classifier alone."),
        Control::toggle(keys::SWEEP, "Sweep over labels", false).hint(
            "Trains with 1, 2, 3, 5, 10, 20 and 50 labels per class in turn, 1,000 steps each, and draws both accuracies.",
        ),
        Control::integer(keys::LATENT, "Latent dimensions", (1, 16), 5)
            .symbol("d_z")
            .advanced()
            .hint("The style. With too many of them z can carry the digit as well, and y is left out."),
        Control::integer(keys::MOONS_LATENT, "Latent dimensions, moons", (1, 5), 1)
            .symbol("d_z")
            .advanced()
            .hint("One is the place along a moon. With more, each moon may use one of its own: then no style is shared."),
        Control::log_integer(keys::HIDDEN, "Hidden units", (16, 512), 128)
            .advanced()
            .hint("Of the classifier, the encoder and the decoder."),
        Control::log_integer(keys::BATCH, "Unlabelled batch", (16, 512), 64)
            .advanced()
            .hint("Unlabelled examples per step, each decoded once for every class."),
        Control::integer(keys::WARM_UP, "Warm-up", (0, 2000), 600).unit("steps").advanced().hint(
            "The unlabelled sum's weight rises from 0 to 1 over these steps. At 0 clusters form before the labels name them.",
        ),
        Control::number(keys::NOISE, "Moons' noise", (0.0, 0.4), 0.01, 0.1)
            .advanced()
            .hint("Standard deviation of both coordinates. Above 0.25 the moons overlap."),
        Control::pointed(keys::LABELS, "Labels", (-10.0, 10.0), 2, MOST_CLICKS, Vec::new()).live(),
        Control::pointed(keys::EXAMPLE, "Chosen x", (-10.0, 1000.0), 1, 2, vec![8.0]).live(),
        Control::seed(),
    ]
}
