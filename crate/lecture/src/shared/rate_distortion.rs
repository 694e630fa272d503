//! The rate–distortion plane: models as points, runs as paths, between lines of equal ELBO. It knows no model, only rates,
//! the average KL\[q(z|x)‖p(z)\], and distortions, −E\[log p(x|z)\], both in nats per image; the mathematics is
//! [`math::rate_distortion`].

use figure::{Axis, Chart, Dash, Figure, FigureSpec, Layer, Marker, Role};
use math::rate_distortion::{elbo, hull, line_of_equal_elbo};

/// The most lines of equal ELBO.
const MOST_LINES: f64 = 10.0;
/// How far under the upper edge the lines' values are written, in heights of the plane.
const UNDER: f64 = 0.035;
/// The share of a run's rows, from its first, that may lie outside: in the first steps the distortion falls from far above.
const BEGINNING: f64 = 0.1;
/// The most stretches of a run that are drawn, each by its average: the noise of batches would make a blot of a long run.
const STRETCHES: usize = 60;

/// A point (rate, distortion).
pub(crate) type Point = [f64; 2];

/// The plane as it fills.
#[derive(Default)]
pub(crate) struct Plane {
    layers: Vec<Layer>,
    /// Everything that must be visible.
    seen: Vec<Point>,
    /// A line of equal ELBO of its own, and its ELBO.
    through: Option<f64>,
    /// The hull of models.
    hull: Vec<Point>,
    /// What the figure says in words.
    words: Vec<String>,
}

impl Plane {
    /// Models of one kind, without names.
    #[must_use]
    pub(crate) fn models(mut self, role: Role, marker: Marker, points: Vec<Point>) -> Self {
        self.seen.extend(&points);
        self.layers.push(Layer::points(role, marker, "", points));
        self
    }

    /// Models of one kind along one weight, in its order.
    #[must_use]
    pub(crate) fn curve(mut self, role: Role, marker: Marker, points: Vec<Point>) -> Self {
        self.layers.push(Layer::line(role, Dash::Solid, "", points.clone()));
        self.models(role, marker, points)
    }

    /// A model by name.
    #[must_use]
    pub(crate) fn named(mut self, role: Role, marker: Marker, name: String, point: Point) -> Self {
        self.seen.push(point);
        self.words.push(described(&name, point));
        self.layers.push(Layer::points(role, marker, name, vec![point]));
        self
    }

    /// A run through the plane, a long one by the averages of its stretches, its newest point marked and named.
    #[must_use]
    pub(crate) fn run(mut self, role: Role, dash: Dash, marker: Marker, name: String, path: Vec<Point>) -> Self {
        let path: Vec<Point> = path.into_iter().filter(|[rate, distortion]| (rate + distortion).is_finite()).collect();
        let Some(&newest) = path.last() else { return self };
        self.seen.extend(&path[(BEGINNING * path.len() as f64) as usize..]);
        let stretches = path.chunks(path.len().div_ceil(STRETCHES)).map(average);
        self.layers.push(Layer::line(role, dash, "", stretches.chain([newest]).collect()));
        self.named(role, marker, name, newest)
    }

    /// Standard errors of distortions: (rate, distortion, error).
    #[must_use]
    pub(crate) fn errors(mut self, role: Role, errors: Vec<[f64; 3]>) -> Self {
        self.layers.push(Layer::errors(role, errors));
        self
    }

    /// The lower convex hull of models: the region below it, and so below every straight line between two of them, is shaded.
    #[must_use]
    pub(crate) fn hull(mut self, points: &[Point]) -> Self {
        self.hull = hull(points);
        self
    }

    /// A line of equal ELBO of its own, through a point.
    #[must_use]
    pub(crate) fn through(mut self, point: Point) -> Self {
        self.through = Some(elbo(point)).filter(|nats| nats.is_finite());
        self
    }

