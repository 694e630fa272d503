//! Laws of section 2: the ELBO meets the log-likelihood at the optimum and nowhere exceeds it, its gradient is its derivative,
//! its own maximisation finds pPCA, and the digits give scikit-learn's numbers.

use super::*;
use crate::gaussian;

fn random(rows: usize, columns: usize, rng: &mut Rng) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns, |_, _| rng.normal())
}

fn model(d: usize, m: usize, seed: u64) -> Ppca {
    let mut rng = Rng::new(seed);
    let weights = random(d, m, &mut rng);
    Ppca { weights, mu: DVector::from_fn(d, |_, _| rng.normal()), sigma2: 0.3 }
}

fn data(d: usize, m: usize, n: usize, seed: u64) -> Vec<f64> {
    model(d, m, seed).sample(n, &mut Rng::new(seed + 1000))
}

fn random_vae(d: usize, m: usize, seed: u64) -> LinearVae {
    let mut rng = Rng::new(seed);
    LinearVae {
        weights: random(d, m, &mut rng),
        mu: DVector::from_fn(d, |_, _| rng.normal()),
        recognition: random(m, d, &mut rng) * 0.3,
        log_d: DVector::from_fn(m, |_, _| 0.5 * rng.normal() - 0.5),
        log_sigma2: -0.4,
    }
}

/// The maximum likelihood model with M latent dimensions: W_ML (R = I), the mean, sigma²_ML.
fn max_likelihood(moments: &Moments, m: usize) -> Ppca {
    let eigen = Eigen::of(&moments.covariance);
    let sigma2 = eigen.sigma2_ml(m);
    Ppca { weights: eigen.best_weights(m, sigma2), mu: moments.mean.clone(), sigma2 }
}

/// The decoder with the best encoder for it: V = (W^T W + sigma² I)^-1 W^T, the mean of the exact posterior, and
/// D_j = sigma²/(‖w_j‖² + sigma²), its variance where the columns of W are orthogonal.
fn best_encoder(decoder: &Ppca) -> LinearVae {
    let Ppca { weights, mu, sigma2 } = decoder.clone();
    let log_d = DVector::from_fn(weights.ncols(), |j, _| -(weights.column(j).norm_squared() / sigma2).ln_1p());
    let recognition = decoder.inner().solve(&weights.transpose());
    LinearVae { weights, mu, recognition, log_d, log_sigma2: sigma2.ln() }
}

/// The embedded digits, `[1797, 64]` in [0, 1], as `data::Digits` loads them.
fn digits() -> Moments {
    let bytes = include_bytes!("../../../data/digits.bin");
    let pixels: Vec<f64> = bytes[..1797 * 64].iter().map(|&pixel| f64::from(pixel) / 16.0).collect();
    Moments::of(&pixels, 64)
}

#[test]
fn the_log_likelihood_is_the_gaussians() {
    // Against the density of N(mu, C) at each point, C built and inverted in full.
    let (d, m) = (5, 2);
    let rows = data(d, m, 40, 1);
    let ppca = Ppca { mu: DVector::from_element(d, 0.2), ..model(d, m, 2) };
    let c = &ppca.weights * ppca.weights.transpose() + DMatrix::identity(d, d) * ppca.sigma2;
    let inverse = c.clone().try_inverse().unwrap();
    let density = |x: &[f64]| {
        let distance = DVector::from_row_slice(x) - &ppca.mu;
        -0.5 * (d as f64 * LN_2PI + c.determinant().ln() + distance.dot(&(&inverse * &distance)))
    };
    let mean = rows.chunks(d).map(density).sum::<f64>() / 40.0;
    assert!((ppca.log_px(&Moments::of(&rows, d)) - mean).abs() < 1e-10);
}

