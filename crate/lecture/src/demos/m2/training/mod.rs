//! What needs tensors.

mod experiment;
mod figures;
mod look;
pub mod objective;
mod record;
pub mod set;
mod trainer;

pub(super) use experiment::start;
