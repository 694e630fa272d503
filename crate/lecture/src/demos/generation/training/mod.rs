//! What needs tensors.

mod algorithms;
mod experiment;

pub use algorithms::{Generated, algorithm_1, algorithm_2};

pub(super) use experiment::start;
