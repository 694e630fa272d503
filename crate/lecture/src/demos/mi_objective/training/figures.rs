//! The large figures of section 4: (17) as bars, the collapse curve, images; and the read-outs of one evaluation.

use crate::demos::mi_objective::{readouts, slots};
pub(super) use figure::Figure;
use figure::{Axis, Chart, Dash, Images, Layer, Readout, Role};

use super::arm::Pictures;
use super::evaluation::{Column, Evaluation, epsilons};
use learn::images::ImageSet;

/// The read-outs that a model's evaluation gives.
pub(super) fn readouts(of: &Evaluation, log_n: f64) -> Vec<Readout> {
    vec![
        readouts::MI.estimate(of[Column::Mi], of[Column::MiError]),
        readouts::KL.value(of[Column::Kl]),
        readouts::MARGINAL_KL.estimate(of[Column::MarginalKl], of[Column::MarginalKlError]),
        readouts::RESIDUAL.estimate(of[Column::Residual], of[Column::ResidualError]),
        readouts::LOG_N.value(log_n),
        readouts::MMD2.estimate(of[Column::Mmd2], of[Column::Mmd2Error]),
        readouts::MMD2_BIASED.value(of[Column::Mmd2Biased]),
        readouts::RECONSTRUCTION.estimate(of[Column::Reconstruction], of[Column::ReconstructionError]),
        readouts::ELBO.estimate(of[Column::Reconstruction] - of[Column::Kl], of[Column::ReconstructionError]),
        readouts::ACTIVE_UNITS.value(of[Column::ActiveUnits]),
    ]
}

/// The read-outs of an ω that is compared with the chosen one.
pub(super) fn compared(omega: f64, of: &Evaluation) -> Vec<Readout> {
    vec![
        readouts::COMPARED_OMEGA.value(omega),
        readouts::COMPARED_MI.estimate(of[Column::Mi], of[Column::MiError]),
        readouts::COMPARED_RECONSTRUCTION.estimate(of[Column::Reconstruction], of[Column::ReconstructionError]),
    ]
}

/// Equation (17) for each ω: the average KL beside I(x,z) with KL\[q(z)‖p(z)\] stacked on it; log N dashed.
///
/// `places` are the ω from left to right, `seen` those evaluated: (place, ω, numbers).
pub(super) fn identity(places: &[f64], seen: &[(usize, f64, &Evaluation)], log_n: f64) -> Figure {
    /// Half the width of the two bars together, and of the gap between them.
    const HALF: f64 = 0.38;
    const GAP: f64 = 0.02;
    let bars = |role, label: &str, bar: &dyn Fn(f64, &Evaluation) -> [f64; 4]| {
        Layer::bars(role, label, seen.iter().map(|&(place, _, of)| bar(place as f64, of)).collect())
    };
    let errors = |role, error: &dyn Fn(&Evaluation) -> [f64; 2]| {
        Layer::errors(
            role,
            seen.iter()
                .map(|&(place, _, of)| {
                    let [at, half] = error(of);
                    [place as f64 + 0.5 * (HALF + GAP), at, half]
                })
                .collect(),
        )
    };
    let layers = vec![
        Layer::rule(Role::Exact, Dash::Dashed, "log N", log_n),
        bars(Role::Kl, "mean KL[q(z|x)‖p(z)]", &|at, of| [at - HALF, at - GAP, 0.0, of[Column::Kl]]),
        bars(Role::MutualInformation, "I(x,z)", &|at, of| [at + GAP, at + HALF, 0.0, of[Column::Mi]]),
        bars(Role::MarginalKl, "KL[q(z)‖p(z)]", &|at, of| {
            [at + GAP, at + HALF, of[Column::Mi], of[Column::Mi] + of[Column::MarginalKl]]
        }),
        errors(Role::MutualInformation, &|of| [of[Column::Mi], of[Column::MiError]]),
        errors(Role::MarginalKl, &|of| [of[Column::Mi] + of[Column::MarginalKl], of[Column::ResidualError]]),
    ];
    let ticks = places.iter().enumerate().map(|(place, omega)| (place as f64, format!("{omega}"))).collect();
    let chart = Chart::new(
        Axis::linear("ω").over(-0.6, places.len() as f64 - 0.4).with_ticks(ticks),
        Axis::linear("nats per image"),
        layers,
    );
    let words: Vec<String> = seen
        .iter()
        .map(|(_, omega, of)| {
            format!(
                "at ω = {omega} average KL {:.2} = I(x,z) {:.2} + marginal KL {:.2}, residual {:.3} ± {:.3}",
                of[Column::Kl],
                of[Column::Mi],
                of[Column::MarginalKl],
                of[Column::Residual],
                of[Column::ResidualError]
            )
        })
        .collect();
    slots::IDENTITY.chart(format!("Equation (17) in nats: {}.", words.join("; ")), chart)
}

