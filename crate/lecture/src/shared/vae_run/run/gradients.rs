//! Slide 1.8 on a trained model: three estimators of the gradient of the running VAE's own ELBO, with respect to the encoder's
//! outputs mu and log_var.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use math::rng::Rng;

use learn::models::{Vae, VaeConfig, tensor};
use learn::objectives::log_likelihood;

/// Held-out images the variances are averaged over, and samples of each.
const IMAGES: usize = 16;
const SAMPLES: usize = 64;

/// One-sample estimates of d/dmu and of d/dlog_var of E_q\[log p(x|z)\] for every sample and image, by three estimators each:
///
/// - score (10): log p(x|z) · d log q(z|x)
/// - the same with the mean of the image's other samples subtracted from log p(x|z), a leave-one-out baseline
/// - reparameterized (11): d log p(x|z)/dz · dz
///
/// With z = mu + sigma·eps, d log q/dmu = eps/sigma and d log q/dlog_var = ½ (eps² − 1), dz/dmu = 1 and dz/dlog_var = ½ sigma·eps.
/// All are unbiased for the same gradient, the leave-one-out baseline included, since the samples that it is made of know nothing of
/// this one's eps. The KL term is in closed form and adds no variance to any.
///
/// Shapes: `x` `[images, pixel]`, `eps` `[samples, images, latent]` → `[samples, images, latent]` each, those of mu and
/// then those of log_var, in nats per unit of the output.
pub(super) fn estimates(
    vae: &Vae,
    config: &VaeConfig,
    x: Tensor<2>,
    eps: Tensor<3>,
    device: &Device,
) -> [[Tensor<3>; 3]; 2] {
    let [samples, images, latent] = eps.dims();
    let (mu, log_var) = vae.encoder.forward(x.clone());
    let repeat = |rows: Tensor<2>| rows.unsqueeze_dim::<3>(0).repeat_dim(0, samples);
    let sigma = repeat((log_var * 0.5).exp());
    let z = repeat(mu) + sigma.clone() * eps.clone();

    // All samples' reparameterized gradients at once: the samples do not interact, so the sum's gradient is each one's.
    let track = |tensor: Tensor<3>, columns: usize| {
        Tensor::from_inner(tensor.reshape([samples * images, columns])).to_device(device)
    };
    let z = track(z, latent).require_grad();
    let decoder = vae.decoder.clone().train();
    let log_scale = decoder.log_scale.val();
    let log_px =
        log_likelihood(config.likelihood, track(repeat(x), config.pixels), decoder.forward(z.clone()), log_scale);
    let gradients = log_px.clone().sum().backward();
    let by_sample = |rows: Tensor<2>| -> Tensor<3> { rows.reshape([samples, images, latent]) };
    let d_z = by_sample(z.grad(&gradients).expect("z asked for its gradient"));
    let f: Tensor<3> = log_px.inner().reshape([samples, images, 1]);
    // f_s less the mean of the others is (f_s − mean of all) · S/(S − 1).
    let centred = (f.clone() - f.clone().mean_dim(0)) * (samples as f64 / (samples as f64 - 1.0));
    let by = |score: Tensor<3>, through: Tensor<3>| {
        [f.clone() * score.clone(), centred.clone() * score, d_z.clone() * through]
    };
    [by(eps.clone() / sigma.clone(), eps.ones_like()), by((eps.clone().square() - 1.0) * 0.5, sigma * eps * 0.5)]
}

/// Total variance over samples of each of [`estimates`], averaged over images, and its standard error: what other samples of the same
/// images would change in it. "Total" is the sum over latent dimensions.
///
/// Shape: `heldout` `[n, pixel]` (the first 16 are used) → `[12]`, in nats² per squared unit: of mu score, leave-one-out and
/// reparameterized, each with its error, then the same of log_var.
pub(super) fn variances(vae: &Vae, config: &VaeConfig, heldout: Tensor<2>, mut rng: Rng, device: &Device) -> Tensor<1> {
    let images = heldout.dims()[0].min(IMAGES);
    let shape = [SAMPLES, images, config.latent];
    let eps = tensor(rng.normals(shape.iter().product()), [SAMPLES * images, config.latent], &heldout.device())
        .reshape(shape);
    let of_all = estimates(vae, config, heldout.narrow(0, 0, images), eps, device);
    Tensor::cat(of_all.into_iter().flatten().map(total_variance).collect(), 0)
}

