//! The figures of slide 1.6.

use crate::demos::latent_arithmetic::{keys, slots};
use figure::{Chart, Dash, Figure, FigureSpec, Images, Layer, Marker, Picture, Pointer, Role, Values};

use super::experiment::{Codes, Way};
use crate::demos::latent_arithmetic::OFFERED;
use crate::shared::plane;
use crate::shared::true_posterior::Drawn;
use learn::images::ImageSet;

/// Columns of the gallery that images are picked from.
const GALLERY_COLUMNS: usize = 10;

pub(super) struct View<'a> {
    pub(super) images: &'a ImageSet,
    pub(super) values: &'a Values,
    pub(super) latent: usize,
    pub(super) codes: &'a Codes,
    pub(super) way: &'a Way,
    /// Whether the user has drawn anything.
    pub(super) drawn: bool,
    pub(super) drawing: &'a [f32],
    pub(super) drawing_mu: &'a [f32],
    pub(super) drawing_log_var: &'a [f32],
    pub(super) point: &'a [f64],
    /// The true posterior of z₁'s image, where it is asked for.
    pub(super) truth: Option<&'a Drawn>,
}

impl View<'_> {
    pub(super) fn figures(&self, way: &[f32], point: &[f32], drawing: &[f32]) -> Vec<Figure> {
        vec![
            self.plane(),
            self.strip(way),
            self.decoded_point(point),
            self.gallery(),
            self.pad(),
            self.encoded(drawing),
            self.codes.norms.figure(&self.way.ends, self.values.get(keys::STEPS)),
        ]
    }

    fn place(&self, z: &[f64]) -> [f64; 2] {
        [z[self.codes.axes[0]], z[self.codes.axes[1]]]
    }

    /// The plane with the codes, the path through it, the dragged point and the drawing's posterior.
    fn plane(&self) -> Figure {
        let labels = &self.images.digits.labels;
        let mu: Vec<f32> = self.codes.mu.iter().map(|&mu| mu as f32).collect();
        let way: Vec<[f64; 2]> = self.way.z.chunks_exact(self.latent).map(|z| self.place(z)).collect();
        // A number that is none between two ways breaks the line.
        let of_one = way.len() / self.way.ends.len();
        let line = way.chunks(of_one).flat_map(|one| one.iter().copied().chain([[f64::NAN; 2]])).collect();
        let code = |n: usize| self.place(&self.codes.mu[n * self.latent..(n + 1) * self.latent]);
        let (under, over) = match self.truth {
            Some(drawn) => {
                let (heat, above) = drawn.layers(code(drawn.image), self.codes.axes);
                (Some(heat), above)
            }
            None => (None, Vec::new()),
        };
        let mut layers: Vec<Layer> = under.into_iter().collect();
        layers.extend([
            plane::prior_rings(),
            plane::scatter(&mu, self.latent, self.codes.axes, labels),
            Layer::line(Role::Exact, Dash::Solid, "", line),
            Layer::points(Role::Neutral, Marker::Dot, "", way),
            Layer::classes(
                Marker::Numeral,
                if self.images.labelled() { 9.0 } else { 5.0 },
                self.way.sources.iter().map(|&n| code(n)).collect(),
                self.way.sources.iter().map(|&n| labels[n]).collect(),
            ),
            Layer::points(Role::Posterior, Marker::Square, "z", vec![self.place(self.point)]),
        ]);
        layers.extend(over);
        if self.drawn {
            let [a, b] = self.codes.axes;
            let sigma = |j: usize| (0.5 * f64::from(self.drawing_log_var[j])).exp();
            let ellipse = [f64::from(self.drawing_mu[a]), f64::from(self.drawing_mu[b]), sigma(a), sigma(b)];
            let ellipses = vec![ellipse];
            layers.push(Layer::ellipses(Role::Posterior, "q(z|your drawing)", ellipses));
        }
        let [x, y] = self.place(self.point);
        let chart = Chart {
            x: plane::axis(self.codes.axes[0]),
            y: plane::axis(self.codes.axes[1]),
            layers,
            equal: self.latent > 1,
        };
        let alt = format!(
            "The latent plane with the codes of {} images, {} codes along the way through it, and the dragged point at ({x:.2}, {y:.2}).",
            self.images.digits.len(),
            self.way.z.len() / self.latent
        );
        slots::LATENT.chart(alt, chart).with_pointer(Pointer::Drag { control: keys::POINT.name.into(), stride: 2 })
    }

    fn images(&self, slot: FigureSpec, alt: &str, pixels: &[f32], columns: usize) -> Figure {
        let side = self.images.digits.side;
        slot.images(alt, Images::from_unit(pixels, columns, side, side))
    }

    /// The decoded codes along the path.
    fn strip(&self, pixels: &[f32]) -> Figure {
        let rows = self.way.z.len() / self.latent;
        let columns = if self.way.ends.len() == 1 { rows.min(16) } else { rows / self.way.ends.len() };
        self.images(slots::STRIP, "The decoded codes along the way, from its start to its end.", pixels, columns)
    }

    fn decoded_point(&self, pixels: &[f32]) -> Figure {
        self.images(slots::DECODED, "What the decoder makes of the dragged point.", pixels, 1)
    }

    /// Held-out images; a press sets the code chosen by the control `picking`.
    fn gallery(&self) -> Figure {
        let offered = &self.images.heldout[..OFFERED.min(self.images.heldout.len())];
        let pixels = self.images.digits.gather(offered);
        let mut figure = self.images(slots::GALLERY, "Held-out images to pick codes from.", &pixels, GALLERY_COLUMNS);
        figure.pointer = Some(Pointer::Pick { control: self.values.get(keys::PICKING).value().to_owned() });
        figure
    }

    /// The pad to draw on.
    fn pad(&self) -> Figure {
        let mut figure = self.images(slots::PAD, "Draw a digit here with the pointer.", self.drawing, 1);
        figure.pointer = Some(Pointer::Paint { control: keys::DRAWING.name.into() });
        figure
    }

    /// The drawing's reconstruction; empty before anything is drawn.
    fn encoded(&self, pixels: &[f32]) -> Figure {
        let blank = vec![0.0; pixels.len()];
        let shown = if self.drawn { pixels } else { &blank };
        let mut figure = self.images(slots::ENCODED, "What the model makes of your drawing.", shown, 1);
        if let Picture::Images(images) = &mut figure.picture {
            images.captions.clear();
        }
        figure
    }
}
