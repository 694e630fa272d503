//! The VAE as an experiment: what a step does, what is read back, and what happens when the run diverges.

use std::collections::BTreeMap;

use burn::tensor::{Device, Int, Tensor};
use figure::{Figure, Pointer, Readout, Snapshot, Values};
use math::{bernoulli, collapse};

use super::ask::{Asked, Part, Purpose};
use super::columns::{Autoencoder, Column};
use super::estimates::{Estimates, Measured};
use super::pressed::{self, TruePosteriors};
use super::settings::{self, Live, Settings};
use super::view::{Model, View};
use super::{figures, notes, signal};
use crate::Demo;
use crate::shared::vae_run::{Binarise, common, readouts, slots};
use crate::shared::{posteriors, trained};
use figure::Assets;
use learn::Stream;
use learn::images::{ImageSet, OFTEN};
use learn::models::{Vae, tensor};
use learn::objectives::{Likelihood, mean, scale};
use learn::vae_trainer::{Pass, VaeTrainer};
use learn::{Checkpoint, Experiment, Row, StartError, Table, Weight};

/// Initial number of steps between rows of the curves: for the embedded digits, and for larger images, whose held-out pass is expensive.
const ROW_EVERY: u64 = 5;
const LARGE_IMAGE_ROW_EVERY: u64 = 10;
/// Points of the prior that are decoded, each to a mean and to a random sample.
const SAMPLES: usize = 10;

struct VaeRun {
    demo: Demo,
    trainer: VaeTrainer,
    /// The same network, data and seed without noise and KL.
    autoencoder: Option<VaeTrainer>,
    batch: usize,
    live: Live,
    read_live: fn(&Values) -> Live,
    seed: u64,
    /// The images that figures and estimates are computed from: few enough for every snapshot.
    few: ImageSet,
    /// Notes for the user about images and network, other than the images' numbers.
    startup_notes: Vec<String>,
    /// Fixed noise for the held-out estimates, `[heldout, latent]`, so that changes in a figure come from training alone.
    fixed_eps: Tensor<2>,
    heldout: Tensor<2>,
    /// Fixed points of the prior, [`SAMPLES`] of `latent` numbers.
    prior: Vec<f32>,
    /// The grid and the points of the prior on the device, with the dimensions that the grid lies in.
    points: Option<([usize; 2], Tensor<2>)>,
    shown: Vec<usize>,
    /// The same on the device.
    shown_at: Tensor<1, Int>,
    curves: Table<Column>,
    estimates: Estimates,
    /// The true posteriors of single images, where the demo shows them and they can be computed.
    true_posteriors: Option<TruePosteriors>,
    /// Whether the signal-to-noise ratio was asked for and not measured since.
    signal_asked: bool,
    /// Where the images were in the plane at the last snapshot, where one can be pressed.
    places: Vec<[f64; 2]>,
    /// The largest reconstruction term that a Bernoulli can reach on the held-out images, −H(x) on average.
    ceiling: Option<f64>,
    autoencoder_curve: Table<Autoencoder>,
    /// Rows and estimates of the histories that are still on the device.
    pending: Asked<Purpose>,
    purposes: Vec<Purpose>,
    /// KL per dimension over the held-out images at the last snapshot: it decides which dimensions are drawn.
    kl_seen: Vec<f64>,
    checkpoint: Checkpoint<Vae>,
    /// Means and log variances of the first held-out images at the last snapshot: a saved file carries them to slide 3.1.
    posteriors: [Vec<f32>; 2],
    binarised: bool,
}

