//! The passes on WebGPU, as shaders of this crate: few and small, so that a step is few dispatches and a browser compiles them quickly.

mod shader;
mod simulation;

use burn::backend::Cube;
use burn::backend::ops::FloatTensorOps;
use burn::tensor::Device;
use burn::tensor::wgpu::{MemoryConfiguration, WgpuOptions};

use self::shader::{GpuTensor, Shader, in_one_piece, matrix, new_like};
pub use self::simulation::LaneSums;
use super::Activation;
use super::adam::{BETA_1, BETA_2};
use super::passes::{AdamStep, Layer, Passes, Value};

const DENSE: &str = include_str!("dense.wgsl");
const ELEMENTWISE: &str = include_str!("elementwise.wgsl");

const DENSE_FORWARD: Shader = Shader::new(DENSE, "dense_forward");
const DENSE_BY_WEIGHT: Shader = Shader::new(DENSE, "dense_by_weight");
const DENSE_BY_X: Shader = Shader::new(DENSE, "dense_by_x");
const DENSE_FORWARD_QUADS: Shader = Shader::new(DENSE, "dense_forward_quads");
const DENSE_BY_WEIGHT_QUADS: Shader = Shader::new(DENSE, "dense_by_weight_quads");
const DENSE_BY_X_QUADS: Shader = Shader::new(DENSE, "dense_by_x_quads");
const BERNOULLI: Shader = Shader::new(include_str!("bernoulli.wgsl"), "bernoulli");
const SAMPLE: Shader = Shader::new(ELEMENTWISE, "gaussian_sample");
const KL: Shader = Shader::new(ELEMENTWISE, "gaussian_kl");
const SCALED: Shader = Shader::new(ELEMENTWISE, "scaled");
const SCALED_PAIR: Shader = Shader::new(ELEMENTWISE, "scaled_pair");
const SIGMOID: Shader = Shader::new(ELEMENTWISE, "sigmoid");
const ADD_MEANS: Shader = Shader::new(ELEMENTWISE, "add_means");
const ADAM: Shader = Shader::new(ELEMENTWISE, "adam");
const ADAM_QUADS: Shader = Shader::new(ELEMENTWISE, "adam_quads");
const SCALED_QUADS: Shader = Shader::new(ELEMENTWISE, "scaled_quads");

/// Rows and columns that a workgroup of `dense.wgsl` computes.
const TILE: usize = 32;
/// Invocations of a workgroup of `elementwise.wgsl`.
const GROUP: usize = 64;
/// The most workgroups of one line.
const LINE: usize = 65_535;

/// Workgroups for so many tiles of a matrix.
fn tiles(rows: usize, columns: usize) -> [usize; 2] {
    [columns.div_ceil(TILE), rows.div_ceil(TILE)]
}

/// So many workgroups, in as many lines as they need.
fn lines(groups: usize) -> [usize; 2] {
    let lines = groups.div_ceil(LINE).max(1);
    [groups.div_ceil(lines).max(1), lines]
}

/// Whether a layer of these inputs and outputs can be computed four numbers at a time.
fn quads(sizes: [usize; 2], matrices: &[&GpuTensor]) -> bool {
    sizes.iter().all(|size| size.is_multiple_of(4)) && matrices.iter().all(|matrix| matrix.is_contiguous())
}

/// What `dense.wgsl` is told of a layer.
fn layer_info(sizes: [usize; 3], strides: [[usize; 2]; 3]) -> Vec<u32> {
    sizes.into_iter().chain(strides.into_iter().flatten()).map(|number| number as u32).collect()
}

/// What `dense.wgsl` is told of its ReLU.
fn cut(relu: bool) -> &'static str {
    if relu { "const RELU = true;\n" } else { "const RELU = false;\n" }
}

/// What `elementwise.wgsl` is told of its inputs.
fn element_info([rows, columns]: [usize; 2], inputs: &[[usize; 2]]) -> Vec<u32> {
    let strides = inputs.iter().copied().chain([[0; 2]; 3]).take(3).flatten();
    [rows * columns, columns].into_iter().chain(strides).map(|number| number as u32).collect()
}

/// Workgroups of `elementwise.wgsl` for a matrix.
fn lines_of([rows, columns]: [usize; 2]) -> [usize; 2] {
    lines((rows * columns).div_ceil(GROUP))
}

