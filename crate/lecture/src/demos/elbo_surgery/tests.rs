//! Laws of slide 3.3: the three terms of (21) on a VAE in training.
#![allow(clippy::unwrap_used, reason = "tests")]

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use figure::{Snapshot, Value};
use learn::Experiment;
use learn::models::{Encoder, VampPrior, tensor};
use learn::objectives::{log_batch_mixture, log_posterior};
use math::elbo::Normal;
use math::mixture::Mixture;
use math::rng::Rng;

mod priors;

use super::DEMO;
use crate::testing::formulas::{Formulas, Given};
use crate::testing::given::{numbers, wide};
use crate::testing::golden::{narrow, near, parse, wave};
use crate::testing::{advance, defaults, error, named, start, value};

/// What holds at every step, for every N and every prior.
fn check(snapshot: &Snapshot) {
    let [reconstruction, mi, marginal_kl, kl, elbo, residual, log_n] =
        ["reconstruction", "mi", "marginal_kl", "kl", "elbo", "residual", "log_n"].map(|name| value(snapshot, name));
    let sum = reconstruction - mi - marginal_kl;
    assert!((elbo - sum - residual).abs() < 1e-8 && (sum - value(snapshot, "sum")).abs() < 1e-8);
    assert!(residual.abs() < 5.0 * error(snapshot, "residual") + 1e-9, "{:?}", snapshot.readouts);
    assert!(mi > 0.0 && mi < log_n && mi < kl + 5.0 * error(snapshot, "residual"));
    assert!((reconstruction - kl - elbo).abs() < 1e-6);
}

fn set(run: &mut dyn Experiment, changes: &[(&str, Value)]) {
    run.set(&changes.iter().fold(defaults(DEMO), |values, (name, value)| values.with(name, value.clone())));
}

#[test]
fn three_terms_make_the_elbo_all_along() {
    let mut run = start(DEMO, |values| values.with("points", 64.0));
    let first = advance(run.as_mut(), 0);
    check(&first);
    assert!(first.figures.len() == 7 && first.figures.iter().all(|figure| !figure.alt.is_empty()));
    let middle = advance(run.as_mut(), 60);
    check(&middle);
    let late = advance(run.as_mut(), 240);
    check(&late);
    let now = named(&late, "rate_distortion", "step 300");
    assert_eq!(now, [value(&late, "kl"), -value(&late, "reconstruction")]);
    // (1) and (2) rise together: the tension.
    assert!(value(&late, "reconstruction") > value(&first, "reconstruction") + 10.0);
    assert!(value(&late, "mi") > value(&middle, "mi") && value(&middle, "mi") > value(&first, "mi"));
    assert_eq!(late.table.len(), 1 + 300 / 25 + 1);
}

#[test]
fn points_and_prior_are_turned_while_it_runs() {
    let mut run = start(DEMO, |values| values);
    let before = advance(run.as_mut(), 100);
    set(run.as_mut(), &[("points", 4.0.into())]);
    let few = advance(run.as_mut(), 0);
    check(&few);
    assert!((value(&few, "log_n") - 4.0_f64.ln()).abs() < 1e-12 && value(&few, "step") == 100.0);
    assert!(value(&few, "mi") < value(&before, "mi"));
    set(run.as_mut(), &[("points", 4.0.into()), ("prior", "aggregate".into())]);
    let vanished = advance(run.as_mut(), 0);
    check(&vanished);
    assert_eq!((value(&vanished, "marginal_kl"), error(&vanished, "marginal_kl")), (0.0, 0.0));
    // On the images that q(z) is made of, the ELBO with q(z) as prior is larger by (3).
    let larger = value(&vanished, "elbo") - value(&few, "elbo");
    let noise = error(&vanished, "elbo").hypot(error(&few, "elbo"));
    assert!((larger - value(&few, "marginal_kl")).abs() < 5.0 * noise, "{larger} {:?}", few.readouts);
    check(&advance(run.as_mut(), 30));
}

/// "No other prior makes the ELBO larger" is true of the N images that q(z) is made of, and false of others: made of 4 images it is far worse
/// than N(0, I) on those held out, made of a thousand about as good.
#[test]
fn held_out_the_aggregate_of_few_images_is_the_worse_prior() {
    let mut run = start(DEMO, |values| values.with("points", 4.0));
    let few = advance(run.as_mut(), 400);
    let under = |snapshot: &Snapshot| ["heldout_elbo", "heldout_elbo_aggregate"].map(|name| value(snapshot, name));
    let noise = error(&few, "heldout_elbo").hypot(error(&few, "heldout_elbo_aggregate"));
    let [normal, aggregate] = under(&few);
    assert!(normal > aggregate + 0.3 + 4.0 * noise, "{normal} {aggregate} ± {noise}");
    assert!(value(&few, "marginal_kl") > 0.5, "on its own images it would be the better prior");
    set(run.as_mut(), &[("points", 1024.0.into())]);
    let many = advance(run.as_mut(), 0);
    let [same, aggregate] = under(&many);
    assert!((same - normal).abs() < 1e-9, "N(0, I) knows nothing of N");
    assert!((-0.1..0.3).contains(&(aggregate - same)), "{aggregate} {same}");
}

#[test]
fn a_diverged_run_says_so_and_goes_back() {
    let mut run = start(DEMO, |values| values.with("learning_rate", 1.0));
    advance(run.as_mut(), 0);
    let mut seen = false;
    for _ in 0..40 {
        let snapshot = advance(run.as_mut(), 10);
        assert!(snapshot.readouts.iter().all(|readout| readout.value.is_finite()));
        if let figure::Status::Failed(sentence) = &snapshot.status {
            assert!(sentence.contains("learning rate"));
            seen = true;
            break;
        }
    }
    assert!(seen, "a learning rate of 1 is too large");
    run.set(&defaults(DEMO));
    check(&advance(run.as_mut(), 5));
}

