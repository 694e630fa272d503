//! Slides 1.4 to 1.6 on the user's own images.
#![allow(clippy::unwrap_used, reason = "tests")]

use burn::tensor::Device;
use data::Digits;
use figure::{Assets, Snapshot, Status, Values};
use learn::StartError;
use learn::images::{ImageSet, OFTEN, ONCE, Source};

use crate::demos::vae::DEMO;
use crate::demos::{generation, latent_arithmetic};
use crate::testing::{advance, begin, images, saved, value};

/// The first `count` embedded digits as IDX files of `side`×`side`: every pixel taken from the nearest of the 8×8.
fn files(count: usize, side: usize) -> Assets {
    let digits = Digits::load();
    let header = |kind: u8, sizes: &[usize]| {
        let mut file = vec![0, 0, 8, kind];
        file.extend(sizes.iter().flat_map(|&size| (size as u32).to_be_bytes()));
        file
    };
    let mut images = header(3, &[count, side, side]);
    for n in 0..count {
        for pixel in 0..side * side {
            let (row, column) = (pixel / side * 8 / side, pixel % side * 8 / side);
            images.push((digits.image(n)[8 * row + column] * 255.0) as u8);
        }
    }
    let mut labels = header(1, &[count]);
    labels.extend(&digits.labels[..count]);
    Assets([("images".to_owned(), images), ("labels".to_owned(), labels)].into())
}

fn own(values: Values) -> Values {
    values.with("data", "own").with("hidden", 32.0).with("batch", 32.0)
}

/// The side of a figure's images, which are square.
fn side(snapshot: &Snapshot, figure: &str) -> usize {
    let images = images(snapshot, figure);
    assert_eq!(images.width, images.height);
    images.width
}

#[test]
fn own_images_train_with_both_networks() {
    let assets = files(300, 28);
    for architecture in ["mlp", "convolutional"] {
        let mut run = begin(DEMO, &assets, |values| own(values).with("architecture", architecture)).unwrap();
        let before = advance(run.as_mut(), 0);
        let after = advance(run.as_mut(), 60);
        let rise = value(&after, "heldout_elbo") - value(&before, "heldout_elbo");
        assert!(rise > 100.0, "{architecture}: {rise}");
        assert!(value(&after, "heldout_log_px").is_finite());
        for figure in ["grid", "reconstructions"] {
            assert_eq!(side(&after, figure), 28, "{architecture} {figure}");
        }
        let told = after.notes.concat();
        assert!(told.contains("Your 300 images of 28×28") && told.contains("240 to train on, 60 held out"), "{told}");
    }
}

/// A model of the user's own images can be used in 1.5 and 1.6, with either network, if the images are there.
#[test]
fn the_slides_after_it_run_on_the_own_model_and_its_images() {
    let assets = files(300, 28);
    for architecture in ["mlp", "convolutional"] {
        let mut run = begin(DEMO, &assets, |values| own(values).with("architecture", architecture)).unwrap();
        advance(run.as_mut(), 3);
        let model = saved(run.as_ref());
        let mut with_model = assets.clone();
        with_model.0.insert("model".to_owned(), model.clone());

        for algorithm in ["prior", "posterior"] {
            let change = |v: Values| v.with("algorithm", algorithm).with("count", 100.0);
            let mut run = begin(generation::DEMO, &with_model, change).unwrap();
            let snapshot = advance(run.as_mut(), 0);
            assert_eq!(side(&snapshot, "pictures"), 28);
            assert!(value(&snapshot, "prior_gap").is_finite());
            assert!(snapshot.notes[0].contains("you trained in 1.4") && !snapshot.notes[0].contains("other ones"));
        }
        let drawing: Vec<f64> = (0..784).map(|pixel| f64::from(u8::from(pixel % 28 / 4 == 3))).collect();
        let mut run = begin(latent_arithmetic::DEMO, &with_model, |v| v.with("drawing", drawing)).unwrap();
        let snapshot = advance(run.as_mut(), 0);
        for figure in ["strip", "decoded", "gallery", "pad", "encoded"] {
            assert_eq!(side(&snapshot, figure), 28, "{figure}");
        }
        assert!(value(&snapshot, "drawing_kl") > 0.0);

        // Without the images: an error sentence, so that the page falls back to its built-in model.
        let mut alone = Assets::default();
        alone.0.insert("model".to_owned(), model.clone());
        for demo in [generation::DEMO, latent_arithmetic::DEMO] {
            let Err(StartError::Unusable(sentence)) = begin(demo, &alone, |v| v) else {
                panic!("{} started", demo.name)
            };
            assert!(sentence.contains("not here") && sentence.contains("1.4"), "{sentence}");
        }
        // With other images: an error sentence.
        let mut others = files(299, 28);
        others.0.insert("model".to_owned(), model);
        let snapshot = advance(begin(generation::DEMO, &others, |v| v).unwrap().as_mut(), 0);
        assert!(snapshot.notes[0].contains("other ones"), "{:?}", snapshot.notes);
    }
}

