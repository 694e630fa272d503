//! The two convolutions of slide 1.4's second network on the CPU, as one large matrix product each: kernels of 4×4, stride 2, a border of
//! zeros of 1, with their ReLU.
//!
//! An image's patches, one for each place of the kernel, are the rows of a matrix; with them a convolution is a product with the
//! kernels, and a transposed one the product whose rows are added back into an image.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};
use burn::tensor::Tensor;

use super::host::{in_one_piece, numbers, tensor};
use super::patches::{Images, from_rows, patches, put_back, rows};

const AREA: usize = 16;

/// A convolution, then ReLU, where its tensors are the CPU's.
pub(crate) fn halve(x: &Tensor<4>, weight: &Tensor<4>, bias: &Tensor<1>) -> Option<Tensor<4>> {
    apply(Direction::Halve, x, weight, bias)
}

/// ReLU, then a transposed convolution, where its tensors are the CPU's.
pub(crate) fn double(x: &Tensor<4>, weight: &Tensor<4>, bias: &Tensor<1>) -> Option<Tensor<4>> {
    apply(Direction::Double, x, weight, bias)
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    /// Convolution, then ReLU: half the side.
    Halve,
    /// ReLU, then transposed convolution: twice the side.
    Double,
}

fn apply(direction: Direction, x: &Tensor<4>, weight: &Tensor<4>, bias: &Tensor<1>) -> Option<Tensor<4>> {
    let tracked = x.device().is_autodiff();
    if !crate::fused::wanted()
        || tracked != weight.device().is_autodiff()
        || (direction == Direction::Halve && x.dims()[2] % 2 == 1)
    {
        return None;
    }
    if tracked {
        let x = x.clone().try_into_primitive::<Autodiff<Flex>>().ok()?;
        let weight = weight.clone().try_into_primitive::<Autodiff<Flex>>().ok()?;
        let bias = bias.clone().try_into_primitive::<Autodiff<Flex>>().ok()?;
        return Some(Tensor::from_primitive::<Autodiff<Flex>>(with_derivative(direction, x, weight, bias)));
    }
    let x = x.clone().try_into_primitive::<Flex>().ok()?;
    let weight = weight.clone().try_into_primitive::<Flex>().ok()?;
    let bias = bias.clone().try_into_primitive::<Flex>().ok()?;
    Some(Tensor::from_primitive::<Flex>(forward(direction, x, weight, bias).value))
}

/// The output, and what the way back needs: the product's left factor, the kernels as a matrix, and where the ReLU let numbers through.
struct Forward {
    value: FlexTensor,
    kept: Kept,
}

#[derive(Clone, Debug)]
struct Kept {
    direction: Direction,
    input: Images,
    output: Images,
    /// Patches of the input, or the input's pixels after the ReLU, row by row.
    rows: FlexTensor,
    /// `[out, in·16]` or `[in, out·16]`.
    kernels: FlexTensor,
    shape: [usize; 4],
    /// What the ReLU gave: a gradient passes where it is positive.
    relu: FlexTensor,
}

