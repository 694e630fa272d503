//! The experiment on collapse: trains one VAE, or a map of many, several at a time, and measures collapse along the way.

mod shared;

use crate::demos::posterior_collapse::{MapOf, PixelModel, keys, readouts};
use burn::tensor::{Device, Tensor};
use figure::{Readout, SEED, Snapshot, Status, Values};
use math::ppca::{Eigen, Moments};

use self::shared::{Decoded, Kind};
use super::figures::View;
use super::learner::{Knobs, Learner, Shape, Strength, flat};
use super::map::{BETAS, DECODERS, Map, Rows, SIGMAS};
use super::measure::{Measure, linear_kl, share};
use figure::Assets;
use learn::history::History;
use learn::images::{ImageSet, Stream};
use learn::lanes::{self, Lanes, Share};
use learn::models::tensor;
use learn::objectives::Likelihood;
use learn::{Experiment, StartError, Weight};

/// Initial number of steps between rows of the curves.
const ROW_EVERY: u64 = 20;
/// The same for each VAE of a map, of which there are many.
const MAP_ROW_EVERY: u64 = 50;
/// Steps whose collapse curves are kept in the figure.
const GHOSTS: [u64; 4] = [0, 100, 400, 2000];

/// The columns of the history before the thresholds.
pub(super) const COLUMNS: usize = 5;
pub(super) const RECONSTRUCTION: usize = 0;
pub(super) const KL: usize = 1;
pub(super) const WEIGHT: usize = 2;
pub(super) const ACTIVE: usize = 3;
/// The share of dimensions that the linear VAE collapses at the current settings.
pub(super) const LINEAR: usize = 4;

struct Collapse {
    /// The VAEs in training, lane by lane: one, or the cells of the map that train together. The first is shown. Only the
    /// instance that computes a lane trains its VAE.
    learners: Vec<Learner>,
    mine: Share,
    /// The settings of the controls; a map's cells have their own.
    shape: Shape,
    knobs: Knobs,
    epsilon: f64,
    delta: f64,
    /// Eigenvalues and eigenvectors of the training images' covariance.
    eigen: Eigen,
    map: Option<Map>,
    map_steps: u64,
    /// Steps from the beginning, and of the current learners.
    steps: u64,
    within: u64,
    /// How many learners each lane has had before the current ones.
    before: usize,
    curves: History,
    /// Thresholds at some early steps.
    ghosts: Vec<(u64, Vec<f64>)>,
    /// What is to be read, with its tensor where this instance computes the lane.
    pending: Vec<(Kind, Option<Tensor<1>>)>,
    asked: Vec<Kind>,
    latest: Option<Measure>,
    decoded: Decoded,
    shown: Vec<usize>,
    shown_eps: Tensor<2>,
    failure: Option<String>,
    device: Device,
}

pub(crate) fn start(values: &Values, _: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    let seed = values.get(SEED) as u64;
    let images = ImageSet::digits(seed, device);
    let map = match values.get(keys::MAP) {
        MapOf::Off => None,
        MapOf::SigmaX => Some(Map::new(Rows::SigmaX)),
        MapOf::Decoder => Some(Map::new(Rows::Decoder)),
    };
    // A map over σ_x needs a likelihood with a σ_x.
    let over_sigma = map.as_ref().is_some_and(|map| map.rows == Rows::SigmaX);
    let likelihood = match values.get(keys::LIKELIHOOD) {
        PixelModel::Bernoulli if !over_sigma => Likelihood::Bernoulli,
        PixelModel::Bernoulli | PixelModel::Gaussian => Likelihood::Gaussian,
    };
    let shape = Shape {
        latent: values.get(keys::LATENT),
        hidden: values.get(keys::HIDDEN),
        decoder: Strength {
            layers: values.get(keys::DECODER_LAYERS),
            hidden: values.get(keys::DECODER_HIDDEN),
            autoregressive: values.get(keys::AUTOREGRESSIVE),
        },
        likelihood,
        batch: values.get(keys::BATCH),
        seed,
    };
    let knobs = knobs_of(values);
    let moments = Moments::of(&images.digits.gather(&images.train), images.pixels());
    let shown = images.one_of_each();
    let shown_eps = Stream::Samples.rng(seed).normals(shown.len() * shape.latent);
    let mut run = Collapse {
        shown_eps: tensor(shown_eps, [shown.len(), shape.latent], device),
        shown,
        learners: vec![Learner::new(shape, knobs, images, device)],
        mine: Share::ALL,
        shape,
        knobs,
        epsilon: 0.0,
        delta: 0.0,
        eigen: Eigen::of(&moments.covariance),
        map,
        map_steps: values.get(keys::MAP_STEPS) as u64,
        steps: 0,
        within: 0,
        before: 0,
        curves: History::new(ROW_EVERY),
        ghosts: Vec::new(),
        pending: Vec::new(),
        asked: Vec::new(),
        latest: None,
        decoded: Decoded::default(),
        failure: None,
        device: device.clone(),
    };
    run.set(values);
    if run.map.is_some() {
        run.begin_cells();
    }
    run.record();
    Ok(Box::new(run))
}

