//! Trains a VAE on images, with the settings of slide 1.4's controls.

use burn::tensor::Device;
use figure::{Assets, SEED, Values};
use learn::models::Architecture;
use learn::{Experiment, StartError};

use super::{DEMO, keys};
use crate::demos::vae;
use crate::shared::vae_run::common;
use crate::shared::vae_run::run::{self, Live, Pressed, Settings};

pub(super) fn start(values: &Values, assets: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    let architecture = match values.get(keys::ARCHITECTURE) {
        vae::Architecture::Mlp => Architecture::Mlp,
        vae::Architecture::Convolutional => Architecture::Convolutional,
    };
    let settings = Settings {
        demo: DEMO,
        seed: values.get(SEED) as u64,
        own_images: (values.get(keys::DATA) == vae::Data::Own).then(|| values.get(keys::IMAGES)),
        architecture,
        hidden: values.get(common::HIDDEN),
        layers: values.get(keys::LAYERS),
        latent: values.get(common::LATENT),
        likelihood: values.get(common::LIKELIHOOD),
        scale: values.get(common::SCALE) as f32,
        autoencoder: values.get(keys::AUTOENCODER),
        batch: values.get(common::BATCH),
        binarise: values.get(common::BINARISE),
        live,
    };
    run::start(&settings, values, assets, device)
}

fn live(values: &Values) -> Live {
    Live {
        learning_rate: values.get(common::LEARNING_RATE),
        beta: values.get(keys::BETA),
        warm_up: values.get(keys::WARM_UP) as u64,
        importance_samples: values.get(keys::IMPORTANCE_SAMPLES).max(1),
        signal: values.get(keys::SIGNAL),
        pressed: Pressed::of(&values.get(common::PRESSED)),
    }
}
