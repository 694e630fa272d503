//! A run whose lanes several instances share gives the same snapshots, to the last bit, as one that does everything.
//! All engines run in one process here: reports and snapshots pass as bytes, as between workers.
#![cfg(feature = "training")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use burn::tensor::Transaction;
use figure::{Snapshot, Status, Values};
use learn::lanes::{Share, SharedRun};
use learn::{Experiment, answers};
use support::{advance, start, start_share};

/// One run, alone and shared by some numbers of instances.
struct Together {
    alone: Box<dyn Experiment>,
    shared: Vec<Vec<Box<dyn Experiment>>>,
}

impl Together {
    fn start(name: &str, change: impl Fn(Values) -> Values) -> Self {
        let alone = start(name, &change);
        let instance = |index, of| start_share(name, &change, Share { index, of });
        let shared = |of| (0..of).map(|index| instance(index, of)).collect();
        Self { alone, shared: [2, 3, 4].map(shared).into() }
    }

    /// Takes some steps in every instance and returns the snapshot, which all must agree on.
    fn advance(&mut self, steps: usize) -> Snapshot {
        let snapshot = advance(self.alone.as_mut(), steps);
        let bytes = postcard::to_stdvec(&snapshot).unwrap();
        for shared in &mut self.shared {
            let same = postcard::to_stdvec(&advance_shared(shared, steps)).unwrap();
            assert!(same == bytes, "{} instances differ at step {}", shared.len(), snapshot.step);
            assert!(shared.iter().all(|run| run.finished() == self.alone.finished()));
        }
        snapshot
    }

    fn set(&mut self, change: impl Fn(Values) -> Values, name: &str) {
        let values = change(Values::defaults(&(lecture::demo(name).unwrap().controls)()));
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

fn small(values: Values) -> Values {
    values.with("hidden", 16.0).with("latent", 3.0).with("batch", 32.0)
}

const MI: &str = "mi-objective";

#[test]
fn omegas_side_by_side_are_the_same_bytes_however_many_compute() {
    let settings = |values| small(values).with("omega", 0.0).with("compare", vec![1.0, 0.5]);
    let mut run = Together::start(MI, settings);
    for steps in [0, 1, 7, 0, 50, 61] {
        run.advance(steps);
    }
    let before = run.advance(0);
    run.set(|values| settings(values).with("omega", 0.9).with("lambda", 3.0).with("kernel", "imq"), MI);
    let moved = run.advance(0);
    assert_ne!(before, moved, "the slider's ω is in the picture");
    run.advance(50);
}

#[test]
fn a_sweep_is_the_same_bytes_however_many_compute() {
    let settings = |values| small(values).with("view", "sweep").with("sweep_points", 8.0).with("sweep_steps", 110.0);
    let mut run = Together::start(MI, settings);
    for steps in [0, 30, 90] {
        assert_eq!(run.advance(steps).status, Status::Going);
    }
    // The sweep's figure holds one setting only: it restarts in every instance.
    run.set(|values| settings(values).with("lambda", 10.0), MI);
    run.advance(3);
    assert_eq!(run.advance(107 + 100).status, Status::Going);
    assert_eq!(run.advance(10).status, Status::Done);
    assert_eq!(run.advance(5).status, Status::Done);
}

#[test]
fn after_a_divergence_all_go_back_together() {
    let settings = |values| {
        small(values)
            .with("learning_rate", 0.3)
            .with("lambda", 10_000.0)
            .with("divergence", "marginal_kl")
            .with("compare", vec![1.0, 0.5])
    };
    let mut run = Together::start(MI, settings);
    run.advance(1);
    let failed = (0..40).find_map(|_| match run.advance(20) {
        Snapshot { status: Status::Failed(sentence), step, .. } => Some((sentence, step)),
        _ => None,
    });
    let (sentence, step) = failed.expect("this should diverge");
    assert!(sentence.contains(&format!("The weights of step {step} are back")), "{sentence}");
    run.set(|values| settings(values).with("learning_rate", 1e-3).with("lambda", 1.0), MI);
    for steps in [0, 20, 40] {
        let after = run.advance(steps);
        assert!(steps == 0 || after.status == Status::Going, "{:?}", after.status);
    }
}

#[test]
fn a_map_of_collapse_is_the_same_bytes_however_many_compute() {
    for map in ["sigma_x", "decoder"] {
        let settings = |values: Values| {
            let values = values.with("map", map).with("map_steps", 20.0).with("batch", 16.0);
            values.with("hidden", 8.0).with("decoder_hidden", 8.0)
        };
        let mut run = Together::start("posterior-collapse", settings);
        for steps in [0, 15, 10, 40] {
            run.advance(steps);
        }
        run.set(|values| settings(values).with("delta", 0.1).with("learning_rate", 1e-3), "posterior-collapse");
        run.advance(0);
        run.advance(20);
    }
}

/// Every tensor is requested by exactly one instance.
#[test]
fn no_lane_is_computed_twice() {
    for view in ["train", "sweep"] {
        let settings = |values| small(values).with("view", view).with("compare", vec![1.0, 0.5]);
        let mut run = Together::start(MI, settings);
        let whole = run.alone.ask().len();
        for shared in &mut run.shared {
            let asked: Vec<usize> = shared.iter_mut().map(|run| run.ask().len()).collect();
            assert_eq!(asked.iter().sum::<usize>(), whole, "{view}: {asked:?}");
        }
    }
}
