//! Laws of the wheel.

use super::*;
use crate::quadrature::GaussHermite;

const POINTS_TRIED: [[f64; 2]; 5] = [[0.0, -0.65], [0.4, 1.3], [-1.8, -1.1], [3.0, 0.2], [4.5, -4.0]];

const FAMILIES: [Family; 2] = [Family::Diagonal, Family::Full];

fn models() -> Vec<Wheel> {
    [0.1, 0.4, 1.0].iter().flat_map(|&sigma| [Wheel::new(1, sigma), Wheel::new(2, sigma)]).collect()
}

fn spread(model: &Wheel, q: &Gaussian) -> Vec<[f64; 2]> {
    let rule = GaussHermite::new(40);
    let second = if model.latent() == 2 { rule.nodes.clone() } else { vec![0.0] };
    rule.nodes.iter().flat_map(|a| second.iter().map(move |b| q.sample([*a, *b]))).collect()
}

/// log q(z) as q(z_1) q(z_2|z_1): z_2's mean moves with z_1 by L_21/L_11.
fn log_q(model: &Wheel, q: &Gaussian, z: [f64; 2]) -> f64 {
    let first = log_pdf(z[0], q.mu[0], q.log_var[0]);
    if model.latent() == 1 {
        return first;
    }
    let slope = q.lower * libm::exp(-0.5 * q.log_var[0]);
    first + log_pdf(z[1], q.mu[1] + slope * (z[0] - q.mu[0]), q.log_var[1])
}

#[test]
fn the_closed_elbo_is_its_expectation_by_gauss_and_hermite() {
    let rule = GaussHermite::new(40);
    for model in models() {
        for x in POINTS_TRIED {
            for q in [
                Gaussian::diagonal([0.0, 0.0], [0.0, 0.0]),
                Gaussian::diagonal([1.1, -0.7], [-3.0, -1.0]),
                Gaussian::diagonal([-2.0, 1.5], [0.7, 0.3]),
                Gaussian { lower: 0.9, ..Gaussian::diagonal([1.1, -0.7], [-3.0, -1.0]) },
                Gaussian { lower: -0.4, ..Gaussian::diagonal([-0.6, 0.2], [-0.5, -1.6]) },
            ] {
                let weights: Vec<f64> = if model.latent() == 2 {
                    rule.weights.iter().flat_map(|a| rule.weights.iter().map(move |b| a * b)).collect()
                } else {
                    rule.weights.clone()
                };
                let sum: f64 = spread(&model, &q)
                    .iter()
                    .zip(weights)
                    .map(|(&z, weight)| weight * (model.log_joint(x, z) - log_q(&model, &q, z)))
                    .sum();
                let closed = model.elbo(x, &q);
                assert!((sum - closed).abs() < 1e-9 * closed.abs().max(1.0), "{model:?} {x:?} {q:?}: {closed} {sum}");
            }
        }
    }
}

#[test]
fn the_evidence_is_the_integral_over_both_dimensions() {
    let model = Wheel::new(2, 0.4);
    for x in [[0.0, -0.65], [-1.8, -1.1], [2.4, 1.9]] {
        let (first, second) = (Grid::new(-6.0, 6.0, 601), Grid::new(-6.0, 6.0, 241));
        let over_second = |&a: &f64| {
            let logs: Vec<f64> = second.points.iter().map(|&b| model.log_joint(x, [a, b])).collect();
            second.log_integral(&logs)
        };
        let logs: Vec<f64> = first.points.iter().map(over_second).collect();
        assert!((first.log_integral(&logs) - model.log_px(x)).abs() < 1e-9);
    }
    // One dimension: twice as many points change nothing, even where the posterior is narrowest.
    let model = Wheel::new(1, 0.1);
    for x in POINTS_TRIED {
        let grid = Grid::new(-9.0, 9.0, 7201);
        let logs: Vec<f64> = grid.points.iter().map(|&z| model.log_joint(x, [z, 0.0])).collect();
        let fine = grid.log_integral(&logs);
        assert!((fine - model.log_px(x)).abs() < 1e-9 * fine.abs(), "{x:?}");
    }
}

