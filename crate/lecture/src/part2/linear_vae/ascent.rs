//! One linear VAE climbing one of the two ELBOs by Adam.

use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Int, Tensor, TensorData};
use math::rng::Rng;

use super::source::Source;
use crate::models::{LinearVae, tensor};
use crate::objectives::{Likelihood, kl_to_standard_normal, linear_kl, linear_reconstruction, log_likelihood};

/// Which ELBO is climbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Objective {
    /// Every term exact, over all of the data.
    ClosedForm,
    /// E_q\[log p(x|z)\] by samples of z, over a batch of the data.
    Sampled,
}

impl Objective {
    /// Its name in files and tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ClosedForm => "closed_form",
            Self::Sampled => "sampled",
        }
    }
}

/// A model on its way.
#[derive(Clone)]
pub(super) struct Ascent {
    pub(super) objective: Objective,
    /// On the autodiff device.
    pub(super) model: LinearVae,
    optimizer: ModuleOptimizer,
}

impl Ascent {
    pub(super) fn new(objective: Objective, model: LinearVae) -> Self {
        Self { objective, model, optimizer: adam() }
    }

    /// One step up the gradient of `elbo`, `[1]`, which this model gave.
    pub(super) fn climb(&mut self, elbo: Tensor<1>, learning_rate: f64) {
        let loss = -elbo;
        let gradients = GradientsParams::from_grads(loss.backward(), &self.model);
        self.model = self.optimizer.step(learning_rate, self.model.clone(), gradients);
    }

    /// The parameters without autodiff, in one row.
    pub(super) fn flat(&self) -> Tensor<1> {
        self.model.valid().flat()
    }
}

/// Adam with a shorter memory of squared gradients than usual (β₂ 0.99): on the exact ELBO there is no noise to average away,
/// and what is slow, columns of W turning into eigenvectors, has gradients that fall by orders of magnitude on the way.
fn adam() -> ModuleOptimizer {
    AdamConfig::new().with_beta_2(0.99).with_epsilon(1e-8).init()
}

/// The ELBO averaged over data with this mean `[1, D]` and covariance `[D, D]`, every term in closed form. Shape: `[1]`, nats.
pub(super) fn closed_form(model: &LinearVae, mean: Tensor<2>, covariance: Tensor<2>) -> Tensor<1> {
    let about = model.about(mean, covariance);
    let (recognition, log_d) = (model.recognition.val(), model.log_d.val());
    let kl = linear_kl(recognition.clone(), log_d.clone(), about.clone());
    linear_reconstruction(model.weights.val(), recognition, log_d, model.log_sigma2.val(), about) - kl
}

/// The same over a batch `x` `[B, D]`, from its own mean and covariance.
pub(super) fn closed_form_of(model: &LinearVae, x: Tensor<2>) -> Tensor<1> {
    let count = x.dims()[0] as f64;
    let mean = x.clone().mean_dim(0); // [1, D]
    let centred = x - mean.clone();
    let covariance = centred.clone().transpose().matmul(centred) / count;
    closed_form(model, mean, covariance)
}

/// The ELBO averaged over a batch with E_q\[log p(x|z)\] estimated by samples z = V (x − mu) + √D·eps, equation (2), and the KL in
/// closed form, equations (3) + (4).
///
/// Shapes: `x` `[B, D]`, `eps` `[L·B, M]` (sample by sample) → `[1]`, nats.
pub(super) fn sampled(model: &LinearVae, x: Tensor<2>, eps: Tensor<2>) -> Tensor<1> {
    let samples = eps.dims()[0] / x.dims()[0];
    let (mu, log_var) = model.encode(x.clone());
    let kl = kl_to_standard_normal(mu.clone(), log_var.clone());
    let mu = mu.repeat_dim(0, samples); // [L·B, M]
    let z = mu + (log_var.repeat_dim(0, samples) * 0.5).exp() * eps;
    let x = x.repeat_dim(0, samples); // [L·B, D]
    let reconstruction = log_likelihood(Likelihood::Gaussian, x, model.decode(z), model.log_sigma2.val());
    reconstruction.mean() - kl.mean()
}

/// Data points by index. Shape: `[indices, D]`.
pub(super) fn select(source: &Source, indices: &[usize]) -> Tensor<2> {
    let rows: Vec<i32> = indices.iter().map(|&index| index as i32).collect();
    let count = rows.len();
    source.x.clone().select(0, Tensor::<1, Int>::from_data(TensorData::new(rows, [count]), &source.x.device()))
}

/// Standard normal noise for `rows` latent points of a model. Shape: `[rows, M]`.
pub(super) fn noise(rng: &mut Rng, rows: usize, model: &LinearVae) -> Tensor<2> {
    let latent = model.log_d.val().dims()[0];
    tensor(rng.normals(rows * latent), [rows, latent], &model.log_d.val().device())
}
