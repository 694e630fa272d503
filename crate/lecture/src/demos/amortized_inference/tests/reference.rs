//! Slide 1.1 against TensorFlow: the ELBO of the wheel, log p(x), and two steps of mean-field and amortized inference.
#![allow(clippy::unwrap_used, reason = "tests")]

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use learn::models::{Encoder, linear, tensor, weights};
use learn::trainer::adam;
use math::rng::Rng;
use math::wheel::{Gaussian, Wheel};
use serde_json::Value;

use crate::demos::amortized_inference::training::mean_field::MeanField;
use crate::demos::amortized_inference::training::objective::{Nodes, elbo};
use crate::testing::given::{given, numbers, wave_f32};
use crate::testing::golden::{narrow, near, parse, wave};

const POINTS: usize = 3;
const HIDDEN: usize = 4;
const RATE: f64 = 1e-2;

fn reference(latent: usize) -> Value {
    let all = parse(include_str!("../reference.json"));
    all[format!("latent_{latent}")].clone()
}

fn given_encoder(latent: usize, device: &Device) -> Encoder {
    let mut rng = Rng::new(1);
    let encoder = Encoder {
        convolutions: Vec::new(),
        hidden: vec![linear(2, HIDDEN, &mut rng, device)],
        mu: linear(HIDDEN, latent, &mut rng, device),
        log_var: linear(HIDDEN, latent, &mut rng, device),
    };
    given(encoder, |name, count| {
        let (frequency, scale) = match name {
            "hidden.0.weight" => (0.7, 0.8),
            "hidden.0.bias" => (1.1, 0.1),
            "mu.weight" => (1.3, 0.6),
            "mu.bias" => (1.7, 0.2),
            "log_var.weight" => (0.9, 0.4),
            "log_var.bias" => (2.3, 0.2),
            other => panic!("the reference has no parameter {other}"),
        };
        wave_f32(count, frequency, scale)
    })
}

#[test]
fn the_elbo_and_log_px_are_tensorflows() {
    for latent in [1, 2] {
        let (reference, model, device) = (reference(latent), Wheel::new(latent, 0.5), Device::flex());
        let mu = wave(POINTS * latent, 0.9, 0.8);
        let log_var: Vec<f64> = wave(POINTS * latent, 1.7, 0.5).iter().map(|w| w - 1.0).collect();
        let x = wave(POINTS * 2, 1.3, 1.4);
        let of = |values: &[f64], width| tensor(narrow(values), [POINTS, width], &device);
        let nodes = Nodes::quadrature(latent, &device);
        let ours = elbo(&model, of(&x, 2), of(&mu, latent), of(&log_var, latent), &nodes);
        near(&numbers(&ours), &reference["elbo"], 5e-6, "the ELBO that is climbed");

        let pad = |row: &[f64]| [row[0], row.get(1).copied().unwrap_or(0.0)];
        let points: Vec<[f64; 2]> = x.chunks_exact(2).map(|x| [x[0], x[1]]).collect();
        let exact: Vec<f64> = (0..POINTS)
            .map(|i| {
                let row = i * latent..(i + 1) * latent;
                model.elbo(points[i], &Gaussian { mu: pad(&mu[row.clone()]), log_var: pad(&log_var[row]) })
            })
            .collect();
        near(&exact, &reference["elbo"], 1e-12, "the ELBO in closed form");
        if latent == 1 {
            let log_px: Vec<f64> = points.iter().map(|&x| model.log_px(x)).collect();
            near(&log_px, &reference["log_px"], 1e-12, "log p(x)");
        }
    }
}

/// The computation of `AmortizedInference::step`: the sum over the rows of the table, which are optimised independently, and the
/// mean over the points for the encoder.
#[test]
fn two_steps_of_both_are_tensorflows() {
    for latent in [1, 2] {
        let (reference, model) = (reference(latent), Wheel::new(latent, 0.5));
        let (plain, device) = (Device::flex(), Device::flex().autodiff());
        let x: Tensor<2> = tensor(wave_f32(POINTS * 2, 1.3, 1.4), [POINTS, 2], &device);
        let nodes = Nodes::quadrature(latent, &device);
        let mut encoder = given_encoder(latent, &device);
        let mut mean_field = MeanField::new(POINTS, 1, latent, &plain);
        let mut optimizer = adam();
        let amortized = |encoder: &Encoder| {
            let (mu, log_var) = encoder.forward(x.clone());
            elbo(&model, x.clone(), mu, log_var, &nodes)
        };
        let free = |table: &Tensor<2>| {
            let halves = [0, latent].map(|from| table.clone().narrow(1, from, latent));
            let [mu, log_var] = halves;
            elbo(&model, x.clone(), mu, log_var, &nodes)
        };
        near(&numbers(&amortized(&encoder)), &reference["amortized_elbo"], 5e-6, "amortized");
        for _ in 0..2 {
            let table = Tensor::from_inner(mean_field.table()).to_device(&device).require_grad();
            let loss = -(free(&table).sum() + amortized(&encoder).mean());
            let mut gradients = loss.backward();
            let gradient = table.grad_remove(&mut gradients).unwrap();
            mean_field.ascend(-gradient, RATE);
            let gradients = GradientsParams::from_grads(gradients, &encoder);
            encoder = optimizer.step(RATE, encoder, gradients);
        }
        let after = &reference["after_two_steps"];
        let table = mean_field.table();
        // Keras adds Adam's epsilon before the bias correction: a difference in the seventh digit of a step.
        near(&numbers(&table.clone().narrow(1, 0, latent)), &after["mu"], 5e-6, "mu");
        near(&numbers(&table.clone().narrow(1, latent, latent)), &after["log_var"], 5e-6, "log_var");
        let table = Tensor::from_inner(table).to_device(&device);
        near(&numbers(&free(&table)), &after["mean_field_elbo"], 2e-5, "mean-field after two steps");
        near(&numbers(&amortized(&encoder)), &after["amortized_elbo"], 2e-5, "amortized after two steps");
        for weight in weights(&encoder.valid()) {
            let ours = numbers(&weight.values);
            near(&ours, &after["phi"][weight.name.replace("hidden.0", "hidden")], 5e-6, &weight.name);
        }
    }
}
