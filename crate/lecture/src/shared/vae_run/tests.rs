//! One VAE step with given weights, data and noise against JAX and TensorFlow in float64, for every likelihood.
#![allow(clippy::unwrap_used, reason = "tests")]

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use learn::models::{Vae, VaeConfig, tensor};
use learn::objectives::{Likelihood, log_posterior, log_standard_normal};
use learn::trainer::adam;
use learn::vae_trainer::Pass;
use math::rng::Rng;
use serde_json::Value;

use crate::testing::given::{close, given_vae, numbers, pixels, wave_f32};
use crate::testing::golden::{near, parse};

const BETA: f64 = 0.7;
const RATE: f64 = 1e-2;

pub(super) const LIKELIHOODS: [(&str, Likelihood); 5] = [
    ("bernoulli", Likelihood::Bernoulli),
    ("continuous_bernoulli", Likelihood::ContinuousBernoulli),
    ("gaussian", Likelihood::Gaussian),
    ("gaussian_per_pixel", Likelihood::GaussianPerPixel),
    ("laplace", Likelihood::Laplace),
];

fn config(likelihood: Likelihood) -> VaeConfig {
    VaeConfig { log_scale: -0.4, learn_scale: true, ..VaeConfig::new(6, 5, 2, likelihood) }
}

#[test]
fn a_step_of_every_likelihood_is_jaxs_step() {
    a_step_of_every_likelihood_is(&parse(include_str!("reference_jax.json")));
}

#[test]
fn a_step_of_every_likelihood_is_tensorflows_step() {
    a_step_of_every_likelihood_is(&parse(include_str!("reference.json")));
}

fn a_step_of_every_likelihood_is(reference: &Value) {
    let device = Device::flex().autodiff();
    for (name, likelihood) in LIKELIHOODS {
        let reference = &reference[name];
        let config = config(likelihood);
        let mut vae = given_vae(config.init(&mut Rng::new(1), &device), config.log_scale);
        let x = tensor(pixels(24, 0.37), [4, 6], &device);
        let eps = tensor(wave_f32(8, 2.9, 1.2), [4, 2], &device);
        let loss = |vae: &Vae| {
            let pass = Pass::new(vae, &config, x.clone(), eps.clone());
            (-(pass.reconstruction.clone() - pass.kl() * BETA).mean(), pass)
        };

        let (value, pass) = loss(&vae);
        close(&pass.reconstruction, &reference["reconstruction"], &format!("{name} reconstruction"));
        close(&pass.kl(), &reference["kl"], &format!("{name} kl"));
        close(&value, &reference["loss"], &format!("{name} loss"));
        let gradients = value.backward();
        let gradient = |tensor: Tensor<1>| tensor.grad(&gradients).unwrap();
        let first = vae.encoder.hidden[0].weight.val().grad(&gradients).unwrap();
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
                close(&vae.valid().encoder.mu.weight.val(), &after["encoder.mu.weight"], name);
                close(&vae.valid().decoder.hidden[0].weight.val(), &after["decoder.hidden.0.weight"], name);
            }
        }
        close(&loss(&vae).0, &reference["loss_after_two_steps"], &format!("{name} loss after two steps"));
    }
}

/// The bound by K = 3 samples, from the log weights log p(x|z) + log p(z) − log q(z|x) of one pass each.
#[test]
fn the_bound_by_samples_is_tensorflows() {
    let reference = parse(include_str!("reference.json"));
    let device = Device::flex();
    for (name, likelihood) in LIKELIHOODS {
        let config = config(likelihood);
        let vae = given_vae(config.init(&mut Rng::new(1), &device), config.log_scale);
        let x: Tensor<2> = tensor(pixels(24, 0.37), [4, 6], &device);
        let log_weights: Vec<Vec<f64>> = wave_f32(3 * 8, 1.9, 1.1)
            .chunks_exact(8)
            .map(|eps| {
                let pass = Pass::new(&vae, &config, x.clone(), tensor(eps.to_vec(), [4, 2], &device));
                let log_q = log_posterior(pass.z.clone(), pass.mu, pass.log_var);
                numbers(&(pass.reconstruction + log_standard_normal(pass.z) - log_q))
            })
            .collect();
        let of_image = |n: usize| log_weights.iter().map(|weights| weights[n]).collect::<Vec<f64>>();
        let ours: Vec<f64> = (0..4).map(|n| math::iwae::bound(&of_image(n))).collect();
        near(&ours, &reference[name]["iwae"], 2e-5, &format!("{name} bound"));
    }
}
