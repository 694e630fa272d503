//! The ELBO of the toy decoder as a tensor formula, with the expectation at nodes eps: exact quadrature or one sample.

use burn::tensor::{Device, Tensor};
use math::quadrature::GaussHermite;
use math::rng::Rng;
use math::wheel::{RADIUS, TURN, Wheel};

use learn::models::tensor;
use learn::objectives::kl_to_standard_normal;

/// Gauss–Hermite nodes of z₁. With w = 2 the rule is exact to f32 for every sigma up to 2, wider than the prior.
const FIRST: usize = 20;
/// Nodes of z₂: the integrand is quadratic in it, for which two are exact.
const SECOND: usize = 2;

/// Where the expectation over eps is taken: values of eps per latent dimension, `[1 or batch, node]`, and weights `[1, node]`.
#[derive(Clone, Debug)]
pub(crate) struct Nodes {
    eps: Vec<Tensor<2>>,
    weights: Tensor<2>,
}

impl Nodes {
    /// The product rule of Gauss and Hermite, the same for every point.
    pub(crate) fn quadrature(latent: usize, device: &Device) -> Self {
        let (first, second) = (GaussHermite::new(FIRST), GaussHermite::new(if latent == 2 { SECOND } else { 1 }));
        let count = first.nodes.len() * second.nodes.len();
        let product = |a: &[f64], b: &[f64], with: fn(f64, f64) -> f64| {
            let values = a.iter().flat_map(|&a| b.iter().map(move |&b| with(a, b) as f32)).collect();
            tensor::<2>(values, [1, count], device)
        };
        let mut eps = vec![product(&first.nodes, &second.nodes, |a, _| a)];
        if latent == 2 {
            eps.push(product(&first.nodes, &second.nodes, |_, b| b));
        }
        Self { eps, weights: product(&first.weights, &second.weights, |a, b| a * b) }
    }

    /// One eps ~ N(0, I) for each of `batch` points: the estimate that a VAE trains with.
    pub(crate) fn sample(latent: usize, batch: usize, rng: &mut Rng, device: &Device) -> Self {
        let eps = (0..latent).map(|_| tensor(rng.normals(batch), [batch, 1], device)).collect();
        Self { eps, weights: Tensor::ones([1, 1], device) }
    }
}

/// The ELBO of points x at Gaussians q(z) = N(mu, L Lᵀ), for the decoder of [`Wheel`].
///
/// ELBO = Σ_k w_k log N(x; f(mu + L·eps_k), sigma_x² I) − KL\[q‖N(0, I)\]
///
/// Shapes: `x` `[batch, 2]`; `mu` `[batch, latent]`; `spread` `[batch, latent]`, the log variances of a diagonal q, or `[batch, 3]`: both
/// log L_jj² and L_21 → `[batch]`, in nats per point. The KL of L_21 is its square over two. Equations (2)–(4) and (9).
pub(crate) fn elbo(model: &Wheel, x: Tensor<2>, mu: Tensor<2>, spread: Tensor<2>, nodes: &Nodes) -> Tensor<1> {
    let latent = model.latent();
    let log_var = spread.clone().narrow(1, 0, latent);
    let lower = (spread.dims()[1] > latent).then(|| spread.narrow(1, latent, 1)); // [batch, 1]
    let sigma = (log_var.clone() * 0.5).exp();
    let z = |j: usize| mu.clone().narrow(1, j, 1) + sigma.clone().narrow(1, j, 1) * nodes.eps[j].clone(); // [batch, node]
    let first = z(0);
    let angle = first.clone() * TURN;
    let mut up = angle.clone().cos() * RADIUS;
    if latent == 2 {
        up = up + z(1);
    }
    if let Some(lower) = &lower {
        up = up + lower.clone() * nodes.eps[0].clone();
    }
    let right = first - angle.sin() * RADIUS;
    let distance = (x.clone().narrow(1, 0, 1) - right).square() + (x.narrow(1, 1, 1) - up).square();
    let variance = model.sigma_x() * model.sigma_x();
    let expected = (distance * nodes.weights.clone()).sum_dim(1).squeeze_dim(1); // [batch]
    let reconstruction = expected * (-0.5 / variance) - (2.0 * std::f64::consts::PI * variance).ln();
    let elbo = reconstruction - kl_to_standard_normal(mu, log_var);
    match lower {
        Some(lower) => elbo - lower.square().squeeze_dim(1) * 0.5,
        None => elbo,
    }
}
