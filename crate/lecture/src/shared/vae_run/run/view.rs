//! The numbers read back from a model for one snapshot, and the figures made of them.

use crate::shared::true_posterior::Drawn;
use crate::shared::vae_run::slots;
use figure::{Axis, Chart, Figure, FigureSpec, Images, Layer, Marker, Role};
use math::gaussian;
use math::rng::Rng;

use super::ask::Part;
use super::figures::GRID;
use crate::shared::plane;
use learn::images::{ImageSet, Source};
use learn::objectives::Likelihood;

/// A model's numbers, as read from the device.
#[derive(Default)]
pub(super) struct Model {
    /// Means of q(z|x) of all images, `[n, latent]`.
    pub(super) mu: Vec<f32>,
    /// Log variances of q(z|x) of all images, `[n, latent]`.
    pub(super) log_var: Vec<f32>,
    /// Decoded posterior means of the shown images, `[shown, pixel]`.
    pub(super) decoded: Vec<f32>,
    /// Decoded grid, `[points, pixel]`.
    pub(super) grid: Vec<f32>,
    /// Decoded points of the prior, `[samples, pixel]`.
    pub(super) samples: Vec<f32>,
}

impl Model {
    /// Stores an answer in its field. Decoded is first each of the shown images, then the grid, then each of the points of the prior.
    pub(super) fn take(&mut self, part: Part, mut answer: Vec<f32>, [shown, samples]: [usize; 2], pixels: usize) {
        match part {
            Part::Mu => self.mu = answer,
            Part::LogVar => self.log_var = answer,
            Part::Decoded => {
                self.samples = answer.split_off(answer.len() - samples * pixels);
                self.grid = answer.split_off(shown * pixels);
                self.decoded = answer;
            }
        }
    }
}

/// A model's numbers with the images that they describe.
pub(super) struct View<'a> {
    pub(super) images: &'a ImageSet,
    pub(super) latent: usize,
    /// The two latent dimensions that are drawn.
    pub(super) axes: [usize; 2],
    /// The images shown one by one.
    pub(super) shown: &'a [usize],
    pub(super) model: Model,
}

