//! Evaluates a trained model through q(z) over all training images: both sides of (17), MMD², collapse.
//!
//! Measured on all N training images, never on a mini-batch, with one fixed set of noise for every arm and every step, so
//! that differences between two curves are differences between two models. No training here.

use std::ops::Index;

use burn::tensor::{Device, Tensor};
use math::collapse;
use math::estimate::Estimate;
use math::gaussian::kl_to_standard_normal_1d;
use math::mixture::Mixture;
use math::mmd::{self, Kernel};
use math::rng::Rng;
use serde::{Deserialize, Serialize};

use learn::Columns;
use learn::Row;
use learn::Stream;
use learn::images::ImageSet;
use learn::models::tensor;
use learn::vae_trainer::{Pass, VaeTrainer};

/// Codes of q(z), and points of the prior, between which MMD² is measured.
const MMD_POINTS: usize = 500;
/// Training images of which a second sample is drawn, for the errors.
const AGAIN: usize = 256;
/// The ε of the collapse curve: lowest, highest, how many.
const EPSILONS: (f64, f64, usize) = (1e-4, 100.0, 73);

learn::columns! {
    /// The numbers of one model at one step, in nats where they have a unit. An error is the standard error of the noise: images and model
    /// are given.
    pub(super) enum Column {
        /// E log p(x|z), one sample of z per training image.
        Reconstruction = "reconstruction",
        ReconstructionError = "reconstruction_error",
        /// Mean KL\[q(z|x)‖p(z)\] in closed form.
        Kl = "kl",
        /// I(x,z).
        Mi = "mi",
        MiError = "mi_error",
        /// KL\[q(z)‖p(z)\].
        MarginalKl = "marginal_kl",
        MarginalKlError = "marginal_kl_error",
        /// kl − mi − marginal_kl.
        Residual = "residual",
        ResidualError = "residual_error",
        /// MMD² by the U-statistic.
        Mmd2 = "mmd2",
        Mmd2Error = "mmd2_error",
        /// MMD² by the V-statistic.
        Mmd2Biased = "mmd2_biased",
        /// Dimensions with Var_x(mu) > 0.01.
        ActiveUnits = "active_units",
        /// The ω that the model was trained with at this step, known to the run alone.
        Omega = "omega",
    }
}

/// The numbers of one model at one step, and its collapse curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Evaluation {
    pub(super) row: Row<Column>,
    /// Share of collapsed dimensions at each of [`epsilons`].
    pub(super) collapse: Vec<f64>,
}

impl Evaluation {
    /// The model's point (rate, distortion) in the rate–distortion plane.
    pub(super) fn point(&self) -> [f64; 2] {
        point(&self.row)
    }
}

/// A row's point (rate, distortion) in the rate–distortion plane.
pub(super) fn point(row: &Row<Column>) -> [f64; 2] {
    [row[Column::Kl], -row[Column::Reconstruction]]
}

impl Index<Column> for Evaluation {
    type Output = f64;

    fn index(&self, column: Column) -> &f64 {
        &self.row[column]
    }
}

/// The values of ε at which the collapse curve is known.
pub(super) fn epsilons() -> Vec<f64> {
    collapse::log_grid(EPSILONS.0, EPSILONS.1, EPSILONS.2)
}

/// What every evaluation of a run shares: images, noise, points of the prior.
pub(super) struct Probe {
    x: Tensor<2>,
    latent: usize,
    /// One row of noise per training image, then one for each of `again`, on the host and on the device.
    eps: Vec<f32>,
    eps_on_device: Tensor<2>,
    /// Training images of which a second sample is drawn.
    again: Vec<usize>,
    images: usize,
    /// The training images whose codes represent q(z) in MMD²: drawn without replacement.
    codes: Vec<usize>,
    prior: Vec<f64>,
}

