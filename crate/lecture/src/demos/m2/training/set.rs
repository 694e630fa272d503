//! A data set in which only some examples keep their labels. No model here.

use std::collections::BTreeMap;

use burn::tensor::{Device, Int, Tensor, TensorData};
use data::{Digits, HELDOUT_FRACTION, split, two_moons};

use learn::Stream;
use learn::models::tensor;

/// Moons in the training part.
const MOONS: usize = 400;
/// Moons in the held-out part.
const MOONS_HELDOUT: usize = 200;

/// The kinds of example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Images of this side, ten classes.
    Digits {
        /// Pixels along a side.
        side: usize,
    },
    /// Points in the plane, two classes.
    Moons,
}

/// Examples on host and device, with all their classes; [`Set::labelled`] decides which classes a model may use.
#[derive(Clone, Debug)]
pub(crate) struct Set {
    /// The kind of its examples.
    pub(crate) kind: Kind,
    /// Numbers of all examples, `[n, input]`, row by row.
    pub(crate) numbers: Vec<f32>,
    /// Numbers of one example, D.
    pub(crate) inputs: usize,
    /// The class of each example, `[n]`.
    pub(crate) classes: Vec<u8>,
    /// The number of classes, K.
    pub(crate) class_count: usize,
    /// Indices of the training examples, increasing.
    pub(crate) train: Vec<usize>,
    /// Indices of the held-out examples, increasing.
    pub(crate) heldout: Vec<usize>,
    /// The same numbers on the device, `[n, input]`.
    pub(crate) x: Tensor<2>,
}

impl Set {
    /// The embedded digits, split by the seed.
    pub(crate) fn digits(seed: u64, device: &Device) -> Self {
        let digits = Digits::load();
        let parts = split(digits.len(), HELDOUT_FRACTION, seed);
        Self {
            kind: Kind::Digits { side: digits.side },
            inputs: digits.pixels(),
            x: tensor(digits.images.clone(), [digits.len(), digits.pixels()], device),
            numbers: digits.images,
            classes: digits.labels,
            class_count: 10,
            train: parts.train,
            heldout: parts.heldout,
        }
    }

    /// Two moons of 400 training and 200 held-out points.
    pub(crate) fn moons(noise: f64, seed: u64, device: &Device) -> Self {
        let moons = two_moons(MOONS + MOONS_HELDOUT, noise, seed);
        Self {
            kind: Kind::Moons,
            inputs: 2,
            x: tensor(moons.points.clone(), [MOONS + MOONS_HELDOUT, 2], device),
            numbers: moons.points,
            classes: moons.labels,
            class_count: 2,
            train: (0..MOONS).collect(),
            heldout: (MOONS..MOONS + MOONS_HELDOUT).collect(),
        }
    }

    /// The numbers of example `n`.
    pub(crate) fn example(&self, n: usize) -> &[f32] {
        &self.numbers[n * self.inputs..(n + 1) * self.inputs]
    }

    /// Examples by index, gathered on the device: `[indices, input]`.
    pub(crate) fn select(&self, indices: &[usize]) -> Tensor<2> {
        let count = indices.len();
        let indices: Vec<i32> = indices.iter().map(|&index| index as i32).collect();
        self.x.clone().select(0, Tensor::<1, Int>::from_data(TensorData::new(indices, [count]), &self.x.device()))
    }

    /// Their classes, one-hot: `[indices, class]`.
    pub(crate) fn one_hot(&self, indices: &[usize], device: &Device) -> Tensor<2> {
        let mut rows = vec![0.0; indices.len() * self.class_count];
        for (row, &n) in indices.iter().enumerate() {
            rows[row * self.class_count + usize::from(self.classes[n])] = 1.0;
        }
        tensor(rows, [indices.len(), self.class_count], device)
    }

    /// The training examples that keep their labels, increasing: `per_class` of each class in an order that the seed
    /// alone decides (so that a larger set contains the smaller ones), with the label of the training example nearest to each
    /// clicked point toggled, click after click.
    pub(crate) fn labelled(&self, per_class: usize, clicked: &[f64], seed: u64) -> Vec<usize> {
        let mut kept = BTreeMap::new();
        let mut count = vec![0; self.class_count];
        for at in Stream::Labels.rng(seed).permutation(self.train.len()) {
            let n = self.train[at];
            let class = usize::from(self.classes[n]);
            if count[class] < per_class {
                count[class] += 1;
                kept.insert(n, true);
            }
        }
        if self.kind == Kind::Moons {
            for point in clicked.chunks_exact(2) {
                let nearest = self.nearest([point[0], point[1]]);
                kept.entry(nearest).and_modify(|kept| *kept = !*kept).or_insert(true);
            }
        }
        kept.into_iter().filter_map(|(n, kept)| kept.then_some(n)).collect()
    }

    /// The training point nearest to a place in the plane.
    fn nearest(&self, [x, y]: [f64; 2]) -> usize {
        let distance = |n: usize| {
            let at = self.example(n);
            (f64::from(at[0]) - x).powi(2) + (f64::from(at[1]) - y).powi(2)
        };
        let nearest = self.train.iter().copied().min_by(|&a, &b| distance(a).total_cmp(&distance(b)));
        nearest.expect("the training part is never empty")
    }

    /// The training examples that are not in `labelled` (which is increasing).
    pub(crate) fn unlabelled(&self, labelled: &[usize]) -> Vec<usize> {
        self.train.iter().copied().filter(|n| labelled.binary_search(n).is_err()).collect()
    }
}
