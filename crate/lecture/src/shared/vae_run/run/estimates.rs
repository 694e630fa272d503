//! What is estimated of the model at longer intervals, since each costs as much as many steps: the bound on held-out log p(x) by
//! importance samples, log p(x) itself where quadrature can be done, and the variances of the gradient estimators.

use burn::tensor::{Device, Tensor};
use figure::Readout;
use math::evidence::exact_mean;
use math::iwae;

use super::evidence::Quadrature;
use super::signal::{self, Signal};
use super::{gradients, notes};
use crate::shared::vae_run::readouts;
use learn::models::{Vae, VaeConfig, repeat_each, tensor};
use learn::objectives::{log_likelihood, log_standard_normal};
use learn::{Stream, Table};

/// Steps between them. All at once, so that the bound and what it is a bound on are of the same model.
const ESTIMATE_EVERY: u64 = 250;
/// Samples of all images together that are in memory at once.
const MOST_ROWS: usize = 1 << 16;

learn::columns! {
    /// The bound on log p(x) by importance samples, averaged over the held-out images, in nats.
    pub(super) enum Bound {
        Mean = "heldout_log_px",
        StandardError = "heldout_log_px_error",
        // Of the held-out reconstruction, and so of the ELBO, by one sample of z for each image.
        HeldoutError = "heldout_elbo_error",
    }
}

learn::columns! {
    /// log p(x) by quadrature, averaged over the held-out images, in nats; not a number where it is not exact.
    pub(super) enum Exact {
        LogPx = "exact_log_px",
    }
}

learn::columns! {
    /// Total variances of the gradient estimators, in nats², with respect to mu and to log_var.
    pub(super) enum Variance {
        Score = "score_variance",
        LeaveOneOut = "baseline_variance",
        Reparameterized = "reparam_variance",
        ScoreLogVar = "score_variance_log_var",
        LeaveOneOutLogVar = "baseline_variance_log_var",
        ReparameterizedLogVar = "reparam_variance_log_var",
    }
}

/// The purpose of a requested tensor.
#[derive(Clone, Copy, Debug)]
pub(super) enum Estimated {
    Bound { step: u64, k: usize },
    HeldoutError,
    Exact(u64),
    Gradients(u64),
    Signal { step: u64, heldout: usize },
}

/// The model and what it is measured on.
pub(super) struct Measured<'a> {
    pub(super) step: u64,
    /// Without autodiff.
    pub(super) vae: &'a Vae,
    pub(super) config: &'a VaeConfig,
    /// Held-out images, `[n, pixel]`.
    pub(super) heldout: &'a Tensor<2>,
    /// With autodiff.
    pub(super) device: &'a Device,
    pub(super) seed: u64,
    /// Importance samples for each image, K.
    pub(super) samples: usize,
}

/// The estimates so far.
pub(super) struct Estimates {
    pub(super) bounds: Table<Bound>,
    pub(super) exact: Table<Exact>,
    pub(super) variances: Table<Variance>,
    /// Standard errors of the latest variances, in the order of their columns.
    variance_errors: [f64; 6],
    /// The latest bound by fewer and fewer samples: (k, nats, standard error).
    pub(super) by_samples: Vec<[f64; 3]>,
    heldout_error: f64,
    quadrature: Option<Quadrature>,
    /// The step of the latest signal-to-noise ratios, and they.
    pub(super) signal: Option<(u64, Signal)>,
    sizes: [usize; 2],
}

impl Estimates {
    pub(super) fn new(config: &VaeConfig, device: &Device) -> Self {
        Self {
            bounds: Table::new(ESTIMATE_EVERY),
            exact: Table::new(ESTIMATE_EVERY),
            variances: Table::new(ESTIMATE_EVERY),
            variance_errors: [f64::NAN; 6],
            by_samples: Vec::new(),
            heldout_error: f64::NAN,
            quadrature: Quadrature::new(config, device),
            signal: None,
            sizes: [config.pixels, config.latent],
        }
    }

    /// Whether any is due after this many steps.
    pub(super) fn due(&self, step: u64) -> bool {
        self.bounds.due(step) || self.exact_due(step)
    }

    /// A model before its first step is not worth an integral.
    fn exact_due(&self, step: u64) -> bool {
        step > 0 && self.exact.due(step)
    }

    /// The signal-to-noise ratio of the bound's gradient, asked for apart since it is dear.
    pub(super) fn request_signal(of: &Measured) -> (Estimated, Tensor<1>) {
        (Estimated::Signal { step: of.step, heldout: of.heldout.dims()[0] }, signal::request(of))
    }

