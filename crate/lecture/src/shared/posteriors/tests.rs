//! How the built-in table of posteriors was made.

#![allow(clippy::unwrap_used, reason = "tests")]

use burn::tensor::Device;
use learn::images::ImageSet;
use learn::models::VaeConfig;
use learn::objectives::Likelihood;
use learn::vae_trainer::VaeTrainer;

use super::COUNT;

/// Trains the VAEs whose posteriors slide 3.1 shows, and writes the table.
/// `cargo test -p lecture --features training --lib shared::posteriors -- --ignored`
#[test]
#[ignore = "writes a file of the repository"]
fn write_the_posteriors() {
    let device = Device::flex();
    let posteriors = |latent: usize| {
        let images = ImageSet::digits(1, &device);
        let config = VaeConfig::new(images.pixels(), 128, latent, Likelihood::Bernoulli);
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
