//! Codes of chosen images, arithmetic on them, and the decoder's output for the results. Nothing is trained.

use crate::demos::latent_arithmetic::{Dimensions, Operation, Path, keys, readouts};
use burn::tensor::{Device, Tensor};
use figure::{Key, Readout, SEED, Snapshot, Status, Values};
use math::{chi, gaussian, interpolate};

use super::{figures, norms, truth::Truth};
use crate::demos::latent_arithmetic::OFFERED;
use crate::shared::{plane, trained};
use figure::Assets;
use learn::Stream;
use learn::images::ImageSet;
use learn::models::tensor;
use learn::objectives::{kl_to_standard_normal, log_likelihood, mean};
use learn::{Experiment, StartError};

/// N, the pairs of codes that are drawn from the prior.
const PAIRS: usize = 4;

struct Arithmetic {
    trained: trained::Trained,
    images: ImageSet,
    values: Values,
    codes: Codes,
    truth: Truth,
}

/// What stays the same while controls change.
pub(super) struct Codes {
    /// Posterior means of all images, `[n, latent]`.
    pub(super) mu: Vec<f64>,
    /// Log variances of the posteriors, likewise.
    pub(super) log_var: Vec<f64>,
    /// The two dimensions drawn.
    pub(super) axes: [usize; 2],
    /// How far the images' codes are from the origin.
    pub(super) norms: norms::Norms,
}

pub(crate) fn start(values: &Values, assets: &Assets, device: &Device) -> Result<Box<dyn Experiment>, StartError> {
    let (trained, images) = match values.get(keys::DIMENSIONS) {
        Dimensions::Default => trained::with_images(assets, device)?,
        Dimensions::Sixteen => trained::sixteen(device)?,
    };
    let latent = trained.config.latent;
    let (mu, log_var) = trained.encode(&images.digits.images);
    let norms = norms::Norms::new(&mu, &log_var, latent, values.get(SEED) as u64);
    let codes = Codes { axes: plane::widest_axes(&mu, latent), norms, mu, log_var };
    Ok(Box::new(Arithmetic { trained, images, values: values.clone(), codes, truth: Truth::default() }))
}

/// The result of the chosen operation: the codes along the path, and the images that they come from.
pub(super) struct Way {
    /// `[rows, latent]`, row by row.
    pub(super) z: Vec<f64>,
    /// Indices of the images that the codes come from.
    pub(super) sources: Vec<usize>,
    /// Start and end of each way; all are of as many codes.
    pub(super) ends: Vec<[Vec<f64>; 2]>,
}

impl Experiment for Arithmetic {
    fn step(&mut self) {}

    fn finished(&self) -> bool {
        true
    }

    fn set(&mut self, values: &Values) {
        self.values = values.clone();
    }

    fn ask(&mut self) -> Vec<Tensor<1>> {
        let config = self.trained.config;
        let device = self.images.x.device();
        let vae = &self.trained.vae;
        let decode = |z: Vec<f64>| {
            let rows = z.len() / config.latent;
            let z = tensor(z.into_iter().map(|z| z as f32).collect(), [rows, config.latent], &device);
            mean(config.likelihood, vae.decoder.forward(z), config.pixels)
        };
        let drawing = tensor(self.drawing(), [1, config.pixels], &device);
        let (drawing_mu, drawing_log_var) = vae.encoder.forward(drawing.clone());
        let decoded = vae.decoder.forward(drawing_mu.clone());
        let reconstruction = log_likelihood(config.likelihood, drawing, decoded.clone(), vae.decoder.log_scale.val());
        let kl = kl_to_standard_normal(drawing_mu.clone(), drawing_log_var.clone());
        let flat = |tensor: Tensor<2>| {
            let [rows, columns] = tensor.dims();
            tensor.reshape([rows * columns])
        };
        let way = self.way();
        let mut asked = vec![
            flat(decode(way.z)),
            flat(decode(self.point())),
            flat(drawing_mu),
            flat(drawing_log_var),
            flat(mean(config.likelihood, decoded, config.pixels)),
            Tensor::cat(vec![reconstruction, kl], 0),
        ];
        let wanted = way.sources.first().copied().filter(|_| self.values.get(keys::TRUE_POSTERIOR));
        asked.extend(self.truth.ask(wanted, &self.trained, |image| self.images.select(&[image])));
        asked
    }

