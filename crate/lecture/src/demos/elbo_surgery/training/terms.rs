//! The terms of (21) from plain numbers without tensors: means, variances, noise and reconstructions.

use super::priors::Learned;
use crate::demos::elbo_surgery::Prior;
use math::estimate::Estimate;
use math::gaussian::log_prior;
use math::mixture::Mixture;

/// p(z), as the terms are computed with it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Density<'a> {
    /// N(0, I).
    Normal,
    /// q(z) of the measured images itself.
    Aggregate,
    /// A learned mixture.
    Learned(&'a Mixture),
}

/// (19) and (21) for one state of the VAE, in nats per image. The sums over the N data points are complete: errors are of the samples of z.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Terms {
    /// ①, E log p(x|z).
    pub(super) reconstruction: Estimate,
    /// ②, log N − E H(q(n|z)).
    pub(super) mi: Estimate,
    /// ③, KL\[q(z)‖p(z)\]; exactly 0 when the prior is q(z).
    pub(super) marginal_kl: Estimate,
    /// The average KL\[q(z|x)‖p(z)\]: closed form for the normal prior, E log q(z|x)/p(z) for the others.
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
    pub(super) fn of(mixture: &Mixture, eps: &[f32], reconstruction: &[f64], prior: Density) -> Self {
        let (n, log_n) = (mixture.len(), mixture.log_n());
        let indices: Vec<usize> = (0..reconstruction.len()).map(|s| s % n).collect();
        let samples = mixture.sample_terms(&indices, eps);
        let closed: Vec<f64> = (0..n).map(|n| mixture.kl(n)).collect();
        let estimate =
            |of: &dyn Fn(usize) -> f64| Estimate::stratified(&(0..samples.len()).map(of).collect::<Vec<f64>>(), n);
        let information = |s: usize| log_n - samples[s].index_entropy;
        // log q(z)/p(z) at every sample, with a learned p(z).
        let over_learned: Vec<f64> = match prior {
            Density::Learned(learned) => {
                let samples =
                    indices.iter().zip(eps.chunks_exact(mixture.dims())).map(|(&n, eps)| mixture.sample(n, eps));
                samples.map(|z| mixture.log_density(&z) - learned.log_density(&z)).collect()
            }
            Density::Normal | Density::Aggregate => Vec::new(),
        };
        let (marginal_kl, kl): (&dyn Fn(usize) -> f64, &dyn Fn(usize) -> f64) = match prior {
            Density::Normal => (&|s| samples[s].marginal_kl, &|s| closed[s % n]),
            Density::Aggregate => (&|_| 0.0, &|s| samples[s].mi),
            Density::Learned(_) => (&|s| over_learned[s], &|s| samples[s].mi + over_learned[s]),
        };
        let average_kl = match prior {
            Density::Normal => Estimate { mean: mixture.average_kl(), standard_error: 0.0, samples: samples.len() },
            Density::Aggregate | Density::Learned(_) => estimate(kl),
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

/// The ELBO of held-out images under each prior, in nats per image. Errors are of the samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct HeldOut {
    /// With p(z) = N(0, I): the KL term in closed form.
    pub(super) normal: Compared,
    /// With p(z) = q(z), the aggregate of the N measured training images, which knows nothing of these.
    pub(super) aggregate: Compared,
    /// With the mixture of K Gaussians, where it is learned.
    pub(super) mixture: Option<Compared>,
    /// With the mixture of the posteriors of K pseudo-inputs, where they are learned.
    pub(super) vamp: Option<Compared>,
}

/// The held-out ELBO under a prior.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Compared {
    pub(super) elbo: Estimate,
    /// The same less that under the prior in force. From the same samples: what their noise has in common adds no error.
    pub(super) gain: Estimate,
}

