//! Collapse as an experiment: one VAE, or a map of many; what a step does and what is measured when.

use burn::tensor::{Device, Tensor};
use figure::{Readout, Snapshot, Status, Values};
use math::ppca::{Eigen, Moments};

use super::figures::View;
use super::learner::{Knobs, Learner, Shape, Strength, flat};
use super::map::{BETAS, DECODERS, Map, Rows, SIGMAS};
use super::measure::{Measure, linear_kl, share};
use super::pictures;
use crate::history::History;
use crate::images::{ImageSet, Stream};
use crate::models::tensor;
use crate::objectives::Likelihood;
use crate::{Assets, Experiment, StartError, Weight};

/// Steps between rows of the curves, at first.
const ROW_EVERY: u64 = 20;
/// The same for each VAE of a map, of which there are many.
const MAP_ROW_EVERY: u64 = 50;
/// Steps whose collapse curves stay in the picture.
const GHOSTS: [u64; 4] = [0, 100, 400, 2000];

/// What a row of the history holds, before the thresholds.
pub(super) const COLUMNS: usize = 5;
pub(super) const RECONSTRUCTION: usize = 0;
pub(super) const KL: usize = 1;
pub(super) const WEIGHT: usize = 2;
pub(super) const ACTIVE: usize = 3;
/// The share of dimensions that the linear VAE collapses at the knobs of the moment.
pub(super) const LINEAR: usize = 4;

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A row of the curves of a learner, by how many learners were before it.
    Row { learner: usize, step: u64, knobs: Knobs },
    /// The present state.
    Look { step: u64 },
    /// A cell of the map, trained to its end.
    Cell(usize),
}

struct Collapse {
    learner: Learner,
    /// What the controls say; a map's cells have their own.
    shape: Shape,
    knobs: Knobs,
    epsilon: f64,
    delta: f64,
    /// Of the training images' covariance.
    eigen: Eigen,
    map: Option<Map>,
    map_steps: u64,
    /// Steps of all learners together.
    steps: u64,
    /// Learners before the present one.
    learners: usize,
    curves: History,
    /// Thresholds at some early steps.
    ghosts: Vec<(u64, Vec<f64>)>,
    pending: Vec<(Kind, Tensor<1>)>,
    asked: Vec<Kind>,
    latest: Option<Measure>,
    shown: Vec<usize>,
    shown_eps: Tensor<2>,
    failure: Option<String>,
    device: Device,
}

pub(super) fn start(values: &Values, _: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    let seed = values.integer("seed") as u64;
    let images = ImageSet::digits(seed, device);
    let map = match values.text("map") {
        "sigma_x" => Some(Map::new(Rows::SigmaX)),
        "decoder" => Some(Map::new(Rows::Decoder)),
        _ => None,
    };
    // A map over σ_x needs a likelihood that has one.
    let over_sigma = map.as_ref().is_some_and(|map| map.rows == Rows::SigmaX);
    let bernoulli = values.text("likelihood") == "bernoulli" && !over_sigma;
    let shape = Shape {
        latent: values.integer("latent"),
        hidden: values.integer("hidden"),
        decoder: Strength {
            layers: values.integer("decoder_layers"),
            hidden: values.integer("decoder_hidden"),
            autoregressive: values.flag("autoregressive"),
        },
        likelihood: if bernoulli { Likelihood::Bernoulli } else { Likelihood::Gaussian },
        batch: values.integer("batch"),
        seed,
    };
    let knobs = knobs_of(values);
    let moments = Moments::of(&images.digits.gather(&images.train), images.pixels());
    let shown = images.one_of_each();
    let shown_eps = Stream::Samples.rng(seed).normals(shown.len() * shape.latent);
    let mut run = Collapse {
        shown_eps: tensor(shown_eps, [shown.len(), shape.latent], device),
        shown,
        learner: Learner::new(shape, knobs, images, device),
        shape,
        knobs,
        epsilon: 0.0,
        delta: 0.0,
        eigen: Eigen::of(&moments.covariance),
        map,
        map_steps: values.integer("map_steps") as u64,
        steps: 0,
        learners: 0,
        curves: History::new(ROW_EVERY),
        ghosts: Vec::new(),
        pending: Vec::new(),
        asked: Vec::new(),
        latest: None,
        failure: None,
        device: device.clone(),
    };
    run.set(values);
    if run.map.is_some() {
        run.begin_cell();
    }
    run.record();
    Ok(Box::new(run))
}

fn knobs_of(values: &Values) -> Knobs {
    Knobs {
        learning_rate: values.number("learning_rate"),
        beta: values.number("beta"),
        sigma_x: values.number("sigma_x"),
        warm_up: if values.flag("warm_up") { values.integer("warm_up_steps") as u64 } else { 0 },
    }
}

impl Experiment for Collapse {
    fn step(&mut self) {
        if self.finished() {
            return;
        }
        self.failure = None; // play after a failure goes on from the good weights
        self.learner.step();
        self.steps += 1;
        self.record();
        let Some(map) = &mut self.map else { return };
        if self.learner.step < self.map_steps {
            return;
        }
        if let Some(cell) = map.current() {
            self.pending.push((Kind::Cell(cell), self.learner.measure()));
        }
        map.advance();
        if map.current().is_some() {
            self.begin_cell();
            self.record();
        }
    }

