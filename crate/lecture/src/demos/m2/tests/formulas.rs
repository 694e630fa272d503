//! The displayed formulas of section 5 against their second transcription.

use burn::tensor::{Device, Tensor};
use learn::models::tensor;
use learn::objectives::{labelled_bound, unlabelled_bound};

use crate::testing::formulas::Formulas;

#[test]
fn every_formula_is_the_function_that_the_demo_uses() {
    let formulas = Formulas::of(include_str!("../page.html"), include_str!("../formulas.json"));
    let device = Device::flex();
    formulas.compare("labelled", 1e-6, |given| {
        let terms = given.narrow("terms");
        let [reconstruction, log_prior, kl] = [0, 1, 2].map(|at| Tensor::<1>::from_floats([terms[at]], &device));
        vec![f64::from(labelled_bound(reconstruction, log_prior, kl).into_scalar::<f32>())]
    });
    formulas.compare("unlabelled", 1e-6, |given| {
        let row = |name: &str| -> Tensor<2> { tensor(given.narrow(name), [1, 3], &device) };
        vec![f64::from(unlabelled_bound(row("log_q"), row("bounds")).into_scalar::<f32>())]
    });
    formulas.all_compared();
}