#[test]
fn the_gap_is_the_divergence_from_the_posterior() {
    // KL[q||p(z|x)] = ∫ q (log q - log p(z|x)) by the trapezoid rule, against log p(x) - ELBO.
    let grid = Grid::new(-7.0, 7.0, 5001);
    for model in [Wheel::new(1, 0.3), Wheel::new(1, 1.0)] {
        for x in [[0.0, -0.65], [0.4, 1.3], [-1.8, -1.1]] {
            let log_posterior = model.log_posterior_first(x, &grid);
            for q in [model.best(x, Family::Diagonal), Gaussian::diagonal([0.3, 0.0], [-1.0, 0.0])] {
                let terms: Vec<f64> = grid
                    .points
                    .iter()
                    .zip(&log_posterior)
                    .map(|(&z, log_p)| {
                        let log_q = log_pdf(z, q.mu[0], q.log_var[0]);
                        libm::exp(log_q) * (log_q - log_p)
                    })
                    .collect();
                let gap = model.log_px(x) - model.elbo(x, &q);
                assert!((grid.integral(&terms) - gap).abs() < 1e-8, "{x:?} {q:?}: {gap}");
                assert!(gap > 0.0);
            }
        }
    }
}

#[test]
fn the_gradient_is_the_finite_difference() {
    for model in models() {
        for x in POINTS_TRIED {
            let q = Gaussian { lower: 0.6, ..Gaussian::diagonal([0.7, -0.4], [-1.2, -0.8]) };
            let at = |mu: f64, log_var: f64| {
                model.elbo(x, &Gaussian { mu: [mu, q.mu[1]], log_var: [log_var, q.log_var[1]], ..q })
            };
            let h = 1e-5;
            let difference = [
                (at(q.mu[0] + h, q.log_var[0]) - at(q.mu[0] - h, q.log_var[0])) / (2.0 * h),
                (at(q.mu[0], q.log_var[0] + h) - at(q.mu[0], q.log_var[0] - h)) / (2.0 * h),
            ];
            for (exact, difference) in model.gradient_first(x, &q).iter().zip(difference) {
                assert!((exact - difference).abs() < 1e-6 * difference.abs().max(1.0), "{model:?} {x:?}");
            }
            if model.latent() == 2 {
                let along = |lower: f64| model.elbo(x, &Gaussian { lower, ..q });
                let difference = (along(q.lower + h) - along(q.lower - h)) / (2.0 * h);
                assert!((model.gradient_lower(&q) - difference).abs() < 1e-6 * difference.abs().max(1.0));
            }
        }
    }
}

#[test]
fn nothing_beats_the_best_gaussian_of_its_family() {
    let mut rng = Rng::new(5);
    for (model, family) in models().into_iter().flat_map(|model| FAMILIES.map(|family| (model, family))) {
        for _ in 0..20 {
            let x = model.sample(&mut rng);
            let best = model.best(x, family);
            let top = model.elbo(x, &best);
            assert!(top <= model.log_px(x) + 1e-9);
            let slope = model.gradient_first(x, &best);
            assert!(slope.iter().all(|g| g.abs() < 1e-4), "{model:?} {x:?} {slope:?}");
            for _ in 0..200 {
                let near = rng.uniform() < 0.5;
                let other = |at: f64, reach: f64, rng: &mut Rng| {
                    if near { at + 0.1 * rng.normal() } else { reach * rng.normal() }
                };
                let mut q = best;
                for j in 0..2 {
                    q.mu[j] = other(best.mu[j], 1.5, &mut rng);
                    q.log_var[j] = other(best.log_var[j], 2.0, &mut rng);
                }
                if family == Family::Full {
                    q.lower = other(best.lower, 0.7, &mut rng);
                }
                assert!(model.elbo(x, &q) <= top + 1e-9, "{model:?} {x:?} {q:?}");
            }
        }
    }
}

