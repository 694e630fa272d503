//! Slide 1.2: a VAE learns with every likelihood.

#![allow(clippy::unwrap_used, reason = "tests")]

use burn::tensor::{Device, Tensor};
use learn::models::tensor;
use learn::objectives::{Likelihood, log_likelihood};

use super::DEMO;
use crate::testing::formulas::Formulas;
use crate::testing::{advance, images, start, value};

#[test]
fn every_likelihood_trains_and_shows_its_samples() {
    for likelihood in [
        "bernoulli",
        "continuous-bernoulli",
        "gaussian",
        "gaussian-learned",
        "gaussian-per-pixel",
        "laplace",
        "laplace-learned",
    ] {
        let mut run = start(DEMO, |values| values.with("likelihood", likelihood).with("hidden", 32.0));
        let before = value(&advance(run.as_mut(), 0), "heldout_elbo");
        let after = advance(run.as_mut(), 150);
        assert!(value(&after, "heldout_elbo") > before + 5.0, "{likelihood} from {before}: {:?}", after.readouts);
        assert!(after.figure("samples").is_some());
        let learned = after.readout("learned_scale");
        match likelihood {
            "gaussian" | "laplace" => {
                assert!((learned.unwrap() - 0.2).abs() < 1e-6, "{likelihood}: a fixed scale moved")
            }
            "gaussian-learned" | "laplace-learned" => assert!((learned.unwrap() - 0.2).abs() > 1e-4, "{likelihood}"),
            _ => assert!(learned.is_none()),
        }
    }
}

/// The smaller the scale, the larger the KL that the model pays.
#[test]
fn the_kl_falls_as_the_scale_grows() {
    for likelihood in ["gaussian", "laplace"] {
        let kl = [0.05, 0.2, 1.0].map(|scale| {
            let change = |values: figure::Values| values.with("likelihood", likelihood).with("scale", scale);
            value(&advance(start(DEMO, change).as_mut(), 300), "kl")
        });
        assert!(kl[0] > 1.3 * kl[1] && kl[1] > 1.3 * kl[2], "{likelihood}: {kl:?}");
    }
}

/// A learned σ² settles at the mean squared residual: where the derivative of the ELBO with respect to it is zero. By the reconstruction
/// term, −D/2 (log 2πσ² + r/σ²) with the mean squared residual r.
#[test]
fn a_learned_sigma_is_the_size_of_the_error_that_is_left() {
    let mut run = start(DEMO, |values| values.with("likelihood", "gaussian-learned").with("learning_rate", 0.005));
    let snapshot = advance(run.as_mut(), 1500);
    let variance = value(&snapshot, "learned_scale").powi(2);
    let (pixels, reconstruction) = (64.0, value(&snapshot, "reconstruction"));
    let residual = variance * (-2.0 * reconstruction / pixels - (std::f64::consts::TAU * variance).ln());
    assert!((residual / variance - 1.0).abs() < 0.1, "σ² {variance}, mean squared residual {residual}");
}

/// Means look alike under all likelihoods, random samples do not: a Bernoulli's are black and white, a Gaussian's are not.
#[test]
fn a_bernoulli_sample_is_black_and_white() {
    for (likelihood, expected) in [("bernoulli", true), ("gaussian", false), ("continuous-bernoulli", false)] {
        let snapshot = advance(start(DEMO, |values| values.with("likelihood", likelihood)).as_mut(), 5);
        let samples = &images(&snapshot, "samples").pixels[10 * 64..];
        assert_eq!(samples.iter().all(|&pixel| pixel == 0 || pixel == 255), expected, "{likelihood}");
    }
}

#[test]
fn every_formula_is_the_function_that_the_demo_uses() {
    let formulas = Formulas::of(include_str!("page.html"), include_str!("formulas.json"));
    let device = Device::flex();
    formulas.compare("log_likelihoods", 1e-5, |given| {
        let row = |name: &str| -> Tensor<2> { tensor(given.narrow(name), [1, 4], &device) };
        let log = |likelihood: Likelihood, x: Tensor<2>, decoded: Tensor<2>, log_scale: f64| {
            let log_scale = Tensor::from_floats([log_scale as f32], &device);
            f64::from(log_likelihood(likelihood, x, decoded, log_scale).into_scalar::<f32>())
        };
        let per_pixel = Tensor::cat(vec![row("m"), row("log_var")], 1);
        vec![
            log(Likelihood::Bernoulli, row("binary"), row("logits"), 0.0),
            log(Likelihood::ContinuousBernoulli, row("x"), row("logits"), 0.0),
            log(Likelihood::GaussianPerPixel, row("x"), per_pixel, 0.0),
            log(Likelihood::Laplace, row("x"), row("m"), given.number("b").ln()),
        ]
    });
    formulas.all_compared();
}
