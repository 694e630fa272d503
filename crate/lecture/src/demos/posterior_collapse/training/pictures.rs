//! Images of slide 3.2: the decoder's output for a posterior's mean, and for a code from the prior.

use crate::demos::posterior_collapse::slots;
use figure::{Figure, Images};
use math::gaussian::sigmoid;

use learn::images::ImageSet;
use learn::objectives::Likelihood;

/// The mean of every pixel, from the decoder's output for z; where the decoder uses earlier pixels, it is given its own means of them,
/// from the first to the last. Shapes: `base` `[image, pixel]`, `earlier` `[pixel j, pixel i]` → `[image, pixel]`.
pub(super) fn complete(base: &[f32], earlier: Option<&[f32]>, likelihood: Likelihood) -> Vec<f32> {
    let mean = |out: f32| match likelihood {
        Likelihood::Bernoulli => sigmoid(f64::from(out)) as f32,
        _ => out,
    };
    let Some(earlier) = earlier else { return base.iter().map(|&out| mean(out)).collect() };
    let pixels = earlier.len().isqrt();
    let mut images = Vec::with_capacity(base.len());
    for base in base.chunks_exact(pixels) {
        let mut image: Vec<f32> = Vec::with_capacity(pixels);
        for (i, out) in base.iter().enumerate() {
            let seen: f32 = image.iter().enumerate().map(|(j, x)| x * earlier[j * pixels + i]).sum();
            // The mean that later pixels depend on must be a valid grey value, in [0, 1].
            image.push(mean(out + seen).clamp(0.0, 1.0));
        }
        images.extend(image);
    }
    images
}

/// One held-out image of each digit, above its reconstruction from the posterior mean, above images from the prior.
pub(super) fn reconstructions(images: &ImageSet, shown: &[usize], decoded: &[f32], from_prior: &[f32]) -> Figure {
    let side = images.digits.side;
    let mut pixels = images.digits.gather(shown);
    pixels.extend_from_slice(decoded);
    pixels.extend_from_slice(from_prior);
    let captions = ["x", "from q(z|x)", "from p(z)"].map(str::to_owned).to_vec();
    let spread = {
        // How much the reconstructions differ from their mean image: 0 when all are the same.
        let (count, size) = (shown.len() as f32, images.pixels());
        let mean: Vec<f32> = (0..size).map(|i| decoded.iter().skip(i).step_by(size).sum::<f32>() / count).collect();
        let squares: f32 = decoded.iter().enumerate().map(|(at, x)| (x - mean[at % size]).powi(2)).sum();
        (squares / decoded.len().max(1) as f32).sqrt()
    };
    let alt = format!(
        "One held-out image of each digit, above its reconstruction, above images decoded from the prior. Reconstructions of different digits differ by {spread:.3} per pixel (root mean square): at 0 they have forgotten what they reconstruct."
    );
    slots::RECONSTRUCTIONS.images(alt, Images::from_unit(&pixels, shown.len(), side, side).with_captions(captions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pixel_sees_its_own_past() {
        // Three pixels in a row are not a square image, but the sum is the same: x2 = 0.1 + 0.5·x1, x3 = 0.2 + 2·x2.
        let earlier = [0.0, 0.5, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0];
        let image = complete(&[0.4, 0.1, 0.2], Some(&earlier), Likelihood::Gaussian);
        for (found, expected) in image.iter().zip([0.4, 0.3, 0.8]) {
            assert!((found - expected).abs() < 1e-6, "{image:?}");
        }
        assert_eq!(complete(&[0.0], None, Likelihood::Bernoulli), [0.5]);
    }
}