impl HeldOut {
    /// From samples z of each held-out posterior equally often, sample s of image s mod n; `aggregate` is q(z), `force` the prior in force.
    /// Shapes: eps `[each·n, latent]`, reconstruction `[each·n]` = log p(x|z_s), nats.
    ///
    /// Under N(0, I) a sample's value is log p(x|z) − KL with the KL in closed form. Under another prior it is that plus
    /// log p(z) − log N(z; 0, I) while N(0, I) is in force: then codes lie where the two are alike, and most of the noise of log p(z) is in both.
    /// Otherwise it is log p(x|z) + H\[q(z|x)\] + log p(z), the entropy in closed form. Both are unbiased.
    pub(super) fn of(
        heldout: &Mixture,
        aggregate: &Mixture,
        learned: &Learned,
        force: Prior,
        eps: &[f32],
        reconstruction: &[f64],
    ) -> Self {
        let n = heldout.len();
        let codes: Vec<Vec<f64>> =
            eps.chunks_exact(heldout.dims()).enumerate().map(|(s, eps)| heldout.sample(s % n, eps)).collect();
        let closed: Vec<f64> = (0..n).map(|n| heldout.kl(n)).collect();
        let normal: Vec<f64> = reconstruction.iter().enumerate().map(|(s, log_px)| log_px - closed[s % n]).collect();
        let rest = |s: usize| match force {
            Prior::Normal => normal[s] - log_prior(&codes[s]),
            _ => reconstruction[s] + heldout.entropy(s % n),
        };
        let under = |prior: &Mixture| -> Vec<f64> {
            codes.iter().enumerate().map(|(s, z)| rest(s) + prior.log_density(z)).collect()
        };
        let aggregate = under(aggregate);
        let [mixture, vamp] = [&learned.mixture, &learned.vamp].map(|prior| prior.as_ref().map(under));
        let reference = match force {
            Prior::Normal => None,
            Prior::Aggregate => Some(&aggregate),
            Prior::Mixture => mixture.as_ref(),
            Prior::Vamp => vamp.as_ref(),
        };
        let reference = reference.unwrap_or(&normal);
        let compared = |values: &Vec<f64>| {
            let gain: Vec<f64> = values.iter().zip(reference).map(|(value, reference)| value - reference).collect();
            Compared { elbo: Estimate::stratified(values, n), gain: Estimate::stratified(&gain, n) }
        };
        Self {
            normal: compared(&normal),
            aggregate: compared(&aggregate),
            mixture: mixture.as_ref().map(compared),
            vamp: vamp.as_ref().map(compared),
        }
    }

