//! The convolutional VAE: laws of its layers, and with given weights, data and noise against JAX in float64, for 8×8 and for 28×28 images.
#![allow(clippy::unwrap_used, reason = "tests")]

use burn::module::Param;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use data::Digits;
use learn::Experiment;
use learn::models::{Architecture, Vae, VaeConfig, conv, from_bytes, host, tensor, to_bytes, weights};
use learn::objectives::Likelihood;
use learn::trainer::adam;
use learn::vae_trainer::Pass;
use math::rng::Rng;
use serde_json::Value;

use crate::demos::vae::DEMO;
use crate::testing::given::{given, numbers, pixels, wave_f32};
use crate::testing::golden::{flat, parse};
use crate::testing::{advance, saved, start, text, value};

const RATE: f64 = 1e-2;

fn given_weights(vae: Vae) -> Vae {
    given(vae, |name, count| {
        let (frequency, scale) = match name {
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
            "decoder.log_scale" => return vec![0.0],
            other => panic!("the reference has no parameter {other}"),
        };
        wave_f32(count, frequency, scale)
    })
}

/// Equal up to single precision, relative to the largest number of the list.
fn close(ours: &[f64], reference: &Value, what: &str) {
    let reference = flat(reference);
    assert_eq!(ours.len(), reference.len(), "{what}");
    let largest = reference.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    for (ours, reference) in ours.iter().zip(reference) {
        let error = (ours - reference).abs();
        assert!(error < 2e-5 * largest, "{what}: {ours} against {reference}");
    }
}

#[test]
fn terms_gradients_and_a_step_are_the_references() {
    let reference = parse(include_str!("../convolutional_jax.json"));
    let device = Device::flex().autodiff();
    for side in [8, 28] {
        for (name, likelihood) in
            [("bernoulli", Likelihood::Bernoulli), ("gaussian_per_pixel", Likelihood::GaussianPerPixel)]
        {
            let what = format!("{name} {side}");
            let reference = &reference[&what];
            let config = VaeConfig {
                architecture: Architecture::Convolutional,
                ..VaeConfig::new(side * side, 5, 2, likelihood)
            };
            let vae = given_weights(config.init(&mut Rng::new(1), &device));
            let x = tensor(pixels(3 * side * side, 0.37), [3, side * side], &device);
            let eps = tensor(wave_f32(6, 2.9, 1.2), [3, 2], &device);
            let pass = Pass::new(&vae, &config, x.clone(), eps.clone());
            close(&numbers(&pass.reconstruction), &reference["reconstruction"], &format!("{what} reconstruction"));
            close(&numbers(&pass.kl()), &reference["kl"], &format!("{what} kl"));
            let loss = |vae: &Vae| {
                let pass = Pass::new(vae, &config, x.clone(), eps.clone());
                -(pass.reconstruction.clone() - pass.kl()).mean()
            };
            close(&numbers(&loss(&vae)), &reference["loss"], &format!("{what} loss"));

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
            close(&numbers(&loss(&after)), &reference["loss_after_one_step"], &format!("{what} loss after a step"));
        }
    }
}

#[test]
fn the_convolutional_network_trains_on_the_digits_too_and_the_same_seed_gives_the_same_bytes() {
    let begin = || start(DEMO, |v| v.with("architecture", "convolutional").with("seed", 7.0));
    let mut once = begin();
    let mut often = begin();
    let before = advance(often.as_mut(), 0);
    for _ in 0..4 {
        advance(often.as_mut(), 10);
    }
    let after = advance(once.as_mut(), 40);
    assert!(text(&after) == text(&advance(often.as_mut(), 0)), "two snapshots of one run differ");
    let weights = |run: &dyn Experiment| from_bytes(&saved(run)).unwrap();
    assert!(weights(once.as_ref()) == weights(often.as_ref()), "two runs of one seed differ");
    assert!(value(&after, "heldout_elbo") > value(&before, "heldout_elbo") + 5.0);
    assert!(after.notes.is_empty(), "{:?}", after.notes);
}

fn config(side: usize, likelihood: Likelihood) -> VaeConfig {
    VaeConfig {
        architecture: Architecture::Convolutional,
        log_scale: -1.0,
        learn_scale: true,
        ..VaeConfig::new(side * side, 16, 3, likelihood)
    }
}

#[test]
fn every_multiple_of_four_comes_out_of_the_convolutions_as_large_as_it_went_in() {
    let device = Device::flex();
    for side in [4, 8, 12, 28, 32, 64] {
        for (likelihood, outputs) in [(Likelihood::Bernoulli, 1), (Likelihood::GaussianPerPixel, 2)] {
            let vae = config(side, likelihood).init(&mut Rng::new(2), &device);
            let x = tensor(Rng::new(3).normals(2 * side * side), [2, side * side], &device);
            let seen = conv::down(&vae.encoder.convolutions, x.clone());
            assert_eq!(seen.dims(), [2, conv::features(side * side)]);
            assert_eq!(seen.dims()[1], 16 * (side / 4) * (side / 4));
            let (mu, log_var) = vae.encoder.forward(x);
            assert_eq!((mu.dims(), log_var.dims()), ([2, 3], [2, 3]));
            assert_eq!(vae.decoder.forward(mu).dims(), [2, side * side * outputs], "{side}");
        }
        assert_eq!(conv::pixels(conv::features(side * side)), Some(side * side));
        assert!(Architecture::Convolutional.takes(side) && !Architecture::Convolutional.takes(side + 2));
    }
    assert_eq!([conv::pixels(0), conv::pixels(16 * 3), conv::pixels(17)], [None; 3]);
}

