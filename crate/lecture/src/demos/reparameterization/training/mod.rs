//! Computes the gradients of a one-dimensional ELBO by autodiff, finite differences and the closed form, stage by stage.

mod experiment;
mod figures;
mod graph;

pub(super) use experiment::start;
