//! Laws of the demo `reparameterization`: three equal gradients, where a gradient stops, and the score gradient, which goes on.

#![allow(clippy::unwrap_used, reason = "tests")]

use figure::{Layer, Marker, Role, Snapshot, Status, Values};
use math::elbo::{LinearGaussian, Normal};
use math::estimate::Estimate;
use math::quadrature::GaussHermite;
use math::reparam::trace::{Route, backward, elbo_difference};
use math::reparam::{Gradient, closed_form, score, score_of};

use super::DEMO;
use crate::testing::formulas::{Formulas, Given};
use crate::testing::golden::{near, parse};
use crate::testing::{advance, defaults, error, layers, start, value};

/// The three gradients with respect to mu, then those with respect to log sigma².
fn gradients(snapshot: &Snapshot) -> [[f64; 3]; 2] {
    [
        ["autodiff", "finite_difference", "closed_form"],
        ["autodiff_log_var", "finite_difference_log_var", "closed_form_log_var"],
    ]
    .map(|names| names.map(|name| value(snapshot, name)))
}

fn first(change: impl FnOnce(Values) -> Values) -> Snapshot {
    advance(start(DEMO, change).as_mut(), 0)
}

#[test]
fn over_matched_noise_three_numbers_are_equal() {
    for (mu, log_var, x, weight, samples) in [
        (-0.5, -0.5, 1.25, 1.0, 64.0),
        (2.0, 1.0, -3.0, -2.0, 2.0),
        (0.0, -4.0, 4.0, 0.0, 10_000.0),
        (0.8, -1.0, 1.25, 1.0, 7.0),
    ] {
        let snapshot = first(|values| {
            values.with("mu", mu).with("log_var", log_var).with("x", x).with("weight", weight).with("samples", samples)
        });
        for [autodiff, difference, exact] in gradients(&snapshot) {
            // Autodiff computes in f32: five digits of the largest sample's gradient.
            let tolerance = 2e-5 * exact.abs().max(1.0);
            assert!((autodiff - exact).abs() < tolerance, "μ {mu}: autodiff {autodiff}, exact {exact}");
            assert!((difference - exact).abs() < tolerance, "μ {mu}: difference {difference}, exact {exact}");
        }
    }
}

#[test]
fn over_plain_noise_autodiff_and_differences_share_their_error() {
    let mut off = [0.0_f64; 2];
    for seed in 0..20 {
        let snapshot = first(|values| values.with("matched", false).with("seed", f64::from(seed)));
        for (which, [autodiff, difference, exact]) in gradients(&snapshot).into_iter().enumerate() {
            assert!((autodiff - difference).abs() < 5e-5, "{autodiff} {difference}");
            let name = ["autodiff", "autodiff_log_var"][which];
            let error = error(&snapshot, name);
            assert!((autodiff - exact).abs() < 4.5 * error, "seed {seed}: {autodiff} against {exact} ± {error}");
            off[which] = off[which].max((autodiff - exact).abs());
        }
    }
    assert!(off.iter().all(|off| *off > 1e-2), "plain noise has an error: {off:?}");
}

#[test]
fn a_sampled_z_leaves_only_the_divergence() {
    for (mu, log_var) in [(-0.5, -0.5), (1.5, 1.0), (0.0, 0.0)] {
        let snapshot = first(|values| values.with("mode", "sample-z").with("mu", mu).with("log_var", log_var));
        let [of_mu, of_log_var] = gradients(&snapshot);
        assert!((of_mu[0] + mu).abs() < 1e-6, "-dKL/dμ is -μ, autodiff says {}", of_mu[0]);
        assert!((of_log_var[0] + 0.5 * (f64::exp(log_var) - 1.0)).abs() < 1e-6, "{}", of_log_var[0]);
        for [_, difference, exact] in [of_mu, of_log_var] {
            assert!((difference - exact).abs() < 1e-5);
        }
        assert!((of_mu[0] - of_mu[2]).abs() > 0.4, "the reconstruction's part is missing");
    }
}

const BY_SCORE: [(&str, &str); 2] = [("score", "closed_form"), ("score_log_var", "closed_form_log_var")];

