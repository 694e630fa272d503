//! The records of a run: curves over steps, and the accuracies at every number of labels that a sweep has finished.

use crate::demos::m2::readouts;
use burn::tensor::Tensor;
use figure::{Readout, ReadoutSpec};

use super::objective::{accuracy, bound, unlabelled};
use super::trainer::M2Trainer;
use learn::Stream;
use learn::models::{M2, tensor};
use learn::{Row, Table};

/// Initial number of steps between rows of the curves.
pub(super) const ROW_EVERY: u64 = 20;
/// Training examples evaluated for the first row, before any step has seen a batch.
const FIRST_EXAMPLES: usize = 256;

learn::columns! {
    /// The curves: bounds are means in nats per example, followed by their standard errors.
    pub(super) enum Column {
        Labelled = "labelled_elbo",
        LabelledError = "labelled_elbo_error",
        Unlabelled = "unlabelled_elbo",
        UnlabelledError = "unlabelled_elbo_error",
        HeldoutLabelled = "heldout_labelled_elbo",
        HeldoutLabelledError = "heldout_labelled_elbo_error",
        HeldoutUnlabelled = "heldout_unlabelled_elbo",
        HeldoutUnlabelledError = "heldout_unlabelled_elbo_error",
        Accuracy = "accuracy",
        Baseline = "baseline_accuracy",
    }
}

/// A row whose numbers are still on the device: mean and variance of four bounds, then two accuracies.
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
    pub(super) row: Row<Column>,
}

/// The curves at the current number of labels, and the results of the finished ones.
pub(super) struct Record {
    pub(super) labels_per_class: usize,
    pub(super) curves: Table<Column>,
    pub(super) finished: Vec<Finished>,
    pending: Vec<Pending>,
    asked: Vec<(usize, u64, [u32; 4])>,
}

impl Record {
    pub(super) fn new(labels_per_class: usize) -> Self {
        Self {
            labels_per_class,
            curves: Table::new(ROW_EVERY),
            finished: Vec::new(),
            pending: Vec::new(),
            asked: Vec::new(),
        }
    }

    /// Enqueues the row that is due at this step, if one is.
    pub(super) fn request(&mut self, trainer: &mut M2Trainer, labels_per_class: usize, seed: u64) {
        if !self.curves.due(trainer.steps()) {
            return;
        }
        let model = trainer.model();
        let first = trainer.steps() == 0;
        let (labelled, unlabelled) = (trainer.labelled.clone(), trainer.set.unlabelled(&trainer.labelled));
        let beginning = |indices: &[usize]| indices[..indices.len().min(FIRST_EXAMPLES)].to_vec();
        let [recent_labelled, recent_unlabelled] = trainer.take_recent();
        let train_labelled =
            if first { survey(trainer, &model, &beginning(&labelled), true, seed) } else { recent_labelled };
        let train_unlabelled =
            if first { survey(trainer, &model, &beginning(&unlabelled), false, seed) } else { recent_unlabelled };
        let heldout = &trainer.set.heldout;
        let heldout_labelled = survey(trainer, &model, heldout, true, seed);
        let heldout_unlabelled = survey(trainer, &model, heldout, false, seed);

        let x = trainer.set.select(heldout);
        let y = trainer.set.one_hot(heldout, &x.device());
        let nothing = Tensor::<1>::zeros([2], &x.device());
        let mut counts = [0; 4];
        let mut numbers = Vec::with_capacity(6);
        let means = [train_labelled, train_unlabelled, heldout_labelled, heldout_unlabelled];
        for (count, mean) in counts.iter_mut().zip(means) {
            let (mean, of) = mean.unwrap_or_else(|| (nothing.clone(), 0));
            *count = of;
            numbers.push(mean);
        }
        numbers.push(accuracy(&model.classifier, x.clone(), y.clone()));
        numbers.push(accuracy(&trainer.baseline(), x, y));
        let numbers = Tensor::cat(numbers, 0);
        self.pending.push(Pending { labels_per_class, step: trainer.steps(), counts, numbers });
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
            self.finished.push(Finished { labels_per_class: self.labels_per_class, step, row: row.clone() });
        }
        self.labels_per_class = labels_per_class;
        self.curves = Table::new(ROW_EVERY);
    }

    /// The last value of a column.
    pub(super) fn last(&self, column: Column) -> f64 {
        self.curves.latest(column)
    }

    /// The read-outs of bounds and accuracies. Bounds have standard errors; an accuracy is a count over the held-out examples.
    pub(super) fn readouts(&self) -> Vec<Readout> {
        let mean = |readout: ReadoutSpec, value, error| readout.estimate(self.last(value), self.last(error));
        vec![
            readouts::ACCURACY.value(self.last(Column::Accuracy)),
            readouts::BASELINE_ACCURACY.value(self.last(Column::Baseline)),
            mean(readouts::LABELLED_ELBO, Column::Labelled, Column::LabelledError),
            mean(readouts::UNLABELLED_ELBO, Column::Unlabelled, Column::UnlabelledError),
            mean(readouts::HELDOUT_LABELLED_ELBO, Column::HeldoutLabelled, Column::HeldoutLabelledError),
            mean(readouts::HELDOUT_UNLABELLED_ELBO, Column::HeldoutUnlabelled, Column::HeldoutUnlabelledError),
        ]
    }

    /// All rows: the last one of each finished number of labels, then the current curves.
    pub(super) fn table(&self) -> Vec<Vec<String>> {
        let line = |labels: usize, step: u64, row: &Row<Column>| {
            let numbers = row.numbers().iter().map(f64::to_string);
            [labels.to_string(), step.to_string()].into_iter().chain(numbers).collect::<Vec<_>>()
        };
        let header = std::iter::once("labels_per_class".to_owned()).chain(Table::<Column>::header()).collect();
        let finished = self.finished.iter().map(|one| line(one.labels_per_class, one.step, &one.row));
        let current = self.curves.rows().iter().map(|(step, row)| line(self.labels_per_class, *step, row));
        std::iter::once(header).chain(finished).chain(current).collect()
    }
}

