//! Adam on the CPU: parameter, both moments and gradient in one pass.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::optim::{Adam, AdamState, AdaptiveMomentumState, Optimizer};
use burn::tensor::{Device, Tensor};

use super::host::{in_one_piece, numbers};

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
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

impl Optimizer for OnePass {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        learning_rate: f64,
        parameter: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamState<D>>,
    ) -> (Tensor<D>, Option<AdamState<D>>) {
        let given =
            parameter.clone().try_into_primitive::<Flex>().ok().zip(gradient.clone().try_into_primitive::<Flex>().ok());
        let Some((theta, slope)) = given.filter(|_| super::wanted()) else {
            return self.composed.step(learning_rate, parameter, gradient, state);
        };
        drop(gradient);
        let momentum = state.map(|state| state.momentum);
        let time = momentum.as_ref().map_or(0, |momentum| momentum.time) + 1;
        let [m, v] = match momentum {
            Some(momentum) => [momentum.moment_1, momentum.moment_2].map(|moment| {
                in_one_piece(moment.try_into_primitive::<Flex>().expect("the state is where the parameter is"))
            }),
            None => [(); 2].map(|()| FlexTensor::zeros(theta.layout().shape().clone(), theta.dtype())),
        };
        let (theta, m, v) = update(learning_rate, time, &in_one_piece(theta), &in_one_piece(slope), m, v);
        let [theta, m, v] = [theta, m, v].map(Tensor::from_primitive::<Flex>);
        (theta, Some(AdamState::new(AdaptiveMomentumState::new(time, m, v))))
    }

    fn to_device<const D: usize>(state: AdamState<D>, device: &Device) -> AdamState<D> {
        <Adam as Optimizer>::to_device(state, device)
    }
}

fn update(
    learning_rate: f64,
    time: usize,
    theta: &FlexTensor,
    gradient: &FlexTensor,
    mut m: FlexTensor,
    mut v: FlexTensor,
) -> (FlexTensor, FlexTensor, FlexTensor) {
    let root = (1.0 - BETA_2.powi(time as i32)).sqrt();
    let rate = learning_rate as f32 * root / (1.0 - BETA_1.powi(time as i32));
    let epsilon = EPSILON * root;
    let old = numbers(theta);
    let mut new = vec![0.0; old.len()];
    let moments = m.storage_mut::<f32>().iter_mut().zip(v.storage_mut::<f32>());
    let parameters = new.iter_mut().zip(old);
    for (((m, v), (new, old)), g) in moments.zip(parameters).zip(numbers(gradient)) {
        *m = *m * BETA_1 + g * (1.0 - BETA_1);
        *v = *v * BETA_2 + g * g * (1.0 - BETA_2);
        *new = old - rate * *m / (v.sqrt() + epsilon);
    }
    let updated = FlexTensor::from_data(burn::tensor::TensorData::new(new, theta.layout().shape().clone()));
    (updated, m, v)
}
