//! Laws of the bound from below: it is one for every decoder, tight for the inverse alone, and sampled it is what it is exactly.

use super::super::Mixture;
use crate::gaussian::log_sum_exp;
use crate::quadrature::Grid;
use crate::rng::Rng;

fn placed(n: usize, d: usize, seed: u64) -> Mixture {
    let mut rng = Rng::new(seed);
    let mu: Vec<f64> = (0..n * d).map(|_| 0.9 * rng.normal()).collect();
    let log_var: Vec<f64> = (0..n * d).map(|_| -2.0 + 0.5 * rng.normal()).collect();
    Mixture::new(&mu, &log_var, d)
}

fn information(mixture: &Mixture) -> f64 {
    if mixture.dims() == 1 { mixture.exact_1d().mi } else { mixture.exact_2d().mi }
}

#[test]
fn every_decoder_bounds_the_information_and_its_inverse_reaches_it() {
    for d in [1, 2] {
        let mixture = placed(7, d, 3);
        let mi = information(&mixture);
        let own = mixture.exact_from_below(&mixture);
        assert!(own.is_exact() && (own.mean - mi).abs() < 1e-8, "{own:?} {mi}");
        for factor in [0.5, 0.8, 1.25, 4.0] {
            let found = mixture.exact_from_below(&mixture.widened(factor));
            assert!(found.is_exact() && found.mean < mi - 1e-3, "{factor}: {found:?} {mi}");
        }
        // Decoders that have nothing to do with the encoder, and one that has seen it through a mirror.
        for seed in 10..20 {
            assert!(mixture.exact_from_below(&placed(7, d, seed)).mean < mi);
        }
        let mirrored: Vec<f64> = mixture.mu.iter().map(|mu| -mu).collect();
        assert!(mixture.exact_from_below(&Mixture::new(&mirrored, &mixture.log_var, d)).mean < 0.0);
    }
}

/// What it lacks is E_q(z) KL[q(n|z)‖p(n|z)], by a sum over n on a grid.
#[test]
fn the_gap_is_the_divergence_of_the_decoder_from_the_inverse() {
    let mixture = placed(5, 1, 4);
    let grid = Grid::new(-12.0, 12.0, 20_001);
    for decoder in [mixture.widened(0.6), mixture.widened(3.0), placed(5, 1, 9)] {
        let posterior = |of: &Mixture, z: f64| {
            let mut components = vec![0.0; 5];
            of.log_components(&[z], &mut components);
            let all = log_sum_exp(&components);
            components.into_iter().map(|one| one - all).collect::<Vec<_>>()
        };
        let divergence = |z: f64| {
            let (q, p) = (posterior(&mixture, z), posterior(&decoder, z));
            q.iter().zip(p).map(|(q, p)| q.exp() * (q - p)).sum::<f64>()
        };
        let values: Vec<f64> = grid.points.iter().map(|&z| mixture.log_density(&[z]).exp() * divergence(z)).collect();
        let gap = mixture.exact_1d().mi - mixture.exact_from_below(&decoder).mean;
        assert!((gap - grid.integral(&values)).abs() < 1e-9, "{gap} {}", grid.integral(&values));
    }
}

/// The logits of a widened decoder are linear in 1/factor², log softmax is concave, and the inverse is best.
#[test]
fn in_the_squared_sharpness_the_bound_is_concave_with_its_top_at_the_inverse() {
    for d in [1, 2] {
        let mixture = placed(6, d, 5);
        let at = |sharpness: f64| mixture.exact_from_below(&mixture.widened(sharpness.powf(-0.5))).mean;
        let values: Vec<f64> = (1..=16).map(|i| at(0.25 * f64::from(i))).collect();
        for three in values.windows(3) {
            assert!(three[1] > 0.5 * (three[0] + three[2]), "{three:?}");
        }
        // Index 3 is sharpness 1.
        assert!(values.iter().all(|value| *value <= values[3]), "{values:?}");
    }
}

#[test]
fn samples_find_it_and_with_its_own_inverse_they_are_those_of_the_information() {
    for d in [1, 2] {
        let mixture = placed(7, d, 6);
        let eps = Rng::new(7).normals(2000 * 7 * d);
        assert_eq!(mixture.from_below_of_all(&mixture, &eps), mixture.surgery_of_all(&eps).mi);
        for decoder in [mixture.widened(0.5), mixture.widened(2.0), placed(7, d, 8)] {
            let (found, exact) = (mixture.from_below_of_all(&decoder, &eps), mixture.exact_from_below(&decoder));
            let off = (found.mean - exact.mean) / found.standard_error;
            assert!(off.abs() < 4.0 && exact.is_exact(), "{found:?} {exact:?}");
        }
    }
}

