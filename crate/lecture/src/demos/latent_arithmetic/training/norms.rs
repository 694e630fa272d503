//! How far codes are from the origin: those of the prior, of the images, and of both paths.

use figure::{Axis, Chart, Dash, Figure, Layer, Marker, Role};
use learn::Stream;
use math::chi;
use math::interpolate::{interpolate, interpolate_spherical, lowest_norm, lowest_norm_spherical};

use crate::demos::latent_arithmetic::slots;

/// Bars of the histogram.
const BINS: usize = 50;
/// Points of the prior's density.
const CURVE: usize = 201;
/// The figure ends where the prior does, this far beyond its radius, or with the codes, but not beyond so many times the former.
const BEYOND: (f64, f64) = (3.5, 2.0);
/// And this many times as high as the prior's density, where means are all alike.
const HIGHEST: f64 = 2.5;

/// ‖z‖ of the images' codes.
pub(super) struct Norms {
    latent: usize,
    /// Of one z ~ q(z|x) for each image.
    sampled: Vec<f64>,
    /// Of the mean of q(z|x) for each image.
    means: Vec<f64>,
}

/// How near to the origin the ways come, on average over them.
#[derive(Clone, Copy, Debug)]
pub(in crate::demos::latent_arithmetic) struct Depth {
    /// The lowest ‖z‖ of the straight path.
    pub(in crate::demos::latent_arithmetic) straight: f64,
    /// That of the spherical path.
    pub(in crate::demos::latent_arithmetic) spherical: f64,
    /// The share of the prior with a smaller ‖z‖ than the straight path's lowest.
    pub(in crate::demos::latent_arithmetic) straight_inside: f64,
    /// That of the spherical path.
    pub(in crate::demos::latent_arithmetic) spherical_inside: f64,
}

impl Depth {
    /// Of ways with these starts and ends.
    pub(in crate::demos::latent_arithmetic) fn of(ends: &[[Vec<f64>; 2]]) -> Self {
        let average = |of: &dyn Fn(&[f64], &[f64]) -> f64| {
            ends.iter().map(|[start, end]| of(start, end)).sum::<f64>() / ends.len() as f64
        };
        Self {
            straight: average(&lowest_norm),
            spherical: average(&lowest_norm_spherical),
            straight_inside: average(&|start, end| chi::cdf(lowest_norm(start, end), start.len())),
            spherical_inside: average(&|start, end| chi::cdf(lowest_norm_spherical(start, end), start.len())),
        }
    }
}

impl Norms {
    /// Shapes: `mu`, `log_var` `[n, latent]` of the images' posteriors; `seed` draws their codes.
    pub(super) fn new(mu: &[f64], log_var: &[f64], latent: usize, seed: u64) -> Self {
        let eps = Stream::Fixed.rng(seed).normals(mu.len());
        let z: Vec<f64> = (0..mu.len()).map(|i| mu[i] + (0.5 * log_var[i]).exp() * f64::from(eps[i])).collect();
        Self { latent, sampled: norms(&z, latent), means: norms(mu, latent) }
    }

