//! Laws of the demo `elbo`: Lemma 1, the bound, and the Monte Carlo estimate beside the closed form.

#![allow(clippy::unwrap_used, reason = "tests")]

use figure::{Assets, Layer, Pointer, Role, Snapshot, Value};
use math::elbo::{LinearGaussian, Normal, log_var};
use math::gaussian::{LN_2PI, kl_to_standard_normal, lemma_1_1d};

use super::DEMO;
use crate::testing::formulas::{Formulas, Given};
use crate::testing::golden::{near, parse};
use crate::testing::{defaults, layers, sketch, value};

const QUANTITIES: [&str; 6] = ["elbo", "term_2", "term_3", "term_4", "kl", "reverse_kl"];

/// The demo with some values changed.
fn shown(change: &[(&str, Value)]) -> Snapshot {
    sketch(DEMO, &Assets::default(), |values| {
        change.iter().fold(values, |values, (name, value)| values.with(name, value.clone()))
    })
}

fn at(numbers: &[(&str, f64)]) -> Snapshot {
    shown(&numbers.iter().map(|&(name, number)| (name, Value::from(number))).collect::<Vec<_>>())
}

/// Very different settings, among them the limits of the controls.
fn settings() -> Vec<Vec<(&'static str, f64)>> {
    vec![
        vec![],
        vec![("mu_q", 4.0), ("sigma_q", 0.05), ("mu_p", -4.0), ("sigma_p", 0.05), ("sigma_x", 0.05), ("weight", 3.0)],
        vec![("mu_q", -4.0), ("sigma_q", 3.0), ("sigma_p", 3.0), ("sigma_x", 3.0), ("x", -4.0), ("weight", -3.0)],
        vec![("mu_q", 0.0), ("sigma_q", 1.0), ("weight", 0.0)],
        vec![("mu_q", 1.3), ("sigma_q", 0.85), ("mu_p", 0.4), ("sigma_p", 0.7), ("x", -2.0)],
    ]
}

const EPS: [f32; 4] = [-1.5, -0.25, 0.5, 2.0];

#[test]
fn the_terms_are_tensorflows() {
    let reference = parse(include_str!("reference.json"));
    let model = LinearGaussian { mu_p: 0.3, sigma_p: 1.2, weight: -0.8, bias: 0.0, sigma_x: 0.6 };
    let q = Normal { mu: -0.4, log_var: log_var(0.7) };
    let terms = model.elbo(1.1, &q);
    let ours = [terms.reconstruction, terms.expected_log_prior, terms.entropy];
    near(&ours, &reference["terms"], 1e-14, "(2), (3), (4)");
    // (2) by Lemma 1 too: under q the decoder's mean is Gaussian.
    let spread = q.log_var + log_var(model.weight.abs());
    let lemma = lemma_1_1d(model.weight * q.mu, spread, 1.1, log_var(model.sigma_x));
    near(&[lemma], &reference["terms"][0], 1e-14, "Lemma 1");
    let estimate = model.elbo_estimate(1.1, &q, &EPS);
    near(&[estimate.mean, estimate.standard_error], &reference["monte_carlo"], 1e-14, "Monte Carlo");
}

#[test]
fn the_terms_on_the_page_are_tensorflows() {
    let reference = parse(include_str!("reference.json"));
    let snapshot = at(&[
        ("x", 1.1),
        ("mu_q", -0.4),
        ("sigma_q", 0.7),
        ("mu_p", 0.3),
        ("sigma_p", 1.2),
        ("weight", -0.8),
        ("sigma_x", 0.6),
    ]);
    let shown = ["term_2", "term_3", "term_4"].map(|name| value(&snapshot, name));
    near(&shown, &reference["terms"], 1e-13, "(2), (3), (4)");
}

#[test]
fn the_terms_add_up_and_the_elbo_is_a_bound() {
    for setting in settings() {
        let snapshot = at(&setting);
        let of = |name| value(&snapshot, name);
        let near = |a: f64, b: f64| assert!((a - b).abs() <= 1e-9 * a.abs().max(1.0), "{setting:?}: {a} {b}");
        near(of("elbo"), of("term_2") + of("term_3") + of("term_4"));
        near(of("kl"), -(of("term_3") + of("term_4")));
        near(of("log_px") - of("elbo"), of("gap"));
        assert!(of("kl") >= 0.0 && of("reverse_kl") >= 0.0 && of("gap") >= 0.0, "{setting:?}");
    }
}

#[test]
fn both_divergences_vanish_only_together() {
    let same = at(&[("mu_q", 0.75), ("sigma_q", 1.25), ("mu_p", 0.75), ("sigma_p", 1.25)]);
    assert_eq!((value(&same, "kl"), value(&same, "reverse_kl")), (0.0, 0.0));
    for other in [("mu_q", 0.8), ("sigma_q", 1.3), ("sigma_p", 0.05)] {
        let mut setting = vec![("mu_q", 0.75), ("sigma_q", 1.25), ("mu_p", 0.75), ("sigma_p", 1.25)];
        setting.push(other);
        let apart = at(&setting);
        let (kl, reverse) = (value(&apart, "kl"), value(&apart, "reverse_kl"));
        assert!(kl > 0.0 && reverse > 0.0, "{other:?}");
        // With equal spreads the divergence is symmetric, else not.
        assert_eq!((kl - reverse).abs() < 1e-12, other.0 == "mu_q", "{other:?}: {kl} {reverse}");
    }
}

