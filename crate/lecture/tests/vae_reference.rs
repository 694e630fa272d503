//! One VAE step with given weights, data and noise against JAX and TensorFlow in float64, for every likelihood.
//!
//! References: `python3 tests/reference/vae_step_jax.py > tests/reference/vae_step.json` (jax 0.10.2, CPU),
//! `python3 tests/reference/vae_tensorflow.py > tests/reference/vae_tensorflow.json` (TensorFlow 2.21, CPU).
#![cfg(feature = "training")]
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "support/given.rs"]
mod given;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use given::{dense, given, wave};
use learn::models::{Architecture, Vae, VaeConfig, tensor};
use learn::objectives::{Likelihood, log_posterior, log_standard_normal};
use learn::trainer::adam;
use learn::vae_trainer::Pass;
use serde_json::Value;

const BETA: f64 = 0.7;
const RATE: f64 = 1e-2;

fn given_weights(vae: Vae) -> Vae {
    given(vae, -0.4, dense)
}

fn close(ours: &[f32], reference: &Value, what: &str) {
    let reference: Vec<f64> = reference.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
    assert_eq!(ours.len(), reference.len(), "{what}");
    for (ours, reference) in ours.iter().zip(reference) {
        let error = (f64::from(*ours) - reference).abs();
        assert!(error < 2e-5 * (1.0 + reference.abs()), "{what}: {ours} against {reference}");
    }
}

fn numbers<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.to_data().as_slice::<f32>().unwrap().to_vec()
}

fn reference(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_step_of_every_likelihood_is_jaxs_step() {
    a_step_of_every_likelihood_is(&reference(include_str!("../../../tests/reference/vae_step.json")));
}

#[test]
fn a_step_of_every_likelihood_is_tensorflows_step() {
    a_step_of_every_likelihood_is(&reference(include_str!("../../../tests/reference/vae_tensorflow.json")));
}

fn a_step_of_every_likelihood_is(reference: &Value) {
    let device = Device::flex().autodiff();
    for (name, likelihood) in [
        ("bernoulli", Likelihood::Bernoulli),
        ("gaussian", Likelihood::Gaussian),
        ("gaussian_per_pixel", Likelihood::GaussianPerPixel),
        ("laplace", Likelihood::Laplace),
    ] {
        let reference = &reference[name];
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
        let mut vae = given_weights(config.init(&mut math::rng::Rng::new(1), &device));
        let x = tensor(wave(24, 0.37, 1.0).iter().map(|w| 0.5 + 0.5 * w).collect(), [4, 6], &device);
        let eps = tensor(wave(8, 2.9, 1.2), [4, 2], &device);
        let loss = |vae: &Vae| {
            let pass = Pass::new(vae, &config, x.clone(), eps.clone());
            (-(pass.reconstruction.clone() - pass.kl() * BETA).mean(), pass)
        };

        let (value, pass) = loss(&vae);
        close(&numbers(&pass.reconstruction), &reference["reconstruction"], &format!("{name} reconstruction"));
        close(&numbers(&pass.kl()), &reference["kl"], &format!("{name} kl"));
        close(&numbers(&value), &Value::from(vec![reference["loss"].clone()]), &format!("{name} loss"));
        let gradients = value.backward();
        let gradient = |tensor: Tensor<1>| numbers(&tensor.grad(&gradients).unwrap());
        let first = numbers(&vae.encoder.hidden[0].weight.val().grad(&gradients).unwrap());
        close(&first, &reference["gradient"]["encoder.hidden.0.weight"], &format!("{name} encoder.hidden gradient"));
        let bias = gradient(vae.encoder.log_var.bias.as_ref().unwrap().val());
        close(&bias, &reference["gradient"]["encoder.log_var.bias"], &format!("{name} log_var gradient"));
        let bias = gradient(vae.decoder.output.bias.as_ref().unwrap().val());
        close(&bias, &reference["gradient"]["decoder.output.bias"], &format!("{name} output gradient"));
        if matches!(likelihood, Likelihood::Gaussian | Likelihood::Laplace) {
            let scale = gradient(vae.decoder.log_scale.val());
            close(&scale, &reference["gradient"]["decoder.log_scale"], &format!("{name} log_scale gradient"));
        }

        let mut optimizer = adam();
        for step in 0..2 {
            let gradients = GradientsParams::from_grads(loss(&vae).0.backward(), &vae);
            vae = optimizer.step(RATE, vae, gradients);
            if step == 0 {
                let after = &reference["after_one_step"];
                close(&numbers(&vae.valid().encoder.mu.weight.val()), &after["encoder.mu.weight"], name);
                close(&numbers(&vae.valid().decoder.hidden[0].weight.val()), &after["decoder.hidden.0.weight"], name);
            }
        }
        let after_two = Value::from(vec![reference["loss_after_two_steps"].clone()]);
        close(&numbers(&loss(&vae).0), &after_two, &format!("{name} loss after two steps"));
    }
}

/// The bound by K = 3 samples, from the log weights log p(x|z) + log p(z) − log q(z|x) of one pass each.
#[test]
fn the_bound_by_samples_is_tensorflows() {
    let reference = reference(include_str!("../../../tests/reference/vae_tensorflow.json"));
    let device = Device::flex();
    for (name, likelihood) in [
        ("bernoulli", Likelihood::Bernoulli),
        ("gaussian", Likelihood::Gaussian),
        ("gaussian_per_pixel", Likelihood::GaussianPerPixel),
        ("laplace", Likelihood::Laplace),
    ] {
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
        let vae = given_weights(config.init(&mut math::rng::Rng::new(1), &device));
        let x: Tensor<2> = tensor(wave(24, 0.37, 1.0).iter().map(|w| 0.5 + 0.5 * w).collect(), [4, 6], &device);
        let log_weights: Vec<Vec<f32>> = wave(3 * 8, 1.9, 1.1)
            .chunks_exact(8)
            .map(|eps| {
                let pass = Pass::new(&vae, &config, x.clone(), tensor(eps.to_vec(), [4, 2], &device));
                let log_q = log_posterior(pass.z.clone(), pass.mu, pass.log_var);
                numbers(&(pass.reconstruction + log_standard_normal(pass.z) - log_q))
            })
            .collect();
        let of_image = |n: usize| log_weights.iter().map(|weights| f64::from(weights[n])).collect::<Vec<f64>>();
        let ours: Vec<f32> = (0..4).map(|n| math::iwae::bound(&of_image(n)) as f32).collect();
        close(&ours, &reference[name]["iwae"], &format!("{name} bound"));
    }
}
