//! The convolutional VAE with given weights, data and noise against JAX in float64, for 8×8 and for 28×28 images.
//!
//! Reference: `python3 tests/reference/conv_vae_jax.py > tests/reference/conv_vae.json` (jax 0.10.2, CPU).
#![cfg(feature = "training")]
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "support/given.rs"]
mod given;

use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use given::{given, wave};
use learn::models::{Architecture, Vae, VaeConfig, tensor};
use learn::objectives::Likelihood;
use learn::trainer::adam;
use learn::vae_trainer::Pass;
use serde_json::Value;

const RATE: f64 = 1e-2;

fn given_weights(vae: Vae) -> Vae {
    let formula = |name: &str| match name {
        "encoder.convolutions.0.weight" => (0.7, 0.4),
        "encoder.convolutions.0.bias" => (1.1, 0.1),
        "encoder.convolutions.1.weight" => (1.9, 0.2),
        "encoder.convolutions.1.bias" => (0.4, 0.1),
        "encoder.hidden.0.weight" => (2.1, 0.2),
        "encoder.hidden.0.bias" => (1.6, 0.1),
        "encoder.mu.weight" => (1.3, 0.6),
        "encoder.mu.bias" => (1.7, 0.2),
        "encoder.log_var.weight" => (0.9, 0.3),
        "encoder.log_var.bias" => (2.3, 0.2),
        "decoder.hidden.0.weight" => (1.9, 0.7),
        "decoder.hidden.0.bias" => (0.5, 0.1),
        "decoder.output.weight" => (0.3, 0.5),
        "decoder.output.bias" => (0.6, 0.1),
        "decoder.transposed.0.weight" => (1.2, 0.2),
        "decoder.transposed.0.bias" => (0.8, 0.1),
        "decoder.transposed.1.weight" => (2.7, 0.3),
        "decoder.transposed.1.bias" => (1.4, 0.1),
        other => panic!("the reference has no parameter {other}"),
    };
    given(vae, 0.0, formula)
}

/// Equal up to single precision, relative to the largest number of the list.
fn close(ours: &[f32], reference: &Value, what: &str) {
    let reference: Vec<f64> = reference.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
    assert_eq!(ours.len(), reference.len(), "{what}");
    let largest = reference.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    for (ours, reference) in ours.iter().zip(reference) {
        let error = (f64::from(*ours) - reference).abs();
        assert!(error < 2e-5 * largest, "{what}: {ours} against {reference}");
    }
}

fn numbers<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.to_data().as_slice::<f32>().unwrap().to_vec()
}

#[test]
fn terms_gradients_and_a_step_are_the_references() {
    let reference: Value = serde_json::from_str(include_str!("../../../tests/reference/conv_vae.json")).unwrap();
    let device = Device::flex().autodiff();
    for side in [8, 28] {
        for (name, likelihood) in
            [("bernoulli", Likelihood::Bernoulli), ("gaussian_per_pixel", Likelihood::GaussianPerPixel)]
        {
            let what = format!("{name} {side}");
            let reference = &reference[&what];
            let pixels = side * side;
            let config = VaeConfig {
                architecture: Architecture::Convolutional,
                pixels,
                hidden: 5,
                layers: 1,
                latent: 2,
                likelihood,
                log_scale: 0.0,
                learn_scale: false,
            };
            let vae = given_weights(config.init(&mut math::rng::Rng::new(1), &device));
            let x = wave(3 * pixels, 0.37, 1.0).iter().map(|w| 0.5 + 0.5 * w).collect();
            let x = tensor(x, [3, pixels], &device);
            let eps = tensor(wave(6, 2.9, 1.2), [3, 2], &device);
            let pass = Pass::new(&vae, &config, x.clone(), eps.clone());
            close(&numbers(&pass.reconstruction), &reference["reconstruction"], &format!("{what} reconstruction"));
            close(&numbers(&pass.kl()), &reference["kl"], &format!("{what} kl"));
            let loss = |vae: &Vae| {
                let pass = Pass::new(vae, &config, x.clone(), eps.clone());
                -(pass.reconstruction.clone() - pass.kl()).mean()
            };
            let one = |name: &str| Value::from(vec![reference[name].clone()]);
            close(&numbers(&loss(&vae)), &one("loss"), &format!("{what} loss"));

            let gradients = loss(&vae).backward();
            let expected = &reference["gradient"];
            let (encoder, decoder) = (&vae.encoder, &vae.decoder);
            for (found, name) in [
                (
                    numbers(&encoder.convolutions[0].weight.val().grad(&gradients).unwrap()),
                    "encoder.convolutions.0.weight",
                ),
                (numbers(&encoder.convolutions[1].bias.val().grad(&gradients).unwrap()), "encoder.convolutions.1.bias"),
                (numbers(&encoder.mu.bias.as_ref().unwrap().val().grad(&gradients).unwrap()), "encoder.mu.bias"),
                (numbers(&decoder.transposed[0].bias.val().grad(&gradients).unwrap()), "decoder.transposed.0.bias"),
                (numbers(&decoder.transposed[1].weight.val().grad(&gradients).unwrap()), "decoder.transposed.1.weight"),
            ] {
                close(&found, &expected[name], &format!("{what} gradient of {name}"));
            }
            let gradients = GradientsParams::from_grads(gradients, &vae);
            let after = adam().step(RATE, vae, gradients);
            close(&numbers(&loss(&after)), &one("loss_after_one_step"), &format!("{what} loss after a step"));
        }
    }
}