fn knobs_of(values: &Values) -> Knobs {
    Knobs {
        learning_rate: values.get(keys::LEARNING_RATE),
        beta: values.get(keys::BETA),
        sigma_x: values.get(keys::SIGMA_X),
        warm_up: if values.get(keys::WARM_UP) { values.get(keys::WARM_UP_STEPS) as u64 } else { 0 },
    }
}

impl Experiment for Collapse {
    fn step(&mut self) {
        if self.finished() {
            return;
        }
        self.failure = None; // after a failure, play continues from the restored weights
        let mine = self.mine;
        for (_, learner) in self.learners.iter_mut().enumerate().filter(|(lane, _)| mine.has(*lane)) {
            learner.step();
        }
        self.steps += 1;
        self.within += 1;
        self.record();
        if self.map.is_none() || self.within < self.map_steps {
            return;
        }
        for (lane, cell) in self.cells().to_vec().into_iter().enumerate() {
            let measured = mine.has(lane).then(|| self.learners[lane].measure());
            self.pending.push((Kind::Cell { lane, cell }, measured));
        }
        if let Some(map) = &mut self.map {
            map.advance();
        }
        if !self.cells().is_empty() {
            self.begin_cells();
            self.record();
        }
    }

    fn set(&mut self, values: &Values) {
        self.knobs = knobs_of(values);
        self.epsilon = values.get(keys::EPSILON);
        let delta = values.get(keys::DELTA);
        if delta != self.delta {
            self.ghosts.clear();
        }
        self.delta = delta;
        let knobs = |lane: usize| self.cells().get(lane).map_or(self.knobs, |&cell| self.knobs_at(cell));
        let knobs: Vec<Knobs> = (0..self.learners.len()).map(knobs).collect();
        self.learners.iter_mut().zip(knobs).for_each(|(learner, knobs)| learner.set(knobs));
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        let look = Kind::Look { step: self.within };
        self.pending.push((look, self.first().map(Learner::measure)));
        let (kinds, tensors): (Vec<_>, Vec<_>) = self.pending.drain(..).unzip();
        self.asked = kinds;
        let mut tensors: Vec<Tensor<1>> = tensors.into_iter().flatten().collect();
        let Some(first) = self.first() else { return tensors };
        let model = first.valid();
        let (mu, _) = model.encoder.forward(first.images().select(&self.shown));
        tensors.push(flat(model.decoder.forward(mu)));
        tensors.push(flat(model.decoder.forward(self.shown_eps.clone())));
        if let Some(earlier) = &model.earlier {
            tensors.push(flat(earlier.strictly_earlier()));
        }
        tensors
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        lanes::alone(self, answers)
    }

    fn lanes(&mut self) -> Option<&mut dyn Lanes> {
        Some(self)
    }

    fn finished(&self) -> bool {
        self.map.as_ref().is_some_and(|map| map.current().is_empty())
    }

    fn weights(&self) -> Vec<Weight> {
        learn::models::weights(&self.learners[0].valid())
    }
}

impl Collapse {
    /// The cells of the map in training, lane by lane.
    fn cells(&self) -> &[usize] {
        self.map.as_ref().map_or(&[], Map::current)
    }

    /// The share of a map's updates that are done.
    fn progress(&self) -> Option<f64> {
        let map = self.map.as_ref()?;
        let present = self.cells().len() as f64 * self.within as f64 / self.map_steps as f64;
        Some((map.done() as f64 + present) / map.cells.len() as f64)
    }

    /// The learner that is shown, where this instance computes its lane.
    fn first(&self) -> Option<&Learner> {
        self.mine.has(0).then(|| &self.learners[0])
    }

    /// The settings of a cell: those that its place does not fix come from the controls.
    fn knobs_at(&self, cell: usize) -> Knobs {
        let (column, row) = Map::place(cell);
        let over_sigma = self.map.as_ref().is_some_and(|map| map.rows == Rows::SigmaX);
        Knobs { beta: BETAS[column], sigma_x: if over_sigma { SIGMAS[row] } else { self.knobs.sigma_x }, ..self.knobs }
    }

    fn shape_at(&self, cell: usize) -> Shape {
        let over_decoder = self.map.as_ref().is_some_and(|map| map.rows == Rows::Decoder);
        if !over_decoder {
            return self.shape;
        }
        let (layers, autoregressive) = DECODERS[Map::place(cell).1];
        Shape { decoder: Strength { layers, autoregressive, ..self.shape.decoder }, ..self.shape }
    }

