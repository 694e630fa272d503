//! The linear VAE as an experiment: gradient ascent on two ELBOs side by side, and what is read back.

use crate::demos::linear_vae::{Data, Objectives, keys, readouts};
use burn::tensor::{Device, Tensor};
use data::Batches;
use figure::{Readout, SEED, Snapshot, Values};
use math::collapse;
use math::rng::Rng;

use super::ascent::{self, Objective, adam};
use super::noise::{self, Measured};
use super::reference::{Question, Standing};
use super::settings::Settings;
use super::source::Source;
use super::{columns, figures};
use figure::Assets;
use learn::Stream;
use learn::models::{LinearShape, LinearVae, flat};
use learn::objectives::kl_per_dimension;
use learn::trainer::Trainer;
use learn::{Checkpoint, Experiment, Row, StartError, Table, Weight};

/// Initial number of steps between rows of the curves.
const ROW_EVERY: u64 = 10;
/// Steps between measurements of the gradients' noise, each as expensive as some hundred steps.
const NOISE_EVERY: u64 = 500;

learn::columns! {
    /// The curves. The sampled run's are not known when only the closed form is maximised, and the other way round.
    pub(super) enum Column {
        Maximum = "log_px_max",
        Elbo = "elbo",
        Gap = "gap",
        Angle = "max_angle_deg",
        Sigma2 = "sigma2",
        SampledElbo = "sampled_elbo",
        SampledGap = "sampled_gap",
        SampledAngle = "sampled_angle_deg",
        SampledSigma2 = "sampled_sigma2",
    }
}

/// A model that maximises one of the two ELBOs.
struct Ascent {
    objective: Objective,
    trainer: Trainer<LinearVae>,
}

struct LinearRun {
    source: Source,
    shape: LinearShape,
    settings: Settings,
    seed: u64,
    /// The closed form first, where it is maximised.
    runs: Vec<Ascent>,
    step: u64,
    /// The step at which sigma² was last changed: the learning rate decreases from there.
    since: u64,
    batches: Batches,
    noise: Rng,
    curves: Table<Column>,
    /// Parameters of all runs at due steps, still on the device, with the settings of that moment.
    rows: Vec<(u64, Question, Tensor<1>)>,
    /// Measurements of the gradients' noise that are still on the device.
    gradients: Vec<(u64, Tensor<1>)>,
    measured: Option<Measured>,
    checkpoint: Checkpoint<Vec<LinearVae>>,
    asked: Asked,
}

/// What the last `ask` requested, in order, so that `observe` can assign the answers.
#[derive(Default)]
struct Asked {
    rows: Vec<(u64, Question)>,
    gradients: Vec<u64>,
}

pub(crate) fn start(values: &Values, _: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    let device = device.clone().autodiff();
    let seed = values.get(SEED) as u64;
    let source = match values.get(keys::DATA) {
        Data::Digits => Source::digits(&device),
        Data::Synthetic => Source::synthetic(seed, &device),
    };
    let objectives: &[Objective] = match values.get(keys::OBJECTIVE) {
        Objectives::Both => &[Objective::ClosedForm, Objective::Sampled],
        Objectives::ClosedForm => &[Objective::ClosedForm],
        Objectives::Sampled => &[Objective::Sampled],
    };
    let settings = Settings::of(values, source.len());
    let shape = LinearShape { dim: source.dim(), latent: values.get(keys::LATENT) };
    let model = shape
        .init(settings.sigma2, &mut Stream::Weights.rng(seed), &device)
        .with_sigma2(settings.sigma2, settings.learn_sigma2);
    let ascent = |&objective: &Objective| Ascent { objective, trainer: Trainer::with_optimizer(model.clone(), adam) };
    let runs: Vec<Ascent> = objectives.iter().map(ascent).collect();
    let mut run = LinearRun {
        batches: source.batches(seed),
        noise: Stream::Noise.rng(seed),
        checkpoint: Checkpoint::new(vec![model; runs.len()]),
        curves: Table::new(ROW_EVERY),
        rows: Vec::new(),
        gradients: Vec::new(),
        measured: None,
        asked: Asked::default(),
        step: 0,
        since: 0,
        source,
        shape,
        settings,
        seed,
        runs,
    };
    run.record();
    Ok(Box::new(run))
}

impl Experiment for LinearRun {
    fn step(&mut self) {
        self.checkpoint.resume();
        let rate = self.learning_rate();
        for run in &mut self.runs {
            let model = &run.trainer.module;
            let elbo = match run.objective {
                Objective::ClosedForm => {
                    ascent::closed_form(model, self.source.mean.clone(), self.source.covariance.clone())
                }
                Objective::Sampled => {
                    let x = ascent::select(&self.source, &self.batches.next(self.settings.batch));
                    let eps = ascent::noise(&mut self.noise, self.settings.samples * self.settings.batch, model);
                    ascent::sampled(model, x, eps)
                }
            };
            run.trainer.ascend(elbo, rate);
        }
        self.step += 1;
        self.record();
    }

