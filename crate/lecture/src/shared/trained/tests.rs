//! The built-in model: its file is what its command makes, and the same on the host.
#![allow(clippy::unwrap_used, reason = "tests")]

use burn::tensor::Device;
use figure::Assets;
use learn::models::{VaeConfig, from_bytes, host, restore, tensor, weights};
use learn::vae_trainer::Pass;
use math::rng::Rng;

use super::{DEFAULT, SIXTEEN, default_config, sixteen, sixteen_config, train, trained};
use crate::testing::given::numbers;

/// Bytes may differ between processors (their vector widths sum in other orders), the model may not: the same held-out
/// ELBO, well trained.
fn is_what_its_command_makes(file: &[u8], sizes: fn(usize) -> VaeConfig, apart: f64, least: f64) {
    let device = Device::flex();
    let trained = train(sizes, &device);
    let stored = from_bytes(file).unwrap();
    let from_file = restore(trained.valid(), &stored).unwrap();
    let x = trained.images.select(&trained.images.heldout);
    let latent = trained.config.latent;
    let eps = Rng::new(5).normals(x.dims()[0] * latent);
    let elbo = |vae: &learn::models::Vae| {
        let eps = tensor(eps.clone(), [x.dims()[0], latent], &device);
        let pass = Pass::new(vae, &trained.config, x.clone(), eps);
        f64::from((pass.reconstruction.clone() - pass.kl()).mean().into_scalar::<f32>())
    };
    let (ours, files) = (elbo(&trained.valid()), elbo(&from_file));
    assert!((ours - files).abs() < apart, "trained now {ours}, in the file {files}");
    assert!(files > least, "{files}");
}

#[test]
fn the_file_is_what_its_command_makes() {
    is_what_its_command_makes(DEFAULT, default_config, 0.15, -25.0);
}

/// A density of 64 pixels of σ = 0.1, so that its nats are positive and move more.
#[test]
fn the_file_of_many_dimensions_is_what_its_command_makes() {
    is_what_its_command_makes(SIXTEEN, sixteen_config, 1.0, 20.0);
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
    let (many, images) = sixteen(&Device::flex()).unwrap();
    // σ is a parameter of the file.
    let sizes = VaeConfig { log_scale: 0.0, ..sixteen_config(64) };
    assert_eq!((many.config, images.seed), (sizes, super::DEFAULT_SEED));
    let log_variance = numbers(&many.vae.decoder.log_scale.val())[0];
    assert!((log_variance - 0.01_f64.ln()).abs() < 1e-5, "{log_variance}");
    assert!(SIXTEEN.len() < 60_000, "{} bytes of a page that is loaded", SIXTEEN.len());
}
