//! The simulation as an experiment: a step draws some samples, a snapshot shows the values of N that are finished.

use crate::demos::gradient_variance::{F, SIZES, keys, readouts};
use burn::tensor::{Device, Tensor};
use figure::{Readout, SEED, Snapshot, Status, Values};
use math::estimate::{Estimate, variance};
use math::simulation::{Function, Settings, Simulation, Term};

use super::figures;
use super::on_device::OnDevice;
use figure::Assets;
use learn::{Experiment, StartError};

/// Samples drawn in one step: a few milliseconds, so that cancelling takes effect at once.
const SAMPLES_PER_STEP: u64 = 400_000;

struct GradientVariance {
    simulation: Simulation,
    /// Where WebGPU draws: the simulation then takes every N when it is complete.
    on_device: Option<OnDevice>,
    size: f64,
    steps: u64,
    /// Notes for the user on values replaced at the start.
    notes: Vec<String>,
}

pub(crate) fn start(values: &Values, _: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    let mut sizes: Vec<u64> = values.get(keys::SIZES).iter().map(|n| n.round() as u64).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let notes = if sizes.is_empty() {
        sizes.extend(SIZES.iter().map(|&n| n as u64));
        vec!["The list of N was empty: the slide’s own N are used.".to_owned()]
    } else {
        Vec::new()
    };
    let settings = Settings {
        function: match values.get(keys::FUNCTION) {
            F::Square => Function::Square,
            F::Step => Function::Step,
        },
        theta: values.get(keys::THETA),
        repeats: values.get(keys::REPEATS),
        sizes,
        baseline: values.get(keys::BASELINE),
        seed: values.get(SEED) as u64,
    };
    let simulation = Simulation::new(settings).map_err(|error| StartError::Unusable(error.to_string()))?;
    let on_device = OnDevice::new(&simulation.settings, device);
    Ok(Box::new(GradientVariance { simulation, on_device, size: values.get(keys::SIZE) as f64, steps: 0, notes }))
}

impl Experiment for GradientVariance {
    fn step(&mut self) {
        match &mut self.on_device {
            Some(on_device) => on_device.advance(&self.simulation.settings, SAMPLES_PER_STEP),
            None => {
                self.simulation.advance(SAMPLES_PER_STEP);
            }
        }
        self.steps += 1;
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        self.on_device.as_mut().map_or_else(Vec::new, OnDevice::ask)
    }

    fn set(&mut self, values: &Values) {
        self.size = values.get(keys::SIZE) as f64;
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        if let Some(on_device) = &mut self.on_device {
            on_device.observe(&mut self.simulation, &answers);
        }
        let done = self.simulation.is_done();
        let chosen = self.chosen();
        Snapshot {
            step: self.steps,
            progress: Some(self.simulation.progress()),
            status: if done { Status::Done } else { Status::Going },
            readouts: self.readouts(chosen),
            figures: vec![
                figures::variances(&self.simulation),
                figures::histograms(&self.simulation, chosen),
                figures::against_theta(&self.simulation.settings),
            ],
            table: self.table(),
            notes: self.notes.clone(),
        }
    }

    fn finished(&self) -> bool {
        self.on_device.as_ref().map_or_else(|| self.simulation.is_done(), OnDevice::is_drawn)
    }
}

impl GradientVariance {
    /// The index of the simulated N nearest to the chosen one, on the logarithmic axis.
    fn chosen(&self) -> usize {
        let distance = |n: u64| ((n as f64).ln() - self.size.ln()).abs();
        let sizes = &self.simulation.settings.sizes;
        (0..sizes.len()).min_by(|&a, &b| distance(sizes[a]).total_cmp(&distance(sizes[b]))).unwrap_or(0)
    }

