//! The figures of slide 1.3: densities, terms, divergences as areas, and the Monte Carlo estimate with its error.

use crate::demos::elbo::slots;
use figure::{Axis, Chart, Dash, Figure, Grip, Layer, Marker, Pointer, Role};
use math::elbo::Normal;

use super::sketch::{Numbers, REPEATS, SIZES};

/// Points of a curve over z.
const POINTS: usize = 241;
/// Half width of a band in standard errors: 95 % where what is in it is normal.
const BAND: f64 = 1.96;

pub(super) fn all(numbers: &Numbers) -> Vec<Figure> {
    vec![densities(numbers), gap(numbers), divergences(numbers), terms(numbers), estimate(numbers), errors(numbers)]
}

/// Half the width of the z axis: all three densities within three and a half standard deviations, in steps so that the axis
/// does not change continuously while a slider moves.
fn reach(numbers: &Numbers) -> f64 {
    const STEP: f64 = 3.0;
    let normals = [numbers.q, numbers.model.prior(), numbers.posterior];
    let most = normals.iter().map(|normal| normal.mu.abs() + 3.5 * normal.sigma()).fold(0.0, f64::max);
    (most / STEP).ceil() * STEP
}

/// Points for a curve over z, denser inside the narrow densities than an even grid would be.
fn places(numbers: &Numbers) -> Vec<f64> {
    let reach = reach(numbers);
    let mut z: Vec<f64> = (0..POINTS).map(|i| reach * (2.0 * i as f64 / (POINTS - 1) as f64 - 1.0)).collect();
    for normal in [numbers.q, numbers.model.prior(), numbers.posterior] {
        z.extend((-40..=40).map(|i| normal.mu + 0.1 * f64::from(i) * normal.sigma()).filter(|z| z.abs() < reach));
    }
    z.sort_by(f64::total_cmp);
    z
}

fn z_axis(numbers: &Numbers) -> Axis {
    let reach = reach(numbers);
    Axis::linear("latent z").over(-reach, reach)
}

/// Prior, q and the true posterior.
fn densities(numbers: &Numbers) -> Figure {
    let z = places(numbers);
    let curve = |role, dash, label: &str, normal: Normal| {
        Layer::line(role, dash, label, z.iter().map(|&z| [z, normal.pdf(z)]).collect())
    };
    let Numbers { q, posterior, model, .. } = numbers;
    let (prior_grips, q_grips) = (grips(&model.prior(), ["mu_p", "sigma_p"]), grips(q, ["mu_q", "sigma_q"]));
    let layers = vec![
        curve(Role::Prior, Dash::Solid, "p(z)", model.prior()),
        curve(Role::Posterior, Dash::Solid, "q(z|x)", *q),
        curve(Role::Exact, Dash::Dashed, "p(z|x), exact", *posterior),
        handles(Role::Prior, &prior_grips),
        handles(Role::Posterior, &q_grips),
    ];
    let alt = format!(
        "Three normal densities over z: the prior with mean {:.2} and standard deviation {:.2}, q with {:.2} and {:.2}, and the true posterior with {:.3} and {:.3}.",
        model.mu_p,
        model.sigma_p,
        q.mu,
        q.sigma(),
        posterior.mu,
        posterior.sigma()
    );
    let chart = Chart::new(z_axis(numbers), Axis::linear("density"), layers);
    let grips = q_grips.into_iter().chain(prior_grips).collect();
    slots::DENSITIES.chart(alt, chart).with_pointer(Pointer::Steer { grips })
}

/// The handles of a density: the peak sets the mean, the point one standard deviation to its right the spread.
fn grips(normal: &Normal, [mu, sigma]: [&str; 2]) -> [Grip; 2] {
    let flank = normal.mu + normal.sigma();
    [
        Grip { control: mu.into(), at: [normal.mu, normal.pdf(normal.mu)], origin: 0.0 },
        Grip { control: sigma.into(), at: [flank, normal.pdf(flank)], origin: normal.mu },
    ]
}

fn handles(role: Role, grips: &[Grip]) -> Layer {
    let points = grips.iter().map(|grip| grip.at).collect();
    Layer::points(role, Marker::Circle, "", points)
}

