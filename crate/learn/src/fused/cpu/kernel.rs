//! Σ of a kernel over all pairs of two sets of points, on the CPU: distances, kernel and derivatives in one pass.

use burn::backend::Flex;
use burn::tensor::Tensor;
use math::elementary::exp_of_negative_f32;
use math::mmd::Kernel;

use super::host::{LANES, Lanes, in_one_piece, numbers, sizes, tensor};
use crate::fused::passes::Value;
use crate::fused::slopes::operation;

/// Σ_i Σ_j k(a_i, b_j) where both are the CPU's tensors.
pub(crate) fn kernel_sum(kernel: Kernel, a: &Tensor<2>, b: &Tensor<2>) -> Option<Tensor<1>> {
    if a.dims()[1] != b.dims()[1] {
        return None;
    }
    operation::<Flex, 2, 1>([a, b], |points, wanted| {
        let [a, b] = &points.map(in_one_piece);
        let ([n, dim], [m, _]) = (sizes(a), sizes(b));
        let mut pairs =
            Pairs { kernel, columns: Columns::new(numbers(b), dim), by_b: vec![[0.0; LANES]; dim * m.div_ceil(LANES)] };
        let mut by_a = Vec::with_capacity(n * dim);
        let mut total = 0.0;
        for point in numbers(a).chunks_exact(dim) {
            total += pairs.row(point, wanted.then_some(&mut by_a));
        }
        let slopes = if wanted {
            [Some(tensor(by_a, [n, dim])), Some(tensor(pairs.by_b(m, dim), [m, dim]))]
        } else {
            [None, None]
        };
        Value { value: tensor(vec![total], [1]), slopes }
    })
}

/// Points by coordinate, eight side by side, with the share that each place has in a sum: 1, or 0 behind the last point.
struct Columns {
    /// Block by block, each coordinate.
    blocks: Vec<Vec<Lanes>>,
    counts: Vec<Lanes>,
}

impl Columns {
    fn new(points: &[f32], dim: usize) -> Self {
        let blocks = points.chunks(LANES * dim);
        let lanes = |block: &[f32], of: &dyn Fn(usize) -> usize, fill: f32| -> Lanes {
            std::array::from_fn(|lane| block.get(of(lane)).copied().unwrap_or(fill))
        };
        let coordinates = |block: &[f32]| (0..dim).map(|d| lanes(block, &|lane| lane * dim + d, 0.0)).collect();
        let counts = |block: &[f32]| std::array::from_fn(|lane| if lane * dim < block.len() { 1.0 } else { 0.0 });
        Self { blocks: blocks.clone().map(coordinates).collect(), counts: blocks.map(counts).collect() }
    }
}

struct Pairs {
    kernel: Kernel,
    columns: Columns,
    /// Derivatives by the second set, as its columns are laid out.
    by_b: Vec<Lanes>,
}

impl Pairs {
    /// The kernel of one point with all of the second set, summed; `by_a` is given the derivatives by the point's coordinates.
    fn row(&mut self, point: &[f32], by_a: Option<&mut Vec<f32>>) -> f32 {
        let dim = point.len();
        let mut sum = [0.0; LANES];
        let mut slopes = vec![[0.0; LANES]; dim];
        for (at, (block, counts)) in self.columns.blocks.iter().zip(&self.columns.counts).enumerate() {
            let mut distance2 = [0.0; LANES];
            for (p, coordinates) in point.iter().zip(block) {
                for lane in 0..LANES {
                    let apart = p - coordinates[lane];
                    distance2[lane] += apart * apart;
                }
            }
            let [value, by_distance2] = kernel_at(self.kernel, &distance2, counts);
            for lane in 0..LANES {
                sum[lane] += value[lane];
            }
            if by_a.is_some() {
                let by_b = &mut self.by_b[at * dim..(at + 1) * dim];
                for (((p, coordinates), slope), by_b) in point.iter().zip(block).zip(&mut slopes).zip(by_b) {
                    for lane in 0..LANES {
                        let step = 2.0 * by_distance2[lane] * (p - coordinates[lane]);
                        slope[lane] += step;
                        by_b[lane] -= step;
                    }
                }
            }
        }
        if let Some(by_a) = by_a {
            by_a.extend(slopes.iter().map(|slope| slope.iter().sum::<f32>()));
        }
        sum.iter().sum()
    }

    /// The derivatives by the second set, point by point.
    fn by_b(&self, points: usize, dim: usize) -> Vec<f32> {
        let of = |point: usize| (0..dim).map(move |d| self.by_b[point / LANES * dim + d][point % LANES]);
        (0..points).flat_map(of).collect()
    }
}

/// k and its derivative by the squared distance, each times `counts`.
#[inline(always)]
fn kernel_at(kernel: Kernel, distance2: &Lanes, counts: &Lanes) -> [Lanes; 2] {
    let (mut value, mut slope) = ([0.0; LANES], [0.0; LANES]);
    match kernel {
        Kernel::Rbf { two_s2 } => {
            let rate = -1.0 / two_s2 as f32;
            for lane in 0..LANES {
                value[lane] = exp_of_negative_f32(distance2[lane] * rate) * counts[lane];
                slope[lane] = value[lane] * rate;
            }
        }
        Kernel::InverseMultiquadratic { c } => {
            let c = c as f32;
            for lane in 0..LANES {
                let inverse = 1.0 / (c + distance2[lane]);
                value[lane] = c * inverse * counts[lane];
                slope[lane] = -value[lane] * inverse;
            }
        }
    }
    [value, slope]
}
