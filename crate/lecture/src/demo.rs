//! What a demo is: its facts, declared once. Whoever walks the lecture reads them here and asks no name.

use figure::{Assets, Control, FigureSpec, ReadoutSpec, Snapshot, Values};

#[cfg(feature = "training")]
pub use learn::Start;
/// How a run begins. This build holds no tensors, so it begins none.
#[cfg(not(feature = "training"))]
pub type Start = ();

/// A run's start by its path, in a build that holds tensors; nothing in one that does not.
#[cfg(feature = "training")]
macro_rules! start {
    ($path:path) => {
        $path
    };
}
#[cfg(not(feature = "training"))]
macro_rules! start {
    ($path:path) => {
        ()
    };
}
pub(crate) use start;

/// How a demo runs.
#[derive(Clone, Copy)]
pub enum Run {
    /// Computes its snapshot from the controls at once, on the page's thread.
    Sketch(fn(&Values, &Assets) -> Snapshot),
    /// Runs in the worker and trains nothing: it only answers its controls.
    Answers(Start),
    /// Trains in the worker until it is paused.
    Open(Start),
    /// Computes in the worker and ends by itself.
    Ends(Start),
}

impl Run {
    /// How the run in the worker begins; none for a sketch.
    pub fn start(self) -> Option<Start> {
        match self {
            Self::Sketch(_) => None,
            Self::Answers(start) | Self::Open(start) | Self::Ends(start) => Some(start),
        }
    }

    /// The name of the kind, as the page knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sketch(_) => "sketch",
            Self::Answers(_) => "answers",
            Self::Open(_) => "open",
            Self::Ends(_) => "ends",
        }
    }
}

/// What a demo has to do with the trained VAE that is kept for other slides (the asset `model`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Model {
    /// Nothing.
    #[default]
    None,
    /// Its run trains it.
    Gives,
    /// It starts from it; where there is none, from the one that comes with the page.
    StartsFrom,
    /// It is a sketch that can show it.
    Shows,
}

impl Model {
    /// The name, as the page knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gives => "gives",
            Self::StartsFrom => "starts-from",
            Self::Shows => "shows",
        }
    }
}

/// The value of a choice with which a demo learns from the user's own images (the assets `images` and `labels`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImagesChoice {
    /// The control.
    pub control: &'static str,
    /// Its value.
    pub value: &'static str,
}

/// A demo of the lecture.
#[derive(Clone, Copy)]
pub struct Demo {
    /// The name in addresses and in `data-demo`. Never renamed.
    pub name: &'static str,
    /// The slide it belongs to, such as `1.8`.
    pub slide: &'static str,
    /// Its title.
    pub title: &'static str,
    /// How it runs.
    pub run: Run,
    /// Whether it computes with tensors, on a device that the user may choose.
    pub device: bool,
    /// Whether it shows its steps per second.
    pub rate: bool,
    /// Whether it shows how long its run took.
    pub elapsed: bool,
    /// What it has to do with the trained VAE.
    pub model: Model,
    /// The choice with which it learns from the user's own images; none where it never does.
    pub images: Option<ImagesChoice>,
    /// Its controls.
    pub controls: fn() -> Vec<Control>,
    /// Its read-outs.
    pub readouts: &'static [ReadoutSpec],
    /// The places of its figures.
    pub figures: &'static [FigureSpec],
}
