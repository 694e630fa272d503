//! The labels of layers: at the ends of lines where they fit, else in a legend above the axes. It must not know how layers are drawn.

use figure::{Chart, Dash, Layer, Marker, Role};
use plotters::style::text_anchor::HPos;
use plotters_backend::DrawingBackend;

use crate::free_space::{self, LINE, Occupied, text_box};
use crate::layout::Frame;
use crate::path::{Area, Point};
use crate::pen::{Pen, Stroke};
use crate::{DrawError, layers, palette};

/// What is drawn before a label in the legend.
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
    /// Whether it is in the column right of the axes, which makes them narrower.
    column: bool,
    /// The middle of the text's left side; set once the frame is known, `None` where nothing of the layer is visible.
    at: Option<Point>,
}

/// The labels of a chart's layers and their places: directly beside the layers, or in a legend.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Key<'c> {
    direct: Vec<Entry<'c>>,
    legend: Vec<Entry<'c>>,
    crowded: bool,
}

/// The ways to label the layers, the best first: at their ends, in a legend, not at all.
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
        // The column right of the axes keeps room for every label at first, and gives it back where a label fits inside the axes.
        list.push(Entry {
            text,
            role,
            swatch,
            layer,
            width: pen.width(text, pen.text_size())?,
            column: true,
            at: None,
        });
    }
    if blocks.len() < 2 && ends.is_empty() {
        // Bars of one kind need no label: the axis says what they are.
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
        self.direct.iter().filter(|e| e.column).map(|e| e.width + 0.6 * t).fold(0.0, f64::max)
    }

    /// Whether everything found a place.
    pub(crate) fn fits<DB: DrawingBackend>(&self, frame: &Frame<'_>, pen: &Pen<'_, DB>) -> bool {
        let rows = self.legend.iter().filter_map(|e| e.at).map(|at| at.1).fold(0.0, f64::max) - frame.total.top;
        !self.crowded
            && self.margin(pen.text_size()) <= 0.34 * frame.total.width()
            && (self.legend.is_empty() || rows <= 0.35 * frame.total.height())
    }

    /// Places the legend above the axes, beside the vertical axis's label where all of it fits, else in rows of its own, and
    /// returns how many rows that makes with the label.
    pub(crate) fn flow<DB: DrawingBackend>(
        &mut self,
        total: Area,
        y_label: f64,
        pen: &Pen<'_, DB>,
    ) -> Result<usize, DrawError> {
        let t = pen.text_size();
        let (left, right) = (total.left + 0.35 * t, total.right - 0.35 * t);
        let whole: f64 = self.legend.iter().map(|e| e.width + 3.1 * t).sum::<f64>() - 1.1 * t;
        let beside = left + y_label + 2.0 * t;
        let mut row = usize::from(y_label > 0.0 && beside + whole > right);
        let mut x = if y_label > 0.0 && row == 0 { beside } else { left };
        for entry in &mut self.legend {
            let width = 2.0 * t + entry.width;
            if x + width > right && x > left {
                (x, row) = (left, row + 1);
            }
            entry.at = Some((x + 2.0 * t, row_middle(total, row, t)));
            x += width + 1.1 * t;
        }
        Ok(if self.legend.is_empty() { usize::from(y_label > 0.0) } else { row + 1 })
    }

    /// Places the labels at line ends, moved apart where they would overlap, and those of peaks beside them.
    pub(crate) fn place<DB: DrawingBackend>(&mut self, chart: &Chart, frame: &Frame<'_>, pen: &Pen<'_, DB>) {
        let t = pen.text_size();
        let (top, bottom) = (frame.area.top + 0.3 * t, frame.area.bottom - 0.3 * t);
        let anchors: Vec<_> = self.direct.iter().map(|e| anchor(&chart.layers[e.layer], chart.equal, frame)).collect();
        let mut occupied = if anchors.iter().any(|a| matches!(a, Anchor::Peak(_) | Anchor::Inside(_))) {
            Occupied::of(chart, frame)
        } else {
            Occupied::default()
        };
        for (entry, anchor) in self.direct.iter_mut().zip(&anchors) {
            (entry.at, entry.column) = (None, matches!(anchor, Anchor::Right(_)));
        }
        // Labels that share the column on the right, top to bottom.
        let mut column: Vec<(usize, f64)> = Vec::new();
        for (i, anchor) in anchors.iter().enumerate() {
            if let Anchor::Right(y) = anchor {
                column.push((i, *y));
            }
        }
        column.sort_by(|a, b| a.1.total_cmp(&b.1));
        let wanted: Vec<f64> = column.iter().map(|(_, y)| *y).collect();
        let set = spread(&wanted, LINE * t, top, bottom);
        self.crowded = column.len() as f64 * LINE * t > frame.area.height() + t
            || set.iter().zip(&wanted).any(|(a, b)| (a - b).abs() > 2.6 * t);
        for ((i, _), y) in column.iter().zip(set) {
            let at = (frame.area.right + 0.5 * t, y);
            self.direct[*i].at = Some(at);
            occupied.add(text_box(at, self.direct[*i].width, t));
        }
        for (entry, anchor) in self.direct.iter_mut().zip(&anchors) {
            let place = match anchor {
                Anchor::Peak(line) => free_space::beside_peak(line, entry.width, t, &frame.area, &occupied),
                Anchor::Inside(point) => {
                    let x = (point.0 + 0.5 * t).min(frame.total.right - entry.width - 0.2 * t);
                    Some(free_space::beside_mark(x, point.1, entry.width, t, &occupied))
                }
                Anchor::Right(_) | Anchor::Nowhere => continue,
            };
            match place {
                Some(at) => {
                    entry.at = Some(at);
                    occupied.add(text_box(at, entry.width, t));
                }
                None => self.crowded = true,
            }
        }
    }

    /// Draws the labels, and the legend's swatches.
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

