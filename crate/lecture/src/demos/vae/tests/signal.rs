//! The bound against K up to 1,000, and how much of its gradient is signal.

use figure::{Layer, Snapshot};

use super::line;
use crate::demos::vae::DEMO;
use crate::testing::{advance, changed, error, layers, start, value};

/// ELBO <= bound by K samples <= log p(x) by quadrature within errors, rising in K, over all held-out images at every K.
#[test]
fn the_bound_rises_up_to_a_thousand_samples() {
    let mut run = start(DEMO, |values| values.with("importance_samples", 1000.0).with("hidden", 32.0));
    let snapshot = advance(run.as_mut(), 250);
    let by_samples = line(&snapshot, "bound", "bound");
    let ks: Vec<usize> = by_samples.iter().map(|point| point[0] as usize).collect();
    assert_eq!(ks, [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]);
    assert!(by_samples.windows(2).all(|pair| pair[0][1] < pair[1][1]), "{by_samples:?}");
    let [bound, exact] = ["heldout_log_px", "exact_log_px"].map(|name| value(&snapshot, name));
    let [elbo, elbo_error] = [value(&snapshot, "heldout_elbo"), error(&snapshot, "heldout_elbo")];
    let apart = exact - bound;
    let errors = 4.0 * error(&snapshot, "heldout_log_px") + 1e-3;
    assert!((-errors..0.01 + errors).contains(&apart), "{bound} and {exact}");
    assert!((by_samples[0][1] - elbo).abs() < 4.5 * elbo_error, "{by_samples:?} {elbo} ± {elbo_error}");
    // Every tenfold K brings the bound nearer by more than half of what it lacks.
    let lacks = [1, 10, 100].map(|k| exact - by_samples[ks.iter().position(|&at| at == k).unwrap()][1]);
    assert!(lacks[1] < 0.5 * lacks[0] && lacks[2] < 0.5 * lacks[1], "{lacks:?}");
}

fn drawn(snapshot: &Snapshot) -> usize {
    layers(snapshot, "signal")
        .iter()
        .filter(|layer| matches!(layer, Layer::Line { points, .. } if !points.is_empty()))
        .count()
}

/// Off, nothing is measured. Asked for it is there at once, again 250 steps on, and the run stays the same; in mu it falls with K.
#[test]
fn the_gradients_signal_is_measured_while_asked_for_and_falls_with_k() {
    let [mut run, mut other] = [0, 1].map(|_| start(DEMO, |values| values.with("hidden", 32.0)));
    let before = advance(run.as_mut(), 450);
    assert_eq!(drawn(&before), 0);
    run.set(&changed(DEMO, |values| values.with("hidden", 32.0).with("signal", true)));
    let asked = advance(run.as_mut(), 0);
    assert_eq!(drawn(&asked), 3);
    let later = advance(run.as_mut(), 50);
    assert!(value(&later, "elbo") == value(&advance(other.as_mut(), 500), "elbo"));
    assert_ne!(line(&asked, "signal", "in μ"), line(&later, "signal", "in μ"));
    let in_mu = line(&later, "signal", "in μ");
    let fall = in_mu[0][1] / in_mu[4][1];
    assert!(in_mu[4][0] == 16.0 && (1.5..4.5).contains(&fall), "{fall}: {in_mu:?}");
}
