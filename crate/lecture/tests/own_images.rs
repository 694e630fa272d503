//! Slides 1.4 to 1.6 on the user's own images, natively, and the convolutional network that is meant for them.
#![cfg(feature = "training")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use burn::module::Param;
use burn::tensor::Device;
use data::Digits;
use figure::Assets;
use figure::{Picture, Snapshot, Status, Values};
use learn::images::{ImageSet, OFTEN, ONCE, Source};
use learn::models::{Architecture, Vae, VaeConfig, conv, from_bytes, host, tensor, to_bytes};
use learn::objectives::Likelihood;
use learn::vae_trainer::Pass;
use learn::{Experiment, StartError};
use lecture::demo;
use lecture::shared::trained;
use support::advance;

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

fn begin(
    name: &str,
    assets: &Assets,
    change: impl FnOnce(Values) -> Values,
) -> Result<Box<dyn Experiment>, StartError> {
    let demo = demo(name).unwrap();
    let (values, notes) = Values::complete(&(demo.controls)(), &change(Values::defaults(&(demo.controls)())));
    assert!(notes.is_empty(), "{notes:?}");
    let start = demo.run.start().expect("it runs in the worker");
    start(&values, assets, &Device::flex())
}

fn own(values: Values) -> Values {
    values.with("data", "own").with("hidden", 32.0).with("batch", 32.0)
}

fn readout(snapshot: &Snapshot, name: &str) -> f64 {
    snapshot.readout(name).unwrap()
}

fn side_of(snapshot: &Snapshot, figure: &str) -> usize {
    let Picture::Images(images) = &snapshot.figure(figure).unwrap().picture else { panic!("{figure} is a chart") };
    assert_eq!(images.width, images.height);
    images.width
}

/// The weights of a run as the engine saves them.
fn saved(run: &dyn Experiment) -> Vec<u8> {
    let named: Vec<_> = run
        .weights()
        .into_iter()
        .map(|weight| (weight.name, weight.shape, weight.values.to_data().as_slice().unwrap().to_vec()))
        .collect();
    to_bytes(&named, &run.description()).unwrap()
}

#[test]
fn own_images_train_with_both_networks() {
    let assets = files(300, 28);
    for architecture in ["mlp", "convolutional"] {
        let mut run = begin("vae", &assets, |values| own(values).with("architecture", architecture)).unwrap();
        let before = advance(run.as_mut(), 0);
        let after = advance(run.as_mut(), 60);
        let rise = readout(&after, "heldout_elbo") - readout(&before, "heldout_elbo");
        assert!(rise > 100.0, "{architecture}: {rise}");
        assert!(readout(&after, "heldout_log_px").is_finite());
        for figure in ["grid", "reconstructions"] {
            assert_eq!(side_of(&after, figure), 28, "{architecture} {figure}");
        }
        let told = after.notes.concat();
        assert!(told.contains("Your 300 images of 28×28") && told.contains("240 to train on, 60 held out"), "{told}");
    }
}

#[test]
fn the_convolutional_network_trains_on_the_digits_too_and_the_same_seed_gives_the_same_bytes() {
    let start = || begin("vae", &Assets::default(), |v| v.with("architecture", "convolutional").with("seed", 7.0));
    let mut once = start().unwrap();
    let mut often = start().unwrap();
    let before = advance(often.as_mut(), 0);
    for _ in 0..4 {
        advance(often.as_mut(), 10);
    }
    let after = advance(once.as_mut(), 40);
    assert!(after == advance(often.as_mut(), 0), "two snapshots of one run differ");
    let weights = |run: &dyn Experiment| from_bytes(&saved(run)).unwrap();
    assert!(weights(once.as_ref()) == weights(often.as_ref()), "two runs of one seed differ");
    assert!(readout(&after, "heldout_elbo") > readout(&before, "heldout_elbo") + 5.0);
    assert!(after.notes.is_empty(), "{:?}", after.notes);
}

fn config(side: usize, likelihood: Likelihood) -> VaeConfig {
    VaeConfig {
        architecture: Architecture::Convolutional,
        pixels: side * side,
        hidden: 16,
        layers: 1,
        latent: 3,
        likelihood,
        log_scale: -1.0,
        learn_scale: true,
    }
}

