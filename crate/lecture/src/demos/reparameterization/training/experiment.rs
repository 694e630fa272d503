//! The gradients of slide 1.7: autodiff on the device, the others on the host. A step advances the graph by one stage.

use crate::demos::reparameterization::{Mode, keys, readouts};
use burn::tensor::{Device, Tensor};
use figure::{Readout, ReadoutSpec, SEED, Snapshot, Status, Values};
use math::elbo::{LinearGaussian, Normal, log_var};
use math::estimate::Estimate;
use math::reparam::trace::{Backward, Forward, Route, backward, elbo_difference, elbo_estimate, forward};
use math::reparam::{Gradient, closed_form, moment_matched, score};

use super::{figures, graph};
use crate::demos::reparameterization::LAST_STAGE;
use figure::Assets;
use learn::Stream;
use learn::models::{Vae, tensor};
use learn::objectives::{Likelihood, kl_to_standard_normal, log_likelihood};
use learn::{Experiment, StartError};

/// Step size of the finite differences: rounding and truncation errors are both below 1e-7.
const STEP: f64 = 1e-4;

/// The settings of the controls, and the noise drawn for them.
pub(super) struct Question {
    pub(super) model: LinearGaussian,
    pub(super) x: f64,
    pub(super) q: Normal,
    pub(super) route: Route,
    pub(super) seed: u64,
    /// L independent standard normal numbers, as they were drawn.
    plain: Vec<f32>,
    /// The same, or shifted and scaled to mean 0 and mean square 1.
    eps: Vec<f32>,
    /// Whether they are.
    matched: bool,
}

/// What the graph and the figures show.
pub(super) struct Answer {
    pub(super) forward: Forward,
    pub(super) backward: Backward,
    pub(super) autodiff: Gradient,
    pub(super) finite_difference: Gradient,
    pub(super) closed_form: Gradient,
    /// By the score, where z is sampled.
    pub(super) score: Option<Score>,
}

/// The mean of L score gradients, part by part.
#[derive(Clone, Copy)]
pub(super) struct Score {
    pub(super) mu: Estimate,
    pub(super) log_var: Estimate,
}

struct Reparameterization {
    question: Question,
    /// The stage that the control requests, and the one reached by steps since.
    asked_stage: u32,
    stage: u32,
    steps: u64,
    device: Device,
}

pub(crate) fn start(values: &Values, _: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    let stage = values.get(keys::STAGE) as u32;
    let question = Question::new(values);
    Ok(Box::new(Reparameterization {
        question,
        asked_stage: stage,
        stage,
        steps: 0,
        device: device.clone().autodiff(),
    }))
}

impl Question {
    fn new(values: &Values) -> Self {
        let seed = values.get(SEED) as u64;
        let plain = Stream::Noise.rng(seed).normals(values.get(keys::SAMPLES).max(1));
        let matched = values.get(keys::MATCHED) && plain.len() > 1;
        Self {
            model: LinearGaussian {
                mu_p: 0.0,
                sigma_p: 1.0,
                weight: values.get(keys::WEIGHT),
                bias: 0.0,
                sigma_x: values.get(keys::SIGMA_X),
            },
            x: values.get(keys::X),
            q: Normal { mu: values.get(keys::MU), log_var: values.get(keys::LOG_VAR) },
            route: match values.get(keys::MODE) {
                Mode::SampleEps => Route::SampleEps,
                Mode::SampleZ => Route::SampleZ,
            },
            seed,
            eps: if matched { moment_matched(&plain) } else { plain.clone() },
            plain,
            matched,
        }
    }

    /// d ELBO/dmu and d ELBO/dlog_var by autodiff, `[1]` each: as in the VAE's own code, with a product as the decoder.
    ///
    /// ELBO = mean_l log N(x; w z_l, sigma_x²) - KL\[q‖N(0, 1)\], z_l = mu + sigma eps_l. When z is sampled, its values are the
    /// same, but constants: `detach` stops the gradient as a random node does.
    fn autodiff(&self, device: &Device) -> [Tensor<1>; 2] {
        let count = self.eps.len();
        let scalar = |value: f64| tensor(vec![value as f32], [1, 1], device);
        let (mu, log_var_q) = (scalar(self.q.mu).require_grad(), scalar(self.q.log_var).require_grad());
        let each = |parameter: &Tensor<2>| parameter.clone().expand([count, 1]); // [samples, 1]
        let eps = tensor(self.eps.clone(), [count, 1], device);
        let z = Vae::reparameterize(each(&mu), each(&log_var_q), eps);
        let z = match self.route {
            Route::SampleEps => z,
            Route::SampleZ => z.detach(),
        };
        let log_scale = tensor(vec![log_var(self.model.sigma_x) as f32], [1], device);
        let reconstruction =
            log_likelihood(Likelihood::Gaussian, scalar(self.x).expand([count, 1]), z * self.model.weight, log_scale);
        let elbo = reconstruction.mean() - kl_to_standard_normal(mu.clone(), log_var_q.clone());
        let gradients = elbo.backward();
        [mu, log_var_q].map(|parameter| {
            let gradient = parameter.grad(&gradients).expect("the KL depends on both parameters by every route");
            gradient.reshape([1])
        })
    }

