//! Operations whose derivative is known when the value is: the slopes are kept, and the way back is one multiplication.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, DispatchKindConversion, DispatchTensor};
use burn::tensor::{Shape, Tensor};

use super::passes::{Float, Passes, Value, on_its_device, plain};

/// A Bernoulli's log likelihood where both are one device's tensors of one shape.
pub(crate) fn bernoulli(x: &Tensor<2>, logits: &Tensor<2>) -> Option<Tensor<1>> {
    of_one_shape([x, logits])?;
    on_its_device!(B => operation::<B, 2, 1>([x, logits], B::bernoulli))
}

/// mu + exp(½ log_var)·eps where all are one device's tensors of one shape.
pub(crate) fn sample(mu: &Tensor<2>, log_var: &Tensor<2>, eps: &Tensor<2>) -> Option<Tensor<2>> {
    of_one_shape([mu, log_var, eps])?;
    on_its_device!(B => operation::<B, 3, 2>([mu, log_var, eps], B::sample))
}

/// ½ (mu² + exp(log_var) − log_var − 1) where both are one device's tensors of one shape.
pub(crate) fn kl(mu: &Tensor<2>, log_var: &Tensor<2>) -> Option<Tensor<2>> {
    of_one_shape([mu, log_var])?;
    on_its_device!(B => operation::<B, 2, 2>([mu, log_var], B::kl))
}

/// σ of every number, without autodiff.
pub(crate) fn sigmoid(logits: &Tensor<2>) -> Option<Tensor<2>> {
    if !super::wanted() {
        return None;
    }
    on_its_device!(B => plain::<B, 2>(logits).map(|logits| Tensor::from_primitive::<B>(B::sigmoid(logits))))
}

/// Sums, `[2]`, and to them the means of two columns, `[batch]` each, without autodiff.
pub(crate) fn add_means(sums: Option<&Tensor<1>>, columns: &[Tensor<1>; 2]) -> Option<Tensor<1>> {
    fn on<B: Passes>(sums: Option<&Tensor<1>>, [a, b]: &[Tensor<1>; 2]) -> Option<Tensor<1>>
    where
        DispatchTensor: DispatchKindConversion<B>,
    {
        let columns = [plain::<B, 1>(a)?, plain::<B, 1>(b)?];
        let sums = sums.map(|sums| plain::<B, 1>(sums).expect("the sums are where the columns are"));
        Some(Tensor::from_primitive::<B>(B::add_means(sums, columns)))
    }
    if !super::wanted() {
        return None;
    }
    on_its_device!(B => on::<B>(sums, columns))
}

/// The sum of every row; the way back repeats each row's gradient without writing it out.
pub(crate) fn row_sums(rows: &Tensor<2>) -> Option<Tensor<1>> {
    fn on<B: Passes>(rows: &Tensor<2>) -> Option<Tensor<1>>
    where
        DispatchTensor: DispatchKindConversion<B> + DispatchKindConversion<Autodiff<B>>,
    {
        let [count, _] = rows.dims();
        let sums = |rows: Float<B>| B::float_reshape(B::float_sum_dim(rows, 1), Shape::from([count]));
        if !rows.device().is_autodiff() {
            return Some(Tensor::from_primitive::<B>(sums(plain::<B, 2>(rows)?)));
        }
        let (given, node) = rows.clone().try_into_primitive::<Autodiff<B>>().ok()?.into_parts();
        let value = match Backward::<B, 1>::prepare::<NoCheckpointing>(Repeated, [node]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(rows.dims(), sums(given)),
            OpsKind::UnTracked(step) => step.finish(sums(given)),
        };
        Some(Tensor::from_primitive::<Autodiff<B>>(value))
    }
    if !super::wanted() {
        return None;
    }
    on_its_device!(B => on::<B>(rows))
}

#[derive(Debug)]
struct Repeated;

impl<B: Passes> Backward<B, 1> for Repeated {
    /// The shape of the rows.
    type State = [usize; 2];

    fn backward(self, ops: Ops<[usize; 2], 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let arrived = gradients.consume::<B>(&ops.node);
        let [Some(node)] = ops.parents else { return };
        let column = B::float_reshape(arrived, Shape::from([ops.state[0], 1]));
        gradients.register::<B>(node.id, B::float_expand(column, Shape::from(ops.state)));
    }
}

/// Nothing where the shapes differ.
fn of_one_shape<const N: usize>(inputs: [&Tensor<2>; N]) -> Option<()> {
    inputs.iter().all(|input| input.dims() == inputs[0].dims()).then_some(())
}

/// The operation where all inputs are the device's tensors; none elsewhere. `compute` gets the inputs, and whether the slopes are wanted.
pub(super) fn operation<B: Passes, const N: usize, const D: usize>(
    inputs: [&Tensor<2>; N],
    compute: impl FnOnce([Float<B>; N], bool) -> Value<B, N>,
) -> Option<Tensor<D>>
where
    DispatchTensor: DispatchKindConversion<B> + DispatchKindConversion<Autodiff<B>>,
{
    if !super::wanted() {
        return None;
    }
    let tracked = inputs[0].device().is_autodiff();
    if inputs.iter().any(|input| input.device().is_autodiff() != tracked) {
        return None;
    }
    if !tracked {
        let given = all(inputs.map(plain::<B, 2>))?;
        return Some(Tensor::from_primitive::<B>(compute(given, false).value));
    }
    let given = all(inputs.map(|input| input.clone().try_into_primitive::<Autodiff<B>>().ok()))?;
    let given: [(Float<B>, _); N] = given.map(FloatTensor::<Autodiff<B>>::into_parts);
    let mut numbers = Vec::with_capacity(N);
    let nodes = given.map(|(tensor, node)| {
        numbers.push(tensor);
        node
    });
    let numbers = numbers.try_into().ok()?;
    let value = match Backward::<B, N>::prepare::<NoCheckpointing>(Slopes, nodes).compute_bound().stateful() {
        OpsKind::Tracked(step) => {
            let Value { value, slopes } = compute(numbers, true);
            step.finish(slopes, value)
        }
        OpsKind::UnTracked(step) => step.finish(compute(numbers, false).value),
    };
    Some(Tensor::from_primitive::<Autodiff<B>>(value))
}

/// All or none.
fn all<T, const N: usize>(given: [Option<T>; N]) -> Option<[T; N]> {
    given.into_iter().collect::<Option<Vec<T>>>()?.try_into().ok()
}

#[derive(Debug)]
struct Slopes;

impl<B: Passes, const N: usize> Backward<B, N> for Slopes {
    type State = [Option<Float<B>>; N];

    fn backward(self, ops: Ops<Self::State, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let arrived = gradients.consume::<B>(&ops.node);
        let (mut nodes, mut scaled) = (Vec::with_capacity(N), Vec::with_capacity(N));
        for (node, slopes) in ops.parents.into_iter().zip(ops.state) {
            match (node, slopes) {
                (Some(node), Some(slopes)) => {
                    nodes.push(node);
                    scaled.push(slopes);
                }
                (Some(node), None) => gradients.register::<B>(node.id, arrived.clone()),
                (None, _) => (),
            }
        }
        for (node, gradient) in nodes.into_iter().zip(B::scaled(scaled, arrived)) {
            gradients.register::<B>(node.id, gradient);
        }
    }
}
