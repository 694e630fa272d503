//! The VAE as an experiment: what a step does, what is read back, and what happens when the run diverges.

use burn::tensor::{Device, Tensor, activation::sigmoid};
use figure::{Readout, Snapshot, Status, Values};
use math::gaussian::log_mean_exp;
use math::simulation::variance;

use super::figures;
use crate::history::History;
use crate::images::{ImageSet, Stream};
use crate::models::{Vae, VaeConfig, tensor};
use crate::objectives::{Likelihood, log_standard_normal};
use crate::trainer::{Pass, Trainer};
use crate::{Assets, Experiment, StartError, Weight};

/// Steps between rows of the curves, at first.
const ROW_EVERY: u64 = 5;
/// Steps between estimates of held-out log p(x), which cost as much as many steps.
const IMPORTANCE_EVERY: u64 = 250;
/// Decoded points along each side of the latent grid.
pub(super) const GRID: usize = 12;
/// A latent dimension is active when the variance of its posterior means over the data exceeds this (Burda et al. 2016).
const ACTIVE: f64 = 0.01;

/// What a row of the history holds.
#[derive(Clone, Copy)]
pub(super) enum Column {
    Reconstruction,
    Kl,
    HeldoutReconstruction,
    HeldoutKl,
}

struct VaeRun {
    trainer: Trainer,
    batch: usize,
    learning_rate: f64,
    beta: f64,
    importance_samples: usize,
    seed: u64,
    /// Fixed noise for the held-out estimates, `[heldout, latent]`: motion in a figure means learning.
    fixed_eps: Tensor<2>,
    heldout: Tensor<2>,
    shown: Vec<usize>,
    curves: History,
    log_px: History,
    /// Rows whose numbers are still on the device.
    rows: Vec<(u64, Tensor<1>)>,
    /// Log importance weights `[K·heldout]` still on the device, with their K.
    weights: Vec<(u64, usize, Tensor<1>)>,
    /// KL per dimension over the held-out images, as last seen: tells which dimensions to draw.
    kl_seen: Vec<f64>,
    asked: Asked,
    failure: Option<String>,
    log_px_error: f64,
}

/// What the last `ask` asked for, so that `observe` knows the answers' order.
#[derive(Default)]
struct Asked {
    rows: Vec<u64>,
    weights: Vec<(u64, usize)>,
    axes: [usize; 2],
}

pub(super) fn start(values: &Values, assets: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    let seed = values.integer("seed") as u64;
    let images = ImageSet::digits(seed, device);
    let config = VaeConfig {
        pixels: images.pixels(),
        hidden: values.integer("hidden"),
        layers: values.integer("layers"),
        latent: values.integer("latent"),
        likelihood: Likelihood::Bernoulli,
        log_scale: 0.0,
        learn_scale: false,
    };
    let heldout = images.select(&images.heldout);
    let fixed = Stream::Fixed.rng(seed).normals(images.heldout.len() * config.latent);
    let mut run = VaeRun {
        fixed_eps: tensor(fixed, [images.heldout.len(), config.latent], device),
        heldout,
        shown: images.one_of_each(),
        trainer: Trainer::new(config, images, seed, device),
        batch: values.integer("batch"),
        learning_rate: 0.0,
        beta: 0.0,
        importance_samples: 1,
        seed,
        curves: History::new(ROW_EVERY),
        log_px: History::new(IMPORTANCE_EVERY),
        rows: Vec::new(),
        weights: Vec::new(),
        kl_seen: vec![0.0; config.latent],
        asked: Asked::default(),
        failure: None,
        log_px_error: f64::NAN,
    };
    if let Some(bytes) = assets.0.get("model") {
        run.trainer.load(bytes).map_err(StartError::Unusable)?;
    }
    run.set(values);
    run.record();
    Ok(Box::new(run))
}

impl Experiment for VaeRun {
    fn step(&mut self) {
        if self.failure.is_some() {
            self.failure = None; // play after a failure goes on from the good weights
        }
        let beta = self.beta;
        self.trainer.step(self.batch, self.learning_rate, |pass| pass.reconstruction.clone() - pass.kl() * beta);
        self.record();
    }

