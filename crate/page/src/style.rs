//! How figures look on the page and in a saved file.

use plots::Style;

/// The font family of prose and controls, as in the style sheet.
const FONT: &str = "system-ui, sans-serif";

/// On a canvas: `scale` device pixels per CSS pixel, text of the size of the text around it, `base` CSS pixels.
pub(crate) fn on_screen(dark: bool, scale: f64, base: f64) -> Style {
    Style { dark, scale, base, font: FONT.to_owned(), vector: false }
}

/// In a saved SVG: one unit is one pixel.
pub(crate) fn saved(dark: bool) -> Style {
    Style { dark, scale: 1.0, base: 16.0, font: FONT.to_owned(), vector: true }
}
