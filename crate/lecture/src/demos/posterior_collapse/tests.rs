//! Laws of slide 3.2: what collapses, when, and how it is measured.
#![allow(clippy::unwrap_used, reason = "tests")]

mod remedies;

use figure::{Layer, Role, Snapshot, Status, Value, Values};
use learn::Experiment;
use math::collapse::{DELTA, active_units, collapsed, curve};
use math::elbo::Normal;
use math::gaussian::kl_to_standard_normal_1d;

use super::DEMO;
use crate::testing::formulas::Formulas;
use crate::testing::golden::{flat, near, parse, wave};
use crate::testing::lanes::Together;
use crate::testing::{advance, defaults, images, layers, start, value};

fn begin(changes: &[(&str, Value)]) -> Box<dyn Experiment> {
    start(DEMO, |values| with(values, changes))
}

fn with(values: Values, changes: &[(&str, Value)]) -> Values {
    changes.iter().fold(values, |values, (name, value)| values.with(name, value.clone()))
}

fn set(run: &mut dyn Experiment, changes: &[(&str, Value)]) {
    run.set(&with(defaults(DEMO), changes));
}

/// The first line of a chart with this role.
fn line(snapshot: &Snapshot, figure: &str, of: Role) -> Vec<[f64; 2]> {
    let line = layers(snapshot, figure).iter().find_map(|layer| match layer {
        Layer::Line { role, points, .. } if *role == of => Some(points.clone()),
        _ => None,
    });
    line.unwrap()
}

/// How much reconstructions of different digits differ, in grey levels of 255.
fn contrast(snapshot: &Snapshot) -> u8 {
    let images = images(snapshot, "reconstructions");
    let size = images.width * images.height;
    let row = &images.pixels[images.columns * size..2 * images.columns * size];
    (size..row.len()).map(|at| row[at].abs_diff(row[at % size])).max().unwrap()
}

#[test]
fn a_linear_decoder_collapses_where_the_eigenvalues_say() {
    // βσ_x² = 0.32 lies between the fourth and the fifth eigenvalue of the digits' covariance.
    let mut run = begin(&[
        ("decoder_layers", 0.0.into()),
        ("beta", 2.0.into()),
        ("epsilon", 0.1.into()),
        ("learning_rate", 0.01.into()),
    ]);
    let snapshot = advance(run.as_mut(), 900);
    assert_eq!(value(&snapshot, "collapsed_linear"), 0.6);
    assert_eq!(value(&snapshot, "collapsed"), 0.6, "{:?}", snapshot.figure("kl_per_dimension").unwrap().alt);
    assert_eq!(value(&snapshot, "active_units"), 4.0);
    // The encoder is not linear, so that its KL is close to the linear VAE's, but not equal.
    let expected: f64 = line(&snapshot, "kl_per_dimension", Role::Exact).iter().map(|point| point[1]).sum();
    assert!((value(&snapshot, "kl") / expected - 1.0).abs() < 0.15, "{} {expected}", value(&snapshot, "kl"));
}

#[test]
fn too_much_weight_and_the_reconstructions_forget() {
    let mut run = begin(&[]);
    let first = advance(run.as_mut(), 0);
    assert_eq!(first.figures.len(), 6);
    let healthy = advance(run.as_mut(), 150);
    assert!(value(&healthy, "kl") > 1.0 && contrast(&healthy) > 50, "{}", contrast(&healthy));
    // A live control: every dimension collapses without a restart.
    set(run.as_mut(), &[("beta", 20.0.into())]);
    let gone = advance(run.as_mut(), 350);
    assert_eq!(value(&gone, "step"), 500.0);
    assert_eq!((value(&gone, "collapsed"), value(&gone, "active_units")), (1.0, 0.0));
    assert!(value(&gone, "kl") < 0.01 && contrast(&gone) < 12, "{} {}", value(&gone, "kl"), contrast(&gone));
    assert!(value(&gone, "elbo") < value(&healthy, "elbo"));
}

#[test]
fn a_decoder_that_sees_earlier_pixels_needs_no_code() {
    let mut plain = begin(&[]);
    let mut strong = begin(&[("autoregressive", 1.0.into())]);
    let (plain, strong) = (advance(plain.as_mut(), 600), advance(strong.as_mut(), 600));
    assert_eq!((value(&strong, "collapsed"), value(&strong, "active_units")), (1.0, 0.0));
    assert!(value(&strong, "elbo") > value(&plain, "elbo") + 2.0, "and it is the better model");
    assert!(value(&strong, "collapsed_linear").is_nan(), "no closed form for this decoder");
}

