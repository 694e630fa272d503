//! The run as lanes: what each is asked for, what it reports, and the snapshot of all reports. A map has a lane for
//! every cell that trains at the same time; one VAE alone is one lane.

use figure::Snapshot;

use super::super::figures::View;
use super::super::learner::Knobs;
use super::super::map::TOGETHER;
use super::super::pictures;
use super::Collapse;
use learn::lanes::{Lanes, Report, Share};

/// The kinds of answer. Cells come from every lane, the others from the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// A row of the curves of a learner, identified by how many its lane had before it.
    Row { learner: usize, step: u64, knobs: Knobs },
    /// The current state.
    Look { step: u64 },
    /// A fully trained cell of the map, by lane.
    Cell { lane: usize, cell: usize },
}

impl Kind {
    pub(super) fn lane(self) -> usize {
        if let Self::Cell { lane, .. } = self { lane } else { 0 }
    }
}

/// The first learner's decoded images, flattened: reconstructions from posterior means, draws of the prior, and the weights
/// of a pixel on the earlier ones, where the decoder uses them.
#[derive(Default)]
pub(super) struct Decoded {
    pub(super) images: Vec<f32>,
    pub(super) from_prior: Vec<f32>,
    pub(super) earlier: Option<Vec<f32>>,
}

impl Lanes for Collapse {
    fn count(&self) -> usize {
        if self.map.is_some() { TOGETHER } else { 1 }
    }

    fn share(&mut self, mine: Share) {
        self.mine = mine;
        self.pending.clear();
        self.record();
    }

    /// The answers of each lane, in the order in which they were requested.
    fn report(&self, answers: Vec<Vec<f32>>) -> Vec<Report> {
        let mut answers = answers.into_iter().map(|answer| answer.into_iter().map(f64::from).collect());
        let mut reports = vec![Report::new(); self.count()];
        for kind in self.asked.iter().filter(|kind| self.mine.has(kind.lane())) {
            reports[kind.lane()].extend(answers.next());
        }
        reports[0].extend(answers);
        reports
    }

    fn hear(&mut self, reports: Vec<Report>) {
        let mut reports: Vec<_> = reports.into_iter().map(IntoIterator::into_iter).collect();
        let mut finite = true;
        for kind in std::mem::take(&mut self.asked) {
            let answer = reports.get_mut(kind.lane()).and_then(Iterator::next).unwrap_or_default();
            finite &= self.take(kind, &answer);
        }
        let mut decoded = reports.into_iter().next().into_iter().flatten();
        let mut next = || decoded.next().map(|answer| answer.into_iter().map(|value| value as f32).collect());
        self.decoded =
            Decoded { images: next().unwrap_or_default(), from_prior: next().unwrap_or_default(), earlier: next() };
        if finite {
            self.learners[0].mark_good();
        } else if self.map.is_none() {
            self.fail();
        }
    }

    fn look(&self) -> Snapshot {
        let Some(latest) = &self.latest else {
            return Snapshot { status: self.status(), ..Snapshot::default() };
        };
        let linear = self.linear();
        let view = View {
            latest,
            thresholds: latest.thresholds(self.delta),
            epsilon: self.epsilon,
            delta: self.delta,
            ghosts: &self.ghosts,
            curves: &self.curves,
            linear: linear.as_deref(),
            map: self.map.as_ref(),
            eigen: &self.eigen,
            knobs: self.learners[0].knobs,
        };
        let images = self.learners[0].images();
        let Decoded { images: decoded, from_prior, earlier } = &self.decoded;
        let complete = |base: &[f32]| pictures::complete(base, earlier.as_deref(), self.shape.likelihood);
        let mut figures = vec![view.collapse(), view.kl_per_dimension(), view.curves(), view.shares()];
        figures.push(pictures::reconstructions(images, &self.shown, &complete(decoded), &complete(from_prior)));
        figures.push(view.map());
        Snapshot {
            step: self.steps,
            progress: self.progress(),
            status: self.status(),
            readouts: self.readouts(latest, &view),
            figures,
            table: view.table(),
            notes: Vec::new(),
        }
    }
}
