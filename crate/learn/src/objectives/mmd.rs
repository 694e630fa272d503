//! The maximum mean discrepancy of section 4 as a tensor: a divergence from samples alone.

use burn::tensor::Tensor;
pub use math::mmd::Kernel;

use crate::fused;

/// Which pairs the estimate of MMD² includes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimator {
    /// The V-statistic: pairs of a point with itself are included. Never negative; biased upwards.
    Biased,
    /// The U-statistic: those pairs are left out. Unbiased, hence sometimes negative.
    Unbiased,
}

/// The kernel at squared distances, elementwise: exp(−d²/(2s²)) or c/(c + d²).
pub fn kernel_at<const D: usize>(kernel: Kernel, distance2: Tensor<D>) -> Tensor<D> {
    match kernel {
        Kernel::Rbf { two_s2 } => (distance2 * (-1.0 / two_s2)).exp(),
        Kernel::InverseMultiquadratic { c } => (distance2 + c).recip() * c,
    }
}

/// |a_i − b_j|² = |a_i|² − 2 a_i·b_j + |b_j|², not below 0. Shapes: `[n, latent]`, `[m, latent]` → `[n, m]`.
///
/// In f32 the error is about 1e-7·|a|², far below any bandwidth unless the codes are very far from the prior.
pub fn squared_distances(a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
    let rows = a.clone().square().sum_dim(1); // [n, 1]
    let columns = b.clone().square().sum_dim(1).transpose(); // [1, m]
    (rows + columns - a.matmul(b.transpose()) * 2.0).clamp_min(0.0)
}

/// Σ_i Σ_j k(a_i, b_j) over all pairs. Shapes: `[n, latent]`, `[m, latent]` → `[1]`.
pub fn kernel_sum(kernel: Kernel, a: Tensor<2>, b: Tensor<2>) -> Tensor<1> {
    fused::kernel_sum(kernel, &a, &b).unwrap_or_else(|| kernel_at(kernel, squared_distances(a, b)).sum())
}

/// Squared maximum mean discrepancy between samples z of q(z) and y of p(z).
///
/// MMD² = E k(z, z′) − 2 E k(z, y) + E k(y, y′); unbiased: the means within a set leave out each point with itself,
/// whose kernel is 1.
///
/// Shapes: `z` `[n, latent]`, `y` `[m, latent]`, both at least two rows → `[1]`; no unit. Gretton et al. 2012,
/// equations (3) and (5); Zhao et al., InfoVAE, 2019, section 4.
pub fn mmd2(z: Tensor<2>, y: Tensor<2>, kernel: Kernel, estimator: Estimator) -> Tensor<1> {
    let within = |points: Tensor<2>| {
        let n = points.dims()[0] as f64;
        let sum = kernel_sum(kernel, points.clone(), points);
        match estimator {
            Estimator::Biased => sum / (n * n),
            Estimator::Unbiased => (sum - n) / (n * (n - 1.0)),
        }
    };
    let pairs = z.dims()[0] as f64 * y.dims()[0] as f64;
    let across = kernel_sum(kernel, z.clone(), y.clone()) / pairs;
    within(z) + within(y) - across * 2.0
}
