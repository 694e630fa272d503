//! Computes the numbers of slide 1.3 from the controls: by Lemma 1, and by sampling.

use crate::demos::elbo::{keys, readouts};
use figure::{Options, Readout, Role, SEED, Snapshot, Status, Values};
use math::elbo::{LinearGaussian, Normal, Terms, log_var};
use math::estimate::Estimate;
use math::quadratic::{Quadratic, rms_errors};
use math::rng::Rng;

use super::{MOST_SAMPLES, Quantity, figures};
use figure::Assets;

/// Independent estimates behind each point of the error line: its relative standard deviation is about 7 %.
pub(super) const REPEATS: usize = 100;
/// The values of L on the error line.
pub(super) const SIZES: [usize; 9] = [1, 3, 10, 30, 100, 300, 1_000, 3_000, MOST_SAMPLES as usize];

/// Random streams under the seed.
const RUN: u64 = 1;
const REPEATED: u64 = 2;

/// Everything that the figures draw.
pub(super) struct Numbers {
    pub(super) model: LinearGaussian,
    pub(super) x: f64,
    pub(super) q: Normal,
    pub(super) posterior: Normal,
    pub(super) terms: Terms,
    pub(super) log_px: f64,
    pub(super) gap: f64,
    pub(super) kl: f64,
    pub(super) reverse_kl: f64,
    pub(super) chosen: Quantity,
    pub(super) closed_form: f64,
    /// One sample of the chosen quantity as a function of its noise.
    pub(super) sample: Quadratic,
    /// The running mean of the chosen quantity, (L, mean), up to the maximum L.
    pub(super) running: Vec<[f64; 2]>,
    pub(super) estimate: Estimate,
    /// Root mean square errors of repeated estimates at [`SIZES`].
    pub(super) errors: Vec<f64>,
}

impl Quantity {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Elbo => "ELBO",
            Self::Reconstruction => "(2)",
            Self::LogPrior => "(3)",
            Self::Entropy => "(4)",
            Self::Kl => "KL(q‖p)",
            Self::ReverseKl => "KL(p‖q)",
        }
    }

    pub(super) fn role(self) -> Role {
        match self {
            Self::Elbo => Role::Elbo,
            Self::Reconstruction => Role::Reconstruction,
            Self::LogPrior | Self::ReverseKl => Role::Prior,
            Self::Entropy => Role::Posterior,
            Self::Kl => Role::Kl,
        }
    }

    /// One sample as a function of its noise: z follows q, for KL(p‖q) it follows p.
    fn sample(self, model: &LinearGaussian, x: f64, q: &Normal) -> Quadratic {
        let p = model.prior();
        let nothing = Quadratic { constant: 0.0, linear: 0.0, square: 0.0 };
        match self {
            Self::Elbo => model.elbo_along(x, q),
            Self::Reconstruction => model.log_likelihood_along(x, q),
            Self::LogPrior => p.log_pdf_along(q),
            Self::Entropy => nothing - q.log_pdf_along(q),
            Self::Kl => q.log_pdf_along(q) - p.log_pdf_along(q),
            Self::ReverseKl => p.log_pdf_along(&p) - q.log_pdf_along(&p),
        }
    }

    /// Its closed form by Lemma 1.
    fn closed_form(self, terms: &Terms, reverse_kl: f64) -> f64 {
        match self {
            Self::Elbo => terms.elbo,
            Self::Reconstruction => terms.reconstruction,
            Self::LogPrior => terms.expected_log_prior,
            Self::Entropy => terms.entropy,
            Self::Kl => terms.kl,
            Self::ReverseKl => reverse_kl,
        }
    }
}

/// The demo's snapshot at these values.
pub(super) fn sketch(values: &Values, _: &Assets) -> Snapshot {
    let numbers = numbers(values);
    let mut notes = Vec::new();
    if numbers.estimate.samples < 2 {
        notes.push("One sample gives an estimate without an error bar: its standard error needs two.".to_owned());
    }
    if !numbers.is_noisy() {
        notes.push("Every sample has the same value here, so the Monte Carlo estimate has no error.".to_owned());
    }
    Snapshot {
        step: 0,
        progress: None,
        status: Status::Done,
        readouts: all_readouts(&numbers),
        figures: figures::all(&numbers),
        table: table(values, &numbers),
        notes,
    }
}

