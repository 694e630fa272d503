//! The displayed formulas of slide 1.4 against their second transcription.

use math::elbo::{LinearGaussian, Normal};
use math::iwae;
use math::quadrature::GaussHermite;

use crate::testing::formulas::{Formulas, Given};

fn model(given: &Given) -> (LinearGaussian, f64, Normal) {
    (
        given.linear_gaussian(),
        given.number("x"),
        Normal { mu: given.number("mu"), log_var: 2.0 * given.number("sigma").ln() },
    )
}

#[test]
fn every_formula_is_the_function_that_the_demo_uses() {
    let formulas = Formulas::of(include_str!("../page.html"), include_str!("../formulas.json"));
    formulas.compare("weighted_objective", 1e-9, |given| {
        let (model, x, q) = model(given);
        let terms = model.elbo(x, &q);
        // As the step's objective is put together from a pass.
        let weighted = terms.reconstruction - terms.kl * given.number("beta");
        vec![weighted, terms.elbo]
    });
    let rule = GaussHermite::new(90);
    formulas.compare("importance_bound", 2e-5, |given| {
        let (model, x, q) = model(given);
        let mean = |f: &dyn Fn(f64) -> f64| rule.expectation(0.0, 0.0, f);
        let log_weight = |eps: f64| model.elbo_sample(x, &q, eps);
        let bound = mean(&|first| mean(&|second| iwae::bound(&[log_weight(first), log_weight(second)])));
        vec![mean(&log_weight), bound, model.log_px(x)]
    });
    formulas.all_compared();
}
