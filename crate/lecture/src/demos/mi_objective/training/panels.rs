//! The small panels: one quantity each, against steps with a curve per ω, or against ω itself.

use figure::{Axis, Chart, Dash, Figure, Layer, Marker, Role};

use super::evaluation::{Column, point};
use crate::demos::mi_objective::slots;
use crate::shared::rate_distortion::Plane;
use learn::{Row, Table};

/// Points kept of a curve: a panel is narrow.
const MOST_POINTS: usize = 120;
/// Marks along a curve that distinguish it from the others without colour.
const MARKS: usize = 7;

/// One panel: its quantity, colour, slot and texts.
struct Panel {
    name: &'static str,
    role: Role,
    axis: &'static str,
    words: &'static str,
    value: Column,
    error: Option<Column>,
}

const PANELS: [Panel; 6] = [
    Panel {
        name: "mi",
        role: Role::MutualInformation,
        axis: "I(x,z) (nats)",
        words: "Mutual information I(x,z)",
        value: Column::Mi,
        error: Some(Column::MiError),
    },
    Panel {
        name: "kl",
        role: Role::Kl,
        axis: "mean KL (nats)",
        words: "Average KL of q(z|x) from the prior",
        value: Column::Kl,
        error: None,
    },
    Panel {
        name: "marginal_kl",
        role: Role::MarginalKl,
        axis: "KL[q(z)‖p(z)] (nats)",
        words: "Marginal KL of q(z) from the prior",
        value: Column::MarginalKl,
        error: Some(Column::MarginalKlError),
    },
    Panel {
        name: "mmd2",
        role: Role::Mmd,
        axis: "MMD², unbiased",
        words: "Unbiased MMD² between q(z) and the prior",
        value: Column::Mmd2,
        error: Some(Column::Mmd2Error),
    },
    Panel {
        name: "reconstruction",
        role: Role::Reconstruction,
        axis: "E log p(x|z) (nats)",
        words: "Reconstruction",
        value: Column::Reconstruction,
        error: None,
    },
    Panel {
        name: "active_units",
        role: Role::Posterior,
        axis: "active units",
        words: "Active latent dimensions",
        value: Column::ActiveUnits,
        error: None,
    },
];

/// The rows of one ω over a run.
pub(super) struct Curve<'a> {
    omega: f64,
    rows: Vec<&'a (u64, Row<Column>)>,
}

impl<'a> Curve<'a> {
    /// The curve of an arm, thinned; its last row is always kept.
    pub(super) fn new(omega: f64, table: &'a Table<Column>) -> Self {
        let rows = table.rows();
        let stride = rows.len().div_ceil(MOST_POINTS).max(1);
        let last = rows.len().saturating_sub(1);
        let rows = rows.iter().enumerate().filter(|(i, _)| i % stride == 0 || *i == last).map(|(_, row)| row);
        Self { omega, rows: rows.collect() }
    }
}

/// All panels against training steps.
pub(super) struct History<'a> {
    pub(super) curves: Vec<Curve<'a>>,
    pub(super) latent: usize,
    pub(super) log_n: f64,
}

