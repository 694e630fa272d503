//! The sweep: values of ω from 0 to 1, and of β beside them where asked for, each trained from the same weights for the same
//! number of steps, in figures that fill in. Values train in rounds of [`TOGETHER`], on one worker or several.

use std::collections::BTreeMap;

use crate::demos::mi_objective::{View, keys, readouts};
use burn::tensor::{Device, Tensor};
use figure::{SEED, Snapshot, Status, Values};
use serde::{Deserialize, Serialize};

use super::arm::{Arm, Gallery, Pictures};
use super::evaluation::{Column, Evaluation, Probe};
use super::panels::{Stop, against_omega};
use super::plane::{self, Seen};
use super::settings::{Objective, Settings, config};
use super::{figures, notes};
use learn::images::ImageSet;
use learn::lanes::{self, Lanes, Share, SharedRun};
use learn::models::VaeConfig;
use learn::{Columns, Experiment};

/// Steps between evaluations of the values of ω that are being trained.
const EVALUATE_EVERY: u64 = 100;
/// How many values train together: six can be divided equally between two and three workers.
const TOGETHER: usize = 6;
/// The smallest and the largest β.
const BETAS: (f64, f64) = (0.1, 10.0);

/// One objective, and what is known of it.
#[derive(Clone)]
struct Place {
    objective: Objective,
    evaluation: Option<Evaluation>,
    pictures: Pictures,
    done: bool,
    diverged: bool,
}

impl Place {
    fn new(objective: Objective) -> Self {
        Self { objective, evaluation: None, pictures: Pictures::default(), done: false, diverged: false }
    }
}

/// An evaluation of a place, by the lane that trains it.
#[derive(Clone, Copy)]
struct Request {
    lane: usize,
    place: usize,
    /// Whether it is the place's last.
    last: bool,
}

/// What a lane found at a place: no evaluation where its numbers are not finite.
#[derive(Serialize, Deserialize)]
pub(super) struct Found {
    place: usize,
    last: bool,
    evaluation: Option<Evaluation>,
    pictures: Pictures,
}

pub(super) struct Sweep {
    omegas: Vec<f64>,
    /// The order in which the places are trained: both ends, then the middles.
    order: Vec<usize>,
    /// Those of ω first, in the order of `omegas`; then those of β, increasing.
    places: Vec<Place>,
    share: Share,
    /// How many rounds are finished.
    rounds: usize,
    /// Steps of the current round.
    within: u64,
    /// The lanes that this instance computes: arms of the current round.
    arms: BTreeMap<usize, Arm>,
    steps_each: u64,
    /// The ω whose numbers the read-outs show.
    chosen: f64,
    settings: Settings,
    config: VaeConfig,
    seed: u64,
    images: ImageSet,
    device: Device,
    probe: Probe,
    gallery: Gallery,
    /// Evaluations whose numbers are still on the device.
    pending: Vec<(Request, [Tensor<1>; 5])>,
    asked: Vec<Request>,
    began_anew: bool,
}

impl Sweep {
    pub(super) fn new(values: &Values, device: &Device) -> Self {
        let seed = values.get(SEED) as u64;
        let images = ImageSet::digits(seed, device);
        let config = config(values, images.pixels());
        let count = values.get(keys::SWEEP_POINTS).max(2);
        let omegas: Vec<f64> = (0..count).map(|place| place as f64 / (count - 1) as f64).collect();
        let betas = if values.get(keys::VIEW) == View::SweepBoth { betas(count) } else { Vec::new() };
        let order =
            in_turn(&order(count), &order(betas.len()).into_iter().map(|place| count + place).collect::<Vec<_>>());
        let objectives = omegas.iter().copied().map(Objective::Omega).chain(betas.into_iter().map(Objective::Beta));
        Self {
            arms: BTreeMap::new(),
            places: objectives.map(Place::new).collect(),
            share: Share::ALL,
            rounds: 0,
            within: 0,
            steps_each: values.get(keys::SWEEP_STEPS) as u64,
            chosen: values.get(keys::OMEGA),
            settings: Settings::of(values),
            probe: Probe::new(&images, config.latent, seed, device),
            gallery: Gallery::new(&images, config.latent, seed, device),
            device: device.clone(),
            omegas,
            order,
            config,
            seed,
            images,
            pending: Vec::new(),
            asked: Vec::new(),
            began_anew: false,
        }
    }

