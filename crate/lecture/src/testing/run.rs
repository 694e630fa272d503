//! Runs natively on the CPU device, as the engine does in the worker.

use burn::tensor::{Device, Transaction};
use figure::{Assets, Images, Picture, Snapshot, Values};
use learn::lanes::Share;
use learn::models::to_bytes;
use learn::{Experiment, StartError, answers};

use super::changed;
use crate::Demo;

/// A demo's run with some values changed from their defaults.
pub(crate) fn start(demo: Demo, change: impl FnOnce(Values) -> Values) -> Box<dyn Experiment> {
    start_share(demo, change, Share::ALL)
}

/// The same, with the lanes of one instance of several.
pub(crate) fn start_share(demo: Demo, change: impl FnOnce(Values) -> Values, share: Share) -> Box<dyn Experiment> {
    let start = demo.run.start().expect("it runs in the worker");
    learn::begin(start, &changed(demo, change), &Assets::default(), &Device::flex(), share).expect("the defaults start")
}

/// The same with a model or with images, which it may refuse.
pub(crate) fn begin(
    demo: Demo,
    assets: &Assets,
    change: impl FnOnce(Values) -> Values,
) -> Result<Box<dyn Experiment>, StartError> {
    let start = demo.run.start().expect("it runs in the worker");
    learn::begin(start, &changed(demo, change), assets, &Device::flex(), Share::ALL)
}

/// Some steps, then a snapshot.
pub(crate) fn advance(experiment: &mut dyn Experiment, steps: usize) -> Snapshot {
    for _ in 0..steps {
        experiment.step();
    }
    let asked = experiment.ask();
    let read = asked.into_iter().fold(Transaction::default(), Transaction::register).execute();
    experiment.observe(answers(&read))
}

/// Everything that a snapshot says, as text: two are the same where their texts are, numbers that are not known yet included.
pub(crate) fn text(snapshot: &Snapshot) -> String {
    format!("{snapshot:?}")
}

/// The weights of a run as the engine saves them.
pub(crate) fn saved(run: &dyn Experiment) -> Vec<u8> {
    let named: Vec<_> = run
        .weights()
        .into_iter()
        .map(|weight| (weight.name, weight.shape, weight.values.to_data().as_slice().unwrap().to_vec()))
        .collect();
    to_bytes(&named, &run.description()).unwrap()
}

/// A figure that is images.
pub(crate) fn images<'s>(snapshot: &'s Snapshot, figure: &str) -> &'s Images {
    match &snapshot.figure(figure).unwrap_or_else(|| panic!("{figure} is a figure")).picture {
        Picture::Images(images) => images,
        Picture::Chart(_) => panic!("{figure} is a chart"),
    }
}
