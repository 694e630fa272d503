//! The computation graph of slide 1.7 as a chart: nodes with their numbers, appearing stage by stage.

use crate::demos::reparameterization::slots;
use figure::{Axis, Chart, Dash, Figure, Layer, Marker, Role};
use math::reparam::trace::Route;

use super::experiment::{Answer, Question};

/// Radius of a node, in the chart's own units.
const RADIUS: f64 = 0.86;
/// Distance between a backward arrow and its forward arrow.
const ASIDE: f64 = 0.17;

const MU: [f64; 2] = [1.5, 2.4];
const LOG_VAR: [f64; 2] = [1.5, 4.6];
const SIGMA: [f64; 2] = [4.0, 4.6];
const EPS: [f64; 2] = [6.4, 6.0];
const Z: [f64; 2] = [6.4, 3.7];
const KL: [f64; 2] = [6.4, 0.95];
const X: [f64; 2] = [9.0, 6.0];
const LOG_LIKELIHOOD: [f64; 2] = [9.0, 3.7];
const ELBO: [f64; 2] = [11.5, 2.3];

/// The stage at which a number appears.
mod appears {
    pub(super) const SIGMA: u32 = 1;
    pub(super) const EPS: u32 = 2;
    pub(super) const Z: u32 = 3;
    pub(super) const LOG_LIKELIHOOD: u32 = 4;
    pub(super) const KL: u32 = 5;
    pub(super) const ELBO: u32 = 6;
    pub(super) const BACK_TO_TERMS: u32 = 7;
    pub(super) const BACK_TO_Z: u32 = 8;
    pub(super) const BACK_THROUGH_Z: u32 = 9;
    pub(super) const BACK_TO_PARAMETERS: u32 = 10;
}

/// A description of each stage.
fn title(stage: u32, route: Route) -> &'static str {
    let random_z = route == Route::SampleZ;
    match stage {
        0 => "given: μ, log σ² and x",
        appears::SIGMA => "forward: σ = exp(½ log σ²)",
        appears::EPS if random_z => "forward: no ε here, z itself is random",
        appears::EPS => "forward: draw ε ~ N(0, 1)",
        appears::Z if random_z => "forward: draw z ~ N(μ, σ²)",
        appears::Z => "forward: z = g(ε) = μ + σ ε",
        appears::LOG_LIKELIHOOD => "forward: log p(x|z), one sample of term (2)",
        appears::KL => "forward: KL[q(z|x)‖p(z)], in closed form",
        appears::ELBO => "forward: ELBO = log p(x|z) − KL",
        appears::BACK_TO_TERMS => "backward: ∂ELBO/∂log p(x|z) = 1, ∂ELBO/∂KL = −1",
        appears::BACK_TO_Z => "backward: ∂ELBO/∂z = w (x − w z)/σ_x²",
        appears::BACK_THROUGH_Z if random_z => "backward: z is random, the gradient stops here",
        appears::BACK_THROUGH_Z => "backward: through g, ∂z/∂μ = 1 and ∂z/∂σ = ε",
        _ if random_z => "backward: only the KL part reaches μ and log σ²",
        _ => "backward: at μ and log σ² the two paths add up",
    }
}

struct Drawing {
    stage: u32,
    layers: Vec<Layer>,
}

/// The graph at a stage.
pub(super) fn graph(question: &Question, answer: &Answer, stage: u32) -> Figure {
    let random_z = question.route == Route::SampleZ;
    let mut drawing = Drawing { stage, layers: Vec::new() };
    drawing.edges(random_z);
    drawing.nodes(question, answer, random_z);
    drawing.gradients(answer, random_z);
    drawing.text(Role::Neutral, 1.0, [6.4, 7.35], title(stage, question.route).to_owned());
    let chart = Chart::new(Axis::hidden(0.0, 12.8), Axis::hidden(0.0, 7.7), drawing.layers).with_equal_axes();
    slots::GRAPH.chart(alt(question, answer, stage), chart)
}

impl Drawing {
    fn reached(&self, stage: u32) -> bool {
        self.stage >= stage
    }

    fn text(&mut self, role: Role, size: f64, at: [f64; 2], text: String) {
        self.layers.push(Layer::text(role, size, at, text));
    }

    fn arrow(&mut self, role: Role, dash: Dash, head: bool, ends: [f64; 4]) {
        self.layers.push(Layer::Arrows { role, dash, head, arrows: vec![ends] });
    }

