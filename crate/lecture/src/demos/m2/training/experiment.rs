//! M2 as an experiment: steps, live controls, a sweep over the number of labels, and recovery from divergence.

use crate::demos::m2::{Data, keys, readouts};
use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor};
use figure::{Readout, SEED, Snapshot, Values};

use super::figures::{self, Example, View};
use super::probe::Probe;
use super::record::Record;
use super::set::Set;
use super::trainer::{M2Trainer, Steering};
use figure::Assets;
use learn::models::{Classifier, M2, M2Config};
use learn::objectives::Likelihood;
use learn::{Checkpoint, Experiment, StartError, Weight};

/// The numbers of labels per class in a sweep.
const SWEEP: [usize; 7] = [1, 2, 3, 5, 10, 20, 50];
/// Steps at each of them.
const SWEEP_STEPS: u64 = 1000;

struct M2Run {
    trainer: M2Trainer,
    steering: Steering,
    record: Record,
    probe: Probe,
    /// The current number of labels per class.
    labels_per_class: usize,
    /// Whether this run is a sweep over the numbers of labels.
    sweep: bool,
    clicked: Vec<f64>,
    example: Vec<f64>,
    device: Device,
    seed: u64,
    checkpoint: Checkpoint<(M2, Classifier)>,
}

pub(crate) fn start(values: &Values, assets: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    let seed = values.get(SEED) as u64;
    let (set, latent, likelihood) = match values.get(keys::DATA) {
        Data::Digits => (Set::digits(seed, device), keys::LATENT, Likelihood::Bernoulli),
        Data::Moons => (Set::moons(values.get(keys::NOISE), seed, device), keys::MOONS_LATENT, Likelihood::Gaussian),
    };
    let hidden = values.get(keys::HIDDEN);
    let config = M2Config {
        inputs: set.inputs,
        classes: set.class_count,
        hidden,
        classifier_hidden: hidden,
        latent: values.get(latent),
        likelihood,
    };
    let sweep = values.get(keys::SWEEP);
    let labels_per_class = if sweep { SWEEP[0] } else { values.get(keys::LABELS_PER_CLASS) };
    let clicked = values.get(keys::LABELS);
    let labelled = set.labelled(labels_per_class, &clicked, seed);
    let probe = Probe::new(&set, config.latent, seed);
    let mut trainer = M2Trainer::new(config, set, labelled, seed, device);
    if let Some(bytes) = assets.0.get("model") {
        trainer.load(bytes).map_err(StartError::Unusable)?;
    }
    let mut run = M2Run {
        checkpoint: Checkpoint::new(trainer.both()),
        trainer,
        probe,
        steering: steering(values),
        record: Record::new(labels_per_class),
        labels_per_class,
        sweep,
        clicked,
        example: values.get(keys::EXAMPLE),
        device: device.clone(),
        seed,
    };
    run.measure();
    Ok(Box::new(run))
}

fn steering(values: &Values) -> Steering {
    Steering {
        alpha: values.get(keys::ALPHA),
        learning_rate: values.get(keys::LEARNING_RATE),
        batch: values.get(keys::BATCH),
        warm_up: values.get(keys::WARM_UP) as u64,
    }
}

impl Experiment for M2Run {
    fn step(&mut self) {
        self.checkpoint.resume();
        if self.finished() {
            return;
        }
        if self.sweep && self.trainer.steps() == SWEEP_STEPS {
            self.turn();
        }
        self.trainer.step(&self.steering);
        self.measure();
    }