    /// The figure: lines of equal ELBO under everything else.
    pub(crate) fn figure(self, slot: FigureSpec) -> Figure {
        let Self { layers, seen, through, hull, words } = self;
        let [rates, distortions] = [0, 1].map(|axis| {
            let of = || seen.iter().map(|point| point[axis]).filter(|nats| nats.is_finite());
            (of().fold(f64::INFINITY, f64::min), of().fold(f64::NEG_INFINITY, f64::max))
        });
        let (rate, distortion) = (Axis::linear("rate (nats per image)"), Axis::linear("distortion (nats per image)"));
        if !(rates.1.is_finite() && distortions.1.is_finite()) {
            let alt = "The rate–distortion plane; nothing measured yet.";
            return slot.chart(alt, Chart::new(rate, distortion, layers));
        }
        // In steps, so that the axes stay while the points move.
        let across = step(rates.1.max(1.0), 5.0);
        // A sampled KL may be below 0.
        let rates = (rates.0.min(-0.02 * rates.1.max(1.0)), across * (1.05 * rates.1.max(1.0) / across).ceil());
        let up = step((distortions.1 - distortions.0).max(1.0), 5.0);
        let distortions = (up * (distortions.0 / up - 0.1).floor(), up * (distortions.1 / up + 0.1).ceil());
        // Room for the name of the line through a point, where its left end is near the upper edge.
        let height = distortions.1 - distortions.0;
        let near = |nats: f64| (-0.1..0.12).contains(&((distortions.1 + nats) / height));
        let distortions = (distortions.0, distortions.1 + if through.is_some_and(near) { up } else { 0.0 });
        let edge = hull.last().map(|last| [rates.1, last[1]]);
        let below = hull.iter().copied().chain(edge).map(|[rate, distortion]| [rate, distortions.0, distortion]);
        let mut guides = vec![Layer::band(Role::Neutral, "below the hull", below.collect())];

        // Whole nats apart, so that their values are written without decimals.
        let apart = step((rates.1 + distortions.1 - distortions.0).max(MOST_LINES), MOST_LINES);
        let [first, last] = [-(rates.1 + distortions.1), -distortions.0].map(|nats| nats / apart);
        let values = (first.ceil() as i64..=last.floor() as i64).map(|index| index as f64 * apart);
        let line = |nats| line_of_equal_elbo(nats, (0.0, rates.1), distortions);
        let segments = values.clone().filter_map(line).map(|[a, b]| [a[0], a[1], b[0], b[1]]).collect();
        guides.push(Layer::Arrows { role: Role::Neutral, dash: Dash::Solid, head: false, arrows: segments });
        // Values stand under the upper edge; at the left edge the axis itself says −ELBO.
        let height = distortions.1 - UNDER * (distortions.1 - distortions.0);
        let through = through.and_then(|nats| Some((nats, line(nats)?)));
        // The name of the line through a point is beside its left end.
        let named = through.map(|(_, [left, _])| left).filter(|left| left[1] > height - 3.0 * (distortions.1 - height));
        for nats in values {
            let rate = -nats - height;
            let free = named.is_none_or(|left| !(-0.1..0.45).contains(&((rate - left[0]) / rates.1)));
            if free && (0.05..0.97).contains(&(rate / rates.1)) {
                guides.push(Layer::text(Role::Neutral, 0.85, [rate, height], number(nats, 0)));
            }
        }
        if let Some((nats, [left, right])) = through {
            let name = format!("ELBO {}", number(nats, 2));
            // From right to left, for a name is at the end.
            guides.push(Layer::line(Role::Elbo, Dash::Solid, name, vec![right, left]));
        }
        let layers = guides.into_iter().chain(layers).collect();
        let alt = format!("Rate and distortion in nats per image, with lines of equal ELBO: {}.", words.join("; "));
        let chart = Chart::new(rate.over(rates.0, rates.1), distortion.over(distortions.0, distortions.1), layers);
        slot.chart(alt, chart)
    }
}

fn average(points: &[Point]) -> Point {
    [0, 1].map(|axis| points.iter().map(|point| point[axis]).sum::<f64>() / points.len() as f64)
}

fn described(name: &str, point: Point) -> String {
    format!("{name}: rate {:.2}, distortion {:.2}, ELBO {}", point[0], point[1], number(elbo(point), 2))
}

/// A number with the typographic minus.
fn number(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}").replace('-', "−")
}

