//! The remedies side by side: a VAE for each, from the same weights, batches and noise, and what is drawn of them. No tensors here.

use crate::demos::posterior_collapse::{Schedule, slots};
use crate::shared::rate_distortion::Plane;
use figure::{Axis, Chart, Dash, Figure, FigureSpec, Layer, Marker, Role};
use learn::{Row, Table};

use super::experiment::{Column, ROW_EVERY};
use super::figures::{EPSILONS, stairs};
use super::learner::Live;
use super::measure::{Measure, share};

/// Their names in an export, and at the lines' ends with the mark along each line.
const NAMES: [(&str, &str); COUNT] =
    [("none", "none"), ("warm-up", "○ warm-up"), ("cyclical", "□ cyclical"), ("free bits", "× free bits")];
const MARKERS: [Option<Marker>; COUNT] = [None, Some(Marker::Circle), Some(Marker::Square), Some(Marker::Cross)];
/// How many VAEs train together.
pub(super) const COUNT: usize = 4;
/// Marks along a line.
const MARKS: usize = 7;
/// Steps that are left out of the ELBO's curve as soon as there are twice as many: it rises from far below.
const RISE: f64 = 100.0;

/// The VAEs' curves and their latest measurements, in the order of their names.
pub(super) struct Remedies {
    /// The settings of each.
    pub(super) live: [Live; COUNT],
    curves: Vec<Table<Column>>,
    latest: Vec<Option<Measure>>,
}

impl Remedies {
    /// Before the first step.
    pub(super) fn new(live: [Live; COUNT]) -> Self {
        Self { live, curves: vec![Table::new(ROW_EVERY); COUNT], latest: vec![None; COUNT] }
    }

    /// The settings of each: no remedy, a rise of the KL weight over `warm_up` steps, the same in cycles, κ nats free.
    pub(super) fn of(live: Live, warm_up: u64, kappa: f64) -> [Live; COUNT] {
        let none = Live { warm_up: 0, schedule: Schedule::Linear, free_bits: 0.0, ..live };
        [
            none,
            Live { warm_up, ..none },
            Live { warm_up, schedule: Schedule::Cyclical, ..none },
            Live { free_bits: kappa, ..none },
        ]
    }

