//! What the demos' tests share: a snapshot read by name, runs on the CPU device, and numbers of other frameworks.

#![allow(clippy::unwrap_used, reason = "tests")]

#[cfg_attr(not(feature = "training"), allow(dead_code, reason = "some demos only need it"))]
pub(crate) mod formulas;
#[cfg(feature = "training")]
pub(crate) mod given;
pub(crate) mod golden;
#[cfg(feature = "training")]
pub(crate) mod lanes;
#[cfg(feature = "training")]
mod recorded;
#[cfg(feature = "training")]
mod run;

use figure::{Assets, Chart, Layer, Picture, Snapshot, Values};

use crate::{Demo, Run};

#[cfg(feature = "training")]
pub(crate) use run::{advance, begin, images, saved, start, start_share, text};

/// The values of a demo's controls as they are at first.
pub(crate) fn defaults(demo: Demo) -> Values {
    Values::defaults(&(demo.controls)())
}

/// The values of a demo's controls, some of them changed.
pub(crate) fn changed(demo: Demo, change: impl FnOnce(Values) -> Values) -> Values {
    let (values, notes) = Values::complete(&(demo.controls)(), &change(defaults(demo)));
    assert!(notes.is_empty(), "{notes:?}");
    values
}

/// What a sketch shows with some values changed from their defaults.
pub(crate) fn sketch(demo: Demo, assets: &Assets, change: impl FnOnce(Values) -> Values) -> Snapshot {
    let Run::Sketch(sketch) = demo.run else { panic!("{} is a sketch", demo.name) };
    sketch(&changed(demo, change), assets)
}

/// A read-out's number.
pub(crate) fn value(snapshot: &Snapshot, name: &str) -> f64 {
    snapshot.readout(name).unwrap_or_else(|| panic!("{name} is a read-out"))
}

/// A read-out's standard error; 0 where it is exact.
pub(crate) fn error(snapshot: &Snapshot, name: &str) -> f64 {
    let readout = snapshot.readouts.iter().find(|readout| readout.name == name);
    readout.unwrap_or_else(|| panic!("{name} is a read-out")).error.unwrap_or(0.0)
}

/// A figure that is a chart.
pub(crate) fn chart<'s>(snapshot: &'s Snapshot, figure: &str) -> &'s Chart {
    match &snapshot.figure(figure).unwrap_or_else(|| panic!("{figure} is a figure")).picture {
        Picture::Chart(chart) => chart,
        Picture::Images(_) => panic!("{figure} is images"),
    }
}

/// What is drawn in a chart.
pub(crate) fn layers<'s>(snapshot: &'s Snapshot, figure: &str) -> &'s [Layer] {
    &chart(snapshot, figure).layers
}

/// The point of a chart that has a name.
pub(crate) fn named(snapshot: &Snapshot, figure: &str, name: &str) -> [f64; 2] {
    let point = layers(snapshot, figure).iter().find_map(|layer| match layer {
        Layer::Points { label, points, .. } if label == name => points.last(),
        _ => None,
    });
    *point.unwrap_or_else(|| panic!("{figure} has a point {name}"))
}
