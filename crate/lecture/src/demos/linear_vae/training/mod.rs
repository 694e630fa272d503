//! What needs tensors.

mod ascent;
mod columns;
mod experiment;
mod figures;
mod noise;
mod reference;
mod settings;
mod source;

pub(super) use experiment::start;
