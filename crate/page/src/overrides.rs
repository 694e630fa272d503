//! A plotters backend that leaves two operations to somebody else: the width of a text, and the drawing of an image.
//!
//! In the browser, plotters measures a text by laying out an element with an inline style. That costs a layout for every label, and
//! a strict content security policy forbids it. Its blit draws one rectangle per pixel.

use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

/// What is done instead of the backend's own operation.
pub(crate) trait Overrides {
    /// The width of a text in pixels.
    fn text_width<S: BackendTextStyle>(&self, text: &str, style: &S) -> f64;

    /// Draws an RGB image; false leaves it to the backend.
    fn draw_image(&self, _position: BackendCoord, _size: (u32, u32), _rgb: &[u8]) -> bool {
        false
    }

    /// Called before the backend draws text, because that may change the font that [`Self::text_width`] relies on.
    fn before_text(&self) {}
}

/// The backend, and what overrides it.
pub(crate) struct Overridden<B, O> {
    inner: B,
    overrides: O,
}

impl<B, O> Overridden<B, O> {
    pub(crate) fn new(inner: B, overrides: O) -> Self {
        Self { inner, overrides }
    }
}

type Outcome<B> = Result<(), DrawingErrorKind<<B as DrawingBackend>::ErrorType>>;

impl<B: DrawingBackend, O: Overrides> DrawingBackend for Overridden<B, O> {
    type ErrorType = B::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.inner.get_size()
    }

    fn ensure_prepared(&mut self) -> Outcome<B> {
        self.inner.ensure_prepared()
    }

    fn present(&mut self) -> Outcome<B> {
        self.inner.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Outcome<B> {
        self.inner.draw_pixel(point, color)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Outcome<B> {
        self.inner.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Outcome<B> {
        self.inner.draw_rect(from, to, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Outcome<B> {
        self.inner.draw_path(path, style)
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, fill: bool) -> Outcome<B> {
        self.inner.draw_circle(center, radius, style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Outcome<B> {
        self.inner.fill_polygon(path, style)
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, position: BackendCoord) -> Outcome<B> {
        self.overrides.before_text();
        self.inner.draw_text(text, style, position)
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<B::ErrorType>> {
        Ok((self.overrides.text_width(text, style).ceil() as u32, style.size().ceil() as u32))
    }

    fn blit_bitmap(&mut self, position: BackendCoord, size: (u32, u32), rgb: &[u8]) -> Outcome<B> {
        if self.overrides.draw_image(position, size, rgb) {
            Ok(())
        } else {
            self.inner.blit_bitmap(position, size, rgb)
        }
    }
}