#[test]
fn without_images_or_with_damaged_ones_there_are_the_digits_and_a_sentence() {
    let mut damaged = files(60, 28);
    damaged.0.get_mut("images").unwrap().truncate(5000);
    let mut unpaired = files(60, 28);
    unpaired.0.get_mut("labels").unwrap().extend([1, 2]);
    for (assets, word) in [(Assets::default(), "Fetch MNIST"), (damaged, "damaged"), (unpaired, "damaged")] {
        let mut run = begin(DEMO, &assets, own).unwrap();
        let snapshot = advance(run.as_mut(), 1);
        assert_eq!(snapshot.status, Status::Going);
        let told = snapshot.notes.concat();
        assert!(told.contains("embedded digits") && told.contains(word), "{told}");
        assert_eq!(side(&snapshot, "grid"), 8);
    }
}

#[test]
fn images_without_labels_train_and_show_themselves() {
    let mut assets = files(80, 28);
    assets.0.remove("labels");
    let mut run = begin(DEMO, &assets, |values| own(values).with("latent", 1.0)).unwrap();
    let snapshot = advance(run.as_mut(), 2);
    assert!(snapshot.notes.concat().contains("no labels"), "{:?}", snapshot.notes);
    assert_eq!(images(&snapshot, "reconstructions").count(), 20, "ten held-out images above their reconstructions");
    assets.0.insert("model".to_owned(), saved(run.as_ref()));
    let mut run = begin(latent_arithmetic::DEMO, &assets, |v| v.with("operation", "classes")).unwrap();
    let snapshot = advance(run.as_mut(), 0);
    assert!(snapshot.notes.concat().contains("No image here is labelled 4"), "{:?}", snapshot.notes);
    assert!(value(&snapshot, "path_length").abs() < 1e-9 && value(&snapshot, "nearest_digit").is_nan());
}

#[test]
fn a_side_that_cannot_be_halved_twice_takes_the_dense_network_and_says_so() {
    let mut run = begin(DEMO, &files(60, 10), |v| own(v).with("architecture", "convolutional")).unwrap();
    let snapshot = advance(run.as_mut(), 1);
    assert!(snapshot.notes.concat().contains("multiple of four"), "{:?}", snapshot.notes);
    assert_eq!(side(&snapshot, "grid"), 10);
}

/// A run uses a bounded number of the user's images, chosen by the seed; its figures use few of those.
#[test]
fn many_images_are_chosen_by_the_seed_and_few_are_looked_at() {
    let device = Device::flex();
    let mut count = 0;
    let digits = Digits::load();
    let all: Vec<usize> = (0..4000).map(|n| n % digits.len()).collect();
    let mut file = vec![0, 0, 8, 3, 0, 0, 15, 160, 0, 0, 0, 8, 0, 0, 0, 8];
    file.extend(digits.gather(&all).iter().map(|pixel| (pixel * 255.0) as u8));
    let assets = Assets([("images".to_owned(), file)].into());
    let set = |most: usize, seed: u64| ImageSet::own(&assets, most, seed, &device).unwrap().unwrap();
    for most in [100, 3000, 60_000] {
        let images = set(most, 1);
        assert_eq!(images.digits.len(), most.min(4000));
        assert_eq!(images.train.len() + images.heldout.len(), images.digits.len());
        assert!(matches!(images.source, Source::Own { of: 4000, labelled: false, .. }));
        let few = images.few(ONCE);
        assert!(few.train.len() <= 1600 && few.heldout.len() <= 400);
        assert_eq!(few.x.dims(), [few.digits.len(), 64]);
        count += few.digits.len();
    }
    assert_eq!(count, 100 + 2000 + 2000);
    assert_eq!(set(100, 1).digits, set(100, 1).digits);
    assert_ne!(set(100, 1).digits, set(100, 2).digits);
    // Of larger images fewer are used, and a third of them is held out.
    let large = ImageSet::own(&files(900, 28), 900, 1, &device).unwrap().unwrap();
    let few = large.few(OFTEN);
    assert_eq!((large.train.len(), few.train.len(), few.heldout.len()), (720, 300, 150));
    // The subset's held-out images are held-out images of the whole set.
    let (images, few) = (set(3000, 3), set(3000, 3).few(ONCE));
    let heldout: Vec<&[f32]> = images.heldout.iter().map(|&n| images.digits.image(n)).collect();
    assert!(few.heldout.iter().all(|&n| heldout.contains(&few.digits.image(n))));
    // The embedded digits are few enough to be used whole.
    let digits = ImageSet::digits(1, &device);
    let same = digits.few(OFTEN);
    assert!(same.digits == digits.digits && same.train == digits.train && same.heldout == digits.heldout);
}
