//! The reconstruction term: log p(x|z) for the likelihoods that slide 1.2 names.

use burn::tensor::Tensor;
use burn::tensor::activation::{log_sigmoid, sigmoid};
use math::rng::Rng;

use super::continuous_bernoulli;
use crate::fused;

/// The distribution f of p(x|z), slide 1.2. The decoder gives the location; each variant says where the scale comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likelihood {
    /// Bernoulli per pixel; the decoder gives logits. Of a grey value x in \[0, 1\] the sum is not the log probability of x: it is the
    /// expectation of log p(b|z) over b ~ Bernoulli(x), at most −H(x).
    Bernoulli,
    /// Continuous Bernoulli per pixel, a density on \[0, 1\]; the decoder gives logits (Loaiza-Ganem & Cunningham 2019).
    ContinuousBernoulli,
    /// N(x; f(z), σ²) with one σ for all pixels, fixed or learned.
    Gaussian,
    /// N(x; f(z), σ(z)²) with a σ for each pixel, given by the decoder: equation (6).
    GaussianPerPixel,
    /// Laplace(x; f(z), b) with one scale b, fixed or learned.
    Laplace,
}

impl Likelihood {
    /// One pixel x ~ p(x|z) from its mean and scale, as [`mean`] and [`scale`] give them.
    pub fn sample(self, mean: f32, scale: f32, rng: &mut Rng) -> f32 {
        match self {
            Self::Bernoulli => f32::from(u8::from(rng.uniform() < f64::from(mean))),
            Self::ContinuousBernoulli => math::continuous_bernoulli::quantile(rng.uniform(), f64::from(mean)) as f32,
            Self::Gaussian | Self::GaussianPerPixel => mean + scale * rng.normal() as f32,
            Self::Laplace => {
                // The inverse of the distribution function at a uniform number.
                let centred = rng.uniform() - 0.5;
                let tail = (1.0 - 2.0 * centred.abs()).max(f64::MIN_POSITIVE);
                mean - scale * (centred.signum() * tail.ln()) as f32
            }
        }
    }

    /// Whether a sample asks for the scale: a Bernoulli's is drawn by its mean alone.
    pub fn has_scale(self) -> bool {
        !matches!(self, Self::Bernoulli | Self::ContinuousBernoulli)
    }

    /// Its name in saved files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bernoulli => "bernoulli",
            Self::ContinuousBernoulli => "continuous-bernoulli",
            Self::Gaussian => "gaussian",
            Self::GaussianPerPixel => "gaussian-per-pixel",
            Self::Laplace => "laplace",
        }
    }

    /// The likelihood of a name in a saved file.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Every likelihood.
    pub const ALL: [Self; 5] =
        [Self::Bernoulli, Self::ContinuousBernoulli, Self::Gaussian, Self::GaussianPerPixel, Self::Laplace];

    /// Decoder outputs per pixel: 2 where the decoder also gives log σ² of each pixel, else 1.
    pub fn outputs_per_pixel(self) -> usize {
        if self == Self::GaussianPerPixel { 2 } else { 1 }
    }
}

/// The smallest σ per pixel: without one, a pixel that never changes would get an unbounded likelihood as σ → 0. It is half the step
/// between two of the digits' 17 grey levels; for images of 256 levels it is eight of their steps.
pub const SMALLEST_SIGMA: f64 = 1.0 / 32.0;

/// Mean of p(x|z) per pixel. Shapes: `decoded` as in [`log_likelihood`] → `[batch, pixel]`.
pub fn mean(likelihood: Likelihood, decoded: Tensor<2>, pixels: usize) -> Tensor<2> {
    match likelihood {
        Likelihood::Bernoulli => fused::sigmoid(&decoded).unwrap_or_else(|| sigmoid(decoded)),
        Likelihood::ContinuousBernoulli => continuous_bernoulli::mean(decoded),
        Likelihood::Gaussian | Likelihood::Laplace => decoded,
        Likelihood::GaussianPerPixel => decoded.narrow(1, 0, pixels),
    }
}

/// Scale of p(x|z) per pixel: σ of a Gaussian, b of a Laplace; for a Bernoulli, √(p(1−p)), and a continuous one its standard deviation.
/// Shapes as in [`mean`], `log_scale` as in [`log_likelihood`].
pub fn scale(likelihood: Likelihood, decoded: Tensor<2>, log_scale: Tensor<1>, pixels: usize) -> Tensor<2> {
    let shared = |log: Tensor<1>, like: &Tensor<2>| log.exp().unsqueeze::<2>().expand(like.dims());
    match likelihood {
        Likelihood::Bernoulli => {
            let p = sigmoid(decoded);
            (p.clone() * (-p + 1.0)).sqrt()
        }
        Likelihood::ContinuousBernoulli => continuous_bernoulli::variance(decoded).sqrt(),
        Likelihood::Gaussian => shared(log_scale * 0.5, &decoded),
        Likelihood::Laplace => shared(log_scale, &decoded),
        Likelihood::GaussianPerPixel => (log_var_per_pixel(decoded, pixels) * 0.5).exp(),
    }
}

