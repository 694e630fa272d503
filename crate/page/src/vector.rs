//! Figures as SVG text. The widths of texts are estimates, because a file is shown with the fonts of another machine.

use figure::Figure;
use plotters::drawing::IntoDrawingArea;
use plotters_backend::BackendTextStyle;
use plotters_svg::SVGBackend;

use crate::overrides::{Overridden, Overrides};
use crate::style;

/// A figure as SVG text of the given size.
pub(crate) fn svg(figure: &Figure, size: (u32, u32), dark: bool) -> Result<String, plots::DrawError> {
    let mut text = String::new();
    {
        let root = Overridden::new(SVGBackend::with_string(&mut text, size), TypicalWidths).into_drawing_area();
        plots::draw(figure, &root, &style::saved(dark))?;
        root.present().map_err(|error| plots::DrawError(error.to_string()))?;
    }
    Ok(text)
}

/// Every character as wide as plotters estimates it where it has no fonts.
struct TypicalWidths;

impl Overrides for TypicalWidths {
    fn text_width<S: BackendTextStyle>(&self, text: &str, style: &S) -> f64 {
        let em = style.size() / 1.24 / 1.24;
        0.7 * em * text.chars().count() as f64
    }
}
