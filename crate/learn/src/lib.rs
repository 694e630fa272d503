//! Learning with tensors: models, objectives, the trainer, tables, checkpoints and the format of saved parameters. It knows no demo.
//!
//! Models hold parameters and no loss; an objective is one formula, per example, in nats, unreduced; a trainer is the one
//! loop over a model and a loss. Nothing here waits for the device: the engine reads the tensors. This crate must not depend
//! on the browser, plotters or any slide.

#![forbid(unsafe_code)]
#![recursion_limit = "256"]

mod checkpoint;
mod experiment;
pub mod fused;
pub mod images;
pub mod lanes;
pub mod models;
pub mod objectives;
pub mod simulation;
mod stream;
mod table;
pub mod trainer;
pub mod vae_trainer;

pub use checkpoint::Checkpoint;
pub use experiment::{Experiment, Start, StartError, Weight, answers, begin};
pub use stream::Stream;
pub use table::{Columns, Row, Table};