    /// Creates the learners of the next cells.
    fn begin_cells(&mut self) {
        let learner = |&cell: &usize| {
            let images = self.learners[0].images().clone();
            Learner::new(self.shape_at(cell), self.knobs_at(cell), images, &self.device)
        };
        self.learners = self.cells().iter().map(learner).collect();
        self.within = 0;
        self.before += 1;
        self.curves = History::new(MAP_ROW_EVERY);
        self.ghosts.clear();
    }

    /// Enqueues the row of the curves that is due.
    fn record(&mut self) {
        let (step, knobs) = (self.within, self.learners[0].knobs);
        if self.curves.due(step) {
            let row = Kind::Row { learner: self.before, step, knobs };
            self.pending.push((row, self.first().map(Learner::measure)));
        }
    }

    /// Stores an answer; false when its numbers are not finite.
    fn take(&mut self, kind: Kind, answer: &[f64]) -> bool {
        let step = if let Kind::Row { step, .. } | Kind::Look { step } = kind { step } else { self.map_steps };
        let n = self.learners[0].images().train.len();
        let measure = Measure::of(step, self.shape.latent, n, answer);
        let finite = measure.is_finite();
        match kind {
            Kind::Cell { cell, .. } => {
                let thresholds =
                    if finite { measure.thresholds(self.delta) } else { vec![f64::NAN; self.shape.latent] };
                if let Some(map) = &mut self.map {
                    map.cells[cell] = thresholds;
                }
                return true; // a diverged cell has no value, and the map continues
            }
            Kind::Row { learner, knobs, .. } if finite && learner == self.before => {
                let thresholds = measure.thresholds(self.delta);
                let linear = linear_kl(&self.eigen, self.shape.latent, knobs.beta, knobs.sigma_x);
                let gone = linear.iter().filter(|&&kl| kl <= 0.0).count() as f64 / linear.len() as f64;
                let mut row = vec![
                    measure.reconstruction.mean,
                    measure.kl(),
                    knobs.weight(step),
                    measure.active_units() as f64,
                    gone,
                ];
                row.extend_from_slice(&thresholds);
                self.curves.push(step, row);
                if GHOSTS.contains(&step) {
                    self.ghosts.push((step, thresholds));
                }
            }
            Kind::Look { .. } if finite => self.latest = Some(measure),
            Kind::Row { .. } | Kind::Look { .. } => {}
        }
        finite
    }

    /// KL of each dimension of the best linear VAE, where its closed form applies.
    fn linear(&self) -> Option<Vec<f64>> {
        let Learner { shape, knobs, .. } = &self.learners[0];
        let applies = shape.likelihood == Likelihood::Gaussian && !shape.decoder.autoregressive;
        applies.then(|| linear_kl(&self.eigen, shape.latent, knobs.beta, knobs.sigma_x))
    }

    fn status(&self) -> Status {
        match &self.failure {
            Some(sentence) => Status::Failed(sentence.clone()),
            None if self.finished() => Status::Done,
            None => Status::Going,
        }
    }

    /// The loss is not finite: returns to the weights of the last good snapshot and records a message.
    fn fail(&mut self) {
        let at = self.within;
        let back = self.learners[0].restore_good();
        self.within = back;
        self.curves.rewind(back);
        self.ghosts.retain(|(step, _)| *step <= back);
        self.failure = Some(format!(
            "The run diverged before step {at}: the ELBO is not a number any more, mostly because the learning rate ({:.3}) is too large. The weights of step {back} are back. Lower the learning rate and press play, or press reset.",
            self.knobs.learning_rate
        ));
    }

    fn readouts(&self, latest: &Measure, view: &View<'_>) -> Vec<Readout> {
        let reconstruction = latest.reconstruction;
        let linear = view.linear.map_or(f64::NAN, |kl| share(kl, f64::MIN_POSITIVE));
        vec![
            readouts::STEP.value(self.steps as f64),
            readouts::COLLAPSED.value(share(&view.thresholds, self.epsilon)),
            readouts::COLLAPSED_LINEAR.value(linear),
            readouts::ACTIVE_UNITS.value(latest.active_units() as f64),
            readouts::KL.value(latest.kl()),
            readouts::RECONSTRUCTION.estimate(reconstruction.mean, reconstruction.standard_error),
            readouts::ELBO.estimate(reconstruction.mean - latest.kl(), reconstruction.standard_error),
            readouts::KL_WEIGHT.value(self.learners[0].knobs.weight(self.within)),
            readouts::CELLS.value(self.map.as_ref().map_or(f64::NAN, |map| map.done() as f64)),
        ]
    }
}
