//! Held-out images stay held out: the split travels with a saved model.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::HashSet;

use burn::tensor::Device;
use figure::Assets;
use learn::images::ImageSet;

use crate::demos::generation;
use crate::demos::vae::DEMO;
use crate::shared::trained::{DEFAULT_SEED, TrainedOn, with_images};
use crate::testing::{advance, begin, images, saved, start};

/// Images of the digits' training part under a seed, as the page shows them: pixels in 0..=255.
fn trained_on(seed: u64) -> HashSet<Vec<u8>> {
    let set = ImageSet::digits(seed, &Device::flex());
    set.train.iter().map(|&n| set.digits.image(n).iter().map(|pixel| (pixel * 255.0).round() as u8).collect()).collect()
}

/// Algorithm 1 on "the test set", under other seeds than the model's: none of its images was trained on.
#[test]
fn generation_from_the_posterior_shows_no_training_image() {
    let mut run = start(DEMO, |values| values.with("seed", 5.0).with("hidden", 16.0));
    advance(run.as_mut(), 3);
    let own = Assets([("model".to_owned(), saved(run.as_ref()))].into());
    for (assets, seed_of_model) in [(Assets::default(), DEFAULT_SEED), (own, 5)] {
        let training = trained_on(seed_of_model);
        for seed in [0.0, 2.0, 7.0] {
            let change = |v: figure::Values| v.with("algorithm", "posterior").with("count", 100.0).with("seed", seed);
            let snapshot = advance(begin(generation::DEMO, &assets, change).unwrap().as_mut(), 0);
            let shown = images(&snapshot, "pictures");
            // Pairs: an image, then what is generated from it.
            let sources: Vec<&[u8]> = shown.pixels.chunks_exact(64).step_by(2).collect();
            assert_eq!(sources.len(), 100);
            let seen = sources.iter().filter(|&&image| training.contains(image)).count();
            assert_eq!(seen, 0, "seed {seed}, a model trained under {seed_of_model}");
        }
    }
}

#[test]
fn a_file_says_what_it_was_trained_on_or_the_page_says_that_it_does_not() {
    let device = Device::flex();
    let mut run = start(DEMO, |values| values.with("seed", 9.0).with("hidden", 16.0).with("binarise", "once"));
    advance(run.as_mut(), 1);
    let file = saved(run.as_ref());
    assert_eq!(TrainedOn::of(&file), Some(TrainedOn { seed: 9, images: Some(1797), binarised: true }));
    let (trained, images) = with_images(&Assets([("model".to_owned(), file)].into()), &device).unwrap();
    assert_eq!(images.heldout, ImageSet::digits(9, &device).heldout);
    assert!(images.digits.images.iter().all(|&pixel| pixel == 0.0 || pixel == 1.0), "drawn in black and white");
    assert!(!trained.origin.contains("does not say"), "{}", trained.origin);

    // The built-in model's file as a user's: it was written before files said this.
    let silent = Assets([("model".to_owned(), crate::shared::trained::DEFAULT.to_vec())].into());
    assert!(with_images(&silent, &device).unwrap().0.origin.contains("does not say which images"));
}
