//! What needs tensors.

mod experiment;
mod figures;
mod learner;
mod map;
mod measure;
mod pictures;

pub(super) use experiment::start;
