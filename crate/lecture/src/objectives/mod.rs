//! Objectives: one formula each, per example, in nats, not averaged. No model, no loop.

mod kl;
mod likelihood;
mod marginal_kl;
mod mi;
mod mmd;

pub use kl::{kl_per_dimension, kl_to_standard_normal, log_standard_normal};
pub use likelihood::{Likelihood, SMALLEST_SIGMA, log_likelihood, mean, scale};
pub use marginal_kl::{log_batch_mixture, marginal_kl};
pub use mi::mi_augmented;
pub use mmd::{Estimator, Kernel, kernel_at, mmd2, squared_distances};