    fn set(&mut self, values: &Values) {
        self.learning_rate = values.number("learning_rate");
        self.beta = values.number("beta");
        self.importance_samples = values.integer("importance_samples").max(1);
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        let vae = self.trainer.valid();
        let axes = figures::axes(&self.kl_seen);
        let rows: Vec<_> = self.rows.drain(..).collect();
        let weights: Vec<_> = self.weights.drain(..).collect();
        self.asked = Asked {
            rows: rows.iter().map(|row| row.0).collect(),
            weights: weights.iter().map(|weight| (weight.0, weight.1)).collect(),
            axes,
        };

        let (mu, log_var) = vae.encoder.forward(self.trainer.images.x.clone());
        let shown = self.trainer.images.select(&self.shown);
        let (shown_mu, shown_log_var) = vae.encoder.forward(shown);
        let grid = figures::grid_points(axes, self.trainer.config.latent, GRID);
        let grid = tensor(grid.0, [grid.1, self.trainer.config.latent], &self.heldout.device());

        let mut tensors: Vec<Tensor<1>> = rows.into_iter().map(|row| row.1).collect();
        tensors.extend(weights.into_iter().map(|weight| weight.2));
        tensors.push(flat(mu));
        tensors.push(flat(log_var));
        tensors.push(flat(sigmoid(vae.decoder.forward(shown_mu.clone()))));
        tensors.push(flat(shown_mu));
        tensors.push(flat(shown_log_var));
        tensors.push(flat(sigmoid(vae.decoder.forward(grid))));
        tensors
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let asked = std::mem::take(&mut self.asked);
        let mut finite = true;
        for step in asked.rows {
            let row: Vec<f64> = next().into_iter().map(f64::from).collect();
            finite &= row.iter().all(|value| value.is_finite());
            self.curves.push(step, row);
        }
        for (step, k) in asked.weights {
            self.push_log_px(step, k, &next());
        }
        let (mu, log_var) = (next(), next());
        let (decoded, shown_mu, shown_log_var, grid) = (next(), next(), next(), next());
        if !finite {
            self.fail();
        } else if self.failure.is_none() {
            self.trainer.mark_good();
        }

        let latent = self.trainer.config.latent;
        let view = figures::View {
            images: &self.trainer.images,
            latent,
            axes: asked.axes,
            mu: &mu,
            log_var: &log_var,
            shown: &self.shown,
            shown_mu: &shown_mu,
            shown_log_var: &shown_log_var,
            decoded: &decoded,
            grid: &grid,
        };
        self.kl_seen = view.heldout_kl_per_dimension();
        let figures = vec![
            figures::curves(&self.curves, &self.log_px),
            view.latent_plane(),
            view.decoded_grid(),
            view.reconstructions(),
            figures::kl_per_dimension(&self.kl_seen),
        ];
        Snapshot {
            step: self.trainer.step,
            progress: None,
            status: self.failure.clone().map_or(Status::Going, Status::Failed),
            readouts: self.readouts(view.active_units(ACTIVE)),
            figures,
            table: self.table(),
            notes: Vec::new(),
        }
    }

    fn weights(&self) -> Vec<Weight> {
        self.trainer.weights()
    }
}

impl VaeRun {
    /// Enqueues the row of the curves, and now and then the importance weights, that are due at this step.
    fn record(&mut self) {
        let step = self.trainer.step;
        let importance = self.log_px.due(step);
        if !self.curves.due(step) && !importance {
            return;
        }
        let vae = self.trainer.valid();
        if self.curves.due(step) {
            let pass = Pass::new(&vae, &self.trainer.config, self.heldout.clone(), self.fixed_eps.clone());
            let heldout = Tensor::cat(vec![pass.reconstruction.clone().mean(), pass.kl().mean()], 0);
            // Before the first step there are no training batches yet: the curve begins at the held-out value.
            let training = self.trainer.take_recent().unwrap_or_else(|| heldout.clone());
            self.rows.push((step, Tensor::cat(vec![training, heldout], 0)));
        }
        if importance {
            let k = self.importance_samples;
            self.weights.push((step, k, self.log_importance_weights(&vae, k)));
        }
    }

