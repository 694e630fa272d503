//! The noise of the ELBO's gradient: how far repeated gradients at the same parameters are from the exact one.

use burn::tensor::Tensor;
use data::Batches;
use math::estimate::variance;
use math::rng::Rng;

use super::ascent;
use super::source::Source;
use learn::models::LinearVae;

/// Gradients drawn of each kind.
pub(super) const DRAWS: usize = 16;

/// The kinds of gradient compared: all data or a batch, and the expectation over z by the trace trick or by samples.
pub(super) const KINDS: [Kind; 4] = [
    Kind { sampled: false, batch: false },
    Kind { sampled: false, batch: true },
    Kind { sampled: true, batch: false },
    Kind { sampled: true, batch: true },
];

/// A kind of gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// Whether z is sampled; otherwise every expectation over z is in closed form.
    pub(super) sampled: bool,
    /// Whether each gradient is from a new batch; otherwise from all of the data.
    pub(super) batch: bool,
}

impl Kind {
    /// Its name in a sentence.
    pub(super) fn label(self) -> &'static str {
        match (self.sampled, self.batch) {
            (false, false) => "closed form over all x",
            (false, true) => "closed form over a batch",
            (true, false) => "sampled over all x",
            (true, true) => "sampled over a batch",
        }
    }
}

/// The noise of one kind of gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Noise {
    /// √(mean ‖g − ∇‖²) over the draws, ∇ the exact gradient: the root of the estimator's total variance.
    pub(super) size: f64,
    /// Its standard error.
    pub(super) error: f64,
}

/// The measurement at one step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measured {
    /// Updates made before.
    pub(super) step: u64,
    /// ‖∇‖, the length of the exact gradient over all parameters.
    pub(super) norm: f64,
    /// One for each of [`KINDS`].
    pub(super) kinds: [Noise; 4],
}

/// Enqueues the gradients: ‖∇‖², then ‖g_r − ∇‖² for each draw of each kind, in one row of 1 + 4·[`DRAWS`] numbers.
///
/// The batches come from a separate seeded stream, so that measuring does not change the run.
pub(super) fn measure(
    model: &LinearVae,
    source: &Source,
    (batch, samples): (usize, usize),
    batches: Batches,
    rng: &mut Rng,
) -> Tensor<1> {
    let whole = || ascent::closed_form(model, source.mean.clone(), source.covariance.clone());
    let exact = gradient(model, whole());
    let mut sizes = vec![exact.clone().square().sum()];
    for kind in KINDS {
        // The same batches for both kinds that draw them, so that what sets them apart is the sampling of z.
        let mut batches = batches.clone();
        for _ in 0..DRAWS {
            let x = || source.x.clone();
            let elbo = match (kind.sampled, kind.batch) {
                (false, false) => whole(),
                (false, true) => ascent::closed_form_of(model, ascent::select(source, &batches.next(batch))),
                (true, whole_batch) => {
                    let x = if whole_batch { ascent::select(source, &batches.next(batch)) } else { x() };
                    let eps = ascent::noise(rng, samples * x.dims()[0], model);
                    ascent::sampled(model, x, eps)
                }
            };
            sizes.push((gradient(model, elbo) - exact.clone()).square().sum());
        }
    }
    Tensor::cat(sizes, 0)
}

/// The measurement from [`measure`]'s row; `step` must be the step at which that was called.
pub(super) fn read(step: u64, row: &[f32]) -> Measured {
    let squares: Vec<f64> = row.iter().map(|&value| f64::from(value)).collect();
    let of = |kind: usize| {
        let draws = &squares[1 + kind * DRAWS..1 + (kind + 1) * DRAWS];
        let mean = draws.iter().sum::<f64>() / DRAWS as f64;
        let size = mean.sqrt();
        // d√m = dm / (2√m)
        let error = if size > 0.0 { (variance(draws) / DRAWS as f64).sqrt() / (2.0 * size) } else { 0.0 };
        Noise { size, error }
    };
    Measured { step, norm: squares[0].sqrt(), kinds: std::array::from_fn(of) }
}

/// The gradient of `elbo`, `[1]`, over every learned parameter of the model, in one row without autodiff.
fn gradient(model: &LinearVae, elbo: Tensor<1>) -> Tensor<1> {
    let gradients = elbo.backward();
    let matrices = [&model.weights, &model.mu, &model.recognition];
    let rows = [&model.log_d, &model.log_sigma2];
    let mut parts: Vec<Tensor<1>> = Vec::with_capacity(5);
    for part in matrices {
        if let Some(gradient) = part.val().grad(&gradients) {
            let count = gradient.dims().iter().product::<usize>();
            parts.push(gradient.reshape([count]));
        }
    }
    parts.extend(rows.iter().filter_map(|part| part.val().grad(&gradients))); // a fixed sigma² has none
    Tensor::cat(parts, 0)
}