/// Shape: `[samples, images, latent]` → `[2]`: the variance and its standard error.
fn total_variance(estimates: Tensor<3>) -> Tensor<1> {
    let [samples, images, _] = estimates.dims();
    let samples = samples as f64;
    // A sample's squared distance from the mean: their mean over samples is an image's total variance.
    let squares = (estimates.clone() - estimates.mean_dim(0)).square().sum_dim(2).squeeze_dim::<2>(2); // [samples, images]
    let squares = squares * (samples / (samples - 1.0));
    let mean = squares.clone().mean();
    let error = (squares.var(0) / samples).sum().sqrt() / images as f64;
    Tensor::cat(vec![mean, error], 0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::shared::trained::{DEFAULT_SEED, trained};
    use crate::shared::vae_run::tests::LIKELIHOODS;
    use crate::testing::given::{given_vae, numbers, pixels, wave_f32};
    use crate::testing::golden::{near, parse};
    use figure::Assets;
    use learn::images::ImageSet;
    use math::estimate::Estimate;

    #[test]
    fn the_variances_are_tensorflows() {
        let reference = parse(include_str!("../reference.json"));
        let device = Device::flex();
        for (name, likelihood) in LIKELIHOODS {
            let config = VaeConfig { log_scale: -0.4, learn_scale: true, ..VaeConfig::new(6, 5, 2, likelihood) };
            let vae = given_vae(config.init(&mut Rng::new(1), &device), config.log_scale);
            let x = tensor(pixels(24, 0.37), [4, 6], &device);
            let eps = tensor(wave_f32(56, 2.1, 1.3), [28, 2], &device).reshape([7, 4, 2]);
            let all = estimates(&vae, &config, x, eps, &device.clone().autodiff());
            let ours: Vec<f64> = all.into_iter().flatten().map(|one| numbers(&total_variance(one))[0]).collect();
            near(&ours, &reference[name]["gradient_variances"], 2e-5, name);
        }
    }

    /// On the page's own model and its held-out images: one gradient three times, and what each way to it costs. By NumPy, with 4,000
    /// samples: 9,704, 66.1 and 19.8 with respect to mu, that is 491 and 3.3 times the last.
    #[test]
    fn three_means_agree_and_the_baseline_takes_most_of_the_scores_variance() {
        const SAMPLES: usize = 1000;
        let device = Device::flex();
        let model = trained(&Assets::default(), 64, &device).unwrap();
        let images = ImageSet::digits(DEFAULT_SEED, &device);
        let x = images.select(&images.heldout[..IMAGES]);
        let shape = [SAMPLES, IMAGES, 2];
        let eps = tensor(Rng::new(8).normals(SAMPLES * IMAGES * 2), [SAMPLES * IMAGES, 2], &device).reshape(shape);
        let of_all = estimates(&model.vae, &model.config, x, eps, &device.clone().autodiff());
        for (output, of_output) in of_all.into_iter().enumerate() {
            let means = of_output.clone().map(|one| {
                let values = numbers(&one);
                let of = |place: usize| values.iter().skip(place).step_by(IMAGES * 2).copied().collect::<Vec<f64>>();
                (0..IMAGES * 2).map(|place| Estimate::of(&of(place))).collect::<Vec<_>>()
            });
            for other in [0, 1] {
                for (a, b) in means[other].iter().zip(&means[2]) {
                    let error = a.standard_error.hypot(b.standard_error);
                    assert!((a.mean - b.mean).abs() < 4.5 * error, "{output} {other}: {a:?} against {b:?}");
                }
            }
            let [score, baseline, reparameterized] = of_output.map(|one| numbers(&total_variance(one))[0]);
            assert!(baseline < score / 10.0, "{output}: {baseline} with a baseline, {score} without");
            if output == 0 {
                let [without, with] = [score / reparameterized, baseline / reparameterized];
                assert!((400.0..600.0).contains(&without) && (2.7..4.0).contains(&with), "{without} and {with} times");
            }
        }
    }

    /// The error that a variance comes with against its spread over other samples.
    #[test]
    fn the_error_of_a_variance_is_its_spread() {
        let device = Device::flex();
        let mut rng = Rng::new(4);
        let pairs: Vec<Vec<f64>> = (0..300)
            .map(|_| numbers(&total_variance(tensor(rng.normals(40 * 6), [40, 6], &device).reshape([40, 3, 2]))))
            .collect();
        let variances = Estimate::of(&pairs.iter().map(|pair| pair[0]).collect::<Vec<_>>());
        let said = (pairs.iter().map(|pair| pair[1].powi(2)).sum::<f64>() / 300.0).sqrt();
        let spread = variances.standard_error * 300_f64.sqrt();
        assert!((variances.mean - 2.0).abs() < 4.5 * variances.standard_error, "{variances:?}");
        assert!((0.8..1.25).contains(&(said / spread)), "{said} said, {spread} seen");
    }
}
