//! What a demo is: a name, its controls and read-outs, and how it runs.

use figure::{Control, Snapshot, Values};

use crate::Assets;

/// A read-out's place: its name, unit and how many digits after the point are worth showing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadoutSpec {
    /// The name of its `<output data-readout>`. Never renamed.
    pub name: &'static str,
    /// The unit; may be empty.
    pub unit: &'static str,
    /// Digits after the point; significant digits when negative.
    pub digits: i8,
}

/// A read-out with digits after the point.
pub(crate) const fn readout(name: &'static str, unit: &'static str, digits: i8) -> ReadoutSpec {
    ReadoutSpec { name, unit, digits }
}

/// How a demo runs.
#[derive(Clone, Copy)]
pub enum Run {
    /// Answers its controls at once, on the page's thread, with what the person has brought.
    Sketch(fn(&Values, &Assets) -> Snapshot),
    /// Runs step by step in the worker.
    #[cfg(feature = "training")]
    Training(crate::experiment::Start),
    /// Runs step by step in the worker; this build holds no tensors.
    #[cfg(not(feature = "training"))]
    Training,
}

/// A demo of the lecture.
#[derive(Clone, Copy)]
pub struct Demo {
    /// The name in addresses and in `data-demo`. Never renamed.
    pub name: &'static str,
    /// The slide it belongs to, such as `1.8`.
    pub slide: &'static str,
    /// What the person reads above it.
    pub title: &'static str,
    /// Whether the run ends by itself: then it has run and cancel, not play and pause.
    pub ends: bool,
    /// Its controls.
    pub controls: fn() -> Vec<Control>,
    /// Its read-outs.
    pub readouts: &'static [ReadoutSpec],
    /// How it runs.
    pub run: Run,
}

impl Demo {
    /// Whether it trains nothing: its run only answers the controls, and has no play, pause or reset.
    pub fn answers(&self) -> bool {
        matches!(self.name, "generation" | "latent-arithmetic" | "reparameterization")
    }

    /// Whether it starts from a trained VAE: the person's own where there is one (the asset `model`), else the page's.
    pub fn uses_model(&self) -> bool {
        matches!(self.name, "generation" | "latent-arithmetic")
    }

    /// Whether it is a sketch that can show the person's trained VAE (the asset `model`) when asked to.
    pub fn shows_model(&self) -> bool {
        self.name == "mi-bound"
    }

    /// The control and its value with which it learns from the person's own images (the assets `images` and `labels`); none where it
    /// learns from none.
    pub fn takes_images(&self) -> Option<(&'static str, &'static str)> {
        (self.name == "vae").then_some(("data", "own"))
    }

    /// Whether its run trains the VAE that the others use.
    pub fn gives_model(&self) -> bool {
        self.name == "vae"
    }
}
