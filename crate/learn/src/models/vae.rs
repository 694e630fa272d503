//! The VAE of slide 1.4: a probabilistic encoder q(z|x) and a probabilistic decoder p(x|z), multi-layer perceptrons
//! or with convolutions before and after.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use math::rng::Rng;

use super::conv::{self, Convolution};
use super::linear::{dense, linear};
use crate::fused::{self, Activation};
use crate::objectives::Likelihood;

/// The kind of network that encoder and decoder are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Architecture {
    /// Dense layers only: they ignore which pixels are neighbours.
    #[default]
    Mlp,
    /// Two convolutions, then the dense layers; the decoder in reverse order. For sides that are multiples of four.
    Convolutional,
}

impl Architecture {
    /// Whether the network returns images of this side at their original size.
    pub fn takes(self, side: usize) -> bool {
        self == Self::Mlp || side.is_multiple_of(conv::MULTIPLE)
    }
}

/// Sizes of a VAE.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VaeConfig {
    /// Dense layers only, or convolutions too.
    pub architecture: Architecture,
    /// Pixels of an image, D.
    pub pixels: usize,
    /// Units of each dense hidden layer.
    pub hidden: usize,
    /// Dense hidden layers in the encoder, and in the decoder.
    pub layers: usize,
    /// Latent dimensions, M.
    pub latent: usize,
    /// The distribution of p(x|z).
    pub likelihood: Likelihood,
    /// Initial log σ² (Gaussian) or log b (Laplace); constant when it is not learned.
    pub log_scale: f32,
    /// Whether that scale is learned.
    pub learn_scale: bool,
}

impl VaeConfig {
    /// One dense hidden layer in the encoder and in the decoder; a Gaussian or Laplace likelihood of scale 1, not learned.
    pub fn new(pixels: usize, hidden: usize, latent: usize, likelihood: Likelihood) -> Self {
        let architecture = Architecture::Mlp;
        Self { architecture, pixels, hidden, layers: 1, latent, likelihood, log_scale: 0.0, learn_scale: false }
    }

    /// A VAE with Glorot weights drawn from `rng`: encoder first, layer by layer, then the decoder.
    pub fn init(&self, rng: &mut Rng, device: &Device) -> Vae {
        let mut log_scale = Param::from_tensor(Tensor::full([1], self.log_scale, device));
        if !self.learn_scale {
            log_scale = log_scale.set_require_grad(false);
        }
        let outputs = self.likelihood.outputs_per_pixel();
        let convolutional = self.architecture == Architecture::Convolutional;
        // Inputs of the encoder's dense layers, and outputs of the decoder's.
        let (seen, given) = if convolutional {
            (conv::features(self.pixels), conv::features(self.pixels))
        } else {
            (self.pixels, self.pixels * outputs)
        };
        Vae {
            encoder: Encoder {
                convolutions: if convolutional { conv::halving(rng, device) } else { Vec::new() },
                hidden: stack(seen, self.hidden, self.layers, rng, device),
                mu: linear(self.hidden, self.latent, rng, device),
                log_var: linear(self.hidden, self.latent, rng, device),
            },
            decoder: Decoder {
                hidden: stack(self.latent, self.hidden, self.layers, rng, device),
                output: linear(self.hidden, given, rng, device),
                transposed: if convolutional { conv::doubling(outputs, rng, device) } else { Vec::new() },
                log_scale,
            },
        }
    }
}

fn stack(inputs: usize, hidden: usize, layers: usize, rng: &mut Rng, device: &Device) -> Vec<Linear> {
    (0..layers).map(|layer| linear(if layer == 0 { inputs } else { hidden }, hidden, rng, device)).collect()
}

/// q(z|x) = N(mu, diag(exp(log_var))): the probabilistic encoder.
#[derive(Module, Debug)]
pub struct Encoder {
    /// Convolutions before the dense layers; none in a multi-layer perceptron.
    pub convolutions: Vec<Convolution>,
    /// Hidden layers with ReLU.
    pub hidden: Vec<Linear>,
    /// The mean of q(z|x).
    pub mu: Linear,
    /// The logarithm of the variance of q(z|x).
    pub log_var: Linear,
}

impl Encoder {
    /// Shapes: `x` `[batch, pixel]` → `mu`, `log_var` `[batch, latent]`. Equation (7).
    pub fn forward(&self, x: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let x = if self.convolutions.is_empty() { x } else { conv::down(&self.convolutions, x) };
        let h = self.hidden.iter().fold(x, |h, layer| dense(layer, h, Activation::Relu)); // [batch, hidden]
        (dense(&self.mu, h.clone(), Activation::None), dense(&self.log_var, h, Activation::None))
    }
}

/// p(x|z): the probabilistic decoder. The likelihood defines what its output means.
#[derive(Module, Debug)]
pub struct Decoder {
    /// Hidden layers with ReLU.
    pub hidden: Vec<Linear>,
    /// Logits, or means, or means and log variances; with convolutions, their input.
    pub output: Linear,
    /// Transposed convolutions after the dense layers; none in a multi-layer perceptron.
    pub transposed: Vec<Convolution>,
    /// log σ² or log b shared by all pixels, `[1]`.
    pub log_scale: Param<Tensor<1>>,
}

impl Decoder {
    /// Shapes: `z` `[batch, latent]` → `[batch, pixel·outputs]`. Equation (6).
    pub fn forward(&self, z: Tensor<2>) -> Tensor<2> {
        let h = self.hidden.iter().fold(z, |h, layer| dense(layer, h, Activation::Relu)); // [batch, hidden]
        let decoded = dense(&self.output, h, Activation::None);
        if self.transposed.is_empty() { decoded } else { conv::up(&self.transposed, decoded) }
    }
}

/// Encoder and decoder.
#[derive(Module, Debug)]
pub struct Vae {
    /// q(z|x).
    pub encoder: Encoder,
    /// p(x|z).
    pub decoder: Decoder,
}

impl Vae {
    /// The reparameterization trick: z = μ + σ·ε, with ε passed in. Equation (8). Shapes: all `[batch, latent]`.
    pub fn reparameterize(mu: Tensor<2>, log_var: Tensor<2>, eps: Tensor<2>) -> Tensor<2> {
        fused::sample(&mu, &log_var, &eps).unwrap_or_else(|| mu + (log_var * 0.5).exp() * eps)
    }
}
