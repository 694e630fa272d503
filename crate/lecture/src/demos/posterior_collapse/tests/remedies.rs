//! Free bits, the two schedules of the KL weight, and the remedies side by side.

use burn::tensor::{Device, Tensor};
use figure::{Layer, Role, Snapshot, Status, Value};
use learn::models::{VaeConfig, tensor};
use learn::objectives::{Likelihood, free_bits, kl_per_dimension};
use learn::trainer::Trainer;
use learn::vae_trainer::Pass;
use math::annealing::{cyclical, linear};
use math::rng::Rng;

use super::super::DEMO;
use super::{begin, set};
use crate::testing::formulas::Formulas;
use crate::testing::given::{close, given_vae, pixels, wave_f32};
use crate::testing::golden::parse;
use crate::testing::lanes::Together;
use crate::testing::{advance, layers, named, value};

const FREE: (&str, Value) = ("free_bits", Value::Number(1.0));

/// What the table of the remedies says last of one.
struct Last {
    kl: f64,
    elbo: f64,
    active: f64,
    collapsed: f64,
}

fn last(snapshot: &Snapshot, remedy: &str) -> Last {
    let at = |name: &str| snapshot.table[0].iter().position(|column| column == name).unwrap();
    let row = snapshot.table.iter().rfind(|row| row[0] == remedy).unwrap();
    let number = |name: &str| row[at(name)].parse::<f64>().unwrap();
    Last {
        kl: number("kl"),
        elbo: number("reconstruction") - number("kl"),
        active: number("active_units"),
        collapsed: number("collapsed"),
    }
}

/// The average KL of every dimension, the largest first.
fn bars(snapshot: &Snapshot) -> Vec<f64> {
    let bars = layers(snapshot, "kl_per_dimension").iter().filter_map(|layer| match layer {
        Layer::Bars { bars, .. } => Some(bars.iter().map(|bar| bar[3])),
        _ => None,
    });
    let mut bars: Vec<f64> = bars.flatten().collect();
    bars.sort_by(|a, b| b.total_cmp(a));
    bars
}

fn has_exact_lines(snapshot: &Snapshot, figure: &str) -> bool {
    layers(snapshot, figure).iter().any(|layer| matches!(layer, Layer::Line { role: Role::Exact, .. }))
}

#[test]
fn the_schedule_in_force_is_the_one_chosen() {
    let changes = |schedule: &str| {
        [
            ("warm_up", 1.0.into()),
            ("warm_up_steps", 10.0.into()),
            ("beta", 4.0.into()),
            ("kl_schedule", schedule.into()),
        ]
    };
    for (name, schedule) in [("linear", linear as fn(f64, u64, u64) -> f64), ("cyclical", cyclical)] {
        let mut run = begin(&changes(name));
        let mut snapshot = advance(run.as_mut(), 0);
        for step in [0, 5, 10, 15, 20, 25, 40, 80, 100] {
            snapshot = advance(run.as_mut(), step - value(&snapshot, "step") as usize);
            assert_eq!(value(&snapshot, "kl_weight"), schedule(4.0, step as u64, 10), "{name} at {step}");
        }
        let drawn = layers(&snapshot, "shares").iter().find_map(|layer| match layer {
            Layer::Line { label, points, .. } if label == "KL weight" => Some(points.clone()),
            _ => None,
        });
        for [step, share] in drawn.unwrap() {
            assert_eq!(4.0 * share, schedule(4.0, step as u64, 10), "{name} at {step}");
        }
    }
    // Without a warm-up there is nothing to repeat.
    let mut run = begin(&[("kl_schedule", "cyclical".into()), ("beta", 4.0.into())]);
    assert_eq!(value(&advance(run.as_mut(), 1), "kl_weight"), 4.0);
}

/// The KL and the ELBO that are shown are the plain ones; the exact lines of the linear VAE are of the plain objective, and go.
#[test]
fn free_bits_change_what_is_trained_and_not_what_is_measured() {
    let (mut plain, mut free) = (begin(&[]), begin(&[FREE, ("kappa", 1.0.into())]));
    let (first, second) = (advance(plain.as_mut(), 0), advance(free.as_mut(), 0));
    for name in ["kl", "elbo", "reconstruction"] {
        assert_eq!(value(&first, name), value(&second, name));
    }
    let (first, second) = (advance(plain.as_mut(), 40), advance(free.as_mut(), 40));
    assert!(value(&second, "kl") > value(&first, "kl"));
    for figure in ["kl_per_dimension", "shares", "map"] {
        assert!(has_exact_lines(&first, figure) && !has_exact_lines(&second, figure), "{figure}");
    }
    assert!(value(&second, "collapsed_linear").is_nan() && value(&first, "collapsed_linear") == 0.2);
    // A live control: without them the lines are back.
    set(free.as_mut(), &[]);
    assert!(has_exact_lines(&advance(free.as_mut(), 0), "map"));
}

