//! The displayed formulas of section 4 against their second transcription.
#![allow(clippy::unwrap_used, reason = "tests")]

use burn::tensor::{Device, Tensor};
use learn::models::tensor;
use learn::objectives::{marginal_kl, mi_augmented};
use math::mmd::{Kernel, between_gaussians, estimate};

use crate::testing::formulas::{Formulas, Given};

#[test]
fn every_formula_is_the_function_that_the_demo_uses() {
    let formulas = Formulas::of(include_str!("../page.html"), include_str!("../formulas.json"));
    let device = Device::flex();
    let scalar = |value: f64| Tensor::<1>::from_floats([value as f32], &device);
    let objective = |[reconstruction, kl, divergence]: [f64; 3], omega: f64, lambda: f64| {
        let of = mi_augmented(scalar(reconstruction), scalar(kl), || scalar(divergence), omega, lambda);
        vec![f64::from(of.into_scalar::<f32>())]
    };
    let of_terms = |given: &Given| objective(given.numbers("terms").try_into().unwrap(), given.number("omega"), 1.0);
    formulas.compare("objective", 1e-6, of_terms);
    formulas.compare("derivation", 1e-6, of_terms);
    formulas.compare("batch_estimate", 1e-5, |given| {
        let rows = |name: &str| -> Tensor<2> { tensor(given.narrow(name), [5, 2], &device) };
        vec![f64::from(marginal_kl(rows("z"), rows("mu"), rows("log_var")).mean().into_scalar::<f32>())]
    });
    formulas.compare("mmd2", 1e-8, |given| {
        let log_var = 2.0 * given.number("sigma").ln();
        vec![between_gaussians(&[given.number("mu")], &[log_var], &[0.0], &[0.0], given.number("two_s2"))]
    });
    formulas.compare("kernels", 1e-9, |given| {
        let (a, b) = (given.numbers("a"), given.numbers("b"));
        let squared: f64 = a.iter().zip(&b).map(|(a, b)| (a - b) * (a - b)).sum();
        let two_s2 = 2.0 * given.number("s").powi(2);
        vec![Kernel::Rbf { two_s2 }.at(squared), Kernel::InverseMultiquadratic { c: given.number("c") }.at(squared)]
    });
    formulas.compare("unbiased", 1e-9, |given| {
        let kernel = Kernel::Rbf { two_s2: given.number("two_s2") };
        vec![estimate(&given.numbers("z"), &given.numbers("y"), 2, kernel).unbiased]
    });
    formulas.compare("likelihood_free", 1e-6, |given| {
        let terms = ["reconstruction", "kl", "mmd2"].map(|name| given.number(name));
        objective(terms, given.number("omega"), given.number("lambda"))
    });
    formulas.all_compared();
}
