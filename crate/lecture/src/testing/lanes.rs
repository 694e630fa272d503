//! A run whose lanes several instances share gives the same snapshots, to the last bit, as one that does everything.
//! All engines run in one process here: reports and snapshots pass as bytes, as between workers.

use burn::tensor::Transaction;
use figure::{Snapshot, Values};
use learn::lanes::{Share, SharedRun};
use learn::{Experiment, answers};

use super::{advance, defaults, start, start_share};
use crate::Demo;

/// One run, alone and shared by some numbers of instances.
pub(crate) struct Together {
    demo: Demo,
    /// The run that does everything.
    pub(crate) alone: Box<dyn Experiment>,
    /// The instances that share it: two, three and four.
    pub(crate) shared: Vec<Vec<Box<dyn Experiment>>>,
}

impl Together {
    /// Starts the demo that many times.
    pub(crate) fn start(demo: Demo, change: impl Fn(Values) -> Values) -> Self {
        let alone = start(demo, &change);
        let instance = |index, of| start_share(demo, &change, Share { index, of });
        let shared = |of| (0..of).map(|index| instance(index, of)).collect();
        Self { demo, alone, shared: [2, 3, 4].map(shared).into() }
    }

    /// Takes some steps in every instance and returns the snapshot, which all must agree on.
    pub(crate) fn advance(&mut self, steps: usize) -> Snapshot {
        let snapshot = advance(self.alone.as_mut(), steps);
        let bytes = postcard::to_stdvec(&snapshot).unwrap();
        for shared in &mut self.shared {
            let same = postcard::to_stdvec(&advance_shared(shared, steps)).unwrap();
            assert!(same == bytes, "{} instances differ at step {}", shared.len(), snapshot.step);
            assert!(shared.iter().all(|run| run.finished() == self.alone.finished()));
        }
        snapshot
    }

    /// Sets the controls, in every instance.
    pub(crate) fn set(&mut self, change: impl Fn(Values) -> Values) {
        let values = change(defaults(self.demo));
        self.alone.set(&values);
        self.shared.iter_mut().flatten().for_each(|run| run.set(&values));
    }
}

/// Does what the workers do: each steps and reports, all merge, the first one makes the snapshot.
fn advance_shared(runs: &mut [Box<dyn Experiment>], steps: usize) -> Snapshot {
    let report = |run: &mut Box<dyn Experiment>| {
        (0..steps).for_each(|_| run.step());
        let asked = run.ask();
        let read = asked.into_iter().fold(Transaction::default(), Transaction::register).execute();
        shared(run).report(answers(&read)).unwrap()
    };
    let parts: Vec<Vec<u8>> = runs.iter_mut().map(report).collect();
    for run in runs.iter_mut() {
        shared(run).merge(&parts).unwrap();
    }
    shared(&mut runs[0]).snapshot()
}

fn shared(run: &mut Box<dyn Experiment>) -> &mut dyn SharedRun {
    run.lanes().expect("the run has lanes")
}
