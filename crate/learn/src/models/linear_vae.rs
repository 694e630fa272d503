//! The linear VAE of section 2: an affine decoder (12) and an affine encoder (13).

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use math::ppca;
use math::rng::Rng;

use super::linear::tensor;

/// Standard deviation of the initial W and V: small against the data, so that every direction begins near the prior, yet large
/// enough to leave W = 0, where the gradient vanishes, within few steps.
const INITIAL_SPREAD: f32 = 0.1;

/// Sizes of a linear VAE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinearShape {
    /// D, dimensions of the data.
    pub dim: usize,
    /// M, latent dimensions.
    pub latent: usize,
}

/// p(x|z) = N(W z + mu, sigma² I) and q(z|x) = N(V (x − mu), D) with D diagonal.
#[derive(Module, Debug)]
pub struct LinearVae {
    /// W, `[D, M]`.
    pub weights: Param<Tensor<2>>,
    /// mu, `[1, D]`.
    pub mu: Param<Tensor<2>>,
    /// V, `[M, D]`.
    pub recognition: Param<Tensor<2>>,
    /// Logarithm of D's diagonal, `[M]`.
    pub log_d: Param<Tensor<1>>,
    /// log sigma², `[1]`.
    pub log_sigma2: Param<Tensor<1>>,
}

impl LinearShape {
    /// How many numbers [`LinearVae::flat`] gives: W, mu, V, log D, log sigma².
    pub fn parameters(self) -> usize {
        2 * self.dim * self.latent + self.dim + self.latent + 1
    }

    /// A linear VAE with small normal W and V drawn from `rng` (W first, row by row), mu = 0 and D = I.
    pub fn init(self, sigma2: f64, rng: &mut Rng, device: &Device) -> LinearVae {
        let Self { dim, latent } = self;
        let mut small = || rng.normals(dim * latent).into_iter().map(|eps| INITIAL_SPREAD * eps).collect();
        let weights = tensor(small(), [dim, latent], device);
        let recognition = tensor(small(), [latent, dim], device);
        LinearVae {
            weights: Param::from_tensor(weights),
            mu: Param::from_tensor(Tensor::zeros([1, dim], device)),
            recognition: Param::from_tensor(recognition),
            log_d: Param::from_tensor(Tensor::zeros([latent], device)),
            log_sigma2: Param::from_tensor(Tensor::full([1], sigma2.ln(), device)),
        }
    }

    /// The numbers of [`LinearVae::flat`] as the f64 model of `math`.
    ///
    /// # Panics
    /// When there are not [`LinearShape::parameters`] of them: a bug.
    pub fn exact(self, flat: &[f32]) -> ppca::LinearVae {
        let Self { dim, latent } = self;
        assert_eq!(flat.len(), self.parameters(), "W, mu, V, log D and log sigma² of D = {dim}, M = {latent}");
        let mut rest = flat.iter().map(|&value| f64::from(value));
        let mut take = |count: usize| rest.by_ref().take(count).collect::<Vec<f64>>();
        ppca::LinearVae {
            weights: ppca::DMatrix::from_row_slice(dim, latent, &take(dim * latent)),
            mu: ppca::DVector::from_vec(take(dim)),
            recognition: ppca::DMatrix::from_row_slice(latent, dim, &take(latent * dim)),
            log_d: ppca::DVector::from_vec(take(latent)),
            log_sigma2: take(1)[0],
        }
    }
}

impl LinearVae {
    /// mean and log variance of q(z|x). Shapes: `x` `[batch, D]` → `[batch, M]` each. Equation (13).
    pub fn encode(&self, x: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let mu = (x - self.mu.val()).matmul(self.recognition.val().transpose());
        let log_var = self.log_d.val().unsqueeze::<2>().expand(mu.dims());
        (mu, log_var)
    }

    /// The mean of p(x|z). Shapes: `z` `[batch, M]` → `[batch, D]`. Equation (12).
    pub fn decode(&self, z: Tensor<2>) -> Tensor<2> {
        z.matmul(self.weights.val().transpose()) + self.mu.val()
    }

    /// E (x − mu)(x − mu)ᵀ for the model's mu: S + (mean − mu)(mean − mu)ᵀ.
    ///
    /// Shapes: `mean` `[1, D]` and `covariance` S `[D, D]` (divisor N) of some data → `[D, D]`.
    pub fn about(&self, mean: Tensor<2>, covariance: Tensor<2>) -> Tensor<2> {
        let shift = mean - self.mu.val(); // [1, D]
        covariance + shift.clone().transpose().matmul(shift)
    }

    /// Every parameter in one row: W, mu, V, log D, log sigma². Read back with [`LinearShape::exact`].
    pub fn flat(&self) -> Tensor<1> {
        let all = |tensor: Tensor<2>| {
            let count = tensor.dims().iter().product::<usize>();
            tensor.reshape([count])
        };
        Tensor::cat(
            vec![
                all(self.weights.val()),
                all(self.mu.val()),
                all(self.recognition.val()),
                self.log_d.val(),
                self.log_sigma2.val(),
            ],
            0,
        )
    }

    /// The same model with another sigma², learned or held fixed.
    #[must_use]
    pub fn with_sigma2(mut self, sigma2: f64, learned: bool) -> Self {
        let value = Tensor::full([1], sigma2.ln(), &self.log_sigma2.val().device());
        self.log_sigma2 = Param::from_tensor(value).set_require_grad(learned);
        self
    }
}
