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
    let term = Term::new(Function::Square, Estimator::Score, 0.0);
    assert_eq!(term.central_moment(4), 10_395.0);
    assert!((term.kurtosis(1) - 10_395.0 / 225.0).abs() < 1e-12);
    // A normal term has kurtosis 3 at every N, and then Var s² is the textbook's.
    let normal = Term::new(Function::Square, Estimator::Reparameterized, 10.0);
    assert!((normal.kurtosis(1) - 3.0).abs() < 1e-9);
    let of_a_normal = (2.0_f64 / 99.0).sqrt();
    assert!((normal.relative_sd_of_variance(1, 100) - of_a_normal).abs() < 1e-9);
    // The score term's excess kurtosis dies out as 1/N.
    let score = Term::new(Function::Square, Estimator::Score, 10.0);
    assert!((score.kurtosis(100) - 3.0) * 100.0 - (score.kurtosis(1) - 3.0) < 1e-9);
    assert!((score.relative_sd_of_variance(100_000, 100) / of_a_normal - 1.0).abs() < 1e-3);
    assert!(score.relative_sd_of_variance(1, 100) > 1.1 * of_a_normal);
}

#[test]
fn the_band_is_the_chi_square_one_for_normal_estimates() {
    // scipy.stats.chi2.ppf([0.025, 0.975], 99) / 99 = 0.741_048, 1.297_0 (R's qchisq: 73.36108, 128.4220).
    let band = Term::new(Function::Square, Estimator::Reparameterized, 10.0).band(4, 100);
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

/// FNV-1a, 64 bits, of the bits of all estimates.
fn bits_of(simulation: &Simulation) -> u64 {
    let bits = simulation.score.iter().chain(&simulation.reparam).flatten().flat_map(|one| one.to_bits().to_le_bytes());
    bits.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// Of the simulation as it was before there was a choice of f: the same draws, added in the same order.
#[test]
fn the_slides_estimates_keep_their_bits() {
    for (baseline, bits) in [(false, 11_650_351_961_049_689_343), (true, 2_143_444_247_369_126_601)] {
        let settings =
            Settings { sizes: vec![1, 10, 5003], repeats: 20, theta: 2.5, baseline, seed: 3, ..Settings::default() };
        assert_eq!(bits_of(&run(settings)), bits, "baseline {baseline}");
    }
}

/// The slide's ratio grows with theta² and is smallest at 0, 15/4; with the best baseline 6/4.
#[test]
fn near_the_optimum_the_ratio_is_smallest_and_never_below_one() {
    for (baseline, least) in [(false, 3.75), (true, 1.5)] {
        let ratio = |theta: f64| Settings { theta, baseline, ..Settings::default() }.exact_ratio();
        assert!((ratio(0.0) - least).abs() < 1e-12, "{}", ratio(0.0));
        for step in 1..200 {
            let theta = 0.1 * f64::from(step);
            assert!(ratio(theta) > ratio(theta - 0.1) && (ratio(theta) / ratio(-theta) - 1.0).abs() < 1e-12);
        }
    }
}

const STEPS: [f64; 9] = [-6.0, -2.0, -0.7, -0.1, 0.0, 0.4, 1.5, 3.0, 6.0];

/// E of a function of eps that jumps at -theta, by the trapezoid rule on either side of it.
fn by_quadrature(theta: f64, of: impl Fn(f64) -> f64) -> f64 {
    let part = |low: f64, high: f64| {
        let grid = crate::quadrature::Grid::new(low, high, 40_001);
        // The jump itself belongs to the side that is integrated.
        let inside = |eps: f64| eps.clamp(low + 1e-12, high - 1e-12);
        let values: Vec<f64> = grid.points.iter().map(|&eps| gaussian_density(eps) * of(inside(eps))).collect();
        grid.integral(&values)
    };
    part(-14.0, -theta) + part(-theta, 14.0)
}

fn gaussian_density(eps: f64) -> f64 {
    crate::gaussian::log_pdf(eps, 0.0, 0.0).exp()
}

#[test]
fn of_the_step_the_score_is_unbiased_and_the_path_says_nothing() {
    for theta in STEPS {
        let step = Settings { function: Function::Step, theta, ..Settings::default() };
        // d/dtheta Phi(theta) by central differences.
        let phi = |theta: f64| 0.5 * libm::erfc(-theta * std::f64::consts::FRAC_1_SQRT_2);
        let slope = (phi(theta + 1e-4) - phi(theta - 1e-4)) / 2e-4;
        assert!((step.gradient() - slope).abs() < 1e-8 && (step.gradient() - gaussian_density(theta)).abs() < 1e-15);
        for baseline in [false, true] {
            let term = Settings { baseline, ..step.clone() }.score_term();
            assert!((term.mean() / step.gradient() - 1.0).abs() < 1e-12, "theta = {theta}: {}", term.mean());
        }
        assert_eq!((step.reparam_term().mean(), step.exact_reparam_variance(1)), (0.0, 0.0));
        assert_eq!(step.reparam_bias(), -step.gradient());
        assert_eq!(step.exact_ratio(), f64::INFINITY);
        let square = Settings { function: Function::Square, ..step };
        assert_eq!(square.reparam_bias(), 0.0);
    }
}

#[test]
fn the_steps_moments_are_the_integrals() {
    for theta in STEPS {
        let density = gaussian_density(theta);
        let best = Function::Step.best_baseline(theta);
        let closed = 0.5 * libm::erfc(-theta * std::f64::consts::FRAC_1_SQRT_2) - theta * density;
        assert!((best - closed).abs() < 1e-15, "theta = {theta}: {best} {closed}");
        let second = by_quadrature(theta, |eps| step_score_sample(theta, 0.0, eps) * eps);
        assert!((best - second).abs() < 1e-8, "theta = {theta}: {best} {second}");
        for (estimator, baseline, variance) in [
            (Estimator::Score, 0.0, best - density * density),
            (Estimator::ScoreWithBaseline, best, best * (1.0 - best) - density * density),
        ] {
            let term = Term::new(Function::Step, estimator, theta);
            assert!((term.variance() - variance).abs() < 1e-15, "theta = {theta}: {} {variance}", term.variance());
            for order in [2, 3, 4] {
                let moment =
                    by_quadrature(theta, |eps| (step_score_sample(theta, baseline, eps) - density).powi(order as i32));
                let ours = term.central_moment(order);
                assert!((ours - moment).abs() < 2e-8, "theta = {theta}, order {order}: {ours} {moment}");
            }
        }
        // No other baseline is better.
        let at =
            |baseline: f64| by_quadrature(theta, |eps| (step_score_sample(theta, baseline, eps) - density).powi(2));
        assert!(at(best) < at(best - 0.01) && at(best) < at(best + 0.01), "theta = {theta}");
    }
    // Far from the step nothing is lost to cancellation: P(eps > 20) and its like keep their digits, and their sum is 1.
    let rare = Term::new(Function::Step, Estimator::ScoreWithBaseline, 20.0).variance();
    let other = Term::new(Function::Step, Estimator::ScoreWithBaseline, -20.0).variance();
    assert!(rare > 0.0 && (rare / other - 1.0).abs() < 1e-9, "{rare} {other}");
}

#[test]
fn the_steps_run_agrees_with_its_theory() {
    for (theta, baseline) in [(0.0, false), (0.0, true), (1.0, false), (-1.0, true), (10.0, false), (-2.0, false)] {
        let sizes = vec![1, 10, 100, 1000];
        let settings = Settings { function: Function::Step, theta, sizes, repeats: 400, baseline, seed: 5 };
        let simulation = run(settings.clone());
        for (index, &n) in settings.sizes.iter().enumerate() {
            let (estimates, term) = (&simulation.score[index], settings.score_term());
            let exact = term.variance() / n as f64;
            let off = (variance(estimates) / exact - 1.0) / term.relative_sd_of_variance(n, settings.repeats);
            assert!(off.abs() < 4.0, "theta = {theta}, N = {n}: {off} standard deviations");
            let mean = estimates.iter().sum::<f64>() / settings.repeats as f64;
            let off = (mean - settings.gradient()) / (exact / settings.repeats as f64).sqrt();
            assert!(off.abs() < 4.0, "theta = {theta}, N = {n}: the mean is {off} standard errors off");
            assert!(simulation.reparam[index].iter().all(|&estimate| estimate == 0.0));
        }
    }
}

/// Where the variance of R estimates is known to half of itself, the band of the step's score holds about nineteen times of twenty.
#[test]
fn the_steps_band_holds_where_it_is_narrow() {
    for (theta, baseline, n) in [(0.0, false, 1), (0.0, true, 1), (-1.0, false, 1), (-2.0, false, 10), (2.0, true, 10)]
    {
        let mut inside = 0.0;
        for seed in 0..400 {
            let settings = Settings { function: Function::Step, theta, sizes: vec![n], repeats: 100, baseline, seed };
            let term = settings.score_term();
            assert!(term.relative_sd_of_variance(n, 100) < 0.5);
            let (band, found) = (term.band(n, 100), variance(&run(settings).score[0]));
            inside += f64::from(u8::from(band.low < found && found < band.high)) / 400.0;
        }
        assert!((inside - 0.95_f64).abs() < 0.045, "theta = {theta}, {baseline}, N = {n}: {inside}");
    }
}