    /// Steps of the sweep: each is a step of every value of its round.
    fn steps(&self) -> u64 {
        self.rounds as u64 * self.steps_each + self.within
    }

    /// The places that train in a round, lane by lane; empty after the last round.
    fn round(&self, round: usize) -> &[usize] {
        self.order.chunks(TOGETHER).nth(round).unwrap_or_default()
    }

    /// Creates the arms of the current round and evaluates them a first time.
    fn begin(&mut self) {
        let round = self.round(self.rounds);
        let arm = |lane: usize| {
            Arm::new(self.places[round[lane]].objective, self.config, self.images.clone(), self.seed, &self.device)
        };
        self.arms = self.share.build(round.len(), arm);
        self.enqueue(false);
    }

    /// Enqueues an evaluation of the current arms.
    fn enqueue(&mut self, last: bool) {
        for (&lane, arm) in &self.arms {
            let [mu, log_var, reconstruction] = self.probe.ask(&arm.trainer);
            let [reconstructions, samples] = self.gallery.ask(&arm.trainer);
            let request = Request { lane, place: self.round(self.rounds)[lane], last };
            self.pending.push((request, [mu, log_var, reconstruction, reconstructions, samples]));
        }
    }

    /// The share of all updates that are done.
    fn progress(&self) -> f64 {
        let over = self.order.len().min(self.rounds * TOGETHER) as u64;
        let updates = over * self.steps_each + self.round(self.rounds).len() as u64 * self.within;
        updates as f64 / (self.steps_each * self.order.len() as u64) as f64
    }

    /// The place that the read-outs show, one of ω: among the finished ones, else those of the first round, the nearest to the slider.
    fn chosen_place(&self) -> usize {
        let done = (0..self.omegas.len()).filter(|&place| self.places[place].done && !self.places[place].diverged);
        let distance = |place: usize| (self.omegas[place] - self.chosen).abs();
        let nearest =
            |places: &mut dyn Iterator<Item = usize>| places.min_by(|&a, &b| distance(a).total_cmp(&distance(b)));
        let first_round = || nearest(&mut self.round(0).iter().copied().filter(|&place| place < self.omegas.len()));
        nearest(&mut { done }).or_else(first_round).unwrap_or(self.order[0])
    }

    /// The outermost curves and the chosen one: more could not be told apart.
    fn ends_and_chosen<'a>(&self, curves: &[(f64, &'a Evaluation)]) -> Vec<(f64, &'a Evaluation)> {
        let chosen = self.omegas[self.chosen_place()];
        let last = curves.len().saturating_sub(1);
        let kept = curves.iter().enumerate().filter(|(i, (omega, _))| *i == 0 || *i == last || *omega == chosen);
        kept.map(|(_, curve)| *curve).collect()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.began_anew {
            notes.push("A setting moved, and one picture should hold one setting: the sweep began anew.".to_owned());
        }
        let of = self.chosen_place();
        match (&self.places[of].evaluation, self.places[of].done) {
            (Some(_), true) => {
                notes.push(format!("The values are those of ω = {}, the nearest to the slider.", self.omegas[of]))
            }
            _ => notes.push(format!("The values are those of ω = {}, in training.", self.omegas[of])),
        }
        for Place { objective, .. } in self.places.iter().filter(|place| place.diverged) {
            let lower = match objective {
                Objective::Omega(_) => "A lower learning rate or λ",
                Objective::Beta(_) => "A lower learning rate",
            };
            notes.push(format!(
                "At {objective} the run diverged, its terms are no numbers any more; its place stays empty. {lower} would help."
            ));
        }
        let seen = self
            .places
            .iter()
            .zip(&self.omegas)
            .filter_map(|(place, &omega)| Some((omega, place.evaluation.as_ref()?)));
        notes.extend(notes::notes(&self.settings, seen));
        notes
    }

    /// Whether it is a sweep of β too.
    fn both(&self) -> bool {
        self.places.len() > self.omegas.len()
    }

    fn table(&self) -> Vec<Vec<String>> {
        let both = self.both();
        let columns = || Column::ALL.iter().copied().filter(|column| *column != Column::Omega);
        let names =
            ["omega"].into_iter().chain(both.then_some("beta")).chain(["done"]).chain(columns().map(Columns::name));
        let mut table = vec![names.map(str::to_owned).collect::<Vec<_>>()];
        for Place { objective, evaluation, done, .. } in &self.places {
            let Some(evaluation) = evaluation else { continue };
            let [omega, beta] = match objective {
                Objective::Omega(1.0) => ["1", "1"].map(str::to_owned),
                Objective::Omega(omega) => [omega.to_string(), String::new()],
                Objective::Beta(beta) => [String::new(), beta.to_string()],
            };
            let weights = [omega].into_iter().chain(both.then_some(beta));
            let numbers = columns().map(|column| evaluation[column].to_string());
            table.push(weights.chain([done.to_string()]).chain(numbers).collect());
        }
        table
    }
}

