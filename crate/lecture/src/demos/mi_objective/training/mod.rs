//! Trains one VAE for each value of ω, side by side or in a sweep, with the objective of section 4.

mod arm;
mod evaluation;
mod figures;
mod notes;
mod panels;
mod plane;
mod settings;
mod side_by_side;
mod sweep;

use burn::tensor::Device;
use figure::{Assets, Values};
use learn::{Experiment, StartError};

use super::{View, keys};

pub(super) fn start(values: &Values, assets: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    match values.get(keys::VIEW) {
        View::Train => Ok(Box::new(side_by_side::SideBySide::new(values, assets, device)?)),
        View::Sweep | View::SweepBoth => Ok(Box::new(sweep::Sweep::new(values, device))),
    }
}
