//! The run as lanes: what each is asked for, what it reports, and the snapshot of all reports. A map has a lane for
//! every cell that trains at the same time; one VAE alone is one lane, and every remedy beside it another.

use std::collections::BTreeMap;

use figure::Snapshot;
use serde::{Deserialize, Serialize};

use super::super::figures::View;
use super::super::learner::Live;
use super::super::map::TOGETHER;
use super::super::measure::Measure;
use super::super::pictures;
use super::super::remedies;
use super::Collapse;
use learn::Experiment;
use learn::lanes::{Lanes, Share};
use learn::models::StrongVae;

/// The kinds of measurement. Cells and remedies come from every lane, otherwise only the first has more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// A row of the curves of a learner, identified by how many its lane had before it.
    Row { learner: usize, step: u64, live: Live },
    /// The current state, at a step.
    Now(u64),
    /// A fully trained cell of the map.
    Cell(usize),
}

/// What a lane found.
#[derive(Serialize, Deserialize)]
pub(super) enum Found {
    Row {
        learner: usize,
        live: Live,
        measure: Measure,
    },
    Now(Measure),
    /// The ε above which each dimension of the cell is collapsed; none where its run diverged.
    Cell {
        cell: usize,
        thresholds: Option<Vec<f64>>,
    },
}

/// The first learner's decoded images, flattened: reconstructions from posterior means, draws of the prior, and the weights
/// of a pixel on the earlier ones, where the decoder uses them.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Decoded {
    images: Vec<f32>,
    from_prior: Vec<f32>,
    earlier: Option<Vec<f32>>,
}

/// What a lane reports: what it found, in order, and the decoded images where it is the first.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Report {
    found: Vec<Found>,
    decoded: Option<Decoded>,
}

impl Lanes for Collapse {
    type Report = Report;

    fn count(&self) -> usize {
        match (&self.map, &self.remedies) {
            (Some(_), _) => TOGETHER,
            (None, Some(_)) => remedies::COUNT,
            (None, None) => 1,
        }
    }

    fn share(&mut self, mine: Share) {
        self.share = mine;
        self.begin();
        self.checkpoint.save(0, self.all_weights());
    }

    fn report(&mut self, answers: Vec<Vec<f32>>) -> BTreeMap<usize, Report> {
        let mut answers = answers.into_iter();
        let mut reports = BTreeMap::<usize, Report>::new();
        for (lane, kind) in std::mem::take(&mut self.asked) {
            let answer = answers.next().unwrap_or_default();
            reports.entry(lane).or_default().found.push(self.found(kind, &answer));
        }
        if let Some(first) = reports.get_mut(&0) {
            let mut next = || answers.next().unwrap_or_default();
            first.decoded = Some(Decoded { images: next(), from_prior: next(), earlier: answers.next() });
        }
        reports
    }

    fn merge(&mut self, reports: Vec<Report>) {
        let mut finite = true;
        for (lane, report) in reports.into_iter().enumerate() {
            for found in report.found {
                finite &= self.take(lane, found);
            }
            if let Some(decoded) = report.decoded {
                self.decoded = decoded;
            }
        }
        if finite {
            self.checkpoint.save(self.within, self.all_weights());
        } else if self.map.is_none() {
            self.go_back();
        }
    }

    fn snapshot(&self) -> Snapshot {
        let status = self.checkpoint.status(self.finished());
        let Some(latest) = &self.latest else {
            return Snapshot { status, ..Snapshot::default() };
        };
        let linear = self.linear();
        let view = View {
            latest,
            epsilon: self.epsilon,
            delta: self.delta,
            ghosts: &self.ghosts,
            curves: &self.curves,
            linear: linear.as_deref(),
            map: self.map.as_ref(),
            remedies: self.remedies.as_ref(),
            eigen: &self.eigen,
            live: self.shown_as.1,
        };
        let Decoded { images: decoded, from_prior, earlier } = &self.decoded;
        let complete = |base: &[f32]| pictures::complete(base, earlier.as_deref(), self.shape.likelihood);
        let mut figures = vec![view.collapse(), view.kl_per_dimension(), view.curves(), view.shares()];
        figures.push(pictures::reconstructions(&self.images, &self.shown, &complete(decoded), &complete(from_prior)));
        figures.push(view.map());
        if let Some(remedies) = &self.remedies {
            figures.extend(remedies.figures(self.epsilon, self.shape.latent));
        }
        Snapshot {
            step: self.steps,
            progress: self.progress(),
            status,
            readouts: self.readouts(latest, &view),
            figures,
            table: view.table(),
            notes: Vec::new(),
        }
    }
}

impl Collapse {
    /// The weights of every lane that this instance computes.
    fn all_weights(&self) -> BTreeMap<usize, StrongVae> {
        self.learners.iter().map(|(&lane, learner)| (lane, learner.weights())).collect()
    }

    /// A measurement from the device's answer.
    fn found(&self, kind: Kind, answer: &[f32]) -> Found {
        let measure = |step| Measure::of(step, self.shape.latent, self.images.train.len(), self.delta, answer);
        match kind {
            Kind::Row { learner, step, live } => Found::Row { learner, live, measure: measure(step) },
            Kind::Now(step) => Found::Now(measure(step)),
            Kind::Cell(cell) => {
                let measure = measure(self.map_steps);
                Found::Cell { cell, thresholds: measure.is_finite().then_some(measure.thresholds) }
            }
        }
    }
}
