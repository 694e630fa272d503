//! The decomposition (21) as an experiment: what a step does, what is measured when, and recovery from divergence.

use crate::demos::elbo_surgery::Prior;
use crate::demos::elbo_surgery::{keys, readouts};
use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, activation::sigmoid};
use figure::{Readout, ReadoutSpec, SEED, Snapshot, Values};
use math::mixture::Mixture;

use super::figures::{self, Column};
use super::terms::{HeldOut, Terms};
use crate::shared::trained::{description, split_seed};
use figure::Assets;
use learn::Stream;
use learn::images::ImageSet;
use learn::models::{Vae, VaeConfig, flat, tensor};
use learn::objectives::{Likelihood, log_batch_mixture, log_likelihood, log_posterior};
use learn::vae_trainer::{Pass, VaeTrainer};
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
    /// The latest measurement, and the latest one of the held-out images.
    latest: Option<Measured>,
    latest_heldout: Option<HeldOut>,
    /// The number of data points in the q(z) of the last held-out measurement.
    heldout_points: usize,
    checkpoint: Checkpoint<Vae>,
}

/// A requested measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Request {
    step: u64,
    points: usize,
    prior: Prior,
    /// Whether it makes a row of the curves.
    row: bool,
    /// Whether the held-out images are measured too: with every row, and when there are other data points in q(z).
    heldout: bool,
}

/// One measurement.
pub(super) struct Measured {
    pub(super) step: u64,
    pub(super) prior: Prior,
    pub(super) mixture: Mixture,
    /// Means of q(z|x) of the measured images, `[N, latent]`.
    pub(super) mu: Vec<f64>,
    pub(super) terms: Terms,
    /// None where only the training images were measured.
    pub(super) heldout: Option<HeldOut>,
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
        checkpoint: Checkpoint::new(trainer.vae().clone()),
        trainer,
        batch: values.get(keys::BATCH),
        learning_rate: 0.0,
        beta: 0.0,
        prior: Prior::Normal,
        points: 0,
        curves: Table::new(ROW_EVERY),
        pending: Vec::new(),
        asked: Vec::new(),
        latest: None,
        latest_heldout: None,
        heldout_points: 0,
    };
    run.set(values);
    run.measure(true);
    Ok(Box::new(run))
}

impl Experiment for SurgeryRun {
    fn step(&mut self) {
        self.checkpoint.resume();
        let (beta, prior) = (self.beta, self.prior);
        self.trainer
            .step(self.batch, self.learning_rate, |pass| pass.reconstruction.clone() - kl_of_batch(pass, prior) * beta);
        if self.curves.due(self.trainer.steps()) {
            self.measure(true);
        }
    }

