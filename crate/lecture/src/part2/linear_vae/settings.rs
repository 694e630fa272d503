//! The controls that act during the run.

use figure::Values;

/// What is set live.
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
            learning_rate: values.number("learning_rate"),
            decay: values.number("decay"),
            batch: values.integer("batch").clamp(1, points),
            samples: values.integer("samples").max(1),
            epsilon: values.number("epsilon"),
            sigma2: values.number("sigma2"),
            learn_sigma2: values.flag("learn_sigma2"),
        }
    }

    /// sigma² where it is held.
    pub(super) fn held(&self) -> Option<f64> {
        (!self.learn_sigma2).then_some(self.sigma2)
    }
}
