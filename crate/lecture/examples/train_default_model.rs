//! Trains the small VAEs that the page comes with, of 2 and of 16 latent dimensions, and writes their files.
//!
//! `cargo run -p lecture --features training --example train_default_model`

#![allow(clippy::print_stdout, reason = "a command-line program")]

use burn::tensor::Device;
use learn::models::VaeConfig;
use lecture::shared::trained;

fn main() -> std::io::Result<()> {
    write("vae-digits.safetensors", trained::default_config)?;
    write("vae-digits-16.safetensors", trained::sixteen_config)
}

/// Trains a model of the given sizes and writes its file.
fn write(name: &str, sizes: fn(usize) -> VaeConfig) -> std::io::Result<()> {
    let trainer = trained::train(sizes, &Device::flex());
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
    let path = format!("{}/model/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::write(&path, &bytes)?;
    println!("{} bytes in {path}", bytes.len());
    Ok(())
}