    /// Standard errors of the mean gradient through g, from the samples' own gradients.
    fn standard_error(&self) -> Gradient {
        let each = self
            .eps
            .iter()
            .map(|&eps| backward(&self.model, self.x, &self.q, f64::from(eps), Route::SampleEps).total());
        let (mu, log_var): (Vec<f64>, Vec<f64>) = each.map(|gradient| (gradient.mu, gradient.log_var)).unzip();
        Gradient { mu: Estimate::of(&mu).standard_error, log_var: Estimate::of(&log_var).standard_error }
    }

    /// The score gradient over z = mu + sigma eps of the noise as it was drawn, so that these are L independent draws from q. Noise that
    /// was shifted and scaled is none: over it the part of log sigma² is biased, by -3/(L + 1) of what
    /// the reconstruction adds.
    fn score(&self) -> Score {
        let one = |&eps: &f32| score(&self.model, self.x, &self.q, self.q.sample(f64::from(eps)));
        let each = self.plain.iter().map(one);
        let (mu, log_var): (Vec<f64>, Vec<f64>) = each.map(|gradient| (gradient.mu, gradient.log_var)).unzip();
        Score { mu: Estimate::of(&mu), log_var: Estimate::of(&log_var) }
    }

    /// The graph's numbers for the first sample, and all gradients; `autodiff` comes from the device.
    fn answer(&self, autodiff: Gradient) -> Answer {
        let eps = f64::from(self.eps[0]);
        Answer {
            forward: forward(&self.model, self.x, &self.q, eps),
            backward: backward(&self.model, self.x, &self.q, eps, self.route),
            autodiff,
            finite_difference: elbo_difference(&self.model, self.x, &self.q, &self.eps, STEP),
            closed_form: closed_form(&self.model, self.x, &self.q),
            score: (self.route == Route::SampleZ).then(|| self.score()),
        }
    }

    fn notes(&self, answer: &Answer) -> Vec<String> {
        let mut notes = Vec::new();
        if self.route == Route::SampleZ {
            notes.push(format!(
                "z is sampled: autodiff sees the −KL part alone, {:.3} for μ and {:.3} for log σ². What the reconstruction would add stops at z; the score gradient estimates it from the same L draws, without a path. Finite differences with common random numbers keep ε fixed while the parameters move, which is the reparameterization by another name.",
                answer.autodiff.mu, answer.autodiff.log_var
            ));
        }
        if self.eps.len() < 2 {
            notes.push("One sample: no standard error, and no moments to match.".to_owned());
        }
        notes
    }
}

impl Experiment for Reparameterization {
    fn step(&mut self) {
        self.stage = (self.stage + 1).min(LAST_STAGE);
        self.steps += 1;
    }

    fn set(&mut self, values: &Values) {
        let asked = values.get(keys::STAGE) as u32;
        if asked != self.asked_stage {
            (self.asked_stage, self.stage) = (asked, asked);
        }
        self.question = Question::new(values);
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        self.question.autodiff(&self.device).to_vec()
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        let question = &self.question;
        let answer = question.answer(Gradient { mu: f64::from(answers[0][0]), log_var: f64::from(answers[1][0]) });
        Snapshot {
            step: self.steps,
            progress: None,
            status: if self.finished() { Status::Done } else { Status::Going },
            readouts: all_readouts(question, &answer, self.stage),
            figures: vec![
                graph::graph(question, &answer, self.stage),
                figures::slope_mu(question, &answer),
                figures::slope_log_var(question, &answer),
                figures::samples(question),
            ],
            table: Vec::new(),
            notes: question.notes(&answer),
        }
    }

    fn finished(&self) -> bool {
        self.stage >= LAST_STAGE
    }
}

fn all_readouts(question: &Question, answer: &Answer, stage: u32) -> Vec<Readout> {
    let error = question.standard_error();
    // Over matched noise the mean is exact; through a random node only the exact KL part remains.
    let noisy = |readout: ReadoutSpec, value: f64, error: f64, is_estimate: bool| Readout {
        error: (is_estimate && error.is_finite()).then_some(error),
        ..readout.value(value)
    };
    let through_g = !question.matched && question.route == Route::SampleEps;
    let elbo = elbo_estimate(&question.model, question.x, &question.q, &question.eps);
    let Answer { autodiff, finite_difference, closed_form, score, .. } = answer;
    // One sample has no error; where ε is sampled there is nothing to show.
    let by_score = |readout: ReadoutSpec, part: Option<Estimate>| match part {
        Some(part) => noisy(readout, part.mean, part.standard_error, true),
        None => readout.value(f64::NAN),
    };
    vec![
        noisy(readouts::AUTODIFF, autodiff.mu, error.mu, through_g),
        noisy(readouts::FINITE_DIFFERENCE, finite_difference.mu, error.mu, !question.matched),
        readouts::CLOSED_FORM.value(closed_form.mu),
        by_score(readouts::SCORE, score.map(|score| score.mu)),
        noisy(readouts::AUTODIFF_LOG_VAR, autodiff.log_var, error.log_var, through_g),
        noisy(readouts::FINITE_DIFFERENCE_LOG_VAR, finite_difference.log_var, error.log_var, !question.matched),
        readouts::CLOSED_FORM_LOG_VAR.value(closed_form.log_var),
        by_score(readouts::SCORE_LOG_VAR, score.map(|score| score.log_var)),
        noisy(readouts::ELBO, elbo.mean, elbo.standard_error, !question.matched),
        readouts::STAGE.value(f64::from(stage)),
    ]
}