#[test]
fn the_maximum_is_a_maximum() {
    let moments = Moments::of(&data(6, 2, 300, 3), 6);
    let eigen = Eigen::of(&moments.covariance);
    let best = max_likelihood(&moments, 2);
    let at_best = best.log_px(&moments);
    assert!((at_best - eigen.log_px_max(2)).abs() < 1e-10);
    let mut rng = Rng::new(4);
    for _ in 0..20 {
        let mut other = best.clone();
        other.weights += random(6, 2, &mut rng) * 0.05;
        other.sigma2 *= libm::exp(0.05 * rng.normal());
        other.mu += DVector::from_fn(6, |_, _| 0.05 * rng.normal());
        assert!(other.log_px(&moments) < at_best);
    }
    let fixed = Ppca { weights: eigen.best_weights(2, 1.7), sigma2: 1.7, ..best };
    assert!((fixed.log_px(&moments) - eigen.log_px_max_at(2, 1.7)).abs() < 1e-10);
}

#[test]
fn eigenvectors_are_sorted_signed_and_right() {
    let moments = Moments::of(&data(7, 3, 100, 5), 7);
    let Eigen { values, vectors } = Eigen::of(&moments.covariance);
    assert!(values.as_slice().windows(2).all(|pair| pair[0] >= pair[1]));
    let rebuilt = &vectors * DMatrix::from_diagonal(&values) * vectors.transpose();
    assert!((rebuilt - &moments.covariance).norm() < 1e-10);
    assert!(vectors.column_iter().all(|vector| vector.max() >= -vector.min()));
}

#[test]
fn the_elbo_is_its_definition() {
    // Point by point: Lemma 1's KL, and E_q log p(x|z) as the log-likelihood at the mean minus tr(W D W^T)/(2 sigma²).
    let (d, m) = (4, 2);
    let rows = data(d, m, 25, 6);
    let vae = random_vae(d, m, 7);
    let sigma2 = libm::exp(vae.log_sigma2);
    let (mut kl, mut reconstruction) = (0.0, 0.0);
    for x in rows.chunks(d) {
        let code = &vae.recognition * (DVector::from_row_slice(x) - &vae.mu);
        kl += gaussian::kl_to_standard_normal(code.as_slice(), vae.log_d.as_slice()) / 25.0;
        let mean = &vae.weights * code + &vae.mu;
        let spread: f64 = (0..m).map(|j| vae.log_d[j].exp() * vae.weights.column(j).norm_squared()).sum();
        let at_mean: f64 = x.iter().zip(&mean).map(|(x, mean)| gaussian::log_pdf(*x, *mean, vae.log_sigma2)).sum();
        reconstruction += (at_mean - 0.5 * spread / sigma2) / 25.0;
    }
    let elbo = vae.elbo(&Moments::of(&rows, d));
    assert!((elbo.kl - kl).abs() < 1e-10 && (elbo.reconstruction - reconstruction).abs() < 1e-10, "{elbo:?}");
    assert!((elbo.elbo - (reconstruction - kl)).abs() < 1e-10);
}

#[test]
fn the_elbo_is_a_bound_and_tight_at_the_optimum() {
    let moments = Moments::of(&data(6, 3, 200, 8), 6);
    for seed in 0..10 {
        let vae = random_vae(6, 3, seed);
        assert!(vae.elbo(&moments).elbo < vae.decoder().log_px(&moments));
    }
    let best = max_likelihood(&moments, 3);
    let (elbo, gradient) = best_encoder(&best).gradient(&moments);
    assert!((elbo.elbo - best.log_px(&moments)).abs() < 1e-9);
    assert!(slopes(&gradient).iter().all(|slope| slope.abs() < 1e-9), "{gradient:?}");
    // Rotated, the likelihood stays and a diagonal D no longer reaches it: the linear VAE has no free rotation.
    let (sin, cos) = 0.6_f64.sin_cos();
    let rotation = DMatrix::from_row_slice(3, 3, &[cos, -sin, 0.0, sin, cos, 0.0, 0.0, 0.0, 1.0]);
    let rotated = Ppca { weights: &best.weights * rotation, ..best };
    let gap = rotated.log_px(&moments) - best_encoder(&rotated).elbo(&moments).elbo;
    assert!((rotated.log_px(&moments) - elbo.elbo).abs() < 1e-9 && gap > 1e-3, "{gap}");
}

