//! The M2 objective with given weights, data and noise against JAX and TensorFlow in float64, and its gradient against
//! differences.
#![allow(clippy::unwrap_used, reason = "tests")]

use burn::module::Module;
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Tensor};
use learn::models::{M2, M2Config, Stored, restore, tensor, weights};
use learn::objectives::Likelihood;
use learn::trainer::adam;
use math::rng::Rng;
use serde_json::Value;

use crate::demos::m2::training::objective::{Labelled, Parts, Unlabelled, Weights, bound, bounds, parts, unlabelled};
use crate::testing::given::{close, given, numbers, pixels, wave_f32};
use crate::testing::golden::{narrow, near, parse};

const RATE: f64 = 1e-2;
const WEIGHTS: Weights = Weights { labelled: 0.3, unlabelled: 0.7, classification: 0.25 };

fn config(likelihood: Likelihood) -> M2Config {
    M2Config { inputs: 4, classes: 3, hidden: 5, classifier_hidden: 5, latent: 2, likelihood }
}

fn formula(name: &str, count: usize) -> Vec<f32> {
    let (frequency, scale) = match name {
        "classifier.hidden.weight" => (0.7, 0.8),
        "classifier.hidden.bias" => (1.1, 0.1),
        "classifier.output.weight" => (1.3, 0.9),
        "classifier.output.bias" => (1.7, 0.2),
        "encoder.hidden.vector.weight" => (0.9, 0.5),
        "encoder.hidden.vector.bias" => (2.3, 0.1),
        "encoder.hidden.class" => (1.9, 0.6),
        "encoder.mu.weight" => (0.5, 0.6),
        "encoder.mu.bias" => (0.3, 0.2),
        "encoder.log_var.weight" => (0.6, 0.4),
        "encoder.log_var.bias" => (1.5, 0.2),
        "decoder.hidden.vector.weight" => (2.1, 0.7),
        "decoder.hidden.vector.bias" => (0.8, 0.1),
        "decoder.hidden.class" => (2.7, 0.8),
        "decoder.output.weight" => (0.4, 0.7),
        "decoder.output.bias" => (1.2, 0.1),
        "decoder.log_scale" => return vec![-0.4],
        other => panic!("the reference has no parameter {other}"),
    };
    wave_f32(count, frequency, scale)
}

fn model(likelihood: Likelihood, device: &Device) -> M2 {
    given(config(likelihood).init(&mut Rng::new(1), device), formula)
}

fn data(device: &Device) -> (Labelled, Unlabelled) {
    let images = |count: usize, frequency| tensor(pixels(4 * count, frequency), [count, 4], device);
    let y = tensor(vec![0.0, 0.0, 1.0, 1.0, 0.0, 0.0], [2, 3], device);
    (
        Labelled { x: images(2, 0.37), y, eps: tensor(wave_f32(4, 2.9, 1.2), [2, 2], device) },
        Unlabelled { x: images(3, 0.53), eps: tensor(wave_f32(6, 3.1, 1.1), [3, 2], device) },
    )
}

fn objective(model: &M2, likelihood: Likelihood, device: &Device) -> Tensor<1> {
    let (labelled, unlabelled) = data(device);
    let Parts { objective, .. } = parts(model, &config(likelihood), Some(labelled), Some(unlabelled), WEIGHTS);
    objective
}

/// Every parameter's gradient of the objective: the change by one step of plain descent with rate 1 on −objective.
fn gradients(model: &M2, likelihood: Likelihood, device: &Device) -> Vec<(String, Vec<f64>)> {
    let loss = -objective(model, likelihood, device);
    let found = GradientsParams::from_grads(loss.backward(), model);
    let moved = SgdConfig::new().init().step(1.0, model.clone(), found);
    let pairs = weights(&moved).into_iter().zip(weights(model));
    pairs.map(|(after, before)| (before.name, numbers(&(after.values - before.values)))).collect()
}

#[test]
fn a_step_is_jaxs_step() {
    a_step_is(&parse(include_str!("../reference_jax.json")));
}

#[test]
fn a_step_is_tensorflows_step() {
    a_step_is(&parse(include_str!("../reference.json")));
}

fn a_step_is(reference: &Value) {
    let device = Device::flex().autodiff();
    for (name, likelihood) in [("bernoulli", Likelihood::Bernoulli), ("gaussian", Likelihood::Gaussian)] {
        let reference = &reference[name];
        let model = model(likelihood, &device);
        let config = config(likelihood);
        let (with, without) = data(&device);
        let own = bound(&model, &config, with.x.clone(), with.y.clone(), with.eps.clone());
        close(&own, &reference["labelled"], "−L(x,y) with labels");
        let every = bounds(&model, &config, without.x.clone(), without.eps.clone());
        close(&every, &reference["every"], "−L(x,y) for every y");
        let sum = unlabelled(&model, &config, without.x, without.eps);
        close(&sum, &reference["unlabelled"], "−U(x)");
        close(&objective(&model, likelihood, &device), &reference["objective"], "the objective");
        let mut compared = 0;
        for (name, gradient) in gradients(&model, likelihood, &device) {
            // The shared scale of a Bernoulli is not used and has no gradient.
            near(&gradient, &reference["gradient"][&name], 2e-5, &name);
            compared += 1;
        }
        assert_eq!(compared, 17);

        let found = GradientsParams::from_grads((-objective(&model, likelihood, &device)).backward(), &model);
        let stepped = adam().step(RATE, model, found);
        let after = objective(&stepped, likelihood, &device);
        close(&after, &reference["objective_after_one_step"], "the objective after one step of Adam");
    }
}

/// Central differences of the objective in f32 against autodiff, for one number of every parameter.
#[test]
fn gradients_are_differences() {
    let device = Device::flex().autodiff();
    let likelihood = Likelihood::Gaussian;
    let model = model(likelihood, &device);
    let stored: Stored =
        weights(&model.valid()).into_iter().map(|one| (one.name, (one.shape, narrow(&numbers(&one.values))))).collect();
    let step = 4e-3;
    for (name, gradient) in gradients(&model, likelihood, &device) {
        let at = (0..gradient.len()).max_by(|&a, &b| gradient[a].abs().total_cmp(&gradient[b].abs())).unwrap();
        let moved = |by: f32| {
            let mut stored = stored.clone();
            stored.get_mut(&name).unwrap().1[at] += by;
            let model = restore(model.clone(), &stored).unwrap();
            numbers(&objective(&model, likelihood, &device))[0]
        };
        let difference = (moved(step) - moved(-step)) / (2.0 * f64::from(step));
        let error = (difference - gradient[at]).abs();
        assert!(error < 2e-3 + 0.01 * difference.abs(), "{name}: {} against {difference}", gradient[at]);
    }
}
