//! From a figure to a picture, on any plotters backend, or to rows of a CSV; and back from a pixel to data.
//!
//! This room must not know tensors, the browser or any experiment: it reads [`figure::Figure`] and asks the backend for
//! nothing but strokes, fills, blits, text and the width of a text.

#![forbid(unsafe_code)]

mod axes;
mod csv;
mod extent;
mod grid;
mod labels;
mod layers;
mod layout;
mod map;
mod number;
pub mod palette;
mod path;
mod pen;
mod raster;
mod room;
mod ticks;

pub use csv::csv;
pub use map::Map;

use figure::{Figure, Picture};
use plotters::{coord::Shift, drawing::DrawingArea};
use plotters_backend::DrawingBackend;

use crate::pen::Pen;

/// How a figure is drawn: theme, pixel ratio, text.
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    /// Light ink on dark paper.
    pub dark: bool,
    /// Device pixels per CSS pixel.
    pub scale: f64,
    /// Text size in CSS pixels, 13 on a phone to 28 at the lectern.
    pub base: f64,
    /// The CSS font family.
    pub font: String,
    /// Whether the backend is plotters-svg: cells become rectangles instead of a blit (whose default is an element per
    /// pixel), and text sizes are multiplied by the 1.24 that plotters-svg divides them by.
    pub vector: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { dark: false, scale: 1.0, base: 16.0, font: "system-ui, sans-serif".into(), vector: false }
    }
}

/// The backend refused; the sentence is its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawError(pub String);

impl std::fmt::Display for DrawError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "The figure could not be drawn: {}", self.0)
    }
}

impl std::error::Error for DrawError {}

/// Paints the paper and the figure over all of `root`, and returns the way back from pixels to data.
///
/// Never fails for what the figure holds (empty, not finite, degenerate): such layers are left out. Areas too small for
/// labels lose them, labels before ticks.
///
/// # Errors
/// When the backend fails.
pub fn draw<DB: DrawingBackend>(
    figure: &Figure,
    root: &DrawingArea<DB, Shift>,
    style: &Style,
) -> Result<Map, DrawError> {
    let pen = Pen::new(root, style);
    pen.paper()?;
    match &figure.picture {
        Picture::Chart(chart) => axes::draw(chart, &pen),
        Picture::Images(images) => grid::draw(images, figure.pointer.is_some(), &pen),
    }
}
