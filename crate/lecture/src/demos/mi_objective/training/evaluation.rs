//! Evaluates a trained model through q(z) over all training images: both sides of (17), MMD², collapse.
//!
//! Measured on all N training images, never on a mini-batch, with one fixed set of noise for every arm and every step, so
//! that differences between two curves are differences between two models. No training here.

use burn::tensor::{Device, Tensor};
use math::collapse;
use math::estimate::Estimate;
use math::gaussian::kl_to_standard_normal_1d;
use math::mixture::Mixture;
use math::mmd::{self, Kernel};
use math::rng::Rng;

use learn::images::{ImageSet, Stream};
use learn::models::tensor;
use learn::trainer::{Pass, Trainer};

/// Codes of q(z), and points of the prior, between which MMD² is measured.
const MMD_POINTS: usize = 500;
/// The ε of the collapse curve: lowest, highest, how many.
const EPSILONS: (f64, f64, usize) = (1e-4, 100.0, 73);

/// The numbers of one model at one step, in nats where they have a unit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Evaluation {
    /// E log p(x|z), one sample of z per training image.
    pub(super) reconstruction: Estimate,
    /// Mean KL\[q(z|x)‖p(z)\] in closed form.
    pub(super) kl: f64,
    /// I(x,z).
    pub(super) mi: Estimate,
    /// KL\[q(z)‖p(z)\].
    pub(super) marginal_kl: Estimate,
    /// kl − mi − marginal_kl.
    pub(super) residual: Estimate,
    /// MMD² by the U-statistic, with its standard error, and by the V-statistic.
    pub(super) mmd2: f64,
    pub(super) mmd2_error: f64,
    pub(super) mmd2_biased: f64,
    /// Dimensions with Var_x(mu) > 0.01.
    pub(super) active_units: usize,
    /// Share of collapsed dimensions at each of [`epsilons`].
    pub(super) collapse: Vec<f64>,
}

/// Indices of the numbers in [`Evaluation::row`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Reconstruction,
    ReconstructionError,
    Kl,
    Mi,
    MiError,
    MarginalKl,
    MarginalKlError,
    Residual,
    ResidualError,
    Mmd2,
    Mmd2Error,
    Mmd2Biased,
    ActiveUnits,
}

/// Every column with its name in tables, in order.
pub(super) const COLUMNS: [(Column, &str); 13] = [
    (Column::Reconstruction, "reconstruction"),
    (Column::ReconstructionError, "reconstruction_error"),
    (Column::Kl, "kl"),
    (Column::Mi, "mi"),
    (Column::MiError, "mi_error"),
    (Column::MarginalKl, "marginal_kl"),
    (Column::MarginalKlError, "marginal_kl_error"),
    (Column::Residual, "residual"),
    (Column::ResidualError, "residual_error"),
    (Column::Mmd2, "mmd2"),
    (Column::Mmd2Error, "mmd2_error"),
    (Column::Mmd2Biased, "mmd2_biased"),
    (Column::ActiveUnits, "active_units"),
];

impl Evaluation {
    /// All numbers: [`Evaluation::row`], then the collapse curve. [`Probe::recalled`] converts them back.
    pub(super) fn numbers(&self) -> Vec<f64> {
        [self.row(), self.collapse.clone()].concat()
    }

    /// All numbers but the collapse curve, in the order of [`COLUMNS`].
    pub(super) fn row(&self) -> Vec<f64> {
        COLUMNS.iter().map(|&(column, _)| self.value(column)).collect()
    }

    fn value(&self, column: Column) -> f64 {
        match column {
            Column::Reconstruction => self.reconstruction.mean,
            Column::ReconstructionError => self.reconstruction.standard_error,
            Column::Kl => self.kl,
            Column::Mi => self.mi.mean,
            Column::MiError => self.mi.standard_error,
            Column::MarginalKl => self.marginal_kl.mean,
            Column::MarginalKlError => self.marginal_kl.standard_error,
            Column::Residual => self.residual.mean,
            Column::ResidualError => self.residual.standard_error,
            Column::Mmd2 => self.mmd2,
            Column::Mmd2Error => self.mmd2_error,
            Column::Mmd2Biased => self.mmd2_biased,
            Column::ActiveUnits => self.active_units as f64,
        }
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
    /// One row of noise per training image, on the host and on the device.
    eps: Vec<f32>,
    eps_on_device: Tensor<2>,
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
        Self {
            x: images.select(&images.train),
            latent,
            eps_on_device: tensor(eps.clone(), [n, latent], device),
            eps,
            codes,
            prior,
        }
    }