    fn set(&mut self, values: &Values) {
        self.learning_rate = values.get(keys::LEARNING_RATE);
        self.beta = values.get(keys::BETA);
        self.prior = values.get(keys::PRIOR);
        self.points = values.get(keys::POINTS).clamp(1, self.trainer.images.train.len());
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        let now = (self.trainer.steps(), self.points, self.prior);
        if self.pending.last().is_none_or(|(last, _)| (last.step, last.points, last.prior) != now) {
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
        tensors
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        let mut answers = answers.into_iter();
        let mut finite = true;
        for request in std::mem::take(&mut self.asked) {
            let measured = self.measured(request, &answers.next().unwrap_or_default());
            finite &= measured.terms.is_finite();
            if !finite {
                continue;
            }
            self.latest_heldout = measured.heldout.or(self.latest_heldout);
            if let Some(heldout) = measured.heldout.filter(|_| request.row) {
                self.curves.push(request.step, row_of(&measured.terms, &heldout));
            }
            self.latest = Some(measured);
        }
        let (from_prior, from_aggregate) = (answers.next().unwrap_or_default(), answers.next().unwrap_or_default());
        if finite {
            self.checkpoint.save(self.trainer.steps(), self.trainer.vae().clone());
        } else {
            self.go_back();
        }
        let Some(latest) = &self.latest else {
            return Snapshot { status: self.checkpoint.status(false), ..Snapshot::default() };
        };
        let images = &self.trainer.images;
        Snapshot {
            step: self.trainer.steps(),
            progress: None,
            status: self.checkpoint.status(false),
            readouts: all_readouts(self.trainer.steps(), &latest.terms, self.latest_heldout.as_ref()),
            figures: vec![
                figures::terms(&self.curves),
                figures::elbo(&self.curves),
                figures::tension(&self.curves, latest),
                figures::bars(latest),
                figures::latent(images, latest),
                figures::samples(images, &from_prior, &from_aggregate),
            ],
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

/// One sample per image of KL\[q(z|x)‖p(z)\], `[batch]`, nats: closed form for the normal prior; for the aggregate one
/// log q(z|x)/q(z), with the batch's q(z) in place of that of all data.
fn kl_of_batch(pass: &Pass, prior: Prior) -> Tensor<1> {
    match prior {
        Prior::Normal => pass.kl(),
        Prior::Aggregate => {
            let (z, mu, log_var) = (pass.z.clone(), pass.mu.clone(), pass.log_var.clone());
            log_posterior(z.clone(), mu.clone(), log_var.clone()) - log_batch_mixture(z, mu, log_var)
        }
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
        Column::HeldoutNormal => heldout.normal.mean,
        Column::HeldoutNormalError => heldout.normal.standard_error,
        Column::HeldoutAggregate => heldout.aggregate.mean,
        Column::HeldoutAggregateError => heldout.aggregate.standard_error,
    })
}

fn all_readouts(step: u64, terms: &Terms, heldout: Option<&HeldOut>) -> Vec<Readout> {
    let estimate =
        |readout: ReadoutSpec, term: math::estimate::Estimate| readout.estimate(term.mean, term.standard_error);
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
        all.push(estimate(readouts::HELDOUT_ELBO, heldout.normal));
        all.push(estimate(readouts::HELDOUT_ELBO_AGGREGATE, heldout.aggregate));
    }
    all
}

impl SurgeryRun {
    /// Enqueues a measurement of the first N training images: means and log variances, then log p(x|z) of each sample; and at times the
    /// same of the held-out images.
    fn measure(&mut self, row: bool) {
        let n = self.points;
        let images = &self.trainer.images;
        let mut measured = vec![self.measurement(images.select(&images.train[..n]), each(n), self.eps_of(n))];
        let heldout = row || n != self.heldout_points;
        if heldout {
            measured.push(self.measurement(self.heldout.clone(), HELDOUT_EACH, &self.heldout_eps));
            self.heldout_points = n;
        }
        let request = Request { step: self.trainer.steps(), points: n, prior: self.prior, row, heldout };
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
        let Request { step, points, prior, .. } = request;
        let latent = self.trainer.config.latent;
        let numbers: Vec<f64> = answer.iter().map(|&x| f64::from(x)).collect();
        let (seen, heldout) = numbers.split_at(points * (2 * latent + each(points)));
        let (mu, log_var, reconstruction) = parts(seen, points * latent);
        let mixture = Mixture::new(mu, log_var, latent);
        let terms = Terms::of(&mixture, self.eps_of(points), reconstruction, prior);
        let heldout = request.heldout.then(|| {
            let (mu, log_var, reconstruction) = parts(heldout, self.heldout.dims()[0] * latent);
            HeldOut::of(&Mixture::new(mu, log_var, latent), &mixture, &self.heldout_eps, reconstruction)
        });
        Measured { step, prior, mu: mu.to_vec(), mixture, terms, heldout }
    }

    /// The loss is not finite: returns to the weights of the last good snapshot and records a message.
    fn go_back(&mut self) {
        let (back, vae) =
            self.checkpoint.recover(self.trainer.steps(), "the ELBO is not a number any more", self.learning_rate);
        self.trainer.restore(back, vae);
        self.curves.rewind(back);
    }
}
