//! The demo of section 4, natively on the CPU device.
#![allow(clippy::unwrap_used, reason = "tests")]

mod formulas;
mod lanes;
mod plane;
mod terms;

use burn::tensor::{Device, Tensor};
use figure::{Assets, Layer, Snapshot, Status, Values};
use learn::images::ImageSet;
use learn::models::VaeConfig;
use learn::objectives::{Estimator, Kernel, Likelihood, mi_augmented, mmd2};
use learn::vae_trainer::VaeTrainer;

use super::DEMO;
use crate::testing::given::numbers;
use crate::testing::{advance, begin, defaults, error, images, layers, named, saved, start, value};

const FIGURES: [&str; 11] = [
    "identity",
    "mi",
    "kl",
    "marginal_kl",
    "mmd2",
    "reconstruction",
    "active_units",
    "rate_distortion",
    "collapse",
    "reconstructions",
    "samples",
];

fn small(values: Values) -> Values {
    values.with("hidden", 16.0).with("latent", 3.0).with("batch", 32.0)
}

#[test]
fn information_rises_from_omega_one_to_omega_zero_and_17_holds_on_both() {
    let mut run = start(DEMO, |values| values);
    let before = advance(run.as_mut(), 0);
    assert_eq!(value(&before, "mi"), value(&before, "compared_mi"), "both begin with the same weights");
    let after = advance(run.as_mut(), 250);
    println!("{:?}", after.readouts);
    let rise = value(&after, "mi") - value(&after, "compared_mi");
    assert!(rise > 2.0, "{rise}");
    assert!(value(&after, "reconstruction") > value(&after, "compared_reconstruction") + 1.0);
    assert!(value(&after, "mi") <= value(&after, "log_n") + 1e-9);
    for snapshot in [&before, &after] {
        let residual = value(snapshot, "kl") - value(snapshot, "mi") - value(snapshot, "marginal_kl");
        assert!((residual - value(snapshot, "residual")).abs() < 1e-9, "the numbers on the page add up");
        assert!(residual.abs() < 4.0 * error(snapshot, "residual"), "{residual} ± {}", error(snapshot, "residual"));
        for name in FIGURES {
            assert!(snapshot.figure(name).is_some(), "{name}");
        }
        let point = named(snapshot, "rate_distortion", "ω = 0");
        assert_eq!(point, [value(snapshot, "kl"), -value(snapshot, "reconstruction")]);
        let elbo = value(snapshot, "reconstruction") - value(snapshot, "kl");
        assert!((elbo - value(snapshot, "elbo")).abs() < 1e-9);
        assert!(value(snapshot, "mmd2") < value(snapshot, "mmd2_biased"));
    }
}

#[test]
fn omega_one_is_the_elbo_to_the_last_bit() {
    let device = Device::flex();
    let config = VaeConfig::new(64, 16, 3, Likelihood::Bernoulli);
    let trained = |omega: Option<f64>| {
        let mut trainer = VaeTrainer::new(config, ImageSet::digits(1, &device), 1, &device);
        for _ in 0..5 {
            trainer.step(32, 1e-2, |pass| match omega {
                None => pass.reconstruction.clone() - pass.kl(),
                Some(omega) => {
                    let prior = Tensor::zeros([32, 3], &pass.x.device());
                    let kernel = Kernel::rbf(3);
                    let divergence = || mmd2(pass.z.clone(), prior, kernel, Estimator::Unbiased);
                    mi_augmented(pass.reconstruction.clone(), pass.kl(), divergence, omega, 100.0)
                }
            });
        }
        trainer.weights().iter().flat_map(|weight| numbers(&weight.values)).collect::<Vec<f64>>()
    };
    let elbo = trained(None);
    assert_eq!(trained(Some(1.0)), elbo);
    assert_ne!(trained(Some(0.9)), elbo);
}

#[test]
fn equal_omegas_side_by_side_are_one_run() {
    let mut run = start(DEMO, |values| values.with("omega", 0.3).with("compare", vec![0.3]).with("hidden", 16.0));
    let snapshot = advance(run.as_mut(), 50);
    assert_eq!(value(&snapshot, "mi"), value(&snapshot, "compared_mi"));
    assert_eq!(value(&snapshot, "reconstruction"), value(&snapshot, "compared_reconstruction"));
}

#[test]
fn the_same_seed_gives_the_same_bytes_however_it_is_looked_at() {
    for view in ["train", "sweep", "sweep_both"] {
        let begin = || start(DEMO, |values| small(values).with("view", view).with("sweep_steps", 70.0));
        let (mut once, mut often) = (begin(), begin());
        for _ in 0..6 {
            advance(often.as_mut(), 20);
        }
        assert_eq!(advance(once.as_mut(), 120), advance(often.as_mut(), 0), "{view}");
    }
}