/// The vertical middle of a row of text above the axes.
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
            layers::bar(pen, area, entry.role, 0.84)
        }
    }
}

/// What a layer's label is placed beside.
enum Anchor {
    /// A curve over the horizontal axis, in points or in one line, or a level rule: the column right of the axes, at this height.
    Right(f64),
    /// A path in a plane, or points: beside the last pixel.
    Inside(Point),
    /// A curve with a peak that starts and ends at the bottom (a density): a label at its end would not tell it from others.
    Peak(Vec<Point>),
    /// Nothing of it is visible.
    Nowhere,
}

fn anchor(layer: &Layer, equal: bool, frame: &Frame<'_>) -> Anchor {
    let visible = frame.area.grown(1.0);
    let pixel = |&[x, y]: &[f64; 2]| (frame.x.pixel(x), frame.y.pixel(y));
    match layer {
        Layer::Rule { at, .. } => {
            let y = frame.y.pixel(*at);
            if visible.contains((frame.area.right, y)) { Anchor::Right(y) } else { Anchor::Nowhere }
        }
        Layer::Points { points, .. } => {
            let Some(last) = points.iter().rev().map(pixel).find(|p| visible.contains(*p)) else {
                return Anchor::Nowhere;
            };
            // Points in order from left to right are a curve; others are places.
            let rightwards = points.len() > 2 && points.windows(2).all(|pair| pair[0][0] < pair[1][0]);
            if rightwards && !equal { Anchor::Right(last.1) } else { Anchor::Inside(last) }
        }
        Layer::Line { points, .. } => {
            let inside: Vec<Point> = points.iter().map(pixel).filter(|p| visible.contains(*p)).collect();
            let (Some(first), Some(last)) = (inside.first(), inside.last()) else { return Anchor::Nowhere };
            let height = |y: f64| (frame.area.bottom - y) / frame.area.height();
            let summit = inside.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
            if height(first.1) < 0.06 && height(last.1) < 0.06 && height(summit) > 0.2 {
                return Anchor::Peak(inside);
            }
            // A curve that grows to the right has its label in the column, a path in a plane at its end.
            if !equal && inside.iter().all(|p| p.0 <= last.0) { Anchor::Right(last.1) } else { Anchor::Inside(*last) }
        }
        _ => Anchor::Nowhere,
    }
}

/// Sorted heights moved as little as may be (least squares, pooling neighbours) so that they are `gap` spread and, where
/// that is possible, between `top` and `bottom`.
fn spread(wanted: &[f64], gap: f64, top: f64, bottom: f64) -> Vec<f64> {
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
        let set = spread(&[10.0, 11.0, 12.0, 80.0], 15.0, 0.0, 100.0);
        assert!(set.windows(2).all(|w| w[1] - w[0] >= 15.0 - 1e-9), "{set:?}");
        assert!((set[3] - 80.0).abs() < 1e-9, "what is free stays: {set:?}");
        assert!(set[0] >= 0.0 && set[3] <= 100.0);
        assert_eq!(spread(&[98.0, 99.0], 15.0, 0.0, 100.0), [85.0, 100.0]);
        assert!(spread(&[], 15.0, 0.0, 100.0).is_empty());
    }
}
