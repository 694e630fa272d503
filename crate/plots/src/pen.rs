//! Strokes, fills, text and blits on a backend, in fractional device pixels. It must not know figures.

use std::cell::RefCell;

use figure::Dash;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::{Drawable, PointCollection};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle, RGBColor, TextStyle};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, DrawingBackend, DrawingErrorKind};

use crate::path::{self, Area, Point};
use crate::{DrawError, Style, palette};

/// plotters-svg divides text sizes by this.
const SVG_TEXT: f64 = 1.24;

/// A drawing area and the style it is drawn in.
pub(crate) struct Pen<'a, DB: DrawingBackend> {
    root: &'a DrawingArea<DB, Shift>,
    pub style: &'a Style,
}

/// Colour, width in device pixels, dash.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stroke {
    pub color: RGBColor,
    pub alpha: f64,
    pub width: f64,
    pub dash: Dash,
}

impl Stroke {
    pub(crate) fn new(color: RGBColor, width: f64) -> Self {
        Self { color, alpha: 1.0, width, dash: Dash::Solid }
    }
}

impl BackendStyle for Stroke {
    fn color(&self) -> BackendColor {
        backend_color(self.color, self.alpha)
    }

    fn stroke_width(&self) -> u32 {
        (self.width.round() as u32).max(1)
    }
}

/// One operation on the backend, as an element of plotters: the only way through a drawing area to its backend.
struct Operation<F>(RefCell<Option<F>>);

impl<'a, F> PointCollection<'a, BackendCoord> for &'a Operation<F> {
    type Point = BackendCoord;
    type IntoIter = std::iter::Empty<BackendCoord>;

    fn point_iter(self) -> Self::IntoIter {
        std::iter::empty()
    }
}

impl<DB, F> Drawable<DB> for Operation<F>
where
    DB: DrawingBackend,
    F: FnOnce(&mut DB) -> Result<(), DrawingErrorKind<DB::ErrorType>>,
{
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        _: I,
        backend: &mut DB,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<DB::ErrorType>> {
        self.0.borrow_mut().take().map_or(Ok(()), |operation| operation(backend))
    }
}

impl<'a, DB: DrawingBackend> Pen<'a, DB> {
    pub(crate) fn new(root: &'a DrawingArea<DB, Shift>, style: &'a Style) -> Self {
        Self { root, style }
    }

    /// All of the drawing area.
    pub(crate) fn area(&self) -> Area {
        let (x, y) = self.root.get_pixel_range();
        Area { left: f64::from(x.start), top: f64::from(y.start), right: f64::from(x.end), bottom: f64::from(y.end) }
    }

    /// The height of text, in device pixels.
    pub(crate) fn text_size(&self) -> f64 {
        (self.style.base * self.style.scale).clamp(1.0, 1000.0)
    }

    /// A CSS pixel for strokes and markers in device pixels; a little more where text is large (the lectern).
    pub(crate) fn unit(&self) -> f64 {
        self.style.scale.clamp(0.1, 16.0) * (self.style.base / 16.0).clamp(0.9, 1.5)
    }

    /// The width of the thinnest line.
    pub(crate) fn hair(&self) -> f64 {
        (0.7 * self.style.scale).round().max(1.0)
    }

    pub(crate) fn paper(&self) -> Result<(), DrawError> {
        self.rect(self.area(), palette::paper(self.style.dark), 1.0)
    }

    /// A line, dashed as its stroke says.
    pub(crate) fn line(&self, points: &[Point], stroke: Stroke) -> Result<(), DrawError> {
        for part in path::dashes(points, stroke.dash, stroke.width.max(1.0)) {
            let mut corners: Vec<BackendCoord> = part.iter().map(coord).collect();
            corners.dedup();
            if let [only] = corners[..] {
                // A dot shorter than a pixel.
                corners.push((only.0 + 1, only.1));
            }
            self.run(|backend| backend.draw_path(corners, &stroke))?;
        }
        Ok(())
    }

    pub(crate) fn fill(&self, shape: &[Point], color: RGBColor, alpha: f64) -> Result<(), DrawError> {
        if shape.len() < 3 {
            return Ok(());
        }
        let corners: Vec<BackendCoord> = shape.iter().map(coord).collect();
        self.run(|backend| backend.fill_polygon(corners, &backend_color(color, alpha)))
    }

