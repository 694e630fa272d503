//! The layers of slide 1.4's second network: convolutions that halve an image's side, transposed ones that double it again.
//!
//! All kernels are 4×4 with stride 2 and a border of 1, which is exact for every side that is a multiple of four:
//! (side + 2·1 − 4)/2 + 1 = side/2 in the encoder, (side − 1)·2 − 2·1 + 4 = 2·side in the decoder. For 28×28 and for 8×8:
//!
//! | layer | 28×28 | 8×8 |
//! |---|---|---|
//! | image | 1×28×28 | 1×8×8 |
//! | convolution, ReLU | 8×14×14 | 8×4×4 |
//! | convolution, ReLU | 16×7×7 | 16×2×2 |
//! | flattened, for the dense layers | 784 | 64 |
//!
//! and back in the same sizes. A. Radford, L. Metz and S. Chintala, "Unsupervised representation learning with deep convolutional
//! generative adversarial networks", 2016, for strides in place of pooling.

use burn::module::{Module, Param};
use burn::tensor::activation::relu;
use burn::tensor::module::{conv_transpose2d, conv2d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{Device, Tensor};
use math::rng::Rng;

use super::linear::tensor;
use crate::fused;

/// Pixels along a kernel's side.
pub const KERNEL: usize = 4;
/// How far the kernel moves between two outputs.
pub const STRIDE: usize = 2;
/// Rows and columns of zeros added on each side of an image.
pub const BORDER: usize = 1;
/// Channels after the first and after the second convolution.
pub const CHANNELS: [usize; 2] = [8, 16];
/// The side must be a multiple of this, to be halved twice.
pub const MULTIPLE: usize = STRIDE * STRIDE;

/// The side of a square image with this many pixels.
pub fn side(pixels: usize) -> usize {
    (pixels as f64).sqrt().round() as usize
}

/// Numbers that represent an image after both convolutions.
pub fn features(pixels: usize) -> usize {
    let quarter = side(pixels) / MULTIPLE;
    CHANNELS[1] * quarter * quarter
}

/// The pixels of an image from the number of its features after both convolutions; none when no image has that many.
pub fn pixels(features_left: usize) -> Option<usize> {
    let quarter = side(features_left / CHANNELS[1]);
    let pixels = (MULTIPLE * quarter).pow(2);
    (features_left > 0 && features(pixels) == features_left).then_some(pixels)
}

/// A convolution or a transposed convolution.
#[derive(Module, Debug)]
pub struct Convolution {
    /// `[out, in, 4, 4]`; `[in, out, 4, 4]` when transposed.
    pub weight: Param<Tensor<4>>,
    /// `[out]`.
    pub bias: Param<Tensor<1>>,
}

impl Convolution {
    /// Glorot's uniform weights, drawn row by row, and zero bias: U(−a, a), a = √(6 / (16·(in + out))), since each input of a kernel has
    /// 16 numbers. Glorot & Bengio 2010, equation (16). `first` and `second` are the first two sizes of the weights.
    fn new([first, second]: [usize; 2], outputs: usize, rng: &mut Rng, device: &Device) -> Self {
        let area = KERNEL * KERNEL;
        let bound = (6.0 / (area * (first + second)) as f64).sqrt();
        let weights = (0..first * second * area).map(|_| (bound * (2.0 * rng.uniform() - 1.0)) as f32).collect();
        Self {
            weight: Param::from_tensor(tensor(weights, [first, second, KERNEL, KERNEL], device)),
            bias: Param::from_tensor(Tensor::zeros([outputs], device)),
        }
    }
}

/// Convolution, then ReLU: out\[o, i, j\] = max(0, b_o + Σ x\[c, 2i + u − 1, 2j + v − 1\] w\[o, c, u, v\]) over c, u, v, zero outside the
/// image. Shapes: `x` `[batch, in, side, side]`, w `[out, in, 4, 4]`, b `[out]` → `[batch, out, side/2, side/2]`.
pub(crate) fn halve(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>) -> Tensor<4> {
    let options = ConvOptions::new([STRIDE; 2], [BORDER; 2], [1; 2], 1);
    fused::halve(&x, &weight, &bias).unwrap_or_else(|| relu(conv2d(x, weight, Some(bias), options)))
}

/// ReLU, then the transpose of [`halve`]'s sum with the same kernel: max(0, x\[c, i, j\]) w\[c, o, u, v\] is added to b_o in
/// out\[o, 2i + u − 1, 2j + v − 1\]. Shapes: `x` `[batch, in, side, side]`, w `[in, out, 4, 4]`, b `[out]` →
/// `[batch, out, 2·side, 2·side]`.
pub(crate) fn double(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>) -> Tensor<4> {
    let options = ConvTransposeOptions::new([STRIDE; 2], [BORDER; 2], [0; 2], [1; 2], 1);
    fused::double(&x, &weight, &bias).unwrap_or_else(|| conv_transpose2d(relu(x), weight, Some(bias), options))
}

/// The encoder's convolutions, the first one first.
pub fn halving(rng: &mut Rng, device: &Device) -> Vec<Convolution> {
    let [first, second] = CHANNELS;
    [[first, 1], [second, first]].map(|shape| Convolution::new(shape, shape[0], rng, device)).into()
}

/// The decoder's transposed convolutions; the last gives `outputs` numbers for each pixel.
pub fn doubling(outputs: usize, rng: &mut Rng, device: &Device) -> Vec<Convolution> {
    let [first, second] = CHANNELS;
    [[second, first], [first, outputs]].map(|shape| Convolution::new(shape, shape[1], rng, device)).into()
}

/// The input of the encoder's dense layers: every convolution followed by a ReLU. Shape: `[batch, pixel]` → `[batch, feature]`.
pub fn down(layers: &[Convolution], x: Tensor<2>) -> Tensor<2> {
    let [batch, pixels] = x.dims();
    let image = x.reshape([batch, 1, side(pixels), side(pixels)]);
    let h = layers.iter().fold(image, |h, layer| halve(h, layer.weight.val(), layer.bias.val())); // [batch, channel, side/4, side/4]
    let features = h.dims()[1..].iter().product::<usize>();
    h.reshape([batch, features])
}

/// Images from the output of the decoder's dense layers: a ReLU before every transposed convolution.
/// Shape: `[batch, feature]` → `[batch, output·pixel]`, all pixels of the first output before those of the second.
pub fn up(layers: &[Convolution], h: Tensor<2>) -> Tensor<2> {
    let [batch, features] = h.dims();
    let channels = layers[0].weight.dims()[0];
    let quarter = side(features / channels);
    let h = layers.iter().fold(h.reshape([batch, channels, quarter, quarter]), |h, layer| {
        double(h, layer.weight.val(), layer.bias.val())
    });
    let numbers = h.dims()[1..].iter().product::<usize>();
    h.reshape([batch, numbers])
}