/// log p(x) >= best full ELBO >= best diagonal ELBO at every point. With one latent dimension, and where the best Gaussian has nothing to
/// lean to (x_1 = 0: the posterior is symmetric in z_1), the last two are equal; elsewhere a full covariance closes a part of the gap, a larger
/// one where there is less noise.
#[test]
fn a_full_covariance_lies_between_the_diagonal_and_the_evidence() {
    let mut rng = Rng::new(17);
    let mut left = Vec::new();
    for model in models() {
        let (mut diagonal_gap, mut full_gap) = (0.0, 0.0);
        for _ in 0..40 {
            let x = model.sample(&mut rng);
            let (log_px, [diagonal, full]) = (model.log_px(x), FAMILIES.map(|f| model.elbo(x, &model.best(x, f))));
            assert!(diagonal <= full + 1e-10 && full <= log_px + 1e-9, "{model:?} {x:?}: {diagonal} {full} {log_px}");
            if model.latent() == 1 {
                assert_eq!(model.best(x, Family::Full), model.best(x, Family::Diagonal));
            }
            (diagonal_gap, full_gap) = (diagonal_gap + log_px - diagonal, full_gap + log_px - full);
        }
        if model.latent() == 2 {
            left.push(full_gap / diagonal_gap);
        }
    }
    assert!(left.is_sorted() && left[0] > 0.1 && left[2] < 0.95, "shares of the gap that are left: {left:?}");
    for sigma_x in [0.1, 0.4, 1.0] {
        let model = Wheel::new(2, sigma_x);
        let [diagonal, full] = FAMILIES.map(|family| model.best([0.0, 1.5], family));
        assert!(
            full.lower.abs() < 1e-6
                && (model.elbo([0.0, 1.5], &full) - model.elbo([0.0, 1.5], &diagonal)).abs() < 1e-10
        );
    }
}

/// At the same (m, v) of z_1, what leaning adds; and an arbitrary Gaussian with `lower` 0 is the diagonal one.
#[test]
fn the_best_slope_is_the_mean_slope_of_the_posteriors_mean() {
    for model in models().into_iter().filter(|model| model.latent() == 2) {
        let variance = model.sigma_x() * model.sigma_x();
        for first in [[0.3, -1.0], [1.2, -3.0], [-2.0, 0.4]] {
            let x = [0.7, -0.4];
            let [diagonal, full] = FAMILIES.map(|family| model.completed(x, first, family));
            let v = libm::exp(first[1]);
            let slope = full.lower / v.sqrt();
            let mean = |z: f64| (x[1] - model.decode([z, 0.0])[1]) / (1.0 + variance);
            let rule = GaussHermite::new(60);
            let mean_slope = rule.expectation(first[0], first[1], |z| (mean(z + 1e-5) - mean(z - 1e-5)) / 2e-5);
            assert!((slope - mean_slope).abs() < 1e-7, "{slope} {mean_slope}");
            let gain = 0.5 * v * slope * slope * (1.0 + variance) / variance;
            assert!((model.elbo(x, &full) - model.elbo(x, &diagonal) - gain).abs() < 1e-10 * gain.max(1.0));
            assert!(model.gradient_lower(&full).abs() < 1e-10 / variance);
            assert_eq!(model.elbo(x, &Gaussian { lower: 0.0, ..full }), model.elbo(x, &diagonal));
        }
    }
}

#[test]
fn the_gap_of_a_tilted_gaussian_is_its_divergence_from_the_posterior() {
    // KL[q||p(z|x)] over the plane by the trapezoid rule, and the ELBO by Monte Carlo: neither knows the closed form.
    let model = Wheel::new(2, 0.5);
    let (first, second) = (Grid::new(-5.0, 5.0, 1001), Grid::new(-5.0, 5.0, 401));
    let mut rng = Rng::new(2);
    for x in [[0.6, -1.4], [2.4, 1.9]] {
        let (log_px, best) = (model.log_px(x), model.best(x, Family::Full));
        assert!(best.lower.abs() > 0.05, "{best:?} leans to nothing");
        for q in [best, Gaussian { lower: -0.3, ..Gaussian::diagonal([0.4, -0.2], [-2.0, -1.0]) }] {
            let over_second = |&a: &f64| {
                let term = |&b: &f64| {
                    let log_q = log_q(&model, &q, [a, b]);
                    libm::exp(log_q) * (log_q - model.log_joint(x, [a, b]) + log_px)
                };
                second.integral(&second.points.iter().map(term).collect::<Vec<_>>())
            };
            let divergence = first.integral(&first.points.iter().map(over_second).collect::<Vec<_>>());
            let elbo = model.elbo(x, &q);
            assert!((log_px - elbo - divergence).abs() < 1e-7, "{x:?} {q:?}: {} {divergence}", log_px - elbo);
            let draws: Vec<f64> = (0..20_000)
                .map(|_| q.sample([rng.normal(), rng.normal()]))
                .map(|z| model.log_joint(x, z) - log_q(&model, &q, z))
                .collect();
            let estimate = crate::estimate::Estimate::of(&draws);
            assert!((estimate.mean - elbo).abs() < 4.5 * estimate.standard_error, "{estimate:?} {elbo}");
        }
    }
}

