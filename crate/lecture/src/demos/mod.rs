//! A folder for every demo.

pub mod amortized_inference;
pub mod elbo;
pub mod elbo_surgery;
pub mod generation;
pub mod gradient_variance;
pub mod latent_arithmetic;
pub mod likelihoods;
pub mod linear_vae;
pub mod m2;
pub mod mi_bound;
pub mod mi_objective;
pub mod posterior_collapse;
pub mod reparameterization;
pub mod vae;
