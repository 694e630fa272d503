//! The two ELBOs of a linear VAE, and the optimiser that maximises them.

use burn::optim::{AdamConfig, ModuleOptimizer};
use burn::tensor::{Int, Tensor, TensorData};
use math::rng::Rng;

use super::source::Source;
use learn::models::{LinearVae, tensor};
use learn::objectives::{Likelihood, kl_to_standard_normal, linear_kl, linear_reconstruction, log_likelihood};

/// Which ELBO is maximised.
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

/// Adam with a shorter average of squared gradients than usual (β₂ 0.99): the exact ELBO has no noise to average out,
/// and the slow part, aligning columns of W with eigenvectors, has gradients that fall by orders of magnitude meanwhile.
pub(super) fn adam() -> ModuleOptimizer {
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

/// Both ELBOs as tensors against the exact mathematics.
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use burn::tensor::Device;
    use math::ppca::{DMatrix, LinearVae as Exact, Moments, principal_angles_deg};

    use super::*;
    use learn::models::LinearShape;

    const SHAPE: LinearShape = LinearShape { dim: 36, latent: 3 };

    fn numbers(tensor: Tensor<1>) -> Vec<f32> {
        tensor.into_data().as_slice().unwrap().to_vec()
    }

    /// A model without special values, and the synthetic data.
    fn somewhere() -> (Source, LinearVae, Exact) {
        let device = Device::flex().autodiff();
        let source = Source::synthetic(3, &device);
        let mut model = SHAPE.init(0.7, &mut Rng::new(4), &device);
        let mut rng = Rng::new(5);
        model.log_d = model.log_d.map(|log_d| {
            let eps = learn::models::tensor(rng.normals(SHAPE.latent), [SHAPE.latent], &log_d.device());
            (log_d + eps * 0.5).detach().require_grad()
        });
        model.mu = model.mu.map(|mu| (mu + 0.2).detach().require_grad());
        let exact = SHAPE.exact(&numbers(model.flat().inner()));
        (source, model, exact)
    }

    fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
        assert!((found - expected).abs() <= tolerance, "{what}: {found} is not {expected} within {tolerance}");
    }

    #[test]
    fn the_closed_form_and_its_gradient_are_the_exact_ones() {
        let (source, model, exact) = somewhere();
        let elbo = closed_form(&model, source.mean.clone(), source.covariance.clone());
        let (terms, gradient) = exact.gradient(&source.moments);
        close(f64::from(numbers(elbo.clone().inner())[0]), terms.elbo, 1e-4, "ELBO");
        let gradients = elbo.backward();
        let matrix = |part: Tensor<2>, expected: &DMatrix<f64>, what: &str| {
            let found = part.grad(&gradients).unwrap();
            let [rows, columns] = found.dims();
            let found: Vec<f64> = numbers(found.reshape([rows * columns])).into_iter().map(f64::from).collect();
            let found = DMatrix::from_row_slice(rows, columns, &found);
            close((found - expected).norm(), 0.0, 1e-5 * (1.0 + expected.norm()), what);
        };
        matrix(model.weights.val(), &gradient.weights, "gradient of W");
        matrix(model.recognition.val(), &gradient.recognition, "gradient of V");
        matrix(model.mu.val(), &DMatrix::from_row_slice(1, SHAPE.dim, gradient.mu.as_slice()), "gradient of mu");
        for (found, expected) in numbers(model.log_d.val().grad(&gradients).unwrap()).iter().zip(gradient.log_d.iter())
        {
            close(f64::from(*found), *expected, 1e-4, "gradient of log D");
        }
        let found = numbers(model.log_sigma2.val().grad(&gradients).unwrap())[0];
        close(f64::from(found), gradient.log_sigma2, 1e-4, "gradient of log sigma²");
    }

    #[test]
    fn sampling_z_leaves_the_elbo_unbiased() {
        let (source, model, _) = somewhere();
        let x = source.x.clone().narrow(0, 0, 50);
        let exact = f64::from(numbers(closed_form_of(&model, x.clone()).inner())[0]);
        let mut rng = Rng::new(6);
        let draws: Vec<f64> = (0..400)
            .map(|_| f64::from(numbers(sampled(&model, x.clone(), noise(&mut rng, 100, &model)).inner())[0]))
            .collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let error = (math::estimate::variance(&draws) / draws.len() as f64).sqrt();
        assert!(error > 0.0 && error < 0.05, "{error}");
        close(mean, exact, 4.0 * error, "mean of 400 sampled ELBOs");
    }

    #[test]
    fn a_batch_of_everything_is_everything() {
        let (source, model, _) = somewhere();
        let whole = closed_form(&model, source.mean.clone(), source.covariance.clone());
        let batch = closed_form_of(&model, source.x.clone());
        close(f64::from(numbers(whole.inner())[0]), f64::from(numbers(batch.inner())[0]), 1e-3, "ELBO over all data");
    }

    #[test]
    fn the_known_model_is_found_in_its_data() {
        let source = Source::synthetic(1, &Device::flex());
        let known = source.known.as_ref().unwrap();
        let gram = known.weights.transpose() * &known.weights;
        close((gram.clone() - DMatrix::from_diagonal(&gram.diagonal())).norm(), 0.0, 1e-12, "columns are orthogonal");
        let leading = source.eigen.vectors.columns(0, 4).into_owned();
        let angle = *principal_angles_deg(&leading, &known.weights).last().unwrap();
        assert!(angle < 10.0, "{angle} degrees after {} points", source.len());
        close(source.eigen.sigma2_ml(4), known.sigma2, 0.003, "sigma²_ML");
    }

    #[test]
    fn digits_arrive_whole() {
        let source = Source::digits(&Device::flex());
        assert_eq!((source.len(), source.dim(), source.side), (1797, 64, 8));
        assert_eq!(source.moments, Moments::of(&data::Digits::load().images, 64));
    }
}
