//! Two or more values of ω, trained in turn from the same seed: the slider's first, then those beside it.

use burn::tensor::{Device, Tensor};
use figure::{Readout, Snapshot, Status, Values};
use math::mmd::Kernel;

use super::arm::{Arm, Gallery, Pictures};
use super::evaluation::{COLUMNS, Evaluation, Probe};
use super::panels::{Curve, History as Panels};
use super::settings::{Settings, config};
use super::{figures, notes};
use crate::history::History;
use crate::images::ImageSet;
use crate::{Assets, Experiment, StartError, Weight};

/// Steps between evaluations, at first: each costs as much as some ten steps.
const EVALUATE_EVERY: u64 = 50;

/// An arm and what has been seen of it.
struct Lane {
    arm: Arm,
    /// [`Evaluation::row`] by step, then the ω of that step.
    history: History,
    last: Option<Evaluation>,
    pictures: Pictures,
}

/// An evaluation whose numbers are still on the device.
struct Pending {
    lane: usize,
    step: u64,
    omega: f64,
    kernel: Kernel,
}

pub(super) struct SideBySide {
    lanes: Vec<Lane>,
    settings: Settings,
    probe: Probe,
    gallery: Gallery,
    images: ImageSet,
    pending: Vec<(Pending, [Tensor<1>; 3])>,
    asked: Vec<Pending>,
    /// Whether the last `ask` asked for the terms of the steps since the one before.
    asked_recent: bool,
    failure: Option<String>,
}

impl SideBySide {
    pub(super) fn new(values: &Values, assets: &Assets, device: &Device) -> Result<Self, StartError> {
        let seed = values.integer("seed") as u64;
        let images = ImageSet::digits(seed, device);
        let config = config(values, images.pixels());
        let omegas = std::iter::once(values.number("omega")).chain(values.list("compare").iter().copied());
        let lane = |omega| {
            let mut arm = Arm::new(omega, config, images.clone(), seed, device);
            if let Some(bytes) = assets.0.get("model") {
                arm.trainer.load(bytes).map_err(StartError::Unusable)?;
            }
            Ok(Lane { arm, history: History::new(EVALUATE_EVERY), last: None, pictures: Pictures::default() })
        };
        let mut run = Self {
            lanes: omegas.map(lane).collect::<Result<_, StartError>>()?,
            settings: Settings::of(values),
            probe: Probe::new(&images, config.latent, seed, device),
            gallery: Gallery::new(&images, config.latent, seed, device),
            images,
            pending: Vec::new(),
            asked: Vec::new(),
            asked_recent: false,
            failure: None,
        };
        run.record();
        Ok(run)
    }

    fn step_count(&self) -> u64 {
        self.lanes[0].arm.trainer.step
    }

    /// Enqueues the evaluations that are due at this step.
    fn record(&mut self) {
        let step = self.step_count();
        for (index, lane) in self.lanes.iter().enumerate() {
            if lane.history.due(step) {
                let pending = Pending { lane: index, step, omega: lane.arm.omega, kernel: self.settings.kernel };
                self.pending.push((pending, self.probe.ask(&lane.arm.trainer)));
            }
        }
    }

    /// A model does not give numbers any more: all arms go back together, so that they stay in step.
    fn fail(&mut self, omega: f64) {
        let at = self.step_count();
        let mut back = 0;
        for lane in &mut self.lanes {
            back = lane.arm.trainer.restore_good();
            lane.history.rewind(back);
        }
        self.failure = Some(format!(
            "At ω = {omega} the run diverged before step {at}: its terms are no numbers any more. The weights of step {back} are back. Lower the learning rate ({:.4}) or λ and press play, or press reset.",
            self.settings.learning_rate
        ));
    }

    fn readouts(&self) -> Vec<Readout> {
        let mut readouts = vec![Readout::exact("step", self.step_count() as f64)];
        if let Some(evaluation) = &self.lanes[0].last {
            readouts.extend(figures::readouts(evaluation, self.probe.log_n()));
        }
        if let Some(Lane { arm, last: Some(last), .. }) = self.lanes.get(1) {
            readouts.extend(figures::compared(arm.omega, last));
        }
        readouts
    }

