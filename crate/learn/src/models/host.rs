//! A stored encoder evaluated on the host, for the codes that an experiment needs before its first read from the device.

use super::conv::{BORDER, KERNEL, STRIDE, side};
use super::weights::Stored;

/// y = x·W + b for rows of x. Shapes: `x` `[n, inputs]` → `[n, outputs]`; none when a parameter is not stored.
fn dense(stored: &Stored, name: &str, x: &[f32]) -> Option<Vec<f32>> {
    let (shape, weight) = stored.get(&format!("{name}.weight"))?;
    let (_, bias) = stored.get(&format!("{name}.bias"))?;
    let [inputs, outputs] = **shape else { return None };
    let mut y = Vec::with_capacity(x.len() / inputs * outputs);
    for row in x.chunks_exact(inputs) {
        let start = y.len();
        y.extend_from_slice(bias);
        for (x, weights) in row.iter().zip(weight.chunks_exact(outputs)) {
            for (y, weight) in y[start..].iter_mut().zip(weights) {
                *y += x * weight;
            }
        }
    }
    Some(y)
}

/// A convolution that halves the side of images, and a ReLU: the formula of [`super::conv::Convolution`] with the channel of the
/// output innermost, so that the sum over it reads consecutive numbers.
///
/// Shapes: `x` `[n, side, side, in]` → `[n, side/2, side/2, out]`; none when it is not stored.
fn halved(stored: &Stored, name: &str, x: &[f32], side: usize) -> Option<Vec<f32>> {
    let (shape, weight) = stored.get(&format!("{name}.weight"))?;
    let (_, bias) = stored.get(&format!("{name}.bias"))?;
    let [outputs, inputs, KERNEL, KERNEL] = **shape else { return None };
    // [out, in, 4, 4] → [4, 4, in, out].
    let area = KERNEL * KERNEL;
    let turned: Vec<f32> = (0..weight.len())
        .map(|at| {
            let (output, input, place) = (at % outputs, at / outputs % inputs, at / (outputs * inputs));
            weight[(output * inputs + input) * area + place]
        })
        .collect();
    let half = side / STRIDE;
    let mut y = Vec::with_capacity(x.len() / (side * side * inputs) * half * half * outputs);
    for image in x.chunks_exact(side * side * inputs) {
        for place in 0..half * half {
            let start = y.len();
            y.extend_from_slice(bias);
            for (place_in_kernel, weights) in turned.chunks_exact(inputs * outputs).enumerate() {
                let row = STRIDE * (place / half) + place_in_kernel / KERNEL;
                let column = STRIDE * (place % half) + place_in_kernel % KERNEL;
                // Outside the image the input is zero.
                let inside = BORDER..side + BORDER;
                if !inside.contains(&row) || !inside.contains(&column) {
                    continue;
                }
                let pixel = ((row - BORDER) * side + column - BORDER) * inputs;
                for (x, weights) in image[pixel..pixel + inputs].iter().zip(weights.chunks_exact(outputs)) {
                    for (y, weight) in y[start..].iter_mut().zip(weights) {
                        *y += x * weight;
                    }
                }
            }
        }
    }
    relu(&mut y);
    Some(y)
}

fn relu(units: &mut [f32]) {
    for unit in units {
        *unit = unit.max(0.0);
    }
}

/// Applies every stored convolution, then reorders images from channels innermost to channel by channel, as the dense layers expect.
fn convolved(stored: &Stored, x: &[f32], pixels: usize) -> Option<Vec<f32>> {
    let (mut h, mut side, mut channels) = (x.to_vec(), side(pixels), 1);
    for layer in 0.. {
        let name = format!("encoder.convolutions.{layer}");
        let Some((shape, _)) = stored.get(&format!("{name}.weight")) else { break };
        channels = *shape.first()?;
        h = halved(stored, &name, &h, side)?;
        side /= STRIDE;
    }
    let places = side * side;
    let by_channel = |image: &[f32]| -> Vec<f32> {
        (0..image.len()).map(|at| image[at % places * channels + at / places]).collect()
    };
    Some(h.chunks_exact(places * channels).flat_map(by_channel).collect())
}

/// The encoder of slide 1.4 on the host: the same formula as [`super::Encoder::forward`].
///
/// Shapes: `x` `[n, pixels]` → `mu`, `log_var` `[n, latent]`; none when the file holds no encoder.
pub fn encode(stored: &Stored, x: &[f32], pixels: usize) -> Option<(Vec<f32>, Vec<f32>)> {
    let mut h = convolved(stored, x, pixels)?;
    for layer in 0.. {
        let name = format!("encoder.hidden.{layer}");
        if !stored.contains_key(&format!("{name}.weight")) {
            break;
        }
        h = dense(stored, &name, &h)?;
        relu(&mut h);
    }
    Some((dense(stored, "encoder.mu", &h)?, dense(stored, "encoder.log_var", &h)?))
}
