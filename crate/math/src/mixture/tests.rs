//! Laws of the aggregate posterior: (17), (21), the bounds, and both ends of the separation of the components.

use super::*;
use crate::rng::Rng;

/// A mixture like that of a trained encoder: means over the prior's range, narrower than the prior.
fn encoder_like(n: usize, d: usize, seed: u64) -> Mixture {
    let mut rng = Rng::new(seed);
    let mu: Vec<f64> = (0..n * d).map(|_| 0.9 * rng.normal()).collect();
    let log_var: Vec<f64> = (0..n * d).map(|_| -2.0 + 0.5 * rng.normal()).collect();
    Mixture::new(&mu, &log_var, d)
}

/// Each component `repeats` times.
fn all_indices(mixture: &Mixture, repeats: usize) -> Vec<usize> {
    (0..mixture.len() * repeats).map(|s| s % mixture.len()).collect()
}

#[test]
fn the_density_is_the_mean_of_the_components() {
    let mixture = encoder_like(5, 3, 1);
    let z = [0.2, -0.1, 0.7];
    let log_pdf = |n: usize, j: usize| gaussian::log_pdf(z[j], mixture.mu[3 * n + j], mixture.log_var[3 * n + j]);
    let mean = (0..5).map(|n| (0..3).map(|j| log_pdf(n, j)).sum::<f64>().exp() / 5.0).sum::<f64>();
    assert!((mixture.log_density(&z) - mean.ln()).abs() < 1e-12);
    // A component's density at its own sample needs no other component.
    let (mut components, eps) = (vec![0.0; 5], [0.3, -1.1, 0.4]);
    mixture.log_components(&mixture.sample(2, &eps), &mut components);
    assert!((mixture.log_density_of_sample(2, &eps) - components[2]).abs() < 1e-12);
    // Where every component underflows, the logarithm is still a number.
    assert!(mixture.log_density(&[1e4; 3]).is_finite());
}

#[test]
fn the_identity_holds_by_quadrature() {
    for mixture in [
        encoder_like(8, 1, 2),
        Mixture::new(&[0.0, 0.0], &[0.0, -3.0], 1),
        Mixture::new(&[-4.0, 0.5, 4.0], &[-6.0, 0.5, -6.0], 1),
        encoder_like(1, 1, 3),
    ] {
        let exact = mixture.exact_1d();
        assert!(exact.residual.abs() < 1e-9, "{exact:?}");
        assert!(exact.mi > -1e-12 && exact.mi < exact.log_n + 1e-12 && exact.marginal_kl > -1e-12, "{exact:?}");
        assert!(exact.kl >= exact.mi - 1e-9, "the average KL bounds the mutual information");
    }
    let plane = encoder_like(6, 2, 4).exact_2d();
    assert!(plane.residual.abs() < 1e-9 && plane.mi > 0.0 && plane.mi < plane.log_n, "{plane:?}");
}

#[test]
fn far_apart_the_information_is_log_n_and_together_it_is_zero() {
    let apart = Mixture::new(&[-30.0, -10.0, 10.0, 30.0], &[0.0; 4], 1).exact_1d();
    assert!((apart.mi - 4.0_f64.ln()).abs() < 1e-9, "{apart:?}");
    let collapsed = Mixture::new(&[0.0; 3], &[0.0; 3], 1).exact_1d();
    assert!(collapsed.mi.abs() < 1e-12 && collapsed.marginal_kl.abs() < 1e-12 && collapsed.kl == 0.0, "{collapsed:?}");
    let one = Mixture::new(&[1.5], &[-1.0], 1).exact_1d();
    assert!(one.mi.abs() < 1e-12 && (one.marginal_kl - one.kl).abs() < 1e-9, "{one:?}");
}

#[test]
fn monte_carlo_finds_the_exact_terms() {
    for d in [1, 2] {
        let mixture = encoder_like(7, d, 5);
        let exact = if d == 1 { mixture.exact_1d() } else { mixture.exact_2d() };
        let found = mixture.surgery_of_all(&Rng::new(6).normals(3000 * mixture.len() * d));
        for (estimate, exact) in
            [(found.mi, exact.mi), (found.index_information, exact.mi), (found.marginal_kl, exact.marginal_kl)]
        {
            assert!((estimate.mean - exact).abs() < 4.5 * estimate.standard_error, "{estimate:?} {exact}");
        }
        assert!((found.kl - exact.kl).abs() < 1e-12);
        assert!(found.residual.mean.abs() < 4.5 * found.residual.standard_error);
        assert!(found.index_information.standard_error < found.mi.standard_error);
    }
}

