//! The displayed formulas of slide 1.1 against their second transcription.

use math::wheel::{Family, Gaussian, Wheel};

use crate::testing::formulas::Formulas;

#[test]
fn every_formula_is_the_function_that_the_demo_uses() {
    let formulas = Formulas::of(include_str!("../page.html"), include_str!("../formulas.json"));
    let pair = |numbers: Vec<f64>| [numbers[0], numbers[1]];
    formulas.compare("gaps", 1e-7, |given| {
        let (wheel, x) = (Wheel::new(1, given.number("sigma_x")), pair(given.numbers("x")));
        let q = Gaussian::diagonal([given.number("mu"), 0.0], [2.0 * given.number("sigma").ln(), 0.0]);
        let ours = [wheel.log_px(x), wheel.elbo(x, &wheel.best(x, Family::Diagonal)), wheel.elbo(x, &q)];
        for (ours, theirs) in ours.iter().zip(given.numbers("parts")) {
            assert!((ours - theirs).abs() < 1e-7, "{ours} against {theirs}");
        }
        let [log_px, best, elbo] = ours;
        vec![(log_px - best) + (best - elbo)]
    });
    formulas.compare("families", 1e-7, |given| {
        let (wheel, x) = (Wheel::new(2, given.number("sigma_x")), pair(given.numbers("x")));
        let best = |family| wheel.elbo(x, &wheel.best(x, family));
        vec![best(Family::Diagonal), best(Family::Full), wheel.log_px(x)]
    });
    formulas.compare("decoder", 1e-9, |given| {
        let (wheel, z) = (Wheel::new(2, given.number("sigma_x")), pair(given.numbers("z")));
        let [right, up] = wheel.decode(z);
        vec![right, up, wheel.log_likelihood(pair(given.numbers("x")), z)]
    });
    formulas.all_compared();
}
