//! Computes the posteriors, the terms of (17) and the snapshot from the controls.

use crate::demos::mi_bound::{keys, readouts};
use figure::{SEED, Snapshot, Values};
use math::estimate::Estimate;
use math::mixture::{Exact, Mixture, Surgery};
use math::rng::Rng;

use super::{Dims, Source, WIDEST, laid_out};
use crate::shared::bars;
use crate::shared::posteriors;
use figure::Assets;

/// Number of spreads at which the terms are estimated.
const SWEEP: usize = 33;
/// Samples for all of these spreads together: they are drawn at every movement of a slider.
const SWEEP_SAMPLES: usize = 256;

/// N posteriors in one or two dimensions.
#[derive(Clone, Debug)]
pub(super) struct Posteriors {
    pub(super) dims: usize,
    /// The means in the list control, `[N, dims]`, which the pointer moves.
    pub(super) placed: Vec<f64>,
    /// Factor on the list: every mean is `spread` times its entry.
    pub(super) spread: f64,
    /// `[N, dims]`.
    pub(super) log_var: Vec<f64>,
    /// The digits that the posteriors of a trained VAE belong to.
    pub(super) labels: Option<Vec<u8>>,
}

impl Posteriors {
    /// The posteriors, and a sentence where they differ from the requested ones.
    fn of(values: &Values, assets: &Assets) -> (Self, Option<String>) {
        let (dims, list) = match values.get(keys::DIMS) {
            Dims::One => (1, keys::LINE),
            Dims::Two => (2, keys::PLANE),
        };
        let n = values.get(keys::POINTS).max(1);
        let spread = values.get(keys::SPREAD);
        let encoded = |table: posteriors::Table| Self {
            dims,
            placed: table.mu,
            spread,
            log_var: table.log_var,
            labels: Some(table.labels),
        };
        match values.get(keys::SOURCE) {
            Source::Trained => return (encoded(posteriors::table(dims, n)), None),
            Source::Own => match posteriors::own(assets, dims, n) {
                Ok(table) => return (encoded(table), None),
                Err(why) => {
                    let instead = format!("{why} Until then these are the posteriors of the page’s own VAE.");
                    return (encoded(posteriors::table(dims, n)), Some(instead));
                }
            },
            Source::Hand => {}
        }
        let mut placed = values.get(list);
        // A list that is too short is completed from the default one.
        let rest = laid_out(dims);
        placed.extend_from_slice(&rest[placed.len().min(rest.len())..]);
        placed.truncate(n * dims);
        let log_var = vec![2.0 * values.get(keys::SIGMA).ln(); n * dims];
        (Self { dims, placed, spread, log_var, labels: None }, None)
    }

    /// The means at a spread, `[N, dims]`.
    pub(super) fn mu_at(&self, spread: f64) -> Vec<f64> {
        self.placed.iter().map(|place| spread * place).collect()
    }

    /// q(z) at a spread.
    fn mixture_at(&self, spread: f64) -> Mixture {
        Mixture::new(&self.mu_at(spread), &self.log_var, self.dims)
    }

    pub(super) fn len(&self) -> usize {
        self.placed.len() / self.dims
    }
}

/// The list control that holds the means.
pub(super) fn list_of(dims: usize) -> &'static str {
    if dims == 2 { keys::PLANE.name } else { keys::LINE.name }
}

/// Everything that is drawn.
pub(super) struct View {
    pub(super) posteriors: Posteriors,
    pub(super) mixture: Mixture,
    /// By quadrature; none where that is not exact.
    pub(super) exact: Option<Exact>,
    pub(super) surgery: Surgery,
    /// The bound from below, sampled.
    pub(super) below: Estimate,
    /// The same by quadrature; none where that is not exact.
    pub(super) exact_below: Option<f64>,
    /// The spread, and what is estimated at it: the terms and the bound from below.
    pub(super) sweep: Vec<(f64, Surgery, Estimate)>,
    /// What the user should know about the posteriors.
    notes: Vec<String>,
}

