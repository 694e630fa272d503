//! Laws of slide 3.3: the three terms of (21) on a VAE in training.
#![cfg(feature = "training")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use burn::tensor::Device;
use figure::{Snapshot, Values};
use learn::Experiment;
use learn::images::ImageSet;
use learn::models::{Architecture, VaeConfig, tensor};
use learn::objectives::{Likelihood, log_batch_mixture, log_posterior};
use learn::vae_trainer::VaeTrainer;
use lecture::demo;
use math::mixture::Mixture;
use math::rng::Rng;
use support::{advance, start};

fn value(snapshot: &Snapshot, name: &str) -> f64 {
    snapshot.readout(name).unwrap()
}

fn error(snapshot: &Snapshot, name: &str) -> f64 {
    snapshot.readouts.iter().find(|readout| readout.name == name).unwrap().error.unwrap_or(0.0)
}

/// What holds at every step, for every N and either prior.
fn check(snapshot: &Snapshot) {
    let [reconstruction, mi, marginal_kl, kl, elbo, residual, log_n] =
        ["reconstruction", "mi", "marginal_kl", "kl", "elbo", "residual", "log_n"].map(|name| value(snapshot, name));
    let sum = reconstruction - mi - marginal_kl;
    assert!((elbo - sum - residual).abs() < 1e-8 && (sum - value(snapshot, "sum")).abs() < 1e-8);
    assert!(residual.abs() < 5.0 * error(snapshot, "residual") + 1e-9, "{:?}", snapshot.readouts);
    assert!(mi > 0.0 && mi < log_n && mi < kl + 5.0 * error(snapshot, "residual"));
    assert!((reconstruction - kl - elbo).abs() < 1e-6);
}

fn set(run: &mut dyn Experiment, changes: &[(&str, figure::Value)]) {
    let controls = (demo("elbo-surgery").unwrap().controls)();
    let values = Values::defaults(&controls);
    run.set(&changes.iter().fold(values, |values, (name, value)| values.with(name, value.clone())));
}

#[test]
fn three_terms_make_the_elbo_all_along() {
    let mut run = start("elbo-surgery", |values| values.with("points", 64.0));
    let first = advance(run.as_mut(), 0);
    check(&first);
    assert!(first.figures.len() == 6 && first.figures.iter().all(|figure| !figure.alt.is_empty()));
    let middle = advance(run.as_mut(), 60);
    check(&middle);
    let late = advance(run.as_mut(), 240);
    check(&late);
    // (1) and (2) rise together: the tension.
    assert!(value(&late, "reconstruction") > value(&first, "reconstruction") + 10.0);
    assert!(value(&late, "mi") > value(&middle, "mi") && value(&middle, "mi") > value(&first, "mi"));
    assert_eq!(late.table.len(), 1 + 300 / 25 + 1);
}

#[test]
fn points_and_prior_are_turned_while_it_runs() {
    let mut run = start("elbo-surgery", |values| values);
    let before = advance(run.as_mut(), 100);
    set(run.as_mut(), &[("points", 4.0.into())]);
    let few = advance(run.as_mut(), 0);
    check(&few);
    assert!((value(&few, "log_n") - 4.0_f64.ln()).abs() < 1e-12 && value(&few, "step") == 100.0);
    assert!(value(&few, "mi") < value(&before, "mi"));
    set(run.as_mut(), &[("prior", "aggregate".into())]);
    let vanished = advance(run.as_mut(), 0);
    check(&vanished);
    assert_eq!((value(&vanished, "marginal_kl"), error(&vanished, "marginal_kl")), (0.0, 0.0));
    assert!(value(&vanished, "elbo") > value(&before, "elbo"), "no other prior makes the ELBO larger");
    check(&advance(run.as_mut(), 30));
}

