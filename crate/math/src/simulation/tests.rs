//! Laws of the simulation: the spec's exact values, unbiasedness, the band, and independence of the portions.

use super::*;
use crate::estimate::variance;

fn run(settings: Settings) -> Simulation {
    let mut simulation = Simulation::new(settings).unwrap();
    assert!(simulation.advance(u64::MAX));
    simulation
}

#[test]
fn exact_variances_are_the_slides() {
    for theta in [0.0, 0.5, -3.0, 10.0] {
        let plain = Settings { theta, ..Settings::default() };
        let baseline = Settings { baseline: true, ..plain.clone() };
        let square = theta * theta;
        assert!((plain.exact_score_variance(1) - (square * square + 14.0 * square + 15.0)).abs() < 1e-9);
        assert!((baseline.exact_score_variance(10) - (8.0 * square + 6.0) / 10.0).abs() < 1e-9);
        assert!((plain.exact_reparam_variance(8) - 0.5).abs() < 1e-12);
        for term in [plain.score_term(), baseline.score_term(), plain.reparam_term()] {
            assert!((term.mean() - 2.0 * theta).abs() < 1e-12, "every estimator is unbiased");
        }
    }
    let slide = Settings::default();
    assert!((slide.exact_score_variance(1) - 11_415.0).abs() < 1e-9);
    assert!((slide.exact_ratio() - 2853.75).abs() < 1e-9);
}

#[test]
fn no_other_baseline_is_better() {
    // Var of (x² - b)(x - theta) as a function of b has its minimum at theta² + 3: compare with both neighbours.
    let theta = 1.7;
    let variance_at = |baseline: f64| {
        let rule = crate::quadrature::GaussHermite::new(8); // exact to degree 15, the square has degree 6
        let moment = |power: i32| rule.expectation(0.0, 0.0, |eps| score_sample(theta, baseline, eps).powi(power));
        moment(2) - moment(1) * moment(1)
    };
    let best = variance_at(best_baseline(theta));
    assert!((best - (8.0 * theta * theta + 6.0)).abs() < 1e-10, "{best}");
    assert!(best < variance_at(best_baseline(theta) + 0.1) && best < variance_at(best_baseline(theta) - 0.1));
}

#[test]
fn moments_of_the_terms_are_exact() {
    // theta = 0: x³, whose fourth moment is E eps^12 = 10395 and kurtosis 10395/225.
    let term = Term::new(Estimator::Score, 0.0);
    assert_eq!(term.central_moment(4), 10_395.0);
    assert!((term.kurtosis(1) - 10_395.0 / 225.0).abs() < 1e-12);
    // A normal term has kurtosis 3 at every N, and then Var s² is the textbook's.
    let normal = Term::new(Estimator::Reparameterized, 10.0);
    assert!((normal.kurtosis(1) - 3.0).abs() < 1e-9);
    let of_a_normal = (2.0_f64 / 99.0).sqrt();
    assert!((normal.relative_sd_of_variance(1, 100) - of_a_normal).abs() < 1e-9);
    // The score term's excess kurtosis dies out as 1/N.
    let score = Term::new(Estimator::Score, 10.0);
    assert!((score.kurtosis(100) - 3.0) * 100.0 - (score.kurtosis(1) - 3.0) < 1e-9);
    assert!((score.relative_sd_of_variance(100_000, 100) / of_a_normal - 1.0).abs() < 1e-3);
    assert!(score.relative_sd_of_variance(1, 100) > 1.1 * of_a_normal);
}

#[test]
fn the_band_is_the_chi_square_one_for_normal_estimates() {
    // scipy.stats.chi2.ppf([0.025, 0.975], 99) / 99 = 0.741_048, 1.297_0 (R's qchisq: 73.36108, 128.4220).
    let band = Term::new(Estimator::Reparameterized, 10.0).band(4, 100);
    assert!((band.low - 73.361_08 / 99.0).abs() < 1e-3 && (band.high - 128.421_99 / 99.0).abs() < 1e-3, "{band:?}");
}

