//! Draws a [`figure::Figure`] on any plotters backend, writes its numbers as CSV, and finds the data under a pixel.
//!
//! This crate must not know tensors, the browser or any experiment. Of the backend it uses strokes, fills, blits, text and the width
//! of a text, nothing else.

#![forbid(unsafe_code)]

mod axes;
mod coordinates;
mod csv;
mod extent;
mod free_space;
mod grid;
mod labels;
mod layers;
mod layout;
mod number;
pub mod palette;
mod path;
mod pen;
mod raster;
mod ticks;

pub use coordinates::Coordinates;
pub use csv::{csv, csv_field};

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

/// The backend failed; the message is the backend's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawError(pub String);

impl std::fmt::Display for DrawError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "The figure could not be drawn: {}", self.0)
    }
}

impl std::error::Error for DrawError {}

/// Draws the background and the figure over all of `root`, and returns where its data lie in pixels.
///
/// Never fails because of the figure's content: layers that are empty, not finite or degenerate are left out. In a small area labels
/// are left out, in a smaller one ticks too.
///
/// # Errors
/// When the backend fails.
pub fn draw<DB: DrawingBackend>(
    figure: &Figure,
    root: &DrawingArea<DB, Shift>,
    style: &Style,
) -> Result<Coordinates, DrawError> {
    let pen = Pen::new(root, style);
    pen.paper()?;
    match &figure.picture {
        Picture::Chart(chart) => axes::draw(chart, &pen),
        Picture::Images(images) => grid::draw(images, figure.pointer.is_some(), &pen),
    }
}