impl History<'_> {
    pub(super) fn figures(&self) -> Vec<Figure> {
        PANELS.iter().map(|panel| self.figure(panel)).collect()
    }

    /// The arms' paths through the rate–distortion plane, with the line of equal ELBO of the slider's.
    pub(super) fn rate_distortion(&self) -> Figure {
        let mut plane = Plane::default();
        for (index, curve) in self.curves.iter().enumerate() {
            let path: Vec<[f64; 2]> = curve.rows.iter().map(|(_, row)| point(row)).collect();
            if let Some(&newest) = path.last().filter(|_| index == 0) {
                plane = plane.through(newest);
            }
            let (marker, name) = (marker(index).unwrap_or_default(), format!("ω = {}", curve.omega));
            plane = plane.run(Role::MutualInformation, Dash::Solid, marker, name, path);
        }
        plane.figure(slots::RATE_DISTORTION)
    }

    fn figure(&self, panel: &Panel) -> Figure {
        let mut layers = Vec::new();
        if let Some(error) = panel.error {
            layers.extend(self.curves.iter().map(|curve| {
                let band = |(step, row): &(u64, Row<Column>)| {
                    let (value, error) = (row[panel.value], row[error]);
                    [*step as f64, value - 2.0 * error, value + 2.0 * error]
                };
                let points = curve.rows.iter().map(|row| band(row)).collect();
                Layer::band(panel.role, format!("ω = {}, ± 2 standard errors", curve.omega), points)
            }));
        }
        let mut words = Vec::new();
        for (index, curve) in self.curves.iter().enumerate() {
            let points: Vec<[f64; 2]> = curve.rows.iter().map(|(step, row)| [*step as f64, row[panel.value]]).collect();
            if let Some([step, value]) = points.last() {
                words.push(format!("{value:.4} at ω = {} after {step} steps", curve.omega));
            }
            if let Some(marker) = marker(index) {
                let stride = points.len().div_ceil(MARKS).max(1);
                let marks = points.iter().copied().skip(index % stride).step_by(stride).collect();
                layers.push(Layer::points(panel.role, marker, "", marks));
            }
            let label = format!("ω = {}", curve.omega);
            layers.push(Layer::line(panel.role, Dash::Solid, label, points));
        }
        let alt = format!("{} against training steps: {}.", panel.words, words.join(", "));
        chart(panel, Axis::linear("training steps"), layers, self.latent, self.log_n, alt)
    }
}

/// The marks along an arm's curve; none for the slider's ω.
fn marker(arm: usize) -> Option<Marker> {
    [None, Some(Marker::Circle), Some(Marker::Square), Some(Marker::Cross)][arm.min(3)]
}

/// One ω of a sweep: its value, its numbers, and whether its training is finished.
pub(super) struct Stop<'a> {
    pub(super) omega: f64,
    pub(super) row: &'a Row<Column>,
    pub(super) done: bool,
}

/// All panels against ω; `stops` in increasing order of ω.
pub(super) fn against_omega(stops: &[Stop<'_>], latent: usize, log_n: f64) -> Vec<Figure> {
    PANELS.iter().map(|panel| sweep_figure(panel, stops, latent, log_n)).collect()
}

fn sweep_figure(panel: &Panel, stops: &[Stop<'_>], latent: usize, log_n: f64) -> Figure {
    let points = |done: bool| -> Vec<[f64; 2]> {
        stops.iter().filter(|stop| stop.done == done).map(|stop| [stop.omega, stop.row[panel.value]]).collect()
    };
    let mut layers = Vec::new();
    if let Some(error) = panel.error {
        let errors = stops.iter().map(|stop| [stop.omega, stop.row[panel.value], stop.row[error]]);
        layers.push(Layer::errors(panel.role, errors.collect()));
    }
    let finished = points(true);
    let words: Vec<String> = finished.iter().map(|[omega, value]| format!("{value:.4} at ω = {omega}")).collect();
    let mark = |marker, points| Layer::points(panel.role, marker, "", points);
    layers.push(mark(Marker::Dot, finished.clone()));
    layers.push(mark(Marker::Circle, points(false)));
    layers.push(Layer::line(panel.role, Dash::Solid, "", finished));
    let alt = match words.is_empty() {
        true => format!("{} against ω; no ω has finished yet.", panel.words),
        false => format!("{} against ω: {}.", panel.words, words.join(", ")),
    };
    chart(panel, Axis::linear("ω").over(-0.04, 1.04), layers, latent, log_n, alt)
}

/// The chart around a panel's curves: log N above I(x,z), 0 through MMD², whole dimensions for the active units.
fn chart(panel: &Panel, x: Axis, mut layers: Vec<Layer>, latent: usize, log_n: f64, alt: String) -> Figure {
    let mut y = Axis::linear(panel.axis);
    match panel.value {
        Column::Mi => layers.insert(0, Layer::rule(Role::Exact, Dash::Dashed, "log N", log_n)),
        Column::Mmd2 => layers.insert(0, Layer::rule(Role::Neutral, Dash::Solid, "0", 0.0)),
        Column::ActiveUnits => y = y.over(0.0, latent as f64 + 0.5),
        _ => {}
    }
    Figure::chart(panel.name, alt, Chart::new(x, y, layers))
}
