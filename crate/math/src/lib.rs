//! The lecture's mathematics on plain numbers: Gaussians, Lemma 1, mixtures, quadrature, probabilistic PCA, MMD,
//! collapse, the gradient-variance simulation, and the only random generator of the project.
//! It knows no tensors, no browser, no clock and no experiment.
//!
//! Everything is in **nats, summed over dimensions, averaged only over data points**. Logarithms and exponentials come
//! from `libm`, and nothing is contracted into a fused multiply-add, so that a native build and a browser compute the same bits
//! (matrix products in `ppca` aside, which nalgebra may fuse).
//! Wrong shapes are a bug of the caller and panic with a sentence; wrong input from a user returns a small error enum.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "in a test a panic is the report"))]

pub mod annealing;
pub mod bernoulli;
pub mod chi;
pub mod collapse;
pub mod continuous_bernoulli;
pub mod elbo;
pub mod elementary;
pub mod estimate;
pub mod evidence;
pub mod gaussian;
pub mod interpolate;
pub mod iwae;
pub mod mixture;
pub mod mmd;
pub mod ppca;
pub mod quadratic;
pub mod quadrature;
pub mod rate_distortion;
pub mod reparam;
pub mod rng;
pub mod simulation;
pub mod wheel;
