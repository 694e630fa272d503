//! The aggregate posterior q(z) = 1/N sum_n q(z|x_n) of sections 3.1, 3.3 and 4, and the decomposition of its average KL:
//!
//! (17) 1/N sum_n KL\[q(z|x_n)‖p(z)\] = I(x, z) + KL\[q(z)‖p(z)\], with I(x, z) = E log q(z|x)/q(z) between 0 and log N.
//! It knows no training: its input is N diagonal Gaussians. The prior is the standard normal. Everything in nats.
//!
//! ```
//! use math::mixture::Mixture;
//! // Two components far apart: z tells which data point it came from, I(x, z) = log 2.
//! let exact = Mixture::new(&[-10.0, 10.0], &[0.0, 0.0], 1).exact_1d();
//! assert!((exact.mi - 2.0_f64.ln()).abs() < 1e-9);
//! assert!((exact.kl - exact.mi - exact.marginal_kl).abs() < 1e-9); // (17)
//! ```

mod decoder;
mod exact;

pub use decoder::FromBelow;
pub use exact::Exact;

use crate::elementary::exp_of_negative;
use crate::estimate::Estimate;
use crate::gaussian::{self, LN_2PI, kl_to_standard_normal};

/// N diagonal Gaussians q(z|x_n) of equal weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    d: usize,
    mu: Vec<f64>,
    log_var: Vec<f64>,
    /// Mean and 1/sigma² of every component, dimension by dimension: `[d, N]`, so that a loop over components is one over neighbours.
    columns: Vec<[Vec<f64>; 2]>,
    /// The log density of each component at its mean.
    log_peak: Vec<f64>,
}

/// The terms of (17) and (21) at one sample z, in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleTerms {
    /// log q(z|x_n)/q(z): a sample of I(x, z), never above log N.
    pub mi: f64,
    /// log q(z)/p(z): a sample of KL\[q(z)‖p(z)\].
    pub marginal_kl: f64,
    /// log q(z|x_n)/p(z) = mi + marginal_kl: a sample of KL\[q(z|x_n)‖p(z)\].
    pub kl: f64,
    /// H(q(n|z)), the entropy of which data point z belongs to; from 0 (certain) to log N (any of them).
    pub index_entropy: f64,
}

/// The terms of (17) and (21) estimated by Monte Carlo, in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surgery {
    /// I(x, z) by the mean of log q(z|x_n)/q(z).
    pub mi: Estimate,
    /// I(x, z) again, as term (2) of (21): log N - E H(q(n|z)). Every sample lies in \[0, log N\], so that its error is the smaller one.
    pub index_information: Estimate,
    /// KL\[q(z)‖p(z)\], term (3) of (21).
    pub marginal_kl: Estimate,
    /// The average KL\[q(z|x_n)‖p(z)\] in closed form over the data points that were sampled.
    pub kl: f64,
    /// kl - mi - marginal_kl, which is 0 but for noise; its standard error is that of this difference alone.
    pub residual: Estimate,
    /// kl - index_information - marginal_kl: the same check with the other estimate of I(x, z).
    pub index_residual: Estimate,
    /// log N, which I(x, z) cannot exceed.
    pub log_n: f64,
}

impl Mixture {
    /// The mixture of N(mu_n, diag exp log_var_n). Shapes: both `[N, d]` row-major, N and d at least 1.
    pub fn new(mu: &[f64], log_var: &[f64], d: usize) -> Self {
        assert!(
            d > 0 && !mu.is_empty() && mu.len().is_multiple_of(d) && mu.len() == log_var.len(),
            "a mixture needs mu and log_var [N, {d}] with N >= 1, not {} and {} numbers",
            mu.len(),
            log_var.len()
        );
        let log_peak = log_var.chunks_exact(d).map(|row| row.iter().map(|v| -0.5 * (LN_2PI + v)).sum()).collect();
        let column = |j: usize| {
            let of = |rows: &[f64]| rows.iter().skip(j).step_by(d).copied().collect::<Vec<f64>>();
            [of(mu), of(log_var).into_iter().map(|log_var| libm::exp(-log_var)).collect()]
        };
        Self { d, mu: mu.to_vec(), log_var: log_var.to_vec(), columns: (0..d).map(column).collect(), log_peak }
    }

