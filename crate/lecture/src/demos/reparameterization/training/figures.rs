//! The other pictures of slide 1.7: the gradients as slopes of the ELBO, and z drawn both ways.

use crate::demos::reparameterization::{keys, slots};
use figure::{Axis, Chart, Dash, Figure, FigureSpec, Grip, Key, Layer, Marker, Pointer, Role};
use math::elbo::Normal;
use math::estimate::Estimate;

use super::experiment::{Answer, Question};
use learn::Stream;

const POINTS: usize = 121;
/// Draws of z each way.
const DRAWS: usize = 4_000;
const BINS: usize = 40;

/// The range of a parameter's control.
const MU: (f64, f64) = (-3.0, 3.0);
const LOG_VAR: (f64, f64) = (-4.0, 2.0);

/// The ELBO against mu, and the slopes at the chosen mu.
pub(super) fn slope_mu(question: &Question, answer: &Answer) -> Figure {
    let q = question.q;
    let slopes = Slopes {
        slot: slots::SLOPE_MU,
        control: keys::MU,
        symbol: "μ",
        at: q.mu,
        range: MU,
        autodiff: answer.autodiff.mu,
        finite_difference: answer.finite_difference.mu,
        closed_form: answer.closed_form.mu,
        score: answer.score.map(|score| score.mu),
    };
    slopes.figure(question, |mu| Normal { mu, ..q })
}

/// The ELBO against log sigma², and the slopes at the chosen log sigma².
pub(super) fn slope_log_var(question: &Question, answer: &Answer) -> Figure {
    let q = question.q;
    let slopes = Slopes {
        slot: slots::SLOPE_LOG_VAR,
        control: keys::LOG_VAR,
        symbol: "log σ²",
        at: q.log_var,
        range: LOG_VAR,
        autodiff: answer.autodiff.log_var,
        finite_difference: answer.finite_difference.log_var,
        closed_form: answer.closed_form.log_var,
        score: answer.score.map(|score| score.log_var),
    };
    slopes.figure(question, |log_var| Normal { log_var, ..q })
}

struct Slopes {
    slot: FigureSpec,
    control: Key<f64>,
    symbol: &'static str,
    at: f64,
    range: (f64, f64),
    autodiff: f64,
    finite_difference: f64,
    closed_form: f64,
    score: Option<Estimate>,
}

impl Slopes {
    /// The exact ELBO as a curve; the closed form as a long dashed tangent, autodiff as a short one over it, finite
    /// differences as that one's two ends; where z is sampled, the score gradient as two ends of its own, with their errors.
    fn figure(&self, question: &Question, moved: impl Fn(f64) -> Normal) -> Figure {
        let elbo = |at: f64| question.model.elbo(question.x, &moved(at)).elbo;
        let (low, high) = self.range;
        let curve: Vec<[f64; 2]> =
            (0..POINTS).map(|i| low + (high - low) * i as f64 / (POINTS - 1) as f64).map(|at| [at, elbo(at)]).collect();
        let height = elbo(self.at);
        let tangent = |slope: f64, half: f64| [-half, half].map(|d| [self.at + d, height + slope * d]).to_vec();
        let role = Role::Reparameterized;
        let score = self.score.map(|score| self.score_ends(score, height, &curve));
        let mut layers = vec![
            Layer::line(Role::Elbo, Dash::Solid, "ELBO", curve),
            Layer::Arrows {
                role: Role::Exact,
                dash: Dash::Dashed,
                head: false,
                arrows: vec![segment(&tangent(self.closed_form, 1.2))],
            },
            Layer::Arrows { role, dash: Dash::Solid, head: false, arrows: vec![segment(&tangent(self.autodiff, 0.8))] },
            Layer::points(Role::Neutral, Marker::Square, "", tangent(self.finite_difference, 0.8)),
        ];
        layers.extend(score.into_iter().flatten());
        layers.push(Layer::points(role, Marker::Circle, "autodiff", vec![[self.at, height]]));
        let by_score = self.score.map_or(String::new(), |score| match score.standard_error {
            error if error.is_finite() => format!(", score gradient {:.5} ± {error:.5}", score.mean),
            _ => format!(", score gradient {:.5} from one sample", score.mean),
        });
        let alt = format!(
            "The exact ELBO against {}, {:.4} nats at {:.2}. Slopes there: autodiff {:.5}, finite differences {:.5}, closed form {:.5}{by_score}.",
            self.symbol, height, self.at, self.autodiff, self.finite_difference, self.closed_form
        );
        let chart = Chart::new(Axis::linear(self.symbol).over(low, high), Axis::linear("ELBO (nats)"), layers);
        let grips = vec![Grip { control: self.control.name.into(), at: [self.at, height], origin: 0.0 }];
        self.slot.chart(alt, chart).with_pointer(Pointer::Steer { grips })
    }

