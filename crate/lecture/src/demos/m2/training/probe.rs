//! What a snapshot of M2 evaluates besides the curves: the chosen x, the grid of styles, style transfer, and on the moons
//! the plane. All noise here is fixed, so that changes in a figure come from training alone.

use burn::tensor::Tensor;
use burn::tensor::activation::softmax;

use super::objective::{bounds, inferred, log_q, unlabelled};
use super::set::{Kind, Set};
use super::trainer::M2Trainer;
use crate::shared::plane::subscript;
use learn::Stream;
use learn::models::{M2, flat, tensor};
use learn::objectives::{kl_per_dimension, mean};

/// Noise samples for the bounds of the chosen x.
pub(super) const SAMPLES: usize = 64;
/// Held-out images of each digit that can be chosen.
const OF_EACH: usize = 3;
/// Rows of the label/style grid.
const STYLES: usize = 10;
/// The largest distance from the prior's mean in that grid, in standard deviations.
const FAR: f64 = 2.0;
/// Styles drawn on the moons.
const MOON_STYLES: usize = 120;
/// Images of the style transfer beside the chosen one.
const TRANSFERRED: usize = 5;
/// Held-out moons that are transferred.
const TRANSFERRED_MOONS: usize = 24;
/// The part of the plane around the moons: left, right, bottom, top.
pub(super) const PLANE: [f64; 4] = [-1.8, 2.8, -1.3, 1.8];
/// Columns and rows of the classifiers' map.
pub(super) const MAP: (usize, usize) = (72, 48);
/// Columns and rows of the map of −U(x), which is more expensive.
pub(super) const BOUND_MAP: (usize, usize) = (46, 31);
/// Steps between computing the maps.
const MAP_EVERY: u64 = 20;
/// The point chosen on the moons at first, between the two moons.
const BETWEEN: [f64; 2] = [0.5, 0.25];

/// The examples and the noise that are evaluated.
pub(super) struct Probe {
    /// Held-out examples that are shown and, on the digits, can be chosen.
    pub(super) shown: Vec<usize>,
    /// Held-out examples whose z is decoded with every y, besides the chosen one.
    pub(super) transferred: Vec<usize>,
    /// The latent dimensions that vary over the digits' grid of styles; none on the moons.
    style_axes: Vec<usize>,
    /// On the moons: styles z ~ p(z), `[style, latent]`.
    prior: Option<Tensor<2>>,
    latent: usize,
    /// Noise for the chosen x, `[SAMPLES, latent]`.
    eps: Tensor<2>,
    /// Places of the plane, for the classifiers and for −U(x), `[place, 2]`; on the moons only.
    plane: Option<(Tensor<2>, Tensor<2>)>,
    /// The last computed maps over the plane: they cost as much as many steps on the moons.
    maps: Vec<Tensor<1>>,
}

/// The results, on the host.
pub(super) struct Seen {
    /// q(y|x) of the chosen x, `[class]`.
    pub(super) q: Vec<f64>,
    /// The baseline classifier's q(y|x) of the chosen x, `[class]`.
    pub(super) baseline_q: Vec<f64>,
    /// −L(x,y) of the chosen x by noise sample, `[SAMPLES][class]`.
    pub(super) bounds: Vec<Vec<f64>>,
    /// A name for each style of the digits.
    pub(super) style_names: Vec<String>,
    /// Decoded means, `[style, class, input]`.
    pub(super) styles: Vec<f32>,
    /// The inferred class of each transferred example, the chosen one first.
    pub(super) inferred: Vec<u8>,
    /// Their decoded means with every class, `[transferred, class, input]`.
    pub(super) transfer: Vec<f32>,
    /// On the moons: q(y=1|x) of M2 and of the baseline over [`MAP`], and −U(x) over [`BOUND_MAP`], rows from the bottom.
    pub(super) plane: Option<[Vec<f32>; 3]>,
}

