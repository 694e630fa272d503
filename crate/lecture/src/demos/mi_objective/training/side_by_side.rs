//! Two or more values of ω, trained from the same seed: the slider's first, then those compared with it.

use std::collections::BTreeMap;

use crate::demos::mi_objective::{keys, readouts};
use burn::tensor::{Device, Tensor};
use figure::{Readout, SEED, Snapshot, Values};
use math::mmd::Kernel;
use serde::{Deserialize, Serialize};

use super::arm::{Arm, Gallery, Pictures};
use super::evaluation::{Column, Evaluation, Probe};
use super::panels::{Curve, History};
use super::settings::{Objective, Settings, config};
use super::{figures, notes};
use crate::shared::trained::split_seed;
use figure::Assets;
use learn::images::ImageSet;
use learn::lanes::{self, Lanes, Share, SharedRun};
use learn::models::{Vae, VaeConfig, from_bytes, restore};
use learn::{Checkpoint, Experiment, StartError, Stream, Table, Weight};

/// Initial number of steps between evaluations: each costs as much as some ten steps.
const EVALUATE_EVERY: u64 = 50;

/// What is known of an ω: every instance of the run has it of every lane.
struct Panel {
    omega: f64,
    curves: Table<Column>,
    last: Option<Evaluation>,
    pictures: Pictures,
}

/// An evaluation whose numbers are still on the device.
struct Pending {
    step: u64,
    omega: f64,
    kernel: Kernel,
    tensors: [Tensor<1>; 3],
}

/// A lane that this instance computes: the arm, and what was requested of it.
struct Lane {
    arm: Arm,
    pending: Vec<Pending>,
    asked: Vec<(u64, f64, Kernel)>,
    /// Whether the last `ask` requested the terms of the steps since the previous one.
    asked_recent: bool,
}

/// What a lane reports.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Report {
    /// The evaluations that were due, with their step; none where its numbers are not finite.
    evaluations: Vec<(u64, Option<Evaluation>)>,
    pictures: Pictures,
    /// Whether the terms of all steps since the last report are finite.
    finite: bool,
}

pub(super) struct SideBySide {
    panels: Vec<Panel>,
    lanes: BTreeMap<usize, Lane>,
    step: u64,
    /// The models of this instance's lanes.
    checkpoint: Checkpoint<Vec<Vae>>,
    settings: Settings,
    config: VaeConfig,
    seed: u64,
    device: Device,
    /// The stored model that every arm starts from, where there is one.
    stored: Option<Vae>,
    probe: Probe,
    gallery: Gallery,
    images: ImageSet,
}

impl SideBySide {
    pub(super) fn new(values: &Values, assets: &Assets, device: &Device) -> Result<Self, StartError> {
        let seed = values.get(SEED) as u64;
        let images = ImageSet::digits(split_seed(assets, seed), device);
        let config = config(values, images.pixels());
        let omegas = std::iter::once(values.get(keys::OMEGA)).chain(values.get(keys::COMPARE));
        let panel =
            |omega| Panel { omega, curves: Table::new(EVALUATE_EVERY), last: None, pictures: Pictures::default() };
        let load = |bytes: &Vec<u8>| {
            let fresh = config.init(&mut Stream::Weights.rng(seed), &device.clone().autodiff());
            restore(fresh, &from_bytes(bytes)?)
        };
        let stored = assets.0.get("model").map(load).transpose().map_err(StartError::Unusable)?;
        Ok(Self {
            panels: omegas.map(panel).collect(),
            lanes: BTreeMap::new(),
            step: 0,
            checkpoint: Checkpoint::new(Vec::new()),
            settings: Settings::of(values),
            probe: Probe::new(&images, config.latent, seed, device),
            gallery: Gallery::new(&images, config.latent, seed, device),
            device: device.clone(),
            config,
            seed,
            stored,
            images,
        })
    }

    /// Enqueues the evaluations that are due at this step.
    fn record(&mut self) {
        for (index, lane) in &mut self.lanes {
            if self.panels[*index].curves.due(self.step) {
                lane.pending.push(Pending {
                    step: self.step,
                    omega: self.panels[*index].omega,
                    kernel: self.settings.kernel,
                    tensors: self.probe.ask(&lane.arm.trainer),
                });
            }
        }
    }

    /// A model is not finite: all arms go back together, so that they stay at the same step.
    fn go_back(&mut self, omega: f64) {
        let wrong = format!("at ω = {omega} its terms are no numbers any more");
        let cause = format!("the learning rate ({:.4}) or λ", self.settings.learning_rate);
        let (back, models) = self.checkpoint.recover_from(self.step, &wrong, &cause);
        for (lane, model) in self.lanes.values_mut().zip(models) {
            lane.arm.trainer.restore(back, model);
        }
        for panel in &mut self.panels {
            panel.curves.rewind(back);
        }
        self.step = back;
    }

    fn readouts(&self) -> Vec<Readout> {
        let mut readouts = vec![readouts::STEP.value(self.step as f64)];
        if let Some(evaluation) = &self.panels[0].last {
            readouts.extend(figures::readouts(evaluation, self.probe.log_n()));
        }
        if let Some(Panel { omega, last: Some(last), .. }) = self.panels.get(1) {
            readouts.extend(figures::compared(*omega, last));
        }
        readouts
    }

    /// Every ω that has been evaluated.
    fn evaluated(&self) -> impl Iterator<Item = (f64, &Evaluation)> {
        self.panels.iter().filter_map(|panel| Some((panel.omega, panel.last.as_ref()?)))
    }