#[test]
fn every_setting_acts_during_the_run() {
    let defaults = small(defaults(DEMO));
    let mut plain = start(DEMO, small);
    let plain = value(&advance(plain.as_mut(), 50), "reconstruction");
    for changed in [
        defaults.clone().with("omega", 0.5),
        defaults.clone().with("lambda", 1.0),
        defaults.clone().with("divergence", "marginal_kl"),
        defaults.clone().with("kernel", "imq"),
        defaults.clone().with("bandwidth", 0.1),
        defaults.clone().with("estimator", "biased"),
        defaults.clone().with("learning_rate", 1e-3),
    ] {
        let mut run = start(DEMO, small);
        advance(run.as_mut(), 5);
        run.set(&changed);
        let after = advance(run.as_mut(), 45);
        assert_ne!(value(&after, "reconstruction"), plain, "{changed:?}");
        // The compared model has its own ω, and everything else in common.
        assert_eq!(value(&after, "compared_omega"), 1.0);
    }
}

#[test]
fn a_sweep_fills_in_and_ends() {
    // Six train together, the ends among them; then the last two.
    let mut run = start(DEMO, |values| {
        values.with("view", "sweep").with("sweep_points", 8.0).with("sweep_steps", 150.0).with("omega", 1.0)
    });
    let dots = |snapshot: &Snapshot| {
        let lines = layers(snapshot, "mi").iter().filter_map(|layer| match layer {
            Layer::Line { points, .. } => Some(points.clone()),
            _ => None,
        });
        lines.flatten().collect::<Vec<_>>()
    };
    let first = advance(run.as_mut(), 0);
    assert!(dots(&first).is_empty() && value(&first, "mi").is_finite());
    assert_eq!(first.table.len(), 7, "all six of the first round are looked at");
    let half = advance(run.as_mut(), 75);
    assert!(dots(&half).is_empty() && (half.progress.unwrap() - 6.0 / 16.0).abs() < 1e-9);
    let round = advance(run.as_mut(), 75);
    let omegas = |snapshot: &Snapshot| dots(snapshot).iter().map(|point| point[0]).collect::<Vec<_>>();
    let done = omegas(&round);
    assert!(done.len() == 6 && done[0] == 0.0 && done[5] == 1.0, "{done:?}");
    assert!((round.progress.unwrap() - 6.0 / 8.0).abs() < 1e-9 && !run.finished());
    let last = advance(run.as_mut(), 150);
    assert!(run.finished() && last.status == Status::Done && last.progress == Some(1.0) && last.step == 300);
    let mi = dots(&last);
    println!("{mi:?}");
    assert_eq!(omegas(&last), (0..8).map(|place| f64::from(place) / 7.0).collect::<Vec<_>>());
    assert!(mi[0][1] > mi[3][1] && mi[3][1] > mi[7][1], "{mi:?}");
    assert_eq!(value(&last, "mi"), mi[7][1], "the read-outs are those of the slider's ω");
    assert_eq!(last.table.len(), 9);
    // A step after the end changes nothing; a changed setting restarts the sweep.
    assert_eq!(advance(run.as_mut(), 1), last);
    run.set(&defaults(DEMO).with("lambda", 10.0));
    let anew = advance(run.as_mut(), 1);
    assert!(anew.step == 1 && dots(&anew).is_empty() && anew.notes[0].contains("anew"));
}

#[test]
fn a_negative_mmd_is_explained_where_it_happens() {
    // A large weight on MMD² pulls q(z) onto the prior, where the unbiased estimate is on either side of 0.
    let mut run = start(DEMO, |values| values.with("lambda", 3000.0).with("hidden", 16.0));
    let mut signs = [0, 0];
    for steps in [0, 50, 100, 100] {
        let snapshot = advance(run.as_mut(), steps);
        let last = layers(&snapshot, "mmd2").iter().filter_map(|layer| match layer {
            Layer::Line { points, .. } => points.last().map(|point| point[1]),
            _ => None,
        });
        let negative = last.fold(f64::INFINITY, f64::min) < 0.0;
        assert_eq!(snapshot.notes.iter().any(|note| note.contains("below 0")), negative, "{:?}", snapshot.notes);
        signs[usize::from(negative)] += 1;
    }
    assert!(signs[0] > 0 && signs[1] > 0, "{signs:?}");
}

#[test]
fn a_run_that_diverges_says_so_and_goes_back() {
    let mut run = start(DEMO, |values| {
        values.with("learning_rate", 0.3).with("lambda", 10_000.0).with("divergence", "marginal_kl")
    });
    let mut last = advance(run.as_mut(), 1);
    for _ in 0..10 {
        last = advance(run.as_mut(), 20);
        if last.status != Status::Going {
            break;
        }
    }
    let Status::Failed(sentence) = &last.status else { panic!("this should diverge: {:?}", last.readouts) };
    assert!(sentence.contains("learning rate"), "{sentence}");
    for name in ["mi", "kl", "reconstruction", "mmd2"] {
        assert!(value(&last, name).is_finite(), "what is shown after going back is a number: {name}");
    }
}

