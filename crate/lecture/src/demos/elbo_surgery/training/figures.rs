//! The figures of slide 3.3.

use crate::demos::elbo_surgery::Prior;
use crate::demos::elbo_surgery::slots;
use figure::{Axis, Chart, Dash, Figure, Heat, Images, Layer, Marker, Role};
use math::gaussian::log_pdf;
use math::mixture::Mixture;
use math::quadrature::Grid;

use super::experiment::Measured;
use crate::shared::bars;
use crate::shared::plane::subscript;
use crate::shared::rate_distortion::Plane;
use learn::Table;
use learn::images::ImageSet;

learn::columns! {
    /// The curves, in nats per image, each with its standard error, and log N. A gain is the held-out ELBO under a prior less that under
    /// the prior in force.
    pub(super) enum Column {
        Reconstruction = "reconstruction",
        ReconstructionError = "reconstruction_error",
        Mi = "mi",
        MiError = "mi_error",
        MarginalKl = "marginal_kl",
        MarginalKlError = "marginal_kl_error",
        Kl = "kl",
        KlError = "kl_error",
        Elbo = "elbo",
        ElboError = "elbo_error",
        Residual = "residual",
        ResidualError = "residual_error",
        LogN = "log_n",
        HeldoutNormal = "heldout_elbo",
        HeldoutNormalError = "heldout_elbo_error",
        HeldoutAggregate = "heldout_elbo_aggregate",
        HeldoutAggregateError = "heldout_elbo_aggregate_error",
        HeldoutMixture = "heldout_elbo_mixture",
        HeldoutMixtureError = "heldout_elbo_mixture_error",
        HeldoutVamp = "heldout_elbo_vamp",
        HeldoutVampError = "heldout_elbo_vamp_error",
        GainNormal = "heldout_gain_normal",
        GainNormalError = "heldout_gain_normal_error",
        GainAggregate = "heldout_gain_aggregate",
        GainAggregateError = "heldout_gain_aggregate_error",
        GainMixture = "heldout_gain_mixture",
        GainMixtureError = "heldout_gain_mixture_error",
        GainVamp = "heldout_gain_vamp",
        GainVampError = "heldout_gain_vamp_error",
    }
}

/// Cells along each side of the density in the latent plane.
const CELLS: usize = 64;

/// ② and ③ against steps, with the average KL that they add up to and the ceiling of ②.
pub(super) fn terms(curves: &Table<Column>) -> Figure {
    let column = |column| curves.column(column);
    let layers = vec![
        Layer::line(Role::Kl, Dash::Solid, "average KL = ② + ③", column(Column::Kl)),
        Layer::line(Role::MutualInformation, Dash::Solid, "② I(x,z)", column(Column::Mi)),
        Layer::line(Role::MarginalKl, Dash::Solid, "③ KL[q(z)‖p(z)]", column(Column::MarginalKl)),
        Layer::line(Role::Exact, Dash::Dashed, "log N", column(Column::LogN)),
    ];
    let chart = Chart::new(Axis::linear("training steps"), Axis::linear("nats per image"), layers);
    slots::TERMS.chart(described(curves), chart)
}

/// ①, the ELBO of (19) and the sum of the three terms against steps, and the held-out ELBO under both priors.
pub(super) fn elbo(curves: &Table<Column>) -> Figure {
    let sum = curves.curve(|row| row[Column::Reconstruction] - row[Column::Mi] - row[Column::MarginalKl]);
    let layers = vec![
        Layer::line(Role::Reconstruction, Dash::Solid, "① reconstruction", curves.column(Column::Reconstruction)),
        Layer::line(Role::Elbo, Dash::Solid, "ELBO, (19)", curves.column(Column::Elbo)),
        Layer::points(Role::MarginalKl, Marker::Circle, "① − ② − ③", sum),
        Layer::line(Role::Prior, Dash::Dotted, "held out, N(0, I)", curves.column(Column::HeldoutNormal)),
        Layer::line(Role::Aggregate, Dash::Dotted, "held out, q(z)", curves.column(Column::HeldoutAggregate)),
    ];
    let chart = Chart::new(Axis::linear("training steps"), Axis::linear("nats per image"), layers);
    slots::ELBO.chart(described(curves), chart)
}

