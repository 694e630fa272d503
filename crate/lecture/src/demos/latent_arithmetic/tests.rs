//! Slide 1.6: both paths and an analogy, on the built-in model and against TensorFlow.

#![allow(clippy::unwrap_used, reason = "tests")]

use figure::Values;
use math::interpolate::{analogy, interpolate, interpolate_spherical};

use super::DEMO;
use crate::testing::formulas::Formulas;
use crate::testing::golden::{near, parse, wave};
use crate::testing::{advance, images, start, value};

#[test]
fn the_ways_are_tensorflows() {
    let reference = parse(include_str!("reference.json"));
    let (z1, z2, z3) = (wave(5, 1.1, 1.3), wave(5, 0.7, 0.9), wave(5, 2.3, 0.4));
    near(&interpolate(&z1, &z2, 4), &reference["interpolate"], 1e-14, "straight");
    near(&interpolate_spherical(&z1, &z2, 4), &reference["interpolate_spherical"], 1e-14, "on the sphere");
    near(&analogy(&z1, &z2, &z3), &reference["analogy"], 1e-14, "z1 - z2 + z3");
}

#[test]
fn a_way_has_the_slides_rows_and_ends_at_its_codes() {
    for path in ["linear", "spherical"] {
        let mut run = start(DEMO, |v| v.with("steps", 4.0).with("path", path));
        let snapshot = advance(run.as_mut(), 0);
        assert_eq!(images(&snapshot, "strip").count(), 6, "interpolate(start, end, steps) gives steps + 2 rows");
    }
    // The same image twice: a path of length 0, and z₁ − z₁ + z₁ = z₁.
    for operation in ["interpolate", "analogy"] {
        let same = |v: Values| v.with("first", vec![3.0]).with("second", vec![3.0]).with("third", vec![3.0]);
        let mut run = start(DEMO, |v| same(v).with("operation", operation));
        let length = value(&advance(run.as_mut(), 0), "path_length");
        assert!(length < 1e-9, "{operation}: {length}");
    }
}

#[test]
fn a_drawing_is_encoded_and_the_blank_pad_is_not() {
    let mut run = start(DEMO, |v| v);
    let blank = advance(run.as_mut(), 0);
    assert!(value(&blank, "drawing_reconstruction").is_nan());
    let one: Vec<f64> = (0..64).map(|pixel| if pixel % 8 == 3 || pixel % 8 == 4 { 1.0 } else { 0.0 }).collect();
    let mut run = start(DEMO, |v| v.with("drawing", one));
    let drawn = advance(run.as_mut(), 0);
    assert!(value(&drawn, "drawing_kl") > 0.0);
    assert!(images(&drawn, "encoded").pixels.iter().any(|&pixel| pixel > 100));
}

/// A drawing of the user's own images is ignored by the built-in model, whose images are 8×8.
#[test]
fn a_drawing_of_another_size_is_no_drawing() {
    let mut run = start(DEMO, |v| v.with("drawing", vec![1.0; 784]));
    let snapshot = advance(run.as_mut(), 0);
    assert!(value(&snapshot, "drawing_kl").is_nan());
    assert_eq!(images(&snapshot, "pad").width, 8);
}

/// The slide's call: N pairs z1, z2 ~ N(0, I), each with `steps` codes between them, drawn by the seed.
#[test]
fn pairs_from_the_prior_run_as_on_the_slide() {
    let at = |seed: f64, path: &str| {
        let change = |v: Values| v.with("operation", "prior").with("steps", 4.0).with("seed", seed).with("path", path);
        advance(start(DEMO, change).as_mut(), 0)
    };
    let snapshot = at(3.0, "linear");
    let strip = images(&snapshot, "strip");
    assert_eq!((strip.columns, strip.count()), (6, 4 * 6), "a row of steps + 2 codes for each pair");
    assert!(images(&at(4.0, "linear"), "strip") != strip, "another seed, other codes");
    // Straight is the shortest way, and on the sphere no code is nearer to the origin than the nearer end.
    assert!(value(&at(3.0, "spherical"), "path_length") > value(&snapshot, "path_length"));
    assert!(value(&at(3.0, "spherical"), "lowest_log_prior").is_finite());
}

#[test]
fn every_formula_is_the_function_that_the_demo_uses() {
    let formulas = Formulas::of(include_str!("page.html"), include_str!("formulas.json"));
    formulas.compare("paths", 1e-9, |given| {
        let steps = given.number("steps") as usize;
        let straight = interpolate(&given.numbers("z1"), &given.numbers("z2"), steps);
        [straight, interpolate_spherical(&given.numbers("unit1"), &given.numbers("unit2"), steps)].concat()
    });
    formulas.all_compared();
}
