//! log p(x|z) of every image at every latent point, by matrix products: what quadrature over z needs.

use burn::tensor::Tensor;

use super::likelihood::{Likelihood, bernoulli, log_var_per_pixel};

/// log p(x_n|z_g) for all pairs: where log p(x|z) is a sum of products of a function of x with one of z, two matrix products do.
/// None for a Laplace, whose |x − f| is no such sum.
///
/// Shapes: `x` `[n, pixel]`, `decoded` `[g, pixel·outputs]`, `log_scale` `[1]`, all as in [`log_likelihood`](super::log_likelihood) →
/// `[n, g]`, in nats.
pub fn log_likelihood_table(
    likelihood: Likelihood,
    x: Tensor<2>,
    decoded: Tensor<2>,
    log_scale: Tensor<1>,
) -> Option<Tensor<2>> {
    let pixels = x.dims()[1];
    let log_two_pi = (2.0 * std::f64::consts::PI).ln();
    let sum = |per_pixel: Tensor<2>| per_pixel.sum_dim(1); // [·, 1]
    Some(match likelihood {
        Likelihood::Bernoulli => {
            // Without an image the log likelihood is Σ log σ(−l).
            let of_point: Tensor<1> = bernoulli(decoded.zeros_like(), decoded.clone()); // [g]
            x.matmul(decoded.transpose()) + of_point.unsqueeze::<2>()
        }
        Likelihood::ContinuousBernoulli => {
            x.matmul(decoded.clone().transpose())
                - sum(super::continuous_bernoulli::log_normaliser(decoded)).transpose()
        }
        Likelihood::Gaussian | Likelihood::GaussianPerPixel => {
            let (mean, log_var) = if likelihood == Likelihood::Gaussian {
                let log_var = log_scale.unsqueeze::<2>().expand(decoded.dims());
                (decoded, log_var)
            } else {
                (decoded.clone().narrow(1, 0, pixels), log_var_per_pixel(decoded, pixels))
            };
            // About the images' mean, so that the squares that cancel are small ones.
            let centre = x.clone().mean_dim(0);
            let (x, mean) = (x - centre.clone(), mean - centre);
            let precision = (-log_var.clone()).exp(); // [g, pixel]
            let squares = x.clone().square().matmul(precision.clone().transpose())
                - x.matmul((mean.clone() * precision.clone()).transpose()) * 2.0;
            let of_point = sum(mean.square() * precision + log_var + log_two_pi).transpose(); // [1, g]
            (squares + of_point) * -0.5
        }
        Likelihood::Laplace => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::tensor;
    use crate::objectives::log_likelihood;
    use burn::tensor::Device;
    use math::rng::Rng;

    #[test]
    fn every_pair_is_the_likelihood_of_the_pair() {
        let device = Device::flex();
        let (n, points, pixels) = (3, 5, 4);
        let mut rng = Rng::new(2);
        let x: Tensor<2> = tensor((0..n * pixels).map(|_| rng.uniform() as f32).collect(), [n, pixels], &device);
        for likelihood in Likelihood::ALL {
            let outputs = pixels * likelihood.outputs_per_pixel();
            let decoded: Tensor<2> = tensor(rng.normals(points * outputs), [points, outputs], &device);
            let log_scale = Tensor::from_floats([-0.7], &device);
            let Some(table) = log_likelihood_table(likelihood, x.clone(), decoded.clone(), log_scale.clone()) else {
                assert_eq!(likelihood, Likelihood::Laplace);
                continue;
            };
            for image in 0..n {
                let row = x.clone().narrow(0, image, 1).repeat_dim(0, points);
                let one = log_likelihood(likelihood, row, decoded.clone(), log_scale.clone());
                let apart = (one - table.clone().narrow(0, image, 1).squeeze_dim(0)).abs().max().into_scalar::<f32>();
                assert!(apart < 2e-5, "{likelihood:?}: {apart}");
            }
        }
    }
}