    fn observe(&mut self, mut answers: Vec<Vec<f32>>) -> Snapshot {
        let latent = self.trained.config.latent;
        if answers.len() > 6
            && let Some(numbers) = answers.pop()
        {
            let codes = &self.codes;
            let row = |image: usize| image * latent..(image + 1) * latent;
            self.truth.take(&numbers, |image| [&codes.mu[row(image)], &codes.log_var[row(image)]]);
        }
        let [way_pixels, point_pixels, drawing_mu, drawing_log_var, drawing_pixels, drawing_terms] =
            <[Vec<f32>; 6]>::try_from(answers).expect("six tensors were asked for");
        let way = self.way();
        let view = figures::View {
            images: &self.images,
            values: &self.values,
            latent,
            codes: &self.codes,
            way: &way,
            drawn: self.drawn(),
            drawing: &self.drawing(),
            drawing_mu: &drawing_mu,
            drawing_log_var: &drawing_log_var,
            point: &self.point(),
            truth: self.truth.drawn(),
        };
        Snapshot {
            status: Status::Done,
            readouts: self.readouts(&way, view.drawn, &drawing_terms),
            figures: view.figures(&way_pixels, &point_pixels, &drawing_pixels),
            notes: self.notes(),
            ..Snapshot::default()
        }
    }
}

impl Arithmetic {
    /// The index of the image chosen by a control among the offered ones.
    fn picked(&self, key: Key<Vec<f64>>) -> usize {
        let place = self.values.get(key).first().map_or(0, |&place| place.round() as usize);
        self.images.heldout[place.min(OFFERED.min(self.images.heldout.len()) - 1)]
    }

    fn way(&self) -> Way {
        let codes = &self.codes;
        let latent = self.trained.config.latent;
        let code = |n: usize| codes.mu[n * latent..(n + 1) * latent].to_vec();
        let [first, second, third] = [keys::FIRST, keys::SECOND, keys::THIRD].map(|key| self.picked(key));
        let (ends, sources) = match self.values.get(keys::OPERATION) {
            Operation::Analogy => {
                let end = interpolate::analogy(&code(first), &code(second), &code(third));
                (vec![[code(third), end]], vec![first, second, third])
            }
            Operation::Classes => {
                let end = match [keys::CLASS_A, keys::CLASS_B].map(|key| self.class_mean(self.values.get(key))) {
                    // z₁ + mean of A − mean of B: the difference between A and B, applied to z₁.
                    [Some(a), Some(b)] => interpolate::analogy(&a, &b, &code(first)),
                    _ => code(first),
                };
                (vec![[code(first), end]], vec![first])
            }
            Operation::Interpolate => (vec![[code(first), code(second)]], vec![first, second]),
            Operation::Prior => {
                let drawn = Stream::Prior.rng(self.values.get(SEED) as u64).normals(2 * PAIRS * latent);
                let drawn: Vec<f64> = drawn.into_iter().map(f64::from).collect();
                let (starts, ends) = drawn.split_at(PAIRS * latent);
                let pairs = starts.chunks_exact(latent).zip(ends.chunks_exact(latent));
                (pairs.map(|(start, end)| [start.to_vec(), end.to_vec()]).collect(), Vec::new())
            }
        };
        let path = match self.values.get(keys::PATH) {
            Path::Linear => interpolate::interpolate,
            Path::Spherical => interpolate::interpolate_spherical,
        };
        let steps = self.values.get(keys::STEPS);
        Way { z: ends.iter().flat_map(|[start, end]| path(start, end, steps)).collect(), sources, ends }
    }

