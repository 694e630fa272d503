//! The decomposition (21) as an experiment: what a step does, what is measured when, and recovery from divergence.

use crate::demos::elbo_surgery::Prior;
use crate::demos::elbo_surgery::{keys, readouts};
use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, activation::sigmoid};
use figure::{Readout, ReadoutSpec, SEED, Snapshot, Values};
use math::estimate::Estimate;
use math::mixture::Mixture;

use super::figures::{self, Column};
use super::learned;
use super::priors::{Learned, Parameters, Priors};
use super::terms::{Compared, Density, HeldOut, Terms};
use crate::shared::trained::{description, split_seed};
use figure::Assets;
use learn::Stream;
use learn::images::ImageSet;
use learn::models::{Vae, VaeConfig, flat, tensor};
use learn::objectives::{Likelihood, log_likelihood};
use learn::vae_trainer::VaeTrainer;
use learn::{Checkpoint, Experiment, Row, StartError, Table, Weight};

/// Initial number of steps between rows of the curves.
const ROW_EVERY: u64 = 25;
/// Samples of z in one measurement, divided among the data points.
const SAMPLES: usize = 2048;
/// The fewest samples for one data point: two give a standard error.
const LEAST_EACH: usize = 2;
/// Decoded samples from the prior, and from q(z).
const SHOWN: usize = 10;
/// Samples of z for each held-out image.
const HELDOUT_EACH: usize = 2;

struct SurgeryRun {
    trainer: VaeTrainer,
    batch: usize,
    learning_rate: f64,
    beta: f64,
    prior: Prior,
    points: usize,
    /// Whether both learned priors are fitted beside the VAE, whichever prior is in force.
    beside: bool,
    priors: Priors,
    /// Noise of the measurements, the same every time, so that changes in a figure come from training alone. `[SAMPLES, latent]`.
    eps: Vec<f32>,
    /// Noise of the held-out measurements, `[HELDOUT_EACH·heldout, latent]`.
    heldout_eps: Vec<f32>,
    heldout: Tensor<2>,
    /// Noise of the decoded samples, `[SHOWN, latent]`.
    shown_eps: Tensor<2>,
    /// Which component each sample from q(z) comes from, as a share of their number.
    shown_components: Vec<f64>,
    curves: Table<Column>,
    pending: Vec<(Request, Tensor<1>)>,
    /// The kinds of the last `ask`'s answers, in order.
    asked: Vec<Request>,
    /// Whether it asked for samples of a learned prior, and for pseudo-inputs.
    asked_learned: [bool; 2],
    /// The latest measurement, and the latest one of the held-out images.
    latest: Option<Measured>,
    latest_heldout: Option<HeldOut>,
    /// What the priors of the last held-out measurement were made of.
    heldout_priors: MadeOf,
    checkpoint: Checkpoint<State>,
}

/// What a diverged run goes back to.
#[derive(Clone)]
struct State {
    vae: Vae,
    priors: Parameters,
}

/// What the priors of a measurement are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct MadeOf {
    /// N, the data points in q(z).
    points: usize,
    /// Which learned priors there are.
    learned: [bool; 2],
    /// K, their components.
    components: usize,
}

/// A requested measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Request {
    step: u64,
    of: MadeOf,
    prior: Prior,
    /// Whether it makes a row of the curves.
    row: bool,
    /// Whether the held-out images are measured too: with every row, and when the priors are made of something else.
    heldout: bool,
}

/// One measurement.
pub(super) struct Measured {
    pub(super) step: u64,
    pub(super) prior: Prior,
    pub(super) mixture: Mixture,
    pub(super) learned: Learned,
    /// Means of q(z|x) of the measured images, `[N, latent]`.
    pub(super) mu: Vec<f64>,
    pub(super) terms: Terms,
    /// None where only the training images were measured.
    pub(super) heldout: Option<HeldOut>,
    /// What is not a number any more, if anything.
    wrong: Option<&'static str>,
}