impl Probe {
    /// `set` decides what is evaluated, the seed which styles.
    pub(super) fn new(set: &Set, latent: usize, seed: u64) -> Self {
        let device = set.x.device();
        let (shown, transferred, prior) = match set.kind {
            Kind::Digits { .. } => {
                let of = |class: u8, nth: usize| set.heldout.iter().filter(move |n| set.classes[**n] == class).nth(nth);
                let shown: Vec<usize> =
                    (0..OF_EACH).flat_map(|nth| (0..10).filter_map(move |class| of(class, nth))).copied().collect();
                let transferred = shown.iter().copied().skip(1).step_by(2).take(TRANSFERRED).collect();
                (shown, transferred, None)
            }
            Kind::Moons => {
                let styles = Stream::Samples.rng(seed).normals(MOON_STYLES * latent);
                let styles = tensor(styles, [MOON_STYLES, latent], &device);
                (set.heldout.clone(), set.heldout.iter().copied().take(TRANSFERRED_MOONS).collect(), Some(styles))
            }
        };
        let plane = (set.kind == Kind::Moons).then(|| {
            let places = |(columns, rows)| tensor(places(columns, rows), [columns * rows, 2], &device);
            (places(MAP), places(BOUND_MAP))
        });
        Self {
            shown,
            transferred,
            style_axes: if prior.is_some() { Vec::new() } else { (0..latent.min(2)).collect() },
            prior,
            latent,
            eps: tensor(Stream::Importance.rng(seed).normals(SAMPLES * latent), [SAMPLES, latent], &device),
            plane,
            maps: Vec::new(),
        }
    }

    /// Computes the maps over the plane again when they are due at this step.
    pub(super) fn map(&mut self, trainer: &M2Trainer) {
        let Some((map, bound_map)) = self.plane.as_ref().filter(|_| trainer.steps().is_multiple_of(MAP_EVERY)) else {
            return;
        };
        let (model, baseline) = (trainer.model(), trainer.baseline());
        let of_class_one = |logits| flat(softmax(logits, 1).narrow(1, 1, 1));
        self.maps = vec![
            of_class_one(model.classifier.forward(map.clone())),
            of_class_one(baseline.forward(map.clone())),
            self.bound_over(&model, trainer, bound_map.clone()),
        ];
    }

    /// The chosen x itself: on the digits the list holds the index of a shown image, on the moons a point.
    pub(super) fn example(&self, set: &Set, list: &[f64]) -> Vec<f32> {
        match (set.kind, list) {
            (Kind::Digits { .. }, list) => set.example(self.shown[self.chosen(list)]).to_vec(),
            (Kind::Moons, &[x, y]) => vec![x as f32, y as f32],
            (Kind::Moons, _) => BETWEEN.map(|at| at as f32).to_vec(),
        }
    }

    /// Which of the shown images is chosen: the first one when the list holds no valid index.
    pub(super) fn chosen(&self, list: &[f64]) -> usize {
        let index = list.first().map_or(0.0, |index| index.round().max(0.0)) as usize;
        if list.len() == 1 && index < self.shown.len() { index } else { 0 }
    }

    /// The tensors to read.
    pub(super) fn ask(&self, trainer: &M2Trainer, example: &[f32]) -> Vec<Tensor<1>> {
        let (model, baseline) = (trainer.model(), trainer.baseline());
        let config = &trainer.config;
        let device = self.eps.device();
        let x = tensor(example.to_vec(), [1, example.len()], &device);
        let transferred = Tensor::cat(vec![x.clone(), trainer.set.select(&self.transferred)], 0);
        let y = inferred(&model.classifier, transferred.clone());
        let (z, _) = model.encoder.forward(transferred, y.clone());
        let styles = match &self.prior {
            Some(styles) => styles.clone(),
            None => {
                let (styles, names) = along(&self.style_axes, self.latent);
                tensor(styles, [names.len(), self.latent], &device)
            }
        };
        let shown = trainer.set.select(&self.shown);
        let (mu, log_var) = model.encoder.forward(shown.clone(), inferred(&model.classifier, shown));
        let decoded_mean = |decoded| mean(config.likelihood, decoded, config.inputs);
        let mut tensors = vec![
            flat(log_q(&model.classifier, x.clone()).exp()),
            flat(log_q(&baseline, x.clone()).exp()),
            flat(bounds(&model, config, x.repeat_dim(0, SAMPLES), self.eps.clone())),
            flat(decoded_mean(model.decoder.forward_every(styles))),
            flat(kl_per_dimension(mu, log_var).mean_dim(0)),
            flat(y),
            flat(decoded_mean(model.decoder.forward_every(z))),
        ];
        tensors.extend(self.maps.iter().cloned());
        tensors
    }

