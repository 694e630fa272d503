//! The names of lines: at their ends where they fit, else in a row above. It must not know how layers are drawn.

use figure::{Chart, Dash, Layer, Marker, Role};
use plotters::style::text_anchor::HPos;
use plotters_backend::DrawingBackend;

use crate::layout::Frame;
use crate::path::{Area, Point};
use crate::pen::{Pen, Stroke};
use crate::{DrawError, layers, palette};

/// The height of a line of labels in multiples of the text size.
const LINE: f64 = 1.16;

/// What stands before a name in a legend.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Swatch {
    Line(Dash),
    Mark(Marker),
    Block,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry<'c> {
    text: &'c str,
    role: Role,
    swatch: Swatch,
    layer: usize,
    width: f64,
    /// Left and middle of the text; set once the frame is known, `None` where the layer has no point to stand by.
    at: Option<Point>,
}

/// The names in a chart and where they stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Key<'c> {
    direct: Vec<Entry<'c>>,
    legend: Vec<Entry<'c>>,
    crowded: bool,
}

/// The ways to name the layers, the best first: at their ends, in a legend, not at all.
pub(crate) fn keys<'c, DB: DrawingBackend>(chart: &'c Chart, pen: &Pen<'_, DB>) -> Result<Vec<Key<'c>>, DrawError> {
    let (mut ends, mut blocks): (Vec<Entry<'c>>, Vec<Entry<'c>>) = (Vec::new(), Vec::new());
    for (layer, what) in chart.layers.iter().enumerate() {
        let (text, role, swatch) = match what {
            Layer::Line { label, role, dash, .. } => (label, *role, Swatch::Line(layers::dash(*role, *dash))),
            Layer::Rule { label, role, dash, vertical: false, .. } => {
                (label, *role, Swatch::Line(layers::dash(*role, *dash)))
            }
            Layer::Points { label, role, marker, .. } => (label, *role, Swatch::Mark(*marker)),
            Layer::Bars { label, role, .. } => (label, *role, Swatch::Block),
            _ => continue,
        };
        let list = if swatch == Swatch::Block { &mut blocks } else { &mut ends };
        if text.is_empty() || list.iter().any(|e| e.text == text && e.role == role) {
            continue;
        }
        list.push(Entry { text, role, swatch, layer, width: pen.width(text, pen.text_size())?, at: None });
    }
    if blocks.len() < 2 && ends.is_empty() {
        // One kind of bar is named by its axis.
        blocks.clear();
    }
    let legend: Vec<_> = ends.iter().chain(&blocks).cloned().collect();
    Ok(vec![
        Key { direct: ends, legend: blocks, crowded: false },
        Key { direct: Vec::new(), legend, crowded: false },
        Key::default(),
    ])
}

impl<'c> Key<'c> {
    /// The space that labels at line ends take on the right.
    pub(crate) fn margin(&self, t: f64) -> f64 {
        self.direct.iter().map(|e| e.width + 0.6 * t).fold(0.0, f64::max)
    }

    /// Whether everything found a place.
    pub(crate) fn fits<DB: DrawingBackend>(&self, frame: &Frame<'_>, pen: &Pen<'_, DB>) -> bool {
        let rows = self.legend.iter().filter_map(|e| e.at).map(|at| at.1).fold(0.0, f64::max) - frame.total.top;
        !self.crowded
            && self.margin(pen.text_size()) <= 0.34 * frame.total.width()
            && (self.legend.is_empty() || rows <= 0.35 * frame.total.height())
    }

    /// Sets the legend in rows above the axes, beside the vertical axis's label as far as there is room, and returns how
    /// many rows that makes with the label.
    pub(crate) fn flow<DB: DrawingBackend>(
        &mut self,
        total: Area,
        y_label: f64,
        pen: &Pen<'_, DB>,
    ) -> Result<usize, DrawError> {
        let t = pen.text_size();
        let left = total.left + 0.35 * t;
        let mut x = if y_label > 0.0 { left + y_label + 2.0 * t } else { left };
        let mut row = 0;
        for entry in &mut self.legend {
            let width = 2.0 * t + entry.width;
            if x + width > total.right - 0.35 * t && x > left {
                (x, row) = (left, row + 1);
            }
            entry.at = Some((x + 2.0 * t, row_middle(total, row, t)));
            x += width + 1.1 * t;
        }
        Ok(if self.legend.is_empty() { usize::from(y_label > 0.0) } else { row + 1 })
    }

