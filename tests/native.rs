//! A demo's run without a browser, to compare with.

use burn::tensor::{Device, Transaction};
use figure::{Assets, Snapshot, Values};
use learn::lanes::Share;
use learn::{Experiment, answers};

/// A demo's run at its defaults with this seed, on the CPU.
pub fn native(demo: &str, seed: f64) -> Box<dyn Experiment> {
    let demo = lecture::demo(demo).expect("it is in the contents");
    let values = Values::defaults(&(demo.controls)()).with("seed", seed);
    let start = demo.run.start().expect("it runs in the worker");
    learn::begin(start, &values, &Assets::default(), &Device::flex(), Share::ALL).expect("the defaults start")
}

/// What it shows, asked for as the engine asks.
pub fn shown(run: &mut dyn Experiment) -> Snapshot {
    let read = run.ask().into_iter().fold(Transaction::default(), Transaction::register).execute();
    run.observe(answers(&read))
}
