//! Section 3 against TensorFlow: the bound (17), the three terms of (21), and the measure of posterior collapse.
//!
//! Reference: `python3 tests/reference/information_tensorflow.py > tests/reference/information_tensorflow.json`
//! (TensorFlow 2.21, CPU). The terms as the page shows them are compared in `demos/elbo_surgery/training/terms.rs`.

#[path = "support/golden.rs"]
mod golden;

use golden::{narrow, near, numbers, parse, wave};
use math::collapse::{DELTA, active_units, curve};
use math::gaussian::kl_to_standard_normal_1d;
use math::mixture::Mixture;
use serde_json::Value;

const N: usize = 6;
const LATENT: usize = 2;
const SAMPLES: usize = 5;
/// Our noise is f32.
const SINGLE: f64 = 1e-7;

fn reference() -> Value {
    parse(include_str!("../../../tests/reference/information_tensorflow.json"))
}

fn log_var() -> Vec<f64> {
    wave(N * LATENT, 0.7, 0.8).iter().map(|w| w - 0.5).collect()
}

#[test]
fn the_terms_of_17_and_21_are_tensorflows() {
    let reference = reference();
    let mu = wave(N * LATENT, 1.3, 1.5);
    let mixture = Mixture::new(&mu, &log_var(), LATENT);
    let beside: Vec<f64> = mu.iter().map(|mu| mu + 0.3).collect();
    let density: Vec<f64> = beside.chunks_exact(LATENT).map(|z| mixture.log_density(z)).collect();
    near(&density, &reference["log_aggregate"], 1e-14, "log q(z)");

    let terms = mixture.surgery_of_all(&narrow(&wave(SAMPLES * N * LATENT, 2.9, 1.2)));
    near(&[mixture.average_kl()], &reference["mi_bound"][0], 1e-14, "the average KL");
    near(&[terms.mi.mean], &reference["mi_bound"][1], SINGLE, "I(x, z)");
    near(&[terms.marginal_kl.mean], &reference["mi_bound"][2], SINGLE, "KL[q(z)||p(z)]");
    near(&[terms.index_information.mean], &reference["surgery"][1], SINGLE, "② of (21)");
    near(&[terms.marginal_kl.mean], &reference["surgery"][2], SINGLE, "③ of (21)");
}

#[test]
fn the_measure_of_collapse_is_tensorflows() {
    let reference = reference();
    let rows = 200;
    let mut mu: Vec<f64> = table(rows, [(1.7, 1.4, 0.0), (0.9, 1e-3, 0.0), (1.1, 1e-3, 0.0)]);
    (mu[17 * 3 + 1], mu[143 * 3 + 1]) = (0.8, -0.8);
    let log_var = table(rows, [(0.6, 0.3, -2.0), (0.8, 1e-3, 0.0), (0.4, 1e-3, 0.0)]);
    let kl: Vec<f64> = mu.iter().zip(&log_var).map(|(mu, log_var)| kl_to_standard_normal_1d(*mu, *log_var)).collect();
    let epsilons = numbers(&reference["epsilons"]);
    near(&curve(&kl, 3, &epsilons, DELTA), &reference["collapse_curve"], 1e-15, "the curve");
    near(&curve(&kl, 3, &epsilons, 0.005), &reference["collapse_curve_strict"], 1e-15, "the curve at delta 0.005");
    near(&[active_units(&mu, 3) as f64], &reference["active_units"], 0.0, "active units");
}

/// Columns of waves (frequency, scale, offset), row by row.
fn table(rows: usize, columns: [(f64, f64, f64); 3]) -> Vec<f64> {
    let columns = columns.map(|(frequency, scale, offset)| (wave(rows, frequency, scale), offset));
    (0..rows).flat_map(|row| columns.each_ref().map(|(wave, offset)| wave[row] + offset)).collect()
}