#[test]
fn the_slides_run_lies_in_its_bands() {
    for (baseline, seed) in [(false, 1), (true, 2)] {
        let settings = Settings { sizes: vec![1, 10, 100, 1000], repeats: 400, baseline, seed, ..Settings::default() };
        let simulation = run(settings.clone());
        for (index, &n) in settings.sizes.iter().enumerate() {
            for (estimates, term) in [
                (&simulation.score[index], settings.score_term()),
                (&simulation.reparam[index], settings.reparam_term()),
            ] {
                assert_eq!(estimates.len(), settings.repeats);
                let exact = term.variance() / n as f64;
                let sd = term.relative_sd_of_variance(n, settings.repeats);
                assert!(
                    (variance(estimates) / exact - 1.0).abs() < 4.0 * sd,
                    "N = {n}: {} {exact}",
                    variance(estimates)
                );
                let mean = estimates.iter().sum::<f64>() / settings.repeats as f64;
                assert!((mean - 20.0).abs() < 4.0 * (exact / settings.repeats as f64).sqrt(), "N = {n}: mean {mean}");
            }
        }
    }
}

#[test]
fn the_band_holds_nineteen_times_of_twenty() {
    // At N = 1, where the tails are heaviest, and at N = 30: the share of 400 runs whose variance lies in the band.
    for (n, tolerance) in [(1, 0.04), (30, 0.035)] {
        let mut inside = 0.0;
        for seed in 0..400 {
            let settings = Settings { sizes: vec![n], repeats: 100, seed, ..Settings::default() };
            let band = settings.score_term().band(n, 100);
            let found = variance(&run(settings).score[0]);
            inside += f64::from(u8::from(band.low < found && found < band.high));
        }
        assert!((inside / 400.0 - 0.95_f64).abs() < tolerance, "N = {n}: {}", inside / 400.0);
    }
}

#[test]
fn results_do_not_depend_on_the_portions() {
    let settings = Settings { sizes: vec![1, 7, 5000, 9001], repeats: 3, ..Settings::default() };
    let whole = run(settings.clone());
    for budget in [0, 1, 4096, 5003] {
        let mut parts = Simulation::new(settings.clone()).unwrap();
        let mut progress = 0.0;
        while !parts.advance(budget) {
            assert!(parts.progress() > progress, "every call gets on");
            progress = parts.progress();
            assert!(parts.score.iter().zip(&parts.reparam).all(|(score, reparam)| score.len() - reparam.len() <= 1));
        }
        assert_eq!(parts.progress(), 1.0);
        assert_eq!((&parts.score, &parts.reparam), (&whole.score, &whole.reparam));
        assert!(parts.advance(budget), "done stays done");
    }
    // An estimate keeps its value when other sizes come and go; another seed changes it.
    let alone = run(Settings { sizes: vec![5000], ..settings.clone() });
    assert_eq!(alone.score[0], whole.score[2]);
    assert_ne!(run(Settings { seed: 9, ..settings }).score, whole.score);
}

#[test]
fn the_two_estimators_draw_independently() {
    let settings = Settings { sizes: vec![50], repeats: 1000, ..Settings::default() };
    let simulation = run(settings);
    let (score, reparam) = (&simulation.score[0], &simulation.reparam[0]);
    let covariance = score.iter().zip(reparam).map(|(a, b)| (a - 20.0) * (b - 20.0)).sum::<f64>() / 1000.0;
    let correlation = covariance / (variance(score) * variance(reparam)).sqrt();
    assert!(correlation.abs() < 5.0 / 1000.0_f64.sqrt(), "{correlation}");
}

#[test]
fn an_estimate_is_the_mean_of_its_terms() {
    let settings = Settings { sizes: vec![5003], repeats: 2, theta: 2.5, ..Settings::default() };
    let simulation = run(settings);
    let stream = |kind| Rng::new(0).stream(5003).stream(1).stream(kind);
    let mut eps = stream(0);
    let mut draws = eps.normals(BLOCK);
    draws.extend(eps.normals(5003 - BLOCK));
    let mean = draws.iter().map(|&eps| score_sample(2.5, 0.0, f64::from(eps))).sum::<f64>() / 5003.0;
    assert!((mean - simulation.score[0][1]).abs() < 1e-10);
}

#[test]
fn bad_settings_are_refused_with_a_sentence() {
    let good = Settings::default();
    let bad = [
        Settings { theta: f64::NAN, ..good.clone() },
        Settings { theta: f64::INFINITY, ..good.clone() },
        Settings { repeats: 1, ..good.clone() },
        Settings { sizes: vec![], ..good.clone() },
        Settings { sizes: vec![10, 0], ..good.clone() },
        Settings { sizes: vec![u64::MAX, 2], ..good.clone() },
    ];
    for settings in bad {
        let error = Simulation::new(settings).unwrap_err();
        assert!(error.to_string().ends_with('.') && error.to_string().len() > 20, "{error}");
    }
}