/// Where a gradient lies for the numbers of a matrix: it has one for each of them, or for each row, or one in all.
fn distances(gradient: &GpuTensor, shape: [usize; 2]) -> [usize; 2] {
    let (sizes, strides) = (gradient.meta.shape(), gradient.meta.strides());
    match (sizes.num_dims(), sizes.num_elements()) {
        (_, 1) => [0, 0],
        (2, count) if count == shape[0] * shape[1] => [strides[0], strides[1]],
        _ => [strides[0], 0],
    }
}

/// Runs an operation of `elementwise.wgsl`, one invocation for each number of a matrix.
fn elementwise(shader: Shader, shape: [usize; 2], inputs: &[&GpuTensor], outputs: &[&GpuTensor]) {
    let strides: Vec<[usize; 2]> = inputs.iter().map(|input| matrix(input).1).collect();
    shader.run(lines_of(shape), inputs, outputs, &element_info(shape, &strides));
}

/// Dispatches that wait for each other's company at most.
const QUEUED: usize = 256;

/// How the device must be opened for these shaders: with a buffer for each tensor, since a dispatch may not read a buffer that it writes
/// elsewhere, and with a queue that holds several steps, since what is sent off at once costs less.
pub fn options() -> WgpuOptions {
    Device::wgpu_options().memory_config(MemoryConfiguration::ExclusivePages).tasks_max(QUEUED)
}

impl Passes for Cube {
    fn dense(x: GpuTensor, weight: GpuTensor, bias: GpuTensor, activation: Activation) -> GpuTensor {
        let (([batch, inputs], of_x), ([_, outputs], of_weight)) = (matrix(&x), matrix(&weight));
        let bias = in_one_piece(bias);
        let y = new_like(&x, [batch, outputs]);
        let info = layer_info([batch, inputs, outputs], [of_x, of_weight, [0; 2]]);
        let shader = if quads([inputs, outputs], &[&x, &weight]) { DENSE_FORWARD_QUADS } else { DENSE_FORWARD };
        shader.told(cut(activation == Activation::Relu)).run(
            tiles(batch, outputs),
            &[&x, &weight, &bias],
            &[&y],
            &info,
        );
        y
    }

    fn dense_back(dy: GpuTensor, layer: Layer<Cube>, wanted: [bool; 3]) -> [Option<GpuTensor>; 3] {
        let Layer { x, weight, relu: given } = layer;
        let (([batch, inputs], of_x), ([_, outputs], of_weight)) = (matrix(&x), matrix(&weight));
        let sizes = [batch, inputs, outputs];
        let info = layer_info(sizes, [of_x, of_weight, matrix(&dy).1]);
        let (of_weight, of_x) = if quads([inputs, outputs], &[&x, &weight, &dy]) {
            (DENSE_BY_WEIGHT_QUADS, DENSE_BY_X_QUADS)
        } else {
            (DENSE_BY_WEIGHT, DENSE_BY_X)
        };
        let [of_weight, of_x] = [of_weight, of_x].map(|shader| shader.told(cut(given.is_some())));
        let given = given.map_or_else(|| dy.clone(), in_one_piece);
        let by_x = wanted[0].then(|| {
            let by_x = new_like(&x, [batch, inputs]);
            of_x.run(tiles(batch, inputs), &[&dy, &given, &weight], &[&by_x], &info);
            by_x
        });
        let by_weights = (wanted[1] || wanted[2]).then(|| {
            let (by_weight, by_bias) = (new_like(&x, [inputs, outputs]), new_like(&x, [outputs]));
            of_weight.run(tiles(inputs, outputs), &[&x, &dy, &given], &[&by_weight, &by_bias], &info);
            (by_weight, by_bias)
        });
        let (by_weight, by_bias) = by_weights.unzip();
        [by_x, by_weight, by_bias]
    }

    fn bernoulli([x, logits]: [GpuTensor; 2], _: bool) -> Value<Cube, 2> {
        let ((shape, of_x), (_, of_logits)) = (matrix(&x), matrix(&logits));
        let (sums, by_logits) = (new_like(&x, [shape[0]]), new_like(&x, shape));
        let info = [shape[1], of_x[0], of_x[1], of_logits[0], of_logits[1]].map(|number| number as u32);
        BERNOULLI.run(lines(shape[0]), &[&x, &logits], &[&sums, &by_logits], &info);
        Value { value: sums, slopes: [Some(logits), Some(by_logits)] }
    }

