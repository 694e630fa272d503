//! A sweep in the rate–distortion plane: the values of ω, those of β, and their hull. No tensors here.

use crate::demos::mi_objective::slots;
use figure::{Figure, Marker, Role};

use super::evaluation::{Column, Evaluation};
use super::settings::Objective;
use crate::shared::rate_distortion::Plane;

/// A value of a sweep that has been evaluated.
pub(super) struct Seen<'a> {
    pub(super) objective: Objective,
    /// Whether its training is finished.
    pub(super) done: bool,
    pub(super) evaluation: &'a Evaluation,
}

/// How the values of one weight are drawn.
struct Weight {
    symbol: &'static str,
    role: Role,
    done: Marker,
    in_training: Marker,
    /// The weight of an objective, where it has this one.
    of: fn(Objective) -> Option<f64>,
}

const OMEGA: Weight = Weight {
    symbol: "ω",
    role: Role::MutualInformation,
    done: Marker::Dot,
    in_training: Marker::Circle,
    of: |objective| match objective {
        Objective::Omega(omega) => Some(omega),
        Objective::Beta(_) => None,
    },
};

const BETA: Weight = Weight {
    symbol: "β",
    role: Role::Kl,
    done: Marker::Square,
    in_training: Marker::Cross,
    of: |objective| match objective {
        Objective::Beta(beta) => Some(beta),
        // ω = 1 is β = 1.
        Objective::Omega(omega) => Some(omega).filter(|omega| *omega == 1.0),
    },
};

/// All values, with the hull of the finished ones and the line of equal ELBO of ω = 1; `both` where β is swept too.
pub(super) fn rate_distortion(seen: &[Seen<'_>], both: bool) -> Figure {
    let finished: Vec<[f64; 2]> = seen.iter().filter(|seen| seen.done).map(|seen| seen.evaluation.point()).collect();
    let mut plane = Plane::default().hull(&finished);
    for weight in both.then_some(BETA).into_iter().chain([OMEGA]) {
        plane = add(plane, &weight, seen, both);
    }
    plane.figure(slots::RATE_DISTORTION)
}

/// Adds the values of one weight: in a line, with the errors of their distortions, and the two ends by name.
fn add(mut plane: Plane, weight: &Weight, seen: &[Seen<'_>], both: bool) -> Plane {
    let of = |done: bool| {
        let seen = seen.iter().filter(|seen| seen.done == done);
        let mut of: Vec<_> = seen.filter_map(|seen| Some(((weight.of)(seen.objective)?, seen.evaluation))).collect();
        of.sort_by(|a, b| a.0.total_cmp(&b.0));
        of
    };
    let points = |of: &[(f64, &Evaluation)]| of.iter().map(|(_, evaluation)| evaluation.point()).collect::<Vec<_>>();
    let (done, begun) = (of(true), of(false));
    let error = |(_, evaluation): &(f64, &Evaluation)| {
        let [rate, distortion] = evaluation.point();
        [rate, distortion, evaluation[Column::ReconstructionError]]
    };
    plane = plane
        .errors(weight.role, done.iter().map(error).collect())
        .curve(weight.role, weight.done, points(&done))
        .models(weight.role, weight.in_training, points(&begun));
    let ends = [done.first(), done.last().filter(|_| done.len() > 1)];
    for &(at, evaluation) in ends.into_iter().flatten() {
        let elbo = at == 1.0;
        let name = if elbo && both { "ω = β = 1".to_owned() } else { format!("{} = {at}", weight.symbol) };
        plane = plane.named(weight.role, weight.done, name, evaluation.point());
        if elbo {
            plane = plane.through(evaluation.point());
        }
    }
    plane
}
