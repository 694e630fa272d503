//! The true posterior of a pressed image, and what the encoder loses on it and on the images of the strip.

use burn::tensor::{Device, Tensor};
use figure::{Axis, Chart, Dash, Figure, Layer, Readout, Role};
use math::evidence::exact_mean;
use math::evidence::posterior::Gaps;

use crate::shared::true_posterior::{Drawn, PosteriorGrid};
use crate::shared::vae_run::{readouts, slots};
use learn::models::{Vae, VaeConfig};

/// Steps between looks at the images of the strip, and at a pressed image: each costs as much as some twenty steps.
const EVERY: u64 = 250;
const EVERY_WHILE_PRESSED: u64 = 100;

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pressed {
    /// An image of the strip, or its reconstruction.
    OfStrip(usize),
    /// A place in the latent plane.
    Place([f64; 2]),
}

impl Pressed {
    /// From the control: an index, or two coordinates.
    pub(crate) fn of(list: &[f64]) -> Option<Self> {
        match *list {
            [] => None,
            [index] => Some(Self::OfStrip(index.max(0.0) as usize)),
            [x, y, ..] => Some(Self::Place([x, y])),
        }
    }
}

/// The images looked at: those of the strip, then the pressed one where it is none of them.
pub(super) struct Asked {
    step: u64,
    pub(super) images: Vec<usize>,
    pressed: Option<usize>,
}

struct Seen {
    step: u64,
    /// Of the images asked for, in their order.
    gaps: Vec<Option<Gaps>>,
    pressed: Option<usize>,
    drawn: Option<Drawn>,
}

/// The pressed image and what was last seen.
pub(super) struct TruePosteriors {
    grid: PosteriorGrid,
    shown: Vec<usize>,
    wish: Option<Pressed>,
    image: Option<usize>,
    /// Whether the pressed image has not been looked at yet.
    fresh: bool,
    seen: Option<Seen>,
}

impl TruePosteriors {
    /// None where the grid is not affordable.
    pub(super) fn new(config: &VaeConfig, shown: &[usize], wish: Option<Pressed>, device: &Device) -> Option<Self> {
        let grid = PosteriorGrid::new(config, device)?;
        let mut all = Self { grid, shown: shown.to_vec(), wish: None, image: None, fresh: false, seen: None };
        all.press(wish, &[]);
        Some(all)
    }

    /// Takes the control; `places` are where the images were last drawn in the plane. A place is that of the nearest image then, and
    /// stays that image's however the codes move.
    pub(super) fn press(&mut self, wish: Option<Pressed>, places: &[[f64; 2]]) {
        if wish == self.wish && (self.image.is_some() || wish.is_none()) {
            return;
        }
        let apart = |place: &[f64; 2], at: [f64; 2]| (place[0] - at[0]).powi(2) + (place[1] - at[1]).powi(2);
        let image = match wish {
            None => None,
            Some(Pressed::OfStrip(index)) => Some(self.shown[index % self.shown.len()]),
            Some(Pressed::Place(at)) => {
                let order = |&a: &usize, &b: &usize| apart(&places[a], at).total_cmp(&apart(&places[b], at));
                (0..places.len()).min_by(order)
            }
        };
        self.fresh = image.is_some() && image != self.image;
        (self.wish, self.image) = (wish, image);
    }

    /// Whether to look after this many steps.
    pub(super) fn due(&self, step: u64) -> bool {
        step > 0 && (step.is_multiple_of(EVERY) || self.image.is_some() && step.is_multiple_of(EVERY_WHILE_PRESSED))
    }

    /// Whether an image was pressed and not looked at since.
    pub(super) fn take_fresh(&mut self) -> bool {
        std::mem::take(&mut self.fresh)
    }

    /// The images to look at.
    pub(super) fn images(&self, step: u64) -> Asked {
        let mut images = self.shown.clone();
        images.extend(self.image.filter(|image| !self.shown.contains(image)));
        Asked { step, images, pressed: self.image }
    }

    /// Their posteriors, `x` being these images: q(z|x)'s means and log variances, then log p(x|z) at every point of the grid.
    pub(super) fn request(&self, vae: &Vae, config: &VaeConfig, x: &Tensor<2>) -> Tensor<1> {
        let (mu, log_var) = vae.encoder.forward(x.clone());
        let flat = |table: Tensor<2>| {
            let [n, latent] = table.dims();
            table.reshape([n * latent])
        };
        Tensor::cat(vec![flat(mu), flat(log_var), self.grid.log_likelihoods(&vae.decoder, config, x)], 0)
    }