fn forward(direction: Direction, x: FlexTensor, weight: FlexTensor, bias: FlexTensor) -> Forward {
    let (x, weight, bias) = (in_one_piece(x), in_one_piece(weight), in_one_piece(bias));
    let sizes = |tensor: &FlexTensor| -> [usize; 4] { std::array::from_fn(|axis| tensor.layout().shape()[axis]) };
    let ([batch, channels, side, _], shape) = (sizes(&x), sizes(&weight));
    let input = Images { batch, channels, side };
    let kernels = tensor(numbers(&weight).to_vec(), [shape[0], shape[1] * AREA]);
    let bias = numbers(&bias);
    match direction {
        Direction::Halve => {
            let output = Images { batch, channels: shape[0], side: side / 2 };
            let rows = tensor(patches(numbers(&x), input), [output.places(), channels * AREA]);
            let sums = Flex::float_matmul(rows.clone(), Flex::float_transpose(kernels.clone()));
            let value = output.tensor(from_rows(numbers(&sums), output, |sum, channel| {
                let sum = sum + bias[channel];
                if sum < 0.0 { 0.0 } else { sum }
            }));
            Forward { kept: Kept { direction, input, output, rows, kernels, shape, relu: value.clone() }, value }
        }
        Direction::Double => {
            let output = Images { batch, channels: shape[1], side: 2 * side };
            let rows = tensor(rows(numbers(&x), input, |x| if x < 0.0 { 0.0 } else { x }), [input.places(), channels]);
            let parts = Flex::float_matmul(rows.clone(), kernels.clone());
            let mut sums = put_back(numbers(&parts), output);
            for (at, plane) in sums.chunks_exact_mut(output.pixels()).enumerate() {
                plane.iter_mut().for_each(|sum| *sum += bias[at % output.channels]);
            }
            let value = output.tensor(sums);
            Forward { kept: Kept { direction, input, output, relu: rows.clone(), rows, kernels, shape }, value }
        }
    }
}

/// The gradient before a ReLU from that after it.
fn passed(gradient: &[f32], relu: &[f32]) -> Vec<f32> {
    gradient.iter().zip(relu).map(|(d, y)| if *y > 0.0 { *d } else { 0.0 }).collect()
}

#[derive(Debug)]
struct Derivative;

impl Backward<Flex, 3> for Derivative {
    type State = Kept;

    fn backward(self, ops: Ops<Kept, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let Kept { direction, input, output, rows: left, kernels, shape, relu } = ops.state;
        let arrived = in_one_piece(gradients.consume::<Flex>(&ops.node));
        let [to_x, to_weight, to_bias] = ops.parents;
        // The gradient of the product, and of the bias: its sum over all places.
        let (product, of_bias) = match direction {
            Direction::Halve => {
                let cut = passed(numbers(&arrived), numbers(&relu));
                let product = tensor(rows(&cut, output, |d| d), [output.places(), output.channels]);
                (product, output.sums(&cut))
            }
            Direction::Double => {
                let product = tensor(patches(numbers(&arrived), output), [input.places(), output.channels * AREA]);
                (product, output.sums(numbers(&arrived)))
            }
        };
        if let Some(node) = to_bias {
            gradients.register::<Flex>(node.id, tensor(of_bias, [output.channels]));
        }
        if let Some(node) = to_weight {
            let of_kernels = match direction {
                Direction::Halve => Flex::float_matmul(Flex::float_transpose(product.clone()), left.clone()),
                Direction::Double => Flex::float_matmul(Flex::float_transpose(left.clone()), product.clone()),
            };
            gradients.register::<Flex>(node.id, tensor(numbers(&in_one_piece(of_kernels)).to_vec(), shape));
        }
        if let Some(node) = to_x {
            let of_x = match direction {
                Direction::Halve => put_back(numbers(&Flex::float_matmul(product, kernels)), input),
                Direction::Double => {
                    let of_rows = Flex::float_matmul(product, Flex::float_transpose(kernels));
                    from_rows(&passed(numbers(&of_rows), numbers(&relu)), input, |d, _| d)
                }
            };
            gradients.register::<Flex>(node.id, input.tensor(of_x));
        }
    }
}

type Tracked = FloatTensor<Autodiff<Flex>>;

fn with_derivative(direction: Direction, x: Tracked, weight: Tracked, bias: Tracked) -> Tracked {
    let ((x, of_x), (weight, of_weight), (bias, of_bias)) = (x.into_parts(), weight.into_parts(), bias.into_parts());
    let Forward { value, kept } = forward(direction, x, weight, bias);
    match Derivative.prepare::<NoCheckpointing>([of_x, of_weight, of_bias]).compute_bound().stateful() {
        OpsKind::Tracked(step) => step.finish(kept, value),
        OpsKind::UnTracked(step) => step.finish(value),
    }
}
