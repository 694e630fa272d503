//! The VAE in training as an experiment.

mod ask;
mod columns;
mod estimates;
mod evidence;
mod experiment;
mod figures;
mod gradients;
mod notes;
mod pressed;
mod settings;
mod signal;
mod view;

pub(crate) use experiment::start;
pub(crate) use pressed::Pressed;
pub(crate) use settings::{Live, Settings};
