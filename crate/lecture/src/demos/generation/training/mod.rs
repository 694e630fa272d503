//! Generates images from a trained VAE by Algorithms 1 and 2, without training anything.

mod algorithms;
mod experiment;

pub(crate) use algorithms::{Generated, algorithm_1, algorithm_2};

pub(super) use experiment::start;
