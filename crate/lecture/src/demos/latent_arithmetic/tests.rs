//! Slide 1.6: both paths, their norms and an analogy, on the built-in models, against TensorFlow and SciPy.

#![allow(clippy::unwrap_used, reason = "tests")]

use burn::tensor::Device;
use figure::{Assets, Dash, Layer, Marker, Role, Snapshot, Values};
use learn::models::tensor;
use learn::vae_trainer::Pass;
use math::chi;
use math::estimate::Estimate;
use math::interpolate::{analogy, interpolate, interpolate_spherical};

use super::DEMO;
use super::training::Depth;
use crate::shared::trained;
use crate::testing::formulas::Formulas;
use crate::testing::given::numbers;
use crate::testing::golden::{near, parse, wave};
use crate::testing::{advance, begin, changed, images, layers, start, value};

#[test]
fn the_ways_are_tensorflows() {
    let reference = parse(include_str!("reference.json"));
    let (z1, z2, z3) = (wave(5, 1.1, 1.3), wave(5, 0.7, 0.9), wave(5, 2.3, 0.4));
    near(&interpolate(&z1, &z2, 4), &reference["interpolate"], 1e-14, "straight");
    near(&interpolate_spherical(&z1, &z2, 4), &reference["interpolate_spherical"], 1e-14, "on the sphere");
    near(&analogy(&z1, &z2, &z3), &reference["analogy"], 1e-14, "z1 - z2 + z3");
}

#[test]
fn a_way_has_the_slides_rows_and_ends_at_its_codes() {
    for path in ["linear", "spherical"] {
        let mut run = start(DEMO, |v| v.with("steps", 4.0).with("path", path));
        let snapshot = advance(run.as_mut(), 0);
        assert_eq!(images(&snapshot, "strip").count(), 6, "interpolate(start, end, steps) gives steps + 2 rows");
    }
    // The same image twice: a path of length 0, and z₁ − z₁ + z₁ = z₁.
    for operation in ["interpolate", "analogy"] {
        let same = |v: Values| v.with("first", vec![3.0]).with("second", vec![3.0]).with("third", vec![3.0]);
        let mut run = start(DEMO, |v| same(v).with("operation", operation));
        let length = value(&advance(run.as_mut(), 0), "path_length");
        assert!(length < 1e-9, "{operation}: {length}");
    }
}

#[test]
fn a_drawing_is_encoded_and_the_blank_pad_is_not() {
    let mut run = start(DEMO, |v| v);
    let blank = advance(run.as_mut(), 0);
    assert!(value(&blank, "drawing_reconstruction").is_nan());
    let one: Vec<f64> = (0..64).map(|pixel| if pixel % 8 == 3 || pixel % 8 == 4 { 1.0 } else { 0.0 }).collect();
    let mut run = start(DEMO, |v| v.with("drawing", one));
    let drawn = advance(run.as_mut(), 0);
    assert!(value(&drawn, "drawing_kl") > 0.0);
    assert!(images(&drawn, "encoded").pixels.iter().any(|&pixel| pixel > 100));
}

/// A drawing of the user's own images is ignored by the built-in model, whose images are 8×8.
#[test]
fn a_drawing_of_another_size_is_no_drawing() {
    let mut run = start(DEMO, |v| v.with("drawing", vec![1.0; 784]));
    let snapshot = advance(run.as_mut(), 0);
    assert!(value(&snapshot, "drawing_kl").is_nan());
    assert_eq!(images(&snapshot, "pad").width, 8);
}

/// The slide's call: N pairs z1, z2 ~ N(0, I), each with `steps` codes between them, drawn by the seed.
#[test]
fn pairs_from_the_prior_run_as_on_the_slide() {
    let at = |seed: f64, path: &str| {
        let change = |v: Values| v.with("operation", "prior").with("steps", 4.0).with("seed", seed).with("path", path);
        advance(start(DEMO, change).as_mut(), 0)
    };
    let snapshot = at(3.0, "linear");
    let strip = images(&snapshot, "strip");
    assert_eq!((strip.columns, strip.count()), (6, 4 * 6), "a row of steps + 2 codes for each pair");
    assert!(images(&at(4.0, "linear"), "strip") != strip, "another seed, other codes");
    // Straight is the shortest way.
    assert!(value(&at(3.0, "spherical"), "path_length") > value(&snapshot, "path_length"));
    assert!(value(&at(3.0, "spherical"), "lowest_log_prior").is_finite());
}

