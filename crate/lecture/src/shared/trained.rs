//! A trained VAE for the slides that need one: the user's own from slide 1.4, or the page's built-in model.
//!
//! The built-in models, with 2 and with 16 latent dimensions, are made by
//! `cargo run -p lecture --features training --example train_default_model`; a test checks that the committed files are what that
//! command produces.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Device;
use math::rng::Rng;

use figure::Assets;
use learn::StartError;
use learn::images::{ImageSet, ONCE, Source};
use learn::models::{Architecture, Stored, Vae, VaeConfig, conv, description as described, from_bytes, host, restore};
use learn::objectives::Likelihood;
use learn::vae_trainer::VaeTrainer;

/// The built-in model, a safetensors file.
pub const DEFAULT: &[u8] = include_bytes!("../../model/vae-digits.safetensors");
/// The built-in model with 16 latent dimensions, a safetensors file.
pub const SIXTEEN: &[u8] = include_bytes!("../../model/vae-digits-16.safetensors");
/// σ of its pixels given a code.
const SIXTEEN_SIGMA: f32 = 0.1;
/// Updates that each was trained for.
pub const DEFAULT_STEPS: u64 = 2500;
/// The seed of their weights, batches, noise and split.
pub const DEFAULT_SEED: u64 = 1;
/// What they were trained on: the embedded digits under its seed.
const DEFAULT_TRAINED_ON: TrainedOn = TrainedOn { seed: DEFAULT_SEED, images: None, binarised: false };
/// How many of the user's images are split into training and held-out ones, as slide 1.4 does by default.
const DEFAULT_IMAGES: usize = 10_000;

/// Sizes of the built-in model: those of slide 1.4's defaults.
pub fn default_config(pixels: usize) -> VaeConfig {
    VaeConfig::new(pixels, 128, 2, Likelihood::Bernoulli)
}

/// Sizes of the built-in model with 16 latent dimensions: half as many hidden units, for a smaller file.
///
/// A Gaussian of σ = 0.1 for each pixel: with a Bernoulli of grey values ten of the dimensions stay at the prior.
pub fn sixteen_config(pixels: usize) -> VaeConfig {
    let log_scale = 2.0 * SIXTEEN_SIGMA.ln();
    VaeConfig { log_scale, ..VaeConfig::new(pixels, 64, 16, Likelihood::Gaussian) }
}

/// Trains a built-in model of the given sizes: the ELBO, batches of 128, learning rate 2e-3, then 2e-4 for the last third.
pub fn train(sizes: fn(usize) -> VaeConfig, device: &Device) -> VaeTrainer {
    let images = ImageSet::digits(DEFAULT_SEED, device);
    let mut trainer = VaeTrainer::new(sizes(images.pixels()), images, DEFAULT_SEED, device);
    for step in 0..DEFAULT_STEPS {
        let learning_rate = if 3 * step < 2 * DEFAULT_STEPS { 2e-3 } else { 2e-4 };
        trainer.step(128, learning_rate, |pass| pass.reconstruction.clone() - pass.kl());
    }
    trainer
}

/// The metadata key that holds the fingerprint of the user's images, where a model was trained on those.
const IMAGES: &str = "images";
/// The key of the seed that the images were chosen and split by.
const SPLIT_SEED: &str = "split_seed";
/// The key of the number of images, training and held-out ones.
const IMAGES_USED: &str = "images_used";
/// The key that says that the images were drawn in black and white.
const BINARISED: &str = "binarised";

/// A saved VAE's metadata beyond its shapes. `images` are those it was trained on, with the held-out ones.
pub fn description(config: &VaeConfig, images: &ImageSet, binarised: bool, step: u64) -> BTreeMap<String, String> {
    let mut said = BTreeMap::from([
        ("model".to_owned(), "vae".to_owned()),
        ("likelihood".to_owned(), config.likelihood.name().to_owned()),
        ("steps".to_owned(), step.to_string()),
        (SPLIT_SEED.to_owned(), images.seed.to_string()),
        (IMAGES_USED.to_owned(), images.digits.len().to_string()),
    ]);
    if let Source::Own { fingerprint, .. } = images.source {
        said.insert(IMAGES.to_owned(), format!("{fingerprint:016x}"));
    }
    if binarised {
        said.insert(BINARISED.to_owned(), "yes".to_owned());
    }
    said
}