#[test]
fn the_batch_aggregate_is_the_mixture_of_the_batch() {
    let (batch, latent) = (6, 3);
    let mut rng = Rng::new(5);
    let mut draw = |scale: f64| (0..batch * latent).map(|_| (scale * rng.normal()) as f32).collect::<Vec<f32>>();
    let (z, mu, log_var) = (draw(2.0), draw(1.0), draw(1.5));
    let device = Device::flex();
    let on = |values: &[f32]| -> Tensor<2> { tensor(values.to_vec(), [batch, latent], &device) };
    let aggregate = numbers(&log_batch_mixture(on(&z), on(&mu), on(&log_var)));
    let own = numbers(&log_posterior(on(&z), on(&mu), on(&log_var)));
    let mixture = Mixture::new(&wide(&mu), &wide(&log_var), latent);
    for (n, z) in wide(&z).chunks_exact(latent).enumerate() {
        assert!((aggregate[n] - mixture.log_density(z)).abs() < 1e-4 * mixture.log_density(z).abs());
        let mut components = vec![0.0; batch];
        mixture.log_components(z, &mut components);
        assert!((own[n] - components[n]).abs() < 1e-4 * components[n].abs());
        assert!(own[n] - aggregate[n] <= (batch as f64).ln() + 1e-4, "never more than log B");
    }
}

/// The same sums in f64; as the page shows them they are compared in `training/terms.rs`.
#[test]
fn the_terms_of_21_are_tensorflows() {
    let reference = parse(include_str!("reference.json"));
    let log_var: Vec<f64> = wave(12, 0.7, 0.8).iter().map(|w| w - 0.5).collect();
    let terms = Mixture::new(&wave(12, 1.3, 1.5), &log_var, 2).surgery_of_all(&narrow(&wave(60, 2.9, 1.2)));
    // Our noise is f32.
    near(&[terms.index_information.mean], &reference["surgery"][1], 1e-7, "② of (21)");
    near(&[terms.marginal_kl.mean], &reference["surgery"][2], 1e-7, "③ of (21)");
}

#[test]
fn every_formula_is_the_function_that_the_demo_uses() {
    let formulas = Formulas::of(include_str!("page.html"), include_str!("formulas.json"));
    // The mean over the data of a term of the linear model's ELBO.
    let mean = |given: &Given, of: fn(&math::elbo::Terms) -> f64| {
        let model = given.linear_gaussian();
        let [x, mu, sigma] = ["x", "mu", "sigma"].map(|name| given.numbers(name));
        let term = |n: usize| of(&model.elbo(x[n], &Normal { mu: mu[n], log_var: 2.0 * sigma[n].ln() }));
        (0..4).map(term).sum::<f64>() / 4.0
    };
    formulas.compare("average", 1e-8, |given| vec![mean(given, |terms| terms.elbo)]);
    formulas.compare("average_kl", 1e-8, |given| vec![given.mixture().average_kl()]);
    formulas.compare("index_posterior", 1e-9, |given| {
        let mut components = vec![0.0; 4];
        let (mixture, z) = (given.mixture(), [given.number("z")]);
        mixture.log_components(&z, &mut components);
        components.iter().map(|log| (log - mixture.log_density(&z) - mixture.log_n()).exp()).collect()
    });
    formulas.compare("index_information", 1e-7, |given| vec![given.mixture().exact_1d().mi; 2]);
    formulas.compare("surgery", 1e-7, |given| {
        let exact = given.mixture().exact_1d();
        vec![mean(given, |terms| terms.reconstruction) - exact.mi - exact.marginal_kl]
    });
    formulas.compare("mixture_prior", 1e-9, |given| {
        let log_var: Vec<f64> = given.numbers("sigma").into_iter().map(|sigma| 2.0 * sigma.ln()).collect();
        vec![Mixture::new(&given.numbers("mu"), &log_var, 2).log_density(&given.numbers("z")).exp()]
    });
    formulas.compare("vamp_prior", 1e-5, |given| {
        let device = Device::flex();
        let on = |name: &str, shape| Param::from_tensor(tensor(given.narrow(name), shape, &device));
        let bias = |name: &str| Some(Param::from_tensor(tensor::<1>(given.narrow(name), [2], &device)));
        let encoder = Encoder {
            convolutions: Vec::new(),
            hidden: Vec::new(),
            mu: Linear { weight: on("weight", [4, 2]), bias: bias("bias") },
            log_var: Linear { weight: on("log_var_weight", [4, 2]), bias: bias("log_var_bias") },
        };
        let prior = VampPrior::new(tensor(given.narrow("u"), [3, 4], &device));
        let (mu, log_var) = prior.components(&encoder);
        let log_density = log_batch_mixture(tensor(given.narrow("z"), [1, 2], &device), mu, log_var);
        numbers(&log_density).into_iter().map(f64::exp).collect()
    });
    formulas.compare("ceiling", 1e-7, |given| {
        let exact = given.mixture().exact_1d();
        vec![0.0, exact.mi, exact.log_n]
    });
    formulas.compare("plane", 1e-8, |given| {
        let (rate, reconstruction) = (mean(given, |terms| terms.kl), mean(given, |terms| terms.reconstruction));
        vec![math::rate_distortion::elbo([rate, -reconstruction])]
    });
    formulas.all_compared();
}
