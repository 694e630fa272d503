//! Slide 1.5: Algorithms 1 and 2 on the built-in model, and against TensorFlow.
#![allow(clippy::unwrap_used, reason = "tests")]

use burn::tensor::Device;
use figure::Assets;
use learn::StartError;
use learn::models::{VaeConfig, tensor};
use learn::objectives::Likelihood;
use math::rng::Rng;
use serde_json::Value;

use super::DEMO;
use super::training::{Generated, algorithm_1, algorithm_2};
use crate::testing::given::{given_vae, numbers, pixels, wave_f32};
use crate::testing::golden::{near, parse};
use crate::testing::{advance, begin, defaults, error, images, start, value};

const LIKELIHOODS: [(&str, Likelihood); 4] = [
    ("bernoulli", Likelihood::Bernoulli),
    ("gaussian", Likelihood::Gaussian),
    ("gaussian_per_pixel", Likelihood::GaussianPerPixel),
    ("laplace", Likelihood::Laplace),
];

fn reference() -> Value {
    parse(include_str!("reference.json"))
}

#[test]
fn both_algorithms_are_tensorflows() {
    let (reference, device) = (reference(), Device::flex());
    for (name, likelihood) in LIKELIHOODS {
        let config = VaeConfig { log_scale: -0.4, learn_scale: true, ..VaeConfig::new(6, 5, 2, likelihood) };
        let vae = given_vae(config.init(&mut Rng::new(1), &device), config.log_scale);
        let x = tensor(pixels(24, 0.37), [4, 6], &device);
        let from_posterior = algorithm_1(&vae, &config, x, tensor(wave_f32(8, 2.9, 1.2), [4, 2], &device));
        let from_prior = algorithm_2(&vae, &config, tensor(wave_f32(8, 3.7, 1.3), [4, 2], &device));
        for (algorithm, Generated { z, mean, scale }) in [("algorithm_1", from_posterior), ("algorithm_2", from_prior)]
        {
            for (part, ours) in [("z", z), ("mean", mean), ("scale", scale)] {
                near(&numbers(&ours), &reference[name][algorithm][part], 2e-6, &format!("{name} {algorithm} {part}"));
            }
        }
    }
}

#[test]
fn drawn_pixels_are_tensorflows_from_the_same_noise() {
    let reference = reference();
    let mut rng = Rng::new(7);
    let normal: Vec<f64> = (0..6).map(|_| rng.normal()).collect();
    near(&normal, &reference["noise"]["normal"], 1e-14, "normal noise");
    let mut rng = Rng::new(7);
    let uniform: Vec<f64> = (0..6).map(|_| rng.uniform()).collect();
    near(&uniform, &reference["noise"]["uniform"], 1e-14, "uniform noise");
    for (name, likelihood) in LIKELIHOODS {
        let mut rng = Rng::new(7);
        let pixels = [(0.2, 0.1), (0.5, 0.2), (0.8, 0.3), (0.35, 0.4), (0.6, 0.5), (0.9, 0.6)];
        let ours = pixels.map(|(mean, scale)| f64::from(likelihood.sample(mean, scale, &mut rng)));
        near(&ours, &reference[name]["sample"], 1e-6, name);
    }
}

#[test]
fn both_algorithms_draw_as_many_as_asked_and_again_differently() {
    for (algorithm, per_draw) in [("prior", 1), ("posterior", 2)] {
        let mut run = start(DEMO, |v| v.with("algorithm", algorithm).with("count", 9.0).with("draw", "sample"));
        let first = images(&advance(run.as_mut(), 0), "pictures").clone();
        assert_eq!(first.count(), 9 * per_draw, "{algorithm}");
        let values = defaults(DEMO).with("algorithm", algorithm).with("count", 9.0).with("draw", "sample");
        run.set(&values.clone().with("again", 2.0));
        assert!(*images(&advance(run.as_mut(), 0), "pictures") != first, "{algorithm}");
        run.set(&values);
        assert!(*images(&advance(run.as_mut(), 0), "pictures") == first, "{algorithm}: the same number, the same draw");
    }
}

#[test]
fn a_bernoulli_sample_and_its_mode_are_black_and_white() {
    for draw in ["sample", "mode"] {
        let mut run = start(DEMO, |v| v.with("draw", draw));
        let pixels = images(&advance(run.as_mut(), 0), "pictures").pixels.clone();
        assert!(pixels.iter().all(|&pixel| pixel == 0 || pixel == 255), "{draw}");
    }
}

/// The page's own model: its numbers by draws from the prior against those on a grid, which `shipped.py` computed by NumPy from the
/// model's file.
#[test]
fn the_prior_reaches_where_no_posterior_lives_and_of_the_pages_own_model_rarely() {
    let reference = parse(include_str!("shipped.json"));
    for seed in [0.0, 1.0, 2.0] {
        let mut run = start(DEMO, |v| v.with("seed", seed));
        let snapshot = advance(run.as_mut(), 0);
        for name in ["prior_gap", "far_share"] {
            let (found, noise) = (value(&snapshot, name), error(&snapshot, name));
            let exact = reference[name].as_f64().unwrap();
            assert!((found - exact).abs() < 4.0 * noise, "seed {seed}, {name}: {found} ± {noise}, on a grid {exact}");
            assert!(noise > 0.0 && noise < 0.2 * (1.0 + exact), "{name}: {noise}");
        }
    }
}

#[test]
fn a_file_that_is_no_model_is_told_in_a_sentence() {
    let mut assets = Assets::default();
    assets.0.insert("model".into(), b"not a model".to_vec());
    let Err(StartError::Unusable(sentence)) = begin(DEMO, &assets, |v| v) else { panic!("it started") };
    assert!(sentence.contains("safetensors"), "{sentence}");
}
