//! Slide 1.6 against TensorFlow: both paths and an analogy.
//!
//! Reference: `python3 tests/reference/latent_arithmetic_tensorflow.py > tests/reference/latent_arithmetic_tensorflow.json`
//! (TensorFlow 2.21, CPU).

#[path = "support/golden.rs"]
mod golden;

use golden::{near, parse, wave};
use math::interpolate::{analogy, interpolate, interpolate_spherical};

#[test]
fn the_ways_are_tensorflows() {
    let reference = parse(include_str!("../../../tests/reference/latent_arithmetic_tensorflow.json"));
    let (z1, z2, z3) = (wave(5, 1.1, 1.3), wave(5, 0.7, 0.9), wave(5, 2.3, 0.4));
    near(&interpolate(&z1, &z2, 4), &reference["interpolate"], 1e-14, "straight");
    near(&interpolate_spherical(&z1, &z2, 4), &reference["interpolate_spherical"], 1e-14, "on the sphere");
    near(&analogy(&z1, &z2, &z3), &reference["analogy"], 1e-14, "z1 - z2 + z3");
}
