//! Figures of the moons: the plane with labels to click and both decision boundaries, the map of −U(x), styles and style transfer.

use crate::demos::m2::{keys, slots};
use figure::{Axis, Chart, Dash, Figure, Heat, Layer, Marker, Pointer, Role};

use super::View;
use crate::demos::m2::training::probe::{BOUND_MAP, MAP, PLANE};

/// The class of points without a label.
const NO_CLASS: u8 = 255;
/// The least distance between the squares that mark the baseline's boundary.
const APART: f64 = 0.25;
/// How many styles are joined across the classes.
const JOINED: usize = 14;

pub(super) fn all(view: &View<'_>) -> Vec<Figure> {
    let Some([m2, baseline, bound]) = &view.seen.plane else { return Vec::new() };
    vec![plane(view, m2, baseline), choice(view, bound), styles(view), transfer(view)]
}

fn x_axis() -> Axis {
    Axis::linear("x₁").over(PLANE[0], PLANE[1])
}

fn y_axis() -> Axis {
    Axis::linear("x₂").over(PLANE[2], PLANE[3])
}

fn chart(layers: Vec<Layer>) -> Chart {
    Chart::new(x_axis(), y_axis(), layers).with_equal_axes()
}

fn heat(role: Role, (columns, rows): (usize, usize), values: Vec<f32>, range: Option<(f32, f32)>) -> Layer {
    Layer::Heat(Heat { role, x: (PLANE[0], PLANE[1]), y: (PLANE[2], PLANE[3]), columns, rows, values, range })
}

fn point(numbers: &[f32]) -> [f64; 2] {
    [f64::from(numbers[0]), f64::from(numbers[1])]
}

fn points(numbers: &[f32]) -> Vec<[f64; 2]> {
    numbers.chunks_exact(2).map(point).collect()
}

fn classes(marker: Marker, size: f64, points: Vec<[f64; 2]>, classes: Vec<u8>) -> Layer {
    Layer::classes(marker, size, points, classes)
}

/// The training points, the labels, q(y=1|x) of M2 as a map, and both classifiers' decision boundaries.
fn plane(view: &View<'_>, m2: &[f32], baseline: &[f32]) -> Figure {
    let unlabelled = view.set.unlabelled(view.labelled);
    let at = |indices: &[usize]| indices.iter().map(|&n| point(view.set.example(n))).collect::<Vec<_>>();
    let labels = view.labelled.iter().map(|&n| view.set.classes[n]).collect();
    let edge = |role, arrows: Vec<[f64; 4]>| Layer::Arrows { role, dash: Dash::Solid, head: false, arrows };
    let alone = contour(baseline, MAP, 0.5);
    let layers = vec![
        heat(Role::Class(1), MAP, m2.iter().map(|q| 0.5 * q).collect(), Some((0.0, 1.0))),
        classes(Marker::Dot, 1.6, at(&unlabelled), vec![NO_CLASS; unlabelled.len()]),
        Layer::points(Role::Neutral, Marker::Square, "", marks(&alone)),
        edge(Role::Neutral, alone),
        edge(Role::Posterior, contour(m2, MAP, 0.5)),
        classes(Marker::Numeral, 8.0, at(view.labelled), labels),
    ];
    let alt = format!(
        "Two moons: {} labelled points as numerals, {} without a label as dots. Shaded where M2 says class 1; its boundary a plain line, that of the classifier on the labels alone grey with squares. Press a point to give or take its label.",
        view.labelled.len(),
        unlabelled.len()
    );
    slots::DATA.chart(alt, chart(layers)).with_pointer(Pointer::Add { control: keys::LABELS.name.into() })
}

/// −U(x) over the plane, a bound on log p(x), held-out points, and the chosen x.
fn choice(view: &View<'_>, bound: &[f32]) -> Figure {
    let top = bound.iter().copied().filter(|value| value.is_finite()).fold(f32::MIN, f32::max);
    // Six nats below the highest value is a density 400 times lower: drawn as background.
    let range = (top > f32::MIN).then_some((top - 6.0, top + 1.0));
    let shown: Vec<[f64; 2]> = view.probe.shown.iter().map(|&n| point(view.set.example(n))).collect();
    let truth = view.probe.shown.iter().map(|&n| view.set.classes[n]).collect();
    let [x, y] = point(&view.example.x);
    let cross = |role, dash, at, vertical| Layer::Rule { role, dash, label: String::new(), at, vertical };
    let layers = vec![
        heat(Role::Data, BOUND_MAP, bound.to_vec(), range),
        classes(Marker::Dot, 1.6, shown, truth),
        cross(Role::Neutral, Dash::Dotted, x, true),
        cross(Role::Neutral, Dash::Dotted, y, false),
        Layer::points(Role::Posterior, Marker::Circle, "x", vec![[x, y]]),
    ];
    let alt = format!(
        "−U(x) over the plane, dark where the model expects data, with held-out points; x = ({x:.2}, {y:.2}) is chosen. Press anywhere to choose another."
    );
    slots::CHOICE.chart(alt, chart(layers)).with_pointer(Pointer::Pick { control: keys::EXAMPLE.name.into() })
}

