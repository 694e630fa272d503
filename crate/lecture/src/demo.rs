//! The facts of a demo, declared once. Code that handles demos reads these facts and never compares names.

use figure::{Assets, Control, FigureSpec, ReadoutSpec, Snapshot, Values};

#[cfg(feature = "training")]
pub use learn::Start;
/// How a run begins. A build without tensors cannot begin one.
#[cfg(not(feature = "training"))]
pub type Start = ();

/// A run's start by its path; `()` in a build without tensors.
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
    /// Runs in the worker without training: it only responds to its controls.
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

    /// The kind's name in the facts that the page reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sketch(_) => "sketch",
            Self::Answers(_) => "answers",
            Self::Open(_) => "open",
            Self::Ends(_) => "ends",
        }
    }
}

/// How a demo uses the trained VAE that is kept for other slides (the asset `model`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Model {
    /// Not at all.
    #[default]
    None,
    /// Its run trains it.
    Gives,
    /// Its run starts from it, or from the built-in model where there is none.
    StartsFrom,
    /// It is a sketch that can show it.
    Shows,
}

impl Model {
    /// The name in the facts that the page reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gives => "gives",
            Self::StartsFrom => "starts-from",
            Self::Shows => "shows",
        }
    }
}

/// The option with which a demo trains on the user's own images (the assets `images` and `labels`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImagesChoice {
    /// The control.
    pub control: &'static str,
    /// The option's value.
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
    /// How it uses the trained VAE.
    pub model: Model,
    /// The option with which it trains on the user's own images; none where it never does.
    pub images: Option<ImagesChoice>,
    /// Its controls.
    pub controls: fn() -> Vec<Control>,
    /// Its read-outs.
    pub readouts: &'static [ReadoutSpec],
    /// Its figures.
    pub figures: &'static [FigureSpec],
}
