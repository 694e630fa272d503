//! Models trained side by side, shared by several instances: the same bytes as from one.

#![allow(clippy::unwrap_used, reason = "tests")]

use figure::{Snapshot, Status};

use super::small;
use crate::demos::mi_objective::DEMO;
use crate::testing::lanes::Together;

#[test]
fn omegas_side_by_side_are_the_same_bytes_however_many_compute() {
    let settings = |values| small(values).with("omega", 0.0).with("compare", vec![1.0, 0.5]);
    let mut run = Together::start(DEMO, settings);
    for steps in [0, 1, 7, 0, 50, 61] {
        run.advance(steps);
    }
    let before = run.advance(0);
    run.set(|values| settings(values).with("omega", 0.9).with("lambda", 3.0).with("kernel", "imq"));
    let moved = run.advance(0);
    assert_ne!(before, moved, "the slider's ω is in the picture");
    run.advance(50);
}

#[test]
fn a_sweep_is_the_same_bytes_however_many_compute() {
    let settings = |values| small(values).with("view", "sweep").with("sweep_points", 8.0).with("sweep_steps", 110.0);
    let mut run = Together::start(DEMO, settings);
    for steps in [0, 30, 90] {
        assert_eq!(run.advance(steps).status, Status::Going);
    }
    // The sweep's figure holds one setting only: it restarts in every instance.
    run.set(|values| settings(values).with("lambda", 10.0));
    run.advance(3);
    assert_eq!(run.advance(107 + 100).status, Status::Going);
    assert_eq!(run.advance(10).status, Status::Done);
    assert_eq!(run.advance(5).status, Status::Done);
}

#[test]
fn a_sweep_of_both_weights_is_the_same_bytes_however_many_compute() {
    let settings =
        |values| small(values).with("view", "sweep_both").with("sweep_points", 4.0).with("sweep_steps", 50.0);
    let mut run = Together::start(DEMO, settings);
    for steps in [0, 30, 40] {
        assert_eq!(run.advance(steps).status, Status::Going);
    }
    assert_eq!(run.advance(30).status, Status::Done);
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
    let mut run = Together::start(DEMO, settings);
    run.advance(1);
    let failed = (0..40).find_map(|_| match run.advance(20) {
        Snapshot { status: Status::Failed(sentence), step, .. } => Some((sentence, step)),
        _ => None,
    });
    let (sentence, step) = failed.expect("this should diverge");
    assert!(sentence.contains(&format!("The weights of step {step} are back")), "{sentence}");
    run.set(|values| settings(values).with("learning_rate", 1e-3).with("lambda", 1.0));
    for steps in [0, 20, 40] {
        let after = run.advance(steps);
        assert!(steps == 0 || after.status == Status::Going, "{:?}", after.status);
    }
}

/// Every tensor is requested by exactly one instance.
#[test]
fn no_lane_is_computed_twice() {
    for view in ["train", "sweep", "sweep_both"] {
        let settings = |values| small(values).with("view", view).with("compare", vec![1.0, 0.5]);
        let mut run = Together::start(DEMO, settings);
        let whole = run.alone.ask().len();
        for shared in &mut run.shared {
            let asked: Vec<usize> = shared.iter_mut().map(|run| run.ask().len()).collect();
            assert_eq!(asked.iter().sum::<usize>(), whole, "{view}: {asked:?}");
        }
    }
}