/// Over many seeds: the mean is the closed form (no bias either way), the errors that are said are the spread that is seen.
#[test]
fn the_score_gradient_is_unbiased_and_knows_its_error() {
    const SEEDS: u32 = 400;
    for (mu, log_var, samples) in [(-0.5, -0.5, 64.0), (1.5, 0.5, 24.0)] {
        let setting =
            |v: Values| v.with("mode", "sample-z").with("mu", mu).with("log_var", log_var).with("samples", samples);
        let mut run = start(DEMO, setting);
        let (mut found, mut said) = ([Vec::new(), Vec::new()], [0.0, 0.0]);
        let mut exact = [0.0; 2];
        for seed in 0..SEEDS {
            run.set(&setting(defaults(DEMO)).with("seed", f64::from(seed)));
            let snapshot = advance(run.as_mut(), 0);
            for (part, (name, closed)) in BY_SCORE.into_iter().enumerate() {
                found[part].push(value(&snapshot, name));
                said[part] += error(&snapshot, name).powi(2) / f64::from(SEEDS);
                exact[part] = value(&snapshot, closed);
            }
        }
        for part in 0..2 {
            let estimate = Estimate::of(&found[part]);
            assert!((estimate.mean - exact[part]).abs() < 4.0 * estimate.standard_error, "{estimate:?} {exact:?}");
            let ratio = said[part].sqrt() / (estimate.standard_error * f64::from(SEEDS).sqrt());
            assert!((0.85..1.18).contains(&ratio), "part {part}: {ratio} of the spread is said");
        }
    }
}

#[test]
fn the_score_gradient_is_shown_where_z_is_sampled_and_costs_several_errors_of_the_path() {
    let plain = first(|v| v.with("matched", false));
    let by_score = first(|v| v.with("mode", "sample-z"));
    for ((name, closed), path) in BY_SCORE.into_iter().zip(["autodiff", "autodiff_log_var"]) {
        assert!(value(&plain, name).is_nan(), "{name} where ε is sampled");
        let off = (value(&by_score, name) - value(&by_score, closed)).abs();
        assert!(off < 4.5 * error(&by_score, name), "{name}: off by {off}");
        let dearer = error(&by_score, name) / error(&plain, path);
        assert!(dearer > 3.0, "{name}: {dearer} times the path's error");
    }
    // The same draws whether the noise is matched or not.
    let unmatched = first(|v| v.with("mode", "sample-z").with("matched", false));
    assert_eq!(value(&by_score, "score"), value(&unmatched, "score"));
    // One sample has a value and no error, in the read-out and in the figure.
    let one = first(|v| v.with("mode", "sample-z").with("samples", 1.0));
    let has_errors =
        |snapshot: &Snapshot| layers(snapshot, "slope_mu").iter().any(|l| matches!(l, Layer::Errors { .. }));
    for (name, _) in BY_SCORE {
        let shown = one.readouts.iter().find(|readout| readout.name == name).unwrap();
        assert!(shown.value.is_finite() && shown.error.is_none(), "{shown:?}");
    }
    assert!(has_errors(&by_score) && !has_errors(&one) && !has_errors(&plain));
}

/// The ends of the score's slope lie on a line of that slope through the ring, and within the curve's height of it.
#[test]
fn the_slope_figures_draw_the_score_gradient() {
    for (sigma_x, samples, log_var) in [(0.75, 64.0, -0.5), (0.1, 1.0, -4.0)] {
        let snapshot = first(|v| {
            v.with("mode", "sample-z").with("sigma_x", sigma_x).with("samples", samples).with("log_var", log_var)
        });
        for (figure, name) in [("slope_mu", "score"), ("slope_log_var", "score_log_var")] {
            let (mut ends, mut heights) = (Vec::new(), Vec::new());
            for layer in layers(&snapshot, figure) {
                match layer {
                    Layer::Points { role: Role::Score, points, .. } => ends.extend(points.clone()),
                    Layer::Line { role: Role::Elbo, points, .. } => heights.extend(points.iter().map(|[_, y]| *y)),
                    _ => (),
                }
            }
            let [[left, low], [right, high]] = ends[..] else { panic!("two ends, not {ends:?}") };
            let slope = (high - low) / (right - left);
            assert!((slope - value(&snapshot, name)).abs() < 1e-6 * slope.abs().max(1.0), "{slope}");
            let range =
                heights.iter().fold(f64::MIN, |a, b| a.max(*b)) - heights.iter().fold(f64::MAX, |a, b| a.min(*b));
            assert!((high - low).abs() <= 1.0001 * range, "{figure}: {low} {high} of {range}");
        }
    }
}

