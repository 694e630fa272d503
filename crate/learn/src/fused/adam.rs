//! Adam: parameter, both moments and gradient in one pass.

use burn::backend::{DispatchKindConversion, DispatchTensor};
use burn::optim::{Adam, AdamState, AdaptiveMomentumState, Optimizer};
use burn::tensor::{Device, Tensor};

use super::passes::{AdamStep, Passes, on_its_device, plain};

/// The share of the first moment that stays.
pub(super) const BETA_1: f32 = 0.9;
/// The share of the second moment that stays.
pub(super) const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// Kingma & Ba 2015, algorithm 1 in the order of their section 2, last paragraph: with r = √(1 − β₂ᵗ),
///
/// m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  θ ← θ − α · m · r/(1 − β₁ᵗ) / (√v + ε r)
#[derive(Clone)]
pub(crate) struct OnePass {
    composed: Adam,
}

impl OnePass {
    /// `composed` is what computes on other devices, with the constants of the paper.
    pub(crate) fn new(composed: Adam) -> Self {
        Self { composed }
    }
}

impl AdamStep {
    /// The step at a time, which counts from 1.
    fn at(time: usize, learning_rate: f64) -> Self {
        let root = (1.0 - BETA_2.powi(time as i32)).sqrt();
        Self { rate: learning_rate as f32 * root / (1.0 - BETA_1.powi(time as i32)), epsilon: EPSILON * root }
    }
}

impl Optimizer for OnePass {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        learning_rate: f64,
        parameter: Tensor<D>,
        gradient: Tensor<D>,
        mut state: Option<AdamState<D>>,
    ) -> (Tensor<D>, Option<AdamState<D>>) {
        match updated(learning_rate, &parameter, &gradient, &mut state) {
            Some((parameter, state)) => (parameter, Some(state)),
            None => self.composed.step(learning_rate, parameter, gradient, state),
        }
    }

    fn to_device<const D: usize>(state: AdamState<D>, device: &Device) -> AdamState<D> {
        <Adam as Optimizer>::to_device(state, device)
    }
}

/// The parameter and the state after the step, where their device has a pass for it; takes the state that it is given.
fn updated<const D: usize>(
    learning_rate: f64,
    parameter: &Tensor<D>,
    gradient: &Tensor<D>,
    state: &mut Option<AdamState<D>>,
) -> Option<(Tensor<D>, AdamState<D>)> {
    on_its_device!(B => updated_on::<B, D>(learning_rate, parameter, gradient, state))
}

fn updated_on<B: Passes, const D: usize>(
    learning_rate: f64,
    parameter: &Tensor<D>,
    gradient: &Tensor<D>,
    state: &mut Option<AdamState<D>>,
) -> Option<(Tensor<D>, AdamState<D>)>
where
    DispatchTensor: DispatchKindConversion<B>,
{
    let (theta, slope) = plain::<B, D>(parameter).zip(plain::<B, D>(gradient)).filter(|_| super::wanted())?;
    let momentum = state.take().map(|state| state.momentum);
    let time = momentum.as_ref().map_or(0, |momentum| momentum.time) + 1;
    let [m, v] = match momentum {
        // Handed over, so that they may be written in place.
        Some(momentum) => [momentum.moment_1, momentum.moment_2],
        None => [Tensor::zeros_like(parameter), Tensor::zeros_like(parameter)],
    }
    .map(|moment| moment.try_into_primitive::<B>().expect("the state is where the parameter is"));
    let [theta, m, v] =
        B::adam(AdamStep::at(time, learning_rate), [theta, slope, m, v]).map(Tensor::from_primitive::<B>);
    Some((theta, AdamState::new(AdaptiveMomentumState::new(time, m, v))))
}