#[test]
fn the_standard_errors_of_samples_of_all_are_right() {
    let mixture = encoder_like(9, 2, 10);
    let exact = mixture.exact_2d();
    let mut rng = Rng::new(11);
    let (mut squares, mut expected) = ([0.0; 4], [0.0; 4]);
    let repeats = 200;
    for _ in 0..repeats {
        let found = mixture.surgery_of_all(&rng.normals(9 * 6 * 2));
        let pairs = [
            (found.mi, exact.mi),
            (found.marginal_kl, exact.marginal_kl),
            (found.residual, 0.0),
            (found.index_residual, 0.0),
        ];
        for (j, (estimate, exact)) in pairs.into_iter().enumerate() {
            squares[j] += (estimate.mean - exact).powi(2) / f64::from(repeats);
            expected[j] += estimate.standard_error.powi(2) / f64::from(repeats);
        }
    }
    for (square, expected) in squares.iter().zip(expected) {
        // The relative error of a variance from 200 estimates is about sqrt(2/200) = 0.1.
        assert!((square / expected - 1.0).abs() < 0.4, "{squares:?} {expected:?}");
    }
}

/// One sample of each, and a second of some: unbiased, with the error that the spread over other noise has, however different the
/// components are.
#[test]
fn the_standard_errors_of_one_sample_of_each_are_right() {
    let mixture = encoder_like(60, 2, 14);
    let again: Vec<usize> = (0..30).map(|n| 2 * n).collect();
    let mut rng = Rng::new(15);
    let all: Vec<Surgery> = (0..300).map(|_| mixture.surgery_of_one_each(&again, &rng.normals(90 * 2))).collect();
    let exact = mixture.exact_2d();
    for (of, exact) in [
        ((|found| found.mi) as fn(&Surgery) -> Estimate, exact.mi),
        (|found| found.marginal_kl, exact.marginal_kl),
        (|found| found.residual, 0.0),
    ] {
        let means = Estimate::of(&all.iter().map(|found| of(found).mean).collect::<Vec<_>>());
        assert!((means.mean - exact).abs() < 4.5 * means.standard_error, "{means:?} {exact}");
        let spread = means.standard_error * 300_f64.sqrt();
        let said = (all.iter().map(|found| of(found).standard_error.powi(2)).sum::<f64>() / 300.0).sqrt();
        assert!((0.8..1.25).contains(&(said / spread)), "{said} said, {spread} seen");
    }
}

#[test]
fn the_density_on_a_plane_is_the_density() {
    let mixture = encoder_like(6, 2, 12);
    let (columns, rows) = (crate::quadrature::Grid::new(-2.0, 2.5, 5), crate::quadrature::Grid::new(-1.0, 1.5, 4));
    let plane = mixture.plane([0, 1], &columns, &rows);
    for (i, &up) in rows.points.iter().enumerate() {
        for (j, &across) in columns.points.iter().enumerate() {
            let expected = mixture.log_density(&[across, up]).exp();
            assert!((plane[i * 5 + j] - expected).abs() < 1e-12);
        }
    }
}

#[test]
fn the_bars_add_up_and_stay_in_their_bounds() {
    let mixture = encoder_like(200, 16, 7);
    let indices = all_indices(&mixture, 2);
    let eps = Rng::new(8).normals(indices.len() * 16);
    let found = mixture.surgery_of_all(&eps);
    assert!((found.kl - mixture.average_kl()).abs() < 1e-10);
    let residual = found.kl - found.mi.mean - found.marginal_kl.mean;
    assert!((residual - found.residual.mean).abs() < 1e-10);
    assert!(found.residual.mean.abs() < 4.5 * found.residual.standard_error && found.residual.standard_error < 0.5);
    for terms in mixture.sample_terms(&indices, &eps) {
        assert!((terms.mi + terms.marginal_kl - terms.kl).abs() < 1e-9);
        assert!(terms.mi <= found.log_n + 1e-12);
        assert!(terms.index_entropy >= 0.0 && terms.index_entropy <= found.log_n + 1e-12);
    }
}

#[test]
fn with_the_aggregate_as_prior_the_third_term_vanishes() {
    // (17) with p replaced by q(z): the average KL to q(z) is I(x, z), nothing is left for the marginal.
    let mixture = encoder_like(5, 1, 9);
    let exact = mixture.exact_1d();
    let grid = crate::quadrature::Grid::new(-12.0, 12.0, 20_001);
    let mut average = 0.0;
    for n in 0..5 {
        let values: Vec<f64> = (grid.points.iter())
            .map(|&z| {
                let log_component = gaussian::log_pdf(z, mixture.mu[n], mixture.log_var[n]);
                log_component.exp() * (log_component - mixture.log_density(&[z]))
            })
            .collect();
        average += grid.integral(&values) / 5.0;
    }
    assert!((average - exact.mi).abs() < 1e-9);
}

