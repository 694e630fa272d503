//! The records of a run: curves over steps, and the accuracies at every number of labels that a sweep has finished.

use crate::demos::m2::readouts;
use burn::tensor::Tensor;
use figure::{Readout, ReadoutSpec};

use super::objective::{accuracy, bound, unlabelled};
use super::trainer::{Recent, Trainer};
use learn::history::History;
use learn::images::Stream;
use learn::models::{M2, tensor};

/// Initial number of steps between rows of the curves.
pub(super) const ROW_EVERY: u64 = 20;
/// Training examples evaluated for the first row, before any step has seen a batch.
const FIRST_LOOK: usize = 256;

/// The columns of a row. Bounds are means in nats per example, followed by their standard errors.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Labelled,
    LabelledError,
    Unlabelled,
    UnlabelledError,
    HeldoutLabelled,
    HeldoutLabelledError,
    HeldoutUnlabelled,
    HeldoutUnlabelledError,
    Accuracy,
    Baseline,
}

/// The header of the table behind the curves.
const HEADER: [&str; 12] = [
    "labels_per_class",
    "step",
    "labelled_elbo",
    "labelled_elbo_error",
    "unlabelled_elbo",
    "unlabelled_elbo_error",
    "heldout_labelled_elbo",
    "heldout_labelled_elbo_error",
    "heldout_unlabelled_elbo",
    "heldout_unlabelled_elbo_error",
    "accuracy",
    "baseline_accuracy",
];

/// A row whose numbers are still on the device: mean and mean square of four bounds, then two accuracies.
struct Pending {
    labels_per_class: usize,
    step: u64,
    /// How many values each mean is over; 0 where there are none.
    counts: [u32; 4],
    numbers: Tensor<1>,
}

/// A finished number of labels of a sweep: its last row.
pub(super) struct Finished {
    pub(super) labels_per_class: usize,
    pub(super) step: u64,
    pub(super) row: Vec<f64>,
}

/// The curves at the current number of labels, and the results of the finished ones.
pub(super) struct Record {
    pub(super) labels_per_class: usize,
    pub(super) curves: History,
    pub(super) finished: Vec<Finished>,
    pending: Vec<Pending>,
    asked: Vec<(usize, u64, [u32; 4])>,
}

impl Record {
    pub(super) fn new(labels_per_class: usize) -> Self {
        Self {
            labels_per_class,
            curves: History::new(ROW_EVERY),
            finished: Vec::new(),
            pending: Vec::new(),
            asked: Vec::new(),
        }
    }

    /// Enqueues the row that is due at this step, if one is.
    pub(super) fn look(&mut self, trainer: &mut Trainer, labels_per_class: usize, seed: u64) {
        if !self.curves.due(trainer.step) {
            return;
        }
        let model = trainer.model();
        let first = trainer.step == 0;
        let (labelled, unlabelled) = (trainer.labelled.clone(), trainer.set.unlabelled(&trainer.labelled));
        let beginning = |indices: &[usize]| indices[..indices.len().min(FIRST_LOOK)].to_vec();
        let (recent_labelled, recent_unlabelled) = (trainer.take_labelled(), trainer.take_unlabelled());
        let train_labelled =
            if first { survey(trainer, &model, &beginning(&labelled), true, seed) } else { recent_labelled };
        let train_unlabelled =
            if first { survey(trainer, &model, &beginning(&unlabelled), false, seed) } else { recent_unlabelled };
        let heldout = &trainer.set.heldout;
        let heldout_labelled = survey(trainer, &model, heldout, true, seed);
        let heldout_unlabelled = survey(trainer, &model, heldout, false, seed);

        let x = trainer.set.select(heldout);
        let y = trainer.set.one_hot(heldout, &x.device());
        let nothing = Tensor::<1>::zeros([1], &x.device());
        let mut counts = [0; 4];
        let mut numbers = Vec::with_capacity(10);
        let means = [train_labelled, train_unlabelled, heldout_labelled, heldout_unlabelled];
        for (count, mean) in counts.iter_mut().zip(means) {
            *count = mean.as_ref().map_or(0, |mean| mean.steps);
            let (mean, square) = mean.map_or((nothing.clone(), nothing.clone()), |mean| (mean.mean, mean.square));
            numbers.extend([mean, square]);
        }
        numbers.push(accuracy(&model.classifier, x.clone(), y.clone()));
        numbers.push(accuracy(&trainer.baseline(), x, y));
        let numbers = Tensor::cat(numbers, 0);
        self.pending.push(Pending { labels_per_class, step: trainer.step, counts, numbers });
    }

    /// The tensors of the rows that are due.
    pub(super) fn ask(&mut self) -> Vec<Tensor<1>> {
        let pending = std::mem::take(&mut self.pending);
        self.asked = pending.iter().map(|row| (row.labels_per_class, row.step, row.counts)).collect();
        pending.into_iter().map(|row| row.numbers).collect()
    }

