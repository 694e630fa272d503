//! Laws of section 5, natively on the CPU device.
#![allow(clippy::unwrap_used, reason = "tests")]

mod accuracy;
mod claims;
mod formulas;
mod reference;

use burn::tensor::{Device, Tensor};
use figure::{Assets, Layer, Pointer, Status, Values};
use learn::models::{M2, M2Config, tensor};
use learn::objectives::{Likelihood, entropy, unlabelled_bound};
use math::rng::Rng;

use super::DEMO;
use super::training::objective::{
    Labelled, Parts, Weights, accuracy, bound, bounds, inferred, log_q, parts, unlabelled,
};
use super::training::set::Set;
use crate::testing::given::numbers;
use crate::testing::{advance, begin, defaults, error, layers, saved, start, value};

const CONFIG: M2Config =
    M2Config { inputs: 6, classes: 4, hidden: 16, classifier_hidden: 16, latent: 3, likelihood: Likelihood::Bernoulli };
const BATCH: usize = 5;

fn setting() -> (M2, Tensor<2>, Tensor<2>) {
    let (device, mut rng) = (Device::flex(), Rng::new(3));
    let model = CONFIG.init(&mut rng, &device);
    let x = (0..BATCH * CONFIG.inputs).map(|_| rng.uniform() as f32).collect();
    let eps = rng.normals(BATCH * CONFIG.latent);
    (model, tensor(x, [BATCH, CONFIG.inputs], &device), tensor(eps, [BATCH, CONFIG.latent], &device))
}

fn one_hot(class: usize) -> Tensor<2> {
    let row = |_| (0..CONFIG.classes).map(|y| f32::from(u8::from(y == class)));
    tensor((0..BATCH).flat_map(row).collect(), [BATCH, CONFIG.classes], &Device::flex())
}

#[test]
fn the_unlabelled_bound_is_the_sum_written_out() {
    let (model, x, eps) = setting();
    let exact = numbers(&unlabelled(&model, &CONFIG, x.clone(), eps.clone()));
    let q: Vec<Vec<f64>> = numbers(&model.classifier.forward(x.clone()))
        .chunks_exact(CONFIG.classes)
        .map(|logits| {
            let total: f64 = logits.iter().map(|logit| logit.exp()).sum();
            logits.iter().map(|logit| logit.exp() / total).collect()
        })
        .collect();
    // −L(x,y) through the networks' other entry point: one class for each example at a time.
    let of_class: Vec<Vec<f64>> =
        (0..CONFIG.classes).map(|y| numbers(&bound(&model, &CONFIG, x.clone(), one_hot(y), eps.clone()))).collect();
    for n in 0..BATCH {
        let sum: f64 = (0..CONFIG.classes).map(|y| q[n][y] * (of_class[y][n] - q[n][y].ln())).sum();
        assert!((exact[n] - sum).abs() < 1e-4, "{} against {sum}", exact[n]);
    }
    let every = numbers(&bounds(&model, &CONFIG, x, eps));
    for (at, &value) in every.iter().enumerate() {
        assert!((value - of_class[at % CONFIG.classes][at / CONFIG.classes]).abs() < 1e-4);
    }
}

#[test]
fn q_sums_to_one_and_its_entropy_is_at_most_log_k() {
    let (model, x, _) = setting();
    let log_q = log_q(&model.classifier, x * 50.0);
    for sum in numbers(&log_q.clone().exp().sum_dim(1)) {
        assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    }
    for entropy in numbers(&entropy(log_q)) {
        assert!((-1e-6..=(CONFIG.classes as f64).ln() + 1e-6).contains(&entropy), "{entropy}");
    }
    let uniform = Tensor::<2>::full([1, 4], -(4.0_f64.ln()), &Device::flex());
    assert!((numbers(&entropy(uniform))[0] - 4.0_f64.ln()).abs() < 1e-6);
}

