//! Two or more values of ω, trained from the same seed: the slider's first, then those compared with it.

use crate::demos::mi_objective::{keys, readouts};
use burn::tensor::{Device, Tensor};
use figure::{Readout, SEED, Snapshot, Status, Values};
use math::mmd::Kernel;

use super::arm::{Arm, Gallery, Pictures};
use super::evaluation::{COLUMNS, Evaluation, Probe, host};
use super::panels::{Curve, History as Panels};
use super::settings::{Settings, config};
use super::{figures, notes};
use figure::Assets;
use learn::history::History;
use learn::images::ImageSet;
use learn::lanes::{self, Lanes, Report, Share};
use learn::{Experiment, StartError, Weight};

/// Initial number of steps between evaluations: each costs as much as some ten steps.
const EVALUATE_EVERY: u64 = 50;

/// An arm and its recorded evaluations. Only the instance that computes this lane trains the arm.
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
    mine: Share,
    step: u64,
    /// The last step whose weights are known to be good.
    good: u64,
    settings: Settings,
    probe: Probe,
    gallery: Gallery,
    images: ImageSet,
    /// The evaluations that are due, with their tensors where this instance computes the lane.
    pending: Vec<(Pending, Option<[Tensor<1>; 3]>)>,
    asked: Vec<Pending>,
    /// Whether the last `ask` requested the terms of the steps since the previous one.
    asked_recent: bool,
    failure: Option<String>,
}

