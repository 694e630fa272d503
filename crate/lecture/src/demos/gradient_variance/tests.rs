//! Slide 1.8 against TensorFlow: the same estimates from the same noise, and its simulation against the exact variances.
#![allow(clippy::unwrap_used, reason = "tests")]

use figure::{Layer, Snapshot, Values};
use math::estimate::variance;
use math::simulation::{
    Estimator, Function, Settings, Term, best_baseline, reparam_sample, score_sample, step_reparam_sample,
    step_score_sample,
};

use crate::testing::formulas::Formulas;
use crate::testing::golden::{flat, near, parse, wave};
use crate::testing::{error, layers, value};

#[test]
fn the_same_noise_gives_the_same_estimates() {
    let reference = parse(include_str!("reference.json"));
    let theta = reference["theta"].as_f64().unwrap();
    let eps = wave(50, 2.9, 1.2);
    let mean = |term: &dyn Fn(f64) -> f64| [eps.iter().map(|&eps| term(eps)).sum::<f64>() / 50.0];
    near(&mean(&|eps| score_sample(theta, 0.0, eps)), &reference["score"], 1e-13, "(10)");
    let baseline = best_baseline(theta);
    near(&mean(&|eps| score_sample(theta, baseline, eps)), &reference["score_with_baseline"], 1e-13, "(10), baseline");
    near(&mean(&|eps| reparam_sample(theta, eps)), &reference["reparameterized"], 1e-13, "(11)");
    for (name, baseline) in [("of_the_step", 0.0), ("of_the_step_with_baseline", 0.25)] {
        let both = [mean(&|eps| step_score_sample(0.5, baseline, eps)), mean(&|eps| step_reparam_sample(0.5, eps))];
        near(&both.concat(), &reference[name], 1e-13, name);
    }
    near(&[variance(&eps)], &reference["variance"], 1e-13, "the variance");
}

#[test]
fn tensorflows_simulation_lies_on_the_exact_lines() {
    let reference = parse(include_str!("reference.json"));
    let repeats = reference["repeats"].as_u64().unwrap() as usize;
    let simulated = flat(&reference["simulated"]);
    let terms =
        [Estimator::Score, Estimator::Reparameterized].map(|estimator| Term::new(Function::Square, estimator, 10.0));
    for (n, pair) in flat(&reference["sizes"]).into_iter().zip(simulated.chunks_exact(2)) {
        for (term, found) in terms.iter().zip(pair) {
            let (n, exact) = (n as u64, term.variance() / n);
            let errors = (found / exact - 1.0) / term.relative_sd_of_variance(n, repeats);
            assert!(errors.abs() < 3.5, "N = {n}: {found} is {errors} standard deviations from {exact}");
        }
    }
}

/// The numbers in the slide's prose, at theta = 10 and with R = 100 estimates.
#[test]
fn the_prose_says_what_the_formulas_give() {
    let page = include_str!("page.html");
    let [score, reparam] =
        [Estimator::Score, Estimator::Reparameterized].map(|one| Term::new(Function::Square, one, 10.0).variance());
    let thousands = |number: f64| format!("{},{:03}", number as u64 / 1000, number as u64 % 1000);
    assert!(page.contains(&format!("that is {} against {reparam}", thousands(score))), "{score} {reparam}");
    assert!(page.contains(&format!("about {} times", thousands((score / reparam).round()))), "{}", score / reparam);
    let with_baseline = Term::new(Function::Square, Estimator::ScoreWithBaseline, 10.0).variance() / reparam;
    assert!(page.contains("still two hundred times") && (with_baseline - 200.0).abs() < 2.0, "{with_baseline}");
    let at_0 = |function, estimator| Term::new(function, estimator, 0.0).variance();
    let of_square = |estimator| at_0(Function::Square, estimator);
    let [plain, best] = [Estimator::Score, Estimator::ScoreWithBaseline].map(of_square);
    let reparam = of_square(Estimator::Reparameterized);
    assert!(page.contains(&format!("\\({plain}/{reparam} = {}\\)", plain / reparam)), "{plain} {reparam}");
    assert!(page.contains(&format!("\\({best}/{reparam} = {}\\) with the baseline", best / reparam)), "{best}");
    let [plain, best] =
        [Estimator::Score, Estimator::ScoreWithBaseline].map(|estimator| at_0(Function::Step, estimator));
    let gradient = Function::Step.gradient(0.0);
    let said = format!(
        "the gradient is {gradient:.3}, and one score term has variance {plain:.3}, with the baseline {best:.3}"
    );
    assert!(page.contains(&said), "{said}");
    let relative_sd =
        Term::new(Function::Square, Estimator::Reparameterized, 10.0).relative_sd_of_variance(100_000, 100);
    assert!(page.contains(&format!("{:.0} % at \\(R = 100\\)", 100.0 * relative_sd)), "{relative_sd}");
}