#[test]
fn a_step_with_free_bits_is_tensorflows() {
    const BETA: f64 = 1.5;
    const KAPPA: f64 = 0.018;
    let reference = &parse(include_str!("../reference.json"))["free_bits"];
    let device = Device::flex().autodiff();
    let config = VaeConfig::new(6, 5, 2, Likelihood::Gaussian);
    let x = tensor(pixels(24, 0.37), [4, 6], &device);
    let eps: Tensor<2> = tensor(wave_f32(8, 2.9, 1.2), [4, 2], &device);
    let mut trainer = Trainer::new(given_vae(config.init(&mut Rng::new(1), &device), -0.4));
    let pass = Pass::new(&trainer.module, &config, x, eps);
    close(&pass.kl_per_dimension.clone().mean_dim(0), &reference["average_kl"], "average KL");
    let loss = free_bits(pass.kl_per_dimension, KAPPA) * BETA - pass.reconstruction.mean();
    close(&loss, &reference["loss"], "loss");
    let gradients = loss.backward();
    let encoder = &trainer.module.encoder;
    close(
        &encoder.mu.weight.val().grad(&gradients).unwrap(),
        &reference["gradient"]["encoder.mu.weight"],
        "mu gradient",
    );
    let bias = encoder.log_var.bias.as_ref().unwrap().val();
    close(&bias.grad(&gradients).unwrap(), &reference["gradient"]["encoder.log_var.bias"], "log_var gradient");
    trainer.descend(gradients, 1e-2);
    let (after, module) = (&reference["after_one_step"], trainer.valid());
    close(&module.encoder.mu.weight.val(), &after["encoder.mu.weight"], "mu after");
    close(&module.decoder.hidden[0].weight.val(), &after["decoder.hidden.0.weight"], "decoder after");
}

/// What the slide says of free bits at its defaults, and that the measure of collapse does not see it where ε < κ.
#[test]
fn seven_of_ten_dimensions_stay_at_the_nats_that_are_free() {
    let mut run = begin(&[FREE]);
    let snapshot = advance(run.as_mut(), 600);
    let kl = bars(&snapshot);
    assert!(kl[2] > 0.5, "{kl:?}");
    assert!(kl[3..].iter().all(|kl| (0.06..0.15).contains(kl)), "{kl:?}");
    assert_eq!((value(&snapshot, "collapsed"), value(&snapshot, "active_units")), (0.0, 10.0));
    let mut plain = begin(&[]);
    let plain = advance(plain.as_mut(), 600);
    assert!(value(&snapshot, "elbo") < value(&plain, "elbo") - 0.1, "and the ELBO is worse");
}

/// What the slide says of the remedies side by side, at β = 3.
#[test]
fn at_beta_three_every_remedy_wakes_the_code() {
    let mut run = begin(&[("remedies", 1.0.into()), ("beta", 3.0.into())]);
    let snapshot = advance(run.as_mut(), 600);
    let none = last(&snapshot, "none");
    assert!(none.collapsed == 1.0 && none.active == 0.0 && none.kl < 0.01, "{}", none.kl);
    for warm_up in ["warm-up", "cyclical"].map(|remedy| last(&snapshot, remedy)) {
        assert!((3.0..=4.0).contains(&warm_up.active) && (0.4..0.9).contains(&warm_up.kl), "{}", warm_up.kl);
        assert!(warm_up.elbo > none.elbo + 1.0);
    }
    let free = last(&snapshot, "free bits");
    assert!(free.active == 10.0 && free.collapsed == 0.0 && (0.9..1.2).contains(&free.kl), "{}", free.kl);
    assert!(free.elbo > none.elbo + 1.0);
    // The other figures and the read-outs are the first one's.
    assert_eq!((value(&snapshot, "active_units"), value(&snapshot, "kl_weight")), (0.0, 3.0));
}

