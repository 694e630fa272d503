//! The lecture: its table of contents, and a module per part with its sketches and experiments.
//!
//! A *sketch* answers its controls at once from closed forms. A *training* is an experiment with a few verbs (step, set,
//! ask, observe) that runs in a worker. Tensors live only behind the feature `training`. This room must not know the
//! browser, plotters, clocks or colours; it never waits: reading tensors is the engine's business.

#![forbid(unsafe_code)]
#![recursion_limit = "256"]

mod assets;
pub mod brought;
mod demo;
#[cfg(feature = "training")]
mod experiment;
#[cfg(feature = "training")]
pub mod history;
#[cfg(feature = "training")]
pub mod images;
#[cfg(feature = "training")]
pub mod lanes;
#[cfg(feature = "training")]
pub mod models;
#[cfg(feature = "training")]
pub mod objectives;
pub mod part1;
pub mod part2;
pub mod part3;
pub mod part4;
pub mod part5;
#[cfg(feature = "training")]
pub mod trainer;

pub use assets::Assets;
pub use demo::{Demo, ReadoutSpec, Run};
#[cfg(feature = "training")]
pub use experiment::{Experiment, Start, StartError, Weight, answers};

/// The table of contents: every demo that is built, in the lecture's order. Everything that walks the lecture walks this.
pub fn demos() -> Vec<Demo> {
    let mut demos = part1::demos();
    demos.extend(part2::demos());
    demos.extend(part3::demos());
    demos.extend(part4::demos());
    demos.extend(part5::demos());
    demos.sort_by_key(|demo| demo.slide);
    demos
}

/// A demo by its name.
pub fn demo(name: &str) -> Option<Demo> {
    demos().into_iter().find(|demo| demo.name == name)
}
