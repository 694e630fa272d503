//! Lanes: the parts of a run that know nothing of each other, and how several instances of the run share them out.
//!
//! Every instance is started alike and given the same live values after the same steps. Each steps and asks for its own
//! lanes only, and hears what every lane reported: whatever a run remembers beside its models (which rows are due, whether
//! it diverged, which weights are good) is then the same in all instances, and the same as in one that does everything.

use figure::Snapshot;

/// What a lane has to say since it was last asked: rows of numbers, in an order that the experiment knows. They are f64
/// so that nothing is lost on the way to another instance.
pub type Report = Vec<Vec<f64>>;

/// Which lanes an instance computes: those whose number leaves the remainder `index` on division by `of`.
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

    /// Whether a lane is among them.
    pub fn has(self, lane: usize) -> bool {
        lane % self.of == self.index
    }
}

/// A run made of lanes. One instance alone is `hear(report(answers))`, then `look`: see [`alone`].
pub trait Lanes {
    /// How many lanes there are, at least 1. It does not change during a run.
    fn count(&self) -> usize;

    /// Which lanes this instance computes. Said once, before anything else.
    fn share(&mut self, mine: Share);

    /// What the lanes of this instance have to say, from the answers to the last `ask`, one report per lane of the run; those
    /// of other instances' lanes stay empty. Costly arithmetic belongs here: `hear` is done by every instance.
    fn report(&self, answers: Vec<Vec<f32>>) -> Vec<Report>;

    /// Takes in the reports of all lanes.
    fn hear(&mut self, reports: Vec<Report>);

    /// The snapshot of what was heard.
    fn look(&self) -> Snapshot;
}

/// The reports of all lanes, each from the instance that has it: `parts[index]` are those of instance `index`.
pub fn gathered(mut parts: Vec<Vec<Report>>) -> Vec<Report> {
    let of = parts.len().max(1);
    let lanes = parts.iter().map(Vec::len).max().unwrap_or(0);
    let mut report = |lane: usize| parts.get_mut(lane % of)?.get_mut(lane).map(std::mem::take);
    (0..lanes).map(|lane| report(lane).unwrap_or_default()).collect()
}

/// What an instance that has every lane shows: an experiment's `observe`.
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