/// The same with the strong decoder, at its own β.
#[test]
fn with_the_strong_decoder_only_free_bits_leave_a_code_and_the_elbo_pays() {
    let mut run = begin(&[("remedies", 1.0.into()), ("autoregressive", 1.0.into())]);
    let snapshot = advance(run.as_mut(), 600);
    for gone in ["none", "warm-up", "cyclical"].map(|remedy| last(&snapshot, remedy)) {
        assert!(gone.collapsed == 1.0 && gone.active == 0.0 && gone.kl < 0.05, "{}", gone.kl);
    }
    let free = last(&snapshot, "free bits");
    assert!(free.active == 10.0 && (0.6..1.2).contains(&free.kl), "{}", free.kl);
    assert!(free.elbo < last(&snapshot, "none").elbo - 0.3);
}

/// Every lane is the run that the controls alone would make, so that the remedy is all they differ by.
#[test]
fn each_remedy_is_the_same_run_as_by_itself() {
    let small = [("hidden", 16.0.into()), ("decoder_hidden", 16.0.into()), ("warm_up_steps", 10.0.into())];
    let mut beside = begin(&[&small[..], &[("remedies", 1.0.into())]].concat());
    let beside = advance(beside.as_mut(), 60);
    let warm = ("warm_up", Value::Number(1.0));
    for (remedy, changes) in [
        ("none", vec![]),
        ("warm-up", vec![warm.clone()]),
        ("cyclical", vec![warm, ("kl_schedule", "cyclical".into())]),
        ("free bits", vec![FREE]),
    ] {
        let mut alone = begin(&[&small[..], &changes[..]].concat());
        let alone = advance(alone.as_mut(), 60);
        let found = last(&beside, remedy);
        assert_eq!((found.kl, found.active), (value(&alone, "kl"), value(&alone, "active_units")), "{remedy}");
        let [rate, distortion] = named(&beside, "remedies_plane", remedy);
        assert_eq!((rate, -distortion - rate), (found.kl, found.elbo), "{remedy}");
    }
    // One row each at steps 0, 20, 40 and 60.
    assert_eq!(beside.table.len(), 1 + 4 * 4);
    assert_eq!(beside.figures.len(), 11);
}

#[test]
fn the_remedies_are_the_same_bytes_however_many_compute() {
    let settings = |values: figure::Values| {
        let values = values.with("remedies", 1.0).with("batch", 16.0).with("warm_up_steps", 10.0);
        values.with("hidden", 8.0).with("decoder_hidden", 8.0)
    };
    let mut run = Together::start(DEMO, settings);
    for steps in [0, 15, 30] {
        run.advance(steps);
    }
    run.set(|values| settings(values).with("kappa", 1.0).with("beta", 0.5));
    run.advance(10);
}

#[test]
fn remedies_that_diverge_go_back_together() {
    let diverging = [("remedies", 1.0.into()), ("learning_rate", 1.0.into()), ("beta", 100.0.into())];
    let mut run = begin(&diverging);
    advance(run.as_mut(), 0);
    let failed = (0..60).map(|_| advance(run.as_mut(), 5)).find(|now| matches!(now.status, Status::Failed(_)));
    assert!(failed.is_some(), "a learning rate of 1 is too large");
    set(run.as_mut(), &[]);
    let after = advance(run.as_mut(), 5);
    assert_eq!(after.status, Status::Going);
    for remedy in ["none", "warm-up", "cyclical", "free bits"] {
        let last = last(&after, remedy);
        assert!(last.kl.is_finite() && last.elbo.is_finite(), "{remedy}");
    }
}

/// Compares the formulas of the remedies.
pub(super) fn compare(formulas: &Formulas) {
    let device = Device::flex();
    formulas.compare("free_bits", 1e-5, |given| {
        let log_var: Vec<f32> = given.narrow("sigma").iter().map(|sigma| 2.0 * sigma.ln()).collect();
        let rows = |table: Vec<f32>| -> Tensor<2> { tensor(table, [3, 2], &device) };
        let kl = free_bits(kl_per_dimension(rows(given.narrow("mu")), rows(log_var)), given.number("kappa"));
        let reconstruction = given.numbers("reconstruction").iter().sum::<f64>() / 3.0;
        vec![reconstruction - given.number("beta") * f64::from(kl.into_scalar::<f32>())]
    });
    formulas.compare("cyclical", 1e-12, |given| {
        vec![cyclical(given.number("beta"), given.number("t") as u64, given.number("t_w") as u64)]
    });
}