pub(crate) fn start(values: &Values, assets: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    let seed = values.get(SEED) as u64;
    let images = ImageSet::digits(split_seed(assets, seed), device);
    let config =
        VaeConfig::new(images.pixels(), values.get(keys::HIDDEN), values.get(keys::LATENT), Likelihood::Bernoulli);
    let shown_eps = Stream::Samples.rng(seed).normals(SHOWN * config.latent);
    let mut components = Stream::Samples.rng(seed).stream(1);
    let heldout = images.select(&images.heldout);
    let heldout_noise = HELDOUT_EACH * images.heldout.len() * config.latent;
    let mut trainer = VaeTrainer::new(config, images, seed, device);
    if let Some(bytes) = assets.0.get("model") {
        trainer.load(bytes).map_err(StartError::Unusable)?;
    }
    let mut run = SurgeryRun {
        eps: Stream::Fixed.rng(seed).normals(SAMPLES * config.latent),
        heldout_eps: Stream::Fixed.rng(seed).stream(1).normals(heldout_noise),
        heldout,
        shown_eps: tensor(shown_eps, [SHOWN, config.latent], device),
        shown_components: (0..SHOWN).map(|_| components.uniform()).collect(),
        checkpoint: Checkpoint::new(State { vae: trainer.vae().clone(), priors: Parameters::default() }),
        beside: false,
        priors: Priors::new(seed),
        trainer,
        batch: values.get(keys::BATCH),
        learning_rate: 0.0,
        beta: 0.0,
        prior: Prior::Normal,
        points: 0,
        curves: Table::new(ROW_EVERY),
        pending: Vec::new(),
        asked: Vec::new(),
        asked_learned: [false; 2],
        latest: None,
        latest_heldout: None,
        heldout_priors: MadeOf::default(),
    };
    run.set(values);
    run.measure(true);
    Ok(Box::new(run))
}

impl Experiment for SurgeryRun {
    fn step(&mut self) {
        self.checkpoint.resume();
        let (beta, prior, rate) = (self.beta, self.prior, self.learning_rate);
        let (vae, parameters) = (self.trainer.vae().clone(), self.priors.parameters());
        self.trainer.step_beside(
            self.batch,
            rate,
            |pass| parameters.objective(pass, &vae, beta, prior),
            |gradients| self.priors.descend(gradients, rate),
        );
        if self.curves.due(self.trainer.steps()) {
            self.measure(true);
        }
    }

