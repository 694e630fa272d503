//! Trains an encoder and one free Gaussian per point by the same ELBO, and compares both with the best Gaussian.

mod curves;
mod experiment;
mod gaps;
pub(super) mod mean_field;
pub(super) mod objective;
mod plane;
mod points;
mod report;

pub(super) use experiment::start;