/// The transposed convolution is the transpose: ⟨C x, y⟩ = ⟨x, Cᵀ y⟩ for the same kernel without biases.
#[test]
fn doubling_is_the_transpose_of_halving() {
    let device = Device::flex();
    let rng = &mut Rng::new(4);
    let layers = conv::halving(rng, &device)[..1].to_vec();
    // Positive numbers only, so that the ReLUs around the layers change nothing.
    let positive = |count: usize, rng: &mut Rng| (0..count).map(|_| rng.uniform() as f32).collect::<Vec<_>>();
    let mut layer = layers[0].clone();
    layer.weight = Param::from_tensor(tensor(positive(8 * 16, rng), [8, 1, 4, 4], &device));
    let back =
        conv::Convolution { weight: layer.weight.clone(), bias: Param::from_tensor(Tensor::zeros([1], &device)) };
    let (x, y) = (positive(64, rng), positive(8 * 16, rng));
    let inner = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let halved = conv::down(&[layer], tensor(x.clone(), [1, 64], &device)).into_data();
    let doubled = conv::up(&[back], tensor(y.clone(), [1, 8 * 16], &device)).into_data();
    let (one, other) = (inner(halved.as_slice().unwrap(), &y), inner(&x, doubled.as_slice().unwrap()));
    assert!((one - other).abs() < 1e-5 * one.abs(), "{one} against {other}");
}

/// The gradient of the mean ELBO by autodiff against central differences of the same one-sample estimate (common noise).
#[test]
fn gradients_through_the_convolutions_agree_with_finite_differences() {
    let device = Device::flex().autodiff();
    let config = config(8, Likelihood::Bernoulli);
    let vae = config.init(&mut Rng::new(3), &device);
    let x = tensor(Digits::load().images[..64 * 6].to_vec(), [6, 64], &device);
    let eps = tensor(Rng::new(4).normals(18), [6, 3], &device);
    let elbo = |vae: &Vae| {
        let pass = Pass::new(vae, &config, x.clone(), eps.clone());
        (pass.reconstruction.clone() - pass.kl()).mean()
    };
    let gradients = elbo(&vae).backward();
    type Pick = fn(&mut Vae) -> &mut conv::Convolution;
    let layers: [(&str, Pick); 4] = [
        ("encoder 0", |vae| &mut vae.encoder.convolutions[0]),
        ("encoder 1", |vae| &mut vae.encoder.convolutions[1]),
        ("decoder 0", |vae| &mut vae.decoder.transposed[0]),
        ("decoder 1", |vae| &mut vae.decoder.transposed[1]),
    ];
    for (name, layer) in layers {
        let weight = layer(&mut vae.clone()).weight.val();
        let gradient: Vec<f32> = weight.grad(&gradients).unwrap().to_data().as_slice().unwrap().to_vec();
        let values: Vec<f32> = weight.to_data().as_slice().unwrap().to_vec();
        // The largest slope of all, and two others: a ReLU's corner between the two points would distort the smallest ones.
        let largest = (0..gradient.len()).max_by(|&a, &b| gradient[a].abs().total_cmp(&gradient[b].abs())).unwrap();
        for index in [largest, gradient.len() / 3, gradient.len() - 1] {
            let at = |shift: f32| {
                let mut moved = vae.clone();
                let mut values = values.clone();
                values[index] += shift;
                layer(&mut moved).weight = Param::from_tensor(tensor(values, weight.dims(), &device));
                f64::from(elbo(&moved).into_scalar::<f32>())
            };
            let difference = (at(1e-2) - at(-1e-2)) / 2e-2;
            let exact = f64::from(gradient[index]);
            assert!((difference - exact).abs() < 2e-2 * (1.0 + exact.abs()), "{name} {index}: {exact}, {difference}");
        }
    }
}

#[test]
fn the_host_encoder_is_the_convolutional_encoder() {
    let device = Device::flex();
    for side in [8, 28] {
        let config = config(side, Likelihood::Bernoulli);
        let vae = config.init(&mut Rng::new(6), &device);
        let named: Vec<_> = weights(&vae)
            .into_iter()
            .map(|weight| (weight.name, weight.shape, weight.values.to_data().as_slice().unwrap().to_vec()))
            .collect();
        let stored = from_bytes(&to_bytes(&named, &Default::default()).unwrap()).unwrap();
        let x = Rng::new(7).normals(3 * side * side);
        let (mu, log_var) = host::encode(&stored, &x, side * side).unwrap();
        let (burn_mu, burn_log_var) = vae.encoder.forward(tensor(x, [3, side * side], &device));
        for (host, device) in [(mu, burn_mu), (log_var, burn_log_var)] {
            for (&a, b) in host.iter().zip(numbers(&device)) {
                assert!((f64::from(a) - b).abs() < 1e-4, "{side}: {a} against {b}");
            }
        }
    }
}