/// Which images a saved model was trained on: what the split into training and held-out images depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrainedOn {
    /// The seed of choice and split.
    pub seed: u64,
    /// Images used, training and held-out ones; none where the file does not say.
    pub images: Option<usize>,
    /// Whether their pixels were drawn in black and white.
    pub binarised: bool,
}

impl TrainedOn {
    /// As a saved file says; none where it does not.
    pub fn of(file: &[u8]) -> Option<Self> {
        let said = described(file);
        let number = |key: &str| said.get(key).and_then(|text| text.parse::<u64>().ok());
        let images = number(IMAGES_USED).map(|images| images as usize);
        Some(Self { seed: number(SPLIT_SEED)?, images, binarised: said.contains_key(BINARISED) })
    }
}

/// A trained VAE without autodiff, and where it comes from.
pub struct Trained {
    /// Sizes and likelihood, read from the file.
    pub config: VaeConfig,
    /// The model.
    pub vae: Vae,
    /// One sentence for the user.
    pub origin: String,
    stored: Stored,
}

impl Trained {
    /// Posterior parameters of images, computed on the host. Shapes: `x` `[n, pixel]` → `mu`, `log_var` `[n, latent]`.
    pub fn encode(&self, x: &[f32]) -> (Vec<f64>, Vec<f64>) {
        let (mu, log_var) =
            host::encode(&self.stored, x, self.config.pixels).expect("the sizes were read from these parameters");
        let wide = |table: Vec<f32>| table.into_iter().map(f64::from).collect();
        (wide(mu), wide(log_var))
    }
}

/// The seed that a run's images are chosen and split by: that of the model that it starts from, where there is one and its file says so, else
/// the run's own. So what was trained on is not held out later.
pub fn split_seed(assets: &Assets, seed: u64) -> u64 {
    assets.0.get("model").and_then(|file| TrainedOn::of(file)).map_or(seed, |on| on.seed)
}

/// Added where a saved model does not say what it was trained on.
const UNKNOWN_SPLIT: &str =
    " Its file does not say which images it was trained on: some of those called held out may have been among them.";

/// The model of [`trained`] with a subset of its images, split as they were when it was trained: the user's own where it was trained
/// on those (the assets `images` and `labels`), else the embedded digits.
///
/// # Errors
/// As [`trained`], and a sentence when the user's images are missing.
pub fn with_images(assets: &Assets, device: &Device) -> Result<(Trained, ImageSet), StartError> {
    let own = assets.0.get("model");
    let on = own.map_or(Some(DEFAULT_TRAINED_ON), |bytes| TrainedOn::of(bytes));
    let TrainedOn { seed, images, binarised } = on.unwrap_or(DEFAULT_TRAINED_ON);
    let seen = |images: ImageSet| if binarised { images.binarised() } else { images };
    let print = own.and_then(|bytes| described(bytes).remove(IMAGES));
    let (mut trained, images) = if let Some(print) = print {
        let unusable = |what: &str| {
            StartError::Unusable(format!(
                "The saved model was trained on images of your own, and {what} Bring them again in 1.4."
            ))
        };
        let images = ImageSet::own(assets, images.unwrap_or(DEFAULT_IMAGES), seed, device)
            .map_err(|error| unusable(&format!("those can not be used. {error}")))?
            .ok_or_else(|| unusable("they are not here."))?;
        let images = seen(images).few(ONCE);
        let mut trained = trained(assets, images.pixels(), device)?;
        if !matches!(images.source, Source::Own { fingerprint, .. } if format!("{fingerprint:016x}") == print) {
            trained.origin += " Your images here are other ones than those it was trained on.";
        }
        (trained, images)
    } else {
        let images = seen(ImageSet::digits(seed, device));
        (trained(assets, images.pixels(), device)?, images)
    };
    if on.is_none() {
        trained.origin += UNKNOWN_SPLIT;
    }
    Ok((trained, images))
}

