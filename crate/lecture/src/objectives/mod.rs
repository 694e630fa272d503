//! Objectives: one formula each, per example, in nats, not averaged. No model, no loop.

mod kl;
mod likelihood;
mod linear;

pub use kl::{kl_per_dimension, kl_to_standard_normal, log_standard_normal};
pub use likelihood::{Likelihood, SMALLEST_SIGMA, log_likelihood, mean, scale};
pub use linear::{linear_kl, linear_reconstruction};
