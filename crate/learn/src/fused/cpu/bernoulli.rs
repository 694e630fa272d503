//! The Bernoulli's log likelihood on the CPU: one pass for the values and their derivatives.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use math::elementary::{exp_of_negative_f32, ln_1p_of_unit_f32};

use super::host::{LANES, Lanes, numbers, padded, sizes, tensor};
use crate::fused::passes::Value;

/// The sums of every row of `[x, logits]`; by x the slope is the logits, by the logits x − σ(l).
pub(super) fn bernoulli([x, logits]: [FlexTensor; 2], wanted: bool) -> Value<Flex, 2> {
    let shape = sizes(&logits);
    let mut slopes = Vec::with_capacity(if wanted { shape[0] * shape[1] } else { 0 });
    let sums = rows(numbers(&x), numbers(&logits), shape, wanted.then_some(&mut slopes));
    let slopes = if wanted { [Some(logits), Some(tensor(slopes, shape))] } else { [None, None] };
    Value { value: tensor(sums, [shape[0]]), slopes }
}

/// log p(x|l) of eight pixels, and its derivatives by l, x − σ(l).
#[inline(always)]
fn pixels(x: &Lanes, l: &Lanes) -> [Lanes; 2] {
    let (mut values, mut slopes) = ([0.0; LANES], [0.0; LANES]);
    for lane in 0..LANES {
        let (x, l) = (x[lane], l[lane]);
        let e = exp_of_negative_f32(-l.abs());
        let larger = 1.0 / (1.0 + e); // σ(|l|)
        let sigmoid = if l < 0.0 { e * larger } else { larger };
        // log(1 + e^l) = max(l, 0) + log(1 + e^−|l|)
        let positive = if l < 0.0 { 0.0 } else { l };
        values[lane] = x * l - positive - ln_1p_of_unit_f32(e);
        slopes[lane] = x - sigmoid;
    }
    [values, slopes]
}

/// Sums over the pixels of every row; `slopes` is given the derivatives.
fn rows(x: &[f32], logits: &[f32], shape: [usize; 2], mut slopes: Option<&mut Vec<f32>>) -> Vec<f32> {
    let [_, width] = shape;
    let row = |(x, logits): (&[f32], &[f32])| {
        let (whole_x, rest_x) = x.as_chunks::<LANES>();
        let (whole_logits, rest_logits) = logits.as_chunks::<LANES>();
        let mut sum = [0.0; LANES];
        for (x, l) in whole_x.iter().zip(whole_logits) {
            let [values, by_l] = pixels(x, l);
            for lane in 0..LANES {
                sum[lane] += values[lane];
            }
            if let Some(slopes) = slopes.as_deref_mut() {
                slopes.extend_from_slice(&by_l);
            }
        }
        let [values, by_l] = pixels(&padded(rest_x, 0.0), &padded(rest_logits, 0.0));
        if let Some(slopes) = slopes.as_deref_mut() {
            slopes.extend_from_slice(&by_l[..rest_x.len()]);
        }
        sum.iter().sum::<f32>() + values[..rest_x.len()].iter().sum::<f32>()
    };
    x.chunks_exact(width).zip(logits.chunks_exact(width)).map(row).collect()
}