/// Every parameter: W, V, mu, log D, log sigma².
fn parameters(vae: &mut LinearVae) -> Vec<&mut f64> {
    let matrices = vae.weights.iter_mut().chain(&mut vae.recognition);
    matrices.chain(&mut vae.mu).chain(&mut vae.log_d).chain([&mut vae.log_sigma2]).collect()
}

/// The derivatives in the order of [`parameters`].
fn slopes(gradient: &LinearGradient) -> Vec<f64> {
    let matrices = gradient.weights.iter().chain(&gradient.recognition);
    matrices.chain(&gradient.mu).chain(&gradient.log_d).chain([&gradient.log_sigma2]).copied().collect()
}

#[test]
fn the_gradient_is_the_derivative() {
    let moments = Moments::of(&data(5, 2, 60, 9), 5);
    let vae = random_vae(5, 2, 10);
    let (elbo, gradient) = vae.gradient(&moments);
    assert_eq!(elbo, vae.elbo(&moments));
    let value = |i: usize, step: f64| {
        let mut moved = vae.clone();
        *parameters(&mut moved)[i] += step;
        moved.elbo(&moments).elbo
    };
    let slopes = slopes(&gradient);
    assert_eq!(slopes.len(), parameters(&mut vae.clone()).len());
    for (i, slope) in slopes.iter().enumerate() {
        let difference = (value(i, 1e-5) - value(i, -1e-5)) / 2e-5;
        assert!((difference - slope).abs() < 1e-6 * slope.abs().max(1.0), "parameter {i}: {slope} {difference}");
    }
}

/// Coordinate ascent on the closed-form ELBO from a small random start: the best encoder for the decoder, then the best decoder for
/// the encoder, W = S V^T (V S V^T + D)^-1; sigma² moves only when it is learned. Every step sets a part of the gradient to 0.
fn trained(moments: &Moments, m: usize, sigma2: Option<f64>, steps: usize) -> LinearVae {
    let (d, s) = (moments.dim(), &moments.covariance);
    let weights = random(d, m, &mut Rng::new(11)) * 0.1;
    let mut vae = best_encoder(&Ppca { weights, mu: moments.mean.clone(), sigma2: sigma2.unwrap_or(1.0) });
    for _ in 0..steps {
        let v = &vae.recognition;
        let second_moment = v * s * v.transpose() + DMatrix::from_diagonal(&vae.log_d.map(f64::exp));
        vae.weights = s * v.transpose() * second_moment.try_inverse().unwrap();
        let elbo = vae.elbo(moments);
        let learned = (elbo.spread + elbo.squared_error) / d as f64;
        vae = best_encoder(&Ppca { sigma2: sigma2.unwrap_or(learned), ..vae.decoder() });
    }
    vae
}

#[test]
fn coordinate_ascent_finds_ppca() {
    let moments = Moments::of(&data(8, 3, 500, 12), 8);
    let eigen = Eigen::of(&moments.covariance);
    let vae = trained(&moments, 3, None, 3000);
    let gap = eigen.log_px_max(3) - vae.elbo(&moments).elbo;
    assert!((-1e-9..0.01).contains(&gap), "{gap}");
    let angles = principal_angles_deg(&vae.weights, &eigen.vectors.columns(0, 3).into_owned());
    assert!(angles.len() == 3 && angles[2] < 1.0, "{angles:?}");
    assert!((libm::exp(vae.log_sigma2) / eigen.sigma2_ml(3) - 1.0).abs() < 0.01);
    // The ELBO has no free rotation: the columns of W come out orthogonal.
    let ww = vae.weights.transpose() * &vae.weights;
    let off = (&ww - DMatrix::from_diagonal(&ww.diagonal())).norm();
    assert!(off < 0.1 * ww.norm(), "{off}");
}