    /// N, how many components there are; never 0.
    #[expect(clippy::len_without_is_empty, reason = "a mixture without components cannot be made")]
    pub fn len(&self) -> usize {
        self.log_peak.len()
    }

    /// d, the dimensions of z.
    pub fn dims(&self) -> usize {
        self.d
    }

    /// log N.
    pub fn log_n(&self) -> f64 {
        libm::log(self.len() as f64)
    }

    /// log q(z|x_n) of every n, written to `out` `[N]`.
    pub fn log_components(&self, z: &[f64], out: &mut [f64]) {
        assert!(
            z.len() == self.d && out.len() == self.len(),
            "z has {} coordinates, out one place per component",
            self.d
        );
        out.fill(0.0);
        for (z, [mu, precision]) in z.iter().zip(&self.columns) {
            for ((square, mu), precision) in out.iter_mut().zip(mu).zip(precision) {
                let distance = z - mu;
                *square += distance * distance * precision;
            }
        }
        out.iter_mut().zip(&self.log_peak).for_each(|(out, peak)| *out = peak - 0.5 * *out);
    }

    /// log q(z) = log 1/N sum_n q(z|x_n), stable far from every component.
    pub fn log_density(&self, z: &[f64]) -> f64 {
        let mut components = vec![0.0; self.len()];
        self.log_components(z, &mut components);
        gaussian::log_mean_exp(&components)
    }

    /// KL\[q(z|x_n)‖p(z)\] of component n in closed form.
    pub fn kl(&self, n: usize) -> f64 {
        let row = n * self.d..(n + 1) * self.d;
        kl_to_standard_normal(&self.mu[row.clone()], &self.log_var[row])
    }

    /// 1/N sum_n KL\[q(z|x_n)‖p(z)\] in closed form: the left side of (17).
    pub fn average_kl(&self) -> f64 {
        (0..self.len()).map(|n| self.kl(n)).sum::<f64>() / self.len() as f64
    }

    /// Mean and log variance of component n, both `[d]`.
    pub fn component(&self, n: usize) -> (&[f64], &[f64]) {
        let row = n * self.d..(n + 1) * self.d;
        (&self.mu[row.clone()], &self.log_var[row])
    }

    /// The entropy of component n: 1/2 sum_j (log 2 pi + 1 + log_var_j).
    pub fn entropy(&self, n: usize) -> f64 {
        0.5 * self.d as f64 - self.log_peak[n]
    }

    /// z = mu_n + sigma_n eps of component n. Shapes: eps `[d]` → `[d]`.
    pub fn sample(&self, n: usize, eps: &[f32]) -> Vec<f64> {
        assert_eq!(eps.len(), self.d, "one number of noise per dimension");
        let row = n * self.d..(n + 1) * self.d;
        let parameters = self.mu[row.clone()].iter().zip(&self.log_var[row]);
        parameters.zip(eps).map(|((mu, log_var), &eps)| mu + libm::exp(0.5 * log_var) * f64::from(eps)).collect()
    }

    /// log q(z|x_n) at the sample z = mu_n + sigma_n eps. Shape: eps `[d]`.
    pub fn log_density_of_sample(&self, n: usize, eps: &[f32]) -> f64 {
        self.log_peak[n] - 0.5 * eps.iter().map(|&eps| f64::from(eps) * f64::from(eps)).sum::<f64>()
    }

    /// The terms of each sample z_s = mu_n + sigma_n eps_s, n = `indices[s]`. Shapes: indices `[S]`, eps `[S, d]` → `[S]`.
    ///
    /// Costs S·N·(d multiplications + 2 exponentials).
    pub fn sample_terms(&self, indices: &[usize], eps: &[f32]) -> Vec<SampleTerms> {
        assert_eq!(eps.len(), indices.len() * self.d, "one row of noise per sample");
        let mut components = vec![0.0; self.len()];
        let terms = |(&n, eps): (&usize, &[f32])| {
            let z = self.sample(n, eps);
            self.log_components(&z, &mut components);
            let (log_sum, index_entropy) = log_sum_and_entropy(&components);
            let log_q = log_sum - self.log_n();
            let log_p = gaussian::log_prior(&z);
            SampleTerms {
                mi: components[n] - log_q,
                marginal_kl: log_q - log_p,
                kl: components[n] - log_p,
                index_entropy,
            }
        };
        indices.iter().zip(eps.chunks_exact(self.d)).map(terms).collect()
    }