    /// Whether it is due after this many steps, once it is asked for.
    pub(super) fn signal_due(step: u64) -> bool {
        step.is_multiple_of(ESTIMATE_EVERY)
    }

    /// The tensors of what is due.
    pub(super) fn request(&self, of: &Measured) -> Vec<(Estimated, Tensor<1>)> {
        let step = of.step;
        let mut asked = Vec::new();
        if self.bounds.due(step) {
            let (log_weights, heldout_error) = importance(of);
            asked.push((Estimated::HeldoutError, heldout_error));
            asked.push((Estimated::Bound { step, k: of.samples }, log_weights));
            let rng = Stream::Importance.rng(of.seed).stream(1);
            let variances = gradients::variances(of.vae, of.config, of.heldout.clone(), rng, of.device);
            asked.push((Estimated::Gradients(step), variances));
        }
        if let Some(quadrature) = self.quadrature.as_ref().filter(|_| self.exact_due(step)) {
            asked.push((Estimated::Exact(step), quadrature.log_sums(of.vae, of.config, of.heldout)));
        }
        asked
    }

    /// Takes the numbers of a requested tensor.
    pub(super) fn take(&mut self, what: Estimated, numbers: &[f64]) {
        match what {
            Estimated::HeldoutError => self.heldout_error = numbers[0],
            Estimated::Bound { step, k } => {
                let samples = notes::importance_samples(k);
                let by = |k: usize| iwae::estimate(numbers, samples, k);
                let row = [
                    (Bound::Mean, by(k).mean),
                    (Bound::StandardError, by(k).standard_error),
                    (Bound::HeldoutError, self.heldout_error),
                ];
                self.bounds.push(step, row);
                let mut fewer: Vec<usize> =
                    [1, 2, 5, 10, 20, 50, 100, 200, 500].into_iter().filter(|&at| at < k).collect();
                fewer.push(k);
                self.by_samples = fewer.into_iter().map(|k| [k as f64, by(k).mean, by(k).standard_error]).collect();
            }
            Estimated::Exact(step) => {
                let evidence = self.quadrature.as_ref().map_or_else(Vec::new, |grid| grid.evidence(numbers));
                self.exact.push(step, [(Exact::LogPx, exact_mean(&evidence).unwrap_or(f64::NAN))]);
            }
            Estimated::Signal { step, heldout } => {
                let [pixels, latent] = self.sizes;
                self.signal = Some((step, Signal::of(numbers, heldout, pixels, latent)));
            }
            Estimated::Gradients(step) => {
                let (pairs, _) = numbers.as_chunks::<2>();
                let [mut row, mut errors] = [[f64::NAN; 6]; 2];
                for (index, [variance, error]) in pairs.iter().enumerate() {
                    (row[index], errors[index]) = (*variance, *error);
                }
                self.variances.push(step, learn::Row::from_fn(|column| row[column as usize]));
                self.variance_errors = errors;
            }
        }
    }

    /// Forgets what was estimated after this step.
    pub(super) fn rewind(&mut self, step: u64) {
        self.bounds.rewind(step);
        self.exact.rewind(step);
        self.variances.rewind(step);
        self.signal = self.signal.take().filter(|(at, _)| *at <= step);
    }

    /// The standard error of the held-out reconstruction and ELBO.
    pub(super) fn heldout_error(&self) -> f64 {
        self.bounds.latest(Bound::HeldoutError)
    }

    pub(super) fn readouts(&self) -> Vec<Readout> {
        let variance = |spec: figure::ReadoutSpec, column: Variance| {
            spec.estimate(self.variances.latest(column), self.variance_errors[column as usize])
        };
        let bound = readouts::HELDOUT_LOG_PX;
        let mut all = vec![
            bound.estimate(self.bounds.latest(Bound::Mean), self.bounds.latest(Bound::StandardError)),
            variance(readouts::SCORE_VARIANCE, Variance::Score),
            variance(readouts::BASELINE_VARIANCE, Variance::LeaveOneOut),
            variance(readouts::REPARAM_VARIANCE, Variance::Reparameterized),
            variance(readouts::SCORE_VARIANCE_LOG_VAR, Variance::ScoreLogVar),
            variance(readouts::BASELINE_VARIANCE_LOG_VAR, Variance::LeaveOneOutLogVar),
            variance(readouts::REPARAM_VARIANCE_LOG_VAR, Variance::ReparameterizedLogVar),
        ];
        if self.quadrature.is_some() {
            all.push(readouts::EXACT_LOG_PX.value(self.exact.latest(Exact::LogPx)));
        }
        all
    }
}

