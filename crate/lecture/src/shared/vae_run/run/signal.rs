//! How much of a gradient of the importance-weighted bound is signal, against K, on the running VAE: with respect to the encoder's outputs.

use burn::module::Module;
use burn::tensor::Tensor;
use figure::{Axis, Chart, Dash, Figure, Layer, Marker, Role};
use learn::Stream;
use learn::models::{repeat_each, tensor};
use learn::objectives::{log_likelihood, log_standard_normal};
use math::estimate::Estimate;
use math::iwae::signal;

use super::estimates::Measured;
use crate::shared::vae_run::slots;

/// Held-out images that the ratio goes over, and samples of each: fewer of larger images and with many dimensions.
const IMAGES: usize = 8;
const SAMPLES: usize = 16_384;
const MOST_PIXELS: usize = IMAGES * SAMPLES * 64;
const MOST_NUMBERS: usize = IMAGES * SAMPLES * 2;
/// The fewest gradients that a ratio is made of.
const FEWEST: usize = 32;

/// Errors that a ratio must be large to be drawn: less is lost in the noise.
const SEEN: f64 = 4.0;

/// How many images, and how many samples of each: a power of two.
fn sizes(heldout: usize, pixels: usize, latent: usize) -> [usize; 2] {
    let images = heldout.min(IMAGES);
    let most = (MOST_PIXELS / pixels).min(MOST_NUMBERS / latent) / images;
    let most = most.clamp(2 * FEWEST, SAMPLES);
    [images, 1 << most.ilog2()]
}

/// Of every image and sample: log w, and d log w/dmu and d log w/dlog_var through z = mu + sigma·eps (the plain reparameterized gradient).
///
/// With eps fixed, log q(z|x) = log N(eps; 0, I) − Σ ½ log_var, so d log w/dmu = s and d log w/dlog_var = ½ sigma·eps·s + ½ with
/// s = d log p(x, z)/dz. Shapes, flattened one after the other: `[images, samples]`, twice `[images, samples, latent]`.
pub(super) fn request(of: &Measured) -> Tensor<1> {
    let config = of.config;
    let latent = config.latent;
    let [images, samples] = sizes(of.heldout.dims()[0], config.pixels, latent);
    let rows = images * samples;
    let eps = Stream::Importance.rng(of.seed).stream(2).normals(rows * latent);
    let eps: Tensor<2> = tensor(eps, [rows, latent], &of.heldout.device());
    let x = of.heldout.clone().narrow(0, 0, images);
    let (mu, log_var) = of.vae.encoder.forward(x.clone());
    let (mu, log_var) = (repeat_each(mu, samples), repeat_each(log_var, samples));
    let sigma = (log_var.clone() * 0.5).exp();
    let track = |table: Tensor<2>| Tensor::<2>::from_inner(table).to_device(of.device);
    let z = track(mu + sigma.clone() * eps.clone()).require_grad();
    let decoder = of.vae.decoder.clone().train();
    let decoded = decoder.forward(z.clone());
    let log_joint = log_likelihood(config.likelihood, track(repeat_each(x, samples)), decoded, decoder.log_scale.val())
        + log_standard_normal(z.clone());
    // The samples do not interact, so the sum's gradient is each one's.
    let gradients = log_joint.clone().sum().backward();
    let slope = z.grad(&gradients).expect("z asked for its gradient");
    let log_q = log_standard_normal(eps.clone()) - (log_var * 0.5).sum_dim(1).squeeze_dim(1);
    let log_weights = log_joint.inner() - log_q;
    let of_log_var = sigma * eps * slope.clone() * 0.5 + 0.5;
    let flat = |table: Tensor<2>| table.reshape([rows * latent]);
    Tensor::cat(vec![log_weights, flat(slope), flat(of_log_var)], 0)
}

/// The ratio by K = 1, 2, 4, …, with respect to mu and to log_var.
#[derive(Clone, Debug, Default)]
pub(super) struct Signal {
    pub(super) of_mu: Vec<(f64, Estimate)>,
    pub(super) of_log_var: Vec<(f64, Estimate)>,
}

impl Signal {
    /// From the numbers of [`request`].
    pub(super) fn of(numbers: &[f64], heldout: usize, pixels: usize, latent: usize) -> Self {
        let [images, samples] = sizes(heldout, pixels, latent);
        let (log_weights, gradients) = numbers.split_at(images * samples);
        let (of_mu, of_log_var) = gradients.split_at(images * samples * latent);
        let against_k = |gradients: &[f64]| {
            let ks = (0..).map(|power| 1 << power).take_while(|k| samples / k >= FEWEST);
            ks.map(|k| (k as f64, signal::ratio(log_weights, gradients, samples, latent, k))).collect()
        };
        Self { of_mu: against_k(of_mu), of_log_var: against_k(of_log_var) }
    }
}

