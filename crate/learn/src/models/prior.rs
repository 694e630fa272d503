//! Priors p(z) with parameters of their own: K Gaussians, and the encoder's posteriors of K pseudo-inputs.
//!
//! Both are mixtures of K diagonal Gaussians of equal weight; their density is [`log_batch_mixture`](crate::objectives::log_batch_mixture)
//! of their components.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::vae::Encoder;

/// p(z) = 1/K Σ_k N(z; mu_k, diag exp log_var_k): a mixture of K Gaussians of equal weight.
#[derive(Module, Debug)]
pub struct MixturePrior {
    /// The means, `[K, latent]`.
    pub mu: Param<Tensor<2>>,
    /// The logarithms of the variances, `[K, latent]`.
    pub log_var: Param<Tensor<2>>,
}

impl MixturePrior {
    /// The mixture of these components. Shapes: both `[K, latent]`.
    pub fn new(mu: Tensor<2>, log_var: Tensor<2>) -> Self {
        Self { mu: Param::from_tensor(mu), log_var: Param::from_tensor(log_var) }
    }

    /// Means and log variances of the components, both `[K, latent]`.
    pub fn components(&self) -> (Tensor<2>, Tensor<2>) {
        (self.mu.val(), self.log_var.val())
    }
}

/// p(z) = 1/K Σ_k q(z|u_k): the VampPrior (Tomczak & Welling 2018, equation (9)), the mixture of the encoder's posteriors of K pseudo-inputs.
///
/// With the N data points as pseudo-inputs it is the aggregate posterior q(z).
#[derive(Module, Debug)]
pub struct VampPrior {
    /// The pseudo-inputs u, `[K, pixel]`.
    pub inputs: Param<Tensor<2>>,
}

impl VampPrior {
    /// The prior of these pseudo-inputs, `[K, pixel]`.
    pub fn new(inputs: Tensor<2>) -> Self {
        Self { inputs: Param::from_tensor(inputs) }
    }

    /// Means and log variances of q(z|u_k), both `[K, latent]`, by the VAE's encoder.
    pub fn components(&self, encoder: &Encoder) -> (Tensor<2>, Tensor<2>) {
        encoder.forward(self.inputs.val())
    }

    /// The same with every pixel at the nearest value in \[0, 1\]: after an update, so that pseudo-inputs stay images.
    #[must_use]
    pub fn within_pixels(self) -> Self {
        let inputs =
            self.inputs.map(|inputs| Tensor::from_inner(inputs.inner().clamp(0.0, 1.0)).set_require_grad(true));
        Self { inputs }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::models::{VaeConfig, tensor};
    use crate::objectives::{Likelihood, log_batch_mixture};
    use crate::trainer::Trainer;
    use burn::tensor::Device;
    use math::rng::Rng;

    const PIXELS: usize = 6;
    const LATENT: usize = 2;

    fn noise(count: usize, scale: f64, rng: &mut Rng) -> Vec<f32> {
        (0..count).map(|_| (scale * rng.normal()) as f32).collect()
    }

    fn images(count: usize, rng: &mut Rng) -> Vec<f32> {
        (0..count * PIXELS).map(|_| rng.uniform() as f32).collect()
    }

    fn values<const D: usize>(tensor: &Tensor<D>) -> Vec<f64> {
        tensor.to_data().as_slice::<f32>().unwrap().iter().map(|&value| f64::from(value)).collect()
    }

    /// The gradient of the mean log density with respect to every parameter, against central differences of its value.
    fn gradients_are_differences(parameters: &[Vec<f32>], density: &dyn Fn(&[Tensor<2>]) -> Tensor<1>, width: usize) {
        let device = Device::flex().autodiff();
        let on = |numbers: &[Vec<f32>]| -> Vec<Tensor<2>> {
            let one = |numbers: &Vec<f32>| tensor(numbers.clone(), [numbers.len() / width, width], &device);
            numbers.iter().map(|numbers| one(numbers).require_grad()).collect()
        };
        let tensors = on(parameters);
        let gradients = density(&tensors).mean().backward();
        for (which, tensor) in tensors.iter().enumerate() {
            let gradient = values(&tensor.grad(&gradients).unwrap());
            assert!(gradient.iter().any(|gradient| gradient.abs() > 1e-2), "{gradient:?}");
            for (at, gradient) in gradient.iter().enumerate() {
                let moved = |by: f32| {
                    let mut moved = parameters.to_vec();
                    moved[which][at] += by;
                    values(&density(&on(&moved)).mean())[0]
                };
                let step = 1e-2;
                let difference = (moved(step) - moved(-step)) / (2.0 * f64::from(step));
                assert!(
                    (difference - gradient).abs() < 2e-3 * (1.0 + gradient.abs()),
                    "{which} {at}: {difference} {gradient}"
                );
            }
        }
    }

    #[test]
    fn gradients_of_both_priors_are_finite_differences() {
        let mut rng = Rng::new(3);
        let device = Device::flex().autodiff();
        let z: Tensor<2> = tensor(noise(8 * LATENT, 1.0, &mut rng), [8, LATENT], &device);
        let mixture = [noise(3 * LATENT, 1.0, &mut rng), noise(3 * LATENT, 0.4, &mut rng)];
        let of_mixture = |parameters: &[Tensor<2>]| {
            let prior = MixturePrior::new(parameters[0].clone(), parameters[1].clone());
            let (mu, log_var) = prior.components();
            log_batch_mixture(z.clone(), mu, log_var)
        };
        gradients_are_differences(&mixture, &of_mixture, LATENT);
        let vae = VaeConfig::new(PIXELS, 5, LATENT, Likelihood::Bernoulli).init(&mut rng, &device);
        let of_vamp = |parameters: &[Tensor<2>]| {
            let (mu, log_var) = VampPrior::new(parameters[0].clone()).components(&vae.encoder);
            log_batch_mixture(z.clone(), mu, log_var)
        };
        gradients_are_differences(&[images(3, &mut rng)], &of_vamp, PIXELS);
    }

    #[test]
    fn pseudo_inputs_stay_images_and_go_on_learning() {
        let mut rng = Rng::new(4);
        let device = Device::flex().autodiff();
        let vae = VaeConfig::new(PIXELS, 5, LATENT, Likelihood::Bernoulli).init(&mut rng, &device);
        let z: Tensor<2> = tensor(noise(16 * LATENT, 0.5, &mut rng), [16, LATENT], &device);
        let before = images(2, &mut rng);
        let mut trainer = Trainer::new(VampPrior::new(tensor(before.clone(), [2, PIXELS], &device)));
        let mut density = Vec::new();
        for _ in 0..40 {
            let (mu, log_var) = trainer.module.components(&vae.encoder);
            let objective = log_batch_mixture(z.clone(), mu, log_var).mean();
            density.push(values(&objective)[0]);
            trainer.ascend(objective, 0.1);
            trainer.module = trainer.module.clone().within_pixels();
            assert!(values(&trainer.module.inputs.val()).iter().all(|pixel| (0.0..=1.0).contains(pixel)));
        }
        let after = values(&trainer.module.inputs.val());
        assert!(after.iter().any(|pixel| *pixel == 0.0 || *pixel == 1.0), "some came to the edge: {after:?}");
        assert!(density[39] > density[0] + 0.01, "{density:?}");
    }
}
