//! The VAE of slide 1.4, natively on the CPU device.
#![allow(clippy::unwrap_used, reason = "tests")]

mod convolutional;
mod formulas;
mod own_images;
mod posteriors;
mod signal;
mod split;

use burn::module::Param;
use burn::tensor::Device;
use figure::{Assets, Layer, Snapshot, Status};
use learn::images::ImageSet;
use learn::models::{Vae, VaeConfig, tensor, to_bytes};
use learn::objectives::{Likelihood, kl_to_standard_normal};
use learn::vae_trainer::{Pass, VaeTrainer};
use math::rng::Rng;

use super::DEMO;
use crate::demos::mi_bound;
use crate::testing::given::numbers;
use crate::testing::{advance, defaults, error, images, layers, named, saved, sketch, start, text, value};
use math::rate_distortion::elbo;

#[test]
fn the_elbo_rises_and_stays_below_log_px() {
    let mut run = start(DEMO, |values| values);
    let before = advance(run.as_mut(), 0);
    let after = advance(run.as_mut(), 500);
    let rise = value(&after, "heldout_elbo") - value(&before, "heldout_elbo");
    assert!(rise > 15.0, "{rise}");
    assert!(rise < 40.0, "{rise}");
    let sum = value(&after, "reconstruction") - value(&after, "kl");
    assert!((sum - value(&after, "elbo")).abs() < 1e-9);
}

/// ELBO <= bound by K samples <= log p(x) by quadrature, within four errors, and the bound rises in K.
#[test]
fn the_bounds_rise_from_the_elbo_to_log_px() {
    let mut run = start(DEMO, |values| values);
    let snapshot = advance(run.as_mut(), 500);
    let [elbo, bound, exact] = ["heldout_elbo", "heldout_log_px", "exact_log_px"].map(|name| value(&snapshot, name));
    let [elbo_error, bound_error] = ["heldout_elbo", "heldout_log_px"].map(|name| error(&snapshot, name));
    assert!(elbo < bound + 4.0 * elbo_error.hypot(bound_error), "ELBO {elbo} ± {elbo_error}, bound {bound}");
    assert!(bound < exact + 4.0 * bound_error, "bound {bound} ± {bound_error}, log p(x) {exact}");
    assert!(exact - elbo < 1.5 && exact - bound < 0.2, "{elbo} {bound} {exact}");
    assert!(elbo_error > 1e-3 && elbo_error < 0.2 && bound_error < elbo_error, "{elbo_error} {bound_error}");
    let by_samples: Vec<[f64; 2]> = line(&snapshot, "bound", "bound");
    assert_eq!(by_samples.iter().map(|point| point[0] as usize).collect::<Vec<_>>(), [1, 2, 5, 10, 20, 50]);
    assert!(by_samples.windows(2).all(|pair| pair[0][1] < pair[1][1]), "{by_samples:?}");
    assert_eq!(by_samples[5][1], bound);
    let rule = layers(&snapshot, "bound").iter().find_map(|layer| match layer {
        Layer::Rule { at, .. } => Some(*at),
        _ => None,
    });
    assert_eq!(rule, Some(exact));
}

/// Reconstruction and KL rise together at first: the code is bought. And the held-out ELBO stays within a nat of that of the training
/// images.
#[test]
fn the_code_is_bought_and_the_held_out_elbo_keeps_up() {
    let mut run = start(DEMO, |values| values);
    let [before, soon] = [0, 200].map(|steps| advance(run.as_mut(), steps));
    for term in ["reconstruction", "kl"] {
        let [from, to] = [&before, &soon].map(|snapshot| value(snapshot, term));
        assert!(to > from + 1.0, "{term} from {from} to {to}");
    }
    let late = advance(run.as_mut(), 1300);
    let apart = value(&late, "elbo") - value(&late, "heldout_elbo");
    assert!(apart.abs() < 1.0, "{apart}");
}

/// The live run in the rate–distortion plane is where its read-outs say, and the thick line has the held-out ELBO. The code is bought:
/// after the first steps the rate rises and the distortion falls by more.
#[test]
fn the_run_moves_in_the_plane_of_rate_and_distortion() {
    let mut run = start(DEMO, |values| values);
    let [begun, later] = [50, 950].map(|steps| advance(run.as_mut(), steps));
    for snapshot in [&begun, &later] {
        let training = named(snapshot, "rate_distortion", "training");
        assert_eq!(training, [value(snapshot, "kl"), -value(snapshot, "reconstruction")]);
        let heldout = elbo(named(snapshot, "rate_distortion", "held out"));
        assert!((heldout - value(snapshot, "heldout_elbo")).abs() < 1e-5, "{heldout}");
        let label = format!("ELBO {:.2}", value(snapshot, "heldout_elbo")).replace('-', "−");
        assert_eq!(line(snapshot, "rate_distortion", &label).len(), 2);
    }
    let [from, to] = [&begun, &later].map(|snapshot| named(snapshot, "rate_distortion", "held out"));
    assert!(to[0] > from[0] + 0.3 && from[1] - to[1] > to[0] - from[0], "{from:?} {to:?}");
    // A large KL weight takes it back up to the left, a weight of 0 far to the right; the ELBO is worse for both.
    let mut after = |beta: f64| {
        run.set(&defaults(DEMO).with("beta", beta));
        named(&advance(run.as_mut(), 500), "rate_distortion", "held out")
    };
    let [five, zero] = [5.0, 0.0].map(&mut after);
    println!("{to:?} {five:?} {zero:?}");
    assert!(five[0] < to[0] - 0.3 && five[1] > to[1] + 0.5 && elbo(five) < elbo(to) - 0.3, "{to:?} {five:?}");
    assert!(zero[0] > to[0] + 2.0 && elbo(zero) < elbo(to) - 1.0, "{to:?} {zero:?}");
}