/// The smallest of …, 0.5, 1, 2, 5, 10, … that divides a length into at most `most` parts.
fn step(length: f64, most: f64) -> f64 {
    let power = 10.0_f64.powf((length / most).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power);
    steps.into_iter().find(|step| length / step <= most).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const SLOT: FigureSpec = FigureSpec("rate_distortion");

    fn chart(figure: &Figure) -> &Chart {
        match &figure.picture {
            figure::Picture::Chart(chart) => chart,
            other => panic!("no chart: {other:?}"),
        }
    }

    fn visible(chart: &Chart, [rate, distortion]: Point) -> bool {
        let (x, y) = (chart.x.range.unwrap(), chart.y.range.unwrap());
        (x.0..=x.1).contains(&rate) && (y.0..=y.1).contains(&distortion)
    }

    /// Wherever models are, they are visible, the straight lines have slope −1 and are visible, and each value is on its line.
    #[test]
    fn lines_of_equal_elbo_are_what_they_say() {
        for (rate, distortion) in [(0.0, 27.0), (3.0, 21.0), (25.0, 17.0), (0.3, -40.0), (80.0, 900.0)] {
            let points = vec![[rate, distortion], [0.5 * rate, distortion + 0.7 * rate + 1.0]];
            let plane = Plane::default().models(Role::Kl, Marker::Dot, points.clone()).through(points[0]);
            let figure = plane.hull(&points).figure(SLOT);
            let chart = chart(&figure);
            assert!(points.iter().all(|point| visible(chart, *point)), "{rate} {distortion} {:?}", chart.y);
            let mut lines = 0;
            for layer in &chart.layers {
                match layer {
                    Layer::Arrows { arrows, .. } => {
                        lines += arrows.len();
                        for [x0, y0, x1, y1] in arrows {
                            assert!((x1 - x0 + y1 - y0).abs() < 1e-9 && x0 < x1);
                            assert!(visible(chart, [*x0, *y0]) && visible(chart, [*x1, *y1]));
                        }
                    }
                    Layer::Text { at, text, .. } => {
                        let nats: f64 = text.replace('−', "-").parse().unwrap();
                        assert!((elbo(*at) - nats).abs() < 1e-9 && visible(chart, *at), "{at:?} {text}");
                    }
                    Layer::Line { role: Role::Elbo, points: ends, label, .. } => {
                        assert!(ends.iter().all(|end| (elbo(*end) - elbo(points[0])).abs() < 1e-9));
                        assert_eq!(*label, format!("ELBO {:.2}", elbo(points[0])).replace('-', "−"));
                    }
                    _ => {}
                }
            }
            assert!((2..=11).contains(&lines), "{lines} lines at {rate}, {distortion}");
        }
    }

    /// A run's newest point is visible and named; its first steps, from far above, need not be; gaps and an empty plane do no harm.
    #[test]
    fn a_run_is_seen_from_where_it_is_now() {
        let path = |rows: usize| {
            let row = |step: usize| [0.05 * step as f64, 20.0 + 25.0 / (1.0 + step as f64)];
            [[f64::NAN; 2]].into_iter().chain((0..rows).map(row)).collect::<Vec<Point>>()
        };
        let of = |rows| Plane::default().run(Role::Kl, Dash::Solid, Marker::Dot, "now".into(), path(rows)).figure(SLOT);
        let (begun, later) = (of(1), of(100));
        assert!(visible(chart(&begun), [0.0, 45.0]) && !visible(chart(&later), [0.0, 45.0]));
        assert!(visible(chart(&later), *path(100).last().unwrap()));
        assert!(later.alt.contains("now: rate 4.95, distortion 20.25, ELBO −25.20"), "{}", later.alt);
        assert!(of(0).alt.contains("nothing measured"));
        // Up to sixty points are drawn as they are; of more, averages of equal stretches, and the newest point.
        let drawn = |figure: &Figure| {
            let line = chart(figure).layers.iter().find_map(|layer| match layer {
                Layer::Line { points, .. } => Some(points.clone()),
                _ => None,
            });
            line.unwrap()
        };
        assert_eq!(drawn(&of(60)), [&path(60)[1..], &path(60)[60..]].concat());
        let long = drawn(&of(120));
        assert_eq!((long.len(), long[60]), (61, path(120)[120]));
        assert!((long[59][0] - 0.05 * 118.5).abs() < 1e-12, "{:?}", long[59]);
        assert!(Plane::default().hull(&[]).through([f64::NAN, 1.0]).figure(SLOT).alt.contains("nothing measured"));
    }

    #[test]
    fn steps_are_round_and_divide_into_few_parts() {
        for length in [0.3, 1.0, 4.9, 5.1, 27.0, 1000.0] {
            for most in [5.0, 10.0] {
                let step = step(length, most);
                let digit = step / 10.0_f64.powf((step.log10() + 1e-9).floor());
                assert!([1.0, 2.0, 5.0].iter().any(|round| (digit - round).abs() < 1e-9), "{step}");
                assert!((most / 2.51..=most + 1e-9).contains(&(length / step)), "{length} {most} {step}");
            }
        }
    }
}