#[test]
fn every_latent_size_and_number_of_arms_has_its_figures() {
    for (latent, compare) in [(1.0, vec![]), (2.0, vec![1.0, 0.5, 0.0]), (32.0, vec![0.9])] {
        let arms = compare.len() + 1;
        let mut run = start(DEMO, |values| {
            values.with("latent", latent).with("compare", compare).with("hidden", 8.0).with("batch", 16.0)
        });
        let snapshot = advance(run.as_mut(), 1);
        for name in FIGURES {
            assert!(snapshot.figure(name).is_some(), "{name} at {latent} dimensions");
        }
        let images = images(&snapshot, "reconstructions");
        assert_eq!(images.count(), 10 * (arms + 1), "ten digits, and ten for each ω");
        assert_eq!(snapshot.table.len(), arms + 1);
        assert_eq!(snapshot.readout("compared_mi").is_some(), arms > 1);
    }
}

/// A run that goes on elsewhere starts from what was saved, in every arm; a damaged file is refused.
#[test]
fn every_arm_starts_from_the_saved_weights() {
    let mut run = start(DEMO, small);
    advance(run.as_mut(), 5);
    let bytes = saved(run.as_ref());
    let assets = |bytes: &[u8]| Assets([("model".to_owned(), bytes.to_vec())].into());
    let mut again = begin(DEMO, &assets(&bytes), small).unwrap();
    assert_eq!(saved(again.as_ref()), bytes);
    let snapshot = advance(again.as_mut(), 0);
    assert_eq!(value(&snapshot, "mi"), value(&snapshot, "compared_mi"));
    let after = advance(again.as_mut(), 20);
    assert!(value(&after, "reconstruction").is_finite() && after.status == Status::Going);
    assert_ne!(saved(again.as_ref()), bytes);
    assert!(begin(DEMO, &assets(&bytes[..bytes.len() - 5]), small).is_err());
}

/// What section 4 and the README say of the default run: seed 1, 800 steps.
#[test]
fn at_omega_zero_the_information_is_log_n_and_the_two_divergences_disagree() {
    let mut run = start(DEMO, |values| values.with("seed", 1.0));
    let snapshot = advance(run.as_mut(), 800);
    let of = |name: &str| value(&snapshot, name);
    let readme = include_str!("../../../../../../README.md");
    assert!(readme.contains("| I(x,z) at ω = 1 and ω = 0, seed 1, 800 steps | 2.87 ± 0.03 and 7.2695 ± 0.0001 nats |"));
    assert!((of("compared_mi") - 2.87).abs() < 0.01 && (error(&snapshot, "compared_mi") - 0.03).abs() < 0.005);
    assert!((of("mi") - 7.2695).abs() < 1e-3 && error(&snapshot, "mi") < 2e-4, "{}", error(&snapshot, "mi"));
    // Every image has a code of its own, the MMD sees nothing, and the logarithm does.
    assert!(of("log_n") - of("mi") < 0.01);
    assert!(of("mmd2").abs() < 4.0 * error(&snapshot, "mmd2"), "{} ± {}", of("mmd2"), error(&snapshot, "mmd2"));
    assert!(of("marginal_kl") > 5.0, "{}", of("marginal_kl"));
    assert!(of("reconstruction") > of("compared_reconstruction") + 1.0);
    // At ω = 1 some units fall asleep (five of ten), at ω = 0 none; the ELBO, no longer asked for, falls far below that at ω = 1.
    let at_one = |figure: &str| {
        let line = layers(&snapshot, figure).iter().find_map(|layer| match layer {
            Layer::Line { label, points, .. } if label == "ω = 1" => points.last(),
            _ => None,
        });
        line.unwrap()[1]
    };
    assert!((3.0..=8.0).contains(&at_one("active_units")) && of("active_units") == 10.0, "{}", at_one("active_units"));
    let elbo_at_one = of("compared_reconstruction") - at_one("kl");
    assert!((-26.0..-23.0).contains(&elbo_at_one) && of("elbo") < elbo_at_one - 8.0, "{} {elbo_at_one}", of("elbo"));
}

/// With the KL of the batch's mixture in place of the MMD, and λ = 1, information is paid back up to log B and no further.
#[test]
fn a_batch_pays_back_at_most_log_b() {
    let change = |values: Values| {
        values
            .with("divergence", "marginal_kl")
            .with("lambda", 1.0)
            .with("seed", 1.0)
            .with("compare", Vec::<f64>::new())
    };
    let snapshot = advance(start(DEMO, change).as_mut(), 200);
    let (mi, log_b) = (value(&snapshot, "mi"), 128.0_f64.ln());
    assert!((log_b - 1.0..log_b).contains(&mi), "{mi} {log_b}");
    assert!(mi < value(&snapshot, "log_n") - 2.0, "short of log N");
}
