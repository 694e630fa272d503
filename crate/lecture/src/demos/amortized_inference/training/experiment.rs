//! Mean-field and amortized inference as one experiment: what a step does, what is read back, what an added point changes.

use crate::demos::amortized_inference::{Covariance, Gradient, keys};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use figure::{SEED, Snapshot, Values};
use math::rng::Rng;
use math::wheel::{Family, Wheel};
use std::collections::BTreeMap;

use super::mean_field::{MeanField, Shape};
use super::objective::{Nodes, elbo};
use super::points::{Point, Points, State, mean, states};
use super::report::{self, Column, Moment};
use super::{gaps, plane};
use figure::Assets;
use learn::Stream;
use learn::models::{Encoder, flat, linear, tensor, weights};
use learn::trainer::Trainer;
use learn::{Checkpoint, Experiment, Row, StartError, Table, Weight};

/// Initial number of steps between rows of the curves.
const ROW_EVERY: u64 = 5;

/// The kinds of answer.
enum Purpose {
    /// The table and the encoder's output at the training and held-out points, at a step of the curves.
    Row(u64),
    /// The table at the added points with these ids, at a step.
    Trace(u64, Vec<u64>),
    /// The table and the encoder's output at all points, now.
    Table,
    Encoded,
}

struct AmortizedInference {
    points: Points,
    starts: usize,
    /// Learning rates of the encoder and of mean-field.
    rates: [f64; 2],
    encoder: Trainer<Encoder>,
    mean_field: MeanField,
    network_parameters: usize,
    /// All points, `[point, 2]`, without autodiff.
    x: Tensor<2>,
    /// A copy of each point for each of its rows in the table, then the training points once more for the encoder, with autodiff.
    x_step: Tensor<2>,
    /// Gauss–Hermite nodes, or `None` for one sample per step.
    nodes: Option<Nodes>,
    noise: Rng,
    device: Device,
    curves: Table<Column>,
    pending: Vec<(Purpose, Tensor<1>)>,
    purposes: Vec<Purpose>,
    checkpoint: Checkpoint<(Encoder, MeanField)>,
    /// The id of the point whose posteriors are shown.
    shown: u64,
    chosen: Vec<f64>,
    /// The exact posterior of the shown point, drawn once.
    posterior: Option<plane::Exact>,
    /// The state of inference at the last good snapshot, by point.
    seen: BTreeMap<u64, State>,
}

pub(crate) fn start(values: &Values, _: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    let seed = values.get(SEED) as u64;
    let model = Wheel::new(values.get(keys::LATENT), values.get(keys::SIGMA_X));
    let starts = values.get(keys::STARTS);
    let family = match values.get(keys::COVARIANCE) {
        Covariance::Diagonal => Family::Diagonal,
        Covariance::Full => Family::Full,
    };
    let mut points = Points::new(model, family, values.get(keys::POINTS), values.get(keys::HELDOUT), seed);
    points.set_added(&values.get(keys::ADDED), 0);
    let autodiff = device.clone().autodiff();
    let mut rng = Stream::Weights.rng(seed);
    let encoder = encoder(values.get(keys::HIDDEN), values.get(keys::LAYERS), points.shape(), &mut rng, &autodiff);
    let mean_field = MeanField::new(points.all.len(), starts, points.shape(), device);
    let exact = values.get(keys::GRADIENT) == Gradient::Quadrature;
    let mut run = AmortizedInference {
        network_parameters: encoder.num_params(),
        x: tensor(points.coordinates(points.all.len(), 1), [points.all.len(), 2], device),
        x_step: step_points(&points, starts, &autodiff),
        nodes: exact.then(|| Nodes::quadrature(model.latent(), &autodiff)),
        checkpoint: Checkpoint::new((encoder.clone(), mean_field.clone())),
        shown: 0,
        chosen: values.get(keys::CHOSEN),
        points,
        starts,
        rates: rates(values),
        encoder: Trainer::new(encoder),
        mean_field,
        noise: Stream::Noise.rng(seed),
        device: autodiff,
        curves: Table::new(ROW_EVERY),
        pending: Vec::new(),
        purposes: Vec::new(),
        posterior: None,
        seen: BTreeMap::new(),
    };
    run.shown = gaps::pressed(&run.points, &run.chosen).unwrap_or_else(|| run.shown_at_first());
    run.record();
    Ok(Box::new(run))
}

fn rates(values: &Values) -> [f64; 2] {
    [values.get(keys::LEARNING_RATE), values.get(keys::MEAN_FIELD_RATE)]
}

