//! The terms of section 4's objective as tensors: against the mathematics in f64, against finite differences, and one
//! step of each objective against JAX and TensorFlow in float64.
#![allow(clippy::unwrap_used, reason = "tests")]

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use learn::models::{Vae, VaeConfig, tensor};
use learn::objectives::{Estimator, Kernel, Likelihood, marginal_kl, mi_augmented, mmd2};
use learn::trainer::adam;
use learn::vae_trainer::Pass;
use math::mixture::Mixture;
use math::rng::Rng;
use serde_json::Value;

use crate::testing::given::{close, given_vae, numbers, pixels, wave_f32, wide};
use crate::testing::golden::parse;

const ESTIMATORS: [Estimator; 2] = [Estimator::Unbiased, Estimator::Biased];

fn scalar(tensor: Tensor<1>) -> f64 {
    f64::from(tensor.into_scalar::<f32>())
}

/// `n` points of N(mu, I), `[n, mu.len()]`.
fn points(rng: &mut Rng, n: usize, mu: &[f32]) -> Vec<f32> {
    let mut points = rng.normals(n * mu.len());
    points.iter_mut().enumerate().for_each(|(i, x)| *x += mu[i % mu.len()]);
    points
}

#[test]
fn mmd_is_the_one_of_the_mathematics() {
    let device = Device::flex();
    let mut rng = Rng::new(1);
    let (z, y) = (points(&mut rng, 40, &[0.5, -0.2, 0.0]), points(&mut rng, 30, &[0.0; 3]));
    for kernel in [Kernel::rbf(3), Kernel::Rbf { two_s2: 0.1 }, Kernel::inverse_multiquadratic(3)] {
        let exact = math::mmd::estimate(&wide(&z), &wide(&y), 3, kernel);
        for estimator in ESTIMATORS {
            let found = scalar(mmd2(
                tensor(z.clone(), [40, 3], &device),
                tensor(y.clone(), [30, 3], &device),
                kernel,
                estimator,
            ));
            let expected = if estimator == Estimator::Biased { exact.biased } else { exact.unbiased };
            assert!((found - expected).abs() < 1e-5, "{kernel:?} {estimator:?}: {found} {expected}");
        }
        let same = || tensor(z.clone(), [40, 3], &device);
        let zero = scalar(mmd2(same(), same(), kernel, Estimator::Biased));
        assert!(zero.abs() < 1e-6, "the biased estimate between equal samples is 0, not {zero}");
    }
}

#[test]
fn the_unbiased_estimate_is_right_on_average_and_sometimes_negative() {
    let device = Device::flex();
    let mut rng = Rng::new(2);
    for mu in [[0.0_f32, 0.0], [0.6, -0.4]] {
        let exact = math::mmd::shifted_prior(&wide(&mu), 2.0);
        let mut values = [Vec::new(), Vec::new()];
        for _ in 0..200 {
            let z = tensor(points(&mut rng, 32, &mu), [32, 2], &device);
            let y = tensor(points(&mut rng, 32, &[0.0; 2]), [32, 2], &device);
            for (values, estimator) in values.iter_mut().zip(ESTIMATORS) {
                values.push(scalar(mmd2(z.clone(), y.clone(), Kernel::rbf(2), estimator)));
            }
        }
        let [unbiased, biased] = values.each_ref().map(|values| math::estimate::Estimate::of(values));
        assert!((unbiased.mean - exact).abs() < 4.0 * unbiased.standard_error, "{unbiased:?} {exact}");
        assert!(biased.mean - exact > 0.02, "{biased:?} {exact}");
        assert!(values[1].iter().all(|value| *value > -1e-6), "the biased estimate is never negative");
        if exact == 0.0 {
            assert!(values[0].iter().filter(|value| **value < 0.0).count() > 50);
        }
    }
}

#[test]
fn the_batch_mixture_is_the_one_of_the_mathematics() {
    let device = Device::flex();
    let mut rng = Rng::new(3);
    let (z, mu) = (points(&mut rng, 12, &[0.0; 3]), points(&mut rng, 12, &[0.0; 3]));
    let log_var: Vec<f32> = rng.normals(36).iter().map(|eps| eps - 1.5).collect();
    let found = marginal_kl(
        tensor(z.clone(), [12, 3], &device),
        tensor(mu.clone(), [12, 3], &device),
        tensor(log_var.clone(), [12, 3], &device),
    );
    let mixture = Mixture::new(&wide(&mu), &wide(&log_var), 3);
    for (found, z) in numbers(&found).iter().zip(wide(&z).chunks_exact(3)) {
        let expected = mixture.log_density(z) - math::gaussian::log_prior(z);
        assert!((found - expected).abs() < 1e-4, "{found} {expected}");
    }
    // Far from every component the result is still finite.
    let far = marginal_kl(
        tensor(vec![60.0; 3], [1, 3], &device),
        tensor(mu, [12, 3], &device),
        tensor(log_var, [12, 3], &device),
    );
    assert!(scalar(far).is_finite());
}