    /// The two dimensions that vary over the digits' grid of styles: those with the largest KL on the shown images, in index order.
    fn turn_to(&mut self, kl: &[f32]) {
        if self.prior.is_some() {
            return;
        }
        let mut order: Vec<usize> = (0..kl.len()).collect();
        order.sort_by(|&a, &b| kl[b].total_cmp(&kl[a]).then(a.cmp(&b)));
        order.truncate(2);
        order.sort_unstable();
        self.style_axes = order;
    }

    /// −U(x) over places, the mean of two samples with the same noise everywhere and its mirror image: a smooth map.
    fn bound_over(&self, model: &M2, trainer: &M2Trainer, places: Tensor<2>) -> Tensor<1> {
        let eps = self.eps.clone().narrow(0, 0, 1).repeat_dim(0, places.dims()[0]);
        let of = |eps| unlabelled(model, &trainer.config, places.clone(), eps);
        (of(eps.clone()) + of(-eps)) * 0.5
    }

    /// The answers to the last [`Probe::ask`], in its order.
    pub(super) fn answer(&mut self, classes: usize, mut next: impl FnMut() -> Vec<f32>) -> Seen {
        let wide = |numbers: &[f32]| numbers.iter().copied().map(f64::from).collect::<Vec<_>>();
        let (q, baseline_q) = (wide(&next()), wide(&next()));
        let bounds = next().chunks_exact(classes).map(wide).collect();
        let style_names = along(&self.style_axes, self.latent).1;
        let styles = next();
        self.turn_to(&next());
        Seen {
            q,
            baseline_q,
            bounds,
            style_names,
            styles,
            inferred: next()
                .chunks_exact(classes)
                .map(|y| y.iter().position(|&y| y > 0.5).unwrap_or(0) as u8)
                .collect(),
            transfer: next(),
            plane: self.plane.is_some().then(|| [next(), next(), next()]),
        }
    }
}

/// Styles along some latent dimensions, one after the other, each from −[`FAR`] to +[`FAR`] with all others at the prior's
/// mean. Returns the numbers `[style, latent]` and a name for each style.
fn along(axes: &[usize], latent: usize) -> (Vec<f32>, Vec<String>) {
    let points = STYLES / axes.len().max(1);
    let (mut numbers, mut names) = (Vec::new(), Vec::new());
    for &axis in axes {
        for point in 0..points {
            let value = FAR * (2.0 * point as f64 / (points - 1) as f64 - 1.0);
            let mut z = vec![0.0; latent];
            z[axis] = value as f32;
            numbers.extend(z);
            let sign = if value < -1e-9 { "−" } else { "" };
            names.push(format!("z{} = {sign}{:.1}", subscript(axis + 1), value.abs()));
        }
    }
    (numbers, names)
}

/// The centres of a grid over the plane, row by row from the bottom: x and y of each.
fn places(columns: usize, rows: usize) -> Vec<f32> {
    let [left, right, bottom, top] = PLANE;
    let along = |low: f64, high: f64, at: usize, of: usize| (low + (high - low) * (at as f64 + 0.5) / of as f64) as f32;
    let place = |cell: usize| [along(left, right, cell % columns, columns), along(bottom, top, cell / columns, rows)];
    (0..columns * rows).flat_map(place).collect()
}
