//! What needs tensors.

mod experiment;
mod figures;
mod graph;

pub(super) use experiment::start;
