//! What needs tensors.

mod experiment;
mod figures;
mod terms;

pub(super) use experiment::start;