    fn set(&mut self, values: &Values) {
        self.steering = steering(values);
        self.example = values.get(keys::EXAMPLE);
        let clicked = values.get(keys::LABELS);
        if clicked != self.clicked {
            self.clicked = clicked;
            self.trainer.relabel(self.trainer.set.labelled(self.labels_per_class, &self.clicked, self.seed));
        }
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        let mut tensors = self.record.ask();
        let example = self.probe.example(&self.trainer.set, &self.example);
        tensors.extend(self.probe.ask(&self.trainer, &example));
        tensors
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let finite = self.record.answer(&mut next);
        let seen = self.probe.answer(self.trainer.config.classes, &mut next);
        if finite {
            self.checkpoint.save(self.trainer.steps(), self.trainer.both());
        } else {
            self.go_back();
        }
        let chosen = self.probe.example(&self.trainer.set, &self.example);
        let example = Example::new(chosen, &seen);
        let view = View {
            set: &self.trainer.set,
            labelled: &self.trainer.labelled,
            probe: &self.probe,
            seen: &seen,
            record: &self.record,
            example: &example,
        };
        Snapshot {
            step: self.trainer.steps(),
            progress: self.progress(),
            status: self.checkpoint.status(self.finished()),
            readouts: self.readouts(&example),
            figures: figures::all(&view),
            table: self.record.table(),
            notes: self.notes(),
        }
    }

    fn finished(&self) -> bool {
        self.sweep && self.labels_per_class == SWEEP[SWEEP.len() - 1] && self.trainer.steps() >= SWEEP_STEPS
    }

    fn weights(&self) -> Vec<Weight> {
        self.trainer.weights()
    }

    fn description(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            ("model".to_owned(), "m2".to_owned()),
            ("likelihood".to_owned(), self.trainer.config.likelihood.name().to_owned()),
            ("steps".to_owned(), self.trainer.steps().to_string()),
        ])
    }
}

impl M2Run {
    /// Goes on to the sweep's next number of labels, with new weights.
    fn turn(&mut self) {
        let next = SWEEP.into_iter().find(|&labels| labels > self.labels_per_class);
        self.labels_per_class = next.unwrap_or(self.labels_per_class);
        let set = self.trainer.set.clone();
        let labelled = set.labelled(self.labels_per_class, &self.clicked, self.seed);
        self.trainer = M2Trainer::new(self.trainer.config, set, labelled, self.seed, &self.device);
        self.checkpoint.save(0, self.trainer.both());
        self.measure();
    }

    /// Enqueues the measurements that are due after this step.
    fn measure(&mut self) {
        self.record.request(&mut self.trainer, self.labels_per_class, self.seed);
        self.probe.map(&self.trainer);
    }

    fn progress(&self) -> Option<f64> {
        let before = SWEEP.iter().position(|&labels| labels == self.labels_per_class)? as f64;
        let share = self.trainer.steps() as f64 / SWEEP_STEPS as f64;
        self.sweep.then_some((before + share) / SWEEP.len() as f64)
    }

    /// The bounds are not finite: returns to the weights of the last good snapshot and records a message.
    fn go_back(&mut self) {
        let (back, both) = self.checkpoint.recover(
            self.trainer.steps(),
            "a bound is not a number any more",
            self.steering.learning_rate,
        );
        self.trainer.restore(back, both);
        self.record.curves.rewind(back);
    }

    fn readouts(&self, example: &Example) -> Vec<Readout> {
        let (labelled, unlabelled) = (self.trainer.labelled.len() as f64, self.trainer.unlabelled() as f64);
        let alpha = self.steering.alpha * (labelled + unlabelled);
        let mut readouts = vec![readouts::STEP.value(self.trainer.steps() as f64)];
        readouts.extend(self.record.readouts());
        readouts.extend([
            readouts::LABELLED.value(labelled),
            readouts::UNLABELLED.value(unlabelled),
            readouts::ALPHA_TOTAL.value(alpha),
            readouts::LABEL_WEIGHT.value(if labelled > 0.0 { alpha / labelled } else { f64::NAN }),
        ]);
        readouts.extend(example.readouts());
        readouts
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.trainer.labelled.is_empty() {
            notes.push(
                "No point has a label: the classes have no names, and the classifier alone learns nothing.".into(),
            );
        }
        if self.trainer.unlabelled() == 0 {
            notes.push("Every training example has its label: only the labelled bound is used.".into());
        }
        if self.sweep && !self.checkpoint.has_failed() {
            notes.push(format!("Sweep: {} labels per class now.", self.labels_per_class));
        }
        notes
    }
}
