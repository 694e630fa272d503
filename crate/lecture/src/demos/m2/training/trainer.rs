//! M2, and beside it the same classifier trained on the labels alone: same initial weights, labels, steps, optimiser and
//! learning rate.

use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};
use data::Batches;
use math::rng::Rng;

use super::objective::{Labelled, Parts, Unlabelled, Weights, log_q, parts};
use super::set::Set;
use learn::Weight;
use learn::images::Stream;
use learn::models::{Classifier, M2, M2Config, Stored, from_bytes, restore, tensor, weights};
use learn::objectives::log_of_class;
use learn::trainer::adam;

/// The most labelled examples in a step.
const MOST_LABELLED: usize = 256;

/// The prefix of the baseline's parameters in a saved file.
const BASELINE: &str = "baseline.";

/// The settings of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Steering {
    /// α/(N+M).
    pub(super) alpha: f64,
    pub(super) learning_rate: f64,
    /// Unlabelled examples per step.
    pub(super) batch: usize,
    /// Steps over which the unlabelled sum's weight rises from 0 to 1.
    pub(super) warm_up: u64,
}

/// Means over the steps since the last snapshot: of the bound and of its square, `[1]` each.
#[derive(Clone, Default)]
struct Sums {
    sums: Option<(Tensor<1>, Tensor<1>)>,
    steps: u32,
}

impl Sums {
    fn add(&mut self, value: Tensor<1>) {
        let square = value.clone().square();
        self.sums = Some(match self.sums.take() {
            None => (value, square),
            Some((sum, squares)) => (sum + value, squares + square),
        });
        self.steps += 1;
    }

    fn take(&mut self) -> Option<Recent> {
        let steps = std::mem::take(&mut self.steps);
        let (sum, squares) = self.sums.take()?;
        Some(Recent { mean: sum / f64::from(steps), square: squares / f64::from(steps), steps })
    }
}

/// A bound over recent steps.
pub(super) struct Recent {
    /// The mean over steps, `[1]`.
    pub(super) mean: Tensor<1>,
    /// The mean of its square, `[1]`.
    pub(super) square: Tensor<1>,
    /// The number of steps.
    pub(super) steps: u32,
}

pub(super) struct Trainer {
    pub(super) config: M2Config,
    pub(super) set: Set,
    /// Updates made so far.
    pub(super) step: u64,
    /// The training examples that keep their labels, increasing.
    pub(super) labelled: Vec<usize>,
    model: M2,
    baseline: Classifier,
    model_optimizer: ModuleOptimizer,
    baseline_optimizer: ModuleOptimizer,
    labelled_batches: Batches,
    unlabelled_batches: Batches,
    noise: Rng,
    seed: u64,
    device: Device,
    recent_labelled: Sums,
    recent_unlabelled: Sums,
    good: (u64, M2, Classifier),
}

impl Trainer {
    /// New models under a seed. `device` is without autodiff; the trainer adds it.
    pub(super) fn new(config: M2Config, set: Set, labelled: Vec<usize>, seed: u64, device: &Device) -> Self {
        let device = device.clone().autodiff();
        let model = config.init(&mut Stream::Weights.rng(seed), &device);
        let baseline = model.classifier.clone();
        let mut trainer = Self {
            good: (0, model.clone(), baseline.clone()),
            model_optimizer: adam(),
            baseline_optimizer: adam(),
            labelled_batches: Batches::new(Vec::new(), Stream::Batches.rng(seed)),
            unlabelled_batches: Batches::new(Vec::new(), Stream::Batches.rng(seed)),
            noise: Stream::Noise.rng(seed),
            recent_labelled: Sums::default(),
            recent_unlabelled: Sums::default(),
            step: 0,
            labelled: Vec::new(),
            config,
            set,
            model,
            baseline,
            seed,
            device,
        };
        trainer.relabel(labelled);
        trainer
    }

    /// Changes which examples keep their labels; the weights stay.
    pub(super) fn relabel(&mut self, labelled: Vec<usize>) {
        let rng = Stream::Batches.rng(self.seed);
        self.unlabelled_batches = Batches::new(self.set.unlabelled(&labelled), rng.stream(0));
        self.labelled_batches = Batches::new(labelled.clone(), rng.stream(1));
        self.labelled = labelled;
    }

    /// How many examples have no label, M.
    pub(super) fn unlabelled(&self) -> usize {
        self.unlabelled_batches.len()
    }

