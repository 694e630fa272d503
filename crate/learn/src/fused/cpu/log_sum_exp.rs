//! log Σ exp of every row on the CPU.

use burn::backend::Flex;
use burn::tensor::Tensor;
use math::elementary::exp_of_negative_f32;

use super::host::{LANES, in_one_piece, numbers, padded, sizes, tensor};
use crate::fused::passes::Value;
use crate::fused::slopes::operation;

/// The log sums where the numbers are on the CPU.
pub(crate) fn log_sum_exp(values: &Tensor<2>) -> Option<Tensor<2>> {
    if values.dims()[1] == 0 {
        return None;
    }
    operation::<Flex, 1, 2>([values], |[values], wanted| {
        let values = &in_one_piece(values);
        let [rows, width] = sizes(values);
        let mut sums = Vec::with_capacity(rows);
        let mut shares = Vec::with_capacity(if wanted { rows * width } else { 0 });
        for row in numbers(values).chunks_exact(width) {
            sums.push(log_sum(row, wanted.then_some(&mut shares)));
        }
        Value { value: tensor(sums, [rows, 1]), slopes: [wanted.then(|| tensor(shares, [rows, width]))] }
    })
}

/// log Σ exp of a row, relative to its largest number; `shares` is given the derivatives, each number's share of the sum.
fn log_sum(row: &[f32], shares: Option<&mut Vec<f32>>) -> f32 {
    let (whole, rest) = row.as_chunks::<LANES>();
    let mut largest = [f32::NEG_INFINITY; LANES];
    for numbers in whole.iter().chain([&padded(rest, f32::NEG_INFINITY)]) {
        for lane in 0..LANES {
            // A number that is none is taken, and then stays.
            largest[lane] = if numbers[lane] <= largest[lane] { largest[lane] } else { numbers[lane] };
        }
    }
    let largest =
        largest.into_iter().fold(f32::NEG_INFINITY, |largest, number| if number <= largest { largest } else { number });
    if !largest.is_finite() {
        if let Some(shares) = shares {
            shares.extend(row.iter().map(|_| f32::NAN));
        }
        return largest;
    }
    let mut sum = [0.0; LANES];
    let mut exponentials = Vec::with_capacity(if shares.is_some() { row.len() } else { 0 });
    let mut add = |numbers: &[f32; LANES], count: usize| {
        let mut e = [0.0; LANES];
        for lane in 0..LANES {
            e[lane] = exp_of_negative_f32(numbers[lane] - largest);
        }
        for lane in 0..count {
            sum[lane] += e[lane];
        }
        if shares.is_some() {
            exponentials.extend_from_slice(&e[..count]);
        }
    };
    whole.iter().for_each(|numbers| add(numbers, LANES));
    add(&padded(rest, f32::NEG_INFINITY), rest.len());
    let sum: f32 = sum.iter().sum();
    if let Some(shares) = shares {
        let one = 1.0 / sum;
        shares.extend(exponentials.iter().map(|e| e * one));
    }
    sum.ln() + largest
}