    /// The mean code of the training images of a class; none where no image has that label.
    fn class_mean(&self, class: usize) -> Option<Vec<f64>> {
        let labels = &self.images.digits.labels;
        let rows: Vec<usize> = self.images.train.iter().copied().filter(|&n| usize::from(labels[n]) == class).collect();
        (!rows.is_empty()).then(|| interpolate::mean(&self.codes.mu, self.trained.config.latent, &rows))
    }

    /// Notes for the user: where the model comes from, and which requested class has no images.
    fn notes(&self) -> Vec<String> {
        let mut notes = vec![self.trained.origin.clone()];
        if self.values.get(keys::OPERATION) == Operation::Classes {
            let asked = [keys::CLASS_A, keys::CLASS_B].map(|key| self.values.get(key));
            if let Some(class) = asked.into_iter().find(|&class| self.class_mean(class).is_none()) {
                notes.push(format!("No image here is labelled {class}, so there is no mean to add or subtract."));
            }
        }
        notes
    }

    /// The code of the dragged point, with the prior's mean in the dimensions that are not drawn.
    fn point(&self) -> Vec<f64> {
        let codes = &self.codes;
        let mut z = vec![0.0; self.trained.config.latent];
        if let [x, y] = self.values.get(keys::POINT)[..] {
            z[codes.axes[1]] = y;
            z[codes.axes[0]] = x;
        }
        z
    }

    /// Whether there is a drawing of this model's size; one made for a model of another size is ignored.
    fn drawn(&self) -> bool {
        self.values.get(keys::DRAWING).len() == self.trained.config.pixels
    }

    /// The drawing as an image; blank before anything is drawn.
    fn drawing(&self) -> Vec<f32> {
        if !self.drawn() {
            return vec![0.0; self.trained.config.pixels];
        }
        self.values.get(keys::DRAWING).iter().map(|&ink| ink as f32).collect()
    }

    fn readouts(&self, way: &Way, drawn: bool, drawing_terms: &[f32]) -> Vec<Readout> {
        let latent = self.trained.config.latent;
        let rows: Vec<&[f64]> = way.z.chunks_exact(latent).collect();
        let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt();
        let length_of = |rows: &[&[f64]]| rows.windows(2).map(|pair| distance(pair[0], pair[1])).sum::<f64>();
        let lengths = rows.chunks_exact(rows.len() / way.ends.len()).map(length_of);
        let length = lengths.sum::<f64>() / way.ends.len() as f64;
        let lowest = rows.iter().map(|z| gaussian::log_prior(z)).fold(f64::INFINITY, f64::min);
        let depth = norms::Depth::of(&way.ends);
        let (point, codes) = (self.point(), &self.codes);
        let nearest = self.images.train.iter().min_by(|&&a, &&b| {
            let to = |n: usize| distance(&codes.mu[n * latent..(n + 1) * latent], &point);
            to(a).total_cmp(&to(b))
        });
        let labelled = nearest.filter(|_| self.images.labelled());
        let nearest = labelled.map_or(f64::NAN, |&n| f64::from(self.images.digits.labels[n]));
        // Nothing is drawn at first.
        let drawing = |term: usize| if drawn { f64::from(drawing_terms[term]) } else { f64::NAN };
        let mut all = vec![
            readouts::PATH_LENGTH.value(length),
            readouts::LOWEST_LOG_PRIOR.value(lowest),
            readouts::STRAIGHT_NORM.value(depth.straight),
            readouts::SPHERICAL_NORM.value(depth.spherical),
            readouts::PRIOR_NORM.value(chi::mean(latent)),
            readouts::STRAIGHT_INSIDE.value(100.0 * depth.straight_inside),
            readouts::SPHERICAL_INSIDE.value(100.0 * depth.spherical_inside),
            readouts::NEAREST_DIGIT.value(nearest),
            readouts::DRAWING_RECONSTRUCTION.value(drawing(0)),
            readouts::DRAWING_KL.value(drawing(1)),
        ];
        if self.values.get(keys::TRUE_POSTERIOR) {
            all.extend(self.truth.readouts());
        }
        all
    }
}
