//! Trains linear VAEs on the closed-form ELBO, the sampled ELBO or both, and compares them with probabilistic PCA.

mod ascent;
mod columns;
mod experiment;
mod figures;
mod noise;
mod reference;
mod settings;
mod source;

pub(super) use experiment::start;