    /// The dependencies. An edge into a random node is dotted: the node's distribution depends on its start.
    fn edges(&mut self, random_z: bool) {
        let into_z = if random_z { Dash::Dotted } else { Dash::Solid };
        let mut edges = vec![
            (LOG_VAR, SIGMA, Dash::Solid),
            (MU, Z, into_z),
            (SIGMA, Z, into_z),
            (Z, LOG_LIKELIHOOD, Dash::Solid),
            (X, LOG_LIKELIHOOD, Dash::Solid),
            (MU, KL, Dash::Solid),
            (LOG_VAR, KL, Dash::Solid),
            (LOG_LIKELIHOOD, ELBO, Dash::Solid),
            (KL, ELBO, Dash::Solid),
        ];
        if !random_z {
            edges.push((EPS, Z, Dash::Solid));
        }
        for (from, to, dash) in edges {
            self.arrow(Role::Neutral, dash, true, between(from, to, 0.0));
        }
    }

    fn nodes(&mut self, question: &Question, answer: &Answer, random_z: bool) {
        let forward = &answer.forward;
        self.node(Role::Posterior, MU, "μ", Some(question.q.mu), false);
        self.node(Role::Posterior, LOG_VAR, "log σ²", Some(question.q.log_var), false);
        self.node(Role::Posterior, SIGMA, "σ", self.known(appears::SIGMA, forward.sigma), false);
        if !random_z {
            self.node(Role::Prior, EPS, "ε", self.known(appears::EPS, forward.eps), true);
        }
        self.node(Role::Posterior, Z, "z", self.known(appears::Z, forward.z), random_z);
        self.node(Role::Data, X, "x", Some(question.x), false);
        let log_likelihood = self.known(appears::LOG_LIKELIHOOD, forward.log_likelihood);
        self.node(Role::Reconstruction, LOG_LIKELIHOOD, "log p(x|z)", log_likelihood, false);
        self.node(Role::Kl, KL, "KL", self.known(appears::KL, forward.kl), false);
        self.node(Role::Elbo, ELBO, "ELBO", self.known(appears::ELBO, forward.elbo), false);
    }

    fn known(&self, stage: u32, value: f64) -> Option<f64> {
        self.reached(stage).then_some(value)
    }

    /// A circle with its name and its number; a random node has a second ring and a label.
    fn node(&mut self, role: Role, at: [f64; 2], name: &str, value: Option<f64>, random: bool) {
        let [x, y] = at;
        let mut ellipses = vec![[x, y, RADIUS, RADIUS]];
        if random {
            ellipses.push([x, y, RADIUS + 0.1, RADIUS + 0.1]);
            // The label is left of ε, where there is room, and above a random z, since ε is then absent.
            let word = if at == EPS { [x - 1.5, y + 0.78] } else { [x, y + 1.25] };
            self.text(Role::Neutral, 0.76, word, "random".to_owned());
        }
        self.layers.push(Layer::ellipses(role, name.to_owned(), ellipses));
        self.text(role, 0.84, [x, y + 0.25], name.to_owned());
        self.text(Role::Elbo, 0.84, [x, y - 0.27], value.map_or_else(|| "·".to_owned(), number));
    }

    /// Backward arrows beside the forward ones, and ∂ELBO/∂node at the nodes.
    fn gradients(&mut self, answer: &Answer, random_z: bool) {
        // Either way this is the reconstruction's gradient; only through g does it have a separate name.
        let role = if random_z { Role::Reconstruction } else { Role::Reparameterized };
        let back = &answer.backward;
        let mut flows = vec![
            (appears::BACK_TO_TERMS, role, ELBO, LOG_LIKELIHOOD),
            (appears::BACK_TO_TERMS, Role::Kl, ELBO, KL),
            (appears::BACK_TO_Z, role, LOG_LIKELIHOOD, Z),
            (appears::BACK_TO_PARAMETERS, Role::Kl, KL, MU),
            (appears::BACK_TO_PARAMETERS, Role::Kl, KL, LOG_VAR),
        ];
        if !random_z {
            flows.push((appears::BACK_THROUGH_Z, role, Z, SIGMA));
            flows.push((appears::BACK_THROUGH_Z, role, Z, MU));
            flows.push((appears::BACK_TO_PARAMETERS, role, SIGMA, LOG_VAR));
        }
        for (stage, role, from, to) in flows {
            if self.reached(stage) {
                self.arrow(role, Dash::Dashed, true, between(from, to, ASIDE));
            }
        }
        if self.reached(appears::BACK_TO_TERMS) {
            self.gradient(role, beside(LOG_LIKELIHOOD, 0.0, -1.17), back.log_likelihood);
            self.gradient(Role::Kl, beside(KL, 1.7, -0.45), back.kl);
        }
        if self.reached(appears::BACK_TO_Z) {
            self.gradient(role, beside(Z, 0.0, -1.17), back.z);
        }
        if self.reached(appears::BACK_THROUGH_Z) {
            if random_z {
                self.stop();
            } else {
                self.gradient(role, beside(SIGMA, 0.0, 1.13), back.sigma);
            }
        }
        if self.reached(appears::BACK_TO_PARAMETERS) {
            self.sum(role, MU, -1.0, back.through_z.mu, back.through_kl.mu);
            self.sum(role, LOG_VAR, 1.0, back.through_z.log_var, back.through_kl.log_var);
        }
    }

