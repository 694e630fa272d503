//! Where in a chart a label fits without covering lines, bars or other labels. It must not know what the label says.

use figure::{Chart, Layer};

use crate::layout::Frame;
use crate::path::{self, Area, Point};

/// What labels must not cover.
#[derive(Clone, Debug, Default)]
pub(crate) struct Occupied {
    segments: Vec<(Point, Point)>,
    areas: Vec<Area>,
}

impl Occupied {
    /// All lines, horizontal rules and bars of a chart.
    pub(crate) fn of(chart: &Chart, frame: &Frame<'_>) -> Self {
        let mut occupied = Self::default();
        for layer in &chart.layers {
            match layer {
                Layer::Line { points, .. } => {
                    for run in path::runs(points.iter().map(|p| (frame.x.pixel(p[0]), frame.y.pixel(p[1])))) {
                        let run = path::simplify(&path::decimate(&run), 1.0);
                        occupied.segments.extend(run.windows(2).map(|w| (w[0], w[1])));
                    }
                }
                Layer::Rule { at, vertical: false, .. } => {
                    let y = frame.y.pixel(*at);
                    occupied.segments.push(((frame.area.left, y), (frame.area.right, y)));
                }
                Layer::Bars { bars, .. } => occupied.areas.extend(bars.iter().map(|b| {
                    let (a, b, c, d) = (
                        frame.x.pixel_or_end(b[0]),
                        frame.x.pixel_or_end(b[1]),
                        frame.y.pixel_or_end(b[2]),
                        frame.y.pixel_or_end(b[3]),
                    );
                    Area { left: a.min(b), right: a.max(b), top: c.min(d), bottom: c.max(d) }
                })),
                _ => {}
            }
        }
        occupied
    }

    /// Whether a label placed here covers no bar and no other label.
    fn is_free_of_areas(&self, area: &Area) -> bool {
        !self.areas.iter().any(|other| other.meets(area))
    }

    /// Adds an area that no further label may cover.
    pub(crate) fn add(&mut self, area: Area) {
        self.areas.push(area);
    }

    /// Whether a label may be placed here.
    pub(crate) fn is_free(&self, area: &Area) -> bool {
        self.is_free_of_areas(area) && !self.segments.iter().any(|(a, b)| path::clip_segment(*a, *b, area).is_some())
    }
}

/// Where a label of this width goes beside a mark, as the middle of its left side: at the mark's height or as near to it as possible,
/// where it covers nothing, else where it covers only lines; where that is not possible either, over the mark itself.
pub(crate) fn beside_mark(x: f64, y: f64, width: f64, t: f64, occupied: &Occupied) -> Point {
    // Upwards first.
    let heights = |count: usize| (0..count).map(move |k| y + [-1.0, 1.0][k % 2] * k.div_ceil(2) as f64 * 0.6 * t);
    let place = |y: f64| text_box((x, y), width, t);
    let free = heights(7).find(|&y| occupied.is_free(&place(y)));
    let readable = || heights(17).find(|&y| occupied.is_free_of_areas(&place(y)));
    (x, free.or_else(readable).unwrap_or(y))
}

/// Where a label of this width goes beside a curve with one peak (a density), as the middle of its left side: above the peak if
/// that is free, else beside the curve, as near to the peak as possible. `None` where nothing is free.
pub(crate) fn beside_peak(line: &[Point], width: f64, t: f64, inside: &Area, occupied: &Occupied) -> Option<Point> {
    let top = line.iter().enumerate().min_by(|a, b| a.1.1.total_cmp(&b.1.1)).map(|(i, _)| i)?;
    let stride = (line.len() / 60).max(1);
    let mut places = vec![(line[top].0 - width / 2.0, line[top].1 - 0.85 * t)];
    for step in (0..line.len()).step_by(stride) {
        for point in [line.get(top + step), top.checked_sub(step).and_then(|i| line.get(i))].into_iter().flatten() {
            for lift in [0.0, 0.6] {
                places.push((point.0 + 0.5 * t, point.1 - lift * t));
                places.push((point.0 - 0.5 * t - width, point.1 - lift * t));
            }
        }
    }
    places.into_iter().find(|at| {
        let place = text_box(*at, width, t);
        place.left >= inside.left
            && place.right <= inside.right
            && place.top >= inside.top - 0.3 * t
            && place.bottom <= inside.bottom - 0.2 * t
            && occupied.is_free(&place)
    })
}

/// The height of a line of text in multiples of the text size.
pub(crate) const LINE: f64 = 1.16;

/// The area that a label covers, from the middle of its left side.
pub(crate) fn text_box(at: Point, width: f64, t: f64) -> Area {
    Area { left: at.0, right: at.0 + width, top: at.1 - 0.5 * LINE * t, bottom: at.1 + 0.5 * LINE * t }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_beside_a_peak_covers_no_line() {
        let inside = Area { left: 0.0, top: 0.0, right: 400.0, bottom: 200.0 };
        let peak = |centre: f64, height: f64| -> Vec<Point> {
            (0..=400)
                .map(|x| (f64::from(x), 200.0 - height * (-((f64::from(x) - centre) / 40.0).powi(2)).exp()))
                .collect()
        };
        let (low, high) = (peak(200.0, 100.0), peak(210.0, 200.0));
        let mut occupied = Occupied::default();
        for line in [&low, &high] {
            occupied.segments.extend(line.windows(2).map(|w| (w[0], w[1])));
        }
        for line in [&low, &high] {
            let at = beside_peak(line, 60.0, 16.0, &inside, &occupied).expect("there is room");
            let place = text_box(at, 60.0, 16.0);
            assert!(occupied.is_free(&place), "{place:?}");
            occupied.add(place);
        }
        // Marks at one place amid lines have labels that can all be read.
        let mut places: Vec<Area> = Vec::new();
        for _ in 0..5 {
            let at = beside_mark(180.0, 150.0, 60.0, 16.0, &occupied);
            let place = text_box(at, 60.0, 16.0);
            assert!(at.0 == 180.0 && places.iter().all(|other| !other.meets(&place)), "{places:?} {place:?}");
            occupied.add(place);
            places.push(place);
        }
        assert_eq!(beside_peak(&low, 500.0, 16.0, &inside, &occupied), None);
        assert_eq!(beside_peak(&[], 5.0, 16.0, &inside, &occupied), None);
    }
}