#[test]
fn two_equal_modes_cost_log_two() {
    // At the curve's crossing the posterior has two equal modes; one Gaussian on one of them leaves log 2, less what tails give.
    let model = Wheel::new(1, 0.1);
    let crossing = model.decode([1.139_431_330_037_845, 0.0]);
    assert!(crossing[0].abs() < 1e-12, "{crossing:?}");
    let gap = model.log_px([0.0, crossing[1]])
        - model.elbo([0.0, crossing[1]], &model.best([0.0, crossing[1]], Family::Diagonal));
    assert!((gap - std::f64::consts::LN_2).abs() < 0.02, "{gap}");
}

#[test]
fn climbing_from_anywhere_ends_at_the_best_or_below() {
    // Two basins that differ in width, of nearly the same height: plain ascent from many starts finds none higher.
    for (model, family) in [
        (Wheel::new(1, 0.5), Family::Diagonal),
        (Wheel::new(2, 0.5), Family::Diagonal),
        (Wheel::new(2, 0.7), Family::Diagonal),
        (Wheel::new(2, 0.5), Family::Full),
        (Wheel::new(2, 0.2), Family::Full),
    ] {
        let mut rng = Rng::new(11);
        for _ in 0..25 {
            let x = model.sample(&mut rng);
            let top = model.elbo(x, &model.best(x, family));
            for start in 0..24_i32 {
                let mut first = [-2.4 + 0.2 * f64::from(start), [-4.0, -1.0, 0.0][start as usize % 3]];
                for _ in 0..400 {
                    let slope = model.gradient_first(x, &model.completed(x, first, family));
                    first = [first[0] + 0.02 * slope[0], first[1] + 0.05 * slope[1]];
                }
                let reached = model.elbo(x, &model.completed(x, first, family));
                assert!(reached <= top + 1e-9, "{model:?} {x:?}: {reached} above {top} at {first:?}");
            }
        }
    }
}

#[test]
fn scipy_finds_the_same_evidence_and_the_same_best_gaussian() {
    // reference.py prints these.
    for (latent, sigma_x, x, log_px, diagonal, full) in [
        (1, 0.4, [0.4, 1.3], -1.684_461_723_9, -1.691_776_080_9, -1.691_776_080_9),
        (1, 0.5, [0.0, -0.97], -2.384_875_607_9, -3.080_715_435_7, -3.080_715_435_7),
        (2, 0.5, [-1.8, -1.1], -4.451_096_225_3, -4.682_993_585_0, -4.681_935_711_9),
        (2, 0.3, [2.4, 1.9], -8.421_721_088_5, -9.075_693_960_1, -8.848_070_717_0),
        (2, 1.0, [0.6, -1.4], -3.316_383_646_2, -4.054_099_192_9, -3.939_238_115_4),
    ] {
        let model = Wheel::new(latent, sigma_x);
        assert!((model.log_px(x) - log_px).abs() < 1e-8, "{} {log_px}", model.log_px(x));
        for (family, best) in [(Family::Diagonal, diagonal), (Family::Full, full)] {
            let elbo = model.elbo(x, &model.best(x, family));
            assert!((elbo - best).abs() < 1e-8, "{family:?}: {elbo} {best}");
        }
    }
}
