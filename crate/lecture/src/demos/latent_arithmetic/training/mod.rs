//! What needs tensors.

mod experiment;
mod figures;

pub(super) use experiment::start;
