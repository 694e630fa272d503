//! Encodes chosen images, combines their codes and decodes the results, without training anything.

mod experiment;
mod figures;
mod norms;
mod truth;

pub(super) use experiment::start;
#[cfg(test)]
pub(super) use norms::Depth;