/// Decoded means of styles z ~ p(z) with both classes; some pairs of equal z are joined.
fn styles(view: &View<'_>) -> Figure {
    let both: Vec<&[f32]> = view.seen.styles.chunks_exact(4).collect();
    let of = |class: usize| both.iter().map(|row| point(&row[2 * class..])).collect::<Vec<_>>();
    let joined = both.iter().take(JOINED).map(|row| {
        let ([x0, y0], [x1, y1]) = (point(row), point(&row[2..]));
        [x0, y0, x1, y1]
    });
    let layers = vec![
        Layer::Arrows { role: Role::Neutral, dash: Dash::Dotted, head: false, arrows: joined.collect() },
        classes(Marker::Dot, 3.0, of(0), vec![0; both.len()]),
        classes(Marker::Dot, 3.0, of(1), vec![1; both.len()]),
    ];
    let alt = format!(
        "Decoded means of {} styles z from the prior, with y = 0 and with y = 1; {JOINED} equal styles are joined.",
        both.len()
    );
    slots::STYLES.chart(alt, chart(layers))
}

/// Held-out points, and for each the decoded mean of its z with the other class.
fn transfer(view: &View<'_>) -> Figure {
    let originals: Vec<[f64; 2]> = std::iter::once(point(&view.example.x))
        .chain(view.probe.transferred.iter().map(|&n| point(view.set.example(n))))
        .collect();
    let arrows = originals.iter().zip(view.seen.transfer.chunks_exact(4)).zip(&view.seen.inferred);
    let arrows = arrows.map(|((&[x, y], decoded), &class)| {
        let [to_x, to_y] = points(decoded)[1 - usize::from(class.min(1))];
        [x, y, to_x, to_y]
    });
    let layers = vec![
        Layer::Arrows { role: Role::Neutral, dash: Dash::Solid, head: true, arrows: arrows.collect() },
        classes(Marker::Dot, 4.0, originals.clone(), view.seen.inferred.clone()),
        Layer::points(Role::Posterior, Marker::Circle, "x", originals[..1].to_vec()),
    ];
    let alt = "Style transfer: each arrow leads from a held-out point to its z decoded with the other class.";
    slots::TRANSFER.chart(alt, chart(layers))
}

/// Where a map over the plane crosses a level: segments (x0, y0, x1, y1), by marching squares between cell centres.
fn contour(values: &[f32], (columns, rows): (usize, usize), level: f32) -> Vec<[f64; 4]> {
    let [left, right, bottom, top] = PLANE;
    let place = |column: f64, row: f64| {
        [left + (right - left) * (column + 0.5) / columns as f64, bottom + (top - bottom) * (row + 0.5) / rows as f64]
    };
    let value = |(column, row): (usize, usize)| f64::from(values[row * columns + column] - level);
    let mut segments = Vec::new();
    for row in 0..rows.saturating_sub(1) {
        for column in 0..columns.saturating_sub(1) {
            let corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)];
            let crossings: Vec<[f64; 2]> = (0..4)
                .filter_map(|side| {
                    let (a, b) = (corners[side], corners[(side + 1) % 4]);
                    let (at_a, at_b) = (value(a), value(b));
                    let share = at_a / (at_a - at_b);
                    let along = |from: usize, to: usize| from as f64 + share * (to as f64 - from as f64);
                    ((at_a < 0.0) != (at_b < 0.0)).then(|| place(along(a.0, b.0), along(a.1, b.1)))
                })
                .collect();
            // A saddle has four crossings: two segments.
            segments.extend(crossings.chunks_exact(2).map(|pair| [pair[0][0], pair[0][1], pair[1][0], pair[1][1]]));
        }
    }
    segments
}

/// Midpoints of segments, none nearer to another than [`APART`].
fn marks(segments: &[[f64; 4]]) -> Vec<[f64; 2]> {
    let mut chosen: Vec<[f64; 2]> = Vec::new();
    for [x0, y0, x1, y1] in segments {
        let [x, y] = [0.5 * (x0 + x1), 0.5 * (y0 + y1)];
        if chosen.iter().all(|at| (at[0] - x).powi(2) + (at[1] - y).powi(2) >= APART * APART) {
            chosen.push([x, y]);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marks_lie_on_their_line_and_apart() {
        let segments: Vec<[f64; 4]> =
            (0..100).map(|at| 0.02 * f64::from(at)).map(|x| [x, x, x + 0.02, x + 0.02]).collect();
        let marks = marks(&segments);
        assert!((9..=12).contains(&marks.len()), "{marks:?}");
        assert!(marks.iter().all(|[x, y]| (x - y).abs() < 1e-12));
        assert!(marks.windows(2).all(|pair| (pair[1][0] - pair[0][0]) * 2_f64.sqrt() > APART - 1e-9));
    }

    #[test]
    fn the_contour_of_a_plane_is_a_straight_line() {
        let (columns, rows) = (9, 7);
        // f = row + column, f = 7.5 where row + column = 7.5.
        let values: Vec<f32> = (0..columns * rows).map(|cell| (cell % columns + cell / columns) as f32).collect();
        let segments = contour(&values, (columns, rows), 7.5);
        assert!(segments.len() >= 6, "{}", segments.len());
        let [left, right, bottom, top] = PLANE;
        for [x0, y0, x1, y1] in segments {
            for [x, y] in [[x0, y0], [x1, y1]] {
                let column = (x - left) / (right - left) * columns as f64 - 0.5;
                let row = (y - bottom) / (top - bottom) * rows as f64 - 0.5;
                assert!((row + column - 7.5).abs() < 1e-9, "{row} {column}");
            }
        }
        assert!(contour(&values, (columns, rows), 100.0).is_empty());
    }
}
