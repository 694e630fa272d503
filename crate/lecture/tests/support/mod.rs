//! Running experiments natively on the CPU device, as the engine does in the worker.

#![allow(dead_code, unreachable_pub, reason = "shared by several test files, each using a part")]

use burn::tensor::{Device, Transaction};
use figure::Assets;
use figure::{Snapshot, Values};
use learn::lanes::Share;
use learn::{Experiment, answers};
use lecture::demo;

/// A demo's experiment with some values changed from their defaults.
pub fn start(name: &str, change: impl FnOnce(Values) -> Values) -> Box<dyn Experiment> {
    start_share(name, change, Share::ALL)
}

/// The same, with the lanes of one instance of several.
pub fn start_share(name: &str, change: impl FnOnce(Values) -> Values, share: Share) -> Box<dyn Experiment> {
    let demo = demo(name).expect("the demo is in the registry");
    let (values, notes) = Values::complete(&(demo.controls)(), &change(Values::defaults(&(demo.controls)())));
    assert!(notes.is_empty(), "{notes:?}");
    let start = demo.run.start().expect("it runs in the worker");
    learn::begin(start, &values, &Assets::default(), &Device::flex(), share).expect("the defaults start")
}

/// Some steps, then a snapshot.
pub fn advance(experiment: &mut dyn Experiment, steps: usize) -> Snapshot {
    for _ in 0..steps {
        experiment.step();
    }
    let asked = experiment.ask();
    let read = asked.into_iter().fold(Transaction::default(), Transaction::register).execute();
    experiment.observe(answers(&read))
}