/// The end of a run with some values changed.
fn ended(change: impl FnOnce(Values) -> Values) -> Snapshot {
    let mut run = crate::testing::start(super::DEMO, |values| change(values).with("sizes", vec![1.0, 10.0, 1000.0]));
    let mut last = crate::testing::advance(run.as_mut(), 1);
    for _ in 0..50 {
        if run.finished() {
            break;
        }
        last = crate::testing::advance(run.as_mut(), 1);
    }
    assert!(run.finished());
    last
}

/// Of x² and of the step, on either side of it, with a baseline and without: the score's mean is the gradient; the reparameterized one's is
/// too, or misses all of it.
#[test]
fn the_score_is_right_for_both_functions_and_the_path_for_one() {
    for theta in [-1.0, 0.0, 0.6, 3.0] {
        for (function, baseline) in [("square", false), ("square", true), ("step", false), ("step", true)] {
            let shown = ended(|values| {
                let values = values.with("function", function).with("theta", theta).with("baseline", baseline);
                values.with("size", 1000.0)
            });
            let of = |name: &str| value(&shown, name);
            let score = (of("score_mean") - of("gradient")) / error(&shown, "score_mean");
            assert!(score.abs() < 4.0, "{function} at {theta}: the score is {score} errors off");
            let variance = (of("score_variance") - of("exact_score_variance")) / error(&shown, "score_variance");
            assert!(variance.abs() < 4.0, "{function} at {theta}: the variance is {variance} errors off");
            if function == "square" {
                let reparam = (of("reparam_mean") - of("gradient")) / error(&shown, "reparam_mean");
                assert!(reparam.abs() < 4.0 && of("exact_bias") == 0.0, "at {theta}: {reparam} errors off");
                assert!(of("ratio").is_finite() && of("exact_ratio") > 1.4);
            } else {
                assert_eq!((of("reparam_mean"), of("reparam_variance"), of("exact_reparam_variance")), (0.0, 0.0, 0.0));
                assert_eq!((error(&shown, "reparam_mean"), error(&shown, "reparam_variance")), (0.0, 0.0));
                assert_eq!(of("exact_bias"), -of("gradient"));
                assert!(of("gradient") > 0.0 && of("ratio").is_nan() && of("exact_ratio").is_nan());
            }
        }
    }
}