/// Starts the run with these settings; the live ones are read from `values`.
pub(crate) fn start(
    settings: &Settings,
    values: &Values,
    assets: &Assets,
    device: &Device,
) -> Result<Box<dyn Experiment>, StartError> {
    let seed = settings.seed;
    let (images, of_images) = settings::images(settings, assets, device);
    let (config, of_network) = settings::config(settings, images.pixels());
    // With a fresh draw at each step the training images stay grey, and figures and held-out numbers have one draw of their own.
    let (images, few) = match settings.binarise {
        Binarise::No => (images.clone(), images.few(OFTEN)),
        Binarise::Once => {
            let drawn = images.binarised();
            (drawn.clone(), drawn.few(OFTEN))
        }
        Binarise::Afresh => (images.clone(), images.binarised().few(OFTEN)),
    };
    let heldout = few.select(&few.heldout);
    let row_every = if few.pixels() > 64 { LARGE_IMAGE_ROW_EVERY } else { ROW_EVERY };
    let mut fixed = Stream::Fixed.rng(seed);
    let mut normals = |rows: usize| fixed.normals(rows * config.latent);
    let binarise = || (settings.binarise == Binarise::Afresh).then(|| Stream::Binarised.rng(seed).stream(1));
    let autoencoder = settings.autoencoder.then(|| {
        let mut trainer = VaeTrainer::new(config, images.clone(), seed, device);
        trainer.noise_scale = 0.0;
        trainer.binarise = binarise();
        trainer
    });
    let mut trainer = VaeTrainer::new(config, images, seed, device);
    trainer.binarise = binarise();
    if let Some(bytes) = assets.0.get("model") {
        trainer.load(bytes).map_err(StartError::Unusable)?;
    }
    let shown = few.one_of_each();
    let live = (settings.live)(values);
    let shows = settings.demo.figures.contains(&slots::GAPS);
    let true_posteriors = shows.then(|| TruePosteriors::new(&config, &shown, live.pressed, device)).flatten();
    let mut run = VaeRun {
        demo: settings.demo,
        fixed_eps: tensor(normals(few.heldout.len()), [few.heldout.len(), config.latent], device),
        prior: normals(SAMPLES),
        points: None,
        heldout,
        shown_at: learn::images::places(&shown, device),
        shown,
        true_posteriors,
        signal_asked: false,
        places: Vec::new(),
        startup_notes: of_images.into_iter().chain(of_network).collect(),
        checkpoint: Checkpoint::new(trainer.vae().clone()),
        trainer,
        autoencoder,
        batch: settings.batch,
        live,
        read_live: settings.live,
        seed,
        curves: Table::new(row_every),
        estimates: Estimates::new(&config, device),
        ceiling: (config.likelihood == Likelihood::Bernoulli).then(|| ceiling(&few)),
        autoencoder_curve: Table::new(row_every),
        pending: Asked::default(),
        purposes: Vec::new(),
        kl_seen: vec![0.0; config.latent],
        posteriors: Default::default(),
        binarised: settings.binarise != Binarise::No,
        few,
    };
    run.record();
    Ok(Box::new(run))
}

impl Experiment for VaeRun {
    fn step(&mut self) {
        self.checkpoint.resume();
        let beta = self.live.beta_at(self.trainer.steps());
        self.trainer.step(self.batch, self.live.learning_rate, |pass| pass.reconstruction.clone() - pass.kl() * beta);
        if let Some(autoencoder) = &mut self.autoencoder {
            autoencoder.step(self.batch, self.live.learning_rate, |pass| pass.reconstruction.clone());
        }
        self.record();
    }

    fn set(&mut self, values: &Values) {
        self.live = (self.read_live)(values);
        self.signal_asked |= self.live.signal && self.estimates.signal.is_none();
        if let Some(posteriors) = &mut self.true_posteriors {
            posteriors.press(self.live.pressed, &self.places);
        }
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        if self.true_posteriors.as_mut().is_some_and(TruePosteriors::take_fresh) {
            self.look();
        }
        if std::mem::take(&mut self.signal_asked) {
            self.measure_signal();
        }
        let mut asked = std::mem::take(&mut self.pending);
        let points = self.points();
        let decoded = self.request(&self.trainer, Purpose::Vae, &points, &mut asked);
        if let Some(autoencoder) = &self.autoencoder {
            self.request(autoencoder, Purpose::Autoencoder, &points, &mut asked);
        }
        let config = &self.trainer.config;
        let log_scale = self.trainer.valid().decoder.log_scale.val();
        if config.likelihood.has_scale() {
            let of_samples = decoded.clone().narrow(0, decoded.dims()[0] - SAMPLES, SAMPLES);
            let scales = scale(config.likelihood, of_samples, log_scale.clone(), config.pixels);
            asked.push(Purpose::SampleScales, scales);
        }
        asked.push(Purpose::Scale, log_scale);
        self.purposes = asked.purposes;
        asked.tensors
    }

