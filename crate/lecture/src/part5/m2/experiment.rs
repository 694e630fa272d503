//! M2 as an experiment: steps, live controls, a sweep over the number of labels, and what happens when a run diverges.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor};
use figure::{Readout, Snapshot, Status, Values};

use super::figures::{self, Example, View};
use super::look::Look;
use super::record::Record;
use super::set::Set;
use super::trainer::{Steering, Trainer};
use crate::models::M2Config;
use crate::objectives::Likelihood;
use crate::{Assets, Experiment, StartError, Weight};

/// The numbers of labels per class that a sweep goes through.
const SWEEP: [usize; 7] = [1, 2, 3, 5, 10, 20, 50];
/// Steps at each of them.
const SWEEP_STEPS: u64 = 1000;

struct M2Run {
    trainer: Trainer,
    steering: Steering,
    record: Record,
    sight: Look,
    /// Labels per class at present.
    labels_per_class: usize,
    /// Whether the numbers of labels are gone through.
    sweep: bool,
    clicked: Vec<f64>,
    example: Vec<f64>,
    device: Device,
    seed: u64,
    failure: Option<String>,
}

pub(super) fn start(values: &Values, assets: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    let seed = values.integer("seed") as u64;
    let moons = values.text("data") == "moons";
    let set = if moons { Set::moons(values.number("noise"), seed, device) } else { Set::digits(seed, device) };
    let hidden = values.integer("hidden");
    let latent = if moons { "moons_latent" } else { "latent" };
    let config = M2Config {
        inputs: set.inputs,
        classes: set.class_count,
        hidden,
        classifier_hidden: hidden,
        latent: values.integer(latent),
        likelihood: if moons { Likelihood::Gaussian } else { Likelihood::Bernoulli },
    };
    let sweep = values.flag("sweep");
    let labels_per_class = if sweep { SWEEP[0] } else { values.integer("labels_per_class") };
    let clicked = values.list("labels").to_vec();
    let labelled = set.labelled(labels_per_class, &clicked, seed);
    let mut run = M2Run {
        sight: Look::new(&set, config.latent, seed),
        trainer: Trainer::new(config, set, labelled, seed, device),
        steering: steering(values),
        record: Record::new(labels_per_class),
        labels_per_class,
        sweep,
        clicked,
        example: values.list("example").to_vec(),
        device: device.clone(),
        seed,
        failure: None,
    };
    if let Some(bytes) = assets.0.get("model") {
        run.trainer.load(bytes).map_err(StartError::Unusable)?;
    }
    run.look();
    Ok(Box::new(run))
}

fn steering(values: &Values) -> Steering {
    Steering {
        alpha: values.number("alpha"),
        learning_rate: values.number("learning_rate"),
        batch: values.integer("batch"),
        warm_up: values.integer("warm_up") as u64,
    }
}

impl Experiment for M2Run {
    fn step(&mut self) {
        self.failure = None; // play after a failure goes on from the good weights
        if self.finished() {
            return;
        }
        if self.sweep && self.trainer.step == SWEEP_STEPS {
            self.turn();
        }
        self.trainer.step(&self.steering);
        self.look();
    }

    fn set(&mut self, values: &Values) {
        self.steering = steering(values);
        self.example = values.list("example").to_vec();
        let clicked = values.list("labels");
        if clicked != self.clicked {
            self.clicked = clicked.to_vec();
            self.trainer.relabel(self.trainer.set.labelled(self.labels_per_class, &self.clicked, self.seed));
        }
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        let mut tensors = self.record.ask();
        let example = self.sight.example(&self.trainer.set, &self.example);
        tensors.extend(self.sight.ask(&self.trainer, &example));
        tensors
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let finite = self.record.answer(&mut next);
        let seen = self.sight.answer(self.trainer.config.classes, &mut next);
        if !finite {
            self.fail();
        } else if self.failure.is_none() {
            self.trainer.mark_good();
        }
        let chosen = self.sight.example(&self.trainer.set, &self.example);
        let example = Example::new(chosen, &seen);
        let view = View {
            set: &self.trainer.set,
            labelled: &self.trainer.labelled,
            look: &self.sight,
            seen: &seen,
            record: &self.record,
            example: &example,
        };
        Snapshot {
            step: self.trainer.step,
            progress: self.progress(),
            status: match &self.failure {
                Some(sentence) => Status::Failed(sentence.clone()),
                None if self.finished() => Status::Done,
                None => Status::Going,
            },
            readouts: self.readouts(&example),
            figures: figures::all(&view),
            table: self.record.table(),
            notes: self.notes(),
        }
    }

    fn finished(&self) -> bool {
        self.sweep && self.labels_per_class == SWEEP[SWEEP.len() - 1] && self.trainer.step >= SWEEP_STEPS
    }

    fn weights(&self) -> Vec<Weight> {
        self.trainer.weights()
    }

    fn description(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            ("model".to_owned(), "m2".to_owned()),
            ("likelihood".to_owned(), self.trainer.config.likelihood.name().to_owned()),
            ("steps".to_owned(), self.trainer.step.to_string()),
        ])
    }
}

impl M2Run {
    /// The sweep's next number of labels, from fresh weights.
    fn turn(&mut self) {
        let next = SWEEP.into_iter().find(|&labels| labels > self.labels_per_class);
        self.labels_per_class = next.unwrap_or(self.labels_per_class);
        let set = self.trainer.set.clone();
        let labelled = set.labelled(self.labels_per_class, &self.clicked, self.seed);
        self.trainer = Trainer::new(self.trainer.config, set, labelled, self.seed, &self.device);
        self.look();
    }

    /// Enqueues what is due to be looked at after this step.
    fn look(&mut self) {
        self.record.look(&mut self.trainer, self.labels_per_class, self.seed);
        self.sight.map(&self.trainer);
    }

    fn progress(&self) -> Option<f64> {
        let before = SWEEP.iter().position(|&labels| labels == self.labels_per_class)? as f64;
        let share = self.trainer.step as f64 / SWEEP_STEPS as f64;
        self.sweep.then_some((before + share) / SWEEP.len() as f64)
    }

    /// The bounds are not numbers any more: back to the weights of the last look, and a sentence about it.
    fn fail(&mut self) {
        let at = self.trainer.step;
        let back = self.trainer.restore_good();
        self.record.curves.rewind(back);
        self.failure = Some(format!(
            "The run diverged before step {at}: a bound is not a number any more, mostly because the learning rate ({:.3}) is too large. The weights of step {back} are back. Lower the learning rate and press play, or press reset.",
            self.steering.learning_rate
        ));
    }

    fn readouts(&self, example: &Example) -> Vec<Readout> {
        let (labelled, unlabelled) = (self.trainer.labelled.len() as f64, self.trainer.unlabelled() as f64);
        let alpha = self.steering.alpha * (labelled + unlabelled);
        let mut readouts = vec![Readout::exact("step", self.trainer.step as f64)];
        readouts.extend(self.record.readouts(self.trainer.set.heldout.len()));
        readouts.extend([
            Readout::exact("labelled", labelled),
            Readout::exact("unlabelled", unlabelled),
            Readout::exact("alpha_total", alpha),
            Readout::exact("label_weight", if labelled > 0.0 { alpha / labelled } else { f64::NAN }),
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
        if self.sweep && self.failure.is_none() {
            notes.push(format!("Sweep: {} labels per class now.", self.labels_per_class));
        }
        notes
    }
}
