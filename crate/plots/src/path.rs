//! Lines in pixel space: thinned to what can be seen, cut at a rectangle, split into dashes. It must not know colours.

use figure::Dash;

/// A point in device pixels.
pub(crate) type Point = (f64, f64);

/// A rectangle in device pixels, `left <= right` and `top <= bottom`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Area {
    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub(crate) fn grown(&self, by: f64) -> Self {
        Self { left: self.left - by, top: self.top - by, right: self.right + by, bottom: self.bottom + by }
    }

    pub(crate) fn contains(&self, (x, y): Point) -> bool {
        x >= self.left && x <= self.right && y >= self.top && y <= self.bottom
    }

    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }
}

/// The stretches of a line between points that are not finite.
pub(crate) fn runs(points: impl Iterator<Item = Point>) -> Vec<Vec<Point>> {
    let mut runs = vec![Vec::new()];
    for (x, y) in points {
        if x.is_finite() && y.is_finite() {
            if let Some(run) = runs.last_mut() {
                run.push((x, y));
            }
        } else if runs.last().is_some_and(|run| !run.is_empty()) {
            runs.push(Vec::new());
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// At most two points, the lowest and the highest in their order, for every pixel column of a line that runs one way;
/// other lines stay as they are.
pub(crate) fn decimate(run: &[Point]) -> Vec<Point> {
    if run.len() < 3 || !run.windows(2).all(|w| w[0].0 <= w[1].0) {
        return run.to_vec();
    }
    let mut kept = Vec::with_capacity(run.len());
    for column in run.chunk_by(|a, b| a.0.floor() == b.0.floor()) {
        let mut ends = [0, 0];
        for (i, point) in column.iter().enumerate() {
            if point.1 < column[ends[0]].1 {
                ends[0] = i;
            }
            if point.1 > column[ends[1]].1 {
                ends[1] = i;
            }
        }
        ends.sort_unstable();
        kept.push(column[ends[0]]);
        if ends[1] != ends[0] {
            kept.push(column[ends[1]]);
        } else if column.len() > 1 {
            // A level column: its last point carries the line on.
            kept.push(column[column.len() - 1]);
        }
    }
    kept
}

/// The line without points that lie within `tolerance` of the chord that replaces them (Douglas and Peucker 1973). Backends
/// round to whole pixels; long chords keep a gentle slope from becoming a staircase.
pub(crate) fn simplify(run: &[Point], tolerance: f64) -> Vec<Point> {
    let Some(last) = run.len().checked_sub(1) else { return Vec::new() };
    let mut keep = vec![false; run.len()];
    (keep[0], keep[last]) = (true, true);
    let mut stack = vec![(0, last)];
    while let Some((a, b)) = stack.pop() {
        let mut worst = (tolerance, None);
        for i in a + 1..b {
            let distance = distance_to_segment(run[i], run[a], run[b]);
            if distance > worst.0 {
                worst = (distance, Some(i));
            }
        }
        if let Some(i) = worst.1 {
            keep[i] = true;
            stack.push((a, i));
            stack.push((i, b));
        }
    }
    run.iter().zip(keep).filter(|(_, keep)| *keep).map(|(point, _)| *point).collect()
}

fn distance_to_segment(p: Point, a: Point, b: Point) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let squared = dx * dx + dy * dy;
    let t = if squared > 0.0 { (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / squared).clamp(0.0, 1.0) } else { 0.0 };
    (p.0 - a.0 - t * dx).hypot(p.1 - a.1 - t * dy)
}

/// The parts of a line inside `area` (Liang and Barsky 1984).
pub(crate) fn clip(run: &[Point], area: &Area) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = Vec::new();
    for w in run.windows(2) {
        let Some((a, b)) = clip_segment(w[0], w[1], area) else { continue };
        match parts.last_mut() {
            Some(part) if part.last() == Some(&a) => part.push(b),
            _ => parts.push(vec![a, b]),
        }
    }
    parts
}

pub(crate) fn clip_segment(a: Point, b: Point, area: &Area) -> Option<(Point, Point)> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut enter, mut leave) = (0f64, 1f64);
    for (p, q) in [(-dx, a.0 - area.left), (dx, area.right - a.0), (-dy, a.1 - area.top), (dy, area.bottom - a.1)] {
        if p == 0.0 {
            if q < 0.0 {
                return None;
            }
        } else if p < 0.0 {
            enter = enter.max(q / p);
        } else {
            leave = leave.min(q / p);
        }
    }
    if enter > leave {
        return None;
    }
    let at = |t: f64, end: Point| if t == 0.0 || t == 1.0 { end } else { (a.0 + t * dx, a.1 + t * dy) };
    Some((at(enter, a), at(leave, b)))
}

/// A closed shape cut at `area` (Sutherland and Hodgman 1974); empty when nothing is left.
pub(crate) fn clip_polygon(shape: &[Point], area: &Area) -> Vec<Point> {
    // Distances inwards from the four sides.
    let sides: [&dyn Fn(Point) -> f64; 4] =
        [&|p| p.0 - area.left, &|p| area.right - p.0, &|p| p.1 - area.top, &|p| area.bottom - p.1];
    let mut shape = shape.to_vec();
    for inwards in sides {
        let Some(&last) = shape.last() else { return shape };
        let mut cut = Vec::with_capacity(shape.len() + 4);
        let mut before = last;
        for &point in &shape {
            let (d0, d1) = (inwards(before), inwards(point));
            if (d0 >= 0.0) != (d1 >= 0.0) {
                let t = d0 / (d0 - d1);
                cut.push((before.0 + t * (point.0 - before.0), before.1 + t * (point.1 - before.1)));
            }
            if d1 >= 0.0 {
                cut.push(point);
            }
            before = point;
        }
        shape = cut;
    }
    shape
}

