//! Objectives: one formula each, per example, in nats, not averaged. No model, no loop.

mod continuous_bernoulli;
mod kl;
mod likelihood;
mod likelihood_table;
mod linear;
mod m2;
mod marginal_kl;
mod mi;
mod mmd;
mod posterior;

pub use kl::{free_bits, kl_per_dimension, kl_to_standard_normal, log_standard_normal, row_sums};
pub use likelihood::{Likelihood, SMALLEST_SIGMA, bernoulli, log_likelihood, mean, scale};
pub use likelihood_table::log_likelihood_table;
pub use linear::{linear_kl, linear_reconstruction};
pub use m2::{entropy, labelled_bound, log_of_class, unlabelled_bound};
pub use marginal_kl::{log_batch_mixture, log_sum_exp, marginal_kl};
pub use mi::mi_augmented;
pub use mmd::{Estimator, Kernel, kernel_at, kernel_sum, mmd2, squared_distances};
pub use posterior::log_posterior;
