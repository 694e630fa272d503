//! plotters' canvas backend, with text measured by the canvas itself and images put there in one go.
//!
//! The backend's own measuring lays out an element of the page for every label, and its blit fills one rectangle a
//! pixel; both are too slow for figures that move. Everything else is the backend's.

use std::cell::RefCell;

use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};
use plotters_canvas::CanvasBackend;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

type Failure = <CanvasBackend as DrawingBackend>::ErrorType;
type Outcome = Result<(), DrawingErrorKind<Failure>>;

/// A canvas to draw on.
pub(crate) struct Canvas {
    inner: CanvasBackend,
    context: CanvasRenderingContext2d,
    /// The font that the context measures with now; setting it is dear, most labels share it.
    font: RefCell<String>,
}

impl Canvas {
    /// The canvas with its two-dimensional context; `None` when it has another one already.
    pub(crate) fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let inner = CanvasBackend::with_canvas_object(canvas)?;
        Some(Self { inner, context, font: RefCell::default() })
    }

    /// The CSS of a text style, as the inner backend writes it.
    fn measure_with<S: BackendTextStyle>(&self, style: &S) {
        let css = format!("{} {}px {}", style.style().as_str(), style.size(), style.family().as_str());
        if *self.font.borrow() != css {
            self.context.set_font(&css);
            self.font.replace(css);
        }
    }
}

impl DrawingBackend for Canvas {
    type ErrorType = Failure;

    fn get_size(&self) -> (u32, u32) {
        self.inner.get_size()
    }

    fn ensure_prepared(&mut self) -> Outcome {
        self.inner.ensure_prepared()
    }

    fn present(&mut self) -> Outcome {
        self.inner.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Outcome {
        self.inner.draw_pixel(point, color)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Outcome {
        self.inner.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Outcome {
        self.inner.draw_rect(from, to, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Outcome {
        self.inner.draw_path(path, style)
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, fill: bool) -> Outcome {
        self.inner.draw_circle(center, radius, style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Outcome {
        self.inner.fill_polygon(path, style)
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, position: BackendCoord) -> Outcome {
        // The inner backend sets its own font, and restores an older one after rotated text.
        self.font.replace(String::new());
        self.inner.draw_text(text, style, position)
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Failure>> {
        self.measure_with(style);
        // Half an em a letter, should the canvas not know.
        let guess = 0.5 * style.size() * text.chars().count() as f64;
        let width = self.context.measure_text(text).map_or(guess, |metrics| metrics.width());
        Ok((width.ceil() as u32, style.size().ceil() as u32))
    }

    fn blit_bitmap(&mut self, position: BackendCoord, (width, height): (u32, u32), rgb: &[u8]) -> Outcome {
        let rgba: Vec<u8> = rgb.chunks_exact(3).flat_map(|c| [c[0], c[1], c[2], 255]).collect();
        let placed = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&rgba), width, height)
            .and_then(|image| self.context.put_image_data(&image, f64::from(position.0), f64::from(position.1)));
        match placed {
            Ok(()) => Ok(()),
            // Slow but sure.
            Err(_) => self.inner.blit_bitmap(position, (width, height), rgb),
        }
    }
}