#[test]
fn the_norm_of_the_prior_is_scipys() {
    let reference = parse(include_str!("reference.json"));
    let at = |d: usize, r: f64| [chi::log_density(r, d).exp(), chi::cdf(r, d), chi::mean(d)];
    let ours: Vec<f64> =
        [1, 2, 16, 50].iter().flat_map(|&d| [0.4, 1.3, 4.0, 7.5].map(|r| at(d, r))).flatten().collect();
    near(&ours, &reference["prior_norm"], 1e-12, "density, distribution function and mean");
}

/// The share of the images' codes with a norm below `below`, by the bars of the figure.
fn codes_inside(layers: &[Layer], below: f64) -> f64 {
    let bars = layers.iter().find_map(|layer| match layer {
        Layer::Bars { role: Role::Aggregate, bars, .. } => Some(bars),
        _ => None,
    });
    bars.unwrap().iter().map(|&[from, to, _, p]| p * (below.clamp(from, to) - from)).sum()
}

/// The slide's claim, of its own call: between draws of the prior straight paths cut through where few codes are in 16
/// dimensions and many in 2; spherical ones stay among them in both.
#[test]
fn straight_ways_leave_the_shell_of_many_dimensions_and_spherical_ones_do_not() {
    for (dimensions, latent, straight_inside, codes) in
        [("default", 2, 0.15..0.27, 0.1..0.3), ("sixteen", 16, 0.03..0.11, 0.0..0.02)]
    {
        let mut rng = math::rng::Rng::new(12);
        let mut code = || (0..latent).map(|_| rng.normal()).collect::<Vec<f64>>();
        let depth = Depth::of(&(0..2000).map(|_| [code(), code()]).collect::<Vec<_>>());
        assert!(straight_inside.contains(&depth.straight_inside), "{latent}: {depth:?}");
        assert!((0.26..0.37).contains(&depth.spherical_inside), "{latent}: {depth:?}");

        let snapshot =
            advance(start(DEMO, |v| v.with("operation", "prior").with("dimensions", dimensions)).as_mut(), 0);
        assert!((value(&snapshot, "prior_norm") - chi::mean(latent)).abs() < 1e-12);
        assert!(value(&snapshot, "straight_norm") < value(&snapshot, "spherical_norm"));
        assert!(value(&snapshot, "straight_inside") < value(&snapshot, "spherical_inside"));
        let figure = layers(&snapshot, "norms");
        let inside = codes_inside(figure, depth.straight);
        assert!(codes.contains(&inside), "{latent}: {inside} of the codes are nearer to 0 than straight ways come");
        assert!((0.2..0.5).contains(&codes_inside(figure, depth.spherical)), "{latent}");
        // The codes of each way keep above its lowest norm, and the straight one's come nearer to 0.
        let nearest = |of: Marker| {
            let norms = figure.iter().filter_map(|layer| match layer {
                Layer::Points { marker, points, .. } if *marker == of => Some(points.iter().map(|point| point[0])),
                _ => None,
            });
            norms.flatten().fold(f64::INFINITY, f64::min)
        };
        let [straight, spherical] = [Marker::Dot, Marker::Cross].map(nearest);
        assert!(straight < spherical && spherical.is_finite(), "{latent}: {straight} {spherical}");
        // What is drawn are densities: of all the codes, and of the prior.
        assert!((codes_inside(figure, f64::MAX) - 1.0).abs() < 1e-9);
        let prior = figure.iter().find_map(|layer| match layer {
            Layer::Line { role: Role::Prior, dash: Dash::Dashed, points, .. } => Some(points),
            _ => None,
        });
        let area: f64 = prior.unwrap().windows(2).map(|p| 0.5 * (p[0][1] + p[1][1]) * (p[1][0] - p[0][0])).sum();
        assert!((area - 1.0).abs() < 1e-3, "{latent}: {area}");
    }
}

/// The model of 16 dimensions does not ask for the user's, whose file may be one that can not be used.
#[test]
fn sixteen_dimensions_are_the_pages_own_whatever_is_kept() {
    let damaged = figure::Assets([("model".to_owned(), vec![1, 2, 3])].into());
    assert!(begin(DEMO, &damaged, |v| v).is_err());
    let mut run = begin(DEMO, &damaged, |v| v.with("dimensions", "sixteen").with("drawing", vec![0.5; 64])).unwrap();
    let snapshot = advance(run.as_mut(), 0);
    assert!(snapshot.notes[0].contains("16 latent dimensions"), "{:?}", snapshot.notes);
    assert!(value(&snapshot, "drawing_kl") > 0.0 && value(&snapshot, "drawing_reconstruction").is_finite());
}

