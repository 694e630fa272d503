//! Where in a chart a word can stand without covering lines, bars or other words. It must not know what the word says.

use figure::{Chart, Layer};

use crate::layout::Frame;
use crate::path::{self, Area, Point};

/// What words must not cover.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    segments: Vec<(Point, Point)>,
    areas: Vec<Area>,
}

impl Taken {
    /// All lines, level rules and bars of a chart.
    pub(crate) fn by(chart: &Chart, frame: &Frame<'_>) -> Self {
        let mut taken = Self::default();
        for layer in &chart.layers {
            match layer {
                Layer::Line { points, .. } => {
                    for run in path::runs(points.iter().map(|p| (frame.x.pixel(p[0]), frame.y.pixel(p[1])))) {
                        let run = path::simplify(&path::decimate(&run), 1.0);
                        taken.segments.extend(run.windows(2).map(|w| (w[0], w[1])));
                    }
                }
                Layer::Rule { at, vertical: false, .. } => {
                    let y = frame.y.pixel(*at);
                    taken.segments.push(((frame.area.left, y), (frame.area.right, y)));
                }
                Layer::Bars { bars, .. } => taken.areas.extend(bars.iter().map(|b| {
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
        taken
    }

    /// Nothing else may stand here any more.
    pub(crate) fn take(&mut self, area: Area) {
        self.areas.push(area);
    }

    /// Whether a word may stand here.
    pub(crate) fn is_free(&self, area: &Area) -> bool {
        !self.areas.iter().any(|other| other.meets(area))
            && !self.segments.iter().any(|(a, b)| path::clip_segment(*a, *b, area).is_some())
    }
}

/// The left middle of a word of this width beside a hump (a density): above its summit if that is free, else beside
/// the flank, the nearer to the summit the better.
pub(crate) fn beside_hump(line: &[Point], width: f64, t: f64, inside: &Area, taken: &Taken) -> Option<Point> {
    let summit = line.iter().enumerate().min_by(|a, b| a.1.1.total_cmp(&b.1.1)).map(|(i, _)| i)?;
    let stride = (line.len() / 60).max(1);
    let mut places = vec![(line[summit].0 - width / 2.0, line[summit].1 - 0.85 * t)];
    for step in (0..line.len()).step_by(stride) {
        for point in [line.get(summit + step), summit.checked_sub(step).and_then(|i| line.get(i))].into_iter().flatten()
        {
            for lift in [0.0, 0.6] {
                places.push((point.0 + 0.5 * t, point.1 - lift * t));
                places.push((point.0 - 0.5 * t - width, point.1 - lift * t));
            }
        }
    }
    places.into_iter().find(|at| {
        let place = boxed(*at, width, t);
        place.left >= inside.left
            && place.right <= inside.right
            && place.top >= inside.top - 0.3 * t
            && place.bottom <= inside.bottom - 0.2 * t
            && taken.is_free(&place)
    })
}

/// The height of a line of words in multiples of the text size.
pub(crate) const LINE: f64 = 1.16;

/// The room of a word from its left middle.
pub(crate) fn boxed(at: Point, width: f64, t: f64) -> Area {
    Area { left: at.0, right: at.0 + width, top: at.1 - 0.5 * LINE * t, bottom: at.1 + 0.5 * LINE * t }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_beside_a_hump_covers_no_line() {
        let inside = Area { left: 0.0, top: 0.0, right: 400.0, bottom: 200.0 };
        let hump = |centre: f64, height: f64| -> Vec<Point> {
            (0..=400)
                .map(|x| (f64::from(x), 200.0 - height * (-((f64::from(x) - centre) / 40.0).powi(2)).exp()))
                .collect()
        };
        let (low, high) = (hump(200.0, 100.0), hump(210.0, 200.0));
        let mut taken = Taken::default();
        for line in [&low, &high] {
            taken.segments.extend(line.windows(2).map(|w| (w[0], w[1])));
        }
        for line in [&low, &high] {
            let at = beside_hump(line, 60.0, 16.0, &inside, &taken).expect("there is room");
            let place = boxed(at, 60.0, 16.0);
            assert!(taken.is_free(&place), "{place:?}");
            taken.take(place);
        }
        assert_eq!(beside_hump(&low, 500.0, 16.0, &inside, &taken), None);
        assert_eq!(beside_hump(&[], 5.0, 16.0, &inside, &taken), None);
    }
}
