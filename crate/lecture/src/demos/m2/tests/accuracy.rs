//! Held-out accuracy of M2 and of the same classifier on the labels alone, over seeds: the numbers that the page's figure
//! `by_labels` shows as recorded. It takes long, so it is not part of the usual tests:
//! `cargo test -p lecture --features training --lib m2::tests::accuracy -- --ignored --nocapture`
#![allow(clippy::unwrap_used, reason = "tests")]

use crate::demos::m2::DEMO;
use crate::demos::m2::training::RECORDED;
use crate::testing::{advance, start, value};

const STEPS: usize = 1000;
const SEEDS: std::ops::RangeInclusive<u32> = 1..=5;

/// Mean and standard deviation (n − 1).
fn mean_and_spread(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}

fn table(data: &str, labels: &[f64], steps: usize) -> Vec<[f64; 5]> {
    labels
        .iter()
        .map(|&labels| {
            let runs: Vec<(f64, f64)> = SEEDS
                .map(|seed| {
                    let change = |values: figure::Values| {
                        values.with("data", data).with("labels_per_class", labels).with("seed", f64::from(seed))
                    };
                    let snapshot = advance(start(DEMO, change).as_mut(), steps);
                    (value(&snapshot, "accuracy"), value(&snapshot, "baseline_accuracy"))
                })
                .collect();
            let (m2, baseline): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
            let ((a, a_spread), (b, b_spread)) = (mean_and_spread(&m2), mean_and_spread(&baseline));
            println!("[{labels:.1}, {a:.3}, {a_spread:.3}, {b:.3}, {b_spread:.3}], // {data}, M2 {m2:.3?}, alone {baseline:.3?}");
            [labels, a, a_spread, b, b_spread]
        })
        .collect()
}

/// The table that the page shows, made again: the same within what another processor's rounding makes of five runs.
#[test]
#[ignore = "trains 35 models: cargo test -p lecture --features training --lib m2::tests::accuracy -- --ignored"]
fn the_recorded_accuracies_are_what_the_runs_give() {
    for (row, recorded) in table("digits", &RECORDED.map(|row| row[0]), STEPS).iter().zip(&RECORDED) {
        for (found, recorded) in row.iter().zip(recorded) {
            assert!((found - recorded).abs() < 0.02, "{row:?} against {recorded:?}");
        }
    }
}

#[test]
#[ignore = "trains 15 models: cargo test -p lecture --features training --lib m2::tests::accuracy -- --ignored"]
fn m2_beats_the_classifier_alone_on_moons() {
    let rows = table("moons", &[1.0, 3.0, 10.0], 2000);
    assert!(rows.iter().all(|row| row[1] > row[3]), "{rows:?}");
}
