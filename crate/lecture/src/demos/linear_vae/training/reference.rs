//! The exact solution: probabilistic PCA on the data, and a trained model's distance from it. All in f64.

use math::ppca::{self, DMatrix, principal_angles_deg};

use super::source::Source;

/// The controls that the exact solution depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Question {
    /// M.
    pub(super) latent: usize,
    /// sigma² where it is held; `None` when it is learned.
    pub(super) held: Option<f64>,
}

impl Question {
    /// The maximum log-likelihood per data point, over W, mu and, when it is learned, sigma².
    pub(super) fn log_px_max(self, source: &Source) -> f64 {
        match self.held {
            Some(sigma2) => source.eigen.log_px_max_at(self.latent, sigma2),
            None => source.eigen.log_px_max(self.latent),
        }
    }

    /// sigma² at that maximum.
    pub(super) fn best_sigma2(self, source: &Source) -> f64 {
        self.held.unwrap_or_else(|| source.eigen.sigma2_ml(self.latent))
    }

    /// The active directions at that maximum: those of the M with l_j > sigma².
    pub(super) fn live(self, source: &Source) -> usize {
        self.latent - source.eigen.collapsed(self.latent, self.best_sigma2(source))
    }
}

/// A trained model's results, every number exact for its parameters.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    /// The model in f64.
    pub(super) model: ppca::LinearVae,
    /// The ELBO and its terms, per data point.
    pub(super) elbo: ppca::LinearElbo,
    /// log p(x) of its decoder, per data point: above the ELBO by the mean KL\[q(z|x)‖p(z|x)\].
    pub(super) log_px: f64,
    /// sigma².
    pub(super) sigma2: f64,
    /// The largest principal angle between the leading directions of W and the eigenvectors that should be active, in degrees; not
    /// finite when none should be.
    pub(super) max_angle: f64,
    /// The left singular vectors' variances: singular values of W squared, in falling order.
    pub(super) explained: Vec<f64>,
}

/// log sigma² and log D beyond which a run counts as diverged: e^30 is far from any data here.
const SANE: f64 = 30.0;

impl Standing {
    /// Measures a model; `None` when it has diverged (not finite, or a variance beyond these limits).
    pub(super) fn of(model: ppca::LinearVae, source: &Source, question: Question) -> Option<Self> {
        let finite =
            [model.weights.as_slice(), model.mu.as_slice(), model.recognition.as_slice(), model.log_d.as_slice()]
                .iter()
                .all(|values| values.iter().all(|value| value.is_finite()));
        let sane = |log: f64| log.abs() < SANE;
        if !finite || !sane(model.log_sigma2) || !model.log_d.iter().copied().all(sane) {
            return None;
        }
        let elbo = model.elbo(&source.moments);
        let log_px = model.decoder().log_px(&source.moments);
        if !elbo.elbo.is_finite() || !log_px.is_finite() {
            return None;
        }
        let svd = model.weights.clone().svd(true, false);
        let mut order: Vec<usize> = (0..svd.singular_values.len()).collect();
        order.sort_by(|&a, &b| svd.singular_values[b].total_cmp(&svd.singular_values[a]));
        let explained = order.iter().map(|&j| svd.singular_values[j] * svd.singular_values[j]).collect();
        let live = question.live(source);
        let directions = svd.u.map(|u| u.select_columns(&order[..live]));
        let max_angle = directions
            .map_or(f64::NAN, |found| largest_angle(&found, &source.eigen.vectors.columns(0, live).into_owned()));
        Some(Self { elbo, log_px, sigma2: model.log_sigma2.exp(), max_angle, explained, model })
    }

    /// The largest principal angle between span(W) and the known W's span, in degrees: among as many angles as the smaller of the
    /// two has dimensions.
    pub(super) fn known_angle(&self, source: &Source) -> f64 {
        source.known.as_ref().map_or(f64::NAN, |known| largest_angle(&self.model.weights, &known.weights))
    }
}

fn largest_angle(a: &DMatrix<f64>, b: &DMatrix<f64>) -> f64 {
    if a.ncols() == 0 || b.ncols() == 0 {
        return f64::NAN; // an empty span has no angle
    }
    principal_angles_deg(a, b).last().copied().unwrap_or(f64::NAN)
}
