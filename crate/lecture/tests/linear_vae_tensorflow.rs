//! Section 2 against TensorFlow: the trace trick, its gradient, and the maximum of probabilistic PCA.
//!
//! Reference: `python3 tests/reference/linear_vae_tensorflow.py > tests/reference/linear_vae_tensorflow.json`
//! (TensorFlow 2.21, CPU).
#![cfg(feature = "training")]
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "support/golden.rs"]
mod golden;

use burn::tensor::{Device, Tensor};
use golden::{narrow, near, parse, wave};
use learn::models::tensor;
use learn::objectives::{linear_kl, linear_reconstruction};
use math::ppca::{DMatrix, DVector, Eigen, LinearVae, Moments};
use serde_json::Value;

const DIM: usize = 5;
const LATENT: usize = 2;
const POINTS: usize = 12;

fn moments() -> Moments {
    let slow = wave(POINTS * DIM, 0.37, 0.6);
    let x: Vec<f64> = wave(POINTS * DIM, 1.3, 1.1).iter().zip(slow).map(|(fast, slow)| fast + slow).collect();
    Moments::of(&x, DIM)
}

fn model() -> LinearVae {
    LinearVae {
        weights: DMatrix::from_row_slice(DIM, LATENT, &wave(DIM * LATENT, 0.7, 0.8)),
        mu: DVector::from_vec(wave(DIM, 1.9, 0.3)),
        recognition: DMatrix::from_row_slice(LATENT, DIM, &wave(LATENT * DIM, 1.1, 0.5)),
        log_d: DVector::from_vec(wave(LATENT, 2.3, 0.6).iter().map(|w| w - 1.0).collect()),
        log_sigma2: -0.4,
    }
}

fn reference() -> Value {
    parse(include_str!("../../../tests/reference/linear_vae_tensorflow.json"))
}

fn rows(matrix: &DMatrix<f64>) -> Vec<f64> {
    matrix.transpose().as_slice().to_vec() // nalgebra stores columns first
}

#[test]
fn the_elbo_and_its_gradient_are_tensorflows() {
    let reference = reference();
    let (elbo, gradient) = model().gradient(&moments());
    near(&[elbo.kl], &reference["kl"], 1e-13, "KL");
    near(&[elbo.reconstruction], &reference["reconstruction"], 1e-13, "reconstruction");
    let of = &reference["gradient"];
    near(&rows(&gradient.weights), &of["weights"], 1e-12, "W");
    near(gradient.mu.as_slice(), &of["mu"], 1e-12, "mu");
    near(&rows(&gradient.recognition), &of["recognition"], 1e-12, "V");
    near(gradient.log_d.as_slice(), &of["log_d"], 1e-12, "log D");
    near(&[gradient.log_sigma2], &of["log_sigma2"], 1e-12, "log sigma²");
}

/// The formulas that the page shows and trains with, in f32.
#[test]
fn the_tensors_elbo_is_tensorflows() {
    let (reference, model, device) = (reference(), model(), Device::flex());
    let matrix = |m: &DMatrix<f64>| -> Tensor<2> { tensor(narrow(&rows(m)), [m.nrows(), m.ncols()], &device) };
    let about = || matrix(&moments().about(&model.mu));
    let log_d = || -> Tensor<1> { tensor(narrow(model.log_d.as_slice()), [LATENT], &device) };
    let kl = linear_kl(matrix(&model.recognition), log_d(), about());
    let log_sigma2 = tensor(vec![model.log_sigma2 as f32], [1], &device);
    let (weights, recognition) = (matrix(&model.weights), matrix(&model.recognition));
    let reconstruction = linear_reconstruction(weights, recognition, log_d(), log_sigma2, about());
    near(&[f64::from(kl.into_scalar::<f32>())], &reference["kl"], 1e-6, "KL");
    near(&[f64::from(reconstruction.into_scalar::<f32>())], &reference["reconstruction"], 1e-6, "reconstruction");
}

#[test]
fn the_maximum_is_tensorflows() {
    let reference = reference();
    let eigen = Eigen::of(&moments().covariance);
    near(eigen.values.as_slice(), &reference["eigenvalues"], 1e-14, "eigenvalues");
    near(&[eigen.sigma2_ml(LATENT)], &reference["sigma2_ml"], 1e-14, "sigma²_ML");
    near(&[eigen.log_px_max(LATENT)], &reference["log_px_max"], 1e-12, "the maximum");
    for (sigma2, expected) in reference["log_px_max_at"].as_object().unwrap() {
        let ours = eigen.log_px_max_at(LATENT, sigma2.parse().unwrap());
        near(&[ours], expected, 1e-12, &format!("the maximum at {sigma2}"));
    }
}
