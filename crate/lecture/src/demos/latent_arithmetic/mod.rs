//! Slide 1.6: arithmetic on the latent space of a trained VAE.
//!
//! *Look for:* a path between two digits that passes through a third; in 16 dimensions, a straight path that leaves the prior's
//! shell where a spherical one does not; what the mean of the fours minus the mean of the nines does to another digit; your own
//! drawing pulled towards what the model has seen.

#[cfg(all(test, feature = "training"))]
mod tests;
#[cfg(feature = "training")]
mod training;

use figure::Control;

use crate::demo::{Demo, Model, Run, start};

figure::choice! {
    /// What is done with the codes.
    pub(crate) enum Operation {
        Interpolate = "interpolate" "from z₁ to z₂",
        Prior = "prior" "N pairs from the prior",
        Analogy = "analogy" "z₁ − z₂ + z₃",
        Classes = "classes" "z₁ + mean of A − mean of B",
    }
}

figure::choice! {
    /// The path from the first code to the last.
    pub(crate) enum Path {
        Linear = "linear" "straight",
        Spherical = "spherical" "spherical",
    }
}

figure::choice! {
    /// Whose codes.
    pub(crate) enum Dimensions {
        Default = "default" "2 dimensions, or yours",
        Sixteen = "sixteen" "16 dimensions",
    }
}

figure::choice! {
    /// Which code a press on an image sets.
    pub(crate) enum Picking {
        First = "first" "z₁",
        Second = "second" "z₂",
        Third = "third" "z₃",
    }
}

/// The names of its controls.
pub(crate) mod keys {
    use figure::Key;

    pub(crate) const OPERATION: Key<super::Operation> = Key::new("operation");
    pub(crate) const STEPS: Key<usize> = Key::new("steps");
    pub(crate) const PATH: Key<super::Path> = Key::new("path");
    pub(crate) const DIMENSIONS: Key<super::Dimensions> = Key::new("dimensions");
    pub(crate) const TRUE_POSTERIOR: Key<bool> = Key::new("true_posterior");
    pub(crate) const PICKING: Key<super::Picking> = Key::new("picking");
    pub(crate) const CLASS_A: Key<usize> = Key::new("class_a");
    pub(crate) const CLASS_B: Key<usize> = Key::new("class_b");
    pub(crate) const POINT: Key<Vec<f64>> = Key::new("point");
    pub(crate) const DRAWING: Key<Vec<f64>> = Key::new("drawing");
    pub(crate) const FIRST: Key<Vec<f64>> = Key::new("first");
    pub(crate) const SECOND: Key<Vec<f64>> = Key::new("second");
    pub(crate) const THIRD: Key<Vec<f64>> = Key::new("third");
}

/// Its read-outs.
pub(crate) mod readouts {
    use figure::{ReadoutSpec, Role};

    figure::declare! { ReadoutSpec:
        PATH_LENGTH = ReadoutSpec::new("path_length", "length of a way", "", 2);
        LOWEST_LOG_PRIOR = ReadoutSpec::new("lowest_log_prior", r"lowest \(\log p(\mathbf{z})\) on it", "nats", 2).role(Role::Prior).without_error();
        STRAIGHT_NORM = ReadoutSpec::new("straight_norm", r"lowest \(\|\mathbf{z}\|\), straight", "", 2);
        SPHERICAL_NORM = ReadoutSpec::new("spherical_norm", r"lowest \(\|\mathbf{z}\|\), spherical", "", 2);
        PRIOR_NORM = ReadoutSpec::new("prior_norm", r"\(\mathbb{E}\|\mathbf{z}\|\) of the prior", "", 2).role(Role::Prior).exact();
        STRAIGHT_INSIDE = ReadoutSpec::new("straight_inside", "prior nearer to 0 than the straight way", "%", 1).role(Role::Prior);
        SPHERICAL_INSIDE = ReadoutSpec::new("spherical_inside", "prior nearer to 0 than the spherical way", "%", 1).role(Role::Prior);
        NEAREST_DIGIT = ReadoutSpec::new("nearest_digit", "nearest training image to the square: a", "", 0);
        LOG_PX = ReadoutSpec::new("log_px", r"\(\log p(\mathbf{x})\), image of \(\mathbf{z}_1\)", "nats", 2).role(Role::Exact).exact();
        APPROXIMATION_GAP = ReadoutSpec::new("approximation_gap", "its approximation gap", "nats", 3).role(Role::Exact).without_error();
        AMORTIZATION_GAP = ReadoutSpec::new("amortization_gap", "its amortization gap", "nats", 3).role(Role::Posterior).without_error();
        DRAWING_RECONSTRUCTION = ReadoutSpec::new("drawing_reconstruction", "drawing, reconstruction", "nats", 1).role(Role::Reconstruction).without_error();
        DRAWING_KL = ReadoutSpec::new("drawing_kl", "drawing, KL", "nats", 2).role(Role::Kl).without_error();
    }
}

