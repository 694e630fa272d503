//! What a demo shows at one moment: read-outs and figures.

use serde::{Deserialize, Serialize};

use crate::{Chart, Readout};

/// The state of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Further steps are useful.
    #[default]
    Going,
    /// Nothing to do until a control changes.
    Done,
    /// The run cannot continue: one sentence says what happened, what it means and what to press.
    Failed(String),
}

impl Status {
    /// `going`, `done` or `failed`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Going => "going",
            Self::Done => "done",
            Self::Failed(_) => "failed",
        }
    }
}

/// Grey images of one size in a grid.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Images {
    /// Images per row.
    pub columns: usize,
    /// Pixels of one image across.
    pub width: usize,
    /// Pixels of one image down.
    pub height: usize,
    /// Image by image, row by row, 0 (paper) to 255 (ink).
    pub pixels: Vec<u8>,
    /// One caption per grid row; may be empty.
    pub captions: Vec<String>,
}

impl Images {
    /// Images from values in \[0, 1\], `width`·`height` numbers each; values outside are clamped.
    pub fn from_unit(values: &[f32], columns: usize, width: usize, height: usize) -> Self {
        let pixels = values.iter().map(|v| (v.clamp(0.0, 1.0) * 255.0).round() as u8).collect();
        Self { columns, width, height, pixels, captions: Vec::new() }
    }

    /// How many images there are.
    pub fn count(&self) -> usize {
        self.pixels.len() / (self.width * self.height).max(1)
    }

    /// The same images with a caption for each grid row.
    #[must_use]
    pub fn with_captions(mut self, captions: Vec<String>) -> Self {
        self.captions = captions;
        self
    }
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Picture {
    /// Axes and layers.
    Chart(Chart),
    /// A grid of images.
    Images(Images),
}

/// A handle in a figure that is dragged horizontally to set a number control: the control becomes x − `origin`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grip {
    /// The number control.
    pub control: String,
    /// Where the figure draws the handle, in data units.
    pub at: [f64; 2],
    /// The x at which the control is 0.
    pub origin: f64,
}

/// What pointer and arrow keys do in a figure: they set a list control, or number controls with handles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Pointer {
    /// Dragging near one of the list's points moves it. The list holds groups of `stride` numbers whose first two are
    /// x and y in data units (only x when `stride` is 1).
    Drag {
        /// The list control.
        control: String,
        /// Numbers per point.
        stride: usize,
    },
    /// Dragging a handle horizontally sets its number control.
    Steer {
        /// In the order in which the keyboard selects them.
        grips: Vec<Grip>,
    },
    /// A press appends x and y to the list control; pressing on an existing point removes it.
    Add {
        /// The list control.
        control: String,
    },
    /// A press sets the list control to `[x, y]` (a chart) or to the index of the pressed image (images).
    Pick {
        /// The list control.
        control: String,
    },
    /// Drawing sets the pressed pixels of an image: the list holds one value per pixel in \[0, 1\].
    Paint {
        /// The list control.
        control: String,
    },
    /// As `Drag`, but only the first `count` points of the list are drawn, at their values in the list times `scale`.
    DragScaled {
        /// The list control.
        control: String,
        /// Numbers per point.
        stride: usize,
        /// Points that can be dragged.
        count: usize,
        /// Data units per unit of the list; above 0.
        scale: f64,
    },
}

/// A figure: the name of its canvas on the page, its description in words, and its picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The name of its `<canvas data-figure>`.
    pub name: String,
    /// One sentence for users who cannot see it, with the numbers that matter.
    pub alt: String,
    /// What is drawn.
    pub picture: Picture,
    /// What the pointer does.
    pub pointer: Option<Pointer>,
}

/// The name of a figure's canvas on the page, declared once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FigureSpec(pub &'static str);

impl FigureSpec {
    /// The figure as a chart; `alt` describes it in words.
    pub fn chart(self, alt: impl Into<String>, chart: Chart) -> Figure {
        Figure::chart(self.0, alt, chart)
    }

    /// The figure as a grid of images; `alt` describes it in words.
    pub fn images(self, alt: impl Into<String>, images: Images) -> Figure {
        Figure::images(self.0, alt, images)
    }
}

impl Figure {
    /// A chart.
    pub fn chart(name: impl Into<String>, alt: impl Into<String>, chart: Chart) -> Self {
        Self { name: name.into(), alt: alt.into(), picture: Picture::Chart(chart), pointer: None }
    }

    /// A grid of images.
    pub fn images(name: impl Into<String>, alt: impl Into<String>, images: Images) -> Self {
        Self { name: name.into(), alt: alt.into(), picture: Picture::Images(images), pointer: None }
    }

    /// The same figure with a pointer action.
    #[must_use]
    pub fn with_pointer(mut self, pointer: Pointer) -> Self {
        self.pointer = Some(pointer);
        self
    }
}

/// Everything a demo shows at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Updates made so far.
    pub step: u64,
    /// Share of the work done, for runs that end.
    pub progress: Option<f64>,
    /// The state of the run.
    pub status: Status,
    /// Numbers, by name.
    pub readouts: Vec<Readout>,
    /// Figures, by name.
    pub figures: Vec<Figure>,
    /// Rows behind the read-outs, for `export-csv`: a header and lines, empty where the figures' own numbers are enough.
    pub table: Vec<Vec<String>>,
    /// Sentences for the user, shown beside the figure.
    pub notes: Vec<String>,
}

impl Snapshot {
    /// The value of a read-out, if it is present.
    pub fn readout(&self, name: &str) -> Option<f64> {
        self.readouts.iter().find(|readout| readout.name == name).map(|readout| readout.value)
    }

    /// A figure by name, if it is present.
    pub fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }
}
