//! The lecture: its contents, and a folder for every demo.
//!
//! A demo's folder `demos/NAME/` holds its facts (`mod.rs`: how it runs, controls, read-outs, figures), its experiment
//! (`training/`), its slide (`page.html`), its tests, what was recorded of it (`recorded/`) and its reference in another
//! framework (`reference.py` and the numbers it printed, `reference.json`).
//! A demo that computes at once from closed forms is a *sketch*; every other one is an experiment of [`learn`] and runs in a worker.
//! Tensors exist only behind the feature `training`. This crate must not depend on the browser, plotters, clocks or colours.

#![forbid(unsafe_code)]
#![recursion_limit = "256"]

mod demo;
pub mod demos;
mod facts;
pub mod own_images;
pub mod shared;
#[cfg(test)]
mod testing;

pub use demo::{Demo, ImagesChoice, Model, Run, Start};
pub use demos::{CONTENTS, Part, demo, demos};
pub use facts::facts;