    /// Forgets what was measured.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.live);
    }

    /// Stores a row of the curves of one.
    pub(super) fn push(&mut self, lane: usize, step: u64, row: Row<Column>) {
        self.curves[lane].push(step, row);
    }

    /// Stores the latest measurement of one.
    pub(super) fn now(&mut self, lane: usize, measure: Measure) {
        self.latest[lane] = Some(measure);
    }

    /// Drops every row after a step.
    pub(super) fn rewind(&mut self, step: u64) {
        self.curves.iter_mut().for_each(|curves| curves.rewind(step));
    }

    /// The five figures.
    pub(super) fn figures(&self, epsilon: f64, latent: usize) -> Vec<Figure> {
        let units = Axis::linear("active units").over(0.0, latent as f64 + 0.5);
        vec![
            self.collapse(epsilon),
            self.panel(slots::REMEDIES_KL, Role::Kl, Axis::linear("average KL (nats)"), 0.0, |row| {
                [row[Column::Kl], 0.0]
            }),
            self.panel(slots::REMEDIES_ACTIVE, Role::MutualInformation, units, 0.0, |row| {
                [row[Column::ActiveUnits], 0.0]
            }),
            self.panel(slots::REMEDIES_ELBO, Role::Elbo, Axis::linear("ELBO (nats per image)"), RISE, |row| {
                [row[Column::Reconstruction] - row[Column::Kl], row[Column::ReconstructionError]]
            }),
            self.plane(),
        ]
    }

    /// Their paths through the rate–distortion plane.
    fn plane(&self) -> Figure {
        let mut plane = Plane::default();
        for ((curves, (name, _)), marker) in self.curves.iter().zip(NAMES).zip(MARKERS) {
            let path = curves.rows().iter().map(|(_, row)| [row[Column::Kl], -row[Column::Reconstruction]]).collect();
            plane = plane.run(Role::Reconstruction, Dash::Solid, marker.unwrap_or_default(), name.to_owned(), path);
        }
        plane.figure(slots::REMEDIES_PLANE)
    }

    /// A number of every row against steps with 95 % of what other samples would give, a line for each. The number comes with its standard
    /// error, 0 where nothing is sampled.
    fn panel(
        &self,
        slot: FigureSpec,
        role: Role,
        y: Axis,
        rise: f64,
        value: impl Fn(&Row<Column>) -> [f64; 2],
    ) -> Figure {
        let mut layers = Vec::new();
        let mut words = Vec::new();
        for ((curves, (name, label)), marker) in self.curves.iter().zip(NAMES).zip(MARKERS) {
            let of_row = |(step, row): &(u64, Row<Column>)| {
                let [number, error] = value(row);
                [*step as f64, number, error]
            };
            let mut rows: Vec<[f64; 3]> = curves.rows().iter().map(of_row).collect();
            if let Some(&[last, now, _]) = rows.last() {
                words.push(format!("{name} {now:.3}"));
                rows.retain(|[step, ..]| *step >= rise || last < 2.0 * rise);
            }
            if rows.iter().any(|[.., error]| *error > 0.0) {
                let band = rows.iter().map(|[step, at, error]| [*step, at - 1.96 * error, at + 1.96 * error]);
                layers.push(Layer::band(role, format!("{name}, 95 %"), band.collect()));
            }
            let points: Vec<[f64; 2]> = rows.into_iter().map(|[step, at, _]| [step, at]).collect();
            if let Some(marker) = marker {
                let stride = points.len().div_ceil(MARKS).max(1);
                let marks = points.iter().copied().skip(stride / 2).step_by(stride).collect();
                layers.push(Layer::points(role, marker, "", marks));
            }
            layers.push(Layer::line(role, Dash::Solid, label, points));
        }
        let alt = format!("{} of each remedy against training steps; now {}.", y.label, words.join(", "));
        slot.chart(alt, Chart::new(Axis::linear("training steps"), y, layers))
    }

    /// The proportion of collapsed dimensions against ε now, a curve for each.
    fn collapse(&self, epsilon: f64) -> Figure {
        let mut layers = vec![Layer::vertical_rule(Role::Neutral, Dash::Solid, "ε", epsilon)];
        let mut words = Vec::new();
        for ((latest, (name, label)), marker) in self.latest.iter().zip(NAMES).zip(MARKERS) {
            let thresholds = latest.as_ref().map_or(&[][..], |measure| &measure.thresholds);
            let points = if thresholds.is_empty() { Vec::new() } else { stairs(thresholds) };
            if let Some(measure) = latest {
                let share = share(thresholds, epsilon);
                words.push(format!(
                    "{name} {share:.2}, ELBO {:.2} ± {:.2} nats",
                    measure.reconstruction - measure.kl(),
                    measure.reconstruction_error
                ));
            }
            if let Some(marker) = marker {
                // The upper ends of the jumps.
                let inner = points.len().saturating_sub(1);
                let marks = points[..inner].iter().copied().skip(2).step_by(2).collect();
                layers.push(Layer::points(Role::Kl, marker, "", marks));
            }
            layers.push(Layer::line(Role::Kl, Dash::Solid, label, points));
        }
        let alt = format!("Proportion of collapsed dimensions at ε = {epsilon:.4}: {}.", words.join("; "));
        let chart = Chart::new(
            Axis::log("ε (nats)").over(EPSILONS.0, EPSILONS.1),
            Axis::linear("proportion of collapsed dimensions").over(-0.02, 1.05),
            layers,
        );
        slots::REMEDIES_COLLAPSE.chart(alt, chart)
    }

    /// One row per remedy and measurement.
    pub(super) fn table(&self, epsilon: f64) -> Vec<Vec<String>> {
        let mut table = vec![["remedy".to_owned()].into_iter().chain(Table::<Column>::header()).collect::<Vec<_>>()];
        table[0].push("collapsed".into());
        for (curves, (name, _)) in self.curves.iter().zip(NAMES) {
            for (line, (_, row)) in curves.lines(|number| number.to_string()).zip(curves.rows()) {
                let collapsed = share(&row.by_dimension, epsilon).to_string();
                table.push([name.to_owned()].into_iter().chain(line).chain([collapsed]).collect());
            }
        }
        table
    }
}
