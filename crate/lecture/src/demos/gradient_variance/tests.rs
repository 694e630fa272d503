//! Slide 1.8 against TensorFlow: the same estimates from the same noise, and its simulation against the exact variances.
#![allow(clippy::unwrap_used, reason = "tests")]

use math::estimate::variance;
use math::simulation::{Estimator, Settings, Term, best_baseline, reparam_sample, score_sample};

use crate::testing::formulas::Formulas;
use crate::testing::golden::{flat, near, parse, wave};

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
    near(&[variance(&eps)], &reference["variance"], 1e-13, "the variance");
}

#[test]
fn tensorflows_simulation_lies_on_the_exact_lines() {
    let reference = parse(include_str!("reference.json"));
    let repeats = reference["repeats"].as_u64().unwrap() as usize;
    let simulated = flat(&reference["simulated"]);
    let terms = [Estimator::Score, Estimator::Reparameterized].map(|estimator| Term::new(estimator, 10.0));
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
    let [score, reparam] = [Estimator::Score, Estimator::Reparameterized].map(|one| Term::new(one, 10.0).variance());
    let thousands = |number: f64| format!("{},{:03}", number as u64 / 1000, number as u64 % 1000);
    assert!(page.contains(&format!("that is {} against {reparam}", thousands(score))), "{score} {reparam}");
    assert!(page.contains(&format!("about {} times", thousands((score / reparam).round()))), "{}", score / reparam);
    let with_baseline = Term::new(Estimator::ScoreWithBaseline, 10.0).variance() / reparam;
    assert!(page.contains("still two hundred times") && (with_baseline - 200.0).abs() < 2.0, "{with_baseline}");
    let relative_sd = Term::new(Estimator::Reparameterized, 10.0).relative_sd_of_variance(100_000, 100);
    assert!(page.contains(&format!("{:.0} % at \\(R = 100\\)", 100.0 * relative_sd)), "{relative_sd}");
}

#[test]
fn every_formula_is_the_function_that_the_demo_uses() {
    let formulas = Formulas::of(include_str!("page.html"), include_str!("formulas.json"));
    let term = |estimator: Estimator, theta: f64| Term::new(estimator, theta);
    let (score, reparam) = (Estimator::Score, Estimator::Reparameterized);
    formulas.compare("score", 1e-7, |given| vec![term(score, given.number("theta")).mean()]);
    formulas.compare("reparameterized", 1e-7, |given| vec![term(reparam, given.number("theta")).mean()]);
    formulas.compare("score_variance", 1e-9, |given| vec![term(score, given.number("theta")).variance()]);
    formulas.compare("variances", 1e-9, |given| {
        let settings = Settings {
            theta: given.number("theta"),
            repeats: 100,
            sizes: vec![given.number("n") as u64],
            baseline: false,
            seed: 0,
        };
        let n = settings.sizes[0];
        vec![settings.exact_score_variance(n), settings.exact_reparam_variance(n), settings.exact_ratio()]
    });
    formulas.all_compared();
}
