//! Notes for the user, shown while what they describe is the case.

use super::evaluation::{Column, Evaluation};
use super::settings::Settings;
use crate::demos::mi_objective::Divergence;

/// Explains a negative MMD² while there is one, and how to read λ and the batch's mixture.
pub(super) fn notes<'a>(settings: &Settings, seen: impl IntoIterator<Item = (f64, &'a Evaluation)>) -> Vec<String> {
    let mut notes = Vec::new();
    // Without its value, which is a read-out: a sentence that changes at every snapshot cannot be read.
    if let Some((omega, _)) = seen.into_iter().find(|(_, of)| of[Column::Mmd2] < 0.0) {
        notes.push(format!(
            "The unbiased MMD² at ω = {omega} is below 0 here. MMD² itself never is; but this estimate leaves out each point's kernel with itself, which is 1, so that it is right on average, and where q(z) is close to p(z) that means below 0 for about half of all draws. The biased estimate counts those pairs: never negative, always too large."
        ));
    }
    if settings.divergence == Divergence::MarginalKl {
        if settings.lambda != 1.0 {
            notes.push(format!(
                "KL[q(z)‖p(z)] is in nats already: λ = 1 is ELBO + (1 − ω) I(x,z) itself, and λ = {:.3} weighs it {:.3} times.",
                settings.lambda, settings.lambda
            ));
        }
        notes.push(format!(
            "Training sees the mixture of B = {} images instead of all N: each image is paid back at most log B = {:.2} nats of information.",
            settings.batch,
            (settings.batch as f64).ln()
        ));
    }
    notes
}