impl SideBySide {
    pub(super) fn new(values: &Values, assets: &Assets, device: &Device) -> Result<Self, StartError> {
        let seed = values.get(SEED) as u64;
        let images = ImageSet::digits(seed, device);
        let config = config(values, images.pixels());
        let omegas = std::iter::once(values.get(keys::OMEGA)).chain(values.get(keys::COMPARE));
        let lane = |omega| {
            let mut arm = Arm::new(omega, config, images.clone(), seed, device);
            if let Some(bytes) = assets.0.get("model") {
                arm.trainer.load(bytes).map_err(StartError::Unusable)?;
            }
            Ok(Lane { arm, history: History::new(EVALUATE_EVERY), last: None, pictures: Pictures::default() })
        };
        let mut run = Self {
            lanes: omegas.map(lane).collect::<Result<_, StartError>>()?,
            mine: Share::ALL,
            step: 0,
            good: 0,
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

    /// Enqueues the evaluations that are due at this step.
    fn record(&mut self) {
        let step = self.step;
        for (index, lane) in self.lanes.iter().enumerate() {
            if lane.history.due(step) {
                let pending = Pending { lane: index, step, omega: lane.arm.omega, kernel: self.settings.kernel };
                let asked = self.mine.has(index).then(|| self.probe.ask(&lane.arm.trainer));
                self.pending.push((pending, asked));
            }
        }
    }

    /// The arms that this instance trains.
    fn arms(&mut self) -> impl Iterator<Item = &mut Arm> {
        let mine = self.mine;
        self.lanes.iter_mut().enumerate().filter(move |(index, _)| mine.has(*index)).map(|(_, lane)| &mut lane.arm)
    }

    /// A model is not finite: all arms go back together, so that they stay at the same step.
    fn fail(&mut self, omega: f64) {
        let at = std::mem::replace(&mut self.step, self.good);
        for arm in self.arms() {
            arm.trainer.restore_good();
        }
        for lane in &mut self.lanes {
            lane.history.rewind(self.good);
        }
        self.failure = Some(format!(
            "At ω = {omega} the run diverged before step {at}: its terms are no numbers any more. The weights of step {} are back. Lower the learning rate ({:.4}) or λ and press play, or press reset.",
            self.good, self.settings.learning_rate
        ));
    }

    fn readouts(&self) -> Vec<Readout> {
        let mut readouts = vec![readouts::STEP.value(self.step as f64)];
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
        self.failure = None; // after a failure, play continues from the restored weights
        let settings = self.settings;
        for arm in self.arms() {
            arm.step(&settings);
        }
        self.step += 1;
        self.record();
    }

    fn set(&mut self, values: &Values) {
        self.settings = Settings::of(values);
        self.lanes[0].arm.omega = values.get(keys::OMEGA);
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        let (asked, evaluations): (Vec<_>, Vec<_>) = self.pending.drain(..).unzip();
        self.asked = asked;
        let mut tensors: Vec<_> = evaluations.into_iter().flatten().flatten().collect();
        let (mut pictures, mut recent) = (Vec::new(), Vec::new());
        let (mine, gallery) = (self.mine, &self.gallery);
        for (_, lane) in self.lanes.iter_mut().enumerate().filter(|(index, _)| mine.has(*index)) {
            pictures.extend(gallery.ask(&lane.arm.trainer));
            recent.extend(lane.arm.trainer.take_recent());
        }
        self.asked_recent = !recent.is_empty();
        tensors.extend(pictures);
        tensors.extend(recent);
        tensors
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        lanes::alone(self, answers)
    }

    fn lanes(&mut self) -> Option<&mut dyn Lanes> {
        Some(self)
    }

    fn weights(&self) -> Vec<Weight> {
        self.lanes[0].arm.trainer.weights()
    }
}

impl Lanes for SideBySide {
    fn count(&self) -> usize {
        self.lanes.len()
    }

    fn share(&mut self, mine: Share) {
        self.mine = mine;
        self.pending.clear();
        self.record();
    }

    /// For each lane: [`Evaluation::numbers`] of the requested evaluations, in their order, empty where one failed; then
    /// [`Pictures`], two rows; then the terms of the steps since the last snapshot, if there were any.
    fn report(&self, answers: Vec<Vec<f32>>) -> Vec<Report> {
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let mut reports = vec![Report::new(); self.lanes.len()];
        for pending in self.asked.iter().filter(|pending| self.mine.has(pending.lane)) {
            let measured = self.probe.measure(&[next(), next(), next()], pending.kernel);
            reports[pending.lane].push(measured.map_or_else(Vec::new, |evaluation| evaluation.numbers()));
        }
        let mine: Vec<usize> = (0..self.lanes.len()).filter(|&lane| self.mine.has(lane)).collect();
        for &lane in &mine {
            reports[lane].extend([host(&next()), host(&next())]);
        }
        if self.asked_recent {
            mine.iter().for_each(|&lane| reports[lane].push(host(&next())));
        }
        reports
    }

    fn hear(&mut self, reports: Vec<Report>) {
        let mut reports: Vec<_> = reports.into_iter().map(IntoIterator::into_iter).collect();
        let mut next = |lane: usize| reports.get_mut(lane).and_then(Iterator::next).unwrap_or_default();
        let mut diverged = None;
        for Pending { lane, step, omega, .. } in std::mem::take(&mut self.asked) {
            match self.probe.recalled(&next(lane)) {
                Some(evaluation) => {
                    let mut row = evaluation.row();
                    row.push(omega);
                    self.lanes[lane].history.push(step, row);
                    self.lanes[lane].last = Some(evaluation);
                }
                None => diverged = diverged.or(Some(omega)),
            }
        }
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            let pictures = Pictures::of(&next(index), &next(index));
            if pictures.is_finite() {
                lane.pictures = pictures;
            } else {
                diverged = diverged.or(Some(lane.arm.omega));
            }
        }
        for (index, lane) in self.lanes.iter().enumerate() {
            if !next(index).iter().all(|term| term.is_finite()) {
                diverged = diverged.or(Some(lane.arm.omega));
            }
        }
        match diverged {
            Some(omega) => self.fail(omega),
            // The decoded images are finite, hence so was every step since the last snapshot.
            None if self.failure.is_none() => {
                self.good = self.step;
                self.arms().for_each(|arm| arm.trainer.mark_good());
            }
            None => {}
        }
    }

    fn look(&self) -> Snapshot {
        Snapshot {
            step: self.step,
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
}
