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

#[cfg(feature = "training")]
mod experiment;
#[cfg(feature = "training")]
mod figures;
#[cfg(feature = "training")]
mod look;
#[cfg(feature = "training")]
pub mod objective;
#[cfg(feature = "training")]
mod record;
#[cfg(feature = "training")]
pub mod set;
#[cfg(feature = "training")]
mod trainer;

use figure::Control;

use crate::demo::{ReadoutSpec, readout};
use crate::{Demo, Run};

/// The demo `m2`.
pub const DEMO: Demo = Demo {
    name: "m2",
    slide: "5",
    title: "Semi-supervised learning: the M2 model",
    ends: false,
    controls,
    readouts: &READOUTS,
    #[cfg(feature = "training")]
    run: Run::Training(experiment::start),
    #[cfg(not(feature = "training"))]
    run: Run::Training,
};

const READOUTS: [ReadoutSpec; 17] = [
    readout("step", "", 0),
    readout("accuracy", "", 3),
    readout("baseline_accuracy", "", 3),
    readout("labelled_elbo", "nats per example", 2),
    readout("unlabelled_elbo", "nats per example", 2),
    readout("heldout_labelled_elbo", "nats per example", 2),
    readout("heldout_unlabelled_elbo", "nats per example", 2),
    readout("labelled", "", 0),
    readout("unlabelled", "", 0),
    readout("alpha_total", "", 1),
    readout("label_weight", "", 2),
    readout("example_expected", "nats", 2),
    readout("example_entropy", "nats", 3),
    readout("example_elbo", "nats", 2),
    readout("example_best", "nats", 2),
    readout("steps_per_second", "per second", 0),
    readout("device", "", 0),
];

/// The longest that the list of clicked labels may be: x and y of each click.
const MOST_CLICKS: usize = 200;

fn controls() -> Vec<Control> {
    vec![
        Control::choice("data", "Data", &[("digits", "digits"), ("moons", "two moons")], "digits")
            .hint("Digits have ten classes; on the moons you label points by clicking them."),
        Control::log_integer("labels_per_class", "Labels per class", (1, 160), 1)
            .hint("Drawn at random from the training part; 160 labels everything, and then no sum over y is left."),
        Control::log("alpha", "Classifier's weight", (1e-3, 10.0), 0.1).symbol("α/(N+M)").live().hint(
            "α as a multiple of the number of data points. Every label weighs α/N: the fewer there are, the more each says.",
        ),
        Control::log("learning_rate", "Learning rate", (1e-4, 0.1), 3e-3)
            .live()
            .hint("The same for M2 and for the classifier alone."),
        Control::toggle("sweep", "Sweep over labels", false).hint(
            "Trains with 1, 2, 3, 5, 10, 20 and 50 labels per class in turn, 1,000 steps each, and draws both accuracies.",
        ),
        Control::integer("latent", "Latent dimensions", (1, 16), 5)
            .symbol("d_z")
            .advanced()
            .hint("The style. With too many of them z can carry the digit as well, and y is left out."),
        Control::integer("moons_latent", "Latent dimensions, moons", (1, 5), 1)
            .symbol("d_z")
            .advanced()
            .hint("One is the place along a moon. With more, each moon may use one of its own: then no style is shared."),
        Control::log_integer("hidden", "Hidden units", (16, 512), 128)
            .advanced()
            .hint("Of the classifier, the encoder and the decoder."),
        Control::log_integer("batch", "Unlabelled batch", (16, 512), 64)
            .advanced()
            .hint("Unlabelled examples per step, each decoded once for every class."),
        Control::integer("warm_up", "Warm-up", (0, 2000), 600).unit("steps").advanced().hint(
            "The unlabelled sum's weight rises from 0 to 1 over these steps. At 0 clusters form before the labels name them.",
        ),
        Control::number("noise", "Moons' noise", (0.0, 0.4), 0.01, 0.1)
            .advanced()
            .hint("Standard deviation of both coordinates. Above 0.25 the moons overlap."),
        Control::pointed("labels", "Labels", (-10.0, 10.0), 2, MOST_CLICKS, Vec::new()).live(),
        Control::pointed("example", "Chosen x", (-10.0, 1000.0), 1, 2, vec![8.0]).live(),
        Control::seed(),
    ]
}