    /// Whether every term is a number; of priors that are not there nothing is asked.
    pub(super) fn is_finite(&self) -> bool {
        let there = [Some(self.normal), Some(self.aggregate), self.mixture, self.vamp];
        there.iter().flatten().all(|prior| prior.elbo.mean.is_finite())
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
        for prior in [Density::Normal, Density::Aggregate] {
            let terms = Terms::of(&mixture, &eps, &reconstruction, prior);
            assert!((terms.elbo.mean - terms.sum.mean - terms.residual.mean).abs() < 1e-10);
            assert!(terms.residual.mean.abs() < 4.5 * terms.residual.standard_error, "{terms:?}");
            assert!((terms.mi.mean - exact.mi).abs() < 4.5 * terms.mi.standard_error, "{terms:?} {exact:?}");
            assert!(terms.mi.mean > 0.0 && terms.mi.mean < terms.log_n);
            // Noise of standard deviation 1 on 1,000 samples; differences between images add no error.
            assert!((terms.reconstruction.standard_error - 1e3_f64.sqrt().recip()).abs() < 2e-3);
            let third = terms.marginal_kl;
            match prior {
                Density::Normal => {
                    assert!((third.mean - exact.marginal_kl).abs() < 4.5 * third.standard_error);
                    assert!((terms.kl.mean - exact.kl).abs() < 1e-12);
                }
                Density::Aggregate => assert_eq!((third.mean, third.standard_error), (0.0, 0.0)),
                Density::Learned(_) => unreachable!("not among them"),
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
        let terms = Terms::of(&mixture, &eps, &reconstruction, Density::Normal);
        let ours = [terms.reconstruction.mean, terms.mi.mean, terms.marginal_kl.mean, terms.sum.mean];
        for (term, ours) in ours.into_iter().enumerate() {
            let expected = reference["surgery"][term].as_f64().unwrap();
            assert!((ours - expected).abs() < 1e-6, "term {term}: {ours} against {expected}"); // our noise is f32
        }
    }

    fn standard_normal(dims: usize) -> Mixture {
        Mixture::new(&vec![0.0; dims], &vec![0.0; dims], dims)
    }

    /// One Gaussian of mean 0 and variance 1 is N(0, I), and q(z) as a learned prior is q(z).
    #[test]
    fn a_learned_prior_that_is_another_gives_the_same_numbers() {
        let mut rng = Rng::new(2);
        let mu: Vec<f64> = (0..40).map(|_| rng.normal()).collect();
        let mixture = Mixture::new(&mu, &[-1.0; 40], 2);
        let eps = rng.normals(20 * 20 * 2);
        let reconstruction: Vec<f64> = (0..400).map(|_| -30.0 + rng.normal()).collect();
        let of = |density| Terms::of(&mixture, &eps, &reconstruction, density);
        let standard = standard_normal(2);
        let (normal, one) = (of(Density::Normal), of(Density::Learned(&standard)));
        assert!((normal.marginal_kl.mean - one.marginal_kl.mean).abs() < 1e-12);
        assert!((normal.sum.mean - one.sum.mean).abs() < 1e-12);
        // The average KL is in closed form for one of them only.
        assert!(
            (normal.elbo.mean - one.elbo.mean).abs() < 4.5 * one.elbo.standard_error.hypot(normal.elbo.standard_error)
        );
        let (aggregate, same) = (of(Density::Aggregate), of(Density::Learned(&mixture)));
        assert!(same.marginal_kl.mean.abs() < 1e-12 && (aggregate.elbo.mean - same.elbo.mean).abs() < 1e-12);

        let learned = Learned { mixture: Some(standard_normal(2)), vamp: Some(mixture.clone()) };
        let (heldout, eps) = (Mixture::new(&mu[..20], &[-0.5; 20], 2), &eps[..10 * 8 * 2]);
        for force in [Prior::Normal, Prior::Aggregate, Prior::Mixture, Prior::Vamp] {
            let under = HeldOut::of(&heldout, &mixture, &learned, force, eps, &reconstruction[..80]);
            assert_eq!(under.vamp, Some(under.aggregate), "{force:?}");
            let one = under.mixture.unwrap();
            let apart = one.elbo.mean - under.normal.elbo.mean;
            match force {
                Prior::Normal => assert!(apart.abs() < 1e-12 && one.gain.mean.abs() < 1e-12),
                _ => assert!(apart.abs() < 4.5 * one.elbo.standard_error.hypot(under.normal.elbo.standard_error)),
            }
        }
    }

    /// Held out, by quadrature: whichever prior is in force, the estimates are unbiased and their errors are their spread.
    #[test]
    fn held_out_estimates_are_the_quadrature_and_their_errors_their_spread() {
        const RUNS: usize = 600;
        let (mu, log_var) = ([-0.8, 0.1, 0.5, 1.2], [-1.5, -2.0, -1.0, -2.5]);
        let heldout = Mixture::new(&mu, &log_var, 1);
        let aggregate = Mixture::new(&[-1.0, 0.0, 1.1], &[-1.2, -0.8, -1.7], 1);
        let none = Learned::default();
        let grid = math::quadrature::Grid::new(-9.0, 9.0, 4001);
        let exact: f64 = (0..4)
            .map(|n| {
                let one = Mixture::new(&mu[n..=n], &log_var[n..=n], 1);
                let inside = |&z: &f64| {
                    let log_q = one.log_density(&[z]);
                    log_q.exp() * (aggregate.log_density(&[z]) - log_q)
                };
                grid.integral(&grid.points.iter().map(inside).collect::<Vec<_>>()) / 4.0
            })
            .sum();
        for force in [Prior::Normal, Prior::Aggregate] {
            let mut rng = Rng::new(7);
            let runs: Vec<HeldOut> = (0..RUNS)
                .map(|_| HeldOut::of(&heldout, &aggregate, &none, force, &rng.normals(16), &[-3.0; 16]))
                .collect();
            let means: Vec<f64> = runs.iter().map(|run| run.aggregate.elbo.mean + 3.0).collect();
            let over_all = Estimate::of(&means);
            assert!((over_all.mean - exact).abs() < 4.0 * over_all.standard_error, "{force:?} {over_all:?} {exact}");
            let said = runs.iter().map(|run| run.aggregate.elbo.standard_error.powi(2)).sum::<f64>() / RUNS as f64;
            let ratio = (said / math::estimate::variance(&means)).sqrt();
            assert!((0.85..1.18).contains(&ratio), "{force:?} {ratio}");
        }
    }
}
