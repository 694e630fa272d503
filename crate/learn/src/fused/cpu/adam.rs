//! Adam's step over plain numbers.

use burn::backend::flex::FlexTensor;
use burn::tensor::TensorData;

use super::host::numbers;
use crate::fused::adam::{BETA_1, BETA_2};
use crate::fused::passes::AdamStep;

/// θ, m and v after the step.
pub(super) fn update(
    AdamStep { rate, epsilon }: AdamStep,
    theta: &FlexTensor,
    gradient: &FlexTensor,
    mut m: FlexTensor,
    mut v: FlexTensor,
) -> [FlexTensor; 3] {
    let old = numbers(theta);
    let mut new = vec![0.0; old.len()];
    let moments = m.storage_mut::<f32>().iter_mut().zip(v.storage_mut::<f32>());
    let parameters = new.iter_mut().zip(old);
    for (((m, v), (new, old)), g) in moments.zip(parameters).zip(numbers(gradient)) {
        *m = *m * BETA_1 + g * (1.0 - BETA_1);
        *v = *v * BETA_2 + g * g * (1.0 - BETA_2);
        *new = old - rate * *m / (v.sqrt() + epsilon);
    }
    let theta = FlexTensor::from_data(TensorData::new(new, theta.layout().shape().clone()));
    [theta, m, v]
}