    fn set(&mut self, values: &Values) {
        self.learning_rate = values.get(keys::LEARNING_RATE);
        self.beta = values.get(keys::BETA);
        self.prior = values.get(keys::PRIOR);
        self.points = values.get(keys::POINTS).clamp(1, self.trainer.images.train.len());
        self.beside = values.get(keys::LEARNED_PRIORS);
        self.begin_priors(values.get(keys::COMPONENTS).clamp(1, self.trainer.images.train.len()));
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        let now = (self.trainer.steps(), self.made_of(), self.prior);
        if self.pending.last().is_none_or(|(last, _)| (last.step, last.of, last.prior) != now) {
            self.measure(false);
        }
        let (requests, mut tensors): (Vec<_>, Vec<_>) = self.pending.drain(..).unzip();
        self.asked = requests;
        let vae = self.trainer.valid();
        tensors.push(flat(sigmoid(vae.decoder.forward(self.shown_eps.clone()))));
        let component = |share: &f64| self.trainer.images.train[(share * self.points as f64) as usize];
        let components: Vec<usize> = self.shown_components.iter().map(component).collect();
        let x = self.trainer.images.select(&components);
        let (mu, log_var) = vae.encoder.forward(x);
        let z = Vae::reparameterize(mu, log_var, self.shown_eps.clone());
        tensors.push(flat(sigmoid(vae.decoder.forward(z))));
        let learned = self.priors.chosen(self.prior, &self.shown_components, &vae).map(|(mu, log_var)| {
            let z = Vae::reparameterize(mu, log_var, self.shown_eps.clone());
            flat(sigmoid(vae.decoder.forward(z)))
        });
        let inputs = self.priors.pseudo_inputs(SHOWN).filter(|_| self.beside);
        self.asked_learned = [learned.is_some(), inputs.is_some()];
        tensors.extend(learned.into_iter().chain(inputs));
        tensors
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        let mut answers = answers.into_iter();
        let mut wrong = None;
        for request in std::mem::take(&mut self.asked) {
            let measured = self.measured(request, &answers.next().unwrap_or_default());
            wrong = wrong.or(measured.wrong);
            if wrong.is_some() {
                continue;
            }
            self.latest_heldout = measured.heldout.or(self.latest_heldout);
            if let Some(heldout) = measured.heldout.filter(|_| request.row) {
                self.curves.push(request.step, row_of(&measured.terms, &heldout));
            }
            self.latest = Some(measured);
        }
        let (from_prior, from_aggregate) = (answers.next().unwrap_or_default(), answers.next().unwrap_or_default());
        let [from_learned, pseudo_inputs] = self.asked_learned.map(|asked| if asked { answers.next() } else { None });
        match wrong {
            None => {
                let state = State { vae: self.trainer.vae().clone(), priors: self.priors.parameters() };
                self.checkpoint.save(self.trainer.steps(), state);
            }
            Some(wrong) => self.go_back(wrong),
        }
        let Some(latest) = &self.latest else {
            return Snapshot { status: self.checkpoint.status(false), ..Snapshot::default() };
        };
        let images = &self.trainer.images;
        let mut figures = vec![
            figures::terms(&self.curves),
            figures::elbo(&self.curves),
            figures::tension(&self.curves, latest),
            figures::rate_distortion(&self.curves, latest),
            figures::bars(latest),
            figures::latent(images, latest),
            figures::samples(images, &from_prior, &from_aggregate, from_learned.as_deref()),
        ];
        if let Some(inputs) = pseudo_inputs {
            figures.push(learned::priors(&self.curves, latest.prior));
            figures.push(learned::pseudo_inputs(images, &self.priors.began, &inputs));
        }
        Snapshot {
            step: self.trainer.steps(),
            progress: None,
            status: self.checkpoint.status(false),
            readouts: all_readouts(self.trainer.steps(), &latest.terms, self.latest_heldout.as_ref()),
            figures,
            table: self.curves.export(),
            notes: Vec::new(),
        }
    }

    fn weights(&self) -> Vec<Weight> {
        self.trainer.weights()
    }

    fn description(&self) -> BTreeMap<String, String> {
        description(&self.trainer.config, &self.trainer.images, false, self.trainer.steps())
    }
}

/// Means and log variances, `size` numbers each, and the rest.
fn parts(numbers: &[f64], size: usize) -> (&[f64], &[f64], &[f64]) {
    let (mu, rest) = numbers.split_at(size);
    let (log_var, reconstruction) = rest.split_at(size);
    (mu, log_var, reconstruction)
}

/// Samples of each of N data points.
fn each(points: usize) -> usize {
    (SAMPLES / points).max(LEAST_EACH)
}

