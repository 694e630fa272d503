//! The dense layer as one operation, with its derivative.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, DispatchKindConversion, DispatchTensor};
use burn::nn::Linear;
use burn::tensor::Tensor;

use super::Activation;
use super::passes::{Layer, Passes, on_its_device, plain};

/// The layer where its device has a pass for it.
pub(crate) fn dense(layer: &Linear, x: &Tensor<2>, activation: Activation) -> Option<Tensor<2>> {
    on_its_device!(B => dense_on::<B>(layer, x, activation))
}

fn dense_on<B: Passes>(layer: &Linear, x: &Tensor<2>, activation: Activation) -> Option<Tensor<2>>
where
    DispatchTensor: DispatchKindConversion<B> + DispatchKindConversion<Autodiff<B>>,
{
    let (weight, bias) = (layer.weight.val(), layer.bias.as_ref()?.val());
    let tracked = x.device().is_autodiff();
    if !super::wanted() || tracked != weight.device().is_autodiff() {
        return None;
    }
    if !tracked {
        let y = B::dense(plain::<B, 2>(x)?, plain::<B, 2>(&weight)?, plain::<B, 1>(&bias)?, activation);
        return Some(Tensor::from_primitive::<B>(y));
    }
    let x = x.clone().try_into_primitive::<Autodiff<B>>().ok()?;
    let weight = weight.try_into_primitive::<Autodiff<B>>().ok()?;
    let bias = bias.try_into_primitive::<Autodiff<B>>().ok()?;
    Some(Tensor::from_primitive::<Autodiff<B>>(with_derivative::<B>(x, weight, bias, activation)))
}

#[derive(Debug)]
struct Derivative;

impl<B: Passes> Backward<B, 3> for Derivative {
    type State = Layer<B>;

    fn backward(self, ops: Ops<Layer<B>, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let dy = gradients.consume::<B>(&ops.node);
        let wanted = ops.parents.each_ref().map(Option::is_some);
        for (node, gradient) in ops.parents.into_iter().zip(B::dense_back(dy, ops.state, wanted)) {
            if let Some((node, gradient)) = node.zip(gradient) {
                gradients.register::<B>(node.id, gradient);
            }
        }
    }
}

type Tracked<B> = FloatTensor<Autodiff<B>>;

fn with_derivative<B: Passes>(
    x: Tracked<B>,
    weight: Tracked<B>,
    bias: Tracked<B>,
    activation: Activation,
) -> Tracked<B> {
    let ((x, of_x), (weight, of_weight), (bias, of_bias)) = (x.into_parts(), weight.into_parts(), bias.into_parts());
    let y = B::dense(x.clone(), weight.clone(), bias, activation);
    let prepared = Backward::<B, 3>::prepare::<NoCheckpointing>(Derivative, [of_x, of_weight, of_bias]).compute_bound();
    match prepared.stateful() {
        OpsKind::Tracked(step) => {
            let relu = (activation == Activation::Relu).then(|| y.clone());
            step.finish(Layer { x, weight, relu }, y)
        }
        OpsKind::UnTracked(step) => step.finish(y),
    }
}