/// The drawn stretches of a dashed line; `unit` is the stroke's width and the phase starts at the line's start.
pub(crate) fn dashes(run: &[Point], dash: Dash, unit: f64) -> Vec<Vec<Point>> {
    let (on, off) = match dash {
        Dash::Solid => return vec![run.to_vec()],
        Dash::Dashed => (4.2 * unit, 2.8 * unit),
        Dash::Dotted => (unit, 2.0 * unit),
    };
    let length: f64 = run.windows(2).map(|w| (w[1].0 - w[0].0).hypot(w[1].1 - w[0].1)).sum();
    // A line that fills its area (noise) has no visible dashes and would cost thousands of strokes.
    if length > 3000.0 * (on + off) {
        return vec![run.to_vec()];
    }
    let mut parts = Vec::new();
    let mut part: Vec<Point> = run.first().copied().into_iter().collect();
    let (mut drawing, mut left) = (true, on);
    for w in run.windows(2) {
        let (mut a, b) = (w[0], w[1]);
        let mut rest = (b.0 - a.0).hypot(b.1 - a.1);
        while rest > left {
            let t = left / rest;
            a = (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1));
            rest -= left;
            if drawing {
                part.push(a);
                parts.push(std::mem::take(&mut part));
            } else {
                part = vec![a];
            }
            drawing = !drawing;
            left = if drawing { on } else { off };
        }
        left -= rest;
        if drawing {
            part.push(b);
        }
    }
    if drawing && part.len() > 1 {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area { left: 0.0, top: 0.0, right: 100.0, bottom: 50.0 };

    fn length(parts: &[Vec<Point>]) -> f64 {
        parts.iter().flat_map(|p| p.windows(2)).map(|w| (w[1].0 - w[0].0).hypot(w[1].1 - w[0].1)).sum()
    }

    #[test]
    fn decimation_keeps_extremes_and_two_points_a_column() {
        let run: Vec<Point> = (0..10_000).map(|i| (f64::from(i) * 0.01, f64::from((i * 7919) % 1009))).collect();
        let kept = decimate(&run);
        assert!(kept.len() <= 200, "{}", kept.len());
        for column in 0..100 {
            let inside = |points: &[Point]| {
                let ys = points.iter().filter(|p| p.0.floor() as i32 == column).map(|p| p.1);
                ys.fold((f64::MAX, f64::MIN), |(a, b), y| (a.min(y), b.max(y)))
            };
            assert_eq!(inside(&kept), inside(&run), "column {column}");
        }
    }

    #[test]
    fn simplifying_stays_within_the_tolerance() {
        let run: Vec<Point> = (0..400).map(|i| (f64::from(i), 100.0 * (f64::from(i) / 60.0).sin())).collect();
        let kept = simplify(&run, 0.4);
        assert!(kept.len() < 100, "{}", kept.len());
        for &point in &run {
            let nearest = kept.windows(2).map(|w| distance_to_segment(point, w[0], w[1])).fold(f64::MAX, f64::min);
            assert!(nearest <= 0.4 + 1e-9);
        }
        assert!(simplify(&[], 1.0).is_empty());
    }

    #[test]
    fn clipped_lines_stay_inside_and_break_outside() {
        let run = [(-50.0, 25.0), (50.0, 25.0), (50.0, 200.0), (80.0, 200.0), (80.0, -1e7)];
        let parts = clip(&run, &AREA);
        assert_eq!(parts.len(), 2, "{parts:?}");
        assert_eq!(parts[0], [(0.0, 25.0), (50.0, 25.0), (50.0, 50.0)]);
        assert!(parts.iter().flatten().all(|p| AREA.grown(1e-6).contains(*p)));
    }

    #[test]
    fn clipped_shapes_keep_their_inside() {
        let shape = clip_polygon(&[(-100.0, -100.0), (200.0, -100.0), (200.0, 200.0), (-100.0, 200.0)], &AREA);
        let twice_area: f64 = (0..shape.len())
            .map(|i| (shape[i], shape[(i + 1) % shape.len()]))
            .map(|(a, b)| a.0 * b.1 - a.1 * b.0)
            .sum();
        assert!((twice_area / 2.0 - 5000.0).abs() < 1e-6);
        assert!(clip_polygon(&[(-3.0, -3.0), (-2.0, -3.0), (-2.0, -2.0)], &AREA).is_empty());
    }

    #[test]
    fn dashes_cover_their_share_and_noise_stays_whole() {
        let parts = dashes(&[(0.0, 0.0), (30.0, 40.0), (700.0, 40.0)], Dash::Dashed, 2.0);
        assert!((length(&parts) / 720.0 - 0.6).abs() < 0.02, "{}", length(&parts));
        assert_eq!(dashes(&[(0.0, 0.0), (1e6, 0.0)], Dash::Dotted, 1.0).len(), 1);
    }

    #[test]
    fn lines_break_where_they_are_not_finite() {
        let points = [(0.0, 1.0), (f64::NAN, 1.0), (2.0, f64::INFINITY), (3.0, 1.0), (4.0, 1.0)];
        assert_eq!(runs(points.into_iter()).iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
    }
}
