//! The terms of (21) from plain numbers without tensors: means, variances, noise and reconstructions.

use crate::demos::elbo_surgery::Prior;
use math::estimate::Estimate;
use math::mixture::Mixture;

/// (19) and (21) for one state of the VAE, in nats per image. The sums over the N data points are complete: errors are of the samples of z.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Terms {
    /// ①, E log p(x|z).
    pub(super) reconstruction: Estimate,
    /// ②, log N − E H(q(n|z)).
    pub(super) mi: Estimate,
    /// ③, KL\[q(z)‖p(z)\]; exactly 0 when the prior is q(z).
    pub(super) marginal_kl: Estimate,
    /// The average KL\[q(z|x)‖p(z)\]: closed form for the normal prior, E log q(z|x)/q(z) for the other.
    pub(super) kl: Estimate,
    /// (19): reconstruction − kl.
    pub(super) elbo: Estimate,
    /// ① − ② − ③, (21).
    pub(super) sum: Estimate,
    /// (19) less ① − ② − ③, which is 0 up to noise.
    pub(super) residual: Estimate,
    /// The ceiling of ②.
    pub(super) log_n: f64,
}

impl Terms {
    /// From samples z of every component equally often, sample s of component s mod N.
    /// Shapes: eps `[each·N, latent]`, reconstruction `[each·N]` = log p(x_n|z_s), nats.
    pub(super) fn of(mixture: &Mixture, eps: &[f32], reconstruction: &[f64], prior: Prior) -> Self {
        let (n, log_n) = (mixture.len(), mixture.log_n());
        let indices: Vec<usize> = (0..reconstruction.len()).map(|s| s % n).collect();
        let samples = mixture.sample_terms(&indices, eps);
        let closed: Vec<f64> = (0..n).map(|n| mixture.kl(n)).collect();
        let estimate =
            |of: &dyn Fn(usize) -> f64| Estimate::stratified(&(0..samples.len()).map(of).collect::<Vec<f64>>(), n);
        let information = |s: usize| log_n - samples[s].index_entropy;
        let (marginal_kl, kl): (&dyn Fn(usize) -> f64, &dyn Fn(usize) -> f64) = match prior {
            Prior::Normal => (&|s| samples[s].marginal_kl, &|s| closed[s % n]),
            Prior::Aggregate => (&|_| 0.0, &|s| samples[s].mi),
        };
        let average_kl = match prior {
            Prior::Normal => Estimate { mean: mixture.average_kl(), standard_error: 0.0, samples: samples.len() },
            Prior::Aggregate => estimate(kl),
        };
        Self {
            reconstruction: estimate(&|s| reconstruction[s]),
            mi: estimate(&information),
            marginal_kl: estimate(marginal_kl),
            kl: average_kl,
            elbo: estimate(&|s| reconstruction[s] - kl(s)),
            sum: estimate(&|s| reconstruction[s] - information(s) - marginal_kl(s)),
            residual: estimate(&|s| information(s) + marginal_kl(s) - kl(s)),
            log_n,
        }
    }

    /// Whether every term is a number.
    pub(super) fn is_finite(&self) -> bool {
        [self.reconstruction, self.mi, self.marginal_kl, self.kl].iter().all(|term| term.mean.is_finite())
    }
}

/// The ELBO of held-out images under both priors, in nats per image: E log p(x|z) + E log p(z) − E log q(z|x). Errors are of the samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct HeldOut {
    /// With p(z) = N(0, I): the KL term in closed form.
    pub(super) normal: Estimate,
    /// With p(z) = q(z), the aggregate of the N measured training images, which knows nothing of these.
    pub(super) aggregate: Estimate,
}