#[test]
fn the_curve_is_monotone_and_epsilon_reads_it_off() {
    let mut run = begin(&[]);
    let snapshot = advance(run.as_mut(), 40);
    let stairs = line(&snapshot, "collapse", Role::Kl);
    assert!(stairs.windows(2).all(|pair| pair[0][0] <= pair[1][0] && pair[0][1] <= pair[1][1]));
    for epsilon in [1e-3, 0.1, 0.5, 2.0] {
        set(run.as_mut(), &[("epsilon", epsilon.into())]);
        let snapshot = advance(run.as_mut(), 0);
        let below = stairs.iter().rfind(|point| point[0] < epsilon).unwrap();
        assert_eq!(value(&snapshot, "collapsed"), below[1], "at {epsilon}");
    }
    // With δ = 0 fewer dimensions count as collapsed, with δ = 0.2 more.
    let at = |run: &mut dyn Experiment, delta: f64| {
        set(run, &[("delta", delta.into()), ("epsilon", 0.4.into())]);
        value(&advance(run, 0), "collapsed")
    };
    let (strict, mild) = (at(run.as_mut(), 0.0), at(run.as_mut(), 0.2));
    assert!(strict <= mild && strict < 1.0, "{strict} {mild}");
}

#[test]
fn warm_up_raises_the_weight_and_the_same_seed_is_the_same_run() {
    let changes = [("warm_up", 1.0.into()), ("warm_up_steps", 40.0.into()), ("beta", 4.0.into())];
    let mut run = begin(&changes);
    assert_eq!(value(&advance(run.as_mut(), 0), "kl_weight"), 0.0);
    assert_eq!(value(&advance(run.as_mut(), 10), "kl_weight"), 1.0);
    let late = advance(run.as_mut(), 50);
    assert_eq!(value(&late, "kl_weight"), 4.0);
    let mut again = begin(&changes);
    assert_eq!(value(&advance(again.as_mut(), 60), "kl"), value(&late, "kl"));
}

#[test]
fn warm_up_keeps_out_of_the_trap() {
    let active = |warm_up: bool| {
        let mut run = begin(&[("beta", 3.0.into()), ("warm_up", warm_up.into()), ("warm_up_steps", 300.0.into())]);
        value(&advance(run.as_mut(), 600), "active_units")
    };
    assert_eq!(active(false), 0.0);
    assert!(active(true) >= 2.0);
}

#[test]
fn a_map_fills_in_cell_by_cell_and_ends() {
    for (map, cells) in [("sigma_x", 42_usize), ("decoder", 35)] {
        let mut run = begin(&[
            ("map", map.into()),
            ("map_steps", 20.0.into()),
            ("hidden", 8.0.into()),
            ("decoder_hidden", 8.0.into()),
        ]);
        let first = advance(run.as_mut(), 0);
        assert_eq!((first.progress, value(&first, "cells")), (Some(0.0), 0.0));
        // Six cells train together.
        let some = advance(run.as_mut(), 45);
        assert_eq!(value(&some, "cells"), 12.0);
        let all = advance(run.as_mut(), 20 * cells.div_ceil(6) - 45);
        assert!(all.status == Status::Done && run.finished() && value(&all, "cells") == cells as f64);
        assert_eq!(all.table.len(), cells + 1);
        assert!(all.table[1..].iter().all(|row| row[2].parse::<f64>().is_ok_and(f64::is_finite)), "{:?}", all.table);
    }
}

#[test]
fn a_diverged_run_says_so_and_goes_back() {
    let mut run = begin(&[("learning_rate", 1.0.into()), ("beta", 100.0.into())]);
    advance(run.as_mut(), 0);
    let failed =
        (0..60).map(|_| advance(run.as_mut(), 5)).find(|snapshot| matches!(snapshot.status, Status::Failed(_)));
    let failed = failed.expect("a learning rate of 1 is too large");
    assert!(value(&failed, "kl").is_finite());
    set(run.as_mut(), &[]);
    let after = advance(run.as_mut(), 5);
    assert!(after.status == Status::Going && value(&after, "elbo").is_finite());
}