#[test]
fn one_data_point_has_nothing_to_tell_and_far_apart_any_decoder_knows() {
    let one = Mixture::new(&[1.5], &[-1.0], 1);
    assert!(one.exact_from_below(&one.widened(3.0)).mean.abs() < 1e-12);
    let together = Mixture::new(&[0.4; 6], &[-2.0; 6], 2);
    assert!(together.exact_from_below(&together.widened(0.5)).mean.abs() < 1e-9);
    let apart = Mixture::new(&[-30.0, -10.0, 10.0, 30.0], &[0.0; 4], 1);
    assert!((apart.exact_from_below(&apart.widened(0.5)).mean - 4.0_f64.ln()).abs() < 1e-9);
    assert!((apart.exact_from_below(&apart.widened(2.0)).mean - 4.0_f64.ln()).abs() < 1e-4);
}

/// "Exact" to 1e-3 nats for decoders of half to four times the width, also where the borders between components run along the grid: against
/// a grid many times as fine.
#[test]
fn the_bound_is_exact_or_says_that_it_is_not() {
    let mut rng = Rng::new(12);
    let scattered: Vec<f64> = (0..16).map(|_| 2.0 * rng.normal()).collect();
    for apart in [1.0, 2.5] {
        let square = [[0.0, 0.0], [0.5 * apart, 0.0], [0.0, 0.5 * apart], [0.5 * apart, 0.5 * apart]].concat();
        for mu in [square, scattered.iter().map(|mu| 0.3 * apart * mu).collect()] {
            for ratio in [1.0, 4.0] {
                let log_var: Vec<f64> = (0..mu.len())
                    .map(|j| 2.0 * 0.5_f64.ln() - if j % 4 < 2 { 2.0 * f64::ln(ratio) } else { 0.0 })
                    .collect();
                let plane = Mixture::new(&mu, &log_var, 2);
                let line =
                    Mixture::new(&mu.iter().step_by(2).copied().collect::<Vec<_>>(), &log_var[..mu.len() / 2], 1);
                for factor in [0.5, 4.0] {
                    for mixture in [&plane, &line] {
                        let decoder = mixture.widened(factor);
                        let found = mixture.exact_from_below(&decoder);
                        let fine = fine(mixture, &decoder);
                        assert!((found.mean - fine).abs() < 1e-3 || !found.is_exact(), "{found:?} {fine}");
                        assert!(found.is_exact() || ratio > 1.0, "{apart} {factor}: {found:?} {fine}");
                    }
                }
            }
        }
    }
}

/// E log N p(n|z) component by component, on 12 points per sigma of the narrowest.
fn fine(mixture: &Mixture, decoder: &Mixture) -> f64 {
    let narrowest = mixture.log_var.iter().copied().fold(f64::INFINITY, f64::min);
    let n = mixture.len();
    let mut components = vec![0.0; n];
    let mut sum = 0.0;
    for (at, (mu, log_var)) in
        mixture.mu.chunks_exact(mixture.d).zip(mixture.log_var.chunks_exact(mixture.d)).enumerate()
    {
        let axis = |j: usize| {
            let sigma = (0.5 * log_var[j]).exp();
            let points = Grid::new(-6.0, 6.0, (12.0 * 12.0 * sigma / (0.5 * narrowest).exp()) as usize + 1).points;
            let weights: Vec<f64> = points.iter().map(|t| (-0.5 * t * t).exp()).collect();
            let total: f64 = weights.iter().sum();
            points.into_iter().zip(weights).map(|(t, w)| (mu[j] + sigma * t, w / total)).collect::<Vec<_>>()
        };
        let second = if mixture.d == 2 { axis(1) } else { vec![(f64::NAN, 1.0)] };
        for (x, across) in axis(0) {
            for (y, up) in &second {
                if across * up < 1e-9 {
                    continue;
                }
                decoder.log_components(&[x, *y][..mixture.d], &mut components);
                sum += across * up * (components[at] - log_sum_exp(&components)) / n as f64;
            }
        }
    }
    sum + mixture.log_n()
}