impl HeldOut {
    /// From samples z of each held-out posterior equally often, sample s of image s mod n.
    /// Shapes: eps `[each·n, latent]`, reconstruction `[each·n]` = log p(x|z_s), nats.
    pub(super) fn of(heldout: &Mixture, prior: &Mixture, eps: &[f32], reconstruction: &[f64]) -> Self {
        let n = heldout.len();
        let closed: Vec<f64> = (0..n).map(|n| heldout.kl(n)).collect();
        let aggregate = |s: usize, eps: &[f32]| {
            let log_q = heldout.log_density_of_sample(s % n, eps);
            reconstruction[s] + prior.log_density(&heldout.sample(s % n, eps)) - log_q
        };
        let under: Vec<f64> = eps.chunks_exact(heldout.dims()).enumerate().map(|(s, eps)| aggregate(s, eps)).collect();
        let normal: Vec<f64> = reconstruction.iter().enumerate().map(|(s, log_px)| log_px - closed[s % n]).collect();
        Self { normal: Estimate::stratified(&normal, n), aggregate: Estimate::stratified(&under, n) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use math::rng::Rng;

    #[test]
    fn the_three_terms_make_the_elbo_and_the_third_can_vanish() {
        let mut rng = Rng::new(1);
        let mu: Vec<f64> = (0..40).map(|_| rng.normal()).collect();
        let mixture = Mixture::new(&mu, &[-2.0; 40], 2);
        let eps = rng.normals(20 * 50 * 2);
        let reconstruction: Vec<f64> = (0..20 * 50).map(|s| -30.0 + (s % 20) as f64 + rng.normal()).collect();
        let exact = mixture.exact_2d();
        for prior in [Prior::Normal, Prior::Aggregate] {
            let terms = Terms::of(&mixture, &eps, &reconstruction, prior);
            assert!((terms.elbo.mean - terms.sum.mean - terms.residual.mean).abs() < 1e-10);
            assert!(terms.residual.mean.abs() < 4.5 * terms.residual.standard_error, "{terms:?}");
            assert!((terms.mi.mean - exact.mi).abs() < 4.5 * terms.mi.standard_error, "{terms:?} {exact:?}");
            assert!(terms.mi.mean > 0.0 && terms.mi.mean < terms.log_n);
            // Noise of standard deviation 1 on 1,000 samples; differences between images add no error.
            assert!((terms.reconstruction.standard_error - 1e3_f64.sqrt().recip()).abs() < 2e-3);
            let third = terms.marginal_kl;
            match prior {
                Prior::Normal => {
                    assert!((third.mean - exact.marginal_kl).abs() < 4.5 * third.standard_error);
                    assert!((terms.kl.mean - exact.kl).abs() < 1e-12);
                }
                Prior::Aggregate => assert_eq!((third.mean, third.standard_error), (0.0, 0.0)),
            }
        }
    }

    #[test]
    fn the_terms_are_tensorflows() {
        let reference = include_str!("../reference.json");
        let reference: serde_json::Value = serde_json::from_str(reference).unwrap();
        let wave = |count: usize, frequency: f64, scale: f64| -> Vec<f64> {
            (0..count).map(|index| scale * (frequency * (index as f64 + 1.0)).sin()).collect()
        };
        let log_var: Vec<f64> = wave(12, 0.7, 0.8).iter().map(|w| w - 0.5).collect();
        let mixture = Mixture::new(&wave(12, 1.3, 1.5), &log_var, 2);
        let eps: Vec<f32> = wave(60, 2.9, 1.2).iter().map(|&eps| eps as f32).collect();
        let reconstruction: Vec<f64> = wave(30, 0.53, 4.0).iter().map(|w| w - 30.0).collect();
        let terms = Terms::of(&mixture, &eps, &reconstruction, Prior::Normal);
        let ours = [terms.reconstruction.mean, terms.mi.mean, terms.marginal_kl.mean, terms.sum.mean];
        for (term, ours) in ours.into_iter().enumerate() {
            let expected = reference["surgery"][term].as_f64().unwrap();
            assert!((ours - expected).abs() < 1e-6, "term {term}: {ours} against {expected}"); // our noise is f32
        }
    }
}
