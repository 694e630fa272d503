//! Section 2: where the training converges, against probabilistic PCA; and the trace trick, its gradient and the maximum against TensorFlow.
#![allow(clippy::unwrap_used, reason = "tests")]

mod formulas;

use burn::tensor::{Device, Tensor};
use figure::{Layer, Picture, Role, Snapshot, Status, Values};
use learn::models::tensor;
use learn::objectives::{linear_kl, linear_reconstruction};
use math::ppca::{DMatrix, DVector, Eigen, LinearVae, Moments};
use serde_json::Value;

use super::DEMO;
use crate::testing::given::numbers;
use crate::testing::golden::{narrow, near, parse, wave};
use crate::testing::{advance, defaults, layers, start, value};

/// Takes steps with few snapshots between them, as the page does.
fn run(steps: usize, change: impl FnOnce(Values) -> Values) -> Snapshot {
    let mut run = start(DEMO, change);
    for _ in 0..4 {
        advance(run.as_mut(), steps / 4);
    }
    advance(run.as_mut(), 0)
}

#[test]
fn the_default_run_closes_the_gap() {
    let snapshot = run(1_000, |values| values);
    // crate/math/src/ppca/reference.py: PCA(10) on the digits / 16, sigma²_ML and the maximum log-likelihood
    assert!((value(&snapshot, "log_px_max") - 17.451_947_021_877).abs() < 1e-6);
    assert!((value(&snapshot, "sigma2_ml") - 0.022_751_372_341_022).abs() < 1e-9);
    // The README says 0.001 to 0.002: so late in the run the last digits decide, which differ between processors.
    assert!(value(&snapshot, "gap") < 0.0025, "{}", value(&snapshot, "gap"));
    assert!(value(&snapshot, "gap") >= 0.0 && value(&snapshot, "log_px") >= value(&snapshot, "elbo"));
    // "About half of what is left of the gap" lies below log p(x) of this decoder, as long as its columns turn.
    let below = (value(&snapshot, "log_px") - value(&snapshot, "elbo")) / value(&snapshot, "gap");
    assert!((0.4..0.7).contains(&below), "{below}");
    assert!(value(&snapshot, "max_angle_deg") < 1.0, "{}", value(&snapshot, "max_angle_deg"));
    assert!((value(&snapshot, "sigma2") / value(&snapshot, "sigma2_ml") - 1.0).abs() < 1e-3);
    assert_eq!((value(&snapshot, "collapsed"), value(&snapshot, "collapsed_predicted")), (0.0, 0.0));
    // At the optimum the KL is that of probabilistic PCA, ½ Σ log(l_j/σ²): another way to the same number.
    let exact: f64 = layers(&snapshot, "kl")
        .iter()
        .find_map(|layer| match layer {
            Layer::Points { role: Role::Exact, points, .. } => Some(points.iter().map(|point| point[1]).sum()),
            _ => None,
        })
        .unwrap();
    assert!((value(&snapshot, "kl") - exact).abs() < 0.05, "{} against {exact}", value(&snapshot, "kl"));
    // Beside it, at the same rates, the sampled ELBO: unbiased, but noisy.
    assert!(value(&snapshot, "sampled_gap") > 10.0 * value(&snapshot, "gap"));
    assert_eq!(value(&snapshot, "closed_form_noise"), 0.0);
    assert!(value(&snapshot, "sampled_noise") > value(&snapshot, "gradient_norm"));
    // Like with like: on the same batches, sampling z adds to what the batches alone make.
    assert!(value(&snapshot, "closed_form_batch_noise") > 0.0);
    assert!(value(&snapshot, "sampled_noise") > value(&snapshot, "closed_form_batch_noise"));
}

#[test]
fn random_starts_arrive_at_the_same_place() {
    for (latent, seed, steps) in [(1, 3, 400), (2, 4, 600), (5, 5, 600), (10, 6, 1_200), (16, 7, 1_600)] {
        let snapshot = run(steps, |values| {
            values.with("latent", f64::from(latent)).with("seed", f64::from(seed)).with("objective", "closed_form")
        });
        let (gap, angle) = (value(&snapshot, "gap"), value(&snapshot, "max_angle_deg"));
        assert!((0.0..0.01).contains(&gap) && angle < 1.0, "M = {latent}, seed {seed}: {gap} nats, {angle} degrees");
        assert!(value(&snapshot, "sampled_elbo").is_nan(), "only the closed form runs");
    }
}

#[test]
fn as_many_directions_collapse_as_eigenvalues_lie_below_sigma2() {
    for (sigma2, expected) in [(0.12, 0.0), (0.25, 5.0), (0.45, 7.0), (0.8, 10.0)] {
        let snapshot = run(1_000, |values| {
            values.with("learn_sigma2", false).with("sigma2", sigma2).with("objective", "closed_form")
        });
        assert_eq!(value(&snapshot, "collapsed_predicted"), expected);
        assert_eq!(value(&snapshot, "collapsed"), expected, "sigma² = {sigma2}");
        assert_eq!(value(&snapshot, "sigma2"), sigma2);
        assert!((0.0..0.01).contains(&value(&snapshot, "gap")), "{}", value(&snapshot, "gap"));
        let angle = value(&snapshot, "max_angle_deg");
        assert!(if expected == 10.0 { angle.is_nan() } else { angle < 1.0 }, "sigma² = {sigma2}: {angle} degrees");
    }
}