    fn set(&mut self, values: &Values) {
        let before = self.settings;
        self.settings = Settings::of(values, self.source.len());
        let Settings { sigma2, learn_sigma2, .. } = self.settings;
        if (sigma2, learn_sigma2) != (before.sigma2, before.learn_sigma2) {
            for run in &mut self.runs {
                run.trainer.module = run.trainer.module.clone().with_sigma2(sigma2, learn_sigma2);
            }
            self.since = self.step;
        }
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        let rows: Vec<_> = self.rows.drain(..).collect();
        let gradients: Vec<_> = self.gradients.drain(..).collect();
        self.asked = Asked {
            rows: rows.iter().map(|row| (row.0, row.1)).collect(),
            gradients: gradients.iter().map(|measured| measured.0).collect(),
        };
        let model = self.runs[0].trainer.valid();
        let (mu, log_var) = model.encode(self.source.x.clone().inner());
        let kl = kl_per_dimension(mu, log_var); // [N, M]
        let mut tensors: Vec<Tensor<1>> = rows.into_iter().map(|row| row.2).collect();
        tensors.extend(gradients.into_iter().map(|measured| measured.1));
        tensors.push(self.parameters());
        tensors.push(flat(kl));
        tensors
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let asked = std::mem::take(&mut self.asked);
        let mut finite = true;
        for (step, question) in asked.rows {
            match self.standings(&next(), question) {
                Some(standings) => self.push_row(step, question, &standings),
                None => finite = false,
            }
        }
        for step in asked.gradients {
            self.measured = Some(noise::read(step, &next()));
        }
        let (flat, kl) = (next(), next());
        match self.standings(&flat, self.question()).filter(|_| finite) {
            Some(standings) => {
                self.checkpoint.save(self.step, self.runs.iter().map(|run| run.trainer.module.clone()).collect());
                let kl: Vec<f64> = kl.into_iter().map(f64::from).collect();
                self.snapshot(&standings, &kl)
            }
            None => self.go_back(),
        }
    }

    fn weights(&self) -> Vec<Weight> {
        let of_run = |run: &Ascent| {
            let objective = run.objective.name();
            let named = move |weight: Weight| Weight { name: format!("{objective}.{}", weight.name), ..weight };
            learn::models::weights(&run.trainer.valid()).into_iter().map(named)
        };
        self.runs.iter().flat_map(of_run).collect()
    }
}

impl LinearRun {
    /// The rate of the next step: learning_rate / (1 + t/decay), t the steps since sigma² was last changed. In the long run this is
    /// Robbins and Monro's 1/t, without which the sampled ascent would not converge.
    fn learning_rate(&self) -> f64 {
        self.settings.learning_rate / (1.0 + (self.step - self.since) as f64 / self.settings.decay)
    }

    fn question(&self) -> Question {
        Question { latent: self.shape.latent, held: self.settings.held() }
    }

    /// The parameters of all runs, one after the other.
    fn parameters(&self) -> Tensor<1> {
        Tensor::cat(self.runs.iter().map(|run| run.trainer.valid().flat()).collect(), 0)
    }

    /// Enqueues what is due at this step.
    fn record(&mut self) {
        if self.curves.due(self.step) {
            self.rows.push((self.step, self.question(), self.parameters()));
        }
        if self.step.is_multiple_of(NOISE_EVERY) {
            let fixed = Stream::Fixed.rng(self.seed);
            let batches = Batches::new((0..self.source.len()).collect(), fixed.stream(self.step));
            let sizes = (self.settings.batch, self.settings.samples);
            let mut eps = Stream::Importance.rng(self.seed).stream(self.step);
            let row = noise::measure(&self.runs[0].trainer.module, &self.source, sizes, batches, &mut eps);
            self.gradients.push((self.step, row));
        }
    }

    /// The measured results of each run, in the runs' order; none when one has diverged.
    fn standings(&self, flat: &[f32], question: Question) -> Option<Vec<Standing>> {
        flat.chunks_exact(self.shape.parameters())
            .map(|flat| Standing::of(self.shape.exact(flat), &self.source, question))
            .collect()
    }

    fn push_row(&mut self, step: u64, question: Question, standings: &[Standing]) {
        let maximum = question.log_px_max(&self.source);
        let mut row = Row::from([(Column::Maximum, maximum)]);
        for (run, standing) in self.runs.iter().zip(standings) {
            let [elbo, gap, angle, sigma2] = match run.objective {
                Objective::ClosedForm => [Column::Elbo, Column::Gap, Column::Angle, Column::Sigma2],
                Objective::Sampled => {
                    [Column::SampledElbo, Column::SampledGap, Column::SampledAngle, Column::SampledSigma2]
                }
            };
            row.set(elbo, standing.elbo.elbo);
            row.set(gap, maximum - standing.elbo.elbo);
            row.set(angle, standing.max_angle);
            row.set(sigma2, standing.sigma2);
        }
        self.curves.push(step, row);
    }