/// log σ² of each pixel, the second half of the decoder's output, not below 2 log [`SMALLEST_SIGMA`].
pub(super) fn log_var_per_pixel(decoded: Tensor<2>, pixels: usize) -> Tensor<2> {
    decoded.narrow(1, pixels, pixels).clamp_min(2.0 * SMALLEST_SIGMA.ln())
}

/// A Bernoulli's log likelihood, summed over pixels: Σ x·l − log(1 + e^l), as x·l + log σ(−l), which is stable for every logit l.
///
/// Shapes: `x`, `logits` `[batch, pixel]` → `[batch]`, in nats per example.
pub fn bernoulli(x: Tensor<2>, logits: Tensor<2>) -> Tensor<1> {
    fused::bernoulli(&x, &logits)
        .unwrap_or_else(|| (x * logits.clone() + log_sigmoid(-logits)).sum_dim(1).squeeze_dim(1))
}

/// Log likelihood of images under the decoder's output, summed over pixels.
///
/// - Bernoulli: Σ x·l − log(1 + e^l), l the logits
/// - continuous Bernoulli: Σ x·l − log((e^l − 1)/l)
/// - Gaussian: Σ −½ ( log 2π + s + (x − f)² e^(−s) ),  s = log σ²
/// - Gaussian per pixel: the same with s of each pixel, not below 2 log [`SMALLEST_SIGMA`]
/// - Laplace: Σ −log 2 − t − |x − f| e^(−t),  t = log b
///
/// Shapes: `x` `[batch, pixel]`; `decoded` `[batch, pixel]`, or `[batch, 2·pixel]` (mean, then log σ²) per pixel;
/// `log_scale` `[1]` is s (Gaussian) or t (Laplace) and is not used otherwise. → `[batch]`, in nats per example.
/// Equations (2) and (6).
pub fn log_likelihood(likelihood: Likelihood, x: Tensor<2>, decoded: Tensor<2>, log_scale: Tensor<1>) -> Tensor<1> {
    let pixels = x.dims()[1];
    let log_two_pi = (2.0 * std::f64::consts::PI).ln();
    let per_pixel = match likelihood {
        Likelihood::Bernoulli => return bernoulli(x, decoded),
        Likelihood::ContinuousBernoulli => x * decoded.clone() - continuous_bernoulli::log_normaliser(decoded),
        Likelihood::Gaussian => {
            let log_var = log_scale.unsqueeze::<2>(); // [1, 1]
            ((x - decoded).square() * (-log_var.clone()).exp() + log_var + log_two_pi) * -0.5
        }
        Likelihood::GaussianPerPixel => {
            let mean = decoded.clone().narrow(1, 0, pixels);
            let log_var = log_var_per_pixel(decoded, pixels);
            ((x - mean).square() * (-log_var.clone()).exp() + log_var + log_two_pi) * -0.5
        }
        Likelihood::Laplace => {
            let log_b = log_scale.unsqueeze::<2>(); // [1, 1]
            -((x - decoded).abs() * (-log_b.clone()).exp() + log_b + std::f64::consts::LN_2)
        }
    };
    per_pixel.sum_dim(1).squeeze_dim(1) // [batch]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::binarised;
    use crate::models::tensor;
    use burn::tensor::Device;
    use math::estimate::Estimate;

    fn likelihood(x: Vec<f32>, logits: Vec<f32>) -> f64 {
        let device = Device::flex();
        let row = |numbers: Vec<f32>| tensor(numbers.clone(), [1, numbers.len()], &device);
        let log_scale = Tensor::from_floats([0.0], &device);
        f64::from(log_likelihood(Likelihood::Bernoulli, row(x), row(logits), log_scale).into_scalar::<f32>())
    }

    #[test]
    fn a_perfect_bernoulli_decoder_reaches_minus_the_entropy_and_zero_in_black_and_white() {
        let mut rng = Rng::new(5);
        let x: Vec<f32> = (0..64).map(|_| 0.02 + 0.96 * rng.uniform() as f32).collect();
        let logits = x.iter().map(|&x| (x / (1.0 - x)).ln()).collect();
        let (reached, ceiling) = (likelihood(x.clone(), logits), math::bernoulli::negative_entropy(&x));
        assert!((reached - ceiling).abs() < 1e-4, "{reached} of {ceiling}");
        let black_and_white = binarised(&x, &mut rng);
        let logits = black_and_white.iter().map(|&b| if b > 0.5 { 30.0 } else { -30.0 }).collect();
        assert!(likelihood(black_and_white, logits).abs() < 1e-6);
    }

    /// What the sum over grey pixels is: the expectation of log p(b|z) over b ~ Bernoulli(x).
    #[test]
    fn grey_pixels_give_the_expectation_over_binarised_ones() {
        let mut rng = Rng::new(6);
        let x: Vec<f32> = (0..32).map(|_| rng.uniform() as f32).collect();
        let logits: Vec<f32> = rng.normals(32);
        let drawn: Vec<f64> = (0..4000).map(|_| likelihood(binarised(&x, &mut rng), logits.clone())).collect();
        let (estimate, grey) = (Estimate::of(&drawn), likelihood(x, logits));
        assert!((estimate.mean - grey).abs() < 4.5 * estimate.standard_error, "{estimate:?} {grey}");
    }
}
