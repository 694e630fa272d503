//! The figures of section 5 that both data sets share, and the sum over y for one chosen x.

mod digits;
mod moons;
mod recorded;

#[cfg(test)]
pub(in crate::demos::m2) use recorded::RECORDED;

use crate::demos::m2::{readouts, slots};
use figure::{Axis, Chart, Dash, Figure, Layer, Marker, Readout, Role};
use math::estimate::{Estimate, jackknife, variance};
use math::gaussian::log_sum_exp;

use super::probe::{Probe, Seen};
use super::record::{Column, Record};
use super::set::{Kind, Set};

/// What the figures of a snapshot are made of.
pub(super) struct View<'a> {
    pub(super) set: &'a Set,
    /// The examples that keep their labels.
    pub(super) labelled: &'a [usize],
    pub(super) probe: &'a Probe,
    pub(super) seen: &'a Seen,
    pub(super) record: &'a Record,
    pub(super) example: &'a Example,
}

/// All figures of a snapshot.
pub(super) fn all(view: &View<'_>) -> Vec<Figure> {
    let mut figures = vec![
        accuracy(view.record),
        bounds(view.record),
        recorded::by_labels(view),
        classes(view.example),
        class_bounds(view.example),
    ];
    figures.extend(match view.set.kind {
        Kind::Digits { side } => digits::all(view, side),
        Kind::Moons => moons::all(view),
    });
    figures
}

/// The sum over y, written out for one x.
pub(super) struct Example {
    /// x itself.
    pub(super) x: Vec<f32>,
    /// q(y|x) by M2, and by the baseline classifier.
    q: Vec<f64>,
    baseline_q: Vec<f64>,
    /// −L(x,y), the mean over noise samples, with its standard error.
    bounds: Vec<f64>,
    errors: Vec<f64>,
    /// Σ_y q(y|x) ( −L(x,y) ), with its standard error over the same samples.
    expected: f64,
    expected_error: f64,
    /// H(q(y|x)).
    entropy: f64,
    /// log Σ_y exp(−L(x,y)): −U(x) for the best q(y|x). An estimate: the plug-in value of the means would lie too high.
    best: Estimate,
}

impl Example {
    pub(super) fn new(x: Vec<f32>, seen: &Seen) -> Self {
        let samples = seen.bounds.len() as f64;
        let column = |y: usize| seen.bounds.iter().map(|row| row[y]).collect::<Vec<_>>();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / samples;
        let error = |values: &[f64]| (variance(values) / samples).sqrt();
        let columns: Vec<Vec<f64>> = (0..seen.q.len()).map(column).collect();
        let bounds: Vec<f64> = columns.iter().map(|values| mean(values)).collect();
        let weighted = |row: &Vec<f64>| row.iter().zip(&seen.q).map(|(bound, q)| q * bound).sum::<f64>();
        let sums: Vec<f64> = seen.bounds.iter().map(weighted).collect();
        let entropy = seen.q.iter().filter(|q| **q > 0.0).map(|q| -q * q.ln()).sum();
        Self {
            x,
            best: jackknife(&seen.bounds, log_sum_exp),
            errors: columns.iter().map(|values| error(values)).collect(),
            expected: mean(&sums),
            expected_error: error(&sums),
            entropy,
            bounds,
            q: seen.q.clone(),
            baseline_q: seen.baseline_q.clone(),
        }
    }

    /// −U(x).
    fn bound(&self) -> f64 {
        self.expected + self.entropy
    }

    /// exp(−L(x,y)) / Σ_y' exp(−L(x,y')): the q(y|x) that makes −U(x) largest.
    fn optimum(&self) -> Vec<f64> {
        let total = log_sum_exp(&self.bounds);
        self.bounds.iter().map(|bound| (bound - total).exp()).collect()
    }

    /// The class that q(y|x) holds most probable.
    fn inferred(&self) -> usize {
        (0..self.q.len()).max_by(|&a, &b| self.q[a].total_cmp(&self.q[b])).unwrap_or(0)
    }

    pub(super) fn readouts(&self) -> Vec<Readout> {
        vec![
            readouts::EXAMPLE_EXPECTED.estimate(self.expected, self.expected_error),
            readouts::EXAMPLE_ENTROPY.value(self.entropy),
            readouts::EXAMPLE_ELBO.estimate(self.bound(), self.expected_error),
            readouts::EXAMPLE_BEST.estimate(self.best.mean, self.best.standard_error),
        ]
    }
}

