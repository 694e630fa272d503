//! Trains a VAE, or a map of many over two settings, and measures which latent dimensions collapse.

mod experiment;
mod figures;
mod learner;
mod map;
mod measure;
mod pictures;
mod remedies;

pub(super) use experiment::start;
