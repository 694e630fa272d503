//! The charts of slide 3.2.

use crate::demos::posterior_collapse::slots;
use figure::{Axis, Chart, Dash, Figure, Heat, Layer, Marker, Role};
use math::ppca::Eigen;

use super::experiment::Column;
use super::learner::Live;
use super::map::{BETAS, DECODER_NAMES, Map, Rows, SIGMAS};
use super::measure::{Measure, share};
use super::remedies::Remedies;
use learn::Table;

/// The axis of ε, in nats.
pub(super) const EPSILONS: (f64, f64) = (1e-4, 20.0);
/// Half the width of a bar.
const HALF: f64 = 0.4;

/// What is drawn.
pub(super) struct View<'a> {
    pub(super) latest: &'a Measure,
    pub(super) epsilon: f64,
    pub(super) delta: f64,
    pub(super) ghosts: &'a [(u64, Vec<f64>)],
    pub(super) curves: &'a Table<Column>,
    /// KL of each dimension of the best linear VAE, where it applies.
    pub(super) linear: Option<&'a [f64]>,
    pub(super) map: Option<&'a Map>,
    pub(super) remedies: Option<&'a Remedies>,
    pub(super) eigen: &'a Eigen,
    /// The settings of the VAE that is shown.
    pub(super) live: Live,
}

/// The proportion against ε as a step function: it jumps at each threshold.
pub(super) fn stairs(thresholds: &[f64]) -> Vec<[f64; 2]> {
    let mut jumps: Vec<f64> = thresholds.iter().map(|at| at.clamp(EPSILONS.0, EPSILONS.1)).collect();
    jumps.sort_by(f64::total_cmp);
    let mut points = vec![[EPSILONS.0, 0.0]];
    for (below, at) in jumps.iter().enumerate() {
        let height = |count: usize| count as f64 / jumps.len() as f64;
        points.push([*at, height(below)]);
        points.push([*at, height(below + 1)]);
    }
    points.push([EPSILONS.1, 1.0]);
    points
}

