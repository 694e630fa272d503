//! From data to pixels and back. It must not know what is drawn.

use figure::Scale;

/// One axis: from a range in data units to a stretch of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct AxisMap {
    pub scale: Scale,
    /// The data at `from` and at `to`.
    pub low: f64,
    pub high: f64,
    /// The pixel of `low`.
    pub from: f64,
    /// The pixel of `high`.
    pub to: f64,
}

impl AxisMap {
    /// pixel = from + (to − from) · (v − low) / (high − low), in logarithms on a logarithmic axis. Not finite where `v`
    /// has no place; otherwise kept within ten million pixels, so that sums stay exact enough to clip.
    pub(crate) fn pixel(&self, v: f64) -> f64 {
        let t = match self.scale {
            Scale::Linear => (v - self.low) / (self.high - self.low),
            Scale::Log if v <= 0.0 => return f64::NAN,
            Scale::Log => (v / self.low).ln() / (self.high / self.low).ln(),
        };
        if !v.is_finite() || t.is_nan() {
            return f64::NAN;
        }
        (self.from + (self.to - self.from) * t).clamp(-1e7, 1e7)
    }

    /// As [`Self::pixel`], but what lies at or below zero on a logarithmic axis is put at its low end (bars, bands).
    pub(crate) fn pixel_or_end(&self, v: f64) -> f64 {
        if self.scale == Scale::Log && v <= 0.0 { self.from } else { self.pixel(v) }
    }

    /// The inverse of [`Self::pixel`].
    pub(crate) fn data(&self, pixel: f64) -> f64 {
        let t = (pixel - self.from) / (self.to - self.from);
        match self.scale {
            Scale::Linear => self.low + (self.high - self.low) * t,
            Scale::Log => self.low * (self.high / self.low).powf(t),
        }
    }

    fn covers(&self, pixel: f64) -> bool {
        // Half a pixel more on both sides, so that the ends of the axis can be clicked.
        pixel >= self.from.min(self.to) - 0.5 && pixel <= self.from.max(self.to) + 0.5
    }
}

/// Where the cells of an image grid lie, in device pixels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cells {
    pub left: f64,
    pub top: f64,
    /// Size of one image.
    pub cell: (f64, f64),
    /// Space between neighbours.
    pub gap: f64,
    pub columns: usize,
    pub count: usize,
    /// Pixels of one image across and down.
    pub pixels: (usize, usize),
}

/// What the pixels show.
#[derive(Clone, Debug, PartialEq)]
enum Space {
    Chart {
        x: AxisMap,
        y: AxisMap,
    },
    Images(Cells),
    /// Nothing was drawn.
    Empty,
}

/// What lies where in a drawn figure, all in the backend's device pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Coordinates(Space);

impl Coordinates {
    pub(crate) fn chart(x: AxisMap, y: AxisMap) -> Self {
        Self(Space::Chart { x, y })
    }

    pub(crate) fn images(cells: Cells) -> Self {
        Self(Space::Images(cells))
    }

    pub(crate) fn empty() -> Self {
        Self(Space::Empty)
    }

    /// The data under a pixel of a chart; `None` outside the axes and in images.
    pub fn data_from_pixel(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        match &self.0 {
            Space::Chart { x: across, y: up } if across.covers(x) && up.covers(y) => Some((across.data(x), up.data(y))),
            _ => None,
        }
    }

    /// The pixel of a point of a chart, also outside the axes; not finite where it has none (images, logarithms of
    /// what is not positive).
    pub fn pixel_from_data(&self, x: f64, y: f64) -> (f64, f64) {
        match &self.0 {
            Space::Chart { x: across, y: up } => (across.pixel(x), up.pixel(y)),
            _ => (f64::NAN, f64::NAN),
        }
    }

    /// The index of the image under a pixel, row by row; `None` between images.
    pub fn image_at(&self, x: f64, y: f64) -> Option<usize> {
        self.image_pixel_at(x, y).map(|(image, _, _)| image)
    }

    /// The image under a pixel and, in it, the column and the row from the top.
    pub fn image_pixel_at(&self, x: f64, y: f64) -> Option<(usize, usize, usize)> {
        let Space::Images(cells) = &self.0 else { return None };
        let (u, v) = (x - cells.left, y - cells.top);
        if !(u >= 0.0 && v >= 0.0) {
            return None;
        }
        let (pitch_x, pitch_y) = (cells.cell.0 + cells.gap, cells.cell.1 + cells.gap);
        let (column, row) = ((u / pitch_x) as usize, (v / pitch_y) as usize);
        let index = row.checked_mul(cells.columns)?.checked_add(column)?;
        let (u, v) = ((u - column as f64 * pitch_x) / cells.cell.0, (v - row as f64 * pitch_y) / cells.cell.1);
        if column >= cells.columns || index >= cells.count || u >= 1.0 || v >= 1.0 {
            return None;
        }
        let within = |t: f64, n: usize| ((t * n as f64) as usize).min(n.saturating_sub(1));
        Some((index, within(u, cells.pixels.0), within(v, cells.pixels.1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(scale: Scale, low: f64, high: f64, from: f64, to: f64) -> AxisMap {
        AxisMap { scale, low, high, from, to }
    }

    #[test]
    fn there_and_back() {
        let coordinates =
            Coordinates::chart(axis(Scale::Log, 0.1, 1000.0, 40.0, 640.0), axis(Scale::Linear, -3.0, 5.0, 400.0, 20.0));
        for (x, y) in [(0.1, -3.0), (1.0, 0.0), (37.0, 4.9), (1000.0, 5.0)] {
            let (u, v) = coordinates.pixel_from_data(x, y);
            let (a, b) = coordinates.data_from_pixel(u, v).expect("inside");
            assert!((a / x - 1.0).abs() < 1e-9 && (b - y).abs() < 1e-9, "{x} {y} -> {u} {v} -> {a} {b}");
        }
        assert_eq!(coordinates.data_from_pixel(10.0, 100.0), None);
        assert!(coordinates.pixel_from_data(-1.0, 0.0).0.is_nan());
        assert_eq!(coordinates.image_at(100.0, 100.0), None);
    }

    #[test]
    fn images_are_found_and_gaps_are_not() {
        let coordinates = Coordinates::images(Cells {
            left: 10.0,
            top: 20.0,
            cell: (28.0, 56.0),
            gap: 4.0,
            columns: 3,
            count: 5,
            pixels: (14, 28),
        });
        assert_eq!(coordinates.image_pixel_at(10.0, 20.0), Some((0, 0, 0)));
        assert_eq!(coordinates.image_pixel_at(37.9, 75.9), Some((0, 13, 27)));
        assert_eq!(coordinates.image_at(39.0, 30.0), None, "a gap");
        assert_eq!(coordinates.image_pixel_at(10.0 + 32.0 + 4.1, 20.0 + 60.0 + 2.1), Some((4, 2, 1)));
        assert_eq!(coordinates.image_at(10.0 + 64.0 + 1.0, 20.0 + 61.0), None, "the sixth image is not there");
        assert_eq!(coordinates.image_at(f64::NAN, 30.0), None);
        assert_eq!(coordinates.data_from_pixel(15.0, 25.0), None);
    }
}