    fn observe(&mut self, answers: Vec<Vec<f32>>) -> Snapshot {
        let (mut vae, mut autoencoder) = (Model::default(), Model::default());
        // A Bernoulli's sample asks for no scale.
        let (mut scales, mut log_scale) = (vec![1.0; SAMPLES * self.few.pixels()], f64::NAN);
        let (shown, pixels) = (self.shown.len(), self.few.pixels());
        let mut finite = true;
        for (purpose, answer) in std::mem::take(&mut self.purposes).into_iter().zip(answers) {
            let numbers = || answer.iter().map(|&value| f64::from(value)).collect::<Vec<_>>();
            match purpose {
                Purpose::Row(step) => {
                    finite &= answer[..4].iter().all(|value| value.is_finite());
                    self.curves.push(step, curves_of(&numbers()));
                }
                Purpose::AutoencoderRow(step) => {
                    self.autoencoder_curve.push(step, [(Autoencoder::Reconstruction, numbers()[0])]);
                }
                Purpose::Estimate(what) => self.estimates.take(what, &numbers()),
                Purpose::Posteriors(asked) => {
                    let latent = self.trainer.config.latent;
                    if let Some(all) = &mut self.true_posteriors {
                        all.take(asked, &numbers(), latent);
                    }
                }
                Purpose::Vae(part) => vae.take(part, answer, [shown, SAMPLES], pixels),
                Purpose::Autoencoder(part) => autoencoder.take(part, answer, [shown, SAMPLES], pixels),
                Purpose::SampleScales => scales = answer,
                Purpose::Scale => log_scale = f64::from(answer[0]),
            }
        }
        if finite {
            self.checkpoint.save(self.trainer.steps(), self.trainer.vae().clone());
        } else {
            self.go_back();
        }
        let latent = self.trainer.config.latent;
        let view =
            View { images: &self.few, latent, axes: figures::axes(&self.kl_seen), shown: &self.shown, model: vae };
        let kl = view.heldout_kl_per_dimension();
        self.posteriors = view.first_posteriors(posteriors::COUNT);
        let mu: Vec<f64> = view.model.mu.iter().map(|&mu| f64::from(mu)).collect();
        let mut readouts = self.readouts(collapse::active_units(&mu, latent), log_scale);
        let mut figures = self.figures(&view, &kl);
        let places = view.places();
        figures.push(view.samples(self.trainer.config.likelihood, &scales, Stream::Samples.rng(self.seed)));
        if self.autoencoder.is_some() {
            let beside = View { model: autoencoder, ..view };
            figures.push(beside.latent_plane(slots::AUTOENCODER_LATENT, None));
            figures.push(beside.decoded_grid(slots::AUTOENCODER_GRID));
        }
        self.kl_seen = kl;
        if let Some(posteriors) = &mut self.true_posteriors {
            // A place in the address waits for the first codes.
            posteriors.press(self.live.pressed, &places);
            self.places = places;
        }
        readouts.retain(|readout| self.demo.readouts.iter().any(|declared| declared.name == readout.name));
        figures.retain(|figure| self.demo.figures.iter().any(|declared| declared.0 == figure.name));
        Snapshot {
            step: self.trainer.steps(),
            progress: None,
            status: self.checkpoint.status(false),
            readouts,
            figures,
            table: self.curves.export(),
            notes: self.notes(),
        }
    }

    fn weights(&self) -> Vec<Weight> {
        self.trainer.weights()
    }

    fn description(&self) -> BTreeMap<String, String> {
        let mut said =
            trained::description(&self.trainer.config, &self.trainer.images, self.binarised, self.trainer.steps());
        let [mu, log_var] = &self.posteriors;
        let labels = self.few.heldout.iter().take(posteriors::COUNT).map(|&n| self.few.digits.labels[n]);
        said.insert(posteriors::KEY.to_owned(), posteriors::written(&labels.collect::<Vec<_>>(), mu, log_var));
        said
    }
}

