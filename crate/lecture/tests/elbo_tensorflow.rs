//! Slides 1.3 and 1.7 against TensorFlow: the ELBO of one latent dimension, and its gradient three times.
//!
//! Reference: `python3 tests/reference/elbo_tensorflow.py > tests/reference/elbo_tensorflow.json` (TensorFlow 2.21, CPU).

#[path = "support/golden.rs"]
mod golden;

use golden::{near, parse};
use math::elbo::{LinearGaussian, Normal, log_var};
use math::gaussian::lemma_1_1d;
use math::reparam::trace::{Route, backward, elbo_difference};
use math::reparam::{Gradient, closed_form};

const EPS: [f32; 4] = [-1.5, -0.25, 0.5, 2.0];
const X: f64 = 1.1;

#[test]
fn the_terms_are_tensorflows() {
    let reference = parse(include_str!("../../../tests/reference/elbo_tensorflow.json"));
    let model = LinearGaussian { mu_p: 0.3, sigma_p: 1.2, weight: -0.8, bias: 0.0, sigma_x: 0.6 };
    let q = Normal { mu: -0.4, log_var: log_var(0.7) };
    let terms = model.elbo(X, &q);
    let ours = [terms.reconstruction, terms.expected_log_prior, terms.entropy];
    near(&ours, &reference["terms"], 1e-14, "(2), (3), (4)");
    // (2) by Lemma 1 too: under q the decoder's mean is Gaussian.
    let spread = q.log_var + log_var(model.weight.abs());
    let lemma = lemma_1_1d(model.weight * q.mu, spread, X, log_var(model.sigma_x));
    near(&[lemma], &reference["terms"][0], 1e-14, "Lemma 1");
    let estimate = model.elbo_estimate(X, &q, &EPS);
    near(&[estimate.mean, estimate.standard_error], &reference["monte_carlo"], 1e-14, "Monte Carlo");
}

#[test]
fn the_gradients_are_tensorflows() {
    let reference = parse(include_str!("../../../tests/reference/elbo_tensorflow.json"));
    let model = LinearGaussian { mu_p: 0.0, sigma_p: 1.0, weight: -0.8, bias: 0.0, sigma_x: 0.6 };
    let q = Normal { mu: -0.4, log_var: -0.7 };
    let pair = |gradient: Gradient| [gradient.mu, gradient.log_var];
    for (route, name) in [(Route::SampleEps, "sample eps"), (Route::SampleZ, "sample z")] {
        let each = EPS.map(|eps| backward(&model, X, &q, f64::from(eps), route).total());
        near(&pair(Gradient::mean(each)), &reference["autodiff"][name], 1e-14, name);
    }
    // Divided by 2h, rounding is 1e-12.
    let difference = elbo_difference(&model, X, &q, &EPS, 1e-4);
    near(&pair(difference), &reference["finite_difference"], 1e-10, "finite differences");
    near(&pair(closed_form(&model, X, &q)), &reference["closed_form"], 1e-14, "closed form");
}