impl Experiment for Sweep {
    fn step(&mut self) {
        if self.finished() {
            return;
        }
        for arm in self.arms.values_mut() {
            arm.step(&self.settings);
        }
        self.within += 1;
        if self.within >= self.steps_each {
            self.enqueue(true);
            self.rounds += 1;
            self.within = 0;
            self.begin();
        } else if self.within.is_multiple_of(EVALUATE_EVERY) {
            self.enqueue(false);
        }
    }

    /// ω only chooses what the read-outs show; any other setting restarts the sweep.
    fn set(&mut self, values: &Values) {
        self.chosen = values.get(keys::OMEGA);
        let settings = Settings::of(values);
        if settings != self.settings {
            self.settings = settings;
            self.began_anew = self.steps() > 0;
            self.rounds = 0;
            self.within = 0;
            self.places = self.places.iter().map(|place| Place::new(place.objective)).collect();
            self.pending.clear();
            self.asked.clear();
            self.begin();
        }
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        let (asked, tensors): (Vec<_>, Vec<_>) = self.pending.drain(..).unzip();
        self.asked = asked;
        tensors.into_iter().flatten().collect()
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        lanes::alone(self, answers)
    }

    fn lanes(&mut self) -> Option<&mut dyn SharedRun> {
        Some(self)
    }

    fn finished(&self) -> bool {
        self.round(self.rounds).is_empty()
    }
}

impl Lanes for Sweep {
    type Report = Vec<Found>;

    fn count(&self) -> usize {
        self.order.len().min(TOGETHER)
    }

    fn share(&mut self, mine: Share) {
        self.share = mine;
        self.begin();
    }

    fn report(&mut self, answers: Vec<Vec<f32>>) -> BTreeMap<usize, Vec<Found>> {
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let mut reports = BTreeMap::<usize, Vec<Found>>::new();
        for Request { lane, place, last } in std::mem::take(&mut self.asked) {
            let evaluation = self.probe.measure(&[next(), next(), next()], self.settings.kernel);
            let pictures = Pictures { reconstructions: next(), samples: next() };
            reports.entry(lane).or_default().push(Found { place, last, evaluation, pictures });
        }
        reports
    }

    fn merge(&mut self, reports: Vec<Vec<Found>>) {
        for Found { place, last, evaluation, pictures } in reports.into_iter().flatten() {
            let diverged = evaluation.is_none();
            self.places[place] = Place { evaluation, pictures, done: last, diverged, ..self.places[place] };
        }
    }