#[test]
fn the_entropy_is_the_entropy() {
    let values: [f64; 4] = [0.3, -1.0, 2.0, -900.0];
    let total: f64 = values.iter().map(|v| v.exp()).sum();
    let shares = values.iter().map(|v| v.exp() / total);
    let entropy: f64 = shares.filter(|&r| r > 0.0).map(|r| -r * r.ln()).sum();
    let (log_sum, found) = log_sum_and_entropy(&values);
    assert!((found - entropy).abs() < 1e-14 && (log_sum - gaussian::log_sum_exp(&values)).abs() < 1e-14);
    assert!((log_sum_and_entropy(&[-5.0; 8]).1 - 8.0_f64.ln()).abs() < 1e-14);
}

/// At the edges of what slide 3.1's controls allow: means at the corners of the frame, spread to the widest, from very narrow to wider
/// than the prior, and posteriors of very different widths.
#[test]
fn the_exact_terms_are_exact_at_the_edges() {
    let mut rng = Rng::new(12);
    let mut places = |n: usize| (0..2 * n).map(|_| 6.0 * (2.0 * rng.uniform() - 1.0)).collect::<Vec<f64>>();
    let corners: Vec<f64> = [[6.0, 6.0], [-6.0, 6.0], [-6.0, -6.0], [6.0, -6.0]].concat();
    for mu in [corners, vec![0.0, 0.0, 0.3, 0.0, 0.6, 0.1, 0.0, 0.2], places(12), places(32)] {
        for spread in [0.0, 0.3, 1.0, 4.0] {
            for sigma in [0.05, 0.2, 1.0, 3.0_f64] {
                let mu: Vec<f64> = mu.iter().map(|mu| spread * mu).collect();
                let exact = Mixture::new(&mu, &vec![2.0 * sigma.ln(); mu.len()], 2).exact_2d();
                assert!(exact.is_exact() && exact.residual.abs() < 1e-3, "{spread} {sigma}: {exact:?}");
                assert!(exact.mi > -1e-3 && exact.mi < exact.log_n + 1e-3 && exact.marginal_kl > -1e-3, "{exact:?}");
                let line: Vec<f64> = mu.iter().step_by(2).copied().collect();
                let exact = Mixture::new(&line, &vec![2.0 * sigma.ln(); line.len()], 1).exact_1d();
                assert!(exact.is_exact() && exact.residual.abs() < 1e-6, "{spread} {sigma}: {exact:?}");
            }
        }
    }
}

/// Far apart, a component for each data point: I = log N and the marginal KL is what is left of the average KL.
#[test]
fn four_narrow_components_far_apart_say_log_four() {
    let mu = [[6.0, 6.0], [-6.0, 6.0], [-6.0, -6.0], [6.0, -6.0]].concat();
    let exact = Mixture::new(&mu, &[2.0 * 0.05_f64.ln(); 8], 2).exact_2d();
    assert!((exact.mi - 4.0_f64.ln()).abs() < 1e-9 && exact.residual.abs() < 1e-9, "{exact:?}");
}

/// Posteriors of very different widths, as encoders make them: component by component against one grid that is fine everywhere.
#[test]
fn components_in_components_are_resolved_or_told() {
    let mut rng = Rng::new(13);
    for ratio in [1.5, 5.0, 20.0] {
        let mu: Vec<f64> = (0..8).map(|_| 0.8 * rng.normal()).collect();
        let log_var: Vec<f64> = (0..8).map(|j| if j < 4 { 0.0 } else { -2.0 * f64::ln(ratio) }).collect();
        let mixture = Mixture::new(&mu, &log_var, 2);
        let (found, fine) =
            (mixture.by_component(), mixture.on_one_grid(&[0, 1].map(|axis| mixture.grid(axis, 4.0, 2000))));
        assert!(fine.residual.abs() < 1e-6, "{ratio}: {fine:?}");
        let apart = (found.mi - fine.mi).abs().max((found.marginal_kl - fine.marginal_kl).abs());
        assert!(apart < 1e-3 || !found.is_exact(), "{ratio}: {found:?} {fine:?}");
        assert!(found.is_exact() || ratio > 10.0, "{ratio}: {found:?}");
    }
}

#[test]
fn a_components_kl_is_its_cross_entropy_with_the_prior_less_its_entropy() {
    let mixture = encoder_like(5, 3, 21);
    for n in 0..5 {
        let (mu, log_var) = mixture.component(n);
        let cross: f64 = (0..3).map(|j| 0.5 * (LN_2PI + mu[j] * mu[j] + log_var[j].exp())).sum();
        assert!((cross - mixture.entropy(n) - mixture.kl(n)).abs() < 1e-12);
    }
}