/// What a Bernoulli can reach: −H(x) on grey pixels, 0 on black and white ones; and other likelihoods have no such ceiling.
#[test]
fn the_reconstruction_stays_under_its_ceiling() {
    for (pixels, low, high) in [("no", -14.5, -12.5), ("once", 0.0, 0.0), ("afresh", 0.0, 0.0)] {
        let mut run = start(DEMO, |values| values.with("binarise", pixels).with("hidden", 32.0));
        let snapshot = advance(run.as_mut(), 200);
        let ceiling = value(&snapshot, "ceiling");
        assert!((low..=high).contains(&ceiling), "{pixels}: {ceiling}");
        assert!(value(&snapshot, "reconstruction") < ceiling, "{pixels}");
        let grid = images(&snapshot, "reconstructions");
        let originals = &grid.pixels[..10 * 64];
        let grey = originals.iter().any(|&pixel| pixel != 0 && pixel != 255);
        assert_eq!(grey, pixels == "no", "{pixels}");
    }
    let snapshot = advance(start(DEMO, |values| values.with("likelihood", "laplace")).as_mut(), 0);
    assert!(snapshot.readout("ceiling").is_none() && snapshot.readout("exact_log_px").is_none());
}

fn line(snapshot: &Snapshot, figure: &str, name: &str) -> Vec<[f64; 2]> {
    let found = layers(snapshot, figure).iter().find_map(|layer| match layer {
        Layer::Line { label, points, .. } if label.contains(name) => Some(points.clone()),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{figure} has a line {name}"))
}

#[test]
fn the_same_seed_gives_the_same_bytes_however_it_is_looked_at() {
    let mut once = start(DEMO, |values| values.with("seed", 7.0));
    let mut often = start(DEMO, |values| values.with("seed", 7.0));
    for _ in 0..4 {
        advance(often.as_mut(), 5);
    }
    assert!(text(&advance(once.as_mut(), 20)) == text(&advance(often.as_mut(), 0)), "two snapshots of one run differ");
    let mut other = start(DEMO, |values| values.with("seed", 8.0));
    assert_ne!(value(&advance(other.as_mut(), 20), "elbo"), value(&advance(often.as_mut(), 0), "elbo"));
}

#[test]
fn every_latent_size_and_depth_has_its_figures() {
    for (latent, layers) in [(1.0, 1.0), (3.0, 2.0), (12.0, 3.0)] {
        let mut run = start(DEMO, |values| values.with("latent", latent).with("layers", layers).with("hidden", 16.0));
        let snapshot = advance(run.as_mut(), 2);
        for name in ["curves", "latent", "grid", "reconstructions", "kl_per_dimension"] {
            assert!(snapshot.figure(name).is_some(), "{name} at {latent} dimensions");
        }
    }
}

#[test]
fn the_variances_of_the_gradients_come_with_errors() {
    let mut run = start(DEMO, |values| values.with("hidden", 32.0));
    let snapshot = advance(run.as_mut(), 250);
    for of in ["", "_log_var"] {
        let name = |kind: &str| format!("{kind}_variance{of}");
        let [score, baseline, reparam] = ["score", "baseline", "reparam"].map(|kind| value(&snapshot, &name(kind)));
        assert!(baseline < score / 10.0 && reparam < score / 10.0, "{of}: {score} {baseline} {reparam}");
        for kind in ["score", "baseline", "reparam"] {
            let share = error(&snapshot, &name(kind)) / value(&snapshot, &name(kind));
            assert!((0.01..0.3).contains(&share), "{}: {share}", name(kind));
        }
    }
}

#[test]
fn the_autoencoder_reconstructs_better_and_has_its_own_figures() {
    let mut run = start(DEMO, |values| values.with("autoencoder", true).with("hidden", 64.0));
    let snapshot = advance(run.as_mut(), 200);
    let last = |label: &str| line(&snapshot, "curves", label).last().unwrap()[1];
    assert!(last("autoencoder") > last("reconstruction"));
    assert!(snapshot.figure("autoencoder_latent").is_some() && snapshot.figure("autoencoder_grid").is_some());
}

#[test]
fn a_run_that_diverges_says_so_and_goes_back() {
    let mut run = start(DEMO, |values| values.with("learning_rate", 1.0).with("beta", 10.0));
    let mut last = advance(run.as_mut(), 1);
    for _ in 0..60 {
        last = advance(run.as_mut(), 10);
        if let Status::Failed(sentence) = &last.status {
            assert!(sentence.contains("learning rate"), "{sentence}");
            assert!(value(&last, "elbo").is_finite());
            assert!(last.figure("grid").is_some());
            return;
        }
    }
    // Adam's bounded steps may survive even this; everything shown must then still be finite.
    assert!(value(&last, "elbo").is_finite());
}

#[test]
fn weights_come_back_from_a_file_and_damage_is_told() {
    let device = Device::flex();
    let images = || ImageSet::digits(1, &device);
    let config = config(Likelihood::Bernoulli);
    let mut trained = VaeTrainer::new(config, images(), 1, &device);
    for _ in 0..3 {
        trained.step(16, 1e-2, |pass| pass.reconstruction.clone() - pass.kl());
    }
    let named: Vec<_> = trained
        .weights()
        .into_iter()
        .map(|weight| (weight.name, weight.shape, weight.values.to_data().as_slice().unwrap().to_vec()))
        .collect();
    let bytes = to_bytes(&named, &Default::default()).unwrap();
    let mut fresh = VaeTrainer::new(config, images(), 2, &device);
    fresh.load(&bytes).unwrap();
    let encode = |trainer: &VaeTrainer| trainer.valid().encoder.forward(trainer.images.select(&[0, 1])).0.to_data();
    encode(&fresh).assert_eq(&encode(&trained), true);

    assert!(fresh.load(&bytes[..bytes.len() - 5]).unwrap_err().contains("safetensors"));
    let mut other = VaeTrainer::new(VaeConfig { latent: 3, ..config }, images(), 1, &device);
    assert!(other.load(&bytes).unwrap_err().contains("other sizes"));
}

fn config(likelihood: Likelihood) -> VaeConfig {
    VaeConfig { log_scale: -1.0, learn_scale: true, ..VaeConfig::new(64, 16, 2, likelihood) }
}

/// The gradient of the mean ELBO by autodiff against central differences of the same one-sample estimate (common noise).
#[test]
fn gradients_agree_with_finite_differences() {
    let device = Device::flex().autodiff();
    for likelihood in Likelihood::ALL {
        let config = config(likelihood);
        let vae = config.init(&mut Rng::new(3), &device);
        let x = tensor(data::Digits::load().images[..64 * 8].to_vec(), [8, 64], &device);
        let eps = tensor(Rng::new(4).normals(16), [8, 2], &device);
        let elbo = |vae: &Vae| {
            let pass = Pass::new(vae, &config, x.clone(), eps.clone());
            (pass.reconstruction.clone() - pass.kl()).mean()
        };
        let gradients = elbo(&vae).backward();
        let bias = vae.encoder.mu.bias.as_ref().unwrap();
        let gradient = numbers(&bias.val().grad(&gradients).unwrap());
        for (index, exact) in gradient.into_iter().enumerate() {
            let at = |shift: f32| {
                let mut moved = vae.clone();
                let mut values: Vec<f32> = bias.val().to_data().as_slice().unwrap().to_vec();
                values[index] += shift;
                moved.encoder.mu.bias = Some(Param::from_tensor(tensor(values, [2], &device)));
                f64::from(elbo(&moved).into_scalar::<f32>())
            };
            let difference = (at(1e-2) - at(-1e-2)) / 2e-2;
            let error = (difference - exact).abs();
            assert!(error < 2e-2 * (1.0 + difference.abs()), "{likelihood:?} {index}: {exact} against {difference}");
        }
    }
}

/// A saved file holds the encoder's output for the first held-out images: slide 3.1 shows it without a model.
#[test]
fn a_saved_vae_carries_its_posteriors_to_slide_3_1() {
    let device = Device::flex();
    let mut run = start(DEMO, |values| values.with("seed", 1.0));
    advance(run.as_mut(), 60);
    let bytes = saved(run.as_ref());

    let images = ImageSet::digits(1, &device);
    let heldout = images.select(&images.heldout[..32]);
    let mut trainer = VaeTrainer::new(VaeConfig { hidden: 128, ..config(Likelihood::Bernoulli) }, images, 1, &device);
    trainer.load(&bytes).unwrap();
    let (mu, log_var) = trainer.valid().encoder.forward(heldout);
    let kl: f32 = kl_to_standard_normal(mu, log_var).mean().into_scalar();

    let assets = Assets([("model".to_owned(), bytes)].into());
    let snapshot =
        sketch(mi_bound::DEMO, &assets, |values| values.with("source", "own").with("dims", "2").with("points", 32.0));
    assert!(snapshot.notes.is_empty(), "{:?}", snapshot.notes);
    let shown = value(&snapshot, "kl");
    assert!((shown - f64::from(kl)).abs() < 1e-4, "{shown} on slide 3.1, {kl} by the encoder");
}
