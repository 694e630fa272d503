//! The built-in model: its file is what its command makes, and the same on the host.
#![allow(clippy::unwrap_used, reason = "tests")]

use burn::tensor::Device;
use figure::Assets;
use learn::models::{from_bytes, host, restore, tensor, weights};
use learn::vae_trainer::Pass;
use math::rng::Rng;

use super::{DEFAULT, default_config, train_default, trained};
use crate::testing::given::numbers;

/// Bytes may differ between processors (their vector widths sum in other orders), the model may not: the same held-out
/// ELBO, well trained.
#[test]
fn the_file_is_what_its_command_makes() {
    let device = Device::flex();
    let trained = train_default(&device);
    let stored = from_bytes(DEFAULT).unwrap();
    let from_file = restore(trained.valid(), &stored).unwrap();
    let x = trained.images.select(&trained.images.heldout);
    let eps = Rng::new(5).normals(x.dims()[0] * 2);
    let elbo = |vae: &learn::models::Vae| {
        let eps = tensor(eps.clone(), [x.dims()[0], 2], &device);
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
    let model = trained(&Assets::default(), 64, &device).unwrap();
    let x = data::Digits::load().images[..64 * 20].to_vec();
    let (mu, log_var) = host::encode(&from_bytes(DEFAULT).unwrap(), &x, 64).unwrap();
    let (burn_mu, burn_log_var) = model.vae.encoder.forward(tensor(x, [20, 64], &device));
    for (host, device) in [(mu, burn_mu), (log_var, burn_log_var)] {
        for (&a, b) in host.iter().zip(numbers(&device)) {
            assert!((f64::from(a) - b).abs() < 1e-4, "{a} against {b}");
        }
    }
}

/// The committed model file keeps its parameter names and sizes.
#[test]
fn the_default_model_is_read_as_before() {
    let model = trained(&Assets::default(), 64, &Device::flex()).unwrap();
    assert_eq!(model.config, default_config(64));
    let names: Vec<String> = weights(&model.vae).into_iter().map(|weight| weight.name).collect();
    let stored: Vec<String> = from_bytes(DEFAULT).unwrap().into_keys().collect();
    assert!(names.iter().all(|name| stored.contains(name)) && names.len() == stored.len(), "{names:?}, {stored:?}");
}