#[test]
fn the_gradients_are_tensorflows() {
    const X: f64 = 1.1;
    const EPS: [f32; 4] = [-1.5, -0.25, 0.5, 2.0];
    let reference = parse(include_str!("reference.json"));
    let model = LinearGaussian { mu_p: 0.0, sigma_p: 1.0, weight: -0.8, bias: 0.0, sigma_x: 0.6 };
    let q = Normal { mu: -0.4, log_var: -0.7 };
    let pair = |gradient: Gradient| [gradient.mu, gradient.log_var];
    for (route, name) in [(Route::SampleEps, "sample eps"), (Route::SampleZ, "sample z")] {
        let each = EPS.map(|eps| backward(&model, X, &q, f64::from(eps), route).total());
        near(&pair(Gradient::mean(each)), &reference["autodiff"][name], 1e-14, name);
    }
    let by_score = Gradient::mean(EPS.map(|eps| score(&model, X, &q, q.sample(f64::from(eps)))));
    near(&pair(by_score), &reference["score"], 1e-13, "by the score");
    // Divided by 2h, rounding is 1e-12.
    let difference = elbo_difference(&model, X, &q, &EPS, 1e-4);
    near(&pair(difference), &reference["finite_difference"], 1e-10, "finite differences");
    near(&pair(closed_form(&model, X, &q)), &reference["closed_form"], 1e-14, "closed form");
}

#[test]
fn the_graph_is_what_autodiff_differentiates() {
    for mode in ["sample-eps", "sample-z"] {
        let snapshot = first(|values| values.with("mode", mode).with("samples", 1.0));
        let texts = texts(&snapshot);
        for name in ["autodiff", "autodiff_log_var"] {
            let shown = format!("∂ {:.3}", value(&snapshot, name)).replace('-', "−");
            assert!(texts.contains(&shown), "{mode}: {shown} is not among {texts:?}");
        }
    }
}

#[test]
fn numbers_appear_stage_by_stage_and_the_gradient_stops_where_z_is_random() {
    for (mode, stops) in [("sample-eps", false), ("sample-z", true)] {
        let mut run = start(DEMO, |values| values.with("mode", mode).with("stage", 0.0));
        let mut shown = 0;
        for stage in 0..=10 {
            let snapshot = advance(run.as_mut(), usize::from(stage > 0));
            assert_eq!(value(&snapshot, "stage"), f64::from(stage));
            assert_eq!(snapshot.status == Status::Done, stage == 10);
            let known = texts(&snapshot)
                .iter()
                .filter(|text| text.contains('.') && text.chars().any(|c| c.is_ascii_digit()))
                .count();
            assert!(known >= shown, "{mode} stage {stage}: a number vanished");
            shown = known;
            let cross = layers(&snapshot, "graph")
                .iter()
                .any(|layer| matches!(layer, Layer::Points { marker: Marker::Cross, .. }));
            assert_eq!(cross, stops && stage >= 9, "{mode} stage {stage}");
        }
        assert!(run.finished());
        let after = advance(run.as_mut(), 3);
        assert_eq!(value(&after, "stage"), 10.0, "there is nothing after the last stage");
    }
}

#[test]
fn a_moved_control_answers_and_keeps_the_stage_that_steps_reached() {
    let mut run = start(DEMO, |values| values.with("stage", 2.0));
    advance(run.as_mut(), 3);
    run.set(&defaults(DEMO).with("stage", 2.0).with("mu", 0.8));
    let moved = advance(run.as_mut(), 0);
    assert_eq!(value(&moved, "stage"), 5.0);
    assert!(value(&moved, "closed_form").abs() < 1e-9, "at the posterior's mean the gradient vanishes");
    run.set(&defaults(DEMO).with("stage", 10.0).with("mode", "sample-z"));
    let other = advance(run.as_mut(), 0);
    assert_eq!(value(&other, "stage"), 10.0);
    assert!((value(&other, "autodiff") - 0.5).abs() < 1e-6, "-dKL/dμ at μ = -0.5");
}