impl View {
    fn of(values: &Values, assets: &Assets) -> Self {
        let (posteriors, note) = Posteriors::of(values, assets);
        let mixture = posteriors.mixture_at(posteriors.spread);
        let exact = if posteriors.dims == 2 { mixture.exact_2d() } else { mixture.exact_1d() };
        let exact = exact.is_exact().then_some(exact);
        let width = values.get(keys::DECODER);
        let exact_below = exact.and_then(|exact| {
            if width == 1.0 {
                return Some(exact.mi);
            }
            let below = mixture.exact_from_below(&mixture.widened(width));
            below.is_exact().then_some(below.mean)
        });
        let coarse = exact_below.is_none().then(|| {
            let what = if exact.is_none() { "the quadrature" } else { "the quadrature of the bound from below" };
            format!("Some of these posteriors are so much narrower than others that {what} is not exact to a thousandth of a nat: only the samples are shown.")
        });
        let noise = Rng::new(values.get(SEED) as u64);
        let (surgery, below) = sampled(&mixture, width, values.get(keys::SAMPLES).max(2), &mut noise.stream(1));
        let per_posterior = (SWEEP_SAMPLES / posteriors.len()).max(2);
        let spreads = (0..SWEEP).map(|index| WIDEST * index as f64 / (SWEEP - 1) as f64);
        // The same noise at every spread, so that differences between spreads are not due to sampling.
        let sweep = spreads
            .map(|spread| {
                let at = posteriors.mixture_at(spread);
                let (surgery, below) = sampled(&at, width, per_posterior, &mut noise.stream(2));
                (spread, surgery, below)
            })
            .collect();
        let notes = note.into_iter().chain(coarse).collect();
        Self { posteriors, mixture, exact, surgery, below, exact_below, sweep, notes }
    }
}

/// The terms of (17) from `each` samples of every posterior, and from the same the bound from below.
fn sampled(mixture: &Mixture, width: f64, each: usize, noise: &mut Rng) -> (Surgery, Estimate) {
    let eps = noise.normals(each * mixture.len() * mixture.dims());
    let surgery = mixture.surgery_of_all(&eps);
    // The inverse's samples are those of I(x,z).
    let below = if width == 1.0 { surgery.mi } else { mixture.from_below_of_all(&mixture.widened(width), &eps) };
    (surgery, below)
}

pub(super) fn sketch(values: &Values, assets: &Assets) -> Snapshot {
    let view = View::of(values, assets);
    let View { exact, surgery, below, exact_below, .. } = &view;
    let sampled = bars::Column {
        name: "sampled",
        mi: surgery.mi.mean,
        marginal_kl: surgery.marginal_kl.mean,
        standard_error: surgery.residual.standard_error,
    };
    let by_quadrature = exact.map(|exact| bars::Column {
        name: "exact",
        mi: exact.mi,
        marginal_kl: exact.marginal_kl,
        standard_error: 0.0,
    });
    let columns: Vec<_> = [Some(sampled), by_quadrature].into_iter().flatten().collect();
    let of = |value: fn(&Exact) -> f64| exact.as_ref().map_or(f64::NAN, value);
    Snapshot {
        readouts: vec![
            readouts::KL.value(surgery.kl),
            readouts::MI.estimate(surgery.mi.mean, surgery.mi.standard_error),
            readouts::MARGINAL_KL.estimate(surgery.marginal_kl.mean, surgery.marginal_kl.standard_error),
            readouts::RESIDUAL.estimate(surgery.residual.mean, surgery.residual.standard_error),
            readouts::BELOW.estimate(below.mean, below.standard_error),
            readouts::EXACT_BELOW.value(exact_below.unwrap_or(f64::NAN)),
            readouts::LOG_N.value(surgery.log_n),
            readouts::EXACT_MI.value(of(|exact| exact.mi)),
            readouts::EXACT_MARGINAL_KL.value(of(|exact| exact.marginal_kl)),
            readouts::EXACT_RESIDUAL.value(of(|exact| exact.residual)),
        ],
        figures: vec![view.posteriors(), view.bars(bars::bars(surgery.kl, &columns, surgery.log_n)), view.sweep()],
        table: view.table(),
        notes: view.notes,
        ..Snapshot::default()
    }
}

impl View {
    /// One row per posterior: its mean, its width, and its KL to the prior.
    fn table(&self) -> Vec<Vec<String>> {
        let dims = self.posteriors.dims;
        let mut header = vec!["n".to_owned()];
        header.extend((1..=dims).map(|j| format!("mu_{j}")));
        header.extend((1..=dims).map(|j| format!("sigma_{j}")));
        header.push("kl".to_owned());
        let mu = self.posteriors.mu_at(self.posteriors.spread);
        let rows = (0..self.posteriors.len()).map(|n| {
            let row = n * dims..(n + 1) * dims;
            let sigma = self.posteriors.log_var[row.clone()].iter().map(|log_var| (0.5 * log_var).exp());
            std::iter::once((n + 1).to_string())
                .chain(mu[row].iter().copied().chain(sigma).chain([self.mixture.kl(n)]).map(|x| x.to_string()))
                .collect()
        });
        std::iter::once(header).chain(rows).collect()
    }
}