#[test]
fn no_q_beats_the_one_that_the_bounds_ask_for() {
    let (model, x, eps) = setting();
    let every = bounds(&model, &CONFIG, x.clone(), eps.clone());
    let best: Vec<f64> = numbers(&every)
        .chunks_exact(CONFIG.classes)
        .map(|bounds| math::gaussian::log_mean_exp(bounds) + (CONFIG.classes as f64).ln())
        .collect();
    let optimal = burn::tensor::activation::log_softmax(every.clone(), 1);
    for (reached, best) in numbers(&unlabelled_bound(optimal, every)).iter().zip(&best) {
        assert!((reached - best).abs() < 1e-4, "{reached} against {best}");
    }
    for (bound, best) in numbers(&unlabelled(&model, &CONFIG, x, eps)).iter().zip(&best) {
        assert!(bound < best, "{bound} above {best}");
    }
}

#[test]
fn inferred_classes_are_counted_right() {
    let (model, x, _) = setting();
    let y = inferred(&model.classifier, x.clone());
    let logits = numbers(&model.classifier.forward(x.clone()));
    for (row, logits) in numbers(&y).chunks_exact(CONFIG.classes).zip(logits.chunks_exact(CONFIG.classes)) {
        let top = logits.iter().copied().fold(f64::MIN, f64::max);
        assert_eq!(row.iter().position(|&y| y == 1.0).unwrap(), logits.iter().position(|&l| l == top).unwrap());
        assert_eq!(row.iter().sum::<f64>(), 1.0);
    }
    assert_eq!(numbers(&accuracy(&model.classifier, x.clone(), y.clone())), [1.0]);
    assert_eq!(numbers(&accuracy(&model.classifier, x, -y + 1.0)), [0.0]);
}

#[test]
fn with_all_labels_only_the_labelled_bound_is_left() {
    let (model, x, eps) = setting();
    let weights = Weights { labelled: 1.0, unlabelled: 0.0, classification: 0.0 };
    let own = numbers(&bound(&model, &CONFIG, x.clone(), one_hot(2), eps.clone()));
    let labelled = Labelled { x, y: one_hot(2), eps };
    let Parts { objective, unlabelled, .. } = parts(&model, &CONFIG, Some(labelled), None, weights);
    assert!(unlabelled.is_none());
    assert!((numbers(&objective)[0] - own.iter().sum::<f64>() / BATCH as f64).abs() < 1e-5);

    let mut run = start(DEMO, |values| values.with("labels_per_class", 160.0));
    let snapshot = advance(run.as_mut(), 2);
    assert_eq!(snapshot.readout("unlabelled"), Some(0.0));
    assert_eq!(snapshot.readout("labelled"), Some(1438.0));
    assert!(value(&snapshot, "unlabelled_elbo").is_nan());
    assert!(value(&snapshot, "labelled_elbo").is_finite());
    assert_eq!(snapshot.status, Status::Going);
}

#[test]
fn more_labels_contain_the_fewer_and_clicks_turn_labels_over() {
    let device = Device::flex();
    let digits = Set::digits(4, &device);
    let (three, ten) = (digits.labelled(3, &[], 4), digits.labelled(10, &[], 4));
    assert_eq!((three.len(), ten.len()), (30, 100));
    assert!(three.iter().all(|n| ten.contains(n) && !digits.heldout.contains(n)));
    assert_eq!(digits.unlabelled(&ten).len() + ten.len(), digits.train.len());
    assert_ne!(digits.labelled(3, &[], 5), three);

    let moons = Set::moons(0.1, 4, &device);
    let begin = moons.labelled(1, &[], 4);
    let at = |n: usize| moons.example(n).iter().map(|&x| f64::from(x) + 1e-4).collect::<Vec<_>>();
    let other = moons.unlabelled(&begin)[17];
    let more = moons.labelled(1, &at(other), 4);
    assert_eq!(more.len(), 3);
    assert!(more.contains(&other));
    assert_eq!(moons.labelled(1, &[at(other), at(other)].concat(), 4), begin);
    assert_eq!(moons.labelled(1, &at(begin[0]), 4), [begin[1]]);
}