    /// The two ends of the score gradient's slope and, from two samples on, their errors.
    ///
    /// A steep one is drawn shorter, so that it leaves the curve its place: it rises by at most half the curve's height.
    fn score_ends(&self, score: Estimate, height: f64, curve: &[[f64; 2]]) -> Vec<Layer> {
        let (low, high) = curve.iter().fold((f64::MAX, f64::MIN), |(low, high), [_, y]| (low.min(*y), high.max(*y)));
        let error = if score.standard_error.is_finite() { score.standard_error } else { 0.0 };
        let half = 0.55_f64.min(0.5 * (high - low) / (score.mean.abs() + error).max(1e-9));
        let ends = [-half, half].map(|d| [self.at + d, height + score.mean * d]);
        let mut layers = Vec::new();
        if error > 0.0 {
            layers.push(Layer::errors(Role::Score, ends.map(|[x, y]| [x, y, half * error]).to_vec()));
        }
        layers.push(Layer::points(Role::Score, Marker::Circle, "score", ends.to_vec()));
        layers
    }
}

fn segment(ends: &[[f64; 2]]) -> [f64; 4] {
    [ends[0][0], ends[0][1], ends[1][0], ends[1][1]]
}

/// Histograms of z: through g above the axis, from q itself below, with the density on both sides.
pub(super) fn samples(question: &Question) -> Figure {
    let q = &question.q;
    let mut rng = Stream::Samples.rng(question.seed);
    let through_g: Vec<f64> = rng.normals(DRAWS).iter().map(|&eps| q.sample(f64::from(eps))).collect();
    let direct: Vec<f64> = (0..DRAWS).map(|_| q.sample_by_rejection(&mut rng)).collect();
    let spread = 4.0 * q.sigma();
    let range = (q.mu - spread, q.mu + spread);
    let density = |sign: f64| -> Vec<[f64; 2]> {
        let z = (0..POINTS).map(|i| range.0 + 2.0 * spread * i as f64 / (POINTS - 1) as f64);
        z.map(|z| [z, sign * q.pdf(z)]).collect()
    };
    let line = |sign, label: &str| Layer::line(Role::Exact, Dash::Dashed, label, density(sign));
    let layers = vec![
        Layer::bars(Role::Reparameterized, "z = μ + σ ε", bars(&through_g, range, 1.0)),
        Layer::bars(Role::Score, "z from q(z|x)", bars(&direct, range, -1.0)),
        line(1.0, ""),
        line(-1.0, ""),
    ];
    let mean = |draws: &[f64]| draws.iter().sum::<f64>() / draws.len() as f64;
    let alt = format!(
        "Histograms of {DRAWS} draws of z each way, with the density N({:.2}, {:.3}²) on both: through g above the line, mean {:.3}, and from q itself, by rejection, below it, mean {:.3}.",
        q.mu,
        q.sigma(),
        mean(&through_g),
        mean(&direct)
    );
    let reach = ((q.mu.abs() + spread) / 2.0).ceil() * 2.0;
    let chart =
        Chart::new(Axis::linear("z").over(-reach, reach), Axis::linear("density (through g up, from q down)"), layers);
    slots::SAMPLES.chart(alt, chart)
}

/// A histogram as densities, `sign` up or down.
fn bars(draws: &[f64], (low, high): (f64, f64), sign: f64) -> Vec<[f64; 4]> {
    let width = (high - low) / BINS as f64;
    let mut counts = [0_usize; BINS];
    for z in draws.iter().filter(|z| (low..high).contains(*z)) {
        counts[(((z - low) / width) as usize).min(BINS - 1)] += 1;
    }
    let height = |count: usize| sign * count as f64 / (draws.len() as f64 * width);
    let bar =
        |(bin, &count): (usize, &usize)| [low + width * bin as f64, low + width * (bin + 1) as f64, 0.0, height(count)];
    counts.iter().enumerate().filter(|(_, count)| **count > 0).map(bar).collect()
}