impl View<'_> {
    fn latent(&self) -> usize {
        self.latest.thresholds.len()
    }

    fn share(&self) -> f64 {
        share(&self.latest.thresholds, self.epsilon)
    }

    /// The proportion of collapsed dimensions against ε, now and at some earlier steps.
    pub(super) fn collapse(&self) -> Figure {
        let ghosts = self.ghosts.iter().filter(|(step, _)| *step < self.latest.step);
        let mut layers: Vec<Layer> = ghosts
            .map(|(step, thresholds)| {
                Layer::line(Role::Neutral, Dash::Solid, format!("step {step}"), stairs(thresholds))
            })
            .collect();
        layers.push(Layer::line(Role::Kl, Dash::Solid, "now", stairs(&self.latest.thresholds)));
        layers.push(Layer::vertical_rule(Role::Neutral, Dash::Solid, "ε", self.epsilon));
        if self.live.free_bits > 0.0 {
            layers.push(Layer::vertical_rule(Role::Neutral, Dash::Solid, "κ", self.live.free_bits));
        }
        layers.push(Layer::points(Role::Kl, Marker::Dot, "", vec![[self.epsilon, self.share()]]));
        let alt = format!(
            "Proportion of collapsed dimensions against ε at δ = {}: {:.2} of {} at ε = {:.4}, after {} steps.",
            self.delta,
            self.share(),
            self.latent(),
            self.epsilon,
            self.latest.step
        );
        let chart = Chart::new(
            Axis::log("ε (nats)").over(EPSILONS.0, EPSILONS.1),
            Axis::linear("proportion of collapsed dimensions").over(-0.02, 1.05),
            layers,
        );
        slots::COLLAPSE.chart(alt, chart)
    }

    /// Average KL of each dimension in falling order, collapsed ones grey, beside the best linear VAE's.
    pub(super) fn kl_per_dimension(&self) -> Figure {
        let kl = &self.latest.kl_per_dimension;
        let mut order: Vec<usize> = (0..kl.len()).collect();
        order.sort_by(|&a, &b| kl[b].total_cmp(&kl[a]).then(a.cmp(&b)));
        let bar = |(rank, &i): (usize, &usize)| {
            let at = rank as f64 + 1.0;
            (self.latest.thresholds[i] < self.epsilon, [at - HALF, at + HALF, 0.0, kl[i]])
        };
        let bars: Vec<_> = order.iter().enumerate().map(bar).collect();
        let of = |gone: bool| bars.iter().filter(|bar| bar.0 == gone).map(|bar| bar.1).collect::<Vec<_>>();
        let mut layers =
            vec![Layer::bars(Role::Kl, "KL", of(false)), Layer::bars(Role::Neutral, "collapsed", of(true))];
        if let Some(linear) = self.linear {
            let points = linear.iter().enumerate().map(|(rank, &kl)| [rank as f64 + 1.0, kl]).collect();
            layers.push(Layer::line(Role::Exact, Dash::Dashed, "linear VAE, exact", points));
        }
        if self.live.free_bits > 0.0 {
            layers.push(Layer::rule(Role::Neutral, Dash::Solid, "κ", self.live.free_bits));
        }
        let alt = format!(
            "Average KL of each of {} latent dimensions, largest first: {}; {:.3} nats in all.",
            kl.len(),
            order.iter().take(12).map(|&i| format!("{:.3}", kl[i])).collect::<Vec<_>>().join(", "),
            self.latest.kl()
        );
        let chart = Chart::new(
            Axis::linear("latent dimensions, most informative first").over(0.4, kl.len() as f64 + 0.6),
            Axis::linear("average KL (nats)"),
            layers,
        );
        slots::KL_PER_DIMENSION.chart(alt, chart)
    }

    /// Reconstruction, KL and ELBO against steps.
    pub(super) fn curves(&self) -> Figure {
        let curves = self.curves;
        let elbo = curves.curve(|row| row[Column::Reconstruction] - row[Column::Kl]);
        let layers = vec![
            Layer::line(Role::Kl, Dash::Solid, "KL", curves.column(Column::Kl)),
            Layer::line(Role::Reconstruction, Dash::Solid, "reconstruction", curves.column(Column::Reconstruction)),
            Layer::line(Role::Elbo, Dash::Solid, "ELBO", elbo),
        ];
        let alt = format!(
            "Reconstruction {:.2}, KL {:.3} and ELBO {:.2} nats per image over all training images after {} steps.",
            self.latest.reconstruction,
            self.latest.kl(),
            self.latest.reconstruction - self.latest.kl(),
            self.latest.step
        );
        let chart = Chart::new(Axis::linear("training steps"), Axis::linear("nats per image"), layers);
        slots::CURVES.chart(alt, chart)
    }

    /// Collapsed and active dimensions against steps, with the linear VAE's count and the rising KL weight.
    pub(super) fn shares(&self) -> Figure {
        let latent = self.latent() as f64;
        let curves = self.curves;
        let mut layers = vec![
            Layer::line(Role::Kl, Dash::Solid, "collapsed", curves.curve(|row| share(&row.by_dimension, self.epsilon))),
            Layer::line(
                Role::MutualInformation,
                Dash::Solid,
                "active units",
                curves.curve(|row| row[Column::ActiveUnits] / latent),
            ),
        ];
        if self.linear.is_some() {
            let linear = curves.column(Column::CollapsedLinear);
            layers.push(Layer::line(Role::Exact, Dash::Dashed, "collapsed, linear VAE", linear));
        }
        let weights = || curves.rows().iter().map(|(_, row)| row[Column::KlWeight]);
        let heaviest = weights().fold(0.0, f64::max);
        if weights().any(|weight| weight < heaviest) {
            let weight = curves.curve(|row| row[Column::KlWeight] / heaviest);
            layers.push(Layer::line(Role::Neutral, Dash::Solid, "KL weight", weight));
        }
        let alt = format!(
            "Share of collapsed dimensions and of active units against steps; now {:.2} collapsed, {} of {latent} active.",
            self.share(),
            self.latest.active_units()
        );
        let chart = Chart::new(
            Axis::linear("training steps"),
            Axis::linear(format!("share of {latent} dimensions")).over(-0.02, 1.05),
            layers,
        );
        slots::SHARES.chart(alt, chart)
    }

    /// The share of collapsed dimensions over two settings, for the cells trained so far, with the linear VAE's borders: where
    /// the first and the last direction collapse.
    pub(super) fn map(&self) -> Figure {
        let rows = self.map.map_or(Rows::SigmaX, |map| map.rows);
        let (columns, count) = (BETAS.len(), rows.count());
        let value = |cell: &Vec<f64>| if cell.is_empty() { f64::NAN } else { share(cell, self.epsilon) };
        let values: Vec<f64> = match self.map {
            Some(map) => map.cells.iter().map(value).collect(),
            None => vec![f64::NAN; columns * count],
        };
        let heat = Heat {
            role: Role::Kl,
            x: (0.5, columns as f64 + 0.5),
            y: (0.5, count as f64 + 0.5),
            columns,
            rows: count,
            values: values.iter().map(|&value| value as f32).collect(),
            range: Some((0.0, 1.0)),
        };
        let mut layers = vec![Layer::Heat(heat)];
        let text = |cell: usize, value: f64| {
            let (column, row) = Map::place(cell);
            Layer::text(Role::Elbo, 0.8, [column as f64 + 1.0, row as f64 + 1.0], format!("{value:.1}"))
        };
        // A fully collapsed cell has a colour on which text is hard to read; one without collapse must differ from one not trained.
        let written = values.iter().enumerate().filter(|(_, value)| **value < 0.8);
        layers.extend(written.map(|(cell, &value)| text(cell, value)));
        if rows == Rows::SigmaX && self.live.free_bits == 0.0 {
            let border = |label: &str, lambda: f64| Layer::line(Role::Exact, Dash::Dashed, label, border(lambda));
            layers.push(border("all gone", self.eigen.values[0]));
            layers.push(border("first gone", self.eigen.values[self.latent().min(self.eigen.values.len()) - 1]));
        }
        let here = match self.map {
            Some(map) => map.current().first().map(|&cell| {
                let (column, row) = Map::place(cell);
                [column as f64 + 1.0, row as f64 + 1.0]
            }),
            None => Some([position(self.live.beta, &BETAS), position(self.live.sigma_x, &SIGMAS)]),
        };
        layers.push(Layer::points(Role::Neutral, Marker::Square, "", here.into_iter().collect()));
        let named =
            |names: Vec<String>| names.into_iter().enumerate().map(|(at, name)| (at as f64 + 1.0, name)).collect();
        let x = Axis::linear("KL weight β").over(0.5, columns as f64 + 0.5);
        let y = match rows {
            Rows::SigmaX => Axis::linear("σₓ").with_ticks(named(SIGMAS.map(|sigma| sigma.to_string()).to_vec())),
            Rows::Decoder => Axis::linear("decoder").with_ticks(named(DECODER_NAMES.map(str::to_owned).to_vec())),
        };
        let chart = Chart::new(
            x.with_ticks(named(BETAS.map(|beta| beta.to_string()).to_vec())),
            y.over(0.5, count as f64 + 0.5),
            layers,
        );
        let done = values.iter().filter(|value| value.is_finite());
        let alt = format!(
            "Share of collapsed dimensions over the KL weight and {}: {} of {} cells trained, {:.2} collapsed on average of them.",
            if rows == Rows::SigmaX { "σ of the likelihood" } else { "the decoder's strength" },
            done.clone().count(),
            values.len(),
            done.clone().fold(0.0, |sum, value| sum + value) / done.count().max(1) as f64 // an empty `sum` is −0
        );
        slots::MAP.chart(alt, chart)
    }

    /// One row per measurement of the current VAE, and for a map one row per cell.
    pub(super) fn table(&self) -> Vec<Vec<String>> {
        if let Some(map) = self.map {
            let header = vec!["beta".into(), "row".into(), "collapsed".into()];
            let cells = map.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
            let row = |(cell, thresholds): (usize, &Vec<f64>)| {
                let (column, row) = Map::place(cell);
                let name = match map.rows {
                    Rows::SigmaX => SIGMAS[row].to_string(),
                    Rows::Decoder => DECODER_NAMES[row].to_owned(),
                };
                vec![BETAS[column].to_string(), name, share(thresholds, self.epsilon).to_string()]
            };
            return std::iter::once(header).chain(cells.map(row)).collect();
        }
        if let Some(remedies) = self.remedies {
            return remedies.table(self.epsilon);
        }
        let mut table = self.curves.export();
        table[0].push("collapsed".into());
        table[0].extend((1..=self.latent()).map(|i| format!("threshold_{i}")));
        for (line, (_, row)) in table[1..].iter_mut().zip(self.curves.rows()) {
            line.push(share(&row.by_dimension, self.epsilon).to_string());
            line.extend(row.by_dimension.iter().map(f64::to_string));
        }
        table
    }
}

/// The position of a value among values that are even on a logarithmic scale, counted from 1.
fn position(value: f64, list: &[f64]) -> f64 {
    let (low, high) = (list[0].ln(), list[list.len() - 1].ln());
    1.0 + (value.ln() - low) / (high - low) * (list.len() - 1) as f64
}

/// Where βσ_x² = l_j, in cells of the map.
fn border(lambda: f64) -> Vec<[f64; 2]> {
    let betas = math::collapse::log_grid(BETAS[0] / 1.6, BETAS[BETAS.len() - 1] * 1.6, 41);
    let points = betas.into_iter().map(|beta| [position(beta, &BETAS), position((lambda / beta).sqrt(), &SIGMAS)]);
    let inside = |point: &[f64; 2]| {
        (0.5..=BETAS.len() as f64 + 0.5).contains(&point[0]) && (0.5..=SIGMAS.len() as f64 + 0.5).contains(&point[1])
    };
    points.filter(inside).collect()
}