impl VaeRun {
    /// Enqueues what is due at this step: the row of the curves, and at longer intervals the expensive estimates.
    fn record(&mut self) {
        let step = self.trainer.steps();
        if self.true_posteriors.as_ref().is_some_and(|all| all.due(step)) {
            self.look();
        }
        if self.live.signal && Estimates::signal_due(step) {
            self.measure_signal();
        }
        let (row, estimates) = (self.curves.due(step), self.estimates.due(step));
        if !row && !estimates {
            return;
        }
        let vae = self.trainer.valid();
        if row {
            let pass = Pass::new(&vae, &self.trainer.config, self.heldout.clone(), self.fixed_eps.clone());
            let heldout = Tensor::cat(vec![pass.reconstruction.clone().mean(), pass.kl().mean()], 0);
            // Before the first step there are no training batches yet: the curve begins at the held-out value.
            let recent = self.trainer.take_recent().map_or_else(
                || Tensor::cat(vec![heldout.clone(), Tensor::full([3], f32::NAN, &self.heldout.device())], 0),
                |recent| Tensor::cat(vec![recent.means, recent.errors], 0),
            );
            self.pending.push(Purpose::Row(step), Tensor::cat(vec![heldout, recent], 0));
            if let Some(recent) = self.autoencoder.as_mut().and_then(VaeTrainer::take_recent) {
                self.pending.push(Purpose::AutoencoderRow(step), recent.means.narrow(0, 0, 1));
            }
        }
        if estimates {
            for (what, tensor) in self.estimates.request(&self.measured(&vae)) {
                self.pending.push(Purpose::Estimate(what), tensor);
            }
        }
    }

    fn measured<'a>(&'a self, vae: &'a Vae) -> Measured<'a> {
        Measured {
            step: self.trainer.steps(),
            vae,
            config: &self.trainer.config,
            heldout: &self.heldout,
            device: self.trainer.device(),
            seed: self.seed,
            samples: self.live.importance_samples,
        }
    }

    /// Requests the signal-to-noise ratio of the bound's gradient.
    fn measure_signal(&mut self) {
        let (what, numbers) = Estimates::request_signal(&self.measured(&self.trainer.valid()));
        self.pending.push(Purpose::Estimate(what), numbers);
    }

    /// Requests the true posteriors of single images.
    fn look(&mut self) {
        let Some(posteriors) = &self.true_posteriors else { return };
        let images = posteriors.images(self.trainer.steps());
        let x = self.few.select(&images.images);
        let numbers = posteriors.request(&self.trainer.valid(), &self.trainer.config, &x);
        self.pending.push(Purpose::Posteriors(images), numbers);
    }

    /// The latent points that every snapshot decodes: the grid in the two dimensions that are drawn, and the points of the prior.
    fn points(&mut self) -> Tensor<2> {
        let axes = figures::axes(&self.kl_seen);
        if let Some((of, points)) = &self.points
            && *of == axes
        {
            return points.clone();
        }
        let latent = self.trainer.config.latent;
        let (mut numbers, count) = figures::grid_points(axes, latent);
        numbers.extend_from_slice(&self.prior);
        let points = tensor(numbers, [count + SAMPLES, latent], &self.heldout.device());
        self.points = Some((axes, points.clone()));
        points
    }

    /// Requests everything that is drawn of a model; returns what its decoder gave, of all its latent points at once.
    fn request(
        &self,
        trainer: &VaeTrainer,
        purpose: fn(Part) -> Purpose,
        points: &Tensor<2>,
        asked: &mut Asked<Purpose>,
    ) -> Tensor<2> {
        let (vae, config) = (trainer.valid(), &trainer.config);
        let (mu, log_var) = vae.encoder.forward(self.few.x.clone());
        let shown = mu.clone().select(0, self.shown_at.clone());
        let decoded = vae.decoder.forward(Tensor::cat(vec![shown, points.clone()], 0));
        asked.push(purpose(Part::Mu), mu);
        asked.push(purpose(Part::LogVar), log_var);
        asked.push(purpose(Part::Decoded), mean(config.likelihood, decoded.clone(), config.pixels));
        decoded
    }

    /// The loss is not finite: returns to the weights of the last good snapshot and records a message.
    fn go_back(&mut self) {
        let (back, vae) =
            self.checkpoint.recover(self.trainer.steps(), "the ELBO is not a number any more", self.live.learning_rate);
        self.trainer.restore(back, vae);
        self.curves.rewind(back);
        self.estimates.rewind(back);
        self.true_posteriors.iter_mut().for_each(|all| all.rewind(back));
        self.autoencoder_curve.rewind(back);
    }

