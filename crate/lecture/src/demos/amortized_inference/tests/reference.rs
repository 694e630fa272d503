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

use crate::demos::amortized_inference::training::mean_field::{MeanField, Shape};
use crate::demos::amortized_inference::training::objective::{Nodes, elbo};
use crate::testing::given::{given, numbers, wave_f32};
use crate::testing::golden::{narrow, near, parse, wave};

const POINTS: usize = 3;
const HIDDEN: usize = 4;
const RATE: f64 = 1e-2;

/// One latent dimension, two with a diagonal and two with a full covariance.
const SHAPES: [(&str, Shape); 3] = [
    ("latent_1", Shape { latent: 1, below: 0 }),
    ("latent_2", Shape { latent: 2, below: 0 }),
    ("latent_2_full", Shape { latent: 2, below: 1 }),
];

fn reference(name: &str) -> Value {
    parse(include_str!("../reference.json"))[name].clone()
}

fn given_encoder(shape: Shape, device: &Device) -> Encoder {
    let mut rng = Rng::new(1);
    let encoder = Encoder {
        convolutions: Vec::new(),
        hidden: vec![linear(2, HIDDEN, &mut rng, device)],
        mu: linear(HIDDEN, shape.latent, &mut rng, device),
        log_var: linear(HIDDEN, shape.latent + shape.below, &mut rng, device),
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
    for (name, shape) in SHAPES {
        let latent = shape.latent;
        let (reference, model, device) = (reference(name), Wheel::new(latent, 0.5), Device::flex());
        let mu = wave(POINTS * latent, 0.9, 0.8);
        let log_var: Vec<f64> = wave(POINTS * latent, 1.7, 0.5).iter().map(|w| w - 1.0).collect();
        let lower = wave(POINTS * shape.below, 2.1, 0.6);
        let x = wave(POINTS * 2, 1.3, 1.4);
        let of = |values: &[f64], width| tensor(narrow(values), [POINTS, width], &device);
        let nodes = Nodes::quadrature(latent, &device);
        let mut spread: Tensor<2> = of(&log_var, latent);
        if shape.below > 0 {
            spread = Tensor::cat(vec![spread, of(&lower, 1)], 1);
        }
        let ours = elbo(&model, of(&x, 2), of(&mu, latent), spread, &nodes);
        near(&numbers(&ours), &reference["elbo"], 5e-6, "the ELBO that is climbed");

        let pad = |row: &[f64]| [row[0], row.get(1).copied().unwrap_or(0.0)];
        let points: Vec<[f64; 2]> = x.chunks_exact(2).map(|x| [x[0], x[1]]).collect();
        let exact: Vec<f64> = (0..POINTS)
            .map(|i| {
                let row = i * latent..(i + 1) * latent;
                let q = Gaussian::diagonal(pad(&mu[row.clone()]), pad(&log_var[row]));
                model.elbo(points[i], &Gaussian { lower: lower.get(i).copied().unwrap_or(0.0), ..q })
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
    for (name, shape) in SHAPES {
        let latent = shape.latent;
        let (reference, model) = (reference(name), Wheel::new(latent, 0.5));
        let (plain, device) = (Device::flex(), Device::flex().autodiff());
        let x: Tensor<2> = tensor(wave_f32(POINTS * 2, 1.3, 1.4), [POINTS, 2], &device);
        let nodes = Nodes::quadrature(latent, &device);
        let mut encoder = given_encoder(shape, &device);
        // The prior, or of three starts the second: see reference.py.
        let (starts, start) = if shape.below > 0 { (3, 1) } else { (1, 0) };
        let mut mean_field = MeanField::new(POINTS, starts, shape, &plain);
        let of_each: Vec<f32> = wave_f32(POINTS * 2, 1.3, 1.4).chunks_exact(2).flat_map(|x| x.repeat(starts)).collect();
        let of_each: Tensor<2> = tensor(of_each, [POINTS * starts, 2], &device);
        // The numbers of each point's compared row.
        let compared = |rows: Vec<f64>| -> Vec<f64> {
            let width = rows.len() / (POINTS * starts);
            rows.chunks_exact(width * starts).flat_map(|rows| rows[start * width..][..width].to_vec()).collect()
        };
        let mut optimizer = adam();
        let amortized = |encoder: &Encoder| {
            let (mu, spread) = encoder.forward(x.clone());
            elbo(&model, x.clone(), mu, spread, &nodes)
        };
        let free = |table: &Tensor<2>| {
            let (mu, spread) =
                (table.clone().narrow(1, 0, latent), table.clone().narrow(1, latent, latent + shape.below));
            elbo(&model, of_each.clone(), mu, spread, &nodes)
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
        near(&compared(numbers(&table.clone().narrow(1, 0, latent))), &after["mu"], 5e-6, "mu");
        near(&compared(numbers(&table.clone().narrow(1, latent, latent))), &after["log_var"], 5e-6, "log_var");
        if shape.below > 0 {
            near(&compared(numbers(&table.clone().narrow(1, 2 * latent, 1))), &after["lower"], 5e-6, "L_21");
        }
        let table = Tensor::from_inner(table).to_device(&device);
        near(&compared(numbers(&free(&table))), &after["mean_field_elbo"], 2e-5, "mean-field after two steps");
        near(&numbers(&amortized(&encoder)), &after["amortized_elbo"], 2e-5, "amortized after two steps");
        for weight in weights(&encoder.valid()) {
            let ours = numbers(&weight.values);
            near(&ours, &after["phi"][weight.name.replace("hidden.0", "hidden")], 5e-6, &weight.name);
        }
    }
}