    /// log w = log p(x|z) + log p(z) − log q(z|x) for K samples z ~ q(z|x) of every held-out image, flattened
    /// `[K·heldout]`, sample by sample. Burda et al. 2016, equation (8).
    fn log_importance_weights(&self, vae: &Vae, k: usize) -> Tensor<1> {
        let config = &self.trainer.config;
        let (count, latent) = (self.heldout.dims()[0], config.latent);
        let device = self.heldout.device();
        let eps = tensor(Stream::Importance.rng(self.seed).normals(k * count * latent), [k * count, latent], &device);
        let pass = Pass::new(vae, config, self.heldout.clone().repeat_dim(0, k), eps.clone());
        // log q(z|x) = log N(eps; 0, I) − Σ ½ log_var, by the change of variable z = mu + sigma·eps.
        let log_q = log_standard_normal(eps) - (pass.log_var * 0.5).sum_dim(1).squeeze_dim(1);
        pass.reconstruction + log_standard_normal(pass.z) - log_q
    }

    fn push_log_px(&mut self, step: u64, k: usize, log_weights: &[f32]) {
        let count = log_weights.len() / k;
        let of_image = |image: usize| -> Vec<f64> {
            (0..k).map(|sample| f64::from(log_weights[sample * count + image])).collect()
        };
        let bounds: Vec<f64> = (0..count).map(|image| log_mean_exp(&of_image(image))).collect();
        let mean = bounds.iter().sum::<f64>() / count as f64;
        self.log_px_error = (variance(&bounds) / count as f64).sqrt();
        self.log_px.push(step, vec![mean]);
    }

    /// The loss is not a number any more: back to the weights of the last look, and a sentence about it.
    fn fail(&mut self) {
        let at = self.trainer.step;
        let back = self.trainer.restore_good();
        self.curves.rewind(back);
        self.log_px.rewind(back);
        self.failure = Some(format!(
            "The run diverged before step {at}: the ELBO is not a number any more, mostly because the learning rate ({:.3}) is too large. The weights of step {back} are back. Lower the learning rate and press play, or press reset.",
            self.learning_rate
        ));
    }

    fn readouts(&self, active_units: usize) -> Vec<Readout> {
        let last = self.curves.last().map(|row| row.1.as_slice());
        let value = |column: Column| last.map_or(f64::NAN, |row| row[column as usize]);
        let (reconstruction, kl) = (value(Column::Reconstruction), value(Column::Kl));
        let heldout_elbo = value(Column::HeldoutReconstruction) - value(Column::HeldoutKl);
        let log_px = self.log_px.last().map_or(f64::NAN, |row| row.1[0]);
        vec![
            Readout::exact("step", self.trainer.step as f64),
            Readout::exact("reconstruction", reconstruction),
            Readout::exact("kl", kl),
            Readout::exact("elbo", reconstruction - kl),
            Readout::exact("heldout_elbo", heldout_elbo),
            Readout::estimate("heldout_log_px", log_px, self.log_px_error),
            Readout::exact("active_units", active_units as f64),
        ]
    }

    fn table(&self) -> Vec<Vec<String>> {
        let header = ["step", "reconstruction", "kl", "elbo", "heldout_reconstruction", "heldout_kl", "heldout_elbo"];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        rows.extend(self.curves.rows().iter().map(|(step, row)| {
            let numbers = [row[0], row[1], row[0] - row[1], row[2], row[3], row[2] - row[3]];
            std::iter::once(step.to_string()).chain(numbers.map(|number| number.to_string())).collect()
        }));
        rows
    }
}

fn flat<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let count = tensor.dims().iter().product::<usize>();
    tensor.reshape([count])
}