/// The user's model if `assets` has one, else the built-in one.
///
/// # Errors
/// A sentence when the file is damaged, is not a VAE saved by this page, or was trained on images of another size.
pub fn trained(assets: &Assets, pixels: usize, device: &Device) -> Result<Trained, StartError> {
    let own = assets.0.get("model");
    let whose = if own.is_some() { "the model that you trained in 1.4" } else { "the page’s own small model" };
    read(own.map_or(DEFAULT, Vec::as_slice), whose, pixels, device)
}

/// The built-in model with 16 latent dimensions, with the embedded digits split as they were when it was trained.
///
/// # Errors
/// None with the committed file.
pub fn sixteen(device: &Device) -> Result<(Trained, ImageSet), StartError> {
    let images = ImageSet::digits(DEFAULT_SEED, device);
    Ok((read(SIXTEEN, "the page’s own model of many dimensions", images.pixels(), device)?, images))
}

/// A model from its file, with a sentence that says whose it is.
fn read(bytes: &[u8], whose: &str, pixels: usize, device: &Device) -> Result<Trained, StartError> {
    let stored = from_bytes(bytes).map_err(StartError::Unusable)?;
    let said = described(bytes);
    let config = sizes(&stored, &said).ok_or_else(|| {
        StartError::Unusable("This safetensors file holds no VAE of this page: its parameters have other names.".into())
    })?;
    if config.pixels != pixels {
        let sentence =
            format!("The saved model was trained on images of {} pixels; these have {pixels}.", config.pixels);
        return Err(StartError::Unusable(sentence));
    }
    let vae = restore(config.init(&mut Rng::new(0), device), &stored).map_err(StartError::Unusable)?;
    let steps = said.get("steps").map_or("an unknown number of", String::as_str);
    let kind = if config.architecture == Architecture::Convolutional { "convolutions and " } else { "" };
    let origin = format!(
        "This is {whose}: {} latent dimensions, {kind}{} hidden units, {steps} steps.",
        config.latent, config.hidden
    );
    Ok(Trained { config, vae: vae.no_grad(), origin, stored })
}

/// The sizes of a stored VAE by the shapes of its parameters.
fn sizes(stored: &Stored, said: &BTreeMap<String, String>) -> Option<VaeConfig> {
    let shape = |name: &str| stored.get(name).map(|(shape, _)| shape.as_slice());
    let [seen, hidden] = *shape("encoder.hidden.0.weight")? else { return None };
    let [_, latent] = *shape("encoder.mu.weight")? else { return None };
    let [_, given] = *shape("decoder.output.weight")? else { return None };
    let layers = (0..).take_while(|layer| stored.contains_key(&format!("encoder.hidden.{layer}.weight"))).count();
    let said_likelihood = said.get("likelihood").and_then(|name| Likelihood::named(name));
    let likelihood = |outputs_per_pixel: usize| {
        let by_shape = if outputs_per_pixel == 1 { Likelihood::Bernoulli } else { Likelihood::GaussianPerPixel };
        let likelihood = said_likelihood.unwrap_or(by_shape);
        (likelihood.outputs_per_pixel() == outputs_per_pixel).then_some(likelihood)
    };
    let (architecture, pixels, likelihood) = match shape("decoder.transposed.1.weight") {
        None if given % seen == 0 => (Architecture::Mlp, seen, likelihood(given / seen)?),
        None => return None,
        Some(&[_, outputs, _, _]) => {
            let pixels = conv::pixels(seen)?;
            (given == seen).then_some((Architecture::Convolutional, pixels, likelihood(outputs)?))?
        }
        Some(_) => return None,
    };
    Some(VaeConfig { architecture, pixels, hidden, layers, latent, likelihood, log_scale: 0.0, learn_scale: false })
}

#[cfg(test)]
mod tests;
