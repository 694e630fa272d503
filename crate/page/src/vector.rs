//! Drawing into SVG text, whose letters nobody measures: a file is read with another machine's fonts.

use figure::Figure;
use plotters::drawing::IntoDrawingArea;
use plotters_backend::BackendTextStyle;
use plotters_svg::SVGBackend;

use crate::measured::{Hand, Measured};
use crate::style;

/// A figure as SVG text of the given size.
pub(crate) fn svg(figure: &Figure, size: (u32, u32), dark: bool) -> Result<String, plots::DrawError> {
    let mut text = String::new();
    {
        let root = Measured::new(SVGBackend::with_string(&mut text, size), Typical).into_drawing_area();
        plots::draw(figure, &root, &style::saved(dark))?;
        root.present().map_err(|error| plots::DrawError(error.to_string()))?;
    }
    Ok(text)
}

/// The width of typical letters, as plotters estimates them where it has no fonts.
struct Typical;

impl Hand for Typical {
    fn width<S: BackendTextStyle>(&self, text: &str, style: &S) -> f64 {
        let em = style.size() / 1.24 / 1.24;
        0.7 * em * text.chars().count() as f64
    }
}