    /// Sets the labels at line ends, pushed apart where they would overlap.
    pub(crate) fn place<DB: DrawingBackend>(&mut self, chart: &Chart, frame: &Frame<'_>, pen: &Pen<'_, DB>) {
        let t = pen.text_size();
        let anchors: Vec<_> = self.direct.iter().map(|e| anchor(&chart.layers[e.layer], frame)).collect();
        let furthest = anchors.iter().flatten().filter(|a| !a.peak).map(|a| a.at.0).fold(f64::MIN, f64::max);
        // Labels that share the column at the last ends, top to bottom.
        let mut column: Vec<(usize, f64)> = Vec::new();
        for (i, anchor) in anchors.iter().enumerate() {
            let Some(anchor) = anchor else { continue };
            if !anchor.peak && furthest - anchor.at.0 < 3.0 * t {
                column.push((i, anchor.at.1));
            }
        }
        column.sort_by(|a, b| a.1.total_cmp(&b.1));
        let wanted: Vec<f64> = column.iter().map(|(_, y)| *y).collect();
        let (top, bottom) = (frame.area.top + 0.3 * t, frame.area.bottom - 0.3 * t);
        let set = apart(&wanted, LINE * t, top, bottom);
        self.crowded = column.len() as f64 * LINE * t > frame.area.height() + t
            || set.iter().zip(&wanted).any(|(a, b)| (a - b).abs() > 2.6 * t);
        let mut taken: Vec<Area> = Vec::new();
        for ((i, _), y) in column.iter().zip(set) {
            let at = (furthest + 0.5 * t, y);
            self.direct[*i].at = Some(at);
            taken.push(boxed(at, self.direct[*i].width, t));
        }
        for (i, anchor) in anchors.iter().enumerate() {
            let Some(anchor) = anchor else { continue };
            if self.direct[i].at.is_some() {
                continue;
            }
            let width = self.direct[i].width;
            let x = if anchor.peak { anchor.at.0 - width / 2.0 } else { anchor.at.0 + 0.5 * t };
            let x = x.min(frame.total.right - width - 0.2 * t).max(frame.area.left + 0.2 * t);
            let y = if anchor.peak { anchor.at.1 - 0.8 * t } else { anchor.at.1 };
            // The nearest free height, upwards first.
            let free = (0..12).map(|k| y + [-1.0, 1.0][k % 2] * k.div_ceil(2) as f64 * 0.6 * t).find(|y| {
                let place = boxed((x, *y), width, t);
                *y >= frame.area.top - 0.2 * t && *y <= bottom && !taken.iter().any(|other| other.meets(&place))
            });
            match free {
                Some(y) => {
                    self.direct[i].at = Some((x, y));
                    taken.push(boxed((x, y), width, t));
                }
                None => self.crowded = true,
            }
        }
    }

    /// Draws the names.
    pub(crate) fn draw<DB: DrawingBackend>(&self, pen: &Pen<'_, DB>) -> Result<(), DrawError> {
        let (t, dark) = (pen.text_size(), pen.style.dark);
        for (entry, legend) in self.direct.iter().map(|e| (e, false)).chain(self.legend.iter().map(|e| (e, true))) {
            let Some(at) = entry.at else { continue };
            if legend {
                swatch(entry, (at.0 - 0.45 * t, at.1), pen)?;
            }
            pen.text(entry.text, at, t, palette::text_color(entry.role, dark), HPos::Left)?;
        }
        Ok(())
    }
}

/// The middle of a row of words above the axes.
pub(crate) fn row_middle(total: Area, row: usize, t: f64) -> f64 {
    total.top + 0.35 * t + (0.62 + 1.45 * row as f64) * t
}