/// Nothing that cannot be drawn reaches a figure, also where almost no sample, or none, falls on the other side of the step.
#[test]
fn every_figure_has_numbers_only_at_the_edges_of_theta() {
    for theta in [-20.0, -3.0, 0.0, 10.0, 20.0] {
        for (function, baseline) in [("square", false), ("step", false), ("step", true)] {
            let change = |v: Values| v.with("function", function).with("theta", theta).with("baseline", baseline);
            let shown = ended(change);
            for name in ["variance", "histogram", "against_theta"] {
                for layer in layers(&shown, name) {
                    let numbers: Vec<f64> = match layer {
                        Layer::Line { points, .. } | Layer::Points { points, .. } => points.concat(),
                        Layer::Band { points, .. } => points.concat(),
                        Layer::Bars { bars, .. } => bars.concat(),
                        Layer::Rule { at, .. } => vec![*at],
                        _ => Vec::new(),
                    };
                    assert!(numbers.iter().all(|x| x.is_finite()), "{function} at {theta}, {name}: {layer:?}");
                    let logarithmic = name == "variance" && !matches!(layer, Layer::Rule { .. });
                    assert!(!logarithmic || numbers.iter().all(|&x| x > 0.0), "{function} at {theta}: {layer:?}");
                }
            }
            // Both histograms hold every estimate, the biased ones too.
            let counts = layers(&shown, "histogram").iter().filter_map(|layer| match layer {
                Layer::Bars { bars, .. } => Some(bars.iter().map(|bar| bar[3].abs()).sum::<f64>()),
                _ => None,
            });
            assert_eq!(counts.collect::<Vec<_>>(), [100.0, 100.0]);
            for row in &shown.table {
                assert!(row.iter().all(|cell| cell != "NaN" && cell != "inf"), "{row:?}");
            }
        }
    }
}

/// The figure against theta shows the closed forms, smallest at 0 for x².
#[test]
fn against_theta_the_curves_are_the_closed_forms() {
    let shown = ended(|values| values.with("theta", 1.0));
    let lines: Vec<_> = layers(&shown, "against_theta")
        .iter()
        .filter_map(|layer| if let Layer::Line { points, .. } = layer { Some(points.clone()) } else { None })
        .collect();
    let closed: [fn(f64) -> f64; 3] = [|t| t.powi(4) + 14.0 * t * t + 15.0, |t| 8.0 * t * t + 6.0, |_| 4.0];
    assert_eq!(lines.len(), 3);
    for (line, closed) in lines.iter().zip(closed) {
        assert!(line.iter().all(|[theta, y]| (y - closed(*theta)).abs() < 1e-9 * y));
        assert!(line.iter().any(|[theta, _]| theta.abs() < 1e-12), "0 is a point of the axis");
    }
}

#[test]
fn every_formula_is_the_function_that_the_demo_uses() {
    let formulas = Formulas::of(include_str!("page.html"), include_str!("formulas.json"));
    let term = |estimator: Estimator, theta: f64| Term::new(Function::Square, estimator, theta);
    let (score, reparam) = (Estimator::Score, Estimator::Reparameterized);
    formulas.compare("score", 1e-7, |given| vec![term(score, given.number("theta")).mean()]);
    formulas.compare("reparameterized", 1e-7, |given| vec![term(reparam, given.number("theta")).mean()]);
    formulas.compare("score_variance", 1e-9, |given| vec![term(score, given.number("theta")).variance()]);
    formulas.compare("variances", 1e-9, |given| {
        let settings =
            Settings { theta: given.number("theta"), sizes: vec![given.number("n") as u64], ..Settings::default() };
        let n = settings.sizes[0];
        vec![settings.exact_score_variance(n), settings.exact_reparam_variance(n), settings.exact_ratio()]
    });
    formulas.compare("step", 1e-7, |given| {
        let theta = given.number("theta");
        let mean = Term::new(Function::Step, score, theta).mean();
        assert!((mean - Function::Step.gradient(theta)).abs() < 1e-15);
        vec![mean]
    });
    formulas.compare("step_variances", 1e-9, |given| {
        let sizes = vec![given.number("n") as u64];
        let n = sizes[0];
        let plain = Settings { function: Function::Step, theta: given.number("theta"), sizes, ..Settings::default() };
        let best = Settings { baseline: true, ..plain.clone() };
        vec![plain.exact_score_variance(n), best.exact_score_variance(n), plain.exact_reparam_variance(n)]
    });
    formulas.all_compared();
}
