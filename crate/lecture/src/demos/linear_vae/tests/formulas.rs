//! The displayed formulas of section 2 against their second transcription.

use burn::tensor::{Device, Tensor};
use learn::models::tensor;
use learn::objectives::{Likelihood, linear_kl, linear_reconstruction, log_likelihood};
use math::ppca::{DMatrix, DVector, Eigen, LinearVae, Moments, Ppca};

use crate::testing::formulas::{Formulas, Given};

const PIXELS: usize = 4;
const LATENT: usize = 2;

fn matrix(given: &Given, name: &str, rows: usize, columns: usize) -> DMatrix<f64> {
    DMatrix::from_row_slice(rows, columns, &given.numbers(name))
}

/// A model for one x: its second moments are those of a data set of one point.
fn of_one_point(given: &Given) -> (LinearVae, Moments) {
    let vae = LinearVae {
        weights: matrix(given, "W", PIXELS, LATENT),
        mu: DVector::from_vec(given.numbers("mu")),
        recognition: matrix(given, "V", LATENT, PIXELS),
        log_d: DVector::from_vec(given.numbers("d")).map(f64::ln),
        log_sigma2: given.number("sigma2").ln(),
    };
    (vae, Moments::of(&given.numbers("x"), PIXELS))
}

/// The terms as the training computes them, on tensors: reconstruction and KL.
fn on_tensors(given: &Given) -> [f64; 2] {
    let device = Device::flex();
    let rows = |name: &str, shape: [usize; 2]| -> Tensor<2> { tensor(given.narrow(name), shape, &device) };
    let row = |numbers: Vec<f64>| {
        Tensor::<1>::from_floats(numbers.iter().map(|&x| x as f32).collect::<Vec<_>>().as_slice(), &device)
    };
    let (x, mu) = (given.numbers("x"), given.numbers("mu"));
    let about: Vec<f32> = (0..PIXELS * PIXELS)
        .map(|at| ((x[at / PIXELS] - mu[at / PIXELS]) * (x[at % PIXELS] - mu[at % PIXELS])) as f32)
        .collect();
    let about: Tensor<2> = tensor(about, [PIXELS, PIXELS], &device);
    let (weights, recognition) = (rows("W", [PIXELS, LATENT]), rows("V", [LATENT, PIXELS]));
    let log_d = row(given.numbers("d").into_iter().map(f64::ln).collect());
    let log_sigma2 = row(vec![given.number("sigma2").ln()]);
    let kl = linear_kl(recognition.clone(), log_d.clone(), about.clone());
    let reconstruction = linear_reconstruction(weights, recognition, log_d, log_sigma2, about);
    [reconstruction, kl].map(|term| f64::from(term.into_scalar::<f32>()))
}

#[test]
fn every_formula_is_the_function_that_the_demo_uses() {
    let formulas = Formulas::of(include_str!("../page.html"), include_str!("../formulas.json"));
    let elbo = |given: &Given| {
        let (vae, moments) = of_one_point(given);
        vae.elbo(&moments)
    };
    formulas.compare("elbo", 1e-9, |given| vec![elbo(given).elbo]);
    formulas.compare("kl", 1e-9, |given| vec![elbo(given).kl]);
    formulas.compare("kl", 1e-5, |given| vec![on_tensors(given)[1]]);
    formulas.compare("reconstruction", 1e-9, |given| vec![elbo(given).reconstruction]);
    formulas.compare("reconstruction", 1e-5, |given| vec![on_tensors(given)[0]]);
    formulas.compare("log_likelihood", 1e-5, |given| {
        let device = Device::flex();
        let mean = matrix(given, "W", PIXELS, LATENT) * DVector::from_vec(given.numbers("z"))
            + DVector::from_vec(given.numbers("mu"));
        let mean: Tensor<2> = tensor(mean.iter().map(|&mean| mean as f32).collect(), [1, PIXELS], &device);
        let log_var = Tensor::from_floats([given.number("sigma2").ln() as f32], &device);
        let x = tensor(given.narrow("x"), [1, PIXELS], &device);
        vec![f64::from(log_likelihood(Likelihood::Gaussian, x, mean, log_var).into_scalar::<f32>())]
    });
    formulas.compare("squared_error", 1e-9, |given| vec![elbo(given).squared_error + elbo(given).spread]);
    formulas.compare("trace_trick", 1e-9, |given| vec![elbo(given).spread]);
    let of_data = |given: &Given| {
        let data = given.numbers("X");
        ((data.len() / PIXELS) as f64, Moments::of(&data, PIXELS))
    };
    formulas.compare("log_px", 1e-9, |given| {
        let (n, moments) = of_data(given);
        let (weights, mu) = (matrix(given, "W", PIXELS, LATENT), DVector::from_vec(given.numbers("mu")));
        vec![n * Ppca { weights, mu, sigma2: given.number("sigma2") }.log_px(&moments)]
    });
    formulas.compare("maximum", 1e-7, |given| {
        let (_, moments) = of_data(given);
        let eigen = Eigen::of(&moments.covariance);
        let sigma2 = eigen.sigma2_ml(LATENT);
        let weights = eigen.best_weights(LATENT, sigma2);
        let product = &weights * weights.transpose();
        moments.mean.iter().chain(product.transpose().iter()).copied().chain([sigma2]).collect()
    });
    formulas.compare("maximum_log_px", 1e-8, |given| {
        let (n, moments) = of_data(given);
        vec![n * Eigen::of(&moments.covariance).log_px_max(LATENT)]
    });
    // With the exact posterior for its encoder the ELBO is log p(x) itself.
    formulas.hold("exact_posterior", |given, value| {
        let (recognition, d) = value.split_at(LATENT * PIXELS);
        assert!(d[1].abs() < 1e-12 && d[2].abs() < 1e-12, "D is diagonal where the columns of W are orthogonal");
        let vae = LinearVae {
            weights: matrix(given, "W", PIXELS, LATENT),
            mu: DVector::zeros(PIXELS),
            recognition: DMatrix::from_row_slice(LATENT, PIXELS, recognition),
            log_d: DVector::from_vec(vec![d[0].ln(), d[3].ln()]),
            log_sigma2: given.number("sigma2").ln(),
        };
        let moments = Moments::of(&[0.3, -1.2, 0.8, 2.1], PIXELS);
        let (elbo, log_px) = (vae.elbo(&moments).elbo, vae.decoder().log_px(&moments));
        assert!((elbo - log_px).abs() < 1e-9, "{elbo} against {log_px}");
    });
    formulas.compare("collapsed", 0.0, |given| {
        let (_, moments) = of_data(given);
        vec![Eigen::of(&moments.covariance).collapsed(PIXELS, given.number("sigma2")) as f64]
    });
    formulas.all_compared();
}
