//! The data of the linear VAE: the digits, or samples of a Gaussian whose W is known.

use burn::tensor::{Device, Tensor};
use data::{Batches, Digits};
use math::ppca::{DMatrix, DVector, Eigen, Moments, Ppca};

use learn::Stream;
use learn::models::tensor;

/// Points sampled from the known model.
const SYNTHETIC_POINTS: usize = 2_000;
/// Pixels along a side of a synthetic image: side² exceeds the latent slider's maximum.
const SYNTHETIC_SIDE: usize = 6;
/// Variances that the known W adds along its columns.
const KNOWN_VARIANCES: [f64; 4] = [1.5, 1.0, 0.6, 0.3];
/// The known sigma².
const KNOWN_SIGMA2: f64 = 0.1;

/// The data and what the exact solution needs of them. All of them are used for training: the question is what the optimiser
/// finds, not how it generalises.
pub(super) struct Source {
    /// Mean and covariance, in f64.
    pub(super) moments: Moments,
    /// Eigenvalues and eigenvectors of the covariance.
    pub(super) eigen: Eigen,
    /// The model that the data were sampled from, where there is one.
    pub(super) known: Option<Ppca>,
    /// Pixels along a side: D = side².
    pub(super) side: usize,
    /// The data `[N, D]`, on the autodiff device.
    pub(super) x: Tensor<2>,
    /// Their mean `[1, D]` and covariance `[D, D]` on the same device, rounded from f64.
    pub(super) mean: Tensor<2>,
    /// See `mean`.
    pub(super) covariance: Tensor<2>,
}

impl Source {
    /// All of the embedded digits.
    pub(super) fn digits(device: &Device) -> Self {
        let digits = Digits::load();
        let side = digits.side;
        Self::new(digits.images, side, None, device)
    }

    /// Points from the known model, drawn under the seed.
    pub(super) fn synthetic(seed: u64, device: &Device) -> Self {
        let known = known_model();
        let points = known.sample(SYNTHETIC_POINTS, &mut Stream::Samples.rng(seed));
        let rows = points.into_iter().map(|value| value as f32).collect();
        Self::new(rows, SYNTHETIC_SIDE, Some(known), device)
    }

    fn new(rows: Vec<f32>, side: usize, known: Option<Ppca>, device: &Device) -> Self {
        let dim = side * side;
        let moments = Moments::of(&rows, dim);
        let eigen = Eigen::of(&moments.covariance);
        let rounded = |values: &[f64]| values.iter().map(|&value| value as f32).collect::<Vec<f32>>();
        Self {
            mean: tensor(rounded(moments.mean.as_slice()), [1, dim], device),
            covariance: tensor(rounded(moments.covariance.as_slice()), [dim, dim], device), // symmetric: rows equal columns
            x: tensor(rows.clone(), [rows.len() / dim, dim], device),
            moments,
            eigen,
            known,
            side,
        }
    }

    /// N, data points.
    pub(super) fn len(&self) -> usize {
        self.x.dims()[0]
    }

    /// D, dimensions of a data point.
    pub(super) fn dim(&self) -> usize {
        self.moments.dim()
    }

    /// Batches of all data points in a random order.
    pub(super) fn batches(&self, seed: u64) -> Batches {
        Batches::new((0..self.len()).collect(), Stream::Batches.rng(seed))
    }
}

/// A pPCA model whose columns are smooth waves over the image, orthogonal to each other: products of cosines, as in the
/// discrete cosine transform of type II. Its mean is 0.
fn known_model() -> Ppca {
    const WAVES: [(usize, usize); 4] = [(0, 1), (1, 0), (1, 1), (0, 2)]; // half-waves down and across
    let dim = SYNTHETIC_SIDE * SYNTHETIC_SIDE;
    let wave = |count: usize, at: usize| {
        (std::f64::consts::PI * count as f64 * (at as f64 + 0.5) / SYNTHETIC_SIDE as f64).cos()
    };
    let mut weights = DMatrix::from_fn(dim, WAVES.len(), |pixel, column| {
        let (down, across) = WAVES[column];
        wave(down, pixel / SYNTHETIC_SIDE) * wave(across, pixel % SYNTHETIC_SIDE)
    });
    for (mut column, variance) in weights.column_iter_mut().zip(KNOWN_VARIANCES) {
        let scale = variance.sqrt() / column.norm();
        column *= scale;
    }
    Ppca { weights, mu: DVector::zeros(dim), sigma2: KNOWN_SIGMA2 }
}
