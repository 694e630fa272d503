//! Laws of the wheel.

use super::*;
use crate::quadrature::GaussHermite;

const POINTS_TRIED: [[f64; 2]; 5] = [[0.0, -0.65], [0.4, 1.3], [-1.8, -1.1], [3.0, 0.2], [4.5, -4.0]];

fn models() -> Vec<Wheel> {
    [0.1, 0.4, 1.0].iter().flat_map(|&sigma| [Wheel::new(1, sigma), Wheel::new(2, sigma)]).collect()
}

fn spread(model: &Wheel, q: &Gaussian) -> Vec<[f64; 2]> {
    let sigma = q.log_var.map(|log_var| libm::exp(0.5 * log_var));
    let rule = GaussHermite::new(40);
    let second = if model.latent() == 2 { rule.nodes.clone() } else { vec![0.0] };
    let at = |a: &f64, b: &f64| [q.mu[0] + sigma[0] * a, q.mu[1] + sigma[1] * b];
    rule.nodes.iter().flat_map(|a| second.iter().map(move |b| at(a, b))).collect()
}

#[test]
fn the_closed_elbo_is_its_expectation_by_gauss_and_hermite() {
    let rule = GaussHermite::new(40);
    for model in models() {
        for x in POINTS_TRIED {
            for q in [
                Gaussian { mu: [0.0, 0.0], log_var: [0.0, 0.0] },
                Gaussian { mu: [1.1, -0.7], log_var: [-3.0, -1.0] },
                Gaussian { mu: [-2.0, 1.5], log_var: [0.7, 0.3] },
            ] {
                let weights: Vec<f64> = if model.latent() == 2 {
                    rule.weights.iter().flat_map(|a| rule.weights.iter().map(move |b| a * b)).collect()
                } else {
                    rule.weights.clone()
                };
                let log_q =
                    |z: [f64; 2]| -> f64 { (0..model.latent()).map(|j| log_pdf(z[j], q.mu[j], q.log_var[j])).sum() };
                let sum: f64 = spread(&model, &q)
                    .iter()
                    .zip(weights)
                    .map(|(&z, weight)| weight * (model.log_joint(x, z) - log_q(z)))
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
            for q in [model.best(x), Gaussian { mu: [0.3, 0.0], log_var: [-1.0, 0.0] }] {
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
            let q = Gaussian { mu: [0.7, -0.4], log_var: [-1.2, -0.8] };
            let at = |mu: f64, log_var: f64| {
                model.elbo(x, &Gaussian { mu: [mu, q.mu[1]], log_var: [log_var, q.log_var[1]] })
            };
            let h = 1e-5;
            let difference = [
                (at(q.mu[0] + h, q.log_var[0]) - at(q.mu[0] - h, q.log_var[0])) / (2.0 * h),
                (at(q.mu[0], q.log_var[0] + h) - at(q.mu[0], q.log_var[0] - h)) / (2.0 * h),
            ];
            for (exact, difference) in model.gradient_first(x, &q).iter().zip(difference) {
                assert!((exact - difference).abs() < 1e-6 * difference.abs().max(1.0), "{model:?} {x:?}");
            }
        }
    }
}

#[test]
fn nothing_beats_the_best_gaussian() {
    let mut rng = Rng::new(5);
    for model in models() {
        for _ in 0..20 {
            let x = model.sample(&mut rng);
            let best = model.best(x);
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
                assert!(model.elbo(x, &q) <= top + 1e-9, "{model:?} {x:?} {q:?}");
            }
        }
    }
}

#[test]
fn two_equal_modes_cost_log_two() {
    // At the curve's crossing the posterior has two equal modes; one Gaussian on one of them leaves log 2, less what tails give.
    let model = Wheel::new(1, 0.1);
    let crossing = model.decode([1.139_431_330_037_845, 0.0]);
    assert!(crossing[0].abs() < 1e-12, "{crossing:?}");
    let gap = model.log_px([0.0, crossing[1]]) - model.elbo([0.0, crossing[1]], &model.best([0.0, crossing[1]]));
    assert!((gap - std::f64::consts::LN_2).abs() < 0.02, "{gap}");
}

#[test]
fn climbing_from_anywhere_ends_at_the_best_or_below() {
    // Two basins that differ in width, of nearly the same height: plain ascent from many starts finds none higher.
    for model in [Wheel::new(1, 0.5), Wheel::new(2, 0.5), Wheel::new(2, 0.7)] {
        let mut rng = Rng::new(11);
        for _ in 0..25 {
            let x = model.sample(&mut rng);
            let top = model.elbo(x, &model.best(x));
            for start in 0..24_i32 {
                let mut first = [-2.4 + 0.2 * f64::from(start), [-4.0, -1.0, 0.0][start as usize % 3]];
                for _ in 0..400 {
                    let slope = model.gradient_first(x, &model.completed(x, first));
                    first = [first[0] + 0.02 * slope[0], first[1] + 0.05 * slope[1]];
                }
                let reached = model.elbo(x, &model.completed(x, first));
                assert!(reached <= top + 1e-9, "{model:?} {x:?}: {reached} above {top} at {first:?}");
            }
        }
    }
}

#[test]
fn scipy_finds_the_same_evidence_and_the_same_best_gaussian() {
    // reference.py prints these.
    for (latent, sigma_x, x, log_px, best) in [
        (1, 0.4, [0.4, 1.3], -1.684_461_723_9, -1.691_776_080_9),
        (1, 0.5, [0.0, -0.97], -2.384_875_607_9, -3.080_715_435_7),
        (2, 0.5, [-1.8, -1.1], -4.451_096_225_3, -4.682_993_585_0),
    ] {
        let model = Wheel::new(latent, sigma_x);
        assert!((model.log_px(x) - log_px).abs() < 1e-8, "{} {log_px}", model.log_px(x));
        let elbo = model.elbo(x, &model.best(x));
        assert!((elbo - best).abs() < 1e-8, "{elbo} {best}");
    }
}
