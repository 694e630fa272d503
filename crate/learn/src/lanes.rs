//! Lanes: the independent parts of a run, divided among several instances of the run, one per worker.
//!
//! An instance builds, steps and reads only its own lanes, and each lane reports its own numbers. Every instance is given the
//! reports of all lanes, so that what a run stores beside its models (rows, whether it diverged, the step to go back to) is the
//! same in all of them, and the same as in a single one; any of them can then make the snapshot.

use std::collections::BTreeMap;

use figure::Snapshot;
use serde::Serialize;
use serde::de::DeserializeOwned;

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

    /// The instance's lanes of `count`, built, by their number.
    pub fn build<L>(self, count: usize, mut build: impl FnMut(usize) -> L) -> BTreeMap<usize, L> {
        (self.index..count).step_by(self.of).map(|lane| (lane, build(lane))).collect()
    }
}

/// A run made of lanes. It starts without any; [`Lanes::share`] builds those of the instance.
pub trait Lanes {
    /// What a lane reports.
    type Report: Serialize + DeserializeOwned + Default;

    /// How many lanes there are, at least 1. It does not change during a run.
    fn count(&self) -> usize;

    /// Builds the lanes that this instance computes. Called once, before anything else.
    fn share(&mut self, mine: Share);

    /// The reports of the instance's lanes, by lane, from the answers to the last `ask`. A lane without anything to compute may be
    /// left out. Expensive arithmetic belongs here, since every instance merges all reports.
    fn report(&mut self, answers: Vec<Vec<f32>>) -> BTreeMap<usize, Self::Report>;

    /// Stores the reports of all lanes, in their order.
    fn merge(&mut self, reports: Vec<Self::Report>);

    /// The snapshot of the reports merged last.
    fn snapshot(&self) -> Snapshot;
}

/// `observe` for a single instance that computes every lane.
pub fn alone<L: Lanes>(run: &mut L, answers: Vec<Vec<f32>>) -> Snapshot {
    let reports = run.report(answers);
    merge_all(run, reports);
    run.snapshot()
}

fn merge_all<L: Lanes>(run: &mut L, mut reports: BTreeMap<usize, L::Report>) {
    let all = (0..run.count()).map(|lane| reports.remove(&lane).unwrap_or_default()).collect();
    run.merge(all);
}

/// [`Lanes`] as workers see them: reports are bytes.
pub trait SharedRun {
    /// How many workers can share the run.
    fn lanes(&self) -> usize;

    /// Builds the lanes that this worker computes. Called once, before anything else.
    fn share(&mut self, mine: Share);

    /// The report of this worker's lanes.
    ///
    /// # Errors
    /// When it cannot be written as bytes: a bug.
    fn report(&mut self, answers: Vec<Vec<f32>>) -> Result<Vec<u8>, postcard::Error>;

    /// Stores the reports of all workers.
    ///
    /// # Errors
    /// When one is not a report of this run; nothing is stored then.
    fn merge(&mut self, parts: &[Vec<u8>]) -> Result<(), postcard::Error>;

    /// The snapshot of the reports merged last.
    fn snapshot(&self) -> Snapshot;
}

impl<L: Lanes> SharedRun for L {
    fn lanes(&self) -> usize {
        self.count()
    }

    fn share(&mut self, mine: Share) {
        Lanes::share(self, mine);
    }

    fn report(&mut self, answers: Vec<Vec<f32>>) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(&Lanes::report(self, answers))
    }

    fn merge(&mut self, parts: &[Vec<u8>]) -> Result<(), postcard::Error> {
        let mut reports = BTreeMap::new();
        for part in parts {
            reports.extend(postcard::from_bytes::<BTreeMap<usize, L::Report>>(part)?);
        }
        merge_all(self, reports);
        Ok(())
    }

    fn snapshot(&self) -> Snapshot {
        Lanes::snapshot(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lane_is_built_by_one_instance() {
        for of in 1..5 {
            for lanes in 0..9 {
                let built = (0..of).flat_map(|index| Share { index, of }.build(lanes, |lane| 10 * lane));
                let mut built: Vec<_> = built.collect();
                built.sort_unstable();
                assert_eq!(
                    built,
                    (0..lanes).map(|lane| (lane, 10 * lane)).collect::<Vec<_>>(),
                    "{lanes} shared by {of}"
                );
            }
        }
    }
}
