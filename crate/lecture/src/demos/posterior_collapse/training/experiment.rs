//! The experiment on collapse: trains one VAE, or a map of many, several at a time, and measures collapse along the way.

mod shared;

use std::collections::BTreeMap;

use crate::demos::posterior_collapse::{MapOf, PixelModel, keys, readouts};
use burn::tensor::{Device, Tensor};
use figure::{Readout, SEED, Snapshot, Values};
use math::ppca::{Eigen, Moments};

use self::shared::{Decoded, Found, Kind};
use super::figures::View;
use super::learner::{Learner, Live, Shape, Strength};
use super::map::{BETAS, DECODERS, Map, Rows, SIGMAS};
use super::measure::{Measure, linear_kl, share};
use super::remedies::{self, Remedies};
use figure::Assets;
use learn::Stream;
use learn::images::ImageSet;
use learn::lanes::{self, Lanes, Share, SharedRun};
use learn::models::{StrongVae, flat, tensor};
use learn::objectives::Likelihood;
use learn::{Checkpoint, Experiment, Row, StartError, Table, Weight};

/// Initial number of steps between rows of the curves.
pub(super) const ROW_EVERY: u64 = 20;
/// The same for each VAE of a map, of which there are many.
const MAP_ROW_EVERY: u64 = 50;
/// Steps whose collapse curves are kept in the figure.
const GHOSTS: [u64; 4] = [0, 100, 400, 2000];

learn::columns! {
    /// The curves, in nats per image; beside them the ε above which each dimension is collapsed.
    pub(super) enum Column {
        Reconstruction = "reconstruction",
        Kl = "kl",
        KlWeight = "kl_weight",
        ActiveUnits = "active_units",
        /// The share of dimensions that the linear VAE collapses at the current settings.
        CollapsedLinear = "collapsed_linear",
        /// The standard error of the reconstruction, and so of the ELBO: of the draw of z.
        ReconstructionError = "reconstruction_error",
    }
}

struct Collapse {
    /// The lanes that this instance computes: the VAE that is shown is lane 0; those of a map are cells that train together.
    learners: BTreeMap<usize, Learner>,
    share: Share,
    /// The settings of the controls; a map's cells have their own.
    shape: Shape,
    live: Live,
    /// The settings of the VAE that is shown, the first lane's.
    shown_as: (Shape, Live),
    epsilon: f64,
    delta: f64,
    images: ImageSet,
    /// Eigenvalues and eigenvectors of the training images' covariance.
    eigen: Eigen,
    map: Option<Map>,
    remedies: Option<Remedies>,
    map_steps: u64,
    /// Steps from the beginning, and of the current learners.
    steps: u64,
    within: u64,
    /// How many learners each lane has had before the current ones.
    before: usize,
    curves: Table<Column>,
    /// Thresholds at some early steps.
    ghosts: Vec<(u64, Vec<f64>)>,
    /// The lanes' measurements that are to be read.
    pending: Vec<(usize, Kind, Tensor<1>)>,
    asked: Vec<(usize, Kind)>,
    latest: Option<Measure>,
    decoded: Decoded,
    shown: Vec<usize>,
    shown_eps: Tensor<2>,
    checkpoint: Checkpoint<BTreeMap<usize, StrongVae>>,
    device: Device,
}