    /// Histograms of the codes' norms, the prior's density of them, and below these the codes along both paths.
    pub(super) fn figure(&self, ends: &[[Vec<f64>; 2]], steps: usize) -> Figure {
        let prior = (self.latent as f64).sqrt() + BEYOND.0;
        let finite = self.sampled.iter().copied().filter(|r| r.is_finite());
        let top = finite.fold(prior, f64::max).min(BEYOND.1 * prior);
        let [sampled, means] = [&self.sampled, &self.means].map(|of| histogram(of, top));
        let curve: Vec<[f64; 2]> = (0..CURVE)
            .map(|at| top * at as f64 / (CURVE - 1) as f64)
            .map(|r| [r, chi::log_density(r, self.latent).exp()])
            .collect();
        let highest = curve.iter().map(|&[_, p]| p).fold(0.0, f64::max);
        let peak = sampled.iter().chain(&means).copied().fold(highest, f64::max).min(HIGHEST * highest);
        let edge = |bin: usize| top * bin as f64 / BINS as f64;
        let bars = sampled.iter().enumerate().map(|(bin, &p)| [edge(bin), edge(bin + 1), 0.0, p]).collect();
        let outline = means.iter().enumerate().flat_map(|(bin, &p)| [[edge(bin), p], [edge(bin + 1), p]]).collect();
        // A row below the axis for each path: a line over the norms that it passes, and its codes.
        let row = |place: f64, label: &str, marker, path: Path| {
            let y = -0.1 * place * peak;
            let codes: Vec<f64> =
                ends.iter().flat_map(|[start, end]| norms(&(path.codes)(start, end, steps), start.len())).collect();
            let span = |[start, end]: &[Vec<f64>; 2]| {
                let longer = norms(start, self.latent).into_iter().chain(norms(end, self.latent)).fold(0.0, f64::max);
                [[(path.lowest)(start, end), y], [longer, y], [f64::NAN; 2]]
            };
            // The last of them has the row's name beside it.
            let last = codes.iter().copied().fold(0.0, f64::max);
            [
                Layer::line(Role::Neutral, Dash::Solid, "", ends.iter().flat_map(span).collect()),
                Layer::points(Role::Neutral, marker, "", codes.into_iter().map(|r| [r, y]).collect()),
                Layer::points(Role::Neutral, marker, label, vec![[last, y]]),
            ]
        };
        let mut layers = vec![
            Layer::bars(Role::Aggregate, "a code of each image", bars),
            Layer::line(Role::Posterior, Dash::Solid, "means", outline),
            Layer::line(Role::Prior, Dash::Dashed, "p(z)", curve),
        ];
        layers.extend(row(1.0, "straight", Marker::Dot, Path { codes: interpolate, lowest: lowest_norm }));
        let spherical = Path { codes: interpolate_spherical, lowest: lowest_norm_spherical };
        layers.extend(row(2.5, "spherical", Marker::Cross, spherical));
        let named = [0.0, 0.5, 1.0, 1.5].into_iter().filter(|&p| p <= peak);
        let density = Axis::linear("density").over(-0.35 * peak, 1.08 * peak);
        let chart = Chart::new(
            Axis::linear("‖z‖").over(0.0, top),
            density.with_ticks(named.map(|p| (p, p.to_string())).collect()),
            layers,
        );
        let depth = Depth::of(ends);
        let alt = format!(
            "Histogram of the norms of {} codes, with mean {:.2}, under the prior’s density of them, with mean {:.2}; the straight way comes down to {:.2}, the spherical one to {:.2}.",
            self.sampled.len(),
            self.sampled.iter().sum::<f64>() / self.sampled.len() as f64,
            chi::mean(self.latent),
            depth.straight,
            depth.spherical
        );
        slots::NORMS.chart(alt, chart)
    }
}

/// A path's codes and its lowest norm.
struct Path {
    codes: fn(&[f64], &[f64], usize) -> Vec<f64>,
    lowest: fn(&[f64], &[f64]) -> f64,
}

/// ‖z‖ of every row of `z` `[n, latent]`.
fn norms(z: &[f64], latent: usize) -> Vec<f64> {
    z.chunks_exact(latent).map(|row| row.iter().map(|z| z * z).sum::<f64>().sqrt()).collect()
}

/// The density of `values` in each of [`BINS`] bins of 0 to `top`; what is beyond counts towards the total.
fn histogram(values: &[f64], top: f64) -> Vec<f64> {
    let mut density = vec![0.0; BINS];
    let one = BINS as f64 / (top * values.len() as f64);
    for value in values.iter().filter(|&&value| value < top) {
        density[((value / top * BINS as f64) as usize).min(BINS - 1)] += one;
    }
    density
}
