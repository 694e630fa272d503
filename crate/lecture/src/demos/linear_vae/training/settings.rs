//! The controls that take effect during the run.

use crate::demos::linear_vae::keys;
use figure::Values;

/// The live settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Settings {
    pub(super) learning_rate: f64,
    pub(super) decay: f64,
    pub(super) batch: usize,
    pub(super) samples: usize,
    pub(super) epsilon: f64,
    pub(super) sigma2: f64,
    pub(super) learn_sigma2: bool,
}

impl Settings {
    /// From the controls' values; a batch holds no more than all of the `points`.
    pub(super) fn of(values: &Values, points: usize) -> Self {
        Self {
            learning_rate: values.get(keys::LEARNING_RATE),
            decay: values.get(keys::DECAY) as f64,
            batch: values.get(keys::BATCH).clamp(1, points),
            samples: values.get(keys::SAMPLES).max(1),
            epsilon: values.get(keys::EPSILON),
            sigma2: values.get(keys::SIGMA2),
            learn_sigma2: values.get(keys::LEARN_SIGMA2),
        }
    }

    /// sigma² where it is held fixed.
    pub(super) fn held(&self) -> Option<f64> {
        (!self.learn_sigma2).then_some(self.sigma2)
    }
}