    /// log N, the upper bound of I(x,z).
    pub(super) fn log_n(&self) -> f64 {
        ((self.eps.len() / self.latent) as f64).ln()
    }

    /// The tensors of an evaluation: mu, log_var `[N·latent]`, log p(x|z) `[N]`. Reads nothing.
    pub(super) fn ask(&self, trainer: &Trainer) -> [Tensor<1>; 3] {
        let pass = Pass::new(&trainer.valid(), &trainer.config, self.x.clone(), self.eps_on_device.clone());
        let count = self.eps.len();
        [pass.mu.reshape([count]), pass.log_var.reshape([count]), pass.reconstruction]
    }

    /// The evaluation from the answers to [`Probe::ask`]; none when they are not finite.
    pub(super) fn measure(&self, answers: &[Vec<f32>; 3], kernel: Kernel) -> Option<Evaluation> {
        let [mu, log_var, reconstruction] = answers.each_ref().map(|values| host(values));
        if !mu.iter().chain(&log_var).chain(&reconstruction).all(|value| value.is_finite()) {
            return None;
        }
        let latent = self.latent;
        let mixture = Mixture::new(&mu, &log_var, latent);
        let everyone: Vec<usize> = (0..mixture.len()).collect();
        let surgery = mixture.surgery(&everyone, &self.eps);
        let noise = |n: usize| &self.eps[n * latent..(n + 1) * latent];
        let z: Vec<f64> = self.codes.iter().flat_map(|&n| mixture.sample(n, noise(n))).collect();
        let (mmd2, mmd2_error) = mmd::estimate_with_error(&z, &self.prior, latent, kernel);
        let kl: Vec<f64> =
            mu.iter().zip(&log_var).map(|(&mu, &log_var)| kl_to_standard_normal_1d(mu, log_var)).collect();
        let evaluation = Evaluation {
            reconstruction: Estimate::of(&reconstruction),
            kl: surgery.kl,
            mi: surgery.mi,
            marginal_kl: surgery.marginal_kl,
            residual: surgery.residual,
            mmd2: mmd2.unbiased,
            mmd2_error,
            mmd2_biased: mmd2.biased,
            active_units: collapse::active_units(&mu, latent),
            collapse: collapse::curve(&kl, latent, &epsilons(), collapse::DELTA),
        };
        evaluation.row().iter().all(|value| value.is_finite()).then_some(evaluation)
    }

    /// The inverse of [`Evaluation::numbers`]; none where they are missing.
    pub(super) fn recalled(&self, numbers: &[f64]) -> Option<Evaluation> {
        let (row, collapse) = numbers.split_at_checked(COLUMNS.len())?;
        let samples = self.eps.len() / self.latent;
        let at = |column: Column| row[column as usize];
        let estimate = |mean, error| Estimate { mean: at(mean), standard_error: at(error), samples };
        Some(Evaluation {
            reconstruction: estimate(Column::Reconstruction, Column::ReconstructionError),
            kl: at(Column::Kl),
            mi: estimate(Column::Mi, Column::MiError),
            marginal_kl: estimate(Column::MarginalKl, Column::MarginalKlError),
            residual: estimate(Column::Residual, Column::ResidualError),
            mmd2: at(Column::Mmd2),
            mmd2_error: at(Column::Mmd2Error),
            mmd2_biased: at(Column::Mmd2Biased),
            active_units: at(Column::ActiveUnits) as usize,
            collapse: collapse.to_vec(),
        })
    }
}

/// An answer in f64: the conversion is exact, and `as f32` reverses it.
pub(super) fn host(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}
