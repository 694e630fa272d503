//! From the controls to the numbers of slide 1.3: Lemma 1, and the same by sampling.

use figure::{Readout, Role, Snapshot, Status, Values};
use math::elbo::{LinearGaussian, Normal, Terms, log_var};
use math::estimate::Estimate;
use math::quadratic::{Quadratic, rms_errors};
use math::rng::Rng;

use super::{MOST_SAMPLES, figures};
use crate::Assets;

/// Independent estimates behind each point of the error line: its relative standard deviation is about 7 %.
pub(super) const REPEATS: usize = 100;
/// The L of the error line's points.
pub(super) const SIZES: [usize; 9] = [1, 3, 10, 30, 100, 300, 1_000, 3_000, MOST_SAMPLES as usize];

/// Streams under the seed.
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
    /// The running mean of the chosen quantity, (L, mean), up to the most samples.
    pub(super) running: Vec<[f64; 2]>,
    pub(super) estimate: Estimate,
    /// Root mean square errors of repeated estimates at [`SIZES`].
    pub(super) errors: Vec<f64>,
}

/// What is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Elbo,
    Reconstruction,
    LogPrior,
    Entropy,
    Kl,
    ReverseKl,
}

impl Quantity {
    const ALL: [Self; 6] = [Self::Elbo, Self::Reconstruction, Self::LogPrior, Self::Entropy, Self::Kl, Self::ReverseKl];

    fn of(values: &Values) -> Self {
        let asked = values.text("quantity");
        Self::ALL.into_iter().find(|quantity| quantity.value() == asked).unwrap_or(Self::Elbo)
    }

    /// Its value of the control.
    fn value(self) -> &'static str {
        match self {
            Self::Elbo => "elbo",
            Self::Reconstruction => "term_2",
            Self::LogPrior => "term_3",
            Self::Entropy => "term_4",
            Self::Kl => "kl",
            Self::ReverseKl => "reverse_kl",
        }
    }

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

/// The demo at these values.
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
        readouts: readouts(&numbers),
        figures: figures::all(&numbers),
        table: table(values, &numbers),
        notes,
    }
}

fn numbers(values: &Values) -> Numbers {
    let model = LinearGaussian {
        mu_p: values.number("mu_p"),
        sigma_p: values.number("sigma_p"),
        weight: values.number("weight"),
        bias: 0.0,
        sigma_x: values.number("sigma_x"),
    };
    let q = Normal { mu: values.number("mu_q"), log_var: log_var(values.number("sigma_q")) };
    let x = values.number("x");
    let terms = model.elbo(x, &q);
    let reverse_kl = model.prior().kl(&q);
    let chosen = Quantity::of(values);
    let sample = chosen.sample(&model, x, &q);
    let rng = Rng::new(values.integer("seed") as u64);
    let drawn = draw(&sample, &rng);
    Numbers {
        posterior: model.posterior(x),
        log_px: model.log_px(x),
        gap: model.gap(x, &q),
        kl: terms.kl,
        closed_form: chosen.closed_form(&terms, reverse_kl),
        running: running(&drawn),
        estimate: Estimate::of(&drawn[..values.integer("samples").clamp(1, drawn.len())]),
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

/// The most samples of the chosen quantity: an estimate with fewer takes the first of them.
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
    /// Whether samples differ at all, beyond rounding.
    pub(super) fn is_noisy(&self) -> bool {
        self.sample.standard_error(1) > 1e-9
    }
}

fn readouts(numbers: &Numbers) -> Vec<Readout> {
    let Numbers { terms, estimate, .. } = numbers;
    let exact = Readout::exact;
    vec![
        exact("closed_form", numbers.closed_form),
        Readout {
            error: (estimate.samples > 1).then_some(estimate.standard_error),
            ..exact("monte_carlo", estimate.mean)
        },
        exact("standard_error", estimate.standard_error),
        exact("exact_error", numbers.sample.standard_error(estimate.samples)),
        exact("term_2", terms.reconstruction),
        exact("term_3", terms.expected_log_prior),
        exact("term_4", terms.entropy),
        exact("kl", numbers.kl),
        exact("reverse_kl", numbers.reverse_kl),
        exact("elbo", terms.elbo),
        exact("log_px", numbers.log_px),
        exact("gap", numbers.gap),
        exact("posterior_mu", numbers.posterior.mu),
        exact("posterior_sigma", numbers.posterior.sigma()),
    ]
}

/// One row per quantity: closed form, estimate from the same noise, its standard error, and that error exactly.
fn table(values: &Values, numbers: &Numbers) -> Vec<Vec<String>> {
    let rng = Rng::new(values.integer("seed") as u64);
    let header = ["quantity", "samples", "closed_form", "monte_carlo", "standard_error", "exact_error"];
    let rows = Quantity::ALL.into_iter().map(|quantity| {
        let sample = quantity.sample(&numbers.model, numbers.x, &numbers.q);
        let estimate = Estimate::of(&draw(&sample, &rng)[..numbers.estimate.samples]);
        vec![
            quantity.value().to_owned(),
            estimate.samples.to_string(),
            quantity.closed_form(&numbers.terms, numbers.reverse_kl).to_string(),
            estimate.mean.to_string(),
            estimate.standard_error.to_string(),
            sample.standard_error(estimate.samples).to_string(),
        ]
    });
    std::iter::once(header.map(str::to_owned).to_vec()).chain(rows).collect()
}