/// Held-out accuracy of M2 and of the baseline classifier against steps.
fn accuracy(record: &Record) -> Figure {
    let column = |column| record.curves.column(column);
    let layers = vec![
        Layer::line(Role::Neutral, Dash::Dotted, "labels alone", column(Column::Baseline)),
        Layer::line(Role::Posterior, Dash::Dotted, "M2", column(Column::Accuracy)),
    ];
    let alt = format!(
        "Held-out accuracy after {} steps: M2 {:.3}, the same classifier on the labels alone {:.3}.",
        record.curves.last().map_or(0, |row| row.0),
        record.last(Column::Accuracy),
        record.last(Column::Baseline)
    );
    let chart = Chart::new(Axis::linear("training steps"), Axis::linear("held-out accuracy").over(0.0, 1.0), layers);
    slots::ACCURACY.chart(alt, chart)
}

/// The labelled and the unlabelled ELBO against steps, training solid, held-out dotted.
fn bounds(record: &Record) -> Figure {
    let column = |column| record.curves.column(column);
    let layers = vec![
        Layer::line(Role::Data, Dash::Solid, "−U, unlabelled", column(Column::Unlabelled)),
        Layer::line(Role::Data, Dash::Dotted, "", column(Column::HeldoutUnlabelled)),
        Layer::line(Role::Elbo, Dash::Solid, "−L, labelled", column(Column::Labelled)),
        Layer::line(Role::Elbo, Dash::Dotted, "", column(Column::HeldoutLabelled)),
    ];
    let alt = format!(
        "Labelled ELBO {:.2} and unlabelled ELBO {:.2} nats per training example; held-out {:.2} and {:.2}.",
        record.last(Column::Labelled),
        record.last(Column::Unlabelled),
        record.last(Column::HeldoutLabelled),
        record.last(Column::HeldoutUnlabelled)
    );
    let chart = Chart::new(Axis::linear("training steps"), Axis::linear("nats per example"), layers);
    slots::BOUNDS.chart(alt, chart)
}

/// Ticks that name the classes.
fn class_axis(classes: usize) -> Axis {
    let ticks = (0..classes).map(|class| (class as f64, class.to_string())).collect();
    Axis::linear("class y").over(-0.6, classes as f64 - 0.4).with_ticks(ticks)
}

fn bars(values: &[f64]) -> Vec<[f64; 4]> {
    values.iter().enumerate().map(|(class, &value)| [class as f64 - 0.35, class as f64 + 0.35, 0.0, value]).collect()
}

fn marks(values: &[f64]) -> Vec<[f64; 2]> {
    values.iter().enumerate().map(|(class, &value)| [class as f64, value]).collect()
}

/// q(y|x) of the chosen x as bars, with the best q(y|x) for its bounds and the baseline's as marks.
fn classes(example: &Example) -> Figure {
    let optimum = example.optimum();
    let layers = vec![
        Layer::bars(Role::Posterior, "q(y|x)", bars(&example.q)),
        Layer::points(Role::Exact, Marker::Circle, "", marks(&optimum)),
        Layer::points(Role::Neutral, Marker::Cross, "", marks(&example.baseline_q)),
    ];
    let y = example.inferred();
    let alt = format!(
        "q(y|x) of the chosen x: class {y} with probability {:.3}; the best q(y|x) for its bounds gives it {:.3}, the classifier alone {:.3}.",
        example.q[y], optimum[y], example.baseline_q[y]
    );
    let chart = Chart::new(class_axis(example.q.len()), Axis::linear("probability").over(0.0, 1.05), layers);
    slots::CLASSES.chart(alt, chart)
}

/// −L(x,y) of the chosen x as bars, with −U(x) and the best −U(x).
fn class_bounds(example: &Example) -> Figure {
    let errors = marks(&example.bounds)
        .iter()
        .zip(&example.errors)
        .map(|(&[y, bound], &error)| [y, bound, 2.0 * error])
        .collect();
    let layers = vec![
        Layer::bars(Role::Elbo, "−L(x,y)", bars(&example.bounds)),
        Layer::errors(Role::Neutral, errors),
        Layer::rule(Role::Neutral, Dash::Solid, "log Σ exp(−L)", example.best.mean),
        Layer::rule(Role::Data, Dash::Solid, "−U(x)", example.bound()),
    ];
    let alt = format!(
        "−L(x,y) of the chosen x for every y. Their sum weighted by q(y|x) is {:.2}, with the entropy {:.2} it makes −U(x) = {:.2} nats; {:.2} could be reached.",
        example.expected,
        example.entropy,
        example.bound(),
        example.best.mean
    );
    let chart = Chart::new(class_axis(example.bounds.len()), Axis::linear("−L(x,y) (nats)"), layers);
    slots::CLASS_BOUNDS.chart(alt, chart)
}