    fn set(&mut self, values: &Values) {
        self.knobs = knobs_of(values);
        self.epsilon = values.number("epsilon");
        let delta = values.number("delta");
        if delta != self.delta {
            self.ghosts.clear();
        }
        self.delta = delta;
        let knobs = self.cell().map_or(self.knobs, |cell| self.knobs_at(cell));
        self.learner.set(knobs);
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        self.pending.push((Kind::Look { step: self.learner.step }, self.learner.measure()));
        let (kinds, mut tensors): (Vec<_>, Vec<_>) = self.pending.drain(..).unzip();
        self.asked = kinds;
        let model = self.learner.valid();
        let (mu, _) = model.encoder.forward(self.learner.images().select(&self.shown));
        tensors.push(flat(model.decoder.forward(mu)));
        tensors.push(flat(model.decoder.forward(self.shown_eps.clone())));
        if let Some(earlier) = &model.earlier {
            tensors.push(flat(earlier.strictly_earlier()));
        }
        tensors
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        let mut answers = answers.into_iter();
        let mut finite = true;
        for kind in std::mem::take(&mut self.asked) {
            finite &= self.take(kind, &answers.next().unwrap_or_default());
        }
        let (decoded, from_prior) = (answers.next().unwrap_or_default(), answers.next().unwrap_or_default());
        let earlier = answers.next();
        if finite {
            self.learner.mark_good();
        } else if self.map.is_none() {
            self.fail();
        }
        let Some(latest) = &self.latest else {
            return Snapshot { status: self.status(), ..Snapshot::default() };
        };
        let linear = self.linear();
        let view = View {
            latest,
            thresholds: latest.thresholds(self.delta),
            epsilon: self.epsilon,
            delta: self.delta,
            ghosts: &self.ghosts,
            curves: &self.curves,
            linear: linear.as_deref(),
            map: self.map.as_ref(),
            eigen: &self.eigen,
            knobs: self.learner.knobs,
        };
        let images = self.learner.images();
        let complete = |base: &[f32]| pictures::complete(base, earlier.as_deref(), self.shape.likelihood);
        let mut figures = vec![view.collapse(), view.kl_per_dimension(), view.curves(), view.shares()];
        figures.push(pictures::reconstructions(images, &self.shown, &complete(&decoded), &complete(&from_prior)));
        figures.push(view.map());
        Snapshot {
            step: self.steps,
            progress: self.map.as_ref().map(|map| map.done() as f64 / map.cells.len() as f64),
            status: self.status(),
            readouts: self.readouts(latest, &view),
            figures,
            table: view.table(),
            notes: Vec::new(),
        }
    }

    fn finished(&self) -> bool {
        self.map.as_ref().is_some_and(|map| map.current().is_none())
    }

    fn weights(&self) -> Vec<Weight> {
        crate::models::weights(&self.learner.valid())
    }
}

impl Collapse {
    /// The cell of the map in training.
    fn cell(&self) -> Option<usize> {
        self.map.as_ref().and_then(Map::current)
    }

    /// The knobs of a cell; what its place does not say is as the controls say.
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

    /// A fresh learner for the cell that is next.
    fn begin_cell(&mut self) {
        let Some(cell) = self.cell() else { return };
        let images = self.learner.images().clone();
        self.learner = Learner::new(self.shape_at(cell), self.knobs_at(cell), images, &self.device);
        self.learners += 1;
        self.curves = History::new(MAP_ROW_EVERY);
        self.ghosts.clear();
    }

    /// Enqueues the row of the curves that is due.
    fn record(&mut self) {
        let (step, knobs) = (self.learner.step, self.learner.knobs);
        if self.curves.due(step) {
            self.pending.push((Kind::Row { learner: self.learners, step, knobs }, self.learner.measure()));
        }
    }

    /// Takes an answer in; false when the learner's numbers are none any more.
    fn take(&mut self, kind: Kind, answer: &[f32]) -> bool {
        let step = if let Kind::Row { step, .. } | Kind::Look { step } = kind { step } else { self.map_steps };
        let n = self.learner.images().train.len();
        let measure = Measure::of(step, self.shape.latent, n, answer);
        let finite = measure.is_finite();
        match kind {
            Kind::Cell(cell) => {
                let thresholds =
                    if finite { measure.thresholds(self.delta) } else { vec![f64::NAN; self.shape.latent] };
                if let Some(map) = &mut self.map {
                    map.cells[cell] = thresholds;
                }
                return true; // a diverged cell is a cell without a value, not the end of the map
            }
            Kind::Row { learner, knobs, .. } if finite && learner == self.learners => {
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
        let Learner { shape, knobs, .. } = &self.learner;
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

    /// The loss is not a number any more: back to the weights of the last look, and a sentence about it.
    fn fail(&mut self) {
        let at = self.learner.step;
        let back = self.learner.restore_good();
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
            Readout::exact("step", self.steps as f64),
            Readout::exact("collapsed", share(&view.thresholds, self.epsilon)),
            Readout::exact("collapsed_linear", linear),
            Readout::exact("active_units", latest.active_units() as f64),
            Readout::exact("kl", latest.kl()),
            Readout::estimate("reconstruction", reconstruction.mean, reconstruction.standard_error),
            Readout::estimate("elbo", reconstruction.mean - latest.kl(), reconstruction.standard_error),
            Readout::exact("kl_weight", self.learner.knobs.weight(self.learner.step)),
            Readout::exact("cells", self.map.as_ref().map_or(f64::NAN, |map| map.done() as f64)),
        ]
    }
}