#[test]
fn with_sigma2_fixed_exactly_the_predicted_directions_collapse() {
    let moments = Moments::of(&data(6, 4, 400, 13), 6);
    let eigen = Eigen::of(&moments.covariance);
    let sigma2 = libm::sqrt(eigen.values[1] * eigen.values[2]); // between the second and the third value
    assert_eq!(eigen.collapsed(4, sigma2), 2);
    assert_eq!((eigen.collapsed(4, 1e9), eigen.collapsed(4, 1e-9)), (4, 0));
    let best = Ppca { weights: eigen.best_weights(4, sigma2), mu: moments.mean.clone(), sigma2 };
    let elbo = best_encoder(&best).elbo(&moments);
    assert!((elbo.elbo - eigen.log_px_max_at(4, sigma2)).abs() < 1e-9);
    let vae = trained(&moments, 4, Some(sigma2), 3000);
    assert!((eigen.log_px_max_at(4, sigma2) - vae.elbo(&moments).elbo).abs() < 0.01);
    // A collapsed direction's KL, averaged over the data: 1/2 (v S v^T + d - log d - 1).
    let vsv = (&vae.recognition * &moments.covariance * vae.recognition.transpose()).diagonal();
    let kl = |j: usize| 0.5 * (vsv[j] + vae.log_d[j].exp() - vae.log_d[j] - 1.0);
    let collapsed = (0..4).filter(|&j| kl(j) < 0.01).count();
    assert_eq!(collapsed, 2, "{:?}", (0..4).map(kl).collect::<Vec<_>>());
}

#[test]
fn the_digits_give_scikit_learns_numbers() {
    // reference.py prints these.
    let golden = [
        (2, 0.005701768338871025, 0.05414711663187086, 0.005706724951579645, 0.054116984680489685),
        (5, 8.907631729450, 0.036216966055, 8.907636686063, 0.036196811928),
        (10, 17.451942065265126, 0.02276404014299424, 17.451947021877835, 0.022751372341022605),
    ];
    let moments = digits();
    let eigen = Eigen::of(&moments.covariance);
    assert!((eigen.values[0] - 0.6988567022640991).abs() < 1e-12);
    // scikit-learn's model is fitted with the divisor N - 1, and scored on the data as they are.
    let unbiased = Moments { covariance: &moments.covariance * (1797.0 / 1796.0), ..moments.clone() };
    for (m, score, noise_variance, log_px, sigma2) in golden {
        assert!((eigen.log_px_max(m) - log_px).abs() < 1e-9 && (eigen.sigma2_ml(m) - sigma2).abs() < 1e-12);
        let best = max_likelihood(&moments, m);
        assert!((best_encoder(&best).elbo(&moments).elbo - log_px).abs() < 1e-9);
        let theirs = max_likelihood(&unbiased, m);
        assert!((theirs.sigma2 - noise_variance).abs() < 1e-12);
        assert!((theirs.log_px(&moments) - score).abs() < 1e-9, "{} {score}", theirs.log_px(&moments));
    }
}

#[test]
fn angles_between_known_planes() {
    let a = DMatrix::from_row_slice(3, 2, &[1.0, 2.0, 0.0, 5.0, 0.0, 0.0]); // the xy plane
    let (sin, cos) = 30.0_f64.to_radians().sin_cos();
    let b = DMatrix::from_row_slice(3, 2, &[3.0, 0.0, 0.0, cos, 0.0, sin]); // turned about x
    let angles = principal_angles_deg(&a, &b);
    assert!(angles[0] < 1e-5 && (angles[1] - 30.0).abs() < 1e-10, "{angles:?}");
}

#[test]
fn samples_have_the_models_covariance() {
    let model = model(3, 1, 14);
    let moments = Moments::of(&model.sample(20_000, &mut Rng::new(15)), 3);
    let c = &model.weights * model.weights.transpose() + DMatrix::identity(3, 3) * model.sigma2;
    assert!((&moments.covariance - &c).norm() < 0.05 * c.norm());
    assert!((&moments.mean - &model.mu).norm() < 0.05);
}
