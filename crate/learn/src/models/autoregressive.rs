//! A VAE whose decoder may also use the pixels before the one it predicts: such a decoder is strong enough to ignore z.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use math::rng::Rng;

use super::vae::{Decoder, Encoder, VaeConfig};

/// The contribution of the earlier pixels to the decoder's output for a pixel: out_i += Σ_{j<i} x_j W_ji, pixels row by row from the top.
///
/// With it p(x|z) = Π_i p(x_i|x_1..x_(i−1), z): an autoregressive decoder with one linear layer, the fully visible sigmoid
/// belief network of Neal 1992 when pixels are Bernoulli, on top of the decoder's own output. Without z it is a model of
/// the data by itself.
#[derive(Module, Debug)]
pub struct Earlier {
    /// W, `[pixel j, pixel i]`; entries with j ≥ i have no effect and no gradient.
    pub weight: Param<Tensor<2>>,
}

impl Earlier {
    /// W = 0: at first the earlier pixels have no effect.
    pub fn new(pixels: usize, device: &Device) -> Self {
        Self { weight: Param::from_tensor(Tensor::zeros([pixels, pixels], device)) }
    }

    /// W with zeros where j ≥ i, `[pixel j, pixel i]`.
    pub fn strictly_earlier(&self) -> Tensor<2> {
        self.weight.val().triu(1)
    }

    /// Shape: `x` `[batch, pixel]` → `[batch, pixel]`, to be added to logits or means.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        x.matmul(self.strictly_earlier())
    }
}

/// Encoder and decoder, with or without access to the earlier pixels.
#[derive(Module, Debug)]
pub struct StrongVae {
    /// q(z|x).
    pub encoder: Encoder,
    /// The contribution of z to the decoder's output.
    pub decoder: Decoder,
    /// The contribution of the earlier pixels; none: p(x|z) treats pixels as independent given z.
    pub earlier: Option<Earlier>,
}

impl StrongVae {
    /// An encoder and a decoder of different sizes, with Glorot weights from `rng`: the encoder's first. `layers` 0 is a linear
    /// decoder.
    pub fn new(encoder: &VaeConfig, decoder: &VaeConfig, autoregressive: bool, rng: &mut Rng, device: &Device) -> Self {
        // A decoder without hidden layers takes z directly: its `hidden` is the latent size.
        let decoder = if decoder.layers == 0 { VaeConfig { hidden: decoder.latent, ..*decoder } } else { *decoder };
        Self {
            encoder: encoder.init(rng, device).encoder,
            decoder: decoder.init(rng, device).decoder,
            earlier: autoregressive.then(|| Earlier::new(decoder.pixels, device)),
        }
    }

    /// Logits or means of every pixel, given z and (if the decoder uses them) the true earlier pixels.
    /// Shapes: `z` `[batch, latent]`, `x` `[batch, pixel]` → `[batch, pixel]`.
    pub fn decode(&self, z: Tensor<2>, x: Tensor<2>) -> Tensor<2> {
        let decoded = self.decoder.forward(z);
        match &self.earlier {
            Some(earlier) => decoded + earlier.forward(x),
            None => decoded,
        }
    }
}