/// f_φ, the network of slide 1.4's encoder for points in the plane. With a full covariance L_21 is one more output beside the log variances.
fn encoder(hidden: usize, layers: usize, shape: Shape, rng: &mut Rng, device: &Device) -> Encoder {
    Encoder {
        convolutions: Vec::new(),
        hidden: (0..layers).map(|layer| linear(if layer == 0 { 2 } else { hidden }, hidden, rng, device)).collect(),
        mu: linear(hidden, shape.latent, rng, device),
        log_var: linear(hidden, shape.latent + shape.below, rng, device),
    }
}

/// The inputs of a step: every point once per start, then the training points for the encoder.
fn step_points(points: &Points, starts: usize, device: &Device) -> Tensor<2> {
    let mut x = points.coordinates(points.all.len(), starts);
    x.extend(points.coordinates(points.training, 1));
    let rows = x.len() / 2;
    tensor(x, [rows, 2], device)
}

impl Experiment for AmortizedInference {
    /// One step of both at once: the same ELBO, summed over the table's rows, each of which has only its own gradient, and
    /// averaged over the training points for the encoder.
    fn step(&mut self) {
        self.checkpoint.resume();
        let (rows, latent) = (self.mean_field.rows(), self.points.model.latent());
        let training = self.points.training;
        let table = Tensor::from_inner(self.mean_field.table()).to_device(&self.device).require_grad();
        let (mu, spread) = self.encoder.module.forward(self.x_step.clone().narrow(0, rows, training));
        let mu = Tensor::cat(vec![table.clone().narrow(1, 0, latent), mu], 0);
        let own = table.clone().narrow(1, latent, self.points.shape().numbers() - latent);
        let spread = Tensor::cat(vec![own, spread], 0);
        let nodes = match &self.nodes {
            Some(nodes) => nodes.clone(),
            None => Nodes::sample(latent, rows + training, &mut self.noise, &self.device),
        };
        let elbo = elbo(&self.points.model, self.x_step.clone(), mu, spread, &nodes); // [rows + training]
        let loss = -(elbo.clone().narrow(0, 0, rows).sum() + elbo.narrow(0, rows, training).mean());
        let mut gradients = loss.backward();
        let gradient = table.grad_remove(&mut gradients).expect("the loss depends on the table");
        self.mean_field.ascend(-gradient, self.rates[1]);
        self.encoder.descend(gradients, self.rates[0]);
        self.record();
    }

    fn set(&mut self, values: &Values) {
        self.rates = rates(values);
        if let Some((kept, fresh)) = self.points.set_added(&values.get(keys::ADDED), self.encoder.step) {
            self.regroup(&kept, fresh);
        }
        let chosen = values.get(keys::CHOSEN);
        if chosen != self.chosen {
            self.shown = gaps::pressed(&self.points, &chosen).unwrap_or(self.shown);
            self.chosen = chosen;
        }
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        let mut asked = std::mem::take(&mut self.pending);
        asked.push((Purpose::Table, flat(self.mean_field.table())));
        asked.push((Purpose::Encoded, flat(self.encoded(self.points.all.len()))));
        let (purposes, tensors) = asked.into_iter().unzip();
        self.purposes = purposes;
        tensors
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        let (mut table, mut encoded) = (Vec::new(), Vec::new());
        let mut rows = Vec::new();
        for (purpose, answer) in std::mem::take(&mut self.purposes).into_iter().zip(answers) {
            match purpose {
                Purpose::Row(step) => rows.push((step, answer)),
                Purpose::Trace(step, ids) => self.trace(step, &ids, &answer),
                Purpose::Table => table = answer,
                Purpose::Encoded => encoded = answer,
            }
        }
        let finite = table.iter().chain(&encoded).all(|value| value.is_finite() && value.abs() < 80.0);
        for (step, answer) in rows {
            if answer.iter().all(|value| value.is_finite()) {
                self.curves.push(step, self.row(&answer));
            }
        }
        if finite {
            self.checkpoint.save(self.encoder.step, (self.encoder.module.clone(), self.mean_field.clone()));
            let states = states(&self.points, &table, &encoded, self.starts);
            self.seen = self.points.all.iter().map(|point| point.id).zip(states).collect();
        } else {
            self.go_back();
        }
        self.snapshot()
    }

    fn weights(&self) -> Vec<Weight> {
        weights(&self.encoder.valid())
    }
}

impl AmortizedInference {
    /// The encoder's table of the first points: one forward pass, `[point, number]`.
    fn encoded(&self, count: usize) -> Tensor<2> {
        let (mu, spread) = self.encoder.valid().forward(self.x.clone().narrow(0, 0, count));
        Tensor::cat(vec![mu, spread], 1)
    }

    /// Enqueues what is due at this step.
    fn record(&mut self) {
        self.record_traces();
        if self.curves.due(self.encoder.step) {
            let drawn = self.points.drawn();
            let table = self.mean_field.table().narrow(0, 0, drawn * self.starts);
            let both = Tensor::cat(vec![flat(table), flat(self.encoded(drawn))], 0);
            self.pending.push((Purpose::Row(self.encoder.step), both));
        }
    }