#[test]
fn z_has_one_distribution_either_way() {
    let snapshot = first(|values| values.with("mu", 1.0).with("log_var", 0.4));
    let mut moments = Vec::new();
    for layer in layers(&snapshot, "samples") {
        let Layer::Bars { bars, .. } = layer else { continue };
        let area = |power: i32| -> f64 {
            bars.iter().map(|[a, b, _, y]| (b - a) * y.abs() * (0.5 * (a + b) - 1.0).powi(power)).sum()
        };
        moments.push([area(0), area(1), area(2)]);
    }
    let variance = f64::exp(0.4);
    assert_eq!(moments.len(), 2);
    for [area, mean, square] in moments {
        // 4,000 draws: the mean is off by sd 0.019, the variance by 0.033; a bin's width adds width²/12 = 0.005.
        assert!(
            (area - 1.0).abs() < 1e-3 && mean.abs() < 0.08 && (square - variance).abs() < 0.14,
            "{area} {mean} {square}"
        );
    }
}

#[test]
fn all_readouts_are_declared() {
    let declared: Vec<_> = DEMO.readouts.iter().map(|spec| spec.name).collect();
    let snapshot = first(|values| values);
    assert_eq!(snapshot.readouts.iter().map(|readout| readout.name.as_str()).collect::<Vec<_>>(), declared);
    let unknown = |name: &str| BY_SCORE.iter().any(|(score, _)| *score == name);
    assert!(snapshot.readouts.iter().all(|readout| readout.value.is_finite() != unknown(&readout.name)));
}

fn texts(snapshot: &Snapshot) -> Vec<String> {
    let text = |layer: &Layer| match layer {
        Layer::Text { text, .. } => Some(text.clone()),
        _ => None,
    };
    layers(snapshot, "graph").iter().filter_map(text).collect()
}

#[test]
fn every_formula_is_the_function_that_the_demo_uses() {
    let formulas = Formulas::of(include_str!("page.html"), include_str!("formulas.json"));
    let q = |given: &Given| Normal { mu: given.number("mu"), log_var: math::elbo::log_var(given.number("sigma")) };
    let rule = GaussHermite::new(60);
    let over_eps = |f: &dyn Fn(f64) -> f64| rule.expectation(0.0, 0.0, f);
    // The function and its derivative that the transcription takes for f.
    let (f, slope) = (|z: f64| z.sin() + 0.3 * z * z, |z: f64| z.cos() + 0.6 * z);
    formulas.compare("elbo", 1e-9, |given| vec![given.linear_gaussian().elbo(given.number("x"), &q(given)).elbo]);
    formulas.compare("sample", 1e-9, |given| {
        let q = q(given);
        vec![over_eps(&|eps| q.sample(eps)), q.log_var.exp(), q.sample(given.number("eps"))]
    });
    formulas.compare("change_of_variable", 1e-9, |given| vec![over_eps(&|eps| f(q(given).sample(eps)))]);
    formulas.compare("derivatives", 1e-7, |given| {
        let q = Normal { mu: given.number("mu"), log_var: given.number("log_var") };
        let half = 0.5 * q.sigma();
        vec![over_eps(&|eps| slope(q.sample(eps))), over_eps(&|eps| slope(q.sample(eps)) * half * eps)]
    });
    formulas.compare("by_the_score", 1e-7, |given| {
        let q = Normal { mu: given.number("mu"), log_var: given.number("log_var") };
        let part = |of: fn(Gradient) -> f64| over_eps(&|eps| f(q.sample(eps)) * of(score_of(&q, q.sample(eps))));
        vec![part(|of| of.mu), part(|of| of.log_var)]
    });
    formulas.compare("closed_form", 1e-7, |given| {
        let Gradient { mu, log_var } = closed_form(&given.linear_gaussian(), given.number("x"), &q(given));
        vec![mu, log_var]
    });
    formulas.all_compared();
}