/// Examples whose bound is evaluated with a second noise, for the error.
const AGAIN: usize = 64;

/// Mean of a bound over examples, and the variance of one example's by its noise, `[2]`, and how many examples there are, with the same
/// noise at every call: −L with their true classes when `labelled`, else −U. None without examples.
fn survey(trainer: &M2Trainer, model: &M2, examples: &[usize], labelled: bool, seed: u64) -> Option<(Tensor<1>, u32)> {
    if examples.is_empty() {
        return None;
    }
    let (config, latent, count) = (&trainer.config, trainer.config.latent, examples.len());
    let mut rng = Stream::Fixed.rng(seed);
    let mut values = |examples: &[usize]| {
        let x = trainer.set.select(examples);
        let device = x.device();
        let eps = tensor(rng.normals(examples.len() * latent), [examples.len(), latent], &device);
        if labelled {
            bound(model, config, x, trainer.set.one_hot(examples, &device), eps)
        } else {
            unlabelled(model, config, x, eps)
        }
    };
    let once = values(examples);
    let again = values(&examples[..count.min(AGAIN)]);
    // Half the mean squared difference of two draws is the variance of one; times (n − 1)/n, since `row` divides by n − 1.
    let apart = once.clone().narrow(0, 0, count.min(AGAIN)) - again;
    let within = apart.square().mean() * (0.5 * (count as f64 - 1.0) / count as f64);
    Some((Tensor::cat(vec![once.mean(), within], 0), count as u32))
}

/// Columns from the device's numbers: means stay, variances become standard errors.
fn row(numbers: &[f64], counts: [u32; 4]) -> Row<Column> {
    let mean = |bound: usize| if counts[bound] > 0 { numbers[2 * bound] } else { f64::NAN };
    let error = |bound: usize| {
        let (variance, count) = (numbers[2 * bound + 1], f64::from(counts[bound]));
        if count > 1.0 { (variance / (count - 1.0)).sqrt() } else { f64::NAN }
    };
    Row::from_fn(|column| match column {
        Column::Labelled => mean(0),
        Column::LabelledError => error(0),
        Column::Unlabelled => mean(1),
        Column::UnlabelledError => error(1),
        Column::HeldoutLabelled => mean(2),
        Column::HeldoutLabelledError => error(2),
        Column::HeldoutUnlabelled => mean(3),
        Column::HeldoutUnlabelledError => error(3),
        Column::Accuracy => numbers[8],
        Column::Baseline => numbers[9],
    })
}
