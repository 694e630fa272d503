//! Lanes: the independent parts of a run, and how they are divided among several instances of the run, one per worker.
//!
//! Every instance starts the same way and gets the same live values after the same steps. Each one steps and reads only its
//! own lanes, then receives the reports of all lanes. What a run stores beside its models (which rows are due, whether it
//! diverged, which weights are good) is therefore the same in every instance, and the same as in a single one.

use figure::Snapshot;

/// A lane's numbers since its last report, as rows in an order that the experiment defines. They are f64 so that they reach
/// another instance unchanged.
pub type Report = Vec<Vec<f64>>;

/// The lanes that an instance computes: those whose number modulo `of` is `index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The instance, from 0.
    pub index: usize,
    /// How many instances there are, at least 1.
    pub of: usize,
}

impl Share {
    /// Every lane.
    pub const ALL: Self = Self { index: 0, of: 1 };

    /// Whether this instance computes a lane.
    pub fn has(self, lane: usize) -> bool {
        lane % self.of == self.index
    }
}

/// A run made of lanes. A single instance calls `hear(report(answers))`, then `look`: see [`alone`].
pub trait Lanes {
    /// How many lanes there are, at least 1. It does not change during a run.
    fn count(&self) -> usize;

    /// Sets the lanes that this instance computes. Called once, before anything else.
    fn share(&mut self, mine: Share);

    /// One report per lane of the run, from the answers to the last `ask`; empty for other instances' lanes. Expensive arithmetic
    /// belongs here, since every instance calls `hear` with all reports.
    fn report(&self, answers: Vec<Vec<f32>>) -> Vec<Report>;

    /// Stores the reports of all lanes.
    fn hear(&mut self, reports: Vec<Report>);

    /// The snapshot of the reports stored last.
    fn look(&self) -> Snapshot;
}

/// The reports of all lanes, each from the instance that computes it: `parts[index]` are those of instance `index`.
pub fn gathered(mut parts: Vec<Vec<Report>>) -> Vec<Report> {
    let of = parts.len().max(1);
    let lanes = parts.iter().map(Vec::len).max().unwrap_or(0);
    let mut report = |lane: usize| parts.get_mut(lane % of)?.get_mut(lane).map(std::mem::take);
    (0..lanes).map(|lane| report(lane).unwrap_or_default()).collect()
}

/// `observe` for a single instance that computes every lane.
pub fn alone(run: &mut impl Lanes, answers: Vec<Vec<f32>>) -> Snapshot {
    let reports = run.report(answers);
    run.hear(reports);
    run.look()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lane_has_one_instance_and_its_report_comes_from_it() {
        for of in 1..5 {
            for lanes in 0..9 {
                let shares: Vec<Share> = (0..of).map(|index| Share { index, of }).collect();
                let reports = |share: &Share| -> Vec<Report> {
                    let report = |lane| if share.has(lane) { vec![vec![lane as f64]] } else { Report::new() };
                    (0..lanes).map(report).collect()
                };
                let gathered = gathered(shares.iter().map(reports).collect());
                let expected: Vec<Report> = (0..lanes).map(|lane| vec![vec![lane as f64]]).collect();
                assert_eq!(gathered, expected, "{lanes} lanes shared by {of}");
            }
        }
    }
}