#[test]
fn at_the_true_posterior_every_sample_is_the_evidence() {
    // The default model's posterior is N(0.8, 0.6²), within the sliders' ranges.
    let snapshot = at(&[("mu_q", 0.8), ("sigma_q", 0.6), ("samples", 2.0)]);
    let of = |name| value(&snapshot, name);
    assert!((of("posterior_mu") - 0.8).abs() < 1e-12 && (of("posterior_sigma") - 0.6).abs() < 1e-12);
    assert!(of("gap") < 1e-12 && (of("elbo") - of("log_px")).abs() < 1e-12);
    assert!((of("monte_carlo") - of("log_px")).abs() < 1e-12 && of("standard_error") < 1e-12);
    assert!(snapshot.notes.iter().any(|note| note.contains("no error")), "{:?}", snapshot.notes);
}

#[test]
fn the_estimate_is_unbiased_with_the_error_it_claims() {
    for quantity in QUANTITIES {
        let snapshots = (0..24).map(|seed| {
            shown(&[
                ("quantity", quantity.into()),
                ("seed", f64::from(seed).into()),
                ("samples", 400.0.into()),
                ("mu_q", 0.5.into()),
                ("sigma_p", 1.4.into()),
            ])
        });
        let (mut inside, mut sum) = (0, 0.0);
        for snapshot in snapshots {
            let of = |name| value(&snapshot, name);
            let off = of("monte_carlo") - of("closed_form");
            inside += usize::from(off.abs() < 1.96 * of("standard_error"));
            sum += off / of("exact_error");
            assert!((of("standard_error") / of("exact_error") - 1.0).abs() < 0.35, "{quantity}");
        }
        // 24 intervals of 95 %: fewer than 20 hits have probability 0.6 %. The mean of 24 standard normals has sd 0.2.
        assert!(inside >= 20, "{quantity}: {inside} of 24");
        assert!(sum.abs() / 24.0 < 0.7, "{quantity}: {sum}");
    }
}

#[test]
fn the_error_falls_as_one_over_the_root_of_the_samples() {
    for quantity in QUANTITIES {
        let snapshot = shown(&[("quantity", quantity.into())]);
        let layers = layers(&snapshot, "error");
        let Layer::Band { points: band, .. } = &layers[0] else { panic!("a band") };
        let Layer::Line { points: line, .. } = &layers[1] else { panic!("a line") };
        let Layer::Points { points: simulated, .. } = &layers[2] else { panic!("points") };
        for pair in line.windows(2) {
            let slope = (pair[1][1] / pair[0][1]).ln() / (pair[1][0] / pair[0][0]).ln();
            assert!((slope + 0.5).abs() < 1e-12, "{quantity}");
        }
        // Neighbouring simulated points share noise, so all may be on one side of the line; none is far from it.
        for (point, [_, low, high]) in simulated.iter().zip(band) {
            let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
            assert!((point[1] - middle).abs() < 2.0 * half, "{quantity} at L = {}", point[0]);
        }
    }
}

#[test]
fn the_areas_are_the_divergences() {
    for setting in settings() {
        let snapshot = at(&setting);
        let areas = [("gap", 0, "gap"), ("kl", 0, "reverse_kl"), ("kl", 2, "kl")];
        for (figure, layer, readout) in areas {
            let Layer::Band { points, .. } = &layers(&snapshot, figure)[layer] else { panic!("a band") };
            let slice = |pair: &[[f64; 3]]| 0.5 * (pair[1][0] - pair[0][0]) * (pair[0][2] + pair[1][2]);
            let area: f64 = points.windows(2).map(slice).sum();
            let exact = value(&snapshot, readout);
            assert!((area - exact).abs() < 5e-3 * exact + 1e-9, "{readout} {setting:?}: {area} {exact}");
        }
    }
}

#[test]
fn a_grip_stands_where_its_control_says() {
    for setting in settings() {
        let snapshot = at(&setting);
        let figure = snapshot.figure("densities").unwrap();
        let Some(Pointer::Steer { grips }) = &figure.pointer else { panic!("the densities are dragged") };
        let defaults = defaults(DEMO);
        assert_eq!(grips.len(), 4);
        for grip in grips {
            let set = setting.iter().find(|(name, _)| *name == grip.control).map(|(_, number)| *number);
            let expected = set.unwrap_or_else(|| defaults.number(&grip.control));
            assert!((grip.at[0] - grip.origin - expected).abs() < 1e-12, "{} {setting:?}", grip.control);
        }
    }
}