#[test]
fn a_map_of_collapse_is_the_same_bytes_however_many_compute() {
    for map in ["sigma_x", "decoder"] {
        let settings = |values: Values| {
            let values = values.with("map", map).with("map_steps", 20.0).with("batch", 16.0);
            values.with("hidden", 8.0).with("decoder_hidden", 8.0)
        };
        let mut run = Together::start(DEMO, settings);
        for steps in [0, 15, 10, 40] {
            run.advance(steps);
        }
        run.set(|values| settings(values).with("delta", 0.1).with("learning_rate", 1e-3));
        run.advance(0);
        run.advance(20);
    }
}

#[test]
fn the_measure_of_collapse_is_tensorflows() {
    let reference = parse(include_str!("reference.json"));
    let rows = 200;
    let mut mu: Vec<f64> = table(rows, [(1.7, 1.4, 0.0), (0.9, 1e-3, 0.0), (1.1, 1e-3, 0.0)]);
    (mu[17 * 3 + 1], mu[143 * 3 + 1]) = (0.8, -0.8);
    let log_var = table(rows, [(0.6, 0.3, -2.0), (0.8, 1e-3, 0.0), (0.4, 1e-3, 0.0)]);
    let kl: Vec<f64> = mu.iter().zip(&log_var).map(|(mu, log_var)| kl_to_standard_normal_1d(*mu, *log_var)).collect();
    let epsilons = flat(&reference["epsilons"]);
    near(&curve(&kl, 3, &epsilons, DELTA), &reference["collapse_curve"], 1e-15, "the curve");
    near(&curve(&kl, 3, &epsilons, 0.005), &reference["collapse_curve_strict"], 1e-15, "the curve at delta 0.005");
    near(&[active_units(&mu, 3) as f64], &reference["active_units"], 0.0, "active units");
}

/// Columns of waves (frequency, scale, offset), row by row.
fn table(rows: usize, columns: [(f64, f64, f64); 3]) -> Vec<f64> {
    let columns = columns.map(|(frequency, scale, offset)| (wave(rows, frequency, scale), offset));
    (0..rows).flat_map(|row| columns.each_ref().map(|(wave, offset)| wave[row] + offset)).collect()
}

/// What the slide's Try and Look-for say will happen.
#[test]
fn six_of_ten_go_out_from_three_the_code_comes_back_and_from_twenty_it_does_not() {
    let mut run = begin(&[]);
    let settled = advance(run.as_mut(), 600);
    assert_eq!((value(&settled, "collapsed"), value(&settled, "active_units")), (0.6, 4.0));
    let back_from = |beta: f64| {
        let mut run = begin(&[]);
        let before = value(&advance(run.as_mut(), 300), "kl");
        set(run.as_mut(), &[("beta", beta.into())]);
        let under = value(&advance(run.as_mut(), 300), "kl");
        set(run.as_mut(), &[("beta", 1.0.into())]);
        [under / before, value(&advance(run.as_mut(), 300), "kl") / before]
    };
    let [under, after] = back_from(3.0);
    assert!(under < 0.4 && after > 0.8, "beta 3: {under}, then {after} of the KL before");
    let [under, after] = back_from(20.0);
    assert!(under < 0.01 && after < 0.01, "beta 20: {under}, then {after} of the KL before");
}

#[test]
fn every_formula_is_the_function_that_the_demo_uses() {
    let formulas = Formulas::of(include_str!("page.html"), include_str!("formulas.json"));
    formulas.compare("averaged_elbo", 1e-9, |given| {
        let model = given.linear_gaussian();
        let [x, mu, sigma] = ["x", "mu", "sigma"].map(|name| given.numbers(name));
        let elbo = |n: usize| model.elbo(x[n], &Normal { mu: mu[n], log_var: 2.0 * sigma[n].ln() }).elbo;
        vec![(0..3).map(elbo).sum::<f64>() / 3.0]
    });
    formulas.compare("collapsed", 0.0, |given| {
        let flags = collapsed(&given.numbers("kl"), 3, given.number("epsilon"), DELTA);
        flags.into_iter().map(|flag| f64::from(u8::from(flag))).collect()
    });
    remedies::compare(&formulas);
    formulas.all_compared();
}