    fn figures(&self) -> Vec<figure::Figure> {
        let curves = self.lanes.iter().map(|lane| Curve::new(lane.arm.omega, lane.history.rows()));
        let panels = Panels {
            curves: curves.collect(),
            latent: self.lanes[0].arm.trainer.config.latent,
            log_n: self.probe.log_n(),
        };
        let seen: Vec<_> = self.lanes.iter().filter_map(|lane| Some((lane.arm.omega, lane.last.as_ref()?))).collect();
        let bars: Vec<_> = seen.iter().enumerate().map(|(place, &(omega, of))| (place, omega, of)).collect();
        let pictures: Vec<_> = self.lanes.iter().map(|lane| (lane.arm.omega, &lane.pictures)).collect();
        let places: Vec<f64> = self.lanes.iter().map(|lane| lane.arm.omega).collect();
        let mut figures = vec![figures::identity(&places, &bars, self.probe.log_n())];
        figures.extend(panels.figures());
        figures.push(figures::collapse(&seen));
        figures.push(figures::reconstructions(&self.images, &self.gallery.shown, &pictures));
        figures.push(figures::samples(&self.images, &pictures));
        figures
    }

    fn table(&self) -> Vec<Vec<String>> {
        let header = ["arm", "step"].into_iter().chain(COLUMNS.map(|column| column.1)).chain(["omega"]);
        let mut table = vec![header.map(str::to_owned).collect::<Vec<_>>()];
        for (index, lane) in self.lanes.iter().enumerate() {
            table.extend(lane.history.rows().iter().map(|(step, row)| {
                let numbers = row.iter().map(f64::to_string);
                [index.to_string(), step.to_string()].into_iter().chain(numbers).collect()
            }));
        }
        table
    }
}

impl Experiment for SideBySide {
    fn step(&mut self) {
        self.failure = None; // play after a failure goes on from the good weights
        for lane in &mut self.lanes {
            lane.arm.step(&self.settings);
        }
        self.record();
    }

    fn set(&mut self, values: &Values) {
        self.settings = Settings::of(values);
        self.lanes[0].arm.omega = values.number("omega");
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        let mut tensors = Vec::new();
        self.asked.clear();
        for (pending, asked) in self.pending.drain(..) {
            self.asked.push(pending);
            tensors.extend(asked);
        }
        tensors.extend(self.lanes.iter().flat_map(|lane| self.gallery.ask(&lane.arm.trainer)));
        let recent: Vec<_> = self.lanes.iter_mut().filter_map(|lane| lane.arm.trainer.take_recent()).collect();
        self.asked_recent = !recent.is_empty();
        tensors.extend(recent);
        tensors
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let mut diverged = None;
        for pending in std::mem::take(&mut self.asked) {
            let Pending { lane, step, omega, kernel } = pending;
            match self.probe.measure(&[next(), next(), next()], kernel) {
                Some(evaluation) => {
                    let mut row = evaluation.row();
                    row.push(omega);
                    self.lanes[lane].history.push(step, row);
                    self.lanes[lane].last = Some(evaluation);
                }
                None => diverged = diverged.or(Some(omega)),
            }
        }
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        for lane in &mut self.lanes {
            let pictures = Pictures { reconstructions: next(), samples: next() };
            if finite(&pictures.reconstructions) && finite(&pictures.samples) {
                lane.pictures = pictures;
            } else {
                diverged = diverged.or(Some(lane.arm.omega));
            }
        }
        for lane in &self.lanes {
            if self.asked_recent && !finite(&next()) {
                diverged = diverged.or(Some(lane.arm.omega));
            }
        }
        match diverged {
            Some(omega) => self.fail(omega),
            // What the present weights decode are numbers, and so was every step since the last look.
            None if self.failure.is_none() => self.lanes.iter_mut().for_each(|lane| lane.arm.trainer.mark_good()),
            None => {}
        }
        Snapshot {
            step: self.step_count(),
            progress: None,
            status: self.failure.clone().map_or(Status::Going, Status::Failed),
            readouts: self.readouts(),
            figures: self.figures(),
            table: self.table(),
            notes: notes::notes(
                &self.settings,
                self.lanes.iter().filter_map(|lane| Some((lane.arm.omega, lane.last.as_ref()?))),
            ),
        }
    }

    fn weights(&self) -> Vec<Weight> {
        self.lanes[0].arm.trainer.weights()
    }
}