    fn gradient(&mut self, role: Role, at: [f64; 2], value: f64) {
        self.text(role, 0.84, at, format!("∂ {}", number(value)));
    }

    /// Crosses where the gradient stops: on both edges that lead back from z.
    fn stop(&mut self) {
        let points = [MU, SIGMA].map(|to| {
            let [x, y, ..] = between(Z, to, 0.0);
            [x, y]
        });
        self.layers.push(Layer::points(Role::Score, Marker::Cross, "", points.to_vec()));
        self.text(Role::Score, 0.84, beside(Z, 0.0, 1.72), "the gradient stops".to_owned());
    }

    /// Both parts of a parameter's derivative and their sum, above (`up` = 1) or below (−1) its node.
    fn sum(&mut self, role: Role, at: [f64; 2], up: f64, through_z: f64, through_kl: f64) {
        let rows = [
            (role, format!("{} via z", number(through_z))),
            (Role::Kl, format!("{} via KL", number(through_kl))),
            (Role::Elbo, format!("∂ {}", number(through_z + through_kl))),
        ];
        let last = rows.len() - 1;
        for (index, (role, text)) in rows.into_iter().enumerate() {
            // In reading order the sum comes last, above and below alike.
            let place = if up > 0.0 { last - index } else { index };
            self.text(role, 0.84, beside(at, 0.0, up * (1.13 + 0.44 * place as f64)), text);
        }
    }
}

fn beside([x, y]: [f64; 2], right: f64, up: f64) -> [f64; 2] {
    [x + right, y + up]
}

/// The segment between the rims of two nodes, `aside` to its left.
fn between(from: [f64; 2], to: [f64; 2], aside: f64) -> [f64; 4] {
    const CLEAR: f64 = RADIUS + 0.12;
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let length = dx.hypot(dy);
    let (ux, uy) = (dx / length, dy / length);
    let (sx, sy) = (-uy * aside, ux * aside);
    [from[0] + CLEAR * ux + sx, from[1] + CLEAR * uy + sy, to[0] - CLEAR * ux + sx, to[1] - CLEAR * uy + sy]
}

fn number(value: f64) -> String {
    // Avoids a minus sign before zero.
    let rounded = (value * 1000.0).round() / 1000.0 + 0.0;
    format!("{rounded:.3}").replace('-', "−")
}

fn alt(question: &Question, answer: &Answer, stage: u32) -> String {
    let (forward, back) = (&answer.forward, &answer.backward);
    let how = match question.route {
        Route::SampleEps => format!("ε = {:.3} is drawn and z = μ + σ ε = {:.3}", forward.eps, forward.z),
        Route::SampleZ => format!("z = {:.3} is drawn from q itself", forward.z),
    };
    let reaches = match question.route {
        Route::SampleEps => "passes z",
        Route::SampleZ => "stops at z, which is random",
    };
    let total = back.total();
    format!(
        "Computation graph of a one-sample ELBO at stage {stage} of 10, {}. {how}; log p(x|z) = {:.3}, KL = {:.3}, ELBO = {:.3}. Backward the gradient {reaches}; the derivative is {:.3} for μ and {:.3} for log σ².",
        title(stage, question.route),
        forward.log_likelihood,
        forward.kl,
        forward.elbo,
        total.mu,
        total.log_var
    )
}
