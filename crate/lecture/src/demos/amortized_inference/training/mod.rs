//! Trains an encoder and one free Gaussian per point by the same ELBO, and compares both with the best Gaussian.

mod curves;
mod experiment;
mod gaps;
mod mean_field;
mod objective;
mod plane;
mod points;
mod report;

pub use mean_field::MeanField;
pub use objective::{Nodes, elbo};

pub(super) use experiment::start;