    /// Every term of (17) and (21) from one sample of every component; the errors from a second sample of those in `again`.
    /// Shape: eps `[N + again, d]`.
    ///
    /// As in [`Mixture::surgery_of_all`] the N data points are the whole population. For N so large that a second sample of each is too much.
    pub fn surgery_of_one_each(&self, again: &[usize], eps: &[f32]) -> Surgery {
        let indices: Vec<usize> = (0..self.len()).chain(again.iter().copied()).collect();
        let kl = self.average_kl();
        Surgery { kl, ..self.surgery_by(&indices, eps, &|values| Estimate::of_one_each(values, again)) }
    }

    /// Every term of (17) and (21) from equally many samples of every component, sample s of component s mod N.
    /// Shape: eps `[each·N, d]`.
    ///
    /// The N data points are the whole population, so that the standard errors are those of the noise alone. At least two samples of each.
    pub fn surgery_of_all(&self, eps: &[f32]) -> Surgery {
        let strata = self.len();
        let indices: Vec<usize> = (0..eps.len() / self.d).map(|s| s % strata).collect();
        self.surgery_by(&indices, eps, &|values| Estimate::stratified(values, strata))
    }

    fn surgery_by(&self, indices: &[usize], eps: &[f32], estimate: &dyn Fn(&[f64]) -> Estimate) -> Surgery {
        let terms = self.sample_terms(indices, eps);
        let closed: Vec<f64> = indices.iter().map(|&n| self.kl(n)).collect();
        let of = |value: &dyn Fn(&SampleTerms) -> f64| estimate(&terms.iter().map(value).collect::<Vec<f64>>());
        let beside = |value: &dyn Fn(&SampleTerms, f64) -> f64| {
            estimate(&terms.iter().zip(&closed).map(|(terms, &kl)| value(terms, kl)).collect::<Vec<f64>>())
        };
        let information = |terms: &SampleTerms| self.log_n() - terms.index_entropy;
        Surgery {
            mi: of(&|terms| terms.mi),
            index_information: of(&information),
            marginal_kl: of(&|terms| terms.marginal_kl),
            kl: closed.iter().sum::<f64>() / closed.len() as f64,
            residual: beside(&|terms, kl| kl - terms.kl),
            index_residual: beside(&|terms, kl| kl - information(terms) - terms.marginal_kl),
            log_n: self.log_n(),
        }
    }
}

/// log sum_n exp v_n and the entropy of softmax(v), with one exponential per value.
///
/// H = log sum - sum_n r_n v_n, r = softmax(v).
fn log_sum_and_entropy(values: &[f64]) -> (f64, f64) {
    const LANES: usize = 4;
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return (largest, 0.0);
    }
    let (whole, rest) = values.as_chunks::<LANES>();
    let (mut totals, mut weighteds) = ([0.0; LANES], [0.0; LANES]);
    let mut add = |values: &[f64; LANES]| {
        for lane in 0..LANES {
            let below = values[lane] - largest;
            let share = exp_of_negative(below);
            totals[lane] += share;
            // Beyond this a term is below the rounding of the sum, and its logarithm may be none.
            weighteds[lane] += if below > -700.0 { share * below } else { 0.0 };
        }
    };
    whole.iter().for_each(&mut add);
    add(&std::array::from_fn(|lane| rest.get(lane).copied().unwrap_or(f64::NEG_INFINITY)));
    let (total, weighted) = (totals.iter().sum::<f64>(), weighteds.iter().sum::<f64>());
    let log_total = libm::log(total);
    (largest + log_total, (log_total - weighted / total).max(0.0))
}

#[cfg(test)]
mod tests;