#[test]
fn every_multiple_of_four_comes_out_of_the_convolutions_as_large_as_it_went_in() {
    let device = Device::flex();
    for side in [4, 8, 12, 28, 32, 64] {
        for (likelihood, outputs) in [(Likelihood::Bernoulli, 1), (Likelihood::GaussianPerPixel, 2)] {
            let vae = config(side, likelihood).init(&mut math::rng::Rng::new(2), &device);
            let x = tensor(math::rng::Rng::new(3).normals(2 * side * side), [2, side * side], &device);
            let seen = conv::down(&vae.encoder.convolutions, x.clone());
            assert_eq!(seen.dims(), [2, conv::features(side * side)]);
            assert_eq!(seen.dims()[1], 16 * (side / 4) * (side / 4));
            let (mu, log_var) = vae.encoder.forward(x);
            assert_eq!((mu.dims(), log_var.dims()), ([2, 3], [2, 3]));
            assert_eq!(vae.decoder.forward(mu).dims(), [2, side * side * outputs], "{side}");
        }
        assert_eq!(conv::pixels(conv::features(side * side)), Some(side * side));
        assert!(Architecture::Convolutional.takes(side) && !Architecture::Convolutional.takes(side + 2));
    }
    assert_eq!([conv::pixels(0), conv::pixels(16 * 3), conv::pixels(17)], [None; 3]);
}

/// The transposed convolution is the transpose: ⟨C x, y⟩ = ⟨x, Cᵀ y⟩ for the same kernel without biases.
#[test]
fn doubling_is_the_transpose_of_halving() {
    let device = Device::flex();
    let rng = &mut math::rng::Rng::new(4);
    let layers = conv::halving(rng, &device)[..1].to_vec();
    // Positive numbers only, so that the ReLUs around the layers change nothing.
    let positive =
        |count: usize, rng: &mut math::rng::Rng| (0..count).map(|_| rng.uniform() as f32).collect::<Vec<_>>();
    let mut layer = layers[0].clone();
    layer.weight = Param::from_tensor(tensor(positive(8 * 16, rng), [8, 1, 4, 4], &device));
    let back = conv::Convolution {
        weight: layer.weight.clone(),
        bias: Param::from_tensor(burn::tensor::Tensor::zeros([1], &device)),
    };
    let (x, y) = (positive(64, rng), positive(8 * 16, rng));
    let inner = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let halved = conv::down(&[layer], tensor(x.clone(), [1, 64], &device)).into_data();
    let doubled = conv::up(&[back], tensor(y.clone(), [1, 8 * 16], &device)).into_data();
    let (one, other) = (inner(halved.as_slice().unwrap(), &y), inner(&x, doubled.as_slice().unwrap()));
    assert!((one - other).abs() < 1e-5 * one.abs(), "{one} against {other}");
}