#[test]
fn a_diverged_run_says_so_and_goes_back() {
    let mut run = start("elbo-surgery", |values| values.with("learning_rate", 1.0));
    advance(run.as_mut(), 0);
    let controls = (demo("elbo-surgery").unwrap().controls)();
    let mut seen = false;
    for _ in 0..40 {
        let snapshot = advance(run.as_mut(), 10);
        assert!(snapshot.readouts.iter().all(|readout| readout.value.is_finite()));
        if let figure::Status::Failed(sentence) = &snapshot.status {
            assert!(sentence.contains("learning rate"));
            seen = true;
            break;
        }
    }
    assert!(seen, "a learning rate of 1 is too large");
    run.set(&Values::defaults(&controls));
    check(&advance(run.as_mut(), 5));
}

#[test]
fn the_batch_aggregate_is_the_mixture_of_the_batch() {
    let (batch, latent) = (6, 3);
    let mut rng = Rng::new(5);
    let mut draw = |scale: f64| (0..batch * latent).map(|_| (scale * rng.normal()) as f32).collect::<Vec<f32>>();
    let (z, mu, log_var) = (draw(2.0), draw(1.0), draw(1.5));
    let device = Device::flex();
    let on = |values: &[f32]| tensor(values.to_vec(), [batch, latent], &device);
    let aggregate = log_batch_mixture(on(&z), on(&mu), on(&log_var)).into_data().try_to_vec::<f32>().unwrap();
    let own = log_posterior(on(&z), on(&mu), on(&log_var)).into_data().try_to_vec::<f32>().unwrap();
    let wide = |values: &[f32]| values.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
    let mixture = Mixture::new(&wide(&mu), &wide(&log_var), latent);
    for (n, z) in wide(&z).chunks_exact(latent).enumerate() {
        assert!((f64::from(aggregate[n]) - mixture.log_density(z)).abs() < 1e-4 * mixture.log_density(z).abs());
        let mut components = vec![0.0; batch];
        mixture.log_components(z, &mut components);
        assert!((f64::from(own[n]) - components[n]).abs() < 1e-4 * components[n].abs());
        assert!(own[n] - aggregate[n] <= (batch as f32).ln() + 1e-4, "never more than log B");
    }
}

/// Trains the VAEs whose posteriors slide 3.1 shows, and writes the table.
/// `cargo test -p lecture --features training --test elbo_surgery -- --ignored`
#[test]
#[ignore = "writes a file of the repository"]
fn write_the_posteriors_of_slide_3_1() {
    const COUNT: usize = 32;
    let device = Device::flex();
    let posteriors = |latent: usize| {
        let images = ImageSet::digits(1, &device);
        let config = VaeConfig {
            architecture: Architecture::Mlp,
            pixels: images.pixels(),
            hidden: 128,
            layers: 1,
            latent,
            likelihood: Likelihood::Bernoulli,
            log_scale: 0.0,
            learn_scale: false,
        };
        let mut trainer = VaeTrainer::new(config, images, 1, &device);
        for _ in 0..4000 {
            trainer.step(128, 2e-3, |pass| pass.reconstruction.clone() - pass.kl());
        }
        let shown = trainer.images.select(&trainer.images.heldout[..COUNT]);
        let (mu, log_var) = trainer.valid().encoder.forward(shown);
        [mu, log_var].map(|tensor| tensor.into_data().try_to_vec::<f32>().unwrap())
    };
    let ([mu_line, log_var_line], [mu_plane, log_var_plane]) = (posteriors(1), posteriors(2));
    let images = ImageSet::digits(1, &device);
    let mut table = "label,mu_line,log_var_line,mu_plane_1,mu_plane_2,log_var_plane_1,log_var_plane_2\n".to_owned();
    for n in 0..COUNT {
        let (a, b) = (2 * n, 2 * n + 1);
        let row = [mu_line[n], log_var_line[n], mu_plane[a], mu_plane[b], log_var_plane[a], log_var_plane[b]];
        let row: Vec<String> = row.iter().map(|x| format!("{x:.4}")).collect();
        table += &format!("{},{}\n", images.digits.labels[images.heldout[n]], row.join(","));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/shared/posteriors.csv");
    std::fs::write(path, table).unwrap();
}