    /// Takes the numbers of a request.
    pub(super) fn take(&mut self, asked: Asked, numbers: &[f64], latent: usize) {
        let (q, logs) = numbers.split_at(2 * latent * asked.images.len());
        let (mu, log_var) = q.split_at(latent * asked.images.len());
        let row = |at: usize| at * latent..(at + 1) * latent;
        let posteriors = self.grid.posteriors(logs);
        let gaps: Vec<_> =
            posteriors.iter().enumerate().map(|(at, one)| one.gaps(&mu[row(at)], &log_var[row(at)])).collect();
        let pressed = asked.pressed.and_then(|image| asked.images.iter().position(|&other| other == image));
        let drawn = pressed.and_then(|at| {
            let q = [&mu[row(at)], &log_var[row(at)]];
            Drawn::new(asked.images[at], &posteriors[at], q, gaps[at].as_ref(), (-0.5, 9.5))
        });
        self.seen = Some(Seen { step: asked.step, gaps, pressed, drawn });
    }

    /// Forgets what was seen after this step.
    pub(super) fn rewind(&mut self, step: u64) {
        self.seen = self.seen.take().filter(|seen| seen.step <= step);
    }

    /// What to draw of the pressed image.
    pub(super) fn drawn(&self) -> Option<&Drawn> {
        self.seen.as_ref()?.drawn.as_ref().filter(|drawn| Some(drawn.image) == self.image)
    }
}

/// The means of both gaps over the images of the strip, and log p(x) and the gaps of the pressed image.
pub(super) fn readouts(posteriors: Option<&TruePosteriors>) -> Vec<Readout> {
    let seen = posteriors.and_then(|all| all.seen.as_ref().map(|seen| (seen, all.shown.len())));
    let mean = |of: fn(&Gaps) -> f64| {
        let of_strip = seen.and_then(|(seen, n)| seen.gaps[..n].iter().cloned().collect::<Option<Vec<Gaps>>>());
        // The mean is shown where log p(x) is exact on average, as elsewhere.
        let exact =
            of_strip.filter(|all| exact_mean(&all.iter().map(|gaps| gaps.evidence).collect::<Vec<_>>()).is_some());
        exact.map_or(f64::NAN, |all| all.iter().map(of).sum::<f64>() / all.len() as f64)
    };
    let pressed = seen.and_then(|(seen, _)| seen.gaps[seen.pressed?].as_ref()).filter(|gaps| gaps.evidence.is_exact());
    let of_pressed = |of: fn(&Gaps) -> f64| pressed.map_or(f64::NAN, of);
    vec![
        readouts::APPROXIMATION_GAP.value(mean(|gaps| gaps.approximation)),
        readouts::AMORTIZATION_GAP.value(mean(|gaps| gaps.amortization)),
        readouts::PRESSED_LOG_PX.value(of_pressed(|gaps| gaps.evidence.log_px)),
        readouts::PRESSED_APPROXIMATION_GAP.value(of_pressed(|gaps| gaps.approximation)),
        readouts::PRESSED_AMORTIZATION_GAP.value(of_pressed(|gaps| gaps.amortization)),
    ]
}

/// Both gaps of the images of the strip and of the pressed one, stacked to log p(x) − ELBO.
pub(super) fn gaps(posteriors: Option<&TruePosteriors>, labels: &[u8]) -> Figure {
    let (mut approximation, mut amortization, mut ticks, mut ring) = (Vec::new(), Vec::new(), Vec::new(), None);
    if let Some((all, seen)) = posteriors.and_then(|all| Some((all, all.seen.as_ref()?))) {
        for (at, gaps) in seen.gaps.iter().enumerate() {
            let (left, right) = (at as f64 - 0.42, at as f64 + 0.42);
            let name = all.shown.get(at).map(|&n| labels[n]).filter(|&label| label != data::UNKNOWN);
            let outside = at >= all.shown.len();
            ticks.push((
                at as f64,
                if outside { "pressed".to_owned() } else { name.map_or(String::new(), |label| label.to_string()) },
            ));
            if let Some(gaps) = gaps {
                approximation.push([left, right, 0.0, gaps.approximation]);
                amortization.push([left, right, gaps.approximation, gaps.approximation + gaps.amortization]);
            }
        }
        ring = seen.pressed;
    }
    let count = ticks.len().max(10) as f64;
    let total = |bars: &[[f64; 4]]| bars.iter().map(|bar| bar[3] - bar[2]).sum::<f64>() / bars.len() as f64;
    let alt = if approximation.is_empty() {
        "Approximation and amortization gap of held-out images; not computed yet.".to_owned()
    } else {
        format!(
            "Approximation and amortization gap of {} held-out images in nats: {:.3} and {:.3} on average.",
            approximation.len(),
            total(&approximation),
            total(&amortization)
        )
    };
    let mut layers = vec![
        Layer::bars(Role::Exact, "approximation gap", approximation),
        Layer::bars(Role::Posterior, "amortization gap", amortization),
    ];
    layers.extend(ring.map(|at| Layer::vertical_rule(Role::Neutral, Dash::Dotted, "", at as f64)));
    let chart = Chart::new(
        Axis::linear("held-out images").over(-0.6, count - 0.4).with_ticks(ticks),
        Axis::linear("log p(x) − ELBO (nats)"),
        layers,
    );
    slots::GAPS.chart(alt, chart)
}
