//! Laws of the learned priors of slide 3.3.

use burn::tensor::{Device, Tensor};
use figure::{Images, Layer, Snapshot, Status};
use learn::Experiment;
use learn::images::ImageSet;
use learn::models::{MixturePrior, VaeConfig, VampPrior, tensor};
use learn::objectives::{Likelihood, log_batch_mixture};
use math::mixture::Mixture;
use math::rng::Rng;

use super::super::DEMO;
use super::{check, set};
use crate::testing::given::{close, given_vae, numbers, pixels, wave_f32};
use crate::testing::golden::parse;
use crate::testing::{advance, error, images, layers, start, value};

/// A run with both learned priors beside it.
fn beside(prior: &str) -> Box<dyn Experiment> {
    start(DEMO, |values| values.with("learned_priors", true).with("prior", prior))
}

/// The last row's number in a column of the export.
fn last(snapshot: &Snapshot, column: &str) -> f64 {
    let place = snapshot.table[0].iter().position(|name| name == column).unwrap();
    snapshot.table.last().unwrap()[place].parse().unwrap()
}

/// The last row's gain over the prior in force, with its error.
fn gain(snapshot: &Snapshot, prior: &str) -> (f64, f64) {
    (last(snapshot, &format!("heldout_gain_{prior}")), last(snapshot, &format!("heldout_gain_{prior}_error")))
}

/// The rows of the figure of pseudo-inputs: what they began as, and now.
fn pseudo_inputs(snapshot: &Snapshot) -> [Vec<u8>; 2] {
    let Images { columns, width, height, pixels, .. } = images(snapshot, "pseudo_inputs");
    assert_eq!(pixels.len(), 2 * columns * width * height);
    let (began, now) = pixels.split_at(columns * width * height);
    [began.to_vec(), now.to_vec()]
}

/// "By less than a tenth of a nat above N(0, I), and above q(z) of 256 images; that of a thousand comes level." So it is for seeds 1 to 5.
#[test]
fn held_out_both_learned_priors_are_better_than_both_others() {
    let mut run = beside("normal");
    let early = advance(run.as_mut(), 100);
    // The encoder carries the pseudo-inputs along while q(z) still moves; the Gaussians lag behind.
    let [aggregate, mixture, vamp] = ["aggregate", "mixture", "vamp"].map(|prior| gain(&early, prior).0);
    assert!((vamp - aggregate).abs() < 0.1 && vamp - mixture > 0.1, "{aggregate} {mixture} {vamp}");
    let late = advance(run.as_mut(), 700);
    let [aggregate, mixture, vamp] = ["aggregate", "mixture", "vamp"].map(|prior| gain(&late, prior));
    for (learned, noise) in [mixture, vamp] {
        assert!((3.0 * noise..0.1).contains(&learned), "{learned} ± {noise}");
        assert!(learned > aggregate.0 + aggregate.1, "{learned} {aggregate:?}");
    }
    assert!((mixture.0 - vamp.0).abs() < 0.03);
    assert_eq!(gain(&late, "normal"), (0.0, 0.0), "the prior in force");
    // The figure's numbers are differences of the read-outs, with less error.
    for (name, (gain, noise)) in [("aggregate", aggregate), ("mixture", mixture), ("vamp", vamp)] {
        let name = format!("heldout_elbo_{name}");
        assert!((value(&late, &name) - value(&late, "heldout_elbo") - gain).abs() < 1e-9);
        assert!(noise < 0.5 * error(&late, &name));
    }
    set(run.as_mut(), &[("learned_priors", true.into()), ("points", 1024.0.into())]);
    let many = advance(run.as_mut(), 0);
    let aggregate = value(&many, "heldout_elbo_aggregate") - value(&many, "heldout_elbo_mixture");
    assert!(aggregate.abs() < 0.03, "{aggregate}");
}

