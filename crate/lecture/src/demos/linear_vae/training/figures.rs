//! The charts of section 2.

use crate::demos::linear_vae::slots;
use figure::{Axis, Chart, Dash, Figure, Layer, Marker, Role};

use super::experiment::Column;
use super::noise::{KINDS, Measured};
use super::reference::{Question, Standing};
use super::source::Source;
use learn::Table;

/// The gap, in nats per data point, below which it counts as closed.
const CLOSED: f64 = 0.01;
/// Eigenvalues drawn beyond the M leading ones.
const BEYOND: usize = 6;
/// The most points of a line, besides the last one.
const DRAWN: usize = 256;

/// A column as a line, thinned for the screen; the table has every row.
fn line(curves: &Table<Column>, column: Column, role: Role, dash: Dash, label: &str) -> Layer {
    let all = curves.column(column);
    let stride = all.len().div_ceil(DRAWN).max(1);
    let last = all.len().saturating_sub(1);
    let points = all.iter().enumerate().filter(|(row, _)| row % stride == 0 || *row == last).map(|(_, point)| *point);
    Layer::line(role, dash, label, points.collect())
}

/// The last row's value of each run, in words: "after 10 steps 1.23 on the closed form and 2.34 on samples".
fn said(curves: &Table<Column>, [closed, sampled]: [Column; 2], digits: usize) -> String {
    let Some((step, row)) = curves.last() else { return "before the first step".into() };
    let runs = [(closed, "on the closed form"), (sampled, "on samples")];
    let known = runs.iter().filter(|(column, _)| row[*column].is_finite());
    let words: Vec<String> = known.map(|(column, name)| format!("{:.digits$} {name}", row[*column])).collect();
    format!("after {step} steps {}", if words.is_empty() { "none".into() } else { words.join(" and ") })
}

/// A curve for each run.
fn pair(curves: &Table<Column>, [closed, sampled]: [Column; 2]) -> Vec<Layer> {
    let known = |column: Column| curves.rows().iter().any(|(_, row)| row[column].is_finite());
    let mut layers = Vec::new();
    if known(sampled) {
        layers.push(line(curves, sampled, Role::Reparameterized, Dash::Solid, "sampled"));
    }
    if known(closed) {
        layers.push(line(curves, closed, Role::Elbo, Dash::Solid, "closed form"));
    }
    layers
}

fn steps() -> Axis {
    Axis::linear("steps")
}

/// Both ELBOs, evaluated exactly, below the maximum log-likelihood.
pub(super) fn elbo(curves: &Table<Column>) -> Figure {
    let mut layers = vec![line(curves, Column::Maximum, Role::Exact, Dash::Dashed, "max log p(x)")];
    layers.extend(pair(curves, [Column::Elbo, Column::SampledElbo]));
    let maximum = curves.latest(Column::Maximum);
    let found = said(curves, [Column::Elbo, Column::SampledElbo], 3);
    let alt =
        format!("ELBO against steps, in nats per data point: {found}; the maximum log-likelihood is {maximum:.3}.");
    let chart = Chart::new(steps(), Axis::linear("ELBO (nats per data point)"), layers);
    slots::ELBO.chart(alt, chart)
}

/// The differences from the maximum log-likelihood, on a log axis.
pub(super) fn gap(curves: &Table<Column>) -> Figure {
    let closed = Layer::rule(Role::Neutral, Dash::Dotted, "0.01 nats", CLOSED);
    let mut layers = vec![closed];
    layers.extend(pair(curves, [Column::Gap, Column::SampledGap]));
    let found = said(curves, [Column::Gap, Column::SampledGap], 5);
    let alt = format!("What the ELBO lacks to the maximum log-likelihood, in nats on a log axis: {found}.");
    let chart = Chart::new(steps(), Axis::log("max log p(x) − ELBO (nats)"), layers);
    slots::GAP.chart(alt, chart)
}

/// The largest principal angle between span(W) and the leading eigenvectors.
pub(super) fn angle(curves: &Table<Column>) -> Figure {
    let layers = pair(curves, [Column::Angle, Column::SampledAngle]);
    let found = said(curves, [Column::Angle, Column::SampledAngle], 3);
    let alt =
        format!("Largest principal angle between the columns of W and the leading eigenvectors, in degrees: {found}.");
    let chart = Chart::new(steps(), Axis::log("largest angle (degrees)"), layers);
    slots::ANGLE.chart(alt, chart)
}

/// sigma² converging to sigma²_ML, or held fixed.
pub(super) fn sigma2(source: &Source, question: Question, curves: &Table<Column>) -> Figure {
    let best = question.best_sigma2(source);
    let label = if question.held.is_none() { "σ² ML" } else { "held" };
    let mut layers = vec![Layer::rule(Role::Exact, Dash::Dashed, label, best)];
    layers.extend(pair(curves, [Column::Sigma2, Column::SampledSigma2]));
    let found = said(curves, [Column::Sigma2, Column::SampledSigma2], 5);
    let alt = format!("σ² against steps: {found}; at the maximum it is {best:.5}.");
    slots::SIGMA2.chart(alt, Chart::new(steps(), Axis::log("σ²"), layers))
}

