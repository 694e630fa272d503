//! Laws of the Gaussian formulas, and golden numbers.

use super::*;

const CASES: [[f64; 4]; 4] =
    [[0.0, 0.0, 0.0, 0.0], [1.0, 0.5, -0.5, 1.2], [-2.0, -3.0, 0.3, 0.1], [0.1, 2.0, 4.0, -1.0]];

/// The integral of f over q = N(mu, exp log_var) by the trapezoid rule, exact to rounding for such smooth f.
fn expectation(mu: f64, log_var: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (sigma, steps) = (libm::exp(0.5 * log_var), 4000);
    let width = 24.0 * sigma / f64::from(steps);
    (0..=steps)
        .map(|i| mu - 12.0 * sigma + width * f64::from(i))
        .map(|z| libm::exp(log_pdf(z, mu, log_var)) * f(z) * width)
        .sum()
}

#[test]
fn lemma_1_is_the_integral() {
    for [mu_q, log_var_q, mu_p, log_var_p] in CASES {
        let integral = expectation(mu_q, log_var_q, |z| log_pdf(z, mu_p, log_var_p));
        let closed = lemma_1_1d(mu_q, log_var_q, mu_p, log_var_p);
        assert!((closed - integral).abs() < 1e-10 * closed.abs().max(1.0), "{closed} {integral}");
    }
}

#[test]
fn terms_3_and_4_make_the_kl() {
    let (mu, log_var) = ([0.3, -1.0, 2.0], [0.1, -4.0, 1.0]);
    let sum = |term: &dyn Fn(f64, f64) -> f64| (0..3).map(|j| term(mu[j], log_var[j])).sum::<f64>();
    let expected_log_prior = sum(&|mu, log_var| lemma_1_1d(mu, log_var, 0.0, 0.0));
    let entropy = -sum(&|mu, log_var| lemma_1_1d(mu, log_var, mu, log_var));
    let kl = kl_to_standard_normal(&mu, &log_var);
    assert!((expected_log_prior + entropy + kl).abs() < 1e-12);
    assert!((sum(&|_, log_var| 0.5 * (LN_2PI + log_var + 1.0)) - entropy).abs() < 1e-12);
    assert!((sum(&|mu, log_var| kl_1d(mu, log_var, 0.0, 0.0)) - kl).abs() < 1e-12);
}

#[test]
fn kl_is_lemma_1_twice_never_negative_and_not_symmetric() {
    for [mu_q, log_var_q, mu_p, log_var_p] in CASES {
        let closed = kl_1d(mu_q, log_var_q, mu_p, log_var_p);
        let twice = lemma_1_1d(mu_q, log_var_q, mu_q, log_var_q) - lemma_1_1d(mu_q, log_var_q, mu_p, log_var_p);
        assert!((closed - twice).abs() < 1e-11 * closed.max(1.0));
        assert!(closed >= 0.0);
        assert_eq!(kl_1d(mu_q, log_var_q, mu_q, log_var_q), 0.0);
    }
    // KL[N(0,1) || N(1,4)] = log 2 + 2/8 - 1/2 and its reverse = -log 2 + 5/2 - 1/2.
    let ln_4 = 4.0_f64.ln();
    assert!((kl_1d(0.0, 0.0, 1.0, ln_4) - (2.0_f64.ln() - 0.25)).abs() < 1e-14);
    assert!((kl_1d(1.0, ln_4, 0.0, 0.0) - (2.0 - 2.0_f64.ln())).abs() < 1e-14);
    // Next to the prior the value is sigma-log_var²/4 and keeps its digits.
    assert!((kl_to_standard_normal_1d(0.0, 1e-7) / 2.5e-15 - 1.0).abs() < 1e-6);
}

#[test]
fn densities_sum_over_dimensions() {
    let sum = log_pdf(0.2, 0.0, 0.0) + log_pdf(-1.0, 0.0, 0.0);
    assert!((log_prior(&[0.2, -1.0]) - sum).abs() < 1e-15);
    // scipy.stats.norm.logpdf(0.2, 1.0, 0.5)
    assert!((log_pdf(0.2, 1.0, 2.0 * 0.5_f64.ln()) - -1.505_791_352_644_727_5).abs() < 1e-13);
}

#[test]
fn the_quantile_inverts_the_distribution_function() {
    // P(eps <= x) = erfc(-x/sqrt 2)/2 keeps its digits in both tails.
    let cdf = |x: f64| 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
    for p in [1e-300, 1e-20, 1e-5, 0.01, 0.075, 0.3, 0.5, 0.7, 0.925, 0.99, 1.0 - 1e-9] {
        let x = quantile(p);
        // A quantile is as precise as p is: far in the upper tail 1 - p has few digits.
        assert!((cdf(x) / p - 1.0).abs() < 1e-12, "{p} {}", cdf(x));
    }
    // statistics.NormalDist().inv_cdf(p)
    for (p, x) in [(0.975, 1.959_963_984_540_053_6), (0.025, -1.959_963_984_540_053_8), (1e-20, -9.262_340_089_798_405)]
    {
        assert!((quantile(p) - x).abs() < 4e-15 * x.abs(), "{p} {}", quantile(p));
    }
    assert_eq!(quantile(0.5), 0.0);
    assert_eq!((quantile(0.0), quantile(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
    assert!(quantile(-0.1).is_nan() && quantile(1.1).is_nan() && quantile(f64::NAN).is_nan());
}

#[test]
fn helpers_are_stable() {
    assert!((log_sum_exp(&[1000.0, 1000.0]) - (1000.0 + 2.0_f64.ln())).abs() < 1e-12);
    assert!((log_mean_exp(&[-1000.0, -1000.0]) + 1000.0).abs() < 1e-12);
    assert_eq!(log_sum_exp(&[]), f64::NEG_INFINITY);
    assert_eq!(log_sum_exp(&[f64::NEG_INFINITY, 0.0]), 0.0);
    assert_eq!(log_sum_exp(&[f64::INFINITY, 0.0]), f64::INFINITY);
    assert!(log_sum_exp(&[f64::NAN, f64::NAN]).is_nan() && log_sum_exp(&[f64::NAN, 0.0]).is_nan());
    assert_eq!((sigmoid(1000.0), sigmoid(-1000.0), sigmoid(0.0)), (1.0, 0.0, 0.5));
}