    fn figures(&self) -> Vec<figure::Figure> {
        let panels = History {
            curves: self.panels.iter().map(|panel| Curve::new(panel.omega, &panel.curves)).collect(),
            latent: self.config.latent,
            log_n: self.probe.log_n(),
        };
        let seen: Vec<_> = self.evaluated().collect();
        let bars: Vec<_> = seen.iter().enumerate().map(|(place, &(omega, of))| (place, omega, of)).collect();
        let pictures: Vec<_> = self.panels.iter().map(|panel| (panel.omega, &panel.pictures)).collect();
        let places: Vec<f64> = self.panels.iter().map(|panel| panel.omega).collect();
        let mut figures = vec![figures::identity(&places, &bars, self.probe.log_n())];
        figures.extend(panels.figures());
        figures.push(panels.rate_distortion());
        figures.push(figures::collapse(&seen));
        figures.push(figures::reconstructions(&self.images, &self.gallery.shown, &pictures));
        figures.push(figures::samples(&self.images, &pictures));
        figures
    }

    fn table(&self) -> Vec<Vec<String>> {
        let of = |first: String, mut line: Vec<String>| {
            line.insert(0, first);
            line
        };
        let mut table = vec![of("arm".into(), Table::<Column>::header())];
        for (index, panel) in self.panels.iter().enumerate() {
            let lines = panel.curves.lines(|number| number.to_string());
            table.extend(lines.map(|line| of(index.to_string(), line)));
        }
        table
    }
}

impl Experiment for SideBySide {
    fn step(&mut self) {
        self.checkpoint.resume();
        for lane in self.lanes.values_mut() {
            lane.arm.step(&self.settings);
        }
        self.step += 1;
        self.record();
    }

    fn set(&mut self, values: &Values) {
        self.settings = Settings::of(values);
        self.panels[0].omega = values.get(keys::OMEGA);
        for (index, lane) in &mut self.lanes {
            lane.arm.objective = Objective::Omega(self.panels[*index].omega);
        }
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        let mut tensors = Vec::new();
        for lane in self.lanes.values_mut() {
            lane.asked.clear();
            for pending in lane.pending.drain(..) {
                lane.asked.push((pending.step, pending.omega, pending.kernel));
                tensors.extend(pending.tensors);
            }
            tensors.extend(self.gallery.ask(&lane.arm.trainer));
            let recent = lane.arm.trainer.take_recent().map(|recent| recent.means);
            lane.asked_recent = recent.is_some();
            tensors.extend(recent);
        }
        tensors
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        lanes::alone(self, answers)
    }

    fn lanes(&mut self) -> Option<&mut dyn SharedRun> {
        Some(self)
    }

    fn weights(&self) -> Vec<Weight> {
        self.lanes.get(&0).map_or_else(Vec::new, |lane| lane.arm.trainer.weights())
    }
}

impl Lanes for SideBySide {
    type Report = Report;

    fn count(&self) -> usize {
        self.panels.len()
    }

    fn share(&mut self, mine: Share) {
        let lane = |index: usize| {
            let (images, omega) = (self.images.clone(), self.panels[index].omega);
            let mut arm = Arm::new(Objective::Omega(omega), self.config, images, self.seed, &self.device);
            if let Some(vae) = &self.stored {
                arm.trainer.restore(0, vae.clone());
            }
            Lane { arm, pending: Vec::new(), asked: Vec::new(), asked_recent: false }
        };
        self.lanes = mine.build(self.panels.len(), lane);
        self.checkpoint.save(0, self.models());
        self.record();
    }

    fn report(&mut self, answers: Vec<Vec<f32>>) -> BTreeMap<usize, Report> {
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let mut report = |lane: &Lane| Report {
            evaluations: lane
                .asked
                .iter()
                .map(|&(step, omega, kernel)| {
                    let mut evaluation = self.probe.measure(&[next(), next(), next()], kernel);
                    evaluation.iter_mut().for_each(|evaluation| evaluation.row.set(Column::Omega, omega));
                    (step, evaluation)
                })
                .collect(),
            pictures: Pictures { reconstructions: next(), samples: next() },
            finite: !lane.asked_recent || next().iter().all(|term| term.is_finite()),
        };
        self.lanes.iter().map(|(&index, lane)| (index, report(lane))).collect()
    }

    fn merge(&mut self, reports: Vec<Report>) {
        let mut diverged = None;
        for (panel, report) in self.panels.iter_mut().zip(reports) {
            let mut finite = report.finite && report.pictures.is_finite();
            if report.pictures.is_finite() {
                panel.pictures = report.pictures;
            }
            for (step, evaluation) in report.evaluations {
                finite &= evaluation.is_some();
                if let Some(evaluation) = evaluation {
                    panel.curves.push(step, evaluation.row.clone());
                    panel.last = Some(evaluation);
                }
            }
            if !finite {
                diverged = diverged.or(Some(panel.omega));
            }
        }
        match diverged {
            Some(omega) => self.go_back(omega),
            // The decoded images are finite, hence so was every step since the last snapshot.
            None => self.checkpoint.save(self.step, self.models()),
        }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            step: self.step,
            progress: None,
            status: self.checkpoint.status(false),
            readouts: self.readouts(),
            figures: self.figures(),
            table: self.table(),
            notes: notes::notes(&self.settings, self.evaluated()),
        }
    }
}

impl SideBySide {
    /// The models of this instance's lanes.
    fn models(&self) -> Vec<Vae> {
        self.lanes.values().map(|lane| lane.arm.trainer.vae().clone()).collect()
    }
}
