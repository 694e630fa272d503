//! Trains M2 on a few labelled and many unlabelled examples, beside the same classifier on the labels alone.

mod experiment;
mod figures;
pub(crate) mod objective;
mod probe;
mod record;
pub(crate) mod set;
mod trainer;

pub(super) use experiment::start;
#[cfg(test)]
pub(in crate::demos::m2) use figures::RECORDED;