fn swatch<DB: DrawingBackend>(entry: &Entry<'_>, right: Point, pen: &Pen<'_, DB>) -> Result<(), DrawError> {
    let t = pen.text_size();
    match entry.swatch {
        Swatch::Line(dash) => {
            let stroke = Stroke { dash, ..layers::stroke(entry.role, dash, pen) };
            pen.line(&[(right.0 - 1.4 * t, right.1), right], stroke)
        }
        Swatch::Mark(marker) => {
            layers::mark(pen, marker, (right.0 - 0.4 * t, right.1), 3.4 * pen.unit(), entry.role, 1.0)
        }
        Swatch::Block => {
            let area =
                Area { left: right.0 - 0.9 * t, right: right.0, top: right.1 - 0.4 * t, bottom: right.1 + 0.4 * t };
            layers::bar(pen, area, entry.role)
        }
    }
}

struct Anchor {
    at: Point,
    /// Above a summit instead of at an end.
    peak: bool,
}

/// The pixel that a layer's name belongs to: its last point in sight, or the summit of a hump that starts and ends at
/// the bottom (a density), where the ends say nothing.
fn anchor(layer: &Layer, frame: &Frame<'_>) -> Option<Anchor> {
    let sight = frame.area.grown(1.0);
    let pixel = |&[x, y]: &[f64; 2]| (frame.x.pixel(x), frame.y.pixel(y));
    match layer {
        Layer::Rule { at, .. } => {
            let at = (frame.area.right, frame.y.pixel(*at));
            sight.contains(at).then_some(Anchor { at, peak: false })
        }
        Layer::Points { points, .. } => {
            points.iter().rev().map(pixel).find(|p| sight.contains(*p)).map(|at| Anchor { at, peak: false })
        }
        Layer::Line { points, .. } => {
            let mut seen = points.iter().map(pixel).filter(|p| sight.contains(*p));
            let first = seen.next()?;
            let (mut last, mut summit) = (first, first);
            for point in seen {
                last = point;
                if point.1 < summit.1 {
                    summit = point;
                }
            }
            let height = |p: Point| (frame.area.bottom - p.1) / frame.area.height();
            let peak = height(first) < 0.06 && height(last) < 0.06 && height(summit) > 0.2;
            Some(Anchor { at: if peak { summit } else { last }, peak })
        }
        _ => None,
    }
}

fn boxed(at: Point, width: f64, t: f64) -> Area {
    Area { left: at.0, right: at.0 + width, top: at.1 - 0.5 * LINE * t, bottom: at.1 + 0.5 * LINE * t }
}

/// Sorted heights moved as little as may be (least squares, pooling neighbours) so that they are `gap` apart and, where
/// that is possible, between `top` and `bottom`.
fn apart(wanted: &[f64], gap: f64, top: f64, bottom: f64) -> Vec<f64> {
    // A pool: where its first label wants to be on average, and how many it holds.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for &y in wanted {
        pools.push((y, 1));
        while let [.., (a, n), (b, m)] = pools[..] {
            if a + n as f64 * gap <= b {
                break;
            }
            let together = (a * n as f64 + (b - n as f64 * gap) * m as f64) / (n + m) as f64;
            pools.truncate(pools.len() - 2);
            pools.push((together, n + m));
        }
    }
    let mut out: Vec<f64> = pools.iter().flat_map(|(start, n)| (0..*n).map(move |i| start + i as f64 * gap)).collect();
    let mut limit = bottom;
    for y in out.iter_mut().rev() {
        *y = y.min(limit);
        limit = *y - gap;
    }
    let mut limit = top;
    for y in &mut out {
        *y = y.max(limit);
        limit = *y + gap;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_pushed_apart_and_keep_their_order() {
        let set = apart(&[10.0, 11.0, 12.0, 80.0], 15.0, 0.0, 100.0);
        assert!(set.windows(2).all(|w| w[1] - w[0] >= 15.0 - 1e-9), "{set:?}");
        assert!((set[3] - 80.0).abs() < 1e-9, "what is free stays: {set:?}");
        assert!(set[0] >= 0.0 && set[3] <= 100.0);
        assert_eq!(apart(&[98.0, 99.0], 15.0, 0.0, 100.0), [85.0, 100.0]);
        assert!(apart(&[], 15.0, 0.0, 100.0).is_empty());
    }
}