/// Its figures.
pub(crate) mod slots {
    use figure::FigureSpec;

    figure::declare! { FigureSpec:
        LATENT = FigureSpec("latent");
        DECODED = FigureSpec("decoded");
        STRIP = FigureSpec("strip");
        GALLERY = FigureSpec("gallery");
        PAD = FigureSpec("pad");
        ENCODED = FigureSpec("encoded");
        NORMS = FigureSpec("norms");
    }
}

/// The demo `latent-arithmetic`.
pub const DEMO: Demo = Demo {
    name: "latent-arithmetic",
    slide: "1.6",
    title: "Arithmetic on codes",
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

/// Images offered for picking: the first held-out ones.
pub const OFFERED: usize = 40;
/// Pixels of the largest drawing: the drawing has the size of the model's images.
const LARGEST_PAD: usize = 64 * 64;

fn controls() -> Vec<Control> {
    let pick = |name, label, default: f64| {
        Control::pointed(name, label, (0.0, OFFERED as f64 - 1.0), 1, 1, vec![default]).live()
    };
    vec![
        Control::choice(keys::OPERATION, "Operation", Operation::Interpolate)
            .live()
            .hint("You can use any arithmetic operation on the latent vectors. Pairs from the prior are the slide’s call: z₁ and z₂ drawn from N(0, I), by the seed."),
        Control::integer(keys::STEPS, "Steps between", (0, 30), 8)
            .live()
            .hint("interpolate(start, end, steps) gives steps + 2 rows."),
        Control::choice(keys::PATH, "Path", Path::Linear).live().hint(
            "Spherical keeps the distance from the origin, where most of a prior of many dimensions has its mass.",
        ),
        Control::choice(keys::DIMENSIONS, "Model", Dimensions::Default).hint(
            "Your model of 1.4 where there is one, else the page’s of 2 dimensions; or the page’s of 16, with a Gaussian of σ = 0.1 for each pixel.",
        ),
        Control::toggle(keys::TRUE_POSTERIOR, "True posterior of z₁’s image", false)
            .live()
            .hint("In grey p(z|x) by quadrature, under q(z|x) and the best Gaussian: with up to two dimensions and images of 8×8."),
        Control::choice(keys::PICKING, "A press on an image sets", Picking::First)
            .live()
            .hint("Choose which code the next press in the gallery sets."),
        Control::integer(keys::CLASS_A, "Mean of digit A", (0, 9), 4).symbol("A").live().hint("Added."),
        Control::integer(keys::CLASS_B, "Mean of digit B", (0, 9), 9).symbol("B").live().hint("Subtracted."),
        pick(keys::FIRST, "First image", 2.0),
        pick(keys::SECOND, "Second image", 11.0),
        pick(keys::THIRD, "Third image", 5.0),
        Control::pointed(keys::POINT, "Point in the plane", (-6.0, 6.0), 2, 2, vec![0.0, 0.0]).live(),
        Control::pointed(keys::DRAWING, "Your drawing", (0.0, 1.0), 1, LARGEST_PAD, Vec::new()).live(),
        Control::seed(),
    ]
}