/// The area under the density of KL\[from‖to\], with a label on its outline.
fn area(z: &[f64], role: Role, label: String, from: Normal, to: Normal) -> [Layer; 2] {
    let height: Vec<[f64; 2]> = z.iter().map(|&z| [z, from.kl_density(&to, z)]).collect();
    [
        Layer::band(role, label.clone(), height.iter().map(|&[z, y]| [z, 0.0, y]).collect()),
        Layer::line(role, Dash::Solid, label, height),
    ]
}

/// The gap as an area.
fn gap(numbers: &Numbers) -> Figure {
    let label = format!("gap = {:.3} nats", numbers.gap);
    let layers = area(&places(numbers), Role::Posterior, label, numbers.q, numbers.posterior).to_vec();
    let alt = format!(
        "The area under q log(q/p) − q + p, with p the true posterior, is the gap log p(x) − ELBO = {:.4} nats. It closes as q reaches the posterior.",
        numbers.gap
    );
    // A minimum height: otherwise the last thousandth of the gap would fill the figure.
    let chart =
        Chart::new(z_axis(numbers), floored("nats per unit of z", numbers, numbers.q, numbers.posterior), layers);
    slots::GAP.chart(alt, chart)
}

/// Both divergences between q and the prior, as areas.
fn divergences(numbers: &Numbers) -> Figure {
    let (z, p) = (places(numbers), numbers.model.prior());
    let mut layers = area(&z, Role::Prior, format!("KL(p‖q) = {:.3}", numbers.reverse_kl), p, numbers.q).to_vec();
    layers.extend(area(&z, Role::Kl, format!("KL(q‖p) = {:.3}", numbers.kl), numbers.q, p));
    let alt = format!(
        "Two areas over z: KL(q‖p) = {:.4} nats and KL(p‖q) = {:.4} nats, q the approximate posterior and p the prior. Both are zero only when the densities coincide.",
        numbers.kl, numbers.reverse_kl
    );
    let chart = Chart::new(z_axis(numbers), floored("nats per unit of z", numbers, numbers.q, p), layers);
    slots::KL.chart(alt, chart)
}

/// A vertical axis from zero that never shrinks below a quarter of a nat per unit, so that a small area looks small.
fn floored(label: &str, numbers: &Numbers, q: Normal, p: Normal) -> Axis {
    const LEAST: f64 = 0.25;
    let top = places(numbers).iter().map(|&z| q.kl_density(&p, z).max(p.kl_density(&q, z))).fold(0.0, f64::max);
    let axis = Axis::linear(label);
    if top < LEAST { axis.over(0.0, LEAST) } else { axis }
}

/// The terms of the ELBO, each starting where the previous one ended, up to log p(x).
fn terms(numbers: &Numbers) -> Figure {
    let terms = &numbers.terms;
    let two = terms.reconstruction;
    let three = two + terms.expected_log_prior;
    let (elbo, log_px) = (terms.elbo, numbers.log_px);
    let columns = [
        (Role::Reconstruction, "(2)", 0.0, two),
        (Role::Prior, "(3)", two, three),
        (Role::Posterior, "(4)", three, elbo),
        (Role::Kl, "−KL", two, elbo),
        (Role::Elbo, "ELBO", 0.0, elbo),
        (Role::Posterior, "gap", elbo, log_px),
        (Role::Exact, "log p(x)", 0.0, log_px),
    ];
    let levels = [0.0, two, three, elbo, log_px];
    let (low, high) = (levels.iter().copied().fold(0.0, f64::min), levels.iter().copied().fold(0.0, f64::max));
    let room = 0.07 * (high - low).max(1e-3);
    let mut layers = Vec::new();
    for (index, &(role, _, from, to)) in columns.iter().enumerate() {
        let x = index as f64;
        layers.push(Layer::bars(role, "", vec![[x - 0.36, x + 0.36, from, to]]));
        let above =
            if from.max(to) + 1.5 * room < high + 3.0 * room { from.max(to) + room } else { from.min(to) - room };
        let value = format!("{:.2}", to - from).replace('-', "−");
        layers.push(Layer::text(role, 0.9, [x, above], value));
    }
    // Thin lines connect the end of a column to the start of the next.
    let carried = [(0.0, 1.0, two), (1.0, 2.0, three), (2.0, 4.0, elbo), (4.0, 5.0, elbo), (5.0, 6.0, log_px)];
    layers.push(Layer::Arrows {
        role: Role::Neutral,
        dash: Dash::Dotted,
        head: false,
        arrows: carried.iter().map(|&(from, to, y)| [from + 0.36, y, to - 0.36, y]).collect(),
    });
    let ticks = columns.iter().enumerate().map(|(index, column)| (index as f64, column.1.to_owned())).collect();
    let alt = format!(
        "Term (2) {:.4}, term (3) {:.4} and term (4) {:.4} add up to the ELBO, {:.4}; (3) + (4) is minus the KL, {:.4}. The gap of {:.4} leads to log p(x), {:.4} nats.",
        terms.reconstruction, terms.expected_log_prior, terms.entropy, elbo, terms.kl, numbers.gap, log_px
    );
    let chart = Chart::new(
        Axis::linear("").over(-0.6, 6.6).with_ticks(ticks),
        Axis::linear("nats").over(low - 2.0 * room, high + 2.5 * room),
        layers,
    );
    slots::TERMS.chart(alt, chart)
}