    fn figures(&self, view: &View, kl: &[f64]) -> Vec<Figure> {
        let autoencoder = self.autoencoder.as_ref().map(|_| &self.autoencoder_curve);
        let posteriors = self.true_posteriors.as_ref();
        let mut latent = view.latent_plane(slots::LATENT, posteriors.and_then(TruePosteriors::drawn));
        let mut strip = view.reconstructions();
        if posteriors.is_some() {
            let pick = || Some(Pointer::Pick { control: common::PRESSED.name.into() });
            (latent.pointer, strip.pointer) = (pick(), pick());
        }
        vec![
            figures::curves(&self.curves, &self.estimates, self.ceiling, autoencoder),
            latent,
            view.decoded_grid(slots::GRID),
            strip,
            figures::kl_per_dimension(kl),
            figures::rate_distortion(&self.curves),
            figures::gradient_variances(&self.estimates.variances),
            figures::gradient_variances_log_var(&self.estimates.variances),
            figures::bound(&self.estimates),
            pressed::gaps(posteriors, &self.few.digits.labels),
            signal::figure(self.estimates.signal.as_ref().map(|(_, signal)| signal)),
        ]
    }

    fn readouts(&self, active_units: usize, log_scale: f64) -> Vec<Readout> {
        let learned_scale = match self.trainer.config.likelihood {
            Likelihood::Gaussian => Some((0.5 * log_scale).exp()),
            Likelihood::Laplace => Some(log_scale.exp()),
            Likelihood::Bernoulli | Likelihood::ContinuousBernoulli | Likelihood::GaussianPerPixel => None,
        };
        let of = |column: Column| self.curves.latest(column);
        let heldout_error = self.estimates.heldout_error();
        // Before the first step the numbers are those of the held-out images, whose KL is a closed form.
        let recent = |spec: figure::ReadoutSpec, mean: Column, error: Column, before: Option<f64>| {
            let error = Some(of(error)).filter(|error| error.is_finite()).or(before);
            error.map_or_else(|| spec.value(of(mean)), |error| spec.estimate(of(mean), error))
        };
        let mut readouts = vec![
            readouts::STEP.value(self.trainer.steps() as f64),
            recent(readouts::RECONSTRUCTION, Column::Reconstruction, Column::ReconstructionError, Some(heldout_error)),
            recent(readouts::KL, Column::Kl, Column::KlError, None),
            recent(readouts::ELBO, Column::Elbo, Column::ElboError, Some(heldout_error)),
            readouts::HELDOUT_ELBO.estimate(of(Column::HeldoutElbo), heldout_error),
            readouts::ACTIVE_UNITS.value(active_units as f64),
        ];
        readouts.extend(self.ceiling.map(|ceiling| readouts::CEILING.value(ceiling)));
        readouts.extend(self.estimates.readouts());
        readouts.extend(pressed::readouts(self.true_posteriors.as_ref()));
        readouts.extend(learned_scale.map(|scale| readouts::LEARNED_SCALE.value(scale)));
        readouts
    }

    fn notes(&self) -> Vec<String> {
        let numbers = notes::about(&self.trainer.images, &self.few, self.live.importance_samples);
        self.startup_notes.iter().cloned().chain(numbers).collect()
    }
}

/// A row of the curves from the device's numbers: reconstruction and KL held out, then in training, and the errors of the latter.
fn curves_of(numbers: &[f64]) -> Row<Column> {
    let [heldout_reconstruction, heldout_kl, reconstruction, kl] = [numbers[0], numbers[1], numbers[2], numbers[3]];
    Row::from_fn(|column| match column {
        Column::Reconstruction => reconstruction,
        Column::Kl => kl,
        Column::Elbo => reconstruction - kl,
        Column::HeldoutReconstruction => heldout_reconstruction,
        Column::HeldoutKl => heldout_kl,
        Column::HeldoutElbo => heldout_reconstruction - heldout_kl,
        Column::ReconstructionError => numbers[4],
        Column::KlError => numbers[5],
        Column::ElboError => numbers[6],
    })
}

/// The mean over the held-out images of −H(x).
fn ceiling(images: &ImageSet) -> f64 {
    let of = |&n: &usize| bernoulli::negative_entropy(images.digits.image(n));
    images.heldout.iter().map(of).sum::<f64>() / images.heldout.len() as f64
}