fn numbers(values: &Values) -> Numbers {
    let model = LinearGaussian {
        mu_p: values.get(keys::MU_P),
        sigma_p: values.get(keys::SIGMA_P),
        weight: values.get(keys::WEIGHT),
        bias: 0.0,
        sigma_x: values.get(keys::SIGMA_X),
    };
    let q = Normal { mu: values.get(keys::MU_Q), log_var: log_var(values.get(keys::SIGMA_Q)) };
    let x = values.get(keys::X);
    let terms = model.elbo(x, &q);
    let reverse_kl = model.prior().kl(&q);
    let chosen = values.get(keys::QUANTITY);
    let sample = chosen.sample(&model, x, &q);
    let rng = Rng::new(values.get(SEED) as u64);
    let drawn = draw(&sample, &rng);
    Numbers {
        posterior: model.posterior(x),
        log_px: model.log_px(x),
        gap: model.gap(x, &q),
        kl: terms.kl,
        closed_form: chosen.closed_form(&terms, reverse_kl),
        running: running(&drawn),
        estimate: Estimate::of(&drawn[..values.get(keys::SAMPLES).clamp(1, drawn.len())]),
        errors: rms_errors(&sample, &SIZES, REPEATS, &mut rng.stream(REPEATED)),
        model,
        x,
        q,
        terms,
        reverse_kl,
        chosen,
        sample,
    }
}

/// The maximum number of samples of the chosen quantity: an estimate with fewer uses the first of them.
fn draw(sample: &Quadratic, rng: &Rng) -> Vec<f64> {
    let eps = rng.stream(RUN).normals(MOST_SAMPLES as usize);
    eps.iter().map(|&eps| sample.at(f64::from(eps))).collect()
}

/// Means of the first L, at about sixty L evenly spaced on a logarithmic axis.
fn running(drawn: &[f64]) -> Vec<[f64; 2]> {
    const GROWTH: f64 = 1.15;
    let (mut sum, mut next, mut means) = (0.0, 1.0, Vec::new());
    for (index, value) in drawn.iter().enumerate() {
        sum += value;
        let count = (index + 1) as f64;
        if count >= next || index + 1 == drawn.len() {
            means.push([count, sum / count]);
            next = count * GROWTH;
        }
    }
    means
}

impl Numbers {
    /// Whether the samples differ by more than rounding.
    pub(super) fn is_noisy(&self) -> bool {
        self.sample.standard_error(1) > 1e-9
    }
}

fn all_readouts(numbers: &Numbers) -> Vec<Readout> {
    let Numbers { terms, estimate, .. } = numbers;
    vec![
        readouts::CLOSED_FORM.value(numbers.closed_form),
        Readout {
            error: (estimate.samples > 1).then_some(estimate.standard_error),
            ..readouts::MONTE_CARLO.value(estimate.mean)
        },
        readouts::STANDARD_ERROR.value(estimate.standard_error),
        readouts::EXACT_ERROR.value(numbers.sample.standard_error(estimate.samples)),
        readouts::TERM_2.value(terms.reconstruction),
        readouts::TERM_3.value(terms.expected_log_prior),
        readouts::TERM_4.value(terms.entropy),
        readouts::KL.value(numbers.kl),
        readouts::REVERSE_KL.value(numbers.reverse_kl),
        readouts::ELBO.value(terms.elbo),
        readouts::LOG_PX.value(numbers.log_px),
        readouts::GAP.value(numbers.gap),
        readouts::POSTERIOR_MU.value(numbers.posterior.mu),
        readouts::POSTERIOR_SIGMA.value(numbers.posterior.sigma()),
    ]
}

/// One row per quantity: closed form, estimate from the same noise, its standard error, and the exact standard error.
fn table(values: &Values, numbers: &Numbers) -> Vec<Vec<String>> {
    let rng = Rng::new(values.get(SEED) as u64);
    let header = ["quantity", "samples", "closed_form", "monte_carlo", "standard_error", "exact_error"];
    let rows = Quantity::ALL.iter().map(|&(quantity, name, _)| {
        let sample = quantity.sample(&numbers.model, numbers.x, &numbers.q);
        let estimate = Estimate::of(&draw(&sample, &rng)[..numbers.estimate.samples]);
        vec![
            name.to_owned(),
            estimate.samples.to_string(),
            quantity.closed_form(&numbers.terms, numbers.reverse_kl).to_string(),
            estimate.mean.to_string(),
            estimate.standard_error.to_string(),
            sample.standard_error(estimate.samples).to_string(),
        ]
    });
    std::iter::once(header.map(str::to_owned).to_vec()).chain(rows).collect()
}