/// The share of collapsed dimensions against ε, a curve per ω, with δ = 0.01.
pub(super) fn collapse(seen: &[(f64, &Evaluation)]) -> Figure {
    /// Label positions: heights on the axis, and the factor in ε between a curve and its label.
    const HEIGHTS: [f64; 4] = [0.12, 0.86, 0.62, 0.38];
    const BESIDE: f64 = 7.0;
    let epsilons = epsilons();
    let curve = |(_, of): &(f64, &Evaluation)| {
        Layer::line(
            Role::Kl,
            Dash::Solid,
            "",
            epsilons.iter().zip(&of.collapse).map(|(&epsilon, &share)| [epsilon, share]).collect(),
        )
    };
    // The ε at which a curve reaches a height; the last ε if it does so only beyond.
    let reaches = |of: &Evaluation, height: f64| {
        let place = of.collapse.partition_point(|share| *share < height);
        epsilons[place.min(epsilons.len() - 1)]
    };
    let mut layers: Vec<Layer> = seen.iter().map(curve).collect();
    // All curves end at 1 on the right, so labels are beside them: the smallest ω's on the right below, where
    // the fewest dimensions are collapsed, the others' on the left.
    let least = seen.iter().map(|at| at.0).fold(f64::INFINITY, f64::min);
    let mut left = HEIGHTS[1..].iter();
    for &(omega, of) in seen {
        let (height, factor) = if omega == least {
            (HEIGHTS[0], BESIDE)
        } else {
            (left.next().copied().unwrap_or(HEIGHTS[1]), 1.0 / BESIDE)
        };
        let at = [reaches(of, height) * factor, height];
        layers.push(Layer::text(Role::Kl, 0.95, at, format!("ω = {omega}")));
    }
    let words: Vec<String> = seen
        .iter()
        .map(|(omega, of)| format!("half of them at ε = {:.2} nats for ω = {omega}", reaches(of, 0.5)))
        .collect();
    let chart = Chart::new(Axis::log("ε (nats)"), Axis::linear("collapsed dimensions").over(0.0, 1.05), layers);
    slots::COLLAPSE.chart(format!("Share of collapsed dimensions against ε: {}.", words.join(", ")), chart)
}

/// Held-out images above their reconstructions from the posterior means at each ω.
pub(super) fn reconstructions(images: &ImageSet, shown: &[usize], arms: &[(f64, &Pictures)]) -> Figure {
    let mut pixels = images.digits.gather(shown);
    let mut captions = vec!["x".to_owned()];
    for (omega, pictures) in arms {
        pixels.extend_from_slice(&pictures.reconstructions);
        captions.push(format!("ω = {omega}"));
    }
    let side = images.digits.side;
    let grid = Images::from_unit(&pixels, shown.len().max(1), side, side).with_captions(captions);
    slots::RECONSTRUCTIONS.images("Held-out digits, and below them their reconstructions at each ω.", grid)
}

/// The images that each ω decodes from the same draws of the prior.
pub(super) fn samples(images: &ImageSet, arms: &[(f64, &Pictures)]) -> Figure {
    let side = images.digits.side;
    let columns = arms.first().map_or(1, |arm| arm.1.samples.len() / images.pixels()).max(1);
    let pixels: Vec<f32> = arms.iter().flat_map(|arm| arm.1.samples.iter().copied()).collect();
    let captions = arms.iter().map(|(omega, _)| format!("ω = {omega}")).collect();
    let grid = Images::from_unit(&pixels, columns, side, side).with_captions(captions);
    slots::SAMPLES.images("The same draws of the prior, decoded at each ω.", grid)
}
