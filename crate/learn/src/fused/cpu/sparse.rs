//! Matrices most of whose numbers are 0, as images of digits are: products that pass over what is not 0, once.

use burn::backend::flex::FlexTensor;

use super::host::{numbers, sizes};

/// The largest share of numbers other than 0 for which this is faster than the dense product.
const LARGEST_SHARE: f64 = 0.35;
/// The fewest numbers for which it is worth looking.
const LEAST: usize = 128 * 64;
/// The fewest columns of a product: narrow ones the dense product makes as quickly.
const NARROWEST: usize = 128;
/// Rows that are added in one pass over a sum.
const TOGETHER: usize = 8;

/// What is not 0 in each row of a matrix: where, and how much.
pub(super) struct Rows {
    /// Where each row begins, and where the last one ends.
    starts: Vec<usize>,
    places: Vec<u32>,
    values: Vec<f32>,
}

/// The rows of a matrix that is in one piece, for a product of `width` columns; none where the dense product is faster.
pub(super) fn rows(x: &FlexTensor, width: usize) -> Option<Rows> {
    let ([count, columns], all) = (sizes(x), numbers(x));
    let filled = few(all, width)?;
    let mut rows = Rows::with_capacity(count, filled);
    for row in all.chunks_exact(columns) {
        for (place, value) in row.iter().enumerate().filter(|(_, value)| **value != 0.0) {
            rows.places.push(place as u32);
            rows.values.push(*value);
        }
        rows.starts.push(rows.places.len());
    }
    Some(rows)
}

/// The same of the matrix turned: what is not 0 in each of its columns.
pub(super) fn columns(x: &FlexTensor, width: usize) -> Option<Rows> {
    let ([_, columns], all) = (sizes(x), numbers(x));
    let filled = few(all, width)?;
    // Counted, then put in their places: the rows of every column come in order.
    let mut ends = vec![0; columns + 1];
    for row in all.chunks_exact(columns) {
        ends[1..].iter_mut().zip(row).for_each(|(end, value)| *end += usize::from(*value != 0.0));
    }
    for column in 0..columns {
        ends[column + 1] += ends[column];
    }
    let mut turned = Rows { starts: ends.clone(), places: vec![0; filled], values: vec![0.0; filled] };
    for (place, row) in all.chunks_exact(columns).enumerate() {
        for (end, value) in ends.iter_mut().zip(row).filter(|(_, value)| **value != 0.0) {
            turned.places[*end] = place as u32;
            turned.values[*end] = *value;
            *end += 1;
        }
    }
    Some(turned)
}

/// How many numbers are not 0, where they are few and the product is wide.
fn few(all: &[f32], width: usize) -> Option<usize> {
    let filled = || all.iter().filter(|number| **number != 0.0).count();
    (all.len() >= LEAST && width >= NARROWEST)
        .then(filled)
        .filter(|filled| *filled as f64 <= LARGEST_SHARE * all.len() as f64)
}

impl Rows {
    fn with_capacity(rows: usize, filled: usize) -> Self {
        let mut starts = Vec::with_capacity(rows + 1);
        starts.push(0);
        Self { starts, places: Vec::with_capacity(filled), values: Vec::with_capacity(filled) }
    }

    /// The product with a matrix of `width` columns, row by row.
    pub(super) fn times(&self, matrix: &[f32], width: usize) -> Vec<f32> {
        let mut product = vec![0.0; (self.starts.len() - 1) * width];
        for (sum, ends) in product.chunks_exact_mut(width).zip(self.starts.windows(2)) {
            let (places, values) = (&self.places[ends[0]..ends[1]], &self.values[ends[0]..ends[1]]);
            let (places, last_places) = places.as_chunks::<TOGETHER>();
            let (values, last_values) = values.as_chunks::<TOGETHER>();
            for (places, values) in places.iter().zip(values) {
                add(sum, matrix, places, values);
            }
            for (place, value) in last_places.iter().zip(last_values) {
                add(sum, matrix, &[*place], &[*value]);
            }
        }
        product
    }
}

/// Adds rows of a matrix, each times its factor.
#[inline(always)]
fn add<const N: usize>(sum: &mut [f32], matrix: &[f32], places: &[u32; N], factors: &[f32; N]) {
    let width = sum.len();
    let rows: [&[f32]; N] = places.map(|place| &matrix[place as usize * width..][..width]);
    for (at, sum) in sum.iter_mut().enumerate() {
        let mut part = 0.0;
        for row in 0..N {
            part += factors[row] * rows[row][at];
        }
        *sum += part;
    }
}