/// log w = log p(x|z) + log p(z) − log q(z|x) for the samples z ~ q(z|x) of every held-out image (of as many as are affordable),
/// `[heldout·samples]`, image by image: Burda et al. 2016, equation (8). And the standard error, `[1]`, that the held-out reconstruction
/// has when it is made of one sample for each image, by the spread of log p(x|z) over an image's samples.
fn importance(of: &Measured) -> (Tensor<1>, Tensor<1>) {
    let (config, samples) = (of.config, notes::importance_samples(of.samples));
    let all = of.heldout.dims()[0];
    let count = notes::importance_images(all, config.pixels, of.samples);
    let device = of.heldout.device();
    let mut rng = Stream::Importance.rng(of.seed);
    // Some images at a time: a thousand samples of all at once would not fit in memory.
    let at_once = (MOST_ROWS / samples).max(1);
    let parts = (0..count).step_by(at_once).map(|first| {
        let images = at_once.min(count - first);
        let eps = tensor(rng.normals(images * samples * config.latent), [images * samples, config.latent], &device);
        importance_of(of, of.heldout.clone().narrow(0, first, images), eps, samples)
    });
    let (log_weights, variances): (Vec<_>, Vec<_>) = parts.unzip();
    let error = (Tensor::cat(variances, 0).mean() / all as f64).sqrt();
    (Tensor::cat(log_weights, 0), error)
}

/// log w of some images, `[images·samples]`, and the variance of log p(x|z) over the samples of each, `[images]`.
fn importance_of(of: &Measured, x: Tensor<2>, eps: Tensor<2>, samples: usize) -> (Tensor<1>, Tensor<1>) {
    let (config, images) = (of.config, x.dims()[0]);
    let (mu, log_var) = of.vae.encoder.forward(x.clone());
    let (mu, log_var) = (repeat_each(mu, samples), repeat_each(log_var, samples));
    let z = Vae::reparameterize(mu, log_var.clone(), eps.clone());
    let decoded = of.vae.decoder.forward(z.clone());
    let log_px = log_likelihood(config.likelihood, repeat_each(x, samples), decoded, of.vae.decoder.log_scale.val());
    // log q(z|x) = log N(eps; 0, I) − Σ ½ log_var, by the change of variable z = mu + sigma·eps.
    let log_q = log_standard_normal(eps) - (log_var * 0.5).sum_dim(1).squeeze_dim(1);
    let by_image: Tensor<2> = log_px.clone().reshape([images, samples]);
    (log_px + log_standard_normal(z) - log_q, by_image.var(1).squeeze_dim(1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::shared::trained::{DEFAULT_SEED, trained};
    use crate::testing::given::numbers;
    use figure::Assets;
    use learn::images::ImageSet;
    use learn::vae_trainer::Pass;
    use math::estimate::{Estimate, variance};
    use math::rng::Rng;

    /// On the page's own model and 40 of its held-out images: the errors said against the spread over other noise.
    #[test]
    fn the_errors_are_the_spread_over_other_noise() {
        let device = Device::flex();
        let model = trained(&Assets::default(), 64, &device).unwrap();
        let images = ImageSet::digits(DEFAULT_SEED, &device);
        let heldout = images.select(&images.heldout[..40]);
        let (vae, config) = (&model.vae, &model.config);
        let one_sample = |seed: u64| {
            let eps = tensor(Rng::new(seed).normals(80), [40, 2], &device);
            f64::from(Pass::new(vae, config, heldout.clone(), eps).reconstruction.mean().into_scalar::<f32>())
        };
        let spread = variance(&(0..300).map(one_sample).collect::<Vec<_>>()).sqrt();
        let mut bounds = Vec::new();
        let (mut said, mut said_of_bound) = (0.0, 0.0);
        let with_gradients = device.clone().autodiff();
        for seed in 0..60 {
            let measured =
                Measured { step: 0, vae, config, heldout: &heldout, device: &with_gradients, seed, samples: 20 };
            let (log_weights, error) = importance(&measured);
            said += f64::from(error.into_scalar::<f32>()) / 60.0;
            let bound = iwae::estimate(&numbers(&log_weights), 20, 20);
            said_of_bound += bound.standard_error / 60.0;
            bounds.push(bound.mean);
        }
        assert!((0.85..1.18).contains(&(said / spread)), "held out: {said} said, {spread} seen");
        let spread = variance(&bounds).sqrt();
        assert!((0.7..1.4).contains(&(said_of_bound / spread)), "bound: {said_of_bound} said, {spread} seen");
        // By NumPy: 0.19 below log p(x) with one sample and 0.013 with 50, over all held-out images.
        assert!(Estimate::of(&bounds).mean < -20.0);
    }
}
