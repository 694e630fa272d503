//! Slide 1.6: arithmetic on the latent space of a trained VAE.
//!
//! *Look for:* a path between two digits that passes through a third; a straight path that leaves the prior's mass where a
//! spherical one does not; what the mean of the fours minus the mean of the nines does to another digit; your own
//! drawing pulled towards what the model has seen.

#[cfg(feature = "training")]
mod experiment;
#[cfg(feature = "training")]
mod figures;

use figure::Control;

use crate::demo::{ReadoutSpec, readout};
use crate::{Demo, Run};

/// The demo `latent-arithmetic`.
pub const DEMO: Demo = Demo {
    name: "latent-arithmetic",
    slide: "1.6",
    title: "Arithmetic on the latent space",
    ends: true,
    controls,
    readouts: &READOUTS,
    #[cfg(feature = "training")]
    run: Run::Training(experiment::start),
    #[cfg(not(feature = "training"))]
    run: Run::Training,
};

const READOUTS: [ReadoutSpec; 5] = [
    readout("path_length", "", 2),
    readout("lowest_log_prior", "nats", 2),
    readout("drawing_reconstruction", "nats", 1),
    readout("drawing_kl", "nats", 2),
    readout("nearest_digit", "", 0),
];

/// Images offered for picking: the first held-out ones.
pub const OFFERED: usize = 40;
/// Pixels of the largest drawing: the pad has the size of the model's images.
const LARGEST_PAD: usize = 64 * 64;

fn controls() -> Vec<Control> {
    let pick = |name, label, default: f64| {
        Control::pointed(name, label, (0.0, OFFERED as f64 - 1.0), 1, 1, vec![default]).live()
    };
    vec![
        Control::choice(
            "operation",
            "Operation",
            &[("interpolate", "from z₁ to z₂"), ("analogy", "z₁ − z₂ + z₃"), ("classes", "z₁ + mean of A − mean of B")],
            "interpolate",
        )
        .live()
        .hint("You can use any arithmetic operation on the latent vectors."),
        Control::integer("steps", "Steps between", (0, 30), 8)
            .live()
            .hint("interpolate(start, end, steps) gives steps + 2 rows."),
        Control::choice("path", "Path", &[("linear", "straight"), ("spherical", "spherical")], "linear").live().hint(
            "Spherical keeps the distance from the origin, where most of a prior of many dimensions has its mass.",
        ),
        Control::choice(
            "picking",
            "A press on an image sets",
            &[("first", "z₁"), ("second", "z₂"), ("third", "z₃")],
            "first",
        )
        .live()
        .hint("Choose which code the next press in the gallery sets."),
        Control::integer("class_a", "Mean of digit A", (0, 9), 4).symbol("A").live().hint("Added."),
        Control::integer("class_b", "Mean of digit B", (0, 9), 9).symbol("B").live().hint("Subtracted."),
        pick("first", "First image", 2.0),
        pick("second", "Second image", 11.0),
        pick("third", "Third image", 5.0),
        Control::pointed("point", "Point in the plane", (-6.0, 6.0), 2, 2, vec![0.0, 0.0]).live(),
        Control::pointed("drawing", "Your drawing", (0.0, 1.0), 1, LARGEST_PAD, Vec::new()).live(),
        Control::seed(),
    ]
}