/// The gradient of the mean ELBO by autodiff against central differences of the same one-sample estimate (common noise).
#[test]
fn gradients_through_the_convolutions_agree_with_finite_differences() {
    let device = Device::flex().autodiff();
    let config = config(8, Likelihood::Bernoulli);
    let vae = config.init(&mut math::rng::Rng::new(3), &device);
    let x = tensor(Digits::load().images[..64 * 6].to_vec(), [6, 64], &device);
    let eps = tensor(math::rng::Rng::new(4).normals(18), [6, 3], &device);
    let elbo = |vae: &Vae| {
        let pass = Pass::new(vae, &config, x.clone(), eps.clone());
        (pass.reconstruction.clone() - pass.kl()).mean()
    };
    let gradients = elbo(&vae).backward();
    type Pick = fn(&mut Vae) -> &mut conv::Convolution;
    let layers: [(&str, Pick); 4] = [
        ("encoder 0", |vae| &mut vae.encoder.convolutions[0]),
        ("encoder 1", |vae| &mut vae.encoder.convolutions[1]),
        ("decoder 0", |vae| &mut vae.decoder.transposed[0]),
        ("decoder 1", |vae| &mut vae.decoder.transposed[1]),
    ];
    for (name, layer) in layers {
        let weight = layer(&mut vae.clone()).weight.val();
        let gradient: Vec<f32> = weight.grad(&gradients).unwrap().to_data().as_slice().unwrap().to_vec();
        let values: Vec<f32> = weight.to_data().as_slice().unwrap().to_vec();
        // The largest slope of all, and two others: a ReLU's corner between the two points would distort the smallest ones.
        let largest = (0..gradient.len()).max_by(|&a, &b| gradient[a].abs().total_cmp(&gradient[b].abs())).unwrap();
        for index in [largest, gradient.len() / 3, gradient.len() - 1] {
            let at = |shift: f32| {
                let mut moved = vae.clone();
                let mut values = values.clone();
                values[index] += shift;
                layer(&mut moved).weight = Param::from_tensor(tensor(values, weight.dims(), &device));
                f64::from(elbo(&moved).into_scalar::<f32>())
            };
            let difference = (at(1e-2) - at(-1e-2)) / 2e-2;
            let exact = f64::from(gradient[index]);
            assert!((difference - exact).abs() < 2e-2 * (1.0 + exact.abs()), "{name} {index}: {exact}, {difference}");
        }
    }
}

#[test]
fn the_host_encoder_is_the_convolutional_encoder() {
    let device = Device::flex();
    for side in [8, 28] {
        let config = config(side, Likelihood::Bernoulli);
        let vae = config.init(&mut math::rng::Rng::new(6), &device);
        let named: Vec<_> = learn::models::weights(&vae)
            .into_iter()
            .map(|weight| (weight.name, weight.shape, weight.values.to_data().as_slice().unwrap().to_vec()))
            .collect();
        let stored = from_bytes(&to_bytes(&named, &Default::default()).unwrap()).unwrap();
        let x = math::rng::Rng::new(7).normals(3 * side * side);
        let (mu, log_var) = host::encode(&stored, &x, side * side).unwrap();
        let (burn_mu, burn_log_var) = vae.encoder.forward(tensor(x, [3, side * side], &device));
        for (host, device) in [(mu, burn_mu), (log_var, burn_log_var)] {
            for (a, b) in host.iter().zip(device.to_data().as_slice::<f32>().unwrap()) {
                assert!((a - b).abs() < 1e-4, "{side}: {a} against {b}");
            }
        }
    }
}

/// A model of the user's own images can be used in 1.5 and 1.6, with either network, if the images are there.
#[test]
fn the_slides_after_it_run_on_the_own_model_and_its_images() {
    let assets = files(300, 28);
    for architecture in ["mlp", "convolutional"] {
        let mut run = begin("vae", &assets, |values| own(values).with("architecture", architecture)).unwrap();
        advance(run.as_mut(), 3);
        let model = saved(run.as_ref());
        let mut with_model = assets.clone();
        with_model.0.insert("model".to_owned(), model.clone());

        for algorithm in ["prior", "posterior"] {
            let change = |v: Values| v.with("algorithm", algorithm).with("count", 100.0);
            let mut run = begin("generation", &with_model, change).unwrap();
            let snapshot = advance(run.as_mut(), 0);
            assert_eq!(side_of(&snapshot, "pictures"), 28);
            assert!(readout(&snapshot, "prior_gap").is_finite());
            assert!(snapshot.notes[0].contains("you trained in 1.4") && !snapshot.notes[0].contains("other ones"));
        }
        let drawing: Vec<f64> = (0..784).map(|pixel| f64::from(u8::from(pixel % 28 / 4 == 3))).collect();
        let mut run = begin("latent-arithmetic", &with_model, |v| v.with("drawing", drawing)).unwrap();
        let snapshot = advance(run.as_mut(), 0);
        for figure in ["strip", "decoded", "gallery", "pad", "encoded"] {
            assert_eq!(side_of(&snapshot, figure), 28, "{figure}");
        }
        assert!(readout(&snapshot, "drawing_kl") > 0.0);

        // Without the images: an error sentence, so that the page falls back to its built-in model.
        let mut alone = Assets::default();
        alone.0.insert("model".to_owned(), model.clone());
        for name in ["generation", "latent-arithmetic"] {
            let Err(StartError::Unusable(sentence)) = begin(name, &alone, |v| v) else { panic!("{name} started") };
            assert!(sentence.contains("not here") && sentence.contains("1.4"), "{sentence}");
        }
        // With other images: an error sentence.
        let mut others = files(299, 28);
        others.0.insert("model".to_owned(), model);
        let snapshot = advance(begin("generation", &others, |v| v).unwrap().as_mut(), 0);
        assert!(snapshot.notes[0].contains("other ones"), "{:?}", snapshot.notes);
    }
}

