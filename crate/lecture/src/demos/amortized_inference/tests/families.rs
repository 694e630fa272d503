//! Laws of the two families of slide 1.1: a full covariance beside a diagonal one.
#![allow(clippy::unwrap_used, reason = "tests")]

use figure::{Layer, Role, Snapshot, Values};

use super::column;
use crate::demos::amortized_inference::DEMO;
use crate::testing::{advance, layers, start, value};

fn run(steps: usize, change: impl FnOnce(Values) -> Values) -> Snapshot {
    advance(start(DEMO, |v| change(v.with("points", 40.0).with("latent", 2.0))).as_mut(), steps)
}

/// log p(x) >= best full >= best diagonal at every point, equal at none of a spread sample, and the read-outs are their means.
#[test]
fn the_full_family_is_between_the_diagonal_one_and_the_evidence() {
    for (sigma_x, covariance) in [(0.1, "diagonal"), (0.5, "diagonal"), (0.5, "full"), (1.0, "full")] {
        let snapshot = run(0, |v| v.with("sigma_x", sigma_x).with("covariance", covariance));
        let columns = ["log_px", "best_full_elbo", "best_diagonal_elbo"].map(|name| column(&snapshot, name));
        for ((log_px, full), diagonal) in columns[0].iter().zip(&columns[1]).zip(&columns[2]) {
            assert!(*log_px >= full - 2e-6 && *full >= diagonal - 2e-6, "{log_px} {full} {diagonal}");
        }
        let own = if covariance == "full" { &columns[1] } else { &columns[2] };
        assert_eq!(own, &column(&snapshot, "best_elbo"));
        let mean = |of: &[f64]| of[..40].iter().sum::<f64>() / 40.0;
        let [log_px, full, diagonal] = columns.each_ref().map(|of| mean(of));
        assert!((value(&snapshot, "full_approximation_gap") - (log_px - full)).abs() < 2e-6);
        assert!((value(&snapshot, "diagonal_approximation_gap") - (log_px - diagonal)).abs() < 2e-6);
        assert!(full - diagonal > 0.02 && log_px - full > 0.02, "{log_px} {full} {diagonal}");
    }
}

/// "The more the less noise there is", at the page's other defaults.
#[test]
fn a_full_covariance_closes_more_of_the_gap_where_there_is_less_noise() {
    let closed = [0.1, 0.25, 0.5, 1.0].map(|sigma_x| {
        let snapshot = advance(start(DEMO, |v| v.with("latent", 2.0).with("sigma_x", sigma_x)).as_mut(), 0);
        1.0 - value(&snapshot, "full_approximation_gap") / value(&snapshot, "diagonal_approximation_gap")
    });
    assert!(closed.iter().rev().is_sorted() && closed[3] > 0.05 && closed[0] < 0.95, "{closed:?}");
}

/// "Two humps remain two": where two share the posterior equally the best full Gaussian sits on one of them as well.
#[test]
fn two_humps_remain_two() {
    let snapshot = run(0, |v| v.with("covariance", "full").with("added", vec![0.0, -0.97]).with("sigma_x", 0.2));
    let gap = value(&snapshot, "shown_approximation_gap");
    assert!((0.6..1.2).contains(&gap), "{gap}: log 2 and a little");
}

/// With one latent dimension nothing changes but a sentence.
#[test]
fn in_one_dimension_a_full_covariance_is_a_diagonal_one() {
    let [diagonal, full] =
        ["diagonal", "full"].map(|covariance| run(30, |v| v.with("latent", 1.0).with("covariance", covariance)));
    assert_eq!(
        diagonal.readouts.iter().map(|r| (&r.name, r.value.to_bits())).collect::<Vec<_>>(),
        full.readouts.iter().map(|r| (&r.name, r.value.to_bits())).collect::<Vec<_>>()
    );
    assert!(diagonal.figures == full.figures && diagonal.table == full.table);
    assert_eq!(value(&full, "full_approximation_gap"), value(&full, "approximation_gap"));
    assert!(
        full.notes.iter().any(|note| note.contains("one latent dimension")) && full.notes.len() > diagonal.notes.len()
    );
}

/// The bars of a diagonal run have the price of the diagonal as a part of their own; a full run has the best diagonal one as a tick.
#[test]
fn the_gaps_show_both_families() {
    let parts = |snapshot: &Snapshot, role: Role| -> Vec<[f64; 4]> {
        let bars = layers(snapshot, "gaps").iter().filter_map(|layer| match layer {
            Layer::Bars { role: of, bars, .. } if *of == role => Some(bars.clone()),
            Layer::Arrows { role: of, arrows, .. } if *of == role => Some(arrows.clone()),
            _ => None,
        });
        bars.flatten().collect()
    };
    let [diagonal, full] = ["diagonal", "full"].map(|covariance| run(3, |v| v.with("covariance", covariance)));
    let (gaussian, price) = (parts(&diagonal, Role::Exact), parts(&diagonal, Role::Neutral));
    let (whole, ticks) = (parts(&full, Role::Exact), parts(&full, Role::Neutral));
    assert!(gaussian.len() == price.len() && whole.len() == ticks.len() && whole.len() > 40);
    for (lower, upper) in gaussian.iter().zip(&price) {
        assert!(lower[3] == upper[2] && upper[3] >= upper[2] - 1e-9, "{lower:?} {upper:?}");
    }
    for (bar, [_, from, _, to]) in whole.iter().zip(&ticks) {
        assert!(from == to && *to >= bar[3] - 1e-9, "{bar:?} {to}");
    }
    // A different order, the same bars.
    let sum = |bars: &[[f64; 4]]| bars.iter().map(|bar| bar[3]).sum::<f64>();
    assert!(sum(&price) > sum(&gaussian) && sum(&ticks) > sum(&whole));
}
