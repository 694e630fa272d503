//! Trains a VAE and measures the three terms of (21) on N of its training images.

mod experiment;
mod figures;
mod learned;
mod priors;
mod terms;

pub(super) use experiment::start;