fn row_of(terms: &Terms, heldout: &HeldOut) -> Row<Column> {
    let unknown = Estimate { mean: f64::NAN, standard_error: f64::NAN, samples: 0 };
    let learned = |prior: Option<Compared>| prior.unwrap_or(Compared { elbo: unknown, gain: unknown });
    Row::from_fn(|column| match column {
        Column::Reconstruction => terms.reconstruction.mean,
        Column::ReconstructionError => terms.reconstruction.standard_error,
        Column::Mi => terms.mi.mean,
        Column::MiError => terms.mi.standard_error,
        Column::MarginalKl => terms.marginal_kl.mean,
        Column::MarginalKlError => terms.marginal_kl.standard_error,
        Column::Kl => terms.kl.mean,
        Column::KlError => terms.kl.standard_error,
        Column::Elbo => terms.elbo.mean,
        Column::ElboError => terms.elbo.standard_error,
        Column::Residual => terms.residual.mean,
        Column::ResidualError => terms.residual.standard_error,
        Column::LogN => terms.log_n,
        Column::HeldoutNormal => heldout.normal.elbo.mean,
        Column::HeldoutNormalError => heldout.normal.elbo.standard_error,
        Column::HeldoutAggregate => heldout.aggregate.elbo.mean,
        Column::HeldoutAggregateError => heldout.aggregate.elbo.standard_error,
        Column::HeldoutMixture => learned(heldout.mixture).elbo.mean,
        Column::HeldoutMixtureError => learned(heldout.mixture).elbo.standard_error,
        Column::HeldoutVamp => learned(heldout.vamp).elbo.mean,
        Column::HeldoutVampError => learned(heldout.vamp).elbo.standard_error,
        Column::GainNormal => heldout.normal.gain.mean,
        Column::GainNormalError => heldout.normal.gain.standard_error,
        Column::GainAggregate => heldout.aggregate.gain.mean,
        Column::GainAggregateError => heldout.aggregate.gain.standard_error,
        Column::GainMixture => learned(heldout.mixture).gain.mean,
        Column::GainMixtureError => learned(heldout.mixture).gain.standard_error,
        Column::GainVamp => learned(heldout.vamp).gain.mean,
        Column::GainVampError => learned(heldout.vamp).gain.standard_error,
    })
}

fn all_readouts(step: u64, terms: &Terms, heldout: Option<&HeldOut>) -> Vec<Readout> {
    let estimate = |readout: ReadoutSpec, term: Estimate| readout.estimate(term.mean, term.standard_error);
    let mut all = vec![
        readouts::STEP.value(step as f64),
        estimate(readouts::RECONSTRUCTION, terms.reconstruction),
        estimate(readouts::MI, terms.mi),
        estimate(readouts::MARGINAL_KL, terms.marginal_kl),
        match terms.kl.standard_error {
            0.0 => readouts::KL.value(terms.kl.mean),
            _ => estimate(readouts::KL, terms.kl),
        },
        estimate(readouts::ELBO, terms.elbo),
        estimate(readouts::SUM, terms.sum),
        estimate(readouts::RESIDUAL, terms.residual),
        readouts::LOG_N.value(terms.log_n),
    ];
    if let Some(heldout) = heldout {
        all.push(estimate(readouts::HELDOUT_ELBO, heldout.normal.elbo));
        all.push(estimate(readouts::HELDOUT_ELBO_AGGREGATE, heldout.aggregate.elbo));
        all.extend(heldout.mixture.map(|prior| estimate(readouts::HELDOUT_ELBO_MIXTURE, prior.elbo)));
        all.extend(heldout.vamp.map(|prior| estimate(readouts::HELDOUT_ELBO_VAMP, prior.elbo)));
    }
    all
}

impl SurgeryRun {
    /// The learned priors that are wanted, with K components: both where they are fitted beside the VAE, else the one in force.
    fn begin_priors(&mut self, components: usize) {
        if components != self.priors.began.len() {
            self.checkpoint.state_mut().priors = Parameters::default();
        }
        let (beside, force) = (self.beside, self.prior);
        self.priors.want(|prior| beside || prior == force, components, &self.trainer);
    }

    /// What the priors are made of now.
    fn made_of(&self) -> MadeOf {
        MadeOf { points: self.points, learned: self.priors.there(), components: self.priors.began.len() }
    }