#[test]
fn the_sum_over_y_on_the_page_adds_up() {
    let mut run = start(DEMO, |values| values.with("example", vec![7.0]));
    let snapshot = advance(run.as_mut(), 5);
    let value = |name| value(&snapshot, name);
    assert!((value("example_expected") + value("example_entropy") - value("example_elbo")).abs() < 1e-9);
    assert!(value("example_elbo") <= value("example_best") + 4.0 * error(&snapshot, "example_best"));
    let bars = |figure: &str| match &layers(&snapshot, figure)[0] {
        Layer::Bars { bars, .. } => bars.iter().map(|bar| bar[3]).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let (q, bounds) = (bars("classes"), bars("class_bounds"));
    assert_eq!((q.len(), bounds.len()), (10, 10));
    assert!((q.iter().sum::<f64>() - 1.0).abs() < 1e-5);
    let expected: f64 = q.iter().zip(&bounds).map(|(q, bound)| q * bound).sum();
    assert!((expected - value("example_expected")).abs() < 1e-6, "{expected}");
    let best: f64 = bounds.iter().map(|bound| bound.exp()).sum::<f64>().ln();
    // The plug-in value lies too high, by less than its noise.
    let above = best - value("example_best");
    assert!(above >= 0.0 && above < 3.0 * error(&snapshot, "example_best") + 0.1, "{above}");
    assert_eq!(value("alpha_total"), 0.1 * 1438.0);
    assert!((value("label_weight") - 14.38).abs() < 1e-9);
    match &snapshot.figure("choice").unwrap().pointer {
        Some(Pointer::Pick { control }) => assert_eq!(control, "example"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_few_hundred_steps_on_the_moons_pay() {
    let mut run =
        start(DEMO, |values| values.with("data", "moons").with("labels_per_class", 2.0).with("warm_up", 150.0));
    let before = advance(run.as_mut(), 0);
    let after = advance(run.as_mut(), 700);
    assert!(value(&after, "unlabelled_elbo") > value(&before, "unlabelled_elbo") + 0.5);
    assert!(value(&after, "heldout_labelled_elbo") > value(&before, "heldout_labelled_elbo") + 0.5);
    assert!(value(&after, "accuracy") > value(&after, "baseline_accuracy"), "{:?}", after.readouts);
    assert_eq!(layers(&after, "data").len(), 6);
}

#[test]
fn a_clicked_label_joins_the_run() {
    let change = |values: Values| values.with("data", "moons").with("labels_per_class", 1.0);
    let mut run = start(DEMO, change);
    let before = advance(run.as_mut(), 20);
    let clicked = change(defaults(DEMO)).with("labels", vec![0.9, -0.4, -0.9, 0.3]);
    run.set(&clicked);
    let after = advance(run.as_mut(), 20);
    assert_eq!(value(&after, "labelled"), value(&before, "labelled") + 2.0);
    assert_eq!(after.step, 40);
}

#[test]
fn a_saved_run_goes_on_with_both_classifiers() {
    let small = |values: Values| values.with("data", "moons").with("hidden", 16.0);
    let mut run = start(DEMO, small);
    let trained = advance(run.as_mut(), 60);
    let model = Assets([("model".to_owned(), saved(run.as_ref()))].into());
    let mut again = begin(DEMO, &model, small).unwrap();
    let loaded = advance(again.as_mut(), 0);
    for name in ["accuracy", "baseline_accuracy", "heldout_unlabelled_elbo"] {
        assert_eq!(loaded.readout(name), trained.readout(name), "{name}");
    }
    assert!(begin(DEMO, &model, |values| values).is_err(), "other sizes");
}

#[test]
fn the_same_seed_gives_the_same_run_and_a_wild_rate_is_told() {
    let run = |rate: f64| {
        let mut run = start(DEMO, |values| values.with("data", "moons").with("learning_rate", rate));
        advance(run.as_mut(), 40)
    };
    assert_eq!(format!("{:?}", run(3e-3).readouts), format!("{:?}", run(3e-3).readouts));
    // Not even the largest learning rate of the control makes the run diverge, so the test uses a much larger one.
    let mut wild = start(DEMO, |values| values.with("data", "moons"));
    advance(wild.as_mut(), 20);
    let values = defaults(DEMO).with("data", "moons").with("learning_rate", 1e30);
    wild.set(&values);
    let failed = advance(wild.as_mut(), 20);
    assert!(matches!(failed.status, Status::Failed(_)), "{:?}", failed.status);
    assert_eq!(failed.step, 20);
    wild.set(&values.with("learning_rate", 3e-3));
    let again = advance(wild.as_mut(), 20);
    assert_eq!((again.status.clone(), again.step), (Status::Going, 40));
    assert!(value(&again, "unlabelled_elbo").is_finite());
}