    /// One update of both.
    pub(super) fn step(&mut self, steering: &Steering) {
        let labelled = self.labelled_batches.next(self.labelled.len().min(MOST_LABELLED));
        let unlabelled = self.unlabelled_batches.next(steering.batch.min(self.unlabelled()));
        let labelled = (!labelled.is_empty()).then(|| Labelled {
            x: self.gather(&labelled),
            y: self.set.one_hot(&labelled, &self.device),
            eps: self.draw(labelled.len()),
        });
        let unlabelled = (!unlabelled.is_empty())
            .then(|| Unlabelled { x: self.gather(&unlabelled), eps: self.draw(unlabelled.len()) });
        self.step_baseline(labelled.as_ref(), steering.learning_rate);

        let weights = self.weights_of(steering);
        let Parts { objective, labelled, unlabelled } = parts(&self.model, &self.config, labelled, unlabelled, weights);
        let loss = -objective;
        let gradients = GradientsParams::from_grads(loss.backward(), &self.model);
        self.model = self.model_optimizer.step(steering.learning_rate, self.model.clone(), gradients);
        if let Some(bound) = labelled {
            self.recent_labelled.add(bound.inner());
        }
        if let Some(bound) = unlabelled {
            self.recent_unlabelled.add(bound.inner());
        }
        self.step += 1;
    }

    /// The baseline maximises the mean of log q(y|x) over the labelled examples: without any it does not change.
    fn step_baseline(&mut self, labelled: Option<&Labelled>, learning_rate: f64) {
        let Some(Labelled { x, y, .. }) = labelled else { return };
        let loss = -log_of_class(log_q(&self.baseline, x.clone()), y.clone()).mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &self.baseline);
        self.baseline = self.baseline_optimizer.step(learning_rate, self.baseline.clone(), gradients);
    }

    /// The weights of J's parts in the next step.
    pub(super) fn weights_of(&self, steering: &Steering) -> Weights {
        let (labelled, unlabelled) = (self.labelled.len() as f64, self.unlabelled() as f64);
        let all = labelled + unlabelled;
        let warmed = if self.step < steering.warm_up { (self.step + 1) as f64 / steering.warm_up as f64 } else { 1.0 };
        Weights { labelled: labelled / all, unlabelled: warmed * unlabelled / all, classification: steering.alpha }
    }

    fn gather(&self, indices: &[usize]) -> Tensor<2> {
        Tensor::from_inner(self.set.select(indices)).to_device(&self.device)
    }

    fn draw(&mut self, count: usize) -> Tensor<2> {
        let latent = self.config.latent;
        tensor(self.noise.normals(count * latent), [count, latent], &self.device)
    }

    /// Mean −L over the labelled batches since the last call; none without one.
    pub(super) fn take_labelled(&mut self) -> Option<Recent> {
        self.recent_labelled.take()
    }

    /// Mean −U over the unlabelled batches since the last call; none without one.
    pub(super) fn take_unlabelled(&mut self) -> Option<Recent> {
        self.recent_unlabelled.take()
    }

    /// M2 without autodiff, for evaluation.
    pub(super) fn model(&self) -> M2 {
        self.model.valid()
    }

    /// The baseline without autodiff, for evaluation.
    pub(super) fn baseline(&self) -> Classifier {
        self.baseline.valid()
    }

    /// Stores the current weights as good ones.
    pub(super) fn mark_good(&mut self) {
        self.good = (self.step, self.model.clone(), self.baseline.clone());
    }

    /// Restores the last good weights with new optimisers, and returns the step they are from.
    pub(super) fn restore_good(&mut self) -> u64 {
        (self.step, self.model, self.baseline) = self.good.clone();
        (self.model_optimizer, self.baseline_optimizer) = (adam(), adam());
        (self.recent_labelled, self.recent_unlabelled) = (Sums::default(), Sums::default());
        self.step
    }

    /// Loads stored parameters (safetensors bytes) of M2 and, where the file has them, of the baseline.
    ///
    /// # Errors
    /// A sentence for the user when the file is damaged or has other sizes; both then stay as they were.
    pub(super) fn load(&mut self, bytes: &[u8]) -> Result<(), String> {
        let stored = from_bytes(bytes)?;
        let unfit = |missing: Vec<String>| {
            format!("The saved model has other sizes than these settings: {} does not fit.", missing.join(", "))
        };
        let model = restore(self.model.clone(), &stored).map_err(unfit)?;
        let of_baseline = |(name, values): (&String, _)| Some((name.strip_prefix(BASELINE)?.to_owned(), values));
        let stored: Stored =
            stored.iter().map(|(name, values)| (name, values.clone())).filter_map(of_baseline).collect();
        if !stored.is_empty() {
            self.baseline = restore(self.baseline.clone(), &stored).map_err(unfit)?;
        }
        self.model = model;
        self.mark_good();
        Ok(())
    }

    /// The parameters of M2, named by their path, and those of the baseline under `baseline`.
    pub(super) fn weights(&self) -> Vec<Weight> {
        let baseline = weights(&self.baseline()).into_iter();
        let baseline = baseline.map(|one| Weight { name: format!("{BASELINE}{}", one.name), ..one });
        weights(&self.model()).into_iter().chain(baseline).collect()
    }
}
