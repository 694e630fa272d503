//! Draws the score and reparameterized gradient estimates of the simulation, without training anything.

mod experiment;
mod figures;
mod on_device;

pub(super) use experiment::start;