#[test]
fn fitted_beside_it_they_leave_the_vae_alone() {
    let (mut alone, mut accompanied) = (start(DEMO, |values| values), beside("normal"));
    let (alone, accompanied) = (advance(alone.as_mut(), 50), advance(accompanied.as_mut(), 50));
    for readout in &alone.readouts {
        assert_eq!(value(&accompanied, &readout.name), readout.value, "{}", readout.name);
    }
    assert!(alone.figure("priors").is_none() && alone.readout("heldout_elbo_vamp").is_none());
    let [began, now] = pseudo_inputs(&accompanied);
    assert_ne!(began, now, "the pseudo-inputs are learned");
    let lines = layers(&accompanied, "priors").iter().filter(|layer| matches!(layer, Layer::Line { .. })).count();
    assert_eq!(lines, 4);
    assert!(accompanied.figures.iter().all(|figure| !figure.alt.is_empty()));
}

/// (21) with every prior; and on the N images that q(z) is made of, no prior is better than q(z): the ELBO is less by ③.
#[test]
fn on_its_own_images_no_prior_beats_the_aggregate() {
    let mut run = beside("normal");
    advance(run.as_mut(), 100);
    let mut under = |prior: &str| {
        set(run.as_mut(), &[("learned_priors", true.into()), ("prior", prior.into())]);
        let shown = advance(run.as_mut(), 0);
        check(&shown);
        shown
    };
    let best = under("aggregate");
    for prior in ["normal", "mixture", "vamp"] {
        let other = under(prior);
        let (third, noise) = (value(&other, "marginal_kl"), error(&other, "marginal_kl"));
        // Pseudo-inputs come close.
        let least = if prior == "vamp" { -4.0 } else { 4.0 };
        assert!(third > least * noise, "{prior}: {third} ± {noise}");
        let less = value(&best, "elbo") - value(&other, "elbo");
        let noise = error(&best, "elbo").hypot(error(&other, "elbo"));
        assert!((less - third).abs() < 5.0 * noise, "{prior}: {less} {third} ± {noise}");
    }
}

#[test]
fn a_learned_prior_in_force_is_trained_with_the_vae() {
    for (prior, other) in [("mixture", "vamp"), ("vamp", "mixture")] {
        let mut run = start(DEMO, |values| values.with("prior", prior));
        let first = advance(run.as_mut(), 0);
        check(&first);
        let late = advance(run.as_mut(), 100);
        check(&late);
        let name = format!("heldout_elbo_{prior}");
        assert!(value(&late, &name) > value(&first, &name) + 10.0);
        assert!(value(&late, &name) > value(&late, "heldout_elbo") + 0.5, "codes are not pulled to the origin");
        assert_eq!(gain(&late, prior), (0.0, 0.0), "it is the prior in force");
        assert!(late.readout(&format!("heldout_elbo_{other}")).is_none(), "the other one costs nothing");
        assert_eq!(images(&late, "samples").captions.len(), 3);
    }
}

#[test]
fn another_k_begins_the_learned_priors_anew_and_the_run_goes_on() {
    let mut run = beside("normal");
    advance(run.as_mut(), 50);
    let four = [("learned_priors", true.into()), ("components", 4.0.into())];
    set(run.as_mut(), &four);
    let few = advance(run.as_mut(), 0);
    assert_eq!(value(&few, "step"), 50.0);
    let [began, now] = pseudo_inputs(&few);
    assert_eq!((began.len(), &began), (4 * 64, &now));
    // Turned off and on, they begin anew as well.
    advance(run.as_mut(), 10);
    set(run.as_mut(), &[four[1].clone()]);
    assert!(advance(run.as_mut(), 0).readout("heldout_elbo_mixture").is_none());
    set(run.as_mut(), &four);
    let again = advance(run.as_mut(), 0);
    assert_eq!(pseudo_inputs(&again), pseudo_inputs(&few));
    check(&advance(run.as_mut(), 5));
}