/// A drawing of 8×8 from the built-in model is ignored by a model of 28×28, and the other way round.
#[test]
fn a_drawing_of_another_size_is_no_drawing() {
    let mut run = begin("latent-arithmetic", &Assets::default(), |v| v.with("drawing", vec![1.0; 784])).unwrap();
    let snapshot = advance(run.as_mut(), 0);
    assert!(readout(&snapshot, "drawing_kl").is_nan());
    assert_eq!(side_of(&snapshot, "pad"), 8);
}

#[test]
fn without_images_or_with_damaged_ones_there_are_the_digits_and_a_sentence() {
    let mut damaged = files(60, 28);
    damaged.0.get_mut("images").unwrap().truncate(5000);
    let mut unpaired = files(60, 28);
    unpaired.0.get_mut("labels").unwrap().extend([1, 2]);
    for (assets, word) in [(Assets::default(), "Fetch MNIST"), (damaged, "damaged"), (unpaired, "damaged")] {
        let mut run = begin("vae", &assets, own).unwrap();
        let snapshot = advance(run.as_mut(), 1);
        assert_eq!(snapshot.status, Status::Going);
        let told = snapshot.notes.concat();
        assert!(told.contains("embedded digits") && told.contains(word), "{told}");
        assert_eq!(side_of(&snapshot, "grid"), 8);
    }
}

#[test]
fn images_without_labels_train_and_show_themselves() {
    let mut assets = files(80, 28);
    assets.0.remove("labels");
    let mut run = begin("vae", &assets, |values| own(values).with("latent", 1.0)).unwrap();
    let snapshot = advance(run.as_mut(), 2);
    assert!(snapshot.notes.concat().contains("no labels"), "{:?}", snapshot.notes);
    let Picture::Images(images) = &snapshot.figure("reconstructions").unwrap().picture else { panic!("images") };
    assert_eq!(images.count(), 20, "ten held-out images above their reconstructions");
    assets.0.insert("model".to_owned(), saved(run.as_ref()));
    let mut run = begin("latent-arithmetic", &assets, |v| v.with("operation", "classes")).unwrap();
    let snapshot = advance(run.as_mut(), 0);
    assert!(snapshot.notes.concat().contains("No image here is labelled 4"), "{:?}", snapshot.notes);
    assert!(readout(&snapshot, "path_length").abs() < 1e-9 && readout(&snapshot, "nearest_digit").is_nan());
}

#[test]
fn a_side_that_cannot_be_halved_twice_takes_the_dense_network_and_says_so() {
    let mut run = begin("vae", &files(60, 10), |v| own(v).with("architecture", "convolutional")).unwrap();
    let snapshot = advance(run.as_mut(), 1);
    assert!(snapshot.notes.concat().contains("multiple of four"), "{:?}", snapshot.notes);
    assert_eq!(side_of(&snapshot, "grid"), 10);
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

/// The committed model file keeps its parameter names and sizes.
#[test]
fn the_default_model_is_read_as_before() {
    let model = trained::trained(&Assets::default(), 64, &Device::flex()).unwrap();
    assert_eq!(model.config, trained::default_config(64));
    let names: Vec<String> = learn::models::weights(&model.vae).into_iter().map(|weight| weight.name).collect();
    let stored: Vec<String> = from_bytes(trained::DEFAULT).unwrap().into_keys().collect();
    assert!(names.iter().all(|name| stored.contains(name)) && names.len() == stored.len(), "{names:?}, {stored:?}");
}