    fn sample([mu, log_var, eps]: [GpuTensor; 3], _: bool) -> Value<Cube, 3> {
        let (shape, _) = matrix(&mu);
        let [z, by_log_var, by_eps] = [(); 3].map(|()| new_like(&mu, shape));
        elementwise(SAMPLE, shape, &[&mu, &log_var, &eps], &[&z, &by_log_var, &by_eps]);
        Value { value: z, slopes: [None, Some(by_log_var), Some(by_eps)] }
    }

    fn kl([mu, log_var]: [GpuTensor; 2], _: bool) -> Value<Cube, 2> {
        let (shape, _) = matrix(&mu);
        let [kl, by_log_var] = [(); 2].map(|()| new_like(&mu, shape));
        elementwise(KL, shape, &[&mu, &log_var], &[&kl, &by_log_var]);
        Value { value: kl, slopes: [Some(mu), Some(by_log_var)] }
    }

    fn scaled(mut slopes: Vec<GpuTensor>, arrived: GpuTensor) -> Vec<GpuTensor> {
        let mut gradients = Vec::with_capacity(slopes.len());
        while let Some(first) = slopes.pop() {
            let second = slopes.pop();
            let (shape, of_first) = matrix(&first);
            let of_arrived = distances(&arrived, shape);
            let mut strides = vec![of_first, of_arrived];
            let of_first = new_like(&first, shape);
            gradients.push(of_first.clone());
            let alike = of_arrived[1] == 0 && first.is_contiguous() && shape[1].is_multiple_of(4);
            if second.is_none() && alike {
                let quads = [shape[0], shape[1] / 4];
                let info = element_info(quads, &strides);
                SCALED_QUADS.run(lines_of(quads), &[&first, &arrived], &[&of_first], &info);
            } else if let Some(second) = second {
                strides.push(matrix(&second).1);
                let of_second = new_like(&first, shape);
                let (inputs, outputs) = ([&first, &arrived, &second], [&of_first, &of_second]);
                SCALED_PAIR.run(lines_of(shape), &inputs, &outputs, &element_info(shape, &strides));
                gradients.push(of_second);
            } else {
                SCALED.run(lines_of(shape), &[&first, &arrived], &[&of_first], &element_info(shape, &strides));
            }
        }
        gradients.reverse();
        gradients
    }

    fn add_means(sums: Option<GpuTensor>, [a, b]: [GpuTensor; 2]) -> GpuTensor {
        let [a, b] = [a, b].map(in_one_piece);
        let added = new_like(&a, [2]);
        let info = [a.meta.shape().num_elements() as u32, u32::from(sums.is_some())];
        // Without sums there is something else in their place, which is not read.
        let before = sums.map_or_else(|| a.clone(), in_one_piece);
        ADD_MEANS.run([1, 1], &[&a, &b, &before], &[&added], &info);
        added
    }

    fn sigmoid(logits: GpuTensor) -> GpuTensor {
        let (shape, _) = matrix(&logits);
        let p = new_like(&logits, shape);
        elementwise(SIGMOID, shape, &[&logits], &[&p]);
        p
    }

    fn adam(step: AdamStep, [theta, gradient, m, v]: [GpuTensor; 4]) -> [GpuTensor; 3] {
        let [theta, gradient] = [theta, gradient].map(in_one_piece);
        // They are written in place: a copy where somebody else holds them.
        let [m, v] = [m, v]
            .map(in_one_piece)
            .map(|moment| if moment.handle.can_mut() { moment } else { Cube::float_mul_scalar(moment, 1.0.into()) });
        let shape = theta.meta.shape();
        let count = shape.num_elements();
        let new = new_like(&theta, shape.clone());
        // The same for every parameter of a step: one upload.
        let info = [step.rate, step.epsilon, BETA_1, BETA_2].map(f32::to_bits);
        let (shader, invocations) = if count.is_multiple_of(4) { (ADAM_QUADS, count / 4) } else { (ADAM, count) };
        shader.run(lines(invocations.div_ceil(GROUP)), &[&theta, &gradient], &[&new, &m, &v], &info);
        [new, m, v]
    }
}