    fn readouts(&self, chosen: usize) -> Vec<Readout> {
        let Simulation { settings, score, reparam, .. } = &self.simulation;
        let n = settings.sizes[chosen];
        let (score_variance, reparam_variance) = (variance(&score[chosen]), variance(&reparam[chosen]));
        let error = |term: Term, simulated: f64, made: usize| {
            // The step's simulated variance can be 0 where its exact one is not: nothing has fallen on the other side yet.
            let variance = match settings.function {
                Function::Square => simulated,
                Function::Step => term.variance() / n as f64,
            };
            if term.variance() == 0.0 { 0.0 } else { variance * term.relative_sd_of_variance(n, made.max(4)) }
        };
        let score_error = error(settings.score_term(), score_variance, score[chosen].len());
        let reparam_error = error(settings.reparam_term(), reparam_variance, reparam[chosen].len());
        // Of a ratio of independent estimates, to first order. None to a variance of 0.
        let (ratio, ratio_error) = if settings.exact_ratio().is_finite() {
            let ratio = score_variance / reparam_variance;
            (ratio, ratio * (score_error / score_variance).hypot(reparam_error / reparam_variance))
        } else {
            (f64::NAN, f64::NAN)
        };
        // The mean of R estimates, with the error that it has exactly.
        let mean = |estimates: &[f64], variance: f64| {
            let mean = Estimate::of(estimates).mean;
            (mean, if mean.is_nan() { f64::NAN } else { (variance / estimates.len() as f64).sqrt() })
        };
        let (score_mean, score_mean_error) = mean(&score[chosen], settings.exact_score_variance(n));
        let (reparam_mean, reparam_mean_error) = mean(&reparam[chosen], settings.exact_reparam_variance(n));
        vec![
            readouts::SCORE_VARIANCE.estimate(score_variance, score_error),
            readouts::EXACT_SCORE_VARIANCE.value(settings.exact_score_variance(n)),
            readouts::REPARAM_VARIANCE.estimate(reparam_variance, reparam_error),
            readouts::EXACT_REPARAM_VARIANCE.value(settings.exact_reparam_variance(n)),
            readouts::RATIO.estimate(ratio, ratio_error),
            readouts::EXACT_RATIO.value(finite(settings.exact_ratio())),
            readouts::GRADIENT.value(settings.gradient()),
            readouts::SCORE_MEAN.estimate(score_mean, score_mean_error),
            readouts::REPARAM_MEAN.estimate(reparam_mean, reparam_mean_error),
            readouts::EXACT_BIAS.value(settings.reparam_bias()),
            readouts::N.value(n as f64),
        ]
    }

    /// One row per N: simulated and exact variances with their bands.
    fn table(&self) -> Vec<Vec<String>> {
        let Simulation { settings, score, reparam, .. } = &self.simulation;
        let header = [
            "n",
            "estimates",
            "score_variance",
            "exact_score_variance",
            "score_low_95",
            "score_high_95",
            "reparam_variance",
            "exact_reparam_variance",
            "reparam_low_95",
            "reparam_high_95",
            "ratio",
            "exact_ratio",
            "score_mean",
            "reparam_mean",
            "gradient",
        ];
        // An empty cell where a number is none: a band or a ratio of a variance of 0.
        let cell = |value: f64| if value.is_finite() { value.to_string() } else { String::new() };
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        for (index, &n) in settings.sizes.iter().enumerate() {
            let (score_variance, reparam_variance) = (variance(&score[index]), variance(&reparam[index]));
            let score_band = settings.score_term().band(n, settings.repeats);
            let reparam_band = settings.reparam_term().band(n, settings.repeats);
            rows.push(vec![
                n.to_string(),
                reparam[index].len().to_string(),
                score_variance.to_string(),
                settings.exact_score_variance(n).to_string(),
                cell(score_band.low),
                cell(score_band.high),
                reparam_variance.to_string(),
                settings.exact_reparam_variance(n).to_string(),
                cell(reparam_band.low),
                cell(reparam_band.high),
                cell(score_variance / reparam_variance),
                cell(settings.exact_ratio()),
                cell(Estimate::of(&score[index]).mean),
                cell(Estimate::of(&reparam[index]).mean),
                settings.gradient().to_string(),
            ]);
        }
        rows
    }
}

/// A number, or none where it is infinite: a read-out then stays empty.
fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}