    /// A filled rectangle, its sides on whole pixels. Nothing when it has no area.
    pub(crate) fn rect(&self, area: Area, color: RGBColor, alpha: f64) -> Result<(), DrawError> {
        let (from, to) = (coord(&(area.left, area.top)), coord(&(area.right, area.bottom)));
        if from.0 >= to.0 || from.1 >= to.1 {
            return Ok(());
        }
        self.run(|backend| backend.draw_rect(from, to, &backend_color(color, alpha), true))
    }

    /// A line along an axis as a rectangle: crisp on every backend.
    pub(crate) fn rule(&self, from: Point, to: Point, width: f64, color: RGBColor) -> Result<(), DrawError> {
        let half = (width / 2.0).floor();
        let (left, top) = (from.0.min(to.0).round(), from.1.min(to.1).round());
        let upright = (from.0 - to.0).abs() < (from.1 - to.1).abs();
        let area = if upright {
            Area { left: left - half, top, right: left - half + width, bottom: from.1.max(to.1).round() }
        } else {
            Area { left, top: top - half, right: from.0.max(to.0).round(), bottom: top - half + width }
        };
        self.rect(area, color, 1.0)
    }

    pub(crate) fn disc(&self, center: Point, radius: f64, color: RGBColor, alpha: f64) -> Result<(), DrawError> {
        let radius = (radius.round() as u32).max(1);
        self.run(|backend| backend.draw_circle(coord(&center), radius, &backend_color(color, alpha), true))
    }

    pub(crate) fn ring(&self, center: Point, radius: f64, stroke: Stroke) -> Result<(), DrawError> {
        let radius = (radius.round() as u32).max(1);
        self.run(|backend| backend.draw_circle(coord(&center), radius, &stroke, false))
    }

    /// Text whose vertical middle is at `at.1`, and whose left end, middle or right end at `at.0`.
    pub(crate) fn text(&self, text: &str, at: Point, size: f64, color: RGBColor, h_pos: HPos) -> Result<(), DrawError> {
        if text.is_empty() {
            return Ok(());
        }
        let style = self.font(size).color(&color).pos(Pos::new(h_pos, VPos::Center));
        self.run(|backend| backend.draw_text(text, &style, coord(&at)))
    }

    /// The width of a text, as the backend would set it.
    pub(crate) fn width(&self, text: &str, size: f64) -> Result<f64, DrawError> {
        if text.is_empty() {
            return Ok(0.0);
        }
        let style = TextStyle::from(self.font(size));
        let mut width = 0;
        // Backends without fonts count bytes; a letter stands for every character there.
        let plain: String;
        let asked = if self.style.vector {
            plain = text.chars().map(|c| if c.is_ascii() { c } else { 'n' }).collect();
            &plain
        } else {
            text
        };
        self.run(|backend| {
            width = backend.estimate_text_size(asked, &style)?.0;
            Ok(())
        })?;
        Ok(f64::from(width))
    }

    /// An RGB image, row by row, its left upper corner at `at`.
    pub(crate) fn blit(&self, at: BackendCoord, size: (u32, u32), rgb: &[u8]) -> Result<(), DrawError> {
        if size.0 == 0 || size.1 == 0 {
            return Ok(());
        }
        self.run(|backend| backend.blit_bitmap(at, size, rgb))
    }

    fn font(&self, size: f64) -> FontDesc<'_> {
        let size = if self.style.vector { size * SVG_TEXT } else { size };
        FontDesc::new(FontFamily::Name(&self.style.font), size, FontStyle::Normal)
    }

    fn run<F>(&self, operation: F) -> Result<(), DrawError>
    where
        F: FnOnce(&mut DB) -> Result<(), DrawingErrorKind<DB::ErrorType>>,
    {
        self.root.draw(&Operation(RefCell::new(Some(operation)))).map_err(|error| DrawError(error.to_string()))
    }
}

fn backend_color(RGBColor(r, g, b): RGBColor, alpha: f64) -> BackendColor {
    BackendColor { rgb: (r, g, b), alpha }
}

/// The nearest whole pixel.
fn coord(point: &Point) -> BackendCoord {
    (point.0.round() as i32, point.1.round() as i32)
}
