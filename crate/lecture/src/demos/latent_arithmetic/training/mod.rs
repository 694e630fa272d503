//! Encodes chosen images, combines their codes and decodes the results, without training anything.

mod experiment;
mod figures;

pub(super) use experiment::start;