/// Both ratios against K with 95 % of other samples' ratios shaded, and the slope of the theory's limit.
pub(super) fn figure(signal: Option<&Signal>) -> Figure {
    let none = Signal::default();
    let signal = signal.unwrap_or(&none);
    let seen = |all: &[(f64, Estimate)]| -> Vec<(f64, Estimate)> {
        all.iter().copied().filter(|(_, ratio)| ratio.mean > SEEN * ratio.standard_error).collect()
    };
    let mut layers = Vec::new();
    let of_both = [(&signal.of_mu, Marker::Square, "in μ"), (&signal.of_log_var, Marker::Circle, "in log σ²")];
    for (all, marker, label) in of_both {
        let seen = seen(all);
        let points: Vec<[f64; 2]> = seen.iter().map(|(k, ratio)| [*k, ratio.mean]).collect();
        let band = seen.iter().map(|(k, ratio)| {
            let half = 1.96 * ratio.standard_error;
            [*k, ratio.mean - half, ratio.mean + half]
        });
        layers.push(Layer::band(Role::Reparameterized, "95 %", band.collect()));
        layers.push(Layer::line(Role::Reparameterized, Dash::Solid, label, points.clone()));
        layers.push(Layer::points(Role::Reparameterized, marker, "", points));
    }
    // Through the last ratio in mu that is well seen, the limit is one of large K.
    let anchor = seen(&signal.of_mu).into_iter().rfind(|(_, ratio)| ratio.mean > 10.0 * ratio.standard_error);
    if let (Some((k, ratio)), Some((last, _))) = (anchor, signal.of_mu.last()) {
        let limit = [1.0, *last].map(|at| [at, ratio.mean * (k / at).sqrt()]);
        layers.push(Layer::line(Role::Neutral, Dash::Dotted, "∝ 1/√K", limit.to_vec()));
    }
    let alt = match (signal.of_mu.first(), signal.of_mu.last()) {
        (Some((_, one)), Some((k, many))) => format!(
            "Signal-to-noise ratio of the bound’s gradient in μ: {:.3} ± {:.3} at K = 1, {:.3} ± {:.3} at K = {k}.",
            one.mean, one.standard_error, many.mean, many.standard_error
        ),
        _ => "Signal-to-noise ratio of the bound’s gradient against K; not measured.".to_owned(),
    };
    let chart = Chart::new(Axis::log("importance samples K"), Axis::log("signal-to-noise ratio"), layers);
    slots::SIGNAL.chart(alt, chart)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::shared::trained::{DEFAULT_SEED, trained};
    use crate::shared::true_posterior::PosteriorGrid;
    use crate::testing::given::numbers;
    use burn::tensor::Device;
    use figure::Assets;
    use learn::images::ImageSet;

    /// On the page's own model: at K = 1 the gradient's mean is the slope of the ELBO on a grid, whatever it was made of; and the ratio
    /// falls with K, for large K as its root.
    #[test]
    fn one_sample_has_the_elbos_gradient_and_the_ratio_falls_with_k() {
        let device = Device::flex();
        let model = trained(&Assets::default(), 64, &device).unwrap();
        let images = ImageSet::digits(DEFAULT_SEED, &device);
        let heldout = images.select(&images.heldout[..IMAGES]);
        let (vae, config) = (&model.vae, &model.config);
        let with_gradients = device.clone().autodiff();
        let of = Measured { step: 0, vae, config, heldout: &heldout, device: &with_gradients, seed: 3, samples: 1 };
        let all = numbers(&request(&of));
        let of_mu = &all[IMAGES * SAMPLES..3 * IMAGES * SAMPLES];
        let of_log_var = &all[3 * IMAGES * SAMPLES..];

        let grid = PosteriorGrid::new(config, &device).unwrap();
        let posteriors = grid.posteriors(&numbers(&grid.log_likelihoods(&vae.decoder, config, &heldout)));
        let (mu, log_var) = vae.encoder.forward(heldout.clone());
        let q = [mu, log_var].map(|table| numbers(&table));
        for n in 0..IMAGES {
            for (part, gradients) in [of_mu, of_log_var].into_iter().enumerate() {
                for j in 0..2 {
                    let of_image = &gradients[n * SAMPLES * 2..(n + 1) * SAMPLES * 2];
                    let found = Estimate::of(&of_image.iter().skip(j).step_by(2).copied().collect::<Vec<_>>());
                    let at = |h: f64| {
                        let mut moved = q.clone().map(|table| table[2 * n..2 * n + 2].to_vec());
                        moved[part][j] += h;
                        posteriors[n].elbo(&moved[0], &moved[1]).unwrap()
                    };
                    let slope = (at(1e-3) - at(-1e-3)) / 2e-3;
                    let apart = (found.mean - slope).abs();
                    assert!(apart < 4.5 * found.standard_error + 1e-3, "{n} {part} {j}: {found:?} {slope}");
                }
            }
        }

        // In mu it falls from the start, though more slowly than as the root; in log_var hardly before K = 16.
        let signal = Signal::of(&all, IMAGES, 64, 2);
        for (ratios, [low, high]) in [(&signal.of_mu, [1.8, 4.0]), (&signal.of_log_var, [0.8, 1.8])] {
            let fall = ratios[0].1.mean / ratios[4].1.mean;
            assert!(ratios[4].0 == 16.0 && (low..high).contains(&fall), "{fall}: {ratios:?}");
        }
    }

    #[test]
    fn larger_images_have_fewer_samples() {
        assert_eq!((sizes(359, 64, 2), sizes(359, 784, 2), sizes(5, 64, 1)), ([8, 16_384], [8, 1024], [5, 16_384]));
        assert_eq!((sizes(400, 64 * 64, 2), sizes(359, 64, 32)), ([8, 256], [8, 1024]));
    }
}
