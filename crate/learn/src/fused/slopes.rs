//! Operations whose derivative is known when the value is: the slopes are kept, and the way back is one multiplication.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};
use burn::tensor::Tensor;

use super::host::{in_one_piece, numbers};

/// The value of an operation, and its derivative by each input, of that input's shape; none where it is 1 everywhere.
///
/// A gradient that arrives has one number for each of the input's, or one for each of its rows, or one in all: by that it is multiplied.
pub(super) struct Value<const N: usize> {
    pub(super) value: FlexTensor,
    pub(super) slopes: [Option<FlexTensor>; N],
}

/// The operation where all inputs are the CPU's tensors; none elsewhere. `compute` gets the inputs in one piece, and whether the slopes
/// are wanted.
pub(super) fn operation<const N: usize, const D: usize>(
    inputs: [&Tensor<2>; N],
    compute: impl FnOnce([&FlexTensor; N], bool) -> Value<N>,
) -> Option<Tensor<D>> {
    if !super::wanted() {
        return None;
    }
    let tracked = inputs[0].device().is_autodiff();
    if inputs.iter().any(|input| input.device().is_autodiff() != tracked) {
        return None;
    }
    if !tracked {
        let given = all(inputs.map(|input| input.clone().try_into_primitive::<Flex>().ok()))?.map(in_one_piece);
        return Some(Tensor::from_primitive::<Flex>(compute(given.each_ref(), false).value));
    }
    let given = all(inputs.map(|input| input.clone().try_into_primitive::<Autodiff<Flex>>().ok()))?;
    let given: [(FlexTensor, _); N] = given.map(FloatTensor::<Autodiff<Flex>>::into_parts);
    let mut numbers = Vec::with_capacity(N);
    let nodes = given.map(|(tensor, node)| {
        numbers.push(in_one_piece(tensor));
        node
    });
    let inputs: [&FlexTensor; N] = std::array::from_fn(|input| &numbers[input]);
    let value = match Slopes.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(step) => {
            let Value { value, slopes } = compute(inputs, true);
            step.finish(slopes, value)
        }
        OpsKind::UnTracked(step) => step.finish(compute(inputs, false).value),
    };
    Some(Tensor::from_primitive::<Autodiff<Flex>>(value))
}

/// All or none.
fn all<T, const N: usize>(given: [Option<T>; N]) -> Option<[T; N]> {
    given.into_iter().collect::<Option<Vec<T>>>()?.try_into().ok()
}

#[derive(Debug)]
struct Slopes;

impl<const N: usize> Backward<Flex, N> for Slopes {
    type State = [Option<FlexTensor>; N];

    fn backward(self, ops: Ops<Self::State, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let arrived = in_one_piece(gradients.consume::<Flex>(&ops.node));
        for (node, slopes) in ops.parents.into_iter().zip(ops.state) {
            let Some(node) = node else { continue };
            let gradient = slopes.map_or_else(|| arrived.clone(), |slopes| scaled(slopes, numbers(&arrived)));
            gradients.register::<Flex>(node.id, gradient);
        }
    }
}

/// Numbers times factors: one each, or one for each of as many rows as there are factors.
fn scaled(mut slopes: FlexTensor, factors: &[f32]) -> FlexTensor {
    let all = slopes.storage_mut::<f32>();
    if factors.len() == all.len() {
        all.iter_mut().zip(factors).for_each(|(number, factor)| *number *= factor);
    } else {
        let width = all.len() / factors.len();
        for (row, factor) in all.chunks_exact_mut(width).zip(factors) {
            row.iter_mut().for_each(|number| *number *= factor);
        }
    }
    slopes
}