    fn snapshot(&self) -> Snapshot {
        let seen = || {
            let known = self.places.iter().zip(&self.omegas).enumerate();
            known.filter_map(|(index, (place, &omega))| Some((index, omega, place, place.evaluation.as_ref()?)))
        };
        let stops: Vec<Stop> =
            seen().map(|(_, omega, place, of)| Stop { omega, row: &of.row, done: place.done }).collect();
        let bars: Vec<_> = seen().map(|(index, omega, _, of)| (index, omega, of)).collect();
        let curves: Vec<_> = seen().map(|(_, omega, _, of)| (omega, of)).collect();
        let pictures: Vec<_> = seen().map(|(_, omega, place, _)| (omega, &place.pictures)).collect();
        let log_n = self.probe.log_n();
        let mut figures = vec![figures::identity(&self.omegas, &bars, log_n)];
        figures.extend(against_omega(&stops, self.config.latent, log_n));
        let known = self.places.iter().filter_map(|Place { objective, evaluation, done, .. }| {
            Some(Seen { objective: *objective, done: *done, evaluation: evaluation.as_ref()? })
        });
        figures.push(plane::rate_distortion(&known.collect::<Vec<_>>(), self.both()));
        figures.push(figures::collapse(&self.ends_and_chosen(&curves)));
        figures.push(figures::reconstructions(&self.images, &self.gallery.shown, &pictures));
        figures.push(figures::samples(&self.images, &pictures));

        let mut readouts = vec![readouts::STEP.value(self.steps() as f64)];
        if let Some(evaluation) = &self.places[self.chosen_place()].evaluation {
            readouts.extend(figures::readouts(evaluation, log_n));
        }
        if let Some((omega, evaluation)) = curves.last().filter(|at| at.0 == 1.0) {
            readouts.extend(figures::compared(*omega, evaluation));
        }
        Snapshot {
            step: self.steps(),
            progress: Some(self.progress()),
            status: if self.finished() { Status::Done } else { Status::Going },
            readouts,
            figures,
            table: self.table(),
            notes: self.notes(),
        }
    }
}

/// The values of β of a sweep, with two digits each: as many as `count`, evenly spaced by their logarithms, but for 1, which is ω = 1.
fn betas(count: usize) -> Vec<f64> {
    let rounded = |beta: f64| format!("{beta:.1e}").parse().unwrap_or(beta);
    math::collapse::log_grid(BETAS.0, BETAS.1, count).into_iter().map(rounded).filter(|beta| *beta != 1.0).collect()
}

/// The elements of both in turn, then what is left.
fn in_turn(first: &[usize], second: &[usize]) -> Vec<usize> {
    let longest = first.len().max(second.len());
    (0..longest).flat_map(|i| [first.get(i), second.get(i)]).flatten().copied().collect()
}

/// An order of 0..count in which every prefix is spread out: the last (the ELBO) and the first, then the middles of gaps.
fn order(count: usize) -> Vec<usize> {
    if count == 0 {
        return Vec::new();
    }
    let mut order = vec![count - 1, 0];
    let mut gaps = std::collections::VecDeque::from([(0, count - 1)]);
    while let Some((low, high)) = gaps.pop_front() {
        let middle = (low + high) / 2;
        if middle > low {
            order.push(middle);
            gaps.extend([(low, middle), (middle, high)]);
        }
    }
    order
}

#[cfg(test)]
mod tests {
    #[test]
    fn betas_are_distinct_have_two_digits_and_leave_out_one() {
        assert_eq!(super::betas(5), [0.1, 0.32, 3.2, 10.0]);
        for count in 3..=17 {
            let betas = super::betas(count);
            assert_eq!(betas.len(), count - count % 2);
            assert!(
                betas[0] == 0.1 && betas.ends_with(&[10.0]) && betas.windows(2).all(|w| 1.05 * w[0] < w[1]),
                "{betas:?}"
            );
        }
        assert_eq!(super::in_turn(&[5, 6, 7], &[1]), [5, 1, 6, 7]);
    }

    #[test]
    fn the_order_has_every_place_once_and_the_ends_first() {
        assert!(super::order(0).is_empty());
        for count in 2..20 {
            let mut order = super::order(count);
            assert_eq!(order[..2], [count - 1, 0]);
            order.sort_unstable();
            assert!(order.iter().copied().eq(0..count));
        }
    }
}
