//! Both ELBOs of the tensors against the exact mathematics.

use burn::tensor::{Device, Tensor};
use math::ppca::{DMatrix, LinearVae as Exact, Moments, principal_angles_deg};
use math::rng::Rng;

use super::ascent::{closed_form, closed_form_of, noise, sampled};
use super::source::Source;
use crate::models::{LinearShape, LinearVae};

const SHAPE: LinearShape = LinearShape { dim: 36, latent: 3 };

fn numbers(tensor: Tensor<1>) -> Vec<f32> {
    tensor.into_data().as_slice().unwrap().to_vec()
}

/// A model away from every special point, and the synthetic data.
fn somewhere() -> (Source, LinearVae, Exact) {
    let device = Device::flex().autodiff();
    let source = Source::synthetic(3, &device);
    let mut model = SHAPE.init(0.7, &mut Rng::new(4), &device);
    let mut rng = Rng::new(5);
    model.log_d = model.log_d.map(|log_d| {
        let eps = crate::models::tensor(rng.normals(SHAPE.latent), [SHAPE.latent], &log_d.device());
        (log_d + eps * 0.5).detach().require_grad()
    });
    model.mu = model.mu.map(|mu| (mu + 0.2).detach().require_grad());
    let exact = SHAPE.exact(&numbers(model.flat().inner()));
    (source, model, exact)
}

fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found} is not {expected} within {tolerance}");
}

#[test]
fn the_closed_form_and_its_gradient_are_the_exact_ones() {
    let (source, model, exact) = somewhere();
    let elbo = closed_form(&model, source.mean.clone(), source.covariance.clone());
    let (terms, gradient) = exact.gradient(&source.moments);
    close(f64::from(numbers(elbo.clone().inner())[0]), terms.elbo, 1e-4, "ELBO");
    let gradients = elbo.backward();
    let matrix = |part: Tensor<2>, expected: &DMatrix<f64>, what: &str| {
        let found = part.grad(&gradients).unwrap();
        let [rows, columns] = found.dims();
        let found: Vec<f64> = numbers(found.reshape([rows * columns])).into_iter().map(f64::from).collect();
        let found = DMatrix::from_row_slice(rows, columns, &found);
        close((found - expected).norm(), 0.0, 1e-5 * (1.0 + expected.norm()), what);
    };
    matrix(model.weights.val(), &gradient.weights, "gradient of W");
    matrix(model.recognition.val(), &gradient.recognition, "gradient of V");
    matrix(model.mu.val(), &DMatrix::from_row_slice(1, SHAPE.dim, gradient.mu.as_slice()), "gradient of mu");
    for (found, expected) in numbers(model.log_d.val().grad(&gradients).unwrap()).iter().zip(gradient.log_d.iter()) {
        close(f64::from(*found), *expected, 1e-4, "gradient of log D");
    }
    let found = numbers(model.log_sigma2.val().grad(&gradients).unwrap())[0];
    close(f64::from(found), gradient.log_sigma2, 1e-4, "gradient of log sigma²");
}

#[test]
fn sampling_z_leaves_the_elbo_unbiased() {
    let (source, model, _) = somewhere();
    let x = source.x.clone().narrow(0, 0, 50);
    let exact = f64::from(numbers(closed_form_of(&model, x.clone()).inner())[0]);
    let mut rng = Rng::new(6);
    let draws: Vec<f64> = (0..400)
        .map(|_| f64::from(numbers(sampled(&model, x.clone(), noise(&mut rng, 100, &model)).inner())[0]))
        .collect();
    let mean = draws.iter().sum::<f64>() / draws.len() as f64;
    let error = (math::simulation::variance(&draws) / draws.len() as f64).sqrt();
    assert!(error > 0.0 && error < 0.05, "{error}");
    close(mean, exact, 4.0 * error, "mean of 400 sampled ELBOs");
}

#[test]
fn a_batch_of_everything_is_everything() {
    let (source, model, _) = somewhere();
    let whole = closed_form(&model, source.mean.clone(), source.covariance.clone());
    let batch = closed_form_of(&model, source.x.clone());
    close(f64::from(numbers(whole.inner())[0]), f64::from(numbers(batch.inner())[0]), 1e-3, "ELBO over all data");
}

#[test]
fn the_known_model_is_found_in_its_data() {
    let source = Source::synthetic(1, &Device::flex());
    let known = source.known.as_ref().unwrap();
    let gram = known.weights.transpose() * &known.weights;
    close((gram.clone() - DMatrix::from_diagonal(&gram.diagonal())).norm(), 0.0, 1e-12, "columns are orthogonal");
    let leading = source.eigen.vectors.columns(0, 4).into_owned();
    let angle = *principal_angles_deg(&leading, &known.weights).last().unwrap();
    assert!(angle < 10.0, "{angle} degrees after {} points", source.len());
    close(source.eigen.sigma2_ml(4), known.sigma2, 0.003, "sigma²_ML");
}

#[test]
fn digits_arrive_whole() {
    let source = Source::digits(&Device::flex());
    assert_eq!((source.len(), source.dim(), source.side), (1797, 64, 8));
    assert_eq!(source.moments, Moments::of(&data::Digits::load().images, 64));
}
