//! Trains the small VAE that the page starts with and writes its file.
//!
//! `cargo run -p lecture --features training --example train_default_model`

#![allow(clippy::print_stdout, reason = "a command-line program")]

use burn::tensor::Device;
use lecture::shared::trained;

fn main() -> std::io::Result<()> {
    let trainer = trained::train_default(&Device::flex());
    let weights: Vec<_> = trainer
        .weights()
        .into_iter()
        .map(|weight| {
            let numbers = weight.values.to_data().as_slice::<f32>().expect("weights are f32").to_vec();
            (weight.name, weight.shape, numbers)
        })
        .collect();
    let description = trained::description(&trainer.config, &trainer.images, false, trainer.steps());
    let bytes = learn::models::to_bytes(&weights, &description).map_err(std::io::Error::other)?;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/model/vae-digits.safetensors");
    std::fs::write(path, &bytes)?;
    println!("{} bytes in {path}", bytes.len());
    Ok(())
}