fn described(curves: &Table<Column>) -> String {
    let Some((step, row)) = curves.last() else {
        return "The terms of the ELBO against training steps; nothing measured yet.".to_owned();
    };
    format!(
        "After {step} steps, in nats per image: reconstruction {:.2}, mutual information {:.3} of at most log N = {:.3}, marginal KL {:.3}; ELBO {:.2}, which differs from the sum of the three by {:.3} ± {:.3}.",
        row[Column::Reconstruction],
        row[Column::Mi],
        row[Column::LogN],
        row[Column::MarginalKl],
        row[Column::Elbo],
        row[Column::Residual],
        row[Column::ResidualError]
    )
}

/// The tension: ① against ② along the run, with the line of equal ELBO, along which both grow by the same amount.
pub(super) fn tension(curves: &Table<Column>, latest: &Measured) -> Figure {
    let terms = &latest.terms;
    let path = curves.rows().iter().map(|(_, row)| [row[Column::Mi], row[Column::Reconstruction]]);
    let (x, y) = (terms.mi.mean, terms.reconstruction.mean);
    let mut path: Vec<_> = path.collect();
    path.push([x, y]);
    let lowest = path.iter().map(|point| point[1]).fold(f64::INFINITY, f64::min);
    let highest = path.iter().map(|point| point[1]).fold(f64::NEG_INFINITY, f64::max);
    let right = 1.08 * terms.log_n;
    let nat = 0.25 * terms.log_n;
    // Margins in steps of 5 nats, so that the axes stay still while the path grows.
    let (low, high) = (5.0 * (lowest / 5.0).floor() - 1.0, 5.0 * (highest / 5.0).ceil() + 2.0);
    let layers = vec![
        Layer::line(Role::Neutral, Dash::Solid, "", vec![[x - nat, y - nat], [x + nat, y + nat]]),
        Layer::line(Role::Reconstruction, Dash::Solid, "", path),
        Layer::text(Role::Neutral, 0.8, [x + nat, y + nat + 1.5], "same ELBO"),
        Layer::points(Role::Reconstruction, Marker::Dot, format!("step {}", latest.step), vec![[x, y]]),
        Layer::vertical_rule(Role::Exact, Dash::Dashed, "log N", terms.log_n),
    ];
    let alt = format!(
        "Reconstruction against mutual information along the run: at step {} I is {x:.3} nats and reconstruction {y:.2}; I cannot pass log N = {:.3}.",
        latest.step, terms.log_n
    );
    let chart = Chart::new(
        Axis::linear("② I(x,z) (nats)").over(0.0, right),
        Axis::linear("① reconstruction (nats per image)").over(low, high),
        layers,
    );
    slots::TENSION.chart(alt, chart)
}

/// The run in the rate–distortion plane, with the line of equal ELBO on which it is now.
pub(super) fn rate_distortion(curves: &Table<Column>, latest: &Measured) -> Figure {
    let newest = [latest.terms.kl.mean, -latest.terms.reconstruction.mean];
    let path = curves.rows().iter().map(|(_, row)| [row[Column::Kl], -row[Column::Reconstruction]]);
    let path = path.chain([newest]).collect();
    let name = format!("step {}", latest.step);
    Plane::default()
        .through(newest)
        .run(Role::Reconstruction, Dash::Solid, Marker::Dot, name, path)
        .figure(slots::RATE_DISTORTION)
}

/// (20) as bars.
pub(super) fn bars(latest: &Measured) -> Figure {
    let terms = &latest.terms;
    let column = bars::Column {
        name: "② + ③",
        mi: terms.mi.mean,
        marginal_kl: terms.marginal_kl.mean,
        standard_error: terms.residual.standard_error,
    };
    bars::bars(terms.kl.mean, &[column], terms.log_n)
}

