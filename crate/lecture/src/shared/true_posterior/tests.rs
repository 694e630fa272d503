//! The gaps of the page's own model against NumPy's.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::shared::trained::{DEFAULT_SEED, trained};
use crate::testing::given::{numbers, wide};
use crate::testing::golden::{near, parse};
use figure::Assets;
use learn::images::ImageSet;

/// The page's own model on the first ten digits: by NumPy and SciPy on a finer grid and with another optimiser.
#[test]
fn the_gaps_of_the_pages_own_model_are_those_found_elsewhere() {
    let reference = parse(include_str!("shipped.json"));
    let device = Device::flex();
    let model = trained(&Assets::default(), 64, &device).unwrap();
    let images = ImageSet::digits(DEFAULT_SEED, &device);
    let few: Vec<usize> = (0..10).collect();
    let grid = PosteriorGrid::new(&model.config, &device).unwrap();
    let logs = grid.log_likelihoods(&model.vae.decoder, &model.config, &images.select(&few));
    let (mu, log_var) = model.vae.encoder.forward(images.select(&few));
    let [mu, log_var] = [mu, log_var].map(|table| numbers(&table));
    let posteriors = grid.posteriors(&numbers(&logs));
    let of = |n: usize| posteriors[n].gaps(&mu[2 * n..2 * n + 2], &log_var[2 * n..2 * n + 2]).unwrap();
    let gaps: Vec<_> = few.iter().map(|&n| of(n)).collect();
    let column = |f: fn(&math::evidence::posterior::Gaps) -> f64| gaps.iter().map(f).collect::<Vec<_>>();
    near(&column(|gaps| gaps.evidence.log_px), &reference["log_px"], 3e-5, "log p(x)");
    near(&column(|gaps| gaps.elbo), &reference["elbo"], 3e-5, "ELBO");
    near(&column(|gaps| gaps.best.elbo), &reference["best"], 3e-5, "the best Gaussian's ELBO");
    assert!(gaps.iter().all(|gaps| gaps.approximation > 0.0 && gaps.amortization > 0.0));
    // Their pictures hold nearly all of the mass: the interpolation is a chord below the logarithm, which takes a few per cent.
    for posterior in &posteriors {
        let Layer::Heat(heat) = heat(posterior, (0.0, 1.0)) else { panic!("heat") };
        let cell = (heat.x.1 - heat.x.0) * (heat.y.1 - heat.y.0) / heat.values.len() as f64;
        let mass = wide(&heat.values).iter().sum::<f64>() * cell;
        assert!((0.93..1.005).contains(&mass), "{mass}");
    }
}

#[test]
fn what_is_not_affordable_is_not_tried() {
    let device = Device::flex();
    let config = |pixels, latent, likelihood| VaeConfig::new(pixels, 8, latent, likelihood);
    let has = |config: &VaeConfig| PosteriorGrid::new(config, &device).is_some();
    assert!(has(&config(64, 1, Likelihood::Bernoulli)) && has(&config(64, 2, Likelihood::GaussianPerPixel)));
    assert!(!has(&config(64, 3, Likelihood::Bernoulli)) && !has(&config(784, 2, Likelihood::Bernoulli)));
    assert!(!has(&config(64, 2, Likelihood::Laplace)));
}
