//! The figures of slide 3.1.

use crate::demos::mi_bound::slots;
use figure::{Axis, Chart, Dash, Figure, Heat, Layer, Marker, Picture, Pointer, Role};
use math::estimate::Estimate;
use math::gaussian::log_pdf;
use math::mixture::Surgery;
use math::quadrature::Grid;

use super::WIDEST;
use super::sketch::{View, list_of};

/// Cells along each side of the density in the plane.
const CELLS: usize = 72;
/// Points of a curve over the whole axis.
const FINE: usize = 321;
/// Points of one posterior's curve.
const COARSE: usize = 65;
/// Standard deviations over which a posterior's curve is drawn.
const TAIL: f64 = 4.0;
/// Below this spread, dragging a handle would hardly move its mean.
const LEAST_SPREAD: f64 = 0.02;
/// The name of the bound of Barber and Agakov in the figures.
const FROM_BELOW: &str = "bound from below";

impl View {
    /// The posteriors, their mixture and the prior; the means can be dragged where the user places them.
    pub(super) fn posteriors(&self) -> Figure {
        let figure = if self.posteriors.dims == 2 { self.plane() } else { self.line() };
        let spread = self.posteriors.spread;
        if self.posteriors.labels.is_some() || spread < LEAST_SPREAD {
            return figure;
        }
        let (stride, count) = (self.posteriors.dims, self.posteriors.len());
        figure.with_pointer(Pointer::DragScaled { control: list_of(stride).into(), stride, count, scale: spread })
    }

    /// How far the axes reach on either side of 0: past every posterior, in steps of 2, so that they stay still while a mean is dragged.
    fn reach(&self) -> f64 {
        let mu = self.posteriors.mu_at(self.posteriors.spread);
        let furthest = mu
            .iter()
            .zip(&self.posteriors.log_var)
            .map(|(mu, log_var)| mu.abs() + 2.5 * (0.5 * log_var).exp())
            .fold(4.0, f64::max);
        2.0 * (furthest / 2.0).ceil()
    }

    fn alt(&self, drawn: &str) -> String {
        format!(
            "{} Gaussian posteriors, {drawn}, their average q(z) and the standard normal prior. I(x,z) is {:.3} of at most log N = {:.3} nats, KL[q(z)‖p(z)] is {:.3}.",
            self.posteriors.len(),
            self.exact.map_or(self.surgery.mi.mean, |exact| exact.mi),
            self.surgery.log_n,
            self.exact.map_or(self.surgery.marginal_kl.mean, |exact| exact.marginal_kl)
        )
    }

    fn line(&self) -> Figure {
        let reach = self.reach();
        let n = self.posteriors.len() as f64;
        let axis = Grid::new(-reach, reach, FINE).points;
        let mu = self.posteriors.mu_at(self.posteriors.spread);
        let prior = axis.iter().map(|&z| [z, log_pdf(z, 0.0, 0.0).exp()]).collect();
        let mut layers = vec![Layer::line(Role::Prior, Dash::Solid, "p(z)", prior)];
        for (&mu, &log_var) in mu.iter().zip(&self.posteriors.log_var) {
            let tail = TAIL * (0.5 * log_var).exp();
            let points = Grid::new(mu - tail, mu + tail, COARSE).points;
            let points = points.into_iter().map(|z| [z, log_pdf(z, mu, log_var).exp() / n]).collect();
            layers.push(Layer::line(Role::Posterior, Dash::Solid, "q(z|x)/N", points));
        }
        let aggregate = axis.iter().map(|&z| [z, self.mixture.log_density(&[z]).exp()]).collect();
        layers.push(Layer::line(Role::Aggregate, Dash::Solid, "q(z)", aggregate));
        let peaks =
            mu.iter().zip(&self.posteriors.log_var).map(|(&mu, &log_var)| [mu, log_pdf(mu, mu, log_var).exp() / n]);
        layers.extend(self.handles(peaks.collect()));
        let chart = Chart::new(Axis::linear("z").over(-reach, reach), Axis::linear("density"), layers);
        slots::POSTERIORS.chart(self.alt("each over N"), chart)
    }

    fn plane(&self) -> Figure {
        let reach = self.reach();
        let mu = self.posteriors.mu_at(self.posteriors.spread);
        // Densities at the centres of the cells.
        let edge = reach * (1.0 - 1.0 / CELLS as f64);
        let centres = Grid::new(-edge, edge, CELLS);
        let values = self.mixture.plane([0, 1], &centres, &centres).into_iter().map(|q| q as f32).collect();
        let heat = Heat {
            role: Role::Aggregate,
            x: (-reach, reach),
            y: (-reach, reach),
            columns: CELLS,
            rows: CELLS,
            values,
            range: None,
        };
        let rings = [1.0, 2.0].map(|radius| [0.0, 0.0, radius, radius]).to_vec();
        let ellipses = mu.chunks_exact(2).zip(self.posteriors.log_var.chunks_exact(2));
        let ellipses = ellipses.map(|(mu, log_var)| [mu[0], mu[1], (0.5 * log_var[0]).exp(), (0.5 * log_var[1]).exp()]);
        let mut layers = vec![
            Layer::Heat(heat),
            Layer::ellipses(Role::Prior, "p(z), 1σ and 2σ", rings),
            Layer::ellipses(Role::Posterior, "q(z|x), 1σ", ellipses.collect()),
        ];
        layers.extend(self.handles(mu.chunks_exact(2).map(|mu| [mu[0], mu[1]]).collect()));
        let chart = Chart::new(Axis::linear("z₁").over(-reach, reach), Axis::linear("z₂").over(-reach, reach), layers)
            .with_equal_axes();
        slots::POSTERIORS.chart(self.alt("as ellipses of one standard deviation"), chart)
    }