#[test]
fn a_diverged_run_takes_the_learned_priors_back() {
    let mut run = beside("vamp");
    let good = advance(run.as_mut(), 25);
    let on = |rate: f64| [("learned_priors", true.into()), ("prior", "vamp".into()), ("learning_rate", rate.into())];
    set(run.as_mut(), &on(1.0));
    let failed = advance(run.as_mut(), 150);
    assert!(matches!(failed.status, Status::Failed(_)), "a learning rate of 1 is too large");
    assert!(failed.readouts.iter().all(|readout| readout.value.is_finite()));
    set(run.as_mut(), &on(2e-3));
    let back = advance(run.as_mut(), 0);
    for name in ["step", "elbo", "heldout_elbo_aggregate", "heldout_elbo_mixture", "heldout_elbo_vamp"] {
        assert!((value(&back, name) - value(&good, name)).abs() < 1e-9, "{name}");
    }
    assert_eq!(pseudo_inputs(&back), pseudo_inputs(&good));
    check(&advance(run.as_mut(), 5));
}

/// With the N data points as pseudo-inputs the VampPrior is q(z).
#[test]
fn the_vampprior_of_the_data_is_the_aggregate_posterior() {
    let device = Device::flex();
    let images = ImageSet::digits(1, &device);
    let vae = VaeConfig::new(images.pixels(), 32, 3, Likelihood::Bernoulli).init(&mut Rng::new(2), &device);
    let x = images.select(&images.train[..40]);
    let posteriors = vae.encoder.forward(x.clone());
    let (mu, log_var) = VampPrior::new(x).components(&vae.encoder);
    let [q, vamp] = [posteriors, (mu.clone(), log_var.clone())]
        .map(|(mu, log_var)| Mixture::new(&numbers(&mu), &numbers(&log_var), 3));
    let z = wave_f32(30, 1.7, 2.0);
    let on_device: Tensor<2> = tensor(z.clone(), [10, 3], &device);
    let densities = numbers(&log_batch_mixture(on_device, mu, log_var));
    for (z, density) in z.chunks_exact(3).zip(densities) {
        let z: Vec<f64> = z.iter().map(|&z| f64::from(z)).collect();
        assert!((vamp.log_density(&z) - q.log_density(&z)).abs() < 1e-6);
        assert!((density - q.log_density(&z)).abs() < 1e-5 * (1.0 + density.abs()));
    }
}

#[test]
fn their_fits_and_gradients_are_tensorflows() {
    let reference = parse(include_str!("../reference.json"));
    let device = Device::flex().autodiff();
    let z: Tensor<2> = tensor(wave_f32(10, 1.9, 1.4), [5, 2], &device);
    let prior = MixturePrior::new(
        tensor(wave_f32(6, 1.1, 1.2), [3, 2], &device),
        tensor(wave_f32(6, 2.1, 0.6), [3, 2], &device),
    );
    let (mu, log_var) = prior.components();
    let fit = log_batch_mixture(z.clone(), mu.clone(), log_var.clone()).mean();
    close(&fit, &serde_json::json!([reference["mixture"][0]]), "E log p(z), K Gaussians");
    let gradients = fit.backward();
    close(&mu.grad(&gradients).unwrap(), &reference["mixture"][1][0], "its gradient in the means");
    close(&log_var.grad(&gradients).unwrap(), &reference["mixture"][1][1], "its gradient in the log variances");

    let config = VaeConfig::new(6, 5, 2, Likelihood::Bernoulli);
    let vae = given_vae(config.init(&mut Rng::new(1), &device), -0.4);
    let prior = VampPrior::new(tensor(pixels(18, 0.43), [3, 6], &device));
    let (mu, log_var) = prior.components(&vae.encoder);
    let fit = log_batch_mixture(z, mu, log_var).mean();
    close(&fit, &serde_json::json!([reference["pseudo_inputs"][0]]), "E log p(z), pseudo-inputs");
    let gradients = fit.backward();
    close(&prior.inputs.val().grad(&gradients).unwrap(), &reference["pseudo_inputs"][1], "its gradient in the pixels");
}
