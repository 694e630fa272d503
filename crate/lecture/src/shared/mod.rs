//! What several demos share.

pub(crate) mod bars;
#[cfg(feature = "training")]
pub(crate) mod plane;
pub mod posteriors;
#[cfg(feature = "training")]
pub(crate) mod rate_distortion;
#[cfg(feature = "training")]
pub mod trained;
#[cfg(feature = "training")]
pub(crate) mod true_posterior;
pub(crate) mod vae_run;