    /// Enqueues a measurement of the first N training images: means and log variances, then log p(x|z) of each sample; the components of the
    /// learned priors; and at times the same of the held-out images.
    fn measure(&mut self, row: bool) {
        let of = self.made_of();
        let n = of.points;
        let images = &self.trainer.images;
        let mut measured = vec![self.measurement(images.select(&images.train[..n]), each(n), self.eps_of(n))];
        measured.extend(self.priors.components(&self.trainer.valid()));
        let heldout = row || of != self.heldout_priors;
        if heldout {
            measured.push(self.measurement(self.heldout.clone(), HELDOUT_EACH, &self.heldout_eps));
            self.heldout_priors = of;
        }
        let request = Request { step: self.trainer.steps(), of, prior: self.prior, row, heldout };
        self.pending.push((request, Tensor::cat(measured, 0)));
    }

    /// Means `[n, latent]`, log variances `[n, latent]`, and log p(x|z) `[each·n]` of images x `[n, pixel]`, one after the other.
    fn measurement(&self, x: Tensor<2>, each: usize, eps: &[f32]) -> Tensor<1> {
        let config = &self.trainer.config;
        let vae = self.trainer.valid();
        let (mu, log_var) = vae.encoder.forward(x.clone());
        let eps = tensor(eps.to_vec(), [each * x.dims()[0], config.latent], &x.device());
        let z = Vae::reparameterize(mu.clone().repeat_dim(0, each), log_var.clone().repeat_dim(0, each), eps);
        let decoded = vae.decoder.forward(z);
        let log_scale = vae.decoder.log_scale.val();
        let reconstruction = log_likelihood(config.likelihood, x.repeat_dim(0, each), decoded, log_scale);
        Tensor::cat(vec![flat(mu), flat(log_var), reconstruction], 0)
    }

    /// The noise of a measurement of N data points, `[each·N, latent]`.
    fn eps_of(&self, points: usize) -> &[f32] {
        &self.eps[..each(points) * points * self.trainer.config.latent]
    }

    fn measured(&self, request: Request, answer: &[f32]) -> Measured {
        let Request { step, of, prior, .. } = request;
        let (latent, points) = (self.trainer.config.latent, of.points);
        let numbers: Vec<f64> = answer.iter().map(|&x| f64::from(x)).collect();
        let (seen, rest) = numbers.split_at(points * (2 * latent + each(points)));
        let learned = of.learned.iter().filter(|there| **there).count() * of.components * 2 * latent;
        let (learned, heldout) = rest.split_at(learned);
        let learned_is_finite = learned.iter().all(|number| number.is_finite());
        let learned = Learned::read(learned, of.learned, latent);
        let (mu, log_var, reconstruction) = parts(seen, points * latent);
        let mixture = Mixture::new(mu, log_var, latent);
        let density = match (prior, learned.of(prior)) {
            (_, Some(learned)) => Density::Learned(learned),
            (Prior::Aggregate, None) => Density::Aggregate,
            _ => Density::Normal,
        };
        let terms = Terms::of(&mixture, self.eps_of(points), reconstruction, density);
        let heldout = request.heldout.then(|| {
            let (mu, log_var, reconstruction) = parts(heldout, self.heldout.dims()[0] * latent);
            let heldout = Mixture::new(mu, log_var, latent);
            HeldOut::of(&heldout, &mixture, &learned, prior, &self.heldout_eps, reconstruction)
        });
        let wrong = if !terms.is_finite() {
            Some("the ELBO is not a number any more")
        } else if !learned_is_finite || heldout.is_some_and(|heldout| !heldout.is_finite()) {
            Some("a learned prior is not a density any more")
        } else {
            None
        };
        Measured { step, prior, mu: mu.to_vec(), mixture, learned, terms, heldout, wrong }
    }

    /// Something is not finite: returns to the weights of the last good snapshot and records a message.
    fn go_back(&mut self, wrong: &str) {
        let (back, state) = self.checkpoint.recover(self.trainer.steps(), wrong, self.learning_rate);
        self.trainer.restore(back, state.vae);
        self.priors.restore(state.priors);
        self.begin_priors(self.priors.began.len());
        self.curves.rewind(back);
        self.heldout_priors = MadeOf::default(); // measured at a step that is no more
    }
}