/// The running mean of the samples, approaching the closed form.
fn estimate(numbers: &Numbers) -> Figure {
    let Numbers { chosen, closed_form, sample, estimate, .. } = numbers;
    let name = chosen.name();
    let band = numbers.running.iter().map(|&[count, _]| {
        let half = BAND * sample.standard_error(count as usize);
        [count, closed_form - half, closed_form + half]
    });
    let at = estimate.samples as f64;
    let mut layers = vec![
        Layer::band(chosen.role(), "± 1.96 sd/√L", band.collect()),
        Layer::rule(Role::Exact, Dash::Dashed, "closed form", *closed_form),
        Layer::line(chosen.role(), Dash::Solid, "Monte Carlo", numbers.running.clone()),
        Layer::points(chosen.role(), Marker::Dot, "", vec![[at, estimate.mean]]),
    ];
    if estimate.samples > 1 {
        let points = vec![[at, estimate.mean, estimate.half_width_95()]];
        layers.push(Layer::errors(chosen.role(), points));
    }
    let alt = format!(
        "The mean of the first L samples of {name} against L. At L = {} it is {:.4} with standard error {:.4}; the closed form is {:.4} nats.",
        estimate.samples, estimate.mean, estimate.standard_error, closed_form
    );
    let chart = Chart::new(
        Axis::log("samples, L").over(1.0, SIZES[SIZES.len() - 1] as f64),
        Axis::linear(format!("{name} (nats)")),
        layers,
    );
    slots::ESTIMATE.chart(alt, chart)
}

/// The error of the estimate against L on logarithmic axes: simulated points on the exact line sd/√L.
fn errors(numbers: &Numbers) -> Figure {
    let Numbers { chosen, sample, estimate, .. } = numbers;
    let x = Axis::log("samples, L").over(1.0, SIZES[SIZES.len() - 1] as f64);
    let y = Axis::log(format!("error of {} (nats)", chosen.name()));
    let name = chosen.name();
    if !numbers.is_noisy() {
        let text = "Every sample is the same number: no error at any L.";
        let layers = vec![Layer::text(Role::Neutral, 1.0, [100.0, 0.1], text)];
        return slots::ERROR.chart(text, Chart::new(x, y.over(1e-3, 10.0), layers));
    }
    let line = |size: usize| sample.standard_error(size);
    let band = SIZES.map(|size| {
        let half = BAND * sample.relative_sd_of_rms(size, REPEATS);
        [size as f64, line(size) * (1.0 - half).max(0.1), line(size) * (1.0 + half)]
    });
    let simulated = SIZES.iter().zip(&numbers.errors).map(|(&size, &error)| [size as f64, error]).collect();
    let mut layers = vec![
        Layer::band(chosen.role(), "± 1.96 of its sd", band.to_vec()),
        Layer::line(Role::Exact, Dash::Dashed, "sd/√L, exact", SIZES.map(|size| [size as f64, line(size)]).to_vec()),
        Layer::points(chosen.role(), Marker::Circle, "simulated", simulated),
    ];
    if estimate.samples > 1 {
        layers.push(Layer::points(
            chosen.role(),
            Marker::Dot,
            "standard error at L",
            vec![[estimate.samples as f64, estimate.standard_error]],
        ));
    }
    let alt = format!(
        "Root mean square error of {REPEATS} Monte Carlo estimates of {name} against L, both axes logarithmic, on the exact line sd/√L with sd = {:.4} nats. At L = {} the standard error is {:.4}, exactly {:.4}.",
        line(1),
        estimate.samples,
        estimate.standard_error,
        line(estimate.samples)
    );
    slots::ERROR.chart(alt, Chart::new(x, y, layers))
}