impl View<'_> {
    fn row<'m>(&self, table: &'m [f32], n: usize) -> &'m [f32] {
        &table[n * self.latent..(n + 1) * self.latent]
    }

    /// Mean over the held-out images of KL\[q(z_j|x)‖p(z_j)\], for each dimension j, in nats.
    pub(super) fn heldout_kl_per_dimension(&self) -> Vec<f64> {
        let heldout = &self.images.heldout;
        let kl = |n: usize, j: usize| {
            let (mu, log_var) = (self.row(&self.model.mu, n)[j], self.row(&self.model.log_var, n)[j]);
            gaussian::kl_to_standard_normal_1d(f64::from(mu), f64::from(log_var))
        };
        (0..self.latent).map(|j| heldout.iter().map(|&n| kl(n, j)).sum::<f64>() / heldout.len() as f64).collect()
    }

    /// Means and log variances of the first `most` held-out images, `[most, latent]` each.
    pub(super) fn first_posteriors(&self, most: usize) -> [Vec<f32>; 2] {
        let first = || self.images.heldout.iter().take(most);
        [&self.model.mu, &self.model.log_var].map(|table| first().flat_map(|&n| self.row(table, n)).copied().collect())
    }

    /// Where an image is in the plane; with one dimension its class is the other coordinate.
    fn place(&self, n: usize) -> [f64; 2] {
        let [a, b] = self.axes;
        let label = self.images.digits.labels[n];
        let class = if label == data::UNKNOWN { 0.0 } else { f64::from(label) };
        let mu = self.row(&self.model.mu, n);
        [f64::from(mu[a]), if self.latent == 1 { class } else { f64::from(mu[b]) }]
    }

    /// Where all images are.
    pub(super) fn places(&self) -> Vec<[f64; 2]> {
        (0..self.images.digits.len()).map(|n| self.place(n)).collect()
    }

    /// Posterior means in the latent plane, coloured by digit, with the posteriors of the shown images and the prior.
    /// Over the heat of a pressed image's p(z|x), where one is given.
    pub(super) fn latent_plane(&self, slot: FigureSpec, pressed: Option<&Drawn>) -> Figure {
        let [a, b] = self.axes;
        let one = self.latent == 1;
        let labels = &self.images.digits.labels;
        let place = |n: usize| self.place(n);
        let of_pressed = pressed.map(|drawn| drawn.layers(place(drawn.image), self.axes));
        let (heat, above) = of_pressed.map_or((None, Vec::new()), |(heat, above)| (Some(heat), above));
        let mut layers: Vec<Layer> = heat.into_iter().collect();
        if one {
            let points = (0..labels.len()).map(place).collect();
            layers.push(Layer::classes(Marker::Dot, 2.0, points, labels.clone()));
        } else {
            layers.push(plane::prior_rings());
            layers.push(plane::scatter(&self.model.mu, self.latent, self.axes, labels));
        }
        if !one {
            let sigma = |n: usize, j: usize| (0.5 * f64::from(self.row(&self.model.log_var, n)[j])).exp();
            let ellipse = |&n: &usize| [place(n)[0], place(n)[1], sigma(n, a), sigma(n, b)];
            let ellipses = self.shown.iter().map(ellipse).collect();
            layers.push(Layer::ellipses(Role::Posterior, "q(z|x), 1σ", ellipses));
        }
        let numerals = self.shown.iter().map(|&n| place(n)).collect();
        let classes = self.shown.iter().map(|&n| labels[n]).collect();
        let size = if self.images.labelled() { 8.0 } else { 4.0 };
        layers.push(Layer::classes(Marker::Numeral, size, numerals, classes));
        layers.extend(above);
        let classes = if self.images.source == Source::Embedded { "digit" } else { "label" };
        let y = if one { Axis::linear(classes).over(-0.5, 9.5) } else { plane::axis(b) };
        let chart = Chart { x: plane::axis(a), y, layers, equal: !one };
        let alt = format!(
            "Posterior means of {} images in the latent plane, {}, with the posteriors of {} held-out images and the prior's circles.",
            labels.len(),
            if self.images.labelled() { format!("coloured by {classes}") } else { "without labels".to_owned() },
            self.shown.len()
        );
        slot.chart(alt, chart)
    }

    /// The decoded means at a grid of the prior's quantiles.
    pub(super) fn decoded_grid(&self, slot: FigureSpec) -> Figure {
        let side = self.images.digits.side;
        let images = Images::from_unit(&self.model.grid, GRID, side, side);
        let alt = "Decoded means over a grid of prior quantiles: every picture stands for the same share of the prior.";
        slot.images(alt, images)
    }

    /// Held-out images, one of each class where classes are known, each above its reconstruction from the posterior mean.
    pub(super) fn reconstructions(&self) -> Figure {
        let side = self.images.digits.side;
        let mut pixels = self.images.digits.gather(self.shown);
        pixels.extend_from_slice(&self.model.decoded);
        let images = Images::from_unit(&pixels, self.shown.len(), side, side);
        let images = images.with_captions(vec!["x".into(), "decoded".into()]);
        slots::RECONSTRUCTIONS.images("Held-out images, each above its reconstruction.", images)
    }

    /// Points of the prior, decoded: the means of p(x|z) above one random sample x ~ p(x|z) each.
    pub(super) fn samples(&self, likelihood: Likelihood, scales: &[f32], mut rng: Rng) -> Figure {
        let side = self.images.digits.side;
        let means = &self.model.samples;
        let mut pixels = means.to_vec();
        pixels.extend(means.iter().zip(scales).map(|(&mean, &scale)| likelihood.sample(mean, scale, &mut rng)));
        let images = Images::from_unit(&pixels, means.len() / (side * side), side, side);
        let images = images.with_captions(vec!["mean".into(), "sample".into()]);
        let alt = "Points of the prior, decoded: the mean of p(x|z) above a random sample from it.";
        slots::SAMPLES.images(alt, images)
    }
}