    /// Stores the answers to the last [`Record::ask`]; returns whether all numbers are finite.
    pub(super) fn answer(&mut self, mut next: impl FnMut() -> Vec<f32>) -> bool {
        let mut finite = true;
        for (labels_per_class, step, counts) in std::mem::take(&mut self.asked) {
            let numbers: Vec<f64> = next().into_iter().map(f64::from).collect();
            finite &= numbers.iter().all(|number| number.is_finite());
            if labels_per_class != self.labels_per_class {
                self.turn(labels_per_class);
            }
            self.curves.push(step, row(&numbers, counts));
        }
        finite
    }

    /// The sweep went on to another number of labels: stores the last row and begins new curves.
    fn turn(&mut self, labels_per_class: usize) {
        if let Some((step, row)) = self.curves.last() {
            self.finished.push(Finished { labels_per_class: self.labels_per_class, step: *step, row: row.clone() });
        }
        self.labels_per_class = labels_per_class;
        self.curves = History::new(ROW_EVERY);
    }

    /// The last value of a column.
    pub(super) fn last(&self, column: Column) -> f64 {
        self.curves.last().map_or(f64::NAN, |(_, row)| row[column as usize])
    }

    /// The read-outs of bounds and accuracies, with their standard errors. `heldout` is the number of examples that an accuracy
    /// is computed from: its standard error is the binomial √(a(1−a)/n).
    pub(super) fn readouts(&self, heldout: usize) -> Vec<Readout> {
        let mean = |readout: ReadoutSpec, value, error| readout.estimate(self.last(value), self.last(error));
        let share = |readout: ReadoutSpec, column| {
            let share = self.last(column);
            readout.estimate(share, (share * (1.0 - share) / heldout as f64).sqrt())
        };
        vec![
            share(readouts::ACCURACY, Column::Accuracy),
            share(readouts::BASELINE_ACCURACY, Column::Baseline),
            mean(readouts::LABELLED_ELBO, Column::Labelled, Column::LabelledError),
            mean(readouts::UNLABELLED_ELBO, Column::Unlabelled, Column::UnlabelledError),
            mean(readouts::HELDOUT_LABELLED_ELBO, Column::HeldoutLabelled, Column::HeldoutLabelledError),
            mean(readouts::HELDOUT_UNLABELLED_ELBO, Column::HeldoutUnlabelled, Column::HeldoutUnlabelledError),
        ]
    }

    /// All rows: the last one of each finished number of labels, then the current curves.
    pub(super) fn table(&self) -> Vec<Vec<String>> {
        let line = |labels: usize, step: u64, row: &[f64]| {
            let numbers = row.iter().map(f64::to_string);
            [labels.to_string(), step.to_string()].into_iter().chain(numbers).collect::<Vec<_>>()
        };
        let mut table = vec![HEADER.map(str::to_owned).to_vec()];
        table.extend(self.finished.iter().map(|one| line(one.labels_per_class, one.step, &one.row)));
        table.extend(self.curves.rows().iter().map(|(step, row)| line(self.labels_per_class, *step, row)));
        table
    }
}

/// Mean and mean square of a bound over examples, with the same noise at every call: −L with their true classes
/// when `labelled`, else −U. None without examples.
fn survey(trainer: &Trainer, model: &M2, examples: &[usize], labelled: bool, seed: u64) -> Option<Recent> {
    if examples.is_empty() {
        return None;
    }
    let (config, latent) = (&trainer.config, trainer.config.latent);
    let x = trainer.set.select(examples);
    let device = x.device();
    let eps = tensor(Stream::Fixed.rng(seed).normals(examples.len() * latent), [examples.len(), latent], &device);
    let values = if labelled {
        bound(model, config, x, trainer.set.one_hot(examples, &device), eps)
    } else {
        unlabelled(model, config, x, eps)
    };
    Some(Recent { mean: values.clone().mean(), square: values.square().mean(), steps: examples.len() as u32 })
}

/// Columns from the device's numbers: means stay, mean squares become standard errors.
fn row(numbers: &[f64], counts: [u32; 4]) -> Vec<f64> {
    let mut row = Vec::with_capacity(10);
    for (pair, count) in numbers.chunks_exact(2).zip(counts) {
        let (mean, square) = (pair[0], pair[1]);
        let count = f64::from(count);
        let error = if count > 1.0 { ((square - mean * mean).max(0.0) / (count - 1.0)).sqrt() } else { f64::NAN };
        row.extend(if count > 0.0 { [mean, error] } else { [f64::NAN; 2] });
    }
    row.extend_from_slice(&numbers[8..]);
    row
}