/// Autodiff against central differences, for every divergence and each of its arguments.
#[test]
fn gradients_agree_with_finite_differences() {
    type Divergence = Box<dyn Fn([Tensor<2>; 3]) -> Tensor<1>>;
    let device = Device::flex().autodiff();
    let mut rng = Rng::new(4);
    let arguments = [rng.normals(18), rng.normals(18), rng.normals(18)];
    let mut divergences: Vec<(&str, usize, Divergence)> =
        vec![("marginal KL", 3, Box::new(|[z, mu, log_var]| marginal_kl(z, mu, log_var).mean()))];
    for estimator in ESTIMATORS {
        for (name, kernel) in [("rbf", Kernel::rbf(3)), ("imq", Kernel::inverse_multiquadratic(3))] {
            divergences.push((name, 2, Box::new(move |[z, y, _]| mmd2(z, y, kernel, estimator))));
        }
    }
    for (name, count, divergence) in divergences {
        let given = |arguments: &[Vec<f32>; 3]| {
            arguments.each_ref().map(|values| tensor::<2>(values.clone(), [6, 3], &device).require_grad())
        };
        let tensors = given(&arguments);
        let gradients = divergence(tensors.clone()).backward();
        for argument in 0..count {
            let gradient = numbers(&tensors[argument].grad(&gradients).unwrap());
            for index in [0, 7, 17] {
                let at = |shift: f32| {
                    let mut moved = arguments.clone();
                    moved[argument][index] += shift;
                    scalar(divergence(given(&moved)))
                };
                let difference = (at(5e-3) - at(-5e-3)) / 1e-2;
                let error = (difference - gradient[index]).abs();
                assert!(error < 2e-3, "{name}, argument {argument}: {} against {difference}", gradient[index]);
            }
        }
    }
}

#[test]
fn a_weight_of_zero_leaves_its_term_out() {
    let device = Device::flex();
    let of = |value: f32| Tensor::<1>::from_floats([value, value], &device);
    let elbo = mi_augmented(of(-3.0), of(2.0), || panic!("at omega = 1 no divergence is needed"), 1.0, 100.0);
    assert_eq!(numbers(&elbo), [-5.0, -5.0]);
    let no_kl = mi_augmented(of(-3.0), of(f32::NAN), || of(0.5), 0.0, 4.0);
    assert_eq!(numbers(&no_kl), [-5.0, -5.0]);
    let both = mi_augmented(of(-3.0), of(2.0), || Tensor::from_floats([0.5], &device), 0.25, 4.0);
    assert_eq!(numbers(&both), [-5.0, -5.0]);
}

#[test]
fn a_step_of_every_objective_is_jaxs_step() {
    a_step_of_every_objective_is(&parse(include_str!("../reference_jax.json")));
}

#[test]
fn a_step_of_every_objective_is_tensorflows_step() {
    a_step_of_every_objective_is(&parse(include_str!("../reference.json")));
}

fn a_step_of_every_objective_is(reference: &Value) {
    const OMEGA: f64 = 0.3;
    const LAMBDA: f64 = 5.0;
    let (rbf, imq) = (Kernel::Rbf { two_s2: 1.5 }, Kernel::InverseMultiquadratic { c: 2.5 });
    let device = Device::flex().autodiff();
    let config = VaeConfig::new(6, 5, 2, Likelihood::Bernoulli);
    let x = tensor(pixels(24, 0.37), [4, 6], &device);
    let eps = tensor(wave_f32(8, 2.9, 1.2), [4, 2], &device);
    let prior: Tensor<2> = tensor(wave_f32(8, 3.7, 1.3), [4, 2], &device);
    for (name, kernel) in [
        ("rbf_unbiased", Some((rbf, Estimator::Unbiased))),
        ("rbf_biased", Some((rbf, Estimator::Biased))),
        ("imq_unbiased", Some((imq, Estimator::Unbiased))),
        ("imq_biased", Some((imq, Estimator::Biased))),
        ("marginal_kl", None),
    ] {
        let reference = &reference[name];
        let divergence = |pass: &Pass| match kernel {
            Some((kernel, estimator)) => mmd2(pass.z.clone(), prior.clone(), kernel, estimator),
            None => marginal_kl(pass.z.clone(), pass.mu.clone(), pass.log_var.clone()),
        };
        let loss = |vae: &Vae| {
            let pass = Pass::new(vae, &config, x.clone(), eps.clone());
            let of = mi_augmented(pass.reconstruction.clone(), pass.kl(), || divergence(&pass), OMEGA, LAMBDA);
            (-of.mean(), divergence(&pass).mean())
        };
        let mut vae = given_vae(config.init(&mut Rng::new(1), &device), config.log_scale);
        let (value, divergence) = loss(&vae);
        close(&divergence, &reference["divergence"], &format!("{name} divergence"));
        close(&value, &reference["loss"], &format!("{name} loss"));
        let gradients = value.backward();
        let mu = vae.encoder.mu.weight.val().grad(&gradients).unwrap();
        close(&mu, &reference["gradient"]["encoder.mu.weight"], &format!("{name} mu gradient"));
        let bias = vae.encoder.log_var.bias.as_ref().unwrap().val();
        close(
            &bias.grad(&gradients).unwrap(),
            &reference["gradient"]["encoder.log_var.bias"],
            &format!("{name} log_var gradient"),
        );

        let mut optimizer = adam();
        for step in 0..2 {
            let gradients = GradientsParams::from_grads(loss(&vae).0.backward(), &vae);
            vae = optimizer.step(1e-2, vae, gradients);
            if step == 0 {
                let after = &reference["after_one_step"];
                close(&vae.valid().encoder.mu.weight.val(), &after["encoder.mu.weight"], name);
                close(&vae.valid().decoder.hidden[0].weight.val(), &after["decoder.hidden.0.weight"], name);
            }
        }
        close(&loss(&vae).0, &reference["loss_after_two_steps"], &format!("{name} after two steps"));
    }
}
