//! The interface of a run, independent of any page.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};
use figure::{Snapshot, Values};

use crate::lanes::{Share, SharedRun};
use figure::Assets;

/// How an experiment begins: from the controls' values, the user's files, and a device without autodiff (an experiment that
/// trains uses `device.autodiff()`).
pub type Start = fn(&Values, &Assets, &Device) -> Result<Box<dyn Experiment>, StartError>;

/// Why an experiment could not begin, in a sentence for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartError {
    /// No demo of this name is built.
    UnknownDemo(String),
    /// The demo is a sketch and needs no engine.
    IsSketch(String),
    /// A value or an asset cannot be used; the sentence says which and why.
    Unusable(String),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownDemo(name) => write!(f, "There is no demo called “{name}”."),
            Self::IsSketch(name) => write!(f, "The demo “{name}” answers at once and does not run in the engine."),
            Self::Unusable(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for StartError {}

/// A named parameter of a model, flattened.
#[derive(Clone, Debug)]
pub struct Weight {
    /// Its path in the model, such as `encoder.hidden.0.weight`.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its numbers, on the device.
    pub values: Tensor<1>,
}

/// A run that can be stepped, controlled and observed. Nothing here waits for the device: `ask` returns the tensors to read,
/// the engine reads them in one transaction, `observe` turns the numbers into a snapshot.
pub trait Experiment {
    /// One update. Enqueues device work, reads nothing back.
    fn step(&mut self);

    /// Applies changed live controls. A restart control begins a new experiment instead.
    fn set(&mut self, values: &Values);

    /// The tensors that the next snapshot needs, flattened.
    fn ask(&mut self) -> Vec<Tensor<1>> {
        Vec::new()
    }

    /// The snapshot, from the answers to the last `ask`, in the same order.
    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot;

    /// The run as several workers share it, where it is made of lanes. It has none of them before `share`: see [`begin`].
    fn lanes(&mut self) -> Option<&mut dyn SharedRun> {
        None
    }

    /// Whether a further step would do nothing until a control moves.
    fn finished(&self) -> bool {
        false
    }

    /// Metadata of a saved file, by key.
    fn description(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    /// The trained parameters; empty where there are none to save.
    fn weights(&self) -> Vec<Weight> {
        Vec::new()
    }
}

/// Starts an experiment, with the lanes of one instance where it is made of lanes.
///
/// # Errors
/// Those of `start`.
pub fn begin(
    start: Start,
    values: &Values,
    assets: &Assets,
    device: &Device,
    share: Share,
) -> Result<Box<dyn Experiment>, StartError> {
    let mut experiment = start(values, assets, device)?;
    if let Some(run) = experiment.lanes() {
        run.share(share);
    }
    Ok(experiment)
}

/// The numbers of tensors that were read in one transaction.
///
/// # Panics
/// When a tensor does not hold f32: a bug.
pub fn answers(read: &[TensorData]) -> Vec<Vec<f32>> {
    read.iter().map(|data| data.as_slice().expect("experiments ask for f32 tensors").to_vec()).collect()
}