impl Probe {
    pub(super) fn new(images: &ImageSet, latent: usize, seed: u64, device: &Device) -> Self {
        let n = images.train.len();
        let mut rng: Rng = Stream::Fixed.rng(seed);
        let eps = rng.normals(n * latent);
        let mut codes = rng.permutation(n);
        codes.truncate(MMD_POINTS);
        let prior = rng.normals(codes.len() * latent).into_iter().map(f64::from).collect();
        let mut again = rng.permutation(n);
        again.truncate(AGAIN);
        let rows = n + again.len();
        let eps = [eps, rng.normals(again.len() * latent)].concat();
        let shown: Vec<usize> = images.train.iter().copied().chain(again.iter().map(|&n| images.train[n])).collect();
        Self {
            x: images.select(&shown),
            latent,
            eps_on_device: tensor(eps.clone(), [rows, latent], device),
            eps,
            again,
            images: n,
            codes,
            prior,
        }
    }

    /// log N, the upper bound of I(x,z).
    pub(super) fn log_n(&self) -> f64 {
        (self.images as f64).ln()
    }

    /// The tensors of an evaluation: mu, log_var `[N·latent]`, log p(x|z) `[N + again]`. Reads nothing.
    pub(super) fn ask(&self, trainer: &VaeTrainer) -> [Tensor<1>; 3] {
        let pass = Pass::new(&trainer.valid(), &trainer.config, self.x.clone(), self.eps_on_device.clone());
        let count = self.images * self.latent;
        let once = |rows: Tensor<2>| rows.narrow(0, 0, self.images).reshape([count]);
        [once(pass.mu), once(pass.log_var), pass.reconstruction]
    }

    /// The evaluation from the answers to [`Probe::ask`]; none when they are not finite.
    pub(super) fn measure(&self, answers: &[Vec<f32>; 3], kernel: Kernel) -> Option<Evaluation> {
        let [mu, log_var, reconstruction] =
            answers.each_ref().map(|values| values.iter().copied().map(f64::from).collect::<Vec<_>>());
        if !mu.iter().chain(&log_var).chain(&reconstruction).all(|value| value.is_finite()) {
            return None;
        }
        let latent = self.latent;
        let mixture = Mixture::new(&mu, &log_var, latent);
        let surgery = mixture.surgery_of_one_each(&self.again, &self.eps);
        let noise = |n: usize| &self.eps[n * latent..(n + 1) * latent];
        let z: Vec<f64> = self.codes.iter().flat_map(|&n| mixture.sample(n, noise(n))).collect();
        let (mmd2, mmd2_error) = mmd::estimate_with_error(&z, &self.prior, latent, kernel);
        let kl: Vec<f64> =
            mu.iter().zip(&log_var).map(|(&mu, &log_var)| kl_to_standard_normal_1d(mu, log_var)).collect();
        let reconstruction = Estimate::of_one_each(&reconstruction, &self.again);
        let row = Row::from_fn(|column| match column {
            Column::Reconstruction => reconstruction.mean,
            Column::ReconstructionError => reconstruction.standard_error,
            Column::Kl => surgery.kl,
            Column::Mi => surgery.mi.mean,
            Column::MiError => surgery.mi.standard_error,
            Column::MarginalKl => surgery.marginal_kl.mean,
            Column::MarginalKlError => surgery.marginal_kl.standard_error,
            Column::Residual => surgery.residual.mean,
            Column::ResidualError => surgery.residual.standard_error,
            Column::Mmd2 => mmd2.unbiased,
            Column::Mmd2Error => mmd2_error,
            Column::Mmd2Biased => mmd2.biased,
            Column::ActiveUnits => collapse::active_units(&mu, latent) as f64,
            Column::Omega => f64::NAN,
        });
        let measured = Column::ALL.iter().filter(|column| **column != Column::Omega);
        let finite = measured.copied().all(|column| row[column].is_finite());
        finite.then(|| Evaluation { row, collapse: collapse::curve(&kl, latent, &epsilons(), collapse::DELTA) })
    }
}
