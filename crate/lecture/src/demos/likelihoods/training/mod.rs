//! Trains a VAE on the digits, with the settings of slide 1.2's controls.

use burn::tensor::Device;
use figure::{Assets, SEED, Values};
use learn::models::Architecture;
use learn::{Experiment, StartError};

use super::DEMO;
use crate::shared::vae_run::common;
use crate::shared::vae_run::run::{self, Live, Settings};

pub(super) fn start(values: &Values, assets: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    let settings = Settings {
        demo: DEMO,
        seed: values.get(SEED) as u64,
        own_images: None,
        architecture: Architecture::Mlp,
        hidden: values.get(common::HIDDEN),
        layers: 1,
        latent: values.get(common::LATENT),
        likelihood: values.get(common::LIKELIHOOD),
        scale: values.get(common::SCALE) as f32,
        autoencoder: false,
        batch: values.get(common::BATCH),
        binarise: values.get(common::BINARISE),
        live,
    };
    run::start(&settings, values, assets, device)
}

/// The live settings: the objective is the ELBO itself.
fn live(values: &Values) -> Live {
    Live {
        learning_rate: values.get(common::LEARNING_RATE),
        beta: 1.0,
        warm_up: 0,
        importance_samples: 50,
        signal: false,
        pressed: None,
    }
}