    fn record_traces(&mut self) {
        if self.points.traces.iter().any(|trace| trace.is_followed(self.encoder.step)) {
            let (drawn, added) = (self.points.drawn(), self.points.added().len());
            let table = self.mean_field.table().narrow(0, drawn * self.starts, added * self.starts);
            let ids = self.points.added().iter().map(|point| point.id).collect();
            self.pending.push((Purpose::Trace(self.encoder.step, ids), flat(table)));
        }
    }

    /// A row of the curves: mean ELBOs of both over the training points, then over the held-out ones.
    fn row(&self, answer: &[f32]) -> Row<Column> {
        let split = self.points.drawn() * self.starts * self.points.shape().numbers();
        let states = states(&self.points, &answer[..split], &answer[split..], self.starts);
        let (training, heldout) = states.split_at(self.points.training);
        let mean_field = |states: &[State]| mean(states.iter().map(|state| state.mean_field_elbo));
        let amortized = |states: &[State]| mean(states.iter().map(|state| state.amortized_elbo));
        Row::from_fn(|column| match column {
            Column::MeanField => mean_field(training),
            Column::Amortized => amortized(training),
            Column::HeldoutMeanField => mean_field(heldout),
            Column::HeldoutAmortized => amortized(heldout),
        })
    }

    fn trace(&mut self, step: u64, ids: &[u64], answer: &[f32]) {
        let width = answer.len() / ids.len();
        for (id, rows) in ids.iter().zip(answer.chunks_exact(width)) {
            let Some(index) = self.points.traces.iter().position(|trace| trace.id == *id) else { continue };
            let point = &self.points.added()[index];
            let below = point.best_elbo - self.points.best_start(point.x, rows).1;
            let trace = &mut self.points.traces[index];
            if trace.is_followed(step) {
                trace.saw(step, below);
            }
        }
    }

    /// The added points changed: the same change is made in the current table and in the one that is restored on failure.
    fn regroup(&mut self, kept: &[usize], fresh: usize) {
        self.mean_field = self.mean_field.regrouped(kept, fresh);
        let (_, stored) = self.checkpoint.state_mut();
        *stored = stored.regrouped(kept, fresh);
        let count = self.points.all.len();
        self.x = tensor(self.points.coordinates(count, 1), [count, 2], &self.x.device());
        self.x_step = step_points(&self.points, self.starts, &self.device);
        let still_there = self.points.all.iter().any(|point| point.id == self.shown);
        if let Some(newest) = self.points.all.last().filter(|_| fresh > 0) {
            self.shown = newest.id;
        } else if !still_there {
            self.shown = self.shown_at_first();
        }
        self.record_traces();
    }

    /// The newest added point, else the training point whose posterior is furthest from Gaussian.
    fn shown_at_first(&self) -> u64 {
        let added = self.points.added().last();
        let training = self.points.all[..self.points.training]
            .iter()
            .max_by(|a, b| a.approximation_gap().total_cmp(&b.approximation_gap()));
        added.or(training).map_or(0, |point| point.id)
    }

    /// A number is not finite: returns to the last good parameters and records a message.
    fn go_back(&mut self) {
        let [encoder, mean_field] = self.rates;
        let cause = format!("a learning rate (encoder {encoder:.3}, mean-field {mean_field:.3})");
        let (back, (encoder, mean_field)) =
            self.checkpoint.recover_from(self.encoder.step, "a variance left all bounds", &cause);
        self.encoder.restore(back, encoder);
        self.mean_field = mean_field;
        self.curves.rewind(back);
        self.points.traces.iter_mut().for_each(|trace| trace.rewind(back));
    }

    fn snapshot(&mut self) -> Snapshot {
        let state = |point: &Point| {
            // After a failure: the state at the last snapshot. A point added since then is at the prior.
            self.seen.get(&point.id).copied().unwrap_or_else(|| State::prior(&self.points.model, point.x))
        };
        let states: Vec<State> = self.points.all.iter().map(state).collect();
        let shown = self.points.all.iter().position(|point| point.id == self.shown).unwrap_or(0);
        let exact = match self.posterior.take() {
            Some(exact) if exact.id == self.points.all[shown].id => exact,
            _ => plane::Exact::new(&self.points, shown),
        };
        let moment = Moment {
            points: &self.points,
            states: &states,
            curves: &self.curves,
            shown,
            network_parameters: self.network_parameters,
            step: self.encoder.step,
        };
        let snapshot = Snapshot {
            step: self.encoder.step,
            progress: None,
            status: self.checkpoint.status(false),
            readouts: report::readouts(&moment),
            figures: report::figures(&moment, &exact),
            table: report::table(&moment),
            notes: report::notes(&moment),
        };
        self.posterior = Some(exact);
        snapshot
    }
}
