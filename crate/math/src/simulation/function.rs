//! The functions f of slide 1.8, whose expectation under p(x) = N(theta, 1) is differentiated: the slide's x², and a step, whose slope
//! says nothing.

use super::theory::Region;

/// The function f under the expectation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Function {
    /// f(x) = x²: E f = theta² + 1.
    #[default]
    Square,
    /// f(x) = 1\[x > 0\]: E f = Phi(theta), the distribution function of N(0, 1).
    Step,
}

impl Function {
    /// The true gradient of E f with respect to theta: 2 theta, or the density Phi'(theta) of N(0, 1).
    pub fn gradient(self, theta: f64) -> f64 {
        match self {
            Self::Square => 2.0 * theta,
            Self::Step => Region::Above(-theta).moment(1),
        }
    }

    /// The constant baseline that makes the score estimator's variance smallest.
    ///
    /// b = E\[f(x) s²\]/E\[s²\] with the score s = x - theta (Greensmith, Bartlett and Baxter 2004): [`best_baseline`], or
    /// E\[eps² 1\[eps > -theta\]\] = Phi(theta) - theta Phi'(theta).
    pub fn best_baseline(self, theta: f64) -> f64 {
        match self {
            Self::Square => best_baseline(theta),
            Self::Step => Region::Above(-theta).moment(2),
        }
    }
}

/// The constant baseline that makes the score estimator's variance smallest, theta² + 3.
pub fn best_baseline(theta: f64) -> f64 {
    theta * theta + 3.0
}

/// One score term (10), (x² - b)(x - theta) at x = theta + eps.
pub fn score_sample(theta: f64, baseline: f64, eps: f64) -> f64 {
    let x = theta + eps;
    (x * x - baseline) * eps
}

/// One reparameterized term (11), 2 (theta + eps).
pub fn reparam_sample(theta: f64, eps: f64) -> f64 {
    2.0 * (theta + eps)
}

/// One score term of the step, (1\[x > 0\] - b)(x - theta) at x = theta + eps.
pub fn step_score_sample(theta: f64, baseline: f64, eps: f64) -> f64 {
    let step = if theta + eps > 0.0 { 1.0 } else { 0.0 };
    (step - baseline) * eps
}

/// One reparameterized term of the step, its slope at theta + eps: 0 wherever there is one, which is almost surely.
pub fn step_reparam_sample(_theta: f64, _eps: f64) -> f64 {
    0.0
}
