//! A VAE with the weights that the reference scripts define by formulas.

#![allow(dead_code, unreachable_pub, reason = "shared by several test files, each using a part")]
#![allow(clippy::unwrap_used, reason = "tests")]

use learn::models::{Stored, Vae, restore, weights};

/// scale · sin(frequency · (index + 1)), the reference's formula for every number.
pub fn wave(count: usize, frequency: f64, scale: f64) -> Vec<f32> {
    (0..count).map(|index| (scale * (frequency * (index as f64 + 1.0)).sin()) as f32).collect()
}

/// The VAE with every parameter a [`wave`] whose frequency and scale `formula` gives by its name; the shared scale of the
/// likelihood is `log_scale`.
pub fn given(vae: Vae, log_scale: f32, formula: impl Fn(&str) -> (f64, f64)) -> Vae {
    let one = |weight: learn::Weight| {
        let values = if weight.name == "decoder.log_scale" {
            vec![log_scale]
        } else {
            let (frequency, scale) = formula(&weight.name);
            wave(weight.shape.iter().product(), frequency, scale)
        };
        (weight.name, (weight.shape, values))
    };
    let stored: Stored = weights(&vae).into_iter().map(one).collect();
    restore(vae, &stored).unwrap()
}

/// The formulas of the dense VAE in `vae_step_jax.py`, `mi_objective_jax.py` and `vae_tensorflow.py`.
pub fn dense(name: &str) -> (f64, f64) {
    match name {
        "encoder.hidden.0.weight" => (0.7, 0.5),
        "encoder.hidden.0.bias" => (1.1, 0.1),
        "encoder.mu.weight" => (1.3, 0.6),
        "encoder.mu.bias" => (1.7, 0.2),
        "encoder.log_var.weight" => (0.9, 0.4),
        "encoder.log_var.bias" => (2.3, 0.2),
        "decoder.hidden.0.weight" => (1.9, 0.7),
        "decoder.hidden.0.bias" => (0.5, 0.1),
        "decoder.output.weight" => (0.3, 0.5),
        "decoder.output.bias" => (0.6, 0.1),
        other => panic!("the reference has no parameter {other}"),
    }
}
