//! The simulation as an experiment: a step draws some samples, a snapshot shows the values of N that are finished.

use crate::demos::gradient_variance::{keys, readouts};
use burn::tensor::Device;
use figure::{Readout, SEED, Snapshot, Status, Values};
use math::estimate::variance;
use math::simulation::{Settings, Simulation};

use super::figures;
use crate::demos::gradient_variance::SIZES;
use figure::Assets;
use learn::{Experiment, StartError};

/// Samples drawn in one step: a few milliseconds, so that cancelling takes effect at once.
const SAMPLES_PER_STEP: u64 = 400_000;

struct GradientVariance {
    simulation: Simulation,
    size: f64,
    steps: u64,
    /// Notes for the user on values replaced at the start.
    notes: Vec<String>,
}

pub(crate) fn start(values: &Values, _: &Assets, _: &Device) -> Result<Box<dyn Experiment>, StartError> {
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
        theta: values.get(keys::THETA),
        repeats: values.get(keys::REPEATS),
        sizes,
        baseline: values.get(keys::BASELINE),
        seed: values.get(SEED) as u64,
    };
    let simulation = Simulation::new(settings).map_err(|error| StartError::Unusable(error.to_string()))?;
    Ok(Box::new(GradientVariance { simulation, size: values.get(keys::SIZE) as f64, steps: 0, notes }))
}

impl Experiment for GradientVariance {
    fn step(&mut self) {
        self.simulation.advance(SAMPLES_PER_STEP);
        self.steps += 1;
    }

    fn set(&mut self, values: &Values) {
        self.size = values.get(keys::SIZE) as f64;
    }

    fn observe(&mut self, _: Vec<Vec<f32>>) -> Snapshot {
        let done = self.simulation.is_done();
        let chosen = self.chosen();
        Snapshot {
            step: self.steps,
            progress: Some(self.simulation.progress()),
            status: if done { Status::Done } else { Status::Going },
            readouts: self.readouts(chosen),
            figures: vec![figures::variances(&self.simulation), figures::histograms(&self.simulation, chosen)],
            table: self.table(),
            notes: self.notes.clone(),
        }
    }

    fn finished(&self) -> bool {
        self.simulation.is_done()
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
        let error = |term: math::simulation::Term, variance: f64, made: usize| {
            variance * term.relative_sd_of_variance(n, made.max(4))
        };
        let score_error = error(settings.score_term(), score_variance, score[chosen].len());
        let reparam_error = error(settings.reparam_term(), reparam_variance, reparam[chosen].len());
        let ratio = score_variance / reparam_variance;
        // Of a ratio of independent estimates, to first order.
        let ratio_error = ratio * (score_error / score_variance).hypot(reparam_error / reparam_variance);
        vec![
            readouts::SCORE_VARIANCE.estimate(score_variance, score_error),
            readouts::EXACT_SCORE_VARIANCE.value(settings.exact_score_variance(n)),
            readouts::REPARAM_VARIANCE.estimate(reparam_variance, reparam_error),
            readouts::EXACT_REPARAM_VARIANCE.value(settings.exact_reparam_variance(n)),
            readouts::RATIO.estimate(ratio, ratio_error),
            readouts::EXACT_RATIO.value(settings.exact_ratio()),
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
        ];
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
                score_band.low.to_string(),
                score_band.high.to_string(),
                reparam_variance.to_string(),
                settings.exact_reparam_variance(n).to_string(),
                reparam_band.low.to_string(),
                reparam_band.high.to_string(),
                (score_variance / reparam_variance).to_string(),
                settings.exact_ratio().to_string(),
            ]);
        }
        rows
    }
}