#[test]
fn collapsed_directions_wake_when_the_slider_moves() {
    let with = |sigma2: f64, learn: bool| {
        defaults(DEMO).with("objective", "closed_form").with("learn_sigma2", learn).with("sigma2", sigma2)
    };
    let mut run = start(DEMO, |_| with(0.8, false));
    let asleep = advance(run.as_mut(), 600);
    assert_eq!(value(&asleep, "collapsed"), 10.0);
    run.set(&with(0.25, false));
    let moved = advance(run.as_mut(), 0);
    assert_eq!((value(&moved, "sigma2"), value(&moved, "collapsed_predicted")), (0.25, 5.0), "at once, before a step");
    assert_eq!(value(&moved, "collapsed"), 10.0, "the model has not moved yet");
    let awake = advance(run.as_mut(), 1_000);
    assert_eq!(value(&awake, "collapsed"), 5.0);
    assert!(value(&awake, "gap") < 0.01, "{}", value(&awake, "gap"));
    run.set(&with(0.25, true));
    let learned = advance(run.as_mut(), 1_500);
    assert_eq!(value(&learned, "collapsed"), 0.0);
    assert!(value(&learned, "gap") < 0.01, "{}", value(&learned, "gap"));
}

#[test]
fn the_sampled_ascent_comes_closer_with_more_samples_of_everything() {
    let sampled = |batch: f64, samples: f64| {
        run(400, |values| {
            values
                .with("objective", "sampled")
                .with("data", "synthetic")
                .with("latent", 4.0)
                .with("batch", batch)
                .with("samples", samples)
        })
    };
    let (few, many) = (sampled(16.0, 1.0), sampled(256.0, 4.0));
    assert!(value(&many, "gap") < 0.5 * value(&few, "gap"), "{} {}", value(&many, "gap"), value(&few, "gap"));
    assert_eq!(value(&many, "gap"), value(&many, "sampled_gap"), "the only run is the principal one");
    assert!(value(&many, "sampled_noise") < value(&few, "sampled_noise"));
    assert!(value(&many, "known_angle_deg") < 20.0, "{}", value(&many, "known_angle_deg"));
}

#[test]
fn the_first_snapshot_says_something_and_the_seed_says_which() {
    let first = run(0, |values| values);
    let names = ["elbo", "log_px_max", "gap", "max_angle_deg", "sigma2", "collapsed", "collapsed_predicted"];
    assert!(names.iter().all(|name| value(&first, name).is_finite()));
    assert_eq!(first.status, Status::Going);
    assert!((value(&first, "sigma2") - 0.3).abs() < 1e-6);
    let figures = ["elbo", "gap", "angle", "sigma2", "spectrum", "kl", "columns", "noise"];
    for name in figures {
        let figure = first.figure(name).unwrap();
        assert!(!figure.alt.is_empty());
        if let Picture::Images(images) = &figure.picture {
            assert_eq!((images.count(), images.captions.len()), (40, 4)); // eigenvectors, best W, both runs
        }
    }
    let again = |seed: f64| run(40, |values| values.with("seed", seed));
    assert_eq!(again(1.0).readouts[..3], again(1.0).readouts[..3]);
    assert_ne!(value(&again(1.0), "sampled_elbo"), value(&again(2.0), "sampled_elbo"));
    assert_eq!(again(1.0).table.len(), 1 + 5); // a header; steps 0, 10, 20, 30, 40
}

#[test]
fn weights_are_named_by_run() {
    let run = start(DEMO, |values| values.with("latent", 3.0));
    let names: Vec<String> = run.weights().into_iter().map(|weight| weight.name).collect();
    assert_eq!(names.len(), 10);
    assert!(names.contains(&"closed_form.weights".to_owned()) && names.contains(&"sampled.log_sigma2".to_owned()));
}

#[test]
fn a_run_that_leaves_all_bounds_says_so_and_goes_on_from_good_weights() {
    let values = defaults(DEMO).with("objective", "closed_form").with("latent", 3.0);
    let mut run = start(DEMO, |_| values.clone());
    let before = advance(run.as_mut(), 40);
    run.set(&values.clone().with("learning_rate", 10.0));
    let failed = advance(run.as_mut(), 40);
    assert!(matches!(&failed.status, Status::Failed(sentence) if sentence.contains("step 40")), "{:?}", failed.status);
    assert_eq!(failed.step, 40);
    run.set(&values);
    let restored = advance(run.as_mut(), 0);
    assert_eq!(value(&restored, "elbo"), value(&before, "elbo"));
    let after = advance(run.as_mut(), 400);
    assert_eq!(after.status, Status::Going);
    assert!(value(&after, "gap") < 0.05, "{}", value(&after, "gap"));
}

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
    parse(include_str!("reference.json"))
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
    near(&numbers(&kl), &reference["kl"], 1e-6, "KL");
    near(&numbers(&reconstruction), &reference["reconstruction"], 1e-6, "reconstruction");
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
