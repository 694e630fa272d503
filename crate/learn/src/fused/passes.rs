//! What a device must be able to do in one pass, each with what its derivative needs.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, DispatchKindConversion, DispatchTensor};
use burn::tensor::Tensor;

use super::Activation;

/// A device's tensor.
pub(super) type Float<B> = FloatTensor<B>;

/// The value of an operation, and its derivative by each input, of that input's shape; none where it is 1 everywhere.
///
/// A gradient that arrives has one number for each of the input's, or one for each of its rows, or one in all: by that it is multiplied.
pub(super) struct Value<B: Backend, const N: usize> {
    pub(super) value: Float<B>,
    pub(super) slopes: [Option<Float<B>>; N],
}

/// A dense layer, as its derivative needs it.
#[derive(Clone, Debug)]
pub(super) struct Layer<B: Backend> {
    /// `[batch, inputs]`
    pub(super) x: Float<B>,
    /// `[inputs, outputs]`
    pub(super) weight: Float<B>,
    /// What a ReLU gave, `[batch, outputs]`; none where there is none.
    pub(super) relu: Option<Float<B>>,
}

/// The numbers of Adam's step that change from step to step.
#[derive(Clone, Copy, Debug)]
pub(super) struct AdamStep {
    /// α·r/(1 − β₁ᵗ)
    pub(super) rate: f32,
    /// ε·r
    pub(super) epsilon: f32,
}

/// A device with passes of its own. Matrices may lie in memory in any order.
pub(super) trait Passes: Backend {
    /// a(x·W + b). Shapes: `[batch, inputs]`, `[inputs, outputs]`, `[outputs]` → `[batch, outputs]`.
    fn dense(x: Float<Self>, weight: Float<Self>, bias: Float<Self>, activation: Activation) -> Float<Self>;

    /// The gradients by x, W and b, where they are wanted, from the gradient by the layer's output.
    fn dense_back(dy: Float<Self>, layer: Layer<Self>, wanted: [bool; 3]) -> [Option<Float<Self>>; 3];

    /// A Bernoulli's log likelihood by its pixels x and its logits, `[batch, pixel]` → `[batch]`.
    fn bernoulli(inputs: [Float<Self>; 2], slopes: bool) -> Value<Self, 2>;

    /// mu + exp(½ log_var)·eps, all `[batch, latent]`.
    fn sample(inputs: [Float<Self>; 3], slopes: bool) -> Value<Self, 3>;

    /// ½ (mu² + exp(log_var) − log_var − 1), both `[batch, latent]`.
    fn kl(inputs: [Float<Self>; 2], slopes: bool) -> Value<Self, 2>;

    /// Slopes, of one shape, times a gradient that arrived: one number each, or one for each row, or one in all.
    fn scaled(slopes: Vec<Float<Self>>, arrived: Float<Self>) -> Vec<Float<Self>>;

    /// Sums, `[2]`, and to them the means of two columns, `[batch]` each.
    fn add_means(sums: Option<Float<Self>>, columns: [Float<Self>; 2]) -> Float<Self>;

    /// σ of every number.
    fn sigmoid(logits: Float<Self>) -> Float<Self>;

    /// θ, m and v after a step, from θ, the gradient, m and v.
    fn adam(step: AdamStep, state: [Float<Self>; 4]) -> [Float<Self>; 3];
}

/// A tensor of this device without autodiff, or nothing.
pub(super) fn plain<B: Passes, const D: usize>(tensor: &Tensor<D>) -> Option<Float<B>>
where
    DispatchTensor: DispatchKindConversion<B>,
{
    tensor.clone().try_into_primitive::<B>().ok()
}

/// The first device's answer that has one; `B` stands for the device in the call.
macro_rules! on_its_device {
    ($backend:ident => $call:expr) => {{
        #[cfg(feature = "cpu")]
        {
            type $backend = burn::backend::Flex;
            if let Some(value) = $call {
                return Some(value);
            }
        }
        #[cfg(feature = "webgpu")]
        {
            type $backend = burn::backend::Cube;
            if let Some(value) = $call {
                return Some(value);
            }
        }
        None
    }};
}
pub(super) use on_its_device;