    /// The means: dots that can be dragged, or the digits that a trained VAE has encoded there.
    fn handles(&self, points: Vec<[f64; 2]>) -> Vec<Layer> {
        let Some(labels) = &self.posteriors.labels else {
            let of = |marker, points| Layer::points(Role::Posterior, marker, "", points);
            return vec![of(Marker::Dot, points.clone()), of(Marker::Circle, points)];
        };
        vec![Layer::classes(Marker::Numeral, 8.0, points, labels.clone())]
    }

    /// The bars of (17) with the bound from below across those of I(x,z): sampled with its interval of 95 %, and exact.
    pub(super) fn bars(&self, mut figure: Figure) -> Figure {
        /// Where the bars of the samples and of the quadrature stand, and how far the bound reaches to either side.
        const AT: [f64; 2] = [2.0, 3.0];
        const HALF: f64 = 0.42;
        let Picture::Chart(chart) = &mut figure.picture else { return figure };
        let across = |dash, label, at: f64, y: f64| {
            Layer::line(Role::Reconstruction, dash, label, vec![[at - HALF, y], [at + HALF, y]])
        };
        let below = self.below;
        chart.layers.push(across(Dash::Solid, FROM_BELOW, AT[0], below.mean));
        chart.layers.push(Layer::errors(
            Role::Reconstruction,
            vec![[AT[0] - 0.5 * HALF, below.mean, 1.96 * below.standard_error]],
        ));
        chart.layers.extend(self.exact_below.map(|exact| across(Dash::Dashed, "", AT[1], exact)));
        figure.alt.push_str(&format!(" The bound of I from below is {:.3}.", self.exact_below.unwrap_or(below.mean)));
        figure
    }

    /// The terms of (17) and the bound from below against the spread of the means, sampled, with the exact values at the current spread.
    pub(super) fn sweep(&self) -> Figure {
        let sweep = &self.sweep;
        let line = |role, label: &str, of: &dyn Fn(&Surgery, Estimate) -> f64| {
            let points = sweep.iter().map(|(spread, terms, below)| [*spread, of(terms, *below)]);
            Layer::line(role, Dash::Solid, label, points.collect())
        };
        let band = |role, of: &dyn Fn(&Surgery, Estimate) -> Estimate| {
            Layer::band(
                role,
                "95 %",
                sweep
                    .iter()
                    .map(|(spread, terms, below)| {
                        let found = of(terms, *below);
                        let (mean, half) = (found.mean, 1.96 * found.standard_error);
                        [*spread, mean - half, mean + half]
                    })
                    .collect(),
            )
        };
        let spread = self.posteriors.spread;
        let exact = self.exact.iter().flat_map(|exact| [exact.kl, exact.mi, exact.marginal_kl]);
        let exact = exact.chain(self.exact_below).map(|y| [spread, y]).collect();
        let layers = vec![
            band(Role::MutualInformation, &|terms, _| terms.mi),
            band(Role::MarginalKl, &|terms, _| terms.marginal_kl),
            band(Role::Reconstruction, &|_, below| below),
            line(Role::Kl, "average KL", &|terms, _| terms.kl),
            // Under I(x,z), which it is at w = 1.
            line(Role::Reconstruction, FROM_BELOW, &|_, below| below.mean),
            line(Role::MutualInformation, "I(x,z)", &|terms, _| terms.mi.mean),
            line(Role::MarginalKl, "KL[q(z)‖p(z)]", &|terms, _| terms.marginal_kl.mean),
            Layer::rule(Role::Exact, Dash::Dashed, "log N", self.surgery.log_n),
            Layer::vertical_rule(Role::Neutral, Dash::Dotted, "", spread),
            Layer::points(Role::Exact, Marker::Cross, "", exact),
        ];
        let last = sweep.last().map_or(f64::NAN, |(_, terms, _)| terms.mi.mean);
        let alt = format!(
            "Average KL, I(x,z) and KL[q(z)‖p(z)] against the spread of the means. At spread {WIDEST} I(x,z) is {last:.3} of at most log N = {:.3} nats; average KL grows on.",
            self.surgery.log_n
        );
        // At large spreads KL grows quadratically: the axis is limited so that values below the ceiling stay visible.
        let top = (3.0 * self.surgery.log_n).max(2.0).max(1.1 * self.surgery.kl);
        let chart = Chart::new(
            Axis::linear("spread of the means").over(0.0, WIDEST),
            Axis::linear("nats").over(0.0, top),
            layers,
        );
        slots::SWEEP.chart(alt, chart)
    }
}