pub(crate) fn start(values: &Values, _: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    let seed = values.get(SEED) as u64;
    let images = ImageSet::digits(seed, device);
    let remedies = values.get(keys::REMEDIES).then(|| Remedies::new(remedies_of(values)));
    let map = match values.get(keys::MAP) {
        _ if remedies.is_some() => None,
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
    let moments = Moments::of(&images.digits.gather(&images.train), images.pixels());
    let shown = images.one_of_each();
    let shown_eps = Stream::Samples.rng(seed).normals(shown.len() * shape.latent);
    let mut run = Collapse {
        shown_eps: tensor(shown_eps, [shown.len(), shape.latent], device),
        shown,
        learners: BTreeMap::new(),
        share: Share::ALL,
        shape,
        live: live_of(values),
        shown_as: (shape, live_of(values)),
        images,
        epsilon: 0.0,
        delta: 0.0,
        eigen: Eigen::of(&moments.covariance),
        map,
        remedies,
        map_steps: values.get(keys::MAP_STEPS) as u64,
        steps: 0,
        within: 0,
        before: 0,
        curves: Table::new(ROW_EVERY),
        ghosts: Vec::new(),
        pending: Vec::new(),
        asked: Vec::new(),
        latest: None,
        decoded: Decoded::default(),
        checkpoint: Checkpoint::new(BTreeMap::new()),
        device: device.clone(),
    };
    run.set(values);
    Ok(Box::new(run))
}

fn live_of(values: &Values) -> Live {
    Live {
        learning_rate: values.get(keys::LEARNING_RATE),
        beta: values.get(keys::BETA),
        sigma_x: values.get(keys::SIGMA_X),
        warm_up: if values.get(keys::WARM_UP) { values.get(keys::WARM_UP_STEPS) as u64 } else { 0 },
        schedule: values.get(keys::SCHEDULE),
        free_bits: if values.get(keys::FREE_BITS) { values.get(keys::KAPPA) } else { 0.0 },
    }
}

fn remedies_of(values: &Values) -> [Live; remedies::COUNT] {
    Remedies::of(live_of(values), values.get(keys::WARM_UP_STEPS) as u64, values.get(keys::KAPPA))
}

impl Experiment for Collapse {
    fn step(&mut self) {
        if self.finished() {
            return;
        }
        self.checkpoint.resume();
        self.learners.values_mut().for_each(Learner::step);
        self.steps += 1;
        self.within += 1;
        self.record();
        if self.map.is_none() || self.within < self.map_steps {
            return;
        }
        let cells = self.cells().to_vec();
        let measured = self.learners.iter().map(|(&lane, learner)| (lane, Kind::Cell(cells[lane]), learner.measure()));
        self.pending.extend(measured);
        if let Some(map) = &mut self.map {
            map.advance();
        }
        if !self.cells().is_empty() {
            self.before += 1;
            self.begin();
        }
    }

    fn set(&mut self, values: &Values) {
        self.live = live_of(values);
        if let Some(remedies) = &mut self.remedies {
            remedies.live = remedies_of(values);
        }
        self.epsilon = values.get(keys::EPSILON);
        let delta = values.get(keys::DELTA);
        if delta != self.delta {
            self.ghosts.clear();
        }
        self.delta = delta;
        let live: Vec<Live> = self.learners.keys().map(|&lane| self.live_at(lane)).collect();
        self.learners.values_mut().zip(live).for_each(|(learner, live)| learner.set(live));
        self.shown_as.1 = self.live_at(0);
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        let now = self.drawn().map(|(lane, learner)| (lane, Kind::Now(self.within), learner.measure()));
        let now: Vec<_> = now.collect();
        self.pending.extend(now);
        let (asked, mut tensors): (Vec<_>, Vec<_>) =
            self.pending.drain(..).map(|(lane, kind, tensor)| ((lane, kind), tensor)).unzip();
        self.asked = asked;
        let Some(first) = self.learners.get(&0) else { return tensors };
        let model = first.valid();
        let (mu, _) = model.encoder.forward(self.images.select(&self.shown));
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

    fn lanes(&mut self) -> Option<&mut dyn SharedRun> {
        Some(self)
    }

    fn finished(&self) -> bool {
        self.map.as_ref().is_some_and(|map| map.current().is_empty())
    }

    fn weights(&self) -> Vec<Weight> {
        self.learners.get(&0).map_or_else(Vec::new, |first| learn::models::weights(&first.valid()))
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

    /// The cell of the map that a lane trains.
    fn cell(&self, lane: usize) -> Option<usize> {
        self.cells().get(lane).copied()
    }

    /// The lanes of this instance whose curves are drawn: of a map only the first.
    fn drawn(&self) -> impl Iterator<Item = (usize, &Learner)> {
        let count = if self.remedies.is_some() { remedies::COUNT } else { 1 };
        self.learners.range(..count).map(|(&lane, learner)| (lane, learner))
    }

    /// The settings of a lane: those that a remedy or a cell's place does not fix come from the controls.
    fn live_at(&self, lane: usize) -> Live {
        if let Some(remedies) = &self.remedies {
            return remedies.live[lane];
        }
        let Some(cell) = self.cell(lane) else { return self.live };
        let (column, row) = Map::place(cell);
        let over_sigma = self.map.as_ref().is_some_and(|map| map.rows == Rows::SigmaX);
        Live { beta: BETAS[column], sigma_x: if over_sigma { SIGMAS[row] } else { self.live.sigma_x }, ..self.live }
    }

    fn shape_at(&self, lane: usize) -> Shape {
        let over_decoder = self.map.as_ref().filter(|map| map.rows == Rows::Decoder);
        let Some(cell) = over_decoder.and_then(|_| self.cell(lane)) else { return self.shape };
        let (layers, autoregressive) = DECODERS[Map::place(cell).1];
        Shape { decoder: Strength { layers, autoregressive, ..self.shape.decoder }, ..self.shape }
    }

    /// Builds the lanes that this instance computes, for the VAE alone, for the remedies or for the next cells.
    fn begin(&mut self) {
        let count = if self.map.is_some() { self.cells().len() } else { self.count() };
        let learner = |lane| Learner::new(self.shape_at(lane), self.live_at(lane), self.images.clone(), &self.device);
        self.learners = self.share.build(count, learner);
        self.shown_as = (self.shape_at(0), self.live_at(0));
        self.within = 0;
        self.curves = Table::new(if self.map.is_some() { MAP_ROW_EVERY } else { ROW_EVERY });
        self.ghosts.clear();
        if let Some(remedies) = &mut self.remedies {
            remedies.clear();
        }
        self.record();
    }

    /// Enqueues the row of the curves that is due.
    fn record(&mut self) {
        if !self.curves.due(self.within) {
            return;
        }
        let row = |live| Kind::Row { learner: self.before, step: self.within, live };
        let rows: Vec<_> = self.drawn().map(|(lane, of)| (lane, row(of.live), of.measure())).collect();
        self.pending.extend(rows);
    }

    /// Stores what a lane found; false when its numbers are not finite.
    fn take(&mut self, lane: usize, found: Found) -> bool {
        match found {
            Found::Cell { cell, thresholds } => {
                if let Some(map) = &mut self.map {
                    map.cells[cell] = thresholds.unwrap_or_else(|| vec![f64::NAN; self.shape.latent]);
                }
                true // a diverged cell has no value, and the map continues
            }
            Found::Row { learner, live, measure } => {
                let finite = measure.is_finite();
                if finite && learner == self.before {
                    self.push_row(lane, live, measure);
                }
                finite
            }
            Found::Now(measure) => {
                let finite = measure.is_finite();
                if finite {
                    if let Some(remedies) = &mut self.remedies {
                        remedies.now(lane, measure.clone());
                    }
                    if lane == 0 {
                        self.latest = Some(measure);
                    }
                }
                finite
            }
        }
    }

    fn push_row(&mut self, lane: usize, live: Live, measure: Measure) {
        let step = measure.step;
        let linear = linear_kl(&self.eigen, self.shape.latent, live.beta, live.sigma_x);
        let gone = linear.iter().filter(|&&kl| kl <= 0.0).count() as f64 / linear.len() as f64;
        let mut row = Row::from([
            (Column::Reconstruction, measure.reconstruction),
            (Column::ReconstructionError, measure.reconstruction_error),
            (Column::Kl, measure.kl()),
            (Column::KlWeight, live.weight(step)),
            (Column::ActiveUnits, measure.active_units() as f64),
            (Column::CollapsedLinear, if live.free_bits > 0.0 { f64::NAN } else { gone }),
        ]);
        row.by_dimension = measure.thresholds;
        if let Some(remedies) = &mut self.remedies {
            remedies.push(lane, step, row.clone());
        }
        if lane > 0 {
            return;
        }
        if GHOSTS.contains(&step) {
            self.ghosts.push((step, row.by_dimension.clone()));
        }
        self.curves.push(step, row);
    }

    /// KL of each dimension of the best linear VAE, where its closed form applies: not with free bits, which two dimensions may
    /// spend on one direction.
    fn linear(&self) -> Option<Vec<f64>> {
        let (shape, live) = self.shown_as;
        let applies = shape.likelihood == Likelihood::Gaussian && !shape.decoder.autoregressive;
        (applies && live.free_bits == 0.0).then(|| linear_kl(&self.eigen, shape.latent, live.beta, live.sigma_x))
    }

    /// The loss is not finite: returns to the weights of the last good snapshot and records a message.
    fn go_back(&mut self) {
        let (back, weights) =
            self.checkpoint.recover(self.within, "the ELBO is not a number any more", self.live.learning_rate);
        for (lane, learner) in &mut self.learners {
            if let Some(weights) = weights.get(lane) {
                learner.restore(back, weights.clone());
            }
        }
        if let Some(remedies) = &mut self.remedies {
            remedies.rewind(back);
        }
        self.within = back;
        self.curves.rewind(back);
        self.ghosts.retain(|(step, _)| *step <= back);
    }

    fn readouts(&self, latest: &Measure, view: &View<'_>) -> Vec<Readout> {
        let linear = view.linear.map_or(f64::NAN, |kl| share(kl, f64::MIN_POSITIVE));
        vec![
            readouts::STEP.value(self.steps as f64),
            readouts::COLLAPSED.value(share(&latest.thresholds, self.epsilon)),
            readouts::COLLAPSED_LINEAR.value(linear),
            readouts::ACTIVE_UNITS.value(latest.active_units() as f64),
            readouts::KL.value(latest.kl()),
            readouts::RECONSTRUCTION.estimate(latest.reconstruction, latest.reconstruction_error),
            readouts::ELBO.estimate(latest.reconstruction - latest.kl(), latest.reconstruction_error),
            readouts::KL_WEIGHT.value(self.shown_as.1.weight(self.within)),
            readouts::CELLS.value(self.map.as_ref().map_or(f64::NAN, |map| map.done() as f64)),
        ]
    }
}
