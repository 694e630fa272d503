//! M2 in training, and beside it the same classifier trained on the labels alone: same initial weights, labels, steps, optimiser and
//! learning rate.

use burn::tensor::{Device, Tensor};
use data::Batches;
use math::rng::Rng;

use super::objective::{Labelled, Parts, Unlabelled, Weights, log_q, parts};
use super::set::Set;
use learn::Stream;
use learn::Weight;
use learn::models::{Classifier, M2, M2Config, Stored, from_bytes, restore, tensor, weights};
use learn::objectives::log_of_class;
use learn::trainer::Trainer;

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

/// M2, the baseline, and the streams of their data and noise.
pub(super) struct M2Trainer {
    pub(super) config: M2Config,
    pub(super) set: Set,
    /// The training examples that keep their labels, increasing.
    pub(super) labelled: Vec<usize>,
    model: Trainer<M2>,
    baseline: Trainer<Classifier>,
    labelled_batches: Batches,
    unlabelled_batches: Batches,
    noise: Rng,
    seed: u64,
    device: Device,
    /// The batches' bounds since the last row, `[1]` each.
    recent_labelled: Vec<Tensor<1>>,
    recent_unlabelled: Vec<Tensor<1>>,
}

/// Mean and variance of values, `[2]`. In two passes, since a mean square less a squared mean leaves a 32-bit float three digits where
/// the values are far from 0.
fn mean_and_variance(values: Tensor<1>) -> Tensor<1> {
    let mean = values.clone().mean();
    let variance = (values - mean.clone()).square().mean();
    Tensor::cat(vec![mean, variance], 0)
}

/// Mean and variance of the batches' bounds so far, and over how many batches they are; none without one. The next are other ones.
fn take(bounds: &mut Vec<Tensor<1>>) -> Option<(Tensor<1>, u32)> {
    let bounds = std::mem::take(bounds);
    let count = bounds.len() as u32;
    (count > 0).then(|| (mean_and_variance(Tensor::cat(bounds, 0)), count))
}

impl M2Trainer {
    /// New models under a seed. `device` is without autodiff; the trainer adds it.
    pub(super) fn new(config: M2Config, set: Set, labelled: Vec<usize>, seed: u64, device: &Device) -> Self {
        let device = device.clone().autodiff();
        let model = config.init(&mut Stream::Weights.rng(seed), &device);
        let baseline = model.classifier.clone();
        let mut trainer = Self {
            labelled_batches: Batches::new(Vec::new(), Stream::Batches.rng(seed)),
            unlabelled_batches: Batches::new(Vec::new(), Stream::Batches.rng(seed)),
            noise: Stream::Noise.rng(seed),
            recent_labelled: Vec::new(),
            recent_unlabelled: Vec::new(),
            labelled: Vec::new(),
            config,
            set,
            model: Trainer::new(model),
            baseline: Trainer::new(baseline),
            seed,
            device,
        };
        trainer.relabel(labelled);
        trainer
    }

    /// Updates made so far.
    pub(super) fn steps(&self) -> u64 {
        self.model.step
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
        let Parts { objective, labelled, unlabelled } =
            parts(&self.model.module, &self.config, labelled, unlabelled, weights);
        self.model.ascend(objective, steering.learning_rate);
        for (recent, bound) in [(&mut self.recent_labelled, labelled), (&mut self.recent_unlabelled, unlabelled)] {
            recent.extend(bound.map(Tensor::inner));
        }
    }

    /// The baseline maximises the mean of log q(y|x) over the labelled examples: without any it does not change.
    fn step_baseline(&mut self, labelled: Option<&Labelled>, learning_rate: f64) {
        let Some(Labelled { x, y, .. }) = labelled else { return };
        let objective = log_of_class(log_q(&self.baseline.module, x.clone()), y.clone()).mean();
        self.baseline.ascend(objective, learning_rate);
    }

    /// The weights of J's parts in the next step.
    pub(super) fn weights_of(&self, steering: &Steering) -> Weights {
        let (labelled, unlabelled) = (self.labelled.len() as f64, self.unlabelled() as f64);
        let all = labelled + unlabelled;
        let warmed =
            if self.steps() < steering.warm_up { (self.steps() + 1) as f64 / steering.warm_up as f64 } else { 1.0 };
        Weights { labelled: labelled / all, unlabelled: warmed * unlabelled / all, classification: steering.alpha }
    }

    fn gather(&self, indices: &[usize]) -> Tensor<2> {
        Tensor::from_inner(self.set.select(indices)).to_device(&self.device)
    }

    fn draw(&mut self, count: usize) -> Tensor<2> {
        let latent = self.config.latent;
        tensor(self.noise.normals(count * latent), [count, latent], &self.device)
    }

    /// Mean and variance over the batches since the last call, `[2]`, of the labelled and of the unlabelled bound, and over how many
    /// batches they are; none without one.
    pub(super) fn take_recent(&mut self) -> [Option<(Tensor<1>, u32)>; 2] {
        [take(&mut self.recent_labelled), take(&mut self.recent_unlabelled)]
    }

    /// M2 without autodiff, for evaluation.
    pub(super) fn model(&self) -> M2 {
        self.model.valid()
    }

    /// The baseline without autodiff, for evaluation.
    pub(super) fn baseline(&self) -> Classifier {
        self.baseline.valid()
    }

    /// The weights of both, on the autodiff device.
    pub(super) fn both(&self) -> (M2, Classifier) {
        (self.model.module.clone(), self.baseline.module.clone())
    }

    /// Goes back to the weights of both as they were after `step` updates.
    pub(super) fn restore(&mut self, step: u64, (model, baseline): (M2, Classifier)) {
        self.model.restore(step, model);
        self.baseline.restore(step, baseline);
        (self.recent_labelled, self.recent_unlabelled) = (Vec::new(), Vec::new());
    }

    /// Loads stored parameters (safetensors bytes) of M2 and, where the file has them, of the baseline.
    ///
    /// # Errors
    /// A sentence for the user when the file is damaged or has other sizes; both then stay as they were.
    pub(super) fn load(&mut self, bytes: &[u8]) -> Result<(), String> {
        let stored = from_bytes(bytes)?;
        let model = restore(self.model.module.clone(), &stored)?;
        let of_baseline = |(name, values): (&String, _)| Some((name.strip_prefix(BASELINE)?.to_owned(), values));
        let stored: Stored =
            stored.iter().map(|(name, values)| (name, values.clone())).filter_map(of_baseline).collect();
        if !stored.is_empty() {
            self.baseline.module = restore(self.baseline.module.clone(), &stored)?;
        }
        self.model.module = model;
        Ok(())
    }

    /// The parameters of M2, named by their path, and those of the baseline under `baseline`.
    pub(super) fn weights(&self) -> Vec<Weight> {
        let baseline = weights(&self.baseline()).into_iter();
        let baseline = baseline.map(|one| Weight { name: format!("{BASELINE}{}", one.name), ..one });
        weights(&self.model()).into_iter().chain(baseline).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_variance_keeps_its_digits_far_from_zero() {
        let device = Device::flex();
        let values = [1_000_001.0, 1_000_002.0, 1_000_003.0, 1_000_004.0];
        let mut bounds = values.map(|value| Tensor::from_floats([value], &device)).to_vec();
        let (numbers, count) = take(&mut bounds).unwrap();
        assert_eq!(numbers.into_data().try_to_vec::<f32>().unwrap(), [1_000_002.5, 1.25]);
        assert_eq!(count, 4);
        assert!(take(&mut bounds).is_none(), "the next are other ones");
    }
}