/// q(z) of the measured images over the prior, in the two dimensions with the largest KL, with their means by digit.
pub(super) fn latent(images: &ImageSet, latest: &Measured) -> Figure {
    let latent = latest.mixture.dims();
    let rows = latest.mu.chunks_exact(latent);
    let classes: Vec<u8> = images.train[..latest.mixture.len()].iter().map(|&n| images.digits.labels[n]).collect();
    let reach = latest.mu.iter().fold(3.0_f64, |reach, mu| reach.max(mu.abs() + 0.5)).ceil();
    let learned = latest.learned.of(latest.prior);
    let prior = match (latest.prior, learned) {
        (Prior::Normal, _) => "the prior N(0, I)",
        (_, Some(_)) => "the components of the learned prior",
        _ => "N(0, I), no longer the prior,",
    };
    let alt = format!(
        "The aggregate posterior q(z) of {} images after {} steps, with the mean of each image's posterior by digit, beside {prior}. KL[q(z)‖p(z)] is {:.3} nats.",
        latest.mixture.len(),
        latest.step,
        latest.terms.marginal_kl.mean
    );
    if latent == 1 {
        let axis = Grid::new(-reach, reach, 241).points;
        let curve = |density: &dyn Fn(f64) -> f64| axis.iter().map(|&z| [z, density(z)]).collect::<Vec<_>>();
        let prior = match learned {
            Some(prior) => Layer::line(Role::Prior, Dash::Solid, "p(z)", curve(&|z| prior.log_density(&[z]).exp())),
            None => Layer::line(Role::Prior, Dash::Solid, "N(0, 1)", curve(&|z| log_pdf(z, 0.0, 0.0).exp())),
        };
        let layers = vec![
            prior,
            Layer::line(Role::Aggregate, Dash::Solid, "q(z)", curve(&|z| latest.mixture.log_density(&[z]).exp())),
            Layer::classes(Marker::Dot, 2.5, rows.map(|mu| [mu[0], 0.0]).collect(), classes),
        ];
        let chart = Chart::new(Axis::linear("z₁").over(-reach, reach), Axis::linear("density"), layers);
        return slots::LATENT.chart(alt, chart);
    }
    let [a, b] = axes(latest);
    let edge = reach * (1.0 - 1.0 / CELLS as f64);
    let centres = Grid::new(-edge, edge, CELLS);
    let heat = Heat {
        role: Role::Aggregate,
        x: (-reach, reach),
        y: (-reach, reach),
        columns: CELLS,
        rows: CELLS,
        values: latest.mixture.plane([a, b], &centres, &centres).into_iter().map(|q| q as f32).collect(),
        range: None,
    };
    let ring = |prior: &Mixture, k: usize| {
        let (mu, log_var) = prior.component(k);
        [mu[a], mu[b], (0.5 * log_var[a]).exp(), (0.5 * log_var[b]).exp()]
    };
    let prior = match learned {
        Some(prior) => {
            let rings = (0..prior.len()).map(|k| ring(prior, k)).collect();
            Layer::ellipses(Role::Prior, "components of p(z), 1σ", rings)
        }
        None => {
            let rings = [1.0, 2.0].map(|radius| [0.0, 0.0, radius, radius]).to_vec();
            Layer::ellipses(Role::Prior, "N(0, I), 1σ and 2σ", rings)
        }
    };
    let layers = vec![
        Layer::Heat(heat),
        prior,
        Layer::classes(Marker::Dot, 2.5, rows.map(|mu| [mu[a], mu[b]]).collect(), classes),
    ];
    let axis = |j: usize| Axis::linear(format!("z{}", subscript(j + 1))).over(-reach, reach);
    slots::LATENT.chart(alt, Chart::new(axis(a), axis(b), layers).with_equal_axes())
}

/// The two latent dimensions with the largest average KL, in index order.
fn axes(latest: &Measured) -> [usize; 2] {
    let latent = latest.mixture.dims();
    // The variance of the means ranks them as the KL does, and is cheaper to compute.
    let variances = math::collapse::mean_variances(&latest.mu, latent);
    let mut order: Vec<usize> = (0..latent).collect();
    order.sort_by(|&a, &b| variances[b].total_cmp(&variances[a]).then(a.cmp(&b)));
    [order[0].min(order[1]), order[0].max(order[1])]
}

/// Decoded codes from N(0, I), above decoded codes from q(z), and from a learned prior where one is in force.
pub(super) fn samples(images: &ImageSet, normal: &[f32], aggregate: &[f32], learned: Option<&[f32]>) -> Figure {
    let side = images.digits.side;
    let columns = normal.len() / images.pixels();
    let rows = [("z ~ N(0, I)", Some(normal)), ("z ~ q(z)", Some(aggregate)), ("z ~ p(z)", learned)];
    let there = || rows.iter().filter_map(|(caption, row)| row.map(|row| (caption, row)));
    let pixels: Vec<f32> = there().flat_map(|(_, row)| row).copied().collect();
    let captions = there().map(|(caption, _)| (*caption).into()).collect();
    let alt = "Decoded means of codes drawn from N(0, I), above those of codes drawn from the aggregate posterior q(z): where the two densities differ, the first row holds what no image was ever encoded to.";
    slots::SAMPLES.images(alt, Images::from_unit(&pixels, columns, side, side).with_captions(captions))
}
