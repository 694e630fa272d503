//! Figures on a canvas, which itself measures texts and draws an image in one call.

use std::cell::RefCell;

use plotters_backend::{BackendCoord, BackendTextStyle};
use plotters_canvas::CanvasBackend;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use crate::overrides::{Overridden, Overrides};

/// The backend of a canvas; `None` when the canvas already has a context of another kind.
pub(crate) fn backend(canvas: HtmlCanvasElement) -> Option<Overridden<CanvasBackend, Context>> {
    let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let overrides = Context { context, font: RefCell::default() };
    Some(Overridden::new(CanvasBackend::with_canvas_object(canvas)?, overrides))
}

/// A canvas's two-dimensional context.
pub(crate) struct Context {
    context: CanvasRenderingContext2d,
    /// The font it is set to. Setting a font is slow, and most labels of a figure have the same one.
    font: RefCell<String>,
}

impl Overrides for Context {
    fn text_width<S: BackendTextStyle>(&self, text: &str, style: &S) -> f64 {
        let css = format!("{} {}px {}", style.style().as_str(), style.size(), style.family().as_str());
        if *self.font.borrow() != css {
            self.context.set_font(&css);
            self.font.replace(css);
        }
        // Half an em per character where the canvas cannot measure.
        let guess = 0.5 * style.size() * text.chars().count() as f64;
        self.context.measure_text(text).map_or(guess, |metrics| metrics.width())
    }

    fn draw_image(&self, position: BackendCoord, (width, height): (u32, u32), rgb: &[u8]) -> bool {
        let rgba: Vec<u8> = rgb.chunks_exact(3).flat_map(|c| [c[0], c[1], c[2], 255]).collect();
        ImageData::new_with_u8_clamped_array_and_sh(Clamped(&rgba), width, height)
            .and_then(|image| self.context.put_image_data(&image, f64::from(position.0), f64::from(position.1)))
            .is_ok()
    }

    fn before_text(&self) {
        // The backend sets its own font, and after rotated text restores an older one.
        self.font.replace(String::new());
    }
}