/// The same image twice: both paths stay at its code.
#[test]
fn a_way_of_no_length_has_the_norm_of_its_code() {
    for dimensions in ["default", "sixteen"] {
        let same = |v: Values| v.with("first", vec![3.0]).with("second", vec![3.0]).with("dimensions", dimensions);
        let snapshot = advance(start(DEMO, same).as_mut(), 0);
        let [straight, spherical] = ["straight_norm", "spherical_norm"].map(|name| value(&snapshot, name));
        assert!((straight - spherical).abs() < 1e-12 && straight > 0.0, "{straight} and {spherical}");
        // log p(z) = -(M log 2π + ‖z‖²)/2.
        let latent = if dimensions == "sixteen" { 16.0 } else { 2.0 };
        let log_prior = -0.5 * (latent * std::f64::consts::TAU.ln() + straight * straight);
        assert!((log_prior - value(&snapshot, "lowest_log_prior")).abs() < 1e-9);
    }
}

#[test]
fn every_formula_is_the_function_that_the_demo_uses() {
    let formulas = Formulas::of(include_str!("page.html"), include_str!("formulas.json"));
    formulas.compare("paths", 1e-9, |given| {
        let steps = given.number("steps") as usize;
        let straight = interpolate(&given.numbers("z1"), &given.numbers("z2"), steps);
        [straight, interpolate_spherical(&given.numbers("unit1"), &given.numbers("unit2"), steps)].concat()
    });
    formulas.compare("norm_of_the_prior", 1e-12, |given| {
        let d = given.number("d") as usize;
        vec![chi::log_density(given.number("r"), d).exp(), chi::mean(d)]
    });
    formulas.all_compared();
}

fn heat(snapshot: &Snapshot) -> Option<&figure::Heat> {
    layers(snapshot, "latent").iter().find_map(|layer| if let Layer::Heat(heat) = layer { Some(heat) } else { None })
}

/// Asked for, the posterior of z₁'s image lies under its code, follows the presses and goes again; and the gaps are what its ELBO lacks, by
/// samples that know nothing of the grid.
#[test]
fn the_true_posterior_of_the_first_image_follows_the_presses() {
    const SAMPLES: usize = 4000;
    let with = |list: f64| changed(DEMO, |values| values.with("first", vec![list]).with("true_posterior", true));
    let mut run = start(DEMO, |values| values);
    let off = advance(run.as_mut(), 0);
    assert!(heat(&off).is_none() && off.readout("log_px").is_none());
    let device = Device::flex();
    let (model, images) = trained::with_images(&Assets::default(), &device).unwrap();
    let mut seen = Vec::new();
    for place in [2, 7] {
        run.set(&with(place as f64));
        let shown = advance(run.as_mut(), 0);
        let ring = layers(&shown, "latent").iter().find_map(|layer| match layer {
            Layer::Classes { marker: Marker::Circle, points, .. } => Some(points[0]),
            _ => None,
        });
        let (heat, ring) = (heat(&shown).unwrap(), ring.unwrap());
        assert!((heat.x.0..heat.x.1).contains(&ring[0]) && (heat.y.0..heat.y.1).contains(&ring[1]), "{ring:?}");
        let x = images.select(&[images.heldout[place]]).repeat_dim(0, SAMPLES);
        let eps = tensor(math::rng::Rng::new(6).normals(SAMPLES * 2), [SAMPLES, 2], &device);
        let pass = Pass::new(&model.vae, &model.config, x, eps);
        let elbo = Estimate::of(&numbers(&(pass.reconstruction.clone() - pass.kl())));
        let gaps = ["approximation_gap", "amortization_gap"].map(|name| value(&shown, name));
        assert!(gaps.iter().all(|gap| (0.0..2.0).contains(gap)), "{gaps:?}");
        let lacks = value(&shown, "log_px") - gaps[0] - gaps[1];
        assert!((lacks - elbo.mean).abs() < 4.5 * elbo.standard_error + 1e-3, "{lacks} {elbo:?}");
        seen.push(heat.clone());
    }
    assert_ne!(seen[0], seen[1]);
    run.set(&changed(DEMO, |values| values.with("true_posterior", true).with("operation", "prior")));
    assert!(heat(&advance(run.as_mut(), 0)).is_none(), "pairs from the prior are codes of no image");
    let mut many = start(DEMO, |values| values.with("true_posterior", true).with("dimensions", "sixteen"));
    assert!(heat(&advance(many.as_mut(), 0)).is_none());
}