/// Eigenvalues of the covariance, with the variances of the trained model, singular values of W squared plus sigma², on them.
pub(super) fn spectrum(source: &Source, question: Question, standing: &Standing) -> Figure {
    let values = &source.eigen.values;
    let count = (question.latent + BEYOND).min(values.len());
    let exact: Vec<[f64; 2]> = values.iter().take(count).enumerate().map(|(j, &l)| [(j + 1) as f64, l]).collect();
    let model = standing.explained.iter().enumerate().map(|(j, &w)| [(j + 1) as f64, w + standing.sigma2]).collect();
    let mut layers = vec![
        Layer::line(Role::Exact, Dash::Dashed, "", exact.clone()),
        Layer::points(Role::Exact, Marker::Dot, "eigenvalues", exact),
        Layer::rule(Role::Reconstruction, Dash::Solid, "σ²", standing.sigma2),
    ];
    if question.held.is_none() {
        layers.push(Layer::rule(Role::Exact, Dash::Dashed, "σ² ML", question.best_sigma2(source)));
    }
    layers.push(Layer::points(Role::Reconstruction, Marker::Circle, "", model));
    let alt = format!(
        "Eigenvalues l_1 to l_{count} of the covariance on a log axis, the variances of the trained model as circles, and σ² = {:.4}: {} of the first {} eigenvalues are at or below it.",
        standing.sigma2,
        source.eigen.collapsed(question.latent, standing.sigma2),
        question.latent
    );
    let x = Axis::linear("direction j").over(0.3, count as f64 + 0.7);
    slots::SPECTRUM.chart(alt, Chart::new(x, Axis::log("variance"), layers))
}

/// Mean KL of each latent dimension, in the order of the eigenvectors that their columns match, with the exact ½ log(l_j/sigma²).
pub(super) fn kl(source: &Source, question: Question, kl: &[f64], order: &[usize]) -> Figure {
    let at = |index: usize| (index + 1) as f64;
    let bars = order.iter().enumerate().map(|(j, &k)| [at(j) - 0.35, at(j) + 0.35, 0.0, kl[k]]).collect();
    let sigma2 = question.best_sigma2(source);
    let best = |j: usize| 0.5 * (source.eigen.values[j] / sigma2).max(1.0).ln();
    let exact = (0..order.len()).map(|j| [at(j), best(j)]).collect();
    let layers = vec![Layer::bars(Role::Kl, "KL", bars), Layer::points(Role::Exact, Marker::Cross, "", exact)];
    let alt = format!(
        "Mean KL of each of {} latent dimensions, {:.2} nats in all, with the values ½ log(l/σ²) at the optimum, which are 0 where l is at or below σ².",
        order.len(),
        kl.iter().sum::<f64>()
    );
    let x = Axis::linear("direction j").over(0.3, order.len() as f64 + 0.7);
    slots::KL.chart(alt, Chart::new(x, Axis::linear("KL (nats)"), layers))
}

/// The noise of each kind of gradient, as bars, beside the length of the exact gradient.
pub(super) fn noise(measured: Option<&Measured>) -> Figure {
    let at = |index: usize| (index + 1) as f64;
    let mut layers = Vec::new();
    let mut alt = "The gradient's noise has not been measured yet.".to_owned();
    if let Some(Measured { step, norm, kinds }) = measured {
        for sampled in [false, true] {
            let bars = KINDS.iter().zip(kinds).enumerate().filter(|(_, (kind, _))| kind.sampled == sampled);
            layers.push(Layer::bars(
                if sampled { Role::Reparameterized } else { Role::Elbo },
                if sampled { "sampled" } else { "closed form" },
                bars.map(|(index, (_, noise))| [at(index) - 0.3, at(index) + 0.3, 0.0, noise.size]).collect(),
            ));
        }
        let errors = kinds.iter().enumerate().map(|(index, noise)| [at(index), noise.size, noise.error]).collect();
        layers.push(Layer::errors(Role::Neutral, errors));
        let label = "gradient’s length";
        layers.push(Layer::rule(Role::Exact, Dash::Dashed, label, *norm));
        let said: Vec<String> =
            KINDS.iter().zip(kinds).map(|(kind, noise)| format!("{} {:.3}", kind.label(), noise.size)).collect();
        alt = format!(
            "Root mean squared distance of gradients from the exact one after {step} steps: {}; the exact gradient's own length is {norm:.3}.",
            said.join(", ")
        );
    }
    let ticks = KINDS
        .iter()
        .enumerate()
        .map(|(index, kind)| (at(index), if kind.batch { "batch" } else { "all x" }.to_owned()))
        .collect();
    let x = Axis::linear("").over(0.4, KINDS.len() as f64 + 0.6).with_ticks(ticks);
    slots::NOISE.chart(alt, Chart::new(x, Axis::linear("gradient noise (nats)"), layers))
}
