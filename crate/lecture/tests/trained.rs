//! The built-in model, and the slides that start from a trained model.
#![cfg(feature = "training")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use burn::tensor::Device;
use figure::Assets;
use figure::{Picture, Snapshot, Values};
use learn::StartError;
use learn::models::{from_bytes, host, restore};
use learn::vae_trainer::Pass;
use lecture::demo;
use lecture::shared::trained;
use support::{advance, start};

fn images(snapshot: &Snapshot, name: &str) -> figure::Images {
    match &snapshot.figure(name).unwrap().picture {
        Picture::Images(images) => images.clone(),
        Picture::Chart(_) => panic!("{name} is a chart"),
    }
}

/// Bytes may differ between processors (their vector widths sum in other orders), the model may not: the same held-out
/// ELBO, well trained.
#[test]
fn the_file_is_what_its_command_makes() {
    let device = Device::flex();
    let trained = trained::train_default(&device);
    let stored = from_bytes(trained::DEFAULT).unwrap();
    let from_file = restore(trained.valid(), &stored).unwrap();
    let x = trained.images.select(&trained.images.heldout);
    let eps = math::rng::Rng::new(5).normals(x.dims()[0] * 2);
    let elbo = |vae: &learn::models::Vae| {
        let eps = learn::models::tensor(eps.clone(), [x.dims()[0], 2], &device);
        let pass = Pass::new(vae, &trained.config, x.clone(), eps);
        f64::from((pass.reconstruction.clone() - pass.kl()).mean().into_scalar::<f32>())
    };
    let (ours, files) = (elbo(&trained.valid()), elbo(&from_file));
    assert!((ours - files).abs() < 0.15, "trained now {ours}, in the file {files}");
    assert!(files > -25.0, "{files}");
}

#[test]
fn the_host_encoder_is_the_models_encoder() {
    let device = Device::flex();
    let model = trained::trained(&Assets::default(), 64, &device).unwrap();
    let x = data::Digits::load().images[..64 * 20].to_vec();
    let (mu, log_var) = host::encode(&from_bytes(trained::DEFAULT).unwrap(), &x, 64).unwrap();
    let (burn_mu, burn_log_var) = model.vae.encoder.forward(learn::models::tensor(x, [20, 64], &device));
    for (host, device) in [(mu, burn_mu), (log_var, burn_log_var)] {
        let device = device.to_data();
        for (a, b) in host.iter().zip(device.as_slice::<f32>().unwrap()) {
            assert!((a - b).abs() < 1e-4, "{a} against {b}");
        }
    }
}

#[test]
fn both_algorithms_draw_as_many_as_asked_and_again_differently() {
    for (algorithm, per_draw) in [("prior", 1), ("posterior", 2)] {
        let mut run = start("generation", |v| v.with("algorithm", algorithm).with("count", 9.0).with("draw", "sample"));
        let first = images(&advance(run.as_mut(), 0), "pictures");
        assert_eq!(first.count(), 9 * per_draw, "{algorithm}");
        let defaults = Values::defaults(&(demo("generation").unwrap().controls)());
        let values = defaults.with("algorithm", algorithm).with("count", 9.0).with("draw", "sample");
        run.set(&values.clone().with("again", 2.0));
        assert!(images(&advance(run.as_mut(), 0), "pictures") != first, "{algorithm}");
        run.set(&values);
        assert!(images(&advance(run.as_mut(), 0), "pictures") == first, "{algorithm}: the same number, the same draw");
    }
}

#[test]
fn a_bernoulli_sample_and_its_mode_are_black_and_white() {
    for draw in ["sample", "mode"] {
        let mut run = start("generation", |v| v.with("draw", draw));
        let pixels = images(&advance(run.as_mut(), 0), "pictures").pixels;
        assert!(pixels.iter().all(|&pixel| pixel == 0 || pixel == 255), "{draw}");
    }
}

#[test]
fn the_prior_reaches_where_no_posterior_lives() {
    let mut run = start("generation", |v| v);
    let snapshot = advance(run.as_mut(), 0);
    assert!(snapshot.readout("prior_gap").unwrap() > 0.0, "a divergence is not negative");
    let share = snapshot.readout("far_share").unwrap();
    assert!((0.0..=100.0).contains(&share));
}

#[test]
fn a_way_has_the_slides_rows_and_ends_at_its_codes() {
    for path in ["linear", "spherical"] {
        let mut run = start("latent-arithmetic", |v| v.with("steps", 4.0).with("path", path));
        let snapshot = advance(run.as_mut(), 0);
        assert_eq!(images(&snapshot, "strip").count(), 6, "interpolate(start, end, steps) gives steps + 2 rows");
    }
    // The same image twice: a path of length 0, and z₁ − z₁ + z₁ = z₁.
    for operation in ["interpolate", "analogy"] {
        let same = |v: Values| v.with("first", vec![3.0]).with("second", vec![3.0]).with("third", vec![3.0]);
        let mut run = start("latent-arithmetic", |v| same(v).with("operation", operation));
        let length = advance(run.as_mut(), 0).readout("path_length").unwrap();
        assert!(length < 1e-9, "{operation}: {length}");
    }
}

#[test]
fn a_drawing_is_encoded_and_the_blank_pad_is_not() {
    let mut run = start("latent-arithmetic", |v| v);
    let blank = advance(run.as_mut(), 0);
    assert!(blank.readout("drawing_reconstruction").unwrap().is_nan());
    let one: Vec<f64> = (0..64).map(|pixel| if pixel % 8 == 3 || pixel % 8 == 4 { 1.0 } else { 0.0 }).collect();
    let mut run = start("latent-arithmetic", |v| v.with("drawing", one));
    let drawn = advance(run.as_mut(), 0);
    assert!(drawn.readout("drawing_kl").unwrap() > 0.0);
    assert!(images(&drawn, "encoded").pixels.iter().any(|&pixel| pixel > 100));
}

#[test]
fn a_file_that_is_no_model_is_told_in_a_sentence() {
    let begin = demo("generation").unwrap().run.start().expect("it runs in the worker");
    let values = Values::defaults(&(demo("generation").unwrap().controls)());
    let mut assets = Assets::default();
    assets.0.insert("model".into(), b"not a model".to_vec());
    let Err(StartError::Unusable(sentence)) = begin(&values, &assets, &Device::flex()) else { panic!("it started") };
    assert!(sentence.contains("safetensors"), "{sentence}");
}