    /// A run has diverged: returns to the models of the last good snapshot and records a message.
    fn go_back(&mut self) -> Snapshot {
        let (back, models) =
            self.checkpoint.recover(self.step, "a parameter left all bounds", self.settings.learning_rate);
        let Settings { sigma2, learn_sigma2, .. } = self.settings;
        for (run, model) in self.runs.iter_mut().zip(models) {
            run.trainer.restore(back, if learn_sigma2 { model } else { model.with_sigma2(sigma2, false) });
        }
        self.step = back;
        self.since = self.since.min(back);
        self.curves.rewind(back);
        Snapshot {
            step: back,
            status: self.checkpoint.status(false),
            readouts: vec![readouts::STEP.value(back as f64)],
            figures: vec![figures::elbo(&self.curves), figures::gap(&self.curves), figures::angle(&self.curves)],
            table: self.table(),
            ..Snapshot::default()
        }
    }

    fn snapshot(&self, standings: &[Standing], kl: &[f64]) -> Snapshot {
        let (question, source) = (self.question(), &self.source);
        let first = &standings[0];
        let dims = self.shape.latent;
        let mean_kl: Vec<f64> =
            (0..dims).map(|j| kl.iter().skip(j).step_by(dims).sum::<f64>() / source.len() as f64).collect();
        let order: Vec<usize> =
            columns::matched(&first.model.weights, &source.eigen.vectors).into_iter().map(|pair| pair.0).collect();
        let named: Vec<(&'static str, &Standing)> =
            self.runs.iter().map(|run| caption(run.objective)).zip(standings).collect();
        Snapshot {
            step: self.step,
            progress: None,
            status: self.checkpoint.status(false),
            readouts: self.readouts(standings, kl),
            figures: vec![
                figures::elbo(&self.curves),
                figures::gap(&self.curves),
                figures::angle(&self.curves),
                figures::sigma2(source, question, &self.curves),
                figures::spectrum(source, question, first),
                figures::kl(source, question, &mean_kl, &order),
                columns::figure(source, question, &named),
                figures::noise(self.measured.as_ref()),
            ],
            table: self.table(),
            notes: Vec::new(),
        }
    }

    fn readouts(&self, standings: &[Standing], kl: &[f64]) -> Vec<Readout> {
        let (question, source) = (self.question(), &self.source);
        let maximum = question.log_px_max(source);
        let first = &standings[0];
        let sampled = self.runs.iter().zip(standings).find(|(run, _)| run.objective == Objective::Sampled);
        let of_sampled = |value: fn(&Standing) -> f64| sampled.map_or(f64::NAN, |(_, standing)| value(standing));
        let sigma2 = question.held.unwrap_or(first.sigma2);
        let collapsed = collapse::collapsed(kl, self.shape.latent, self.settings.epsilon, collapse::DELTA);
        let predicted = source.eigen.collapsed(self.shape.latent, sigma2);
        let mut all = vec![
            readouts::STEP.value(self.step as f64),
            readouts::ELBO.value(first.elbo.elbo),
            readouts::LOG_PX_MAX.value(maximum),
            readouts::GAP.value(maximum - first.elbo.elbo),
            readouts::LOG_PX.value(first.log_px),
            readouts::RECONSTRUCTION.value(first.elbo.reconstruction),
            readouts::KL.value(first.elbo.kl),
            readouts::MAX_ANGLE_DEG.value(first.max_angle),
            readouts::KNOWN_ANGLE_DEG.value(first.known_angle(source)),
            readouts::SIGMA2.value(sigma2),
            readouts::SIGMA2_ML.value(source.eigen.sigma2_ml(self.shape.latent)),
            readouts::COLLAPSED.value(collapsed.into_iter().filter(|&collapsed| collapsed).count() as f64),
            readouts::COLLAPSED_PREDICTED.value(predicted as f64),
            readouts::SAMPLED_ELBO.value(of_sampled(|standing| standing.elbo.elbo)),
            readouts::SAMPLED_GAP.value(maximum - of_sampled(|standing| standing.elbo.elbo)),
            readouts::SAMPLED_ANGLE_DEG.value(of_sampled(|standing| standing.max_angle)),
            readouts::LEARNING_RATE_NOW.value(self.learning_rate()),
        ];
        if let Some(Measured { norm, kinds, .. }) = &self.measured {
            all.push(readouts::GRADIENT_NORM.value(*norm));
            // By construction: the gradient of all the data in closed form is the exact one.
            all.push(readouts::CLOSED_FORM_NOISE.value(kinds[0].size));
            for (readout, noise) in [(readouts::CLOSED_FORM_BATCH_NOISE, kinds[1]), (readouts::SAMPLED_NOISE, kinds[3])]
            {
                all.push(readout.estimate(noise.size, noise.error));
            }
        }
        all
    }

    fn table(&self) -> Vec<Vec<String>> {
        // Seven decimals: finer than the f32 of the run, and the snapshot stays small.
        let digits = |value: f64| if value.is_finite() { format!("{value:.7}") } else { String::new() };
        std::iter::once(Table::<Column>::header()).chain(self.curves.lines(digits)).collect()
    }
}

fn caption(objective: Objective) -> &'static str {
    match objective {
        Objective::ClosedForm => "W, closed form",
        Objective::Sampled => "W, sampled",
    }
}
