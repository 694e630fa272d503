//! A backend of plotters with text measured and images placed by another hand; everything else is the backend's.
//!
//! In the browser plotters measures a text by laying out an element with an inline style, which costs a layout for every
//! label and which a strict content policy forbids. Its blit is one rectangle a pixel.

use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

/// What is done instead of the backend.
pub(crate) trait Hand {
    /// The width of a text in pixels.
    fn width<S: BackendTextStyle>(&self, text: &str, style: &S) -> f64;

    /// Places an RGB image; false leaves it to the backend.
    fn place(&self, _position: BackendCoord, _size: (u32, u32), _rgb: &[u8]) -> bool {
        false
    }

    /// Told before the backend draws text, which may change what the hand relies on.
    fn before_text(&self) {}
}

/// The backend and the hand.
pub(crate) struct Measured<B, H> {
    inner: B,
    hand: H,
}

impl<B, H> Measured<B, H> {
    pub(crate) fn new(inner: B, hand: H) -> Self {
        Self { inner, hand }
    }
}

type Outcome<B> = Result<(), DrawingErrorKind<<B as DrawingBackend>::ErrorType>>;

impl<B: DrawingBackend, H: Hand> DrawingBackend for Measured<B, H> {
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
        self.hand.before_text();
        self.inner.draw_text(text, style, position)
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<B::ErrorType>> {
        Ok((self.hand.width(text, style).ceil() as u32, style.size().ceil() as u32))
    }

    fn blit_bitmap(&mut self, position: BackendCoord, size: (u32, u32), rgb: &[u8]) -> Outcome<B> {
        if self.hand.place(position, size, rgb) { Ok(()) } else { self.inner.blit_bitmap(position, size, rgb) }
    }
}