#[test]
fn the_columns_lead_to_the_evidence() {
    let snapshot = at(&[]);
    let ends: Vec<(Role, f64)> = layers(&snapshot, "terms")
        .iter()
        .filter_map(|layer| match layer {
            Layer::Bars { role, bars, .. } => Some((*role, bars[0][3] - bars[0][2])),
            _ => None,
        })
        .collect();
    let names = ["term_2", "term_3", "term_4", "kl", "elbo", "gap", "log_px"];
    assert_eq!(ends.len(), names.len());
    for ((role, length), name) in ends.into_iter().zip(names) {
        let expected = if role == Role::Kl { -value(&snapshot, name) } else { value(&snapshot, name) };
        assert!((length - expected).abs() < 1e-12, "{name}");
    }
}

#[test]
fn the_same_values_give_the_same_picture_and_all_readouts_are_declared() {
    let declared: Vec<_> = DEMO.readouts.iter().map(|spec| spec.name).collect();
    for setting in settings() {
        let snapshot = at(&setting);
        assert_eq!(snapshot, at(&setting));
        assert_eq!(snapshot.readouts.iter().map(|readout| readout.name.as_str()).collect::<Vec<_>>(), declared);
        assert!(snapshot.readouts.iter().all(|readout| readout.value.is_finite()), "{setting:?}");
        assert_eq!(snapshot.figures.len(), 6);
    }
}

#[test]
fn one_sample_says_that_it_has_no_error() {
    let snapshot = at(&[("samples", 1.0)]);
    assert!(value(&snapshot, "standard_error").is_nan() && value(&snapshot, "monte_carlo").is_finite());
    assert!(snapshot.notes[0].contains("One sample"));
}

#[test]
fn every_formula_is_the_function_that_the_demo_uses() {
    let formulas = Formulas::of(include_str!("page.html"), include_str!("formulas.json"));
    let model = |given: &Given| {
        let [x, w, b, mu_p, mu] = ["x", "w", "b", "mu_p", "mu"].map(|name| given.number(name));
        let [sigma_x, sigma_p, sigma] = ["sigma_x", "sigma_p", "sigma"].map(|name| given.number(name));
        let model = LinearGaussian { mu_p, sigma_p, weight: w, bias: b, sigma_x };
        (model, x, Normal { mu, log_var: log_var(sigma) })
    };
    let terms = |given: &Given| {
        let (model, x, q) = model(given);
        model.elbo(x, &q)
    };
    let log_vars = |given: &Given, name: &str| given.numbers(name).into_iter().map(log_var).collect::<Vec<f64>>();
    formulas.compare("elbo", 1e-9, |given| vec![terms(given).elbo]);
    formulas.compare("term_2", 1e-9, |given| vec![terms(given).reconstruction]);
    formulas.compare("term_3", 1e-9, |given| {
        vec![lemma_1_1d(given.number("mu"), log_var(given.number("sigma")), 0.0, 0.0)]
    });
    formulas.compare("term_4", 1e-9, |given| vec![terms(given).entropy]);
    formulas.compare("lemma_1", 1e-9, |given| {
        let (mu_1, log_var_1) = (given.numbers("mu_1"), log_vars(given, "sigma_1"));
        let (mu_2, log_var_2) = (given.numbers("mu_2"), log_vars(given, "sigma_2"));
        vec![(0..3).map(|j| lemma_1_1d(mu_2[j], log_var_2[j], mu_1[j], log_var_1[j])).sum()]
    });
    formulas.compare("log_density", 1e-9, |given| {
        let [mu_1, mu_2] = ["mu_1", "mu_2"].map(|name| given.number(name));
        let [log_var_1, log_var_2] = ["sigma_1", "sigma_2"].map(|name| log_var(given.number(name)));
        vec![lemma_1_1d(mu_2, log_var_2, mu_1, log_var_1)]
    });
    // With a p of variance 1 the lemma is −½ (log 2π + the second moment).
    formulas.compare("second_moment", 1e-9, |given| {
        let [mu_1, mu_2] = ["mu_1", "mu_2"].map(|name| given.number(name));
        vec![-2.0 * lemma_1_1d(mu_2, log_var(given.number("sigma_2")), mu_1, 0.0) - LN_2PI]
    });
    formulas.compare("closed_terms", 1e-9, |given| {
        let (mu, log_var) = (given.numbers("mu"), log_vars(given, "sigma"));
        let sum = |term: &dyn Fn(usize) -> f64| (0..3).map(term).sum();
        vec![
            sum(&|j| lemma_1_1d(mu[j], log_var[j], 0.0, 0.0)),
            sum(&|j| -lemma_1_1d(mu[j], log_var[j], mu[j], log_var[j])),
        ]
    });
    formulas.compare("negative_kl", 1e-9, |given| {
        vec![-kl_to_standard_normal(&given.numbers("mu"), &log_vars(given, "sigma"))]
    });
    formulas.compare("linear_term_2", 1e-9, |given| vec![terms(given).reconstruction]);
    formulas.compare("elbo_and_posterior", 1e-9, |given| vec![terms(given).elbo]);
    formulas.compare("gap", 1e-8, |given| {
        let (model, x, q) = model(given);
        vec![model.gap(x, &q)]
    });
    formulas.all_compared();
}
