//! Slide 1.5 against TensorFlow: Algorithms 1 and 2, and the sampled pixels.
//!
//! Reference: `python3 tests/reference/generation_tensorflow.py > tests/reference/generation_tensorflow.json`
//! (TensorFlow 2.21, CPU).
#![cfg(feature = "training")]
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "support/golden.rs"]
mod golden;

#[path = "support/given.rs"]
mod given;

use burn::tensor::{Device, Tensor};
use given::{dense, given};
use golden::{near, parse, wave_f32, wide};
use learn::models::{Architecture, Vae, VaeConfig, tensor};
use learn::objectives::Likelihood;
use lecture::demos::generation::training::{Generated, algorithm_1, algorithm_2};
use math::rng::Rng;
use serde_json::Value;

const LIKELIHOODS: [(&str, Likelihood); 4] = [
    ("bernoulli", Likelihood::Bernoulli),
    ("gaussian", Likelihood::Gaussian),
    ("gaussian_per_pixel", Likelihood::GaussianPerPixel),
    ("laplace", Likelihood::Laplace),
];

fn reference() -> Value {
    parse(include_str!("../../../tests/reference/generation_tensorflow.json"))
}

fn numbers(tensor: &Tensor<2>) -> Vec<f64> {
    wide(tensor.to_data().as_slice::<f32>().unwrap())
}

/// The weights of `vae_tensorflow.py`.
fn given_vae(config: &VaeConfig, device: &Device) -> Vae {
    given(config.init(&mut Rng::new(1), device), -0.4, dense)
}

#[test]
fn both_algorithms_are_tensorflows() {
    let (reference, device) = (reference(), Device::flex());
    for (name, likelihood) in LIKELIHOODS {
        let config = VaeConfig {
            architecture: Architecture::Mlp,
            pixels: 6,
            hidden: 5,
            layers: 1,
            latent: 2,
            likelihood,
            log_scale: -0.4,
            learn_scale: true,
        };
        let vae = given_vae(&config, &device);
        let x = tensor(wave_f32(24, 0.37, 1.0).iter().map(|w| 0.5 + 0.5 * w).collect(), [4, 6], &device);
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
