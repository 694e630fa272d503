//! Laws of slide 3.1: (17) for posteriors placed by the user, at random, and by a trained VAE.
#![allow(clippy::unwrap_used, reason = "tests")]

use figure::{Assets, Layer, Pointer, Snapshot, Value, Values};
use math::mixture::Mixture;
use math::rng::Rng;

use super::DEMO;
use crate::shared::posteriors as own;
use crate::testing::formulas::Formulas;
use crate::testing::golden::{narrow, near, parse, wave};
use crate::testing::{defaults, error, layers, sketch, value};

fn look(change: impl FnOnce(Values) -> Values) -> Snapshot {
    sketch(DEMO, &Assets::default(), change)
}

/// The laws that hold for all posteriors.
fn check(snapshot: &Snapshot, grid_loses: f64) {
    let [kl, mi, marginal_kl, log_n] =
        ["kl", "exact_mi", "exact_marginal_kl", "log_n"].map(|name| value(snapshot, name));
    assert!((kl - mi - marginal_kl).abs() < grid_loses, "{:?}", snapshot.readouts);
    assert!(mi > -1e-9 && mi < log_n + 1e-9 && mi < kl + grid_loses && marginal_kl > -grid_loses);
    let below = value(snapshot, "exact_below");
    assert!(below < mi + grid_loses, "from below: {:?}", snapshot.readouts);
    for (sampled, exact) in [("mi", mi), ("marginal_kl", marginal_kl), ("residual", 0.0), ("below", below)] {
        let off = (value(snapshot, sampled) - exact).abs();
        assert!(
            off < 5.0 * error(snapshot, sampled) + grid_loses,
            "{sampled} is off by {off}: {:?}",
            snapshot.readouts
        );
    }
    let sum = value(snapshot, "mi") + value(snapshot, "marginal_kl") + value(snapshot, "residual");
    assert!((sum - kl).abs() < 1e-9, "the residual is what the sampled bars lack");
}

#[test]
fn the_bars_add_up_for_posteriors_anywhere() {
    let mut rng = Rng::new(3);
    for dims in ["1", "2"] {
        for n in [1.0, 2.0, 7.0, 32.0] {
            let places = |count: usize, rng: &mut Rng| (0..count).map(|_| 1.5 * rng.normal()).collect::<Vec<_>>();
            let (line, plane) = (places(32, &mut rng), places(64, &mut rng));
            let sigma = 0.2 + 1.5 * rng.uniform();
            check(
                &look(|values| {
                    let values = values.with("dims", dims).with("points", n).with("sigma", sigma);
                    values.with("line", line).with("plane", plane)
                }),
                1e-8,
            );
        }
    }
}

/// "Exact" is exact to 1e-3 nats at the edges of the controls: means at the corners of the frame, the least and the largest spread and
/// width, one posterior and the most.
#[test]
fn exact_is_exact_at_the_edges_of_the_controls() {
    let corners = [6.0, 6.0, -6.0, 6.0, -6.0, -6.0, 6.0, -6.0].repeat(8);
    for dims in ["1", "2"] {
        for (n, spread) in [(1.0, 4.0), (4.0, 1.0), (4.0, 4.0), (32.0, 4.0), (32.0, 0.0)] {
            for (sigma, decoder) in [(0.05, 0.5), (0.05, 4.0), (3.0, 0.5), (3.0, 1.0), (3.0, 4.0)] {
                let snapshot = look(|values| {
                    let values = values.with("dims", dims).with("points", n).with("spread", spread);
                    let values = values.with("sigma", sigma).with("decoder", decoder);
                    values.with("plane", corners.clone()).with("line", corners[..32].to_vec())
                });
                check(&snapshot, 1e-3);
            }
        }
        for (spread, decoder) in [(0.0, 0.5), (1.0, 0.5), (1.0, 4.0), (4.0, 1.0), (4.0, 0.5)] {
            let trained = |v: Values| v.with("source", "trained").with("points", 32.0).with("dims", dims);
            let snapshot = look(|values| trained(values).with("spread", spread).with("decoder", decoder));
            check(&snapshot, 1e-3);
        }
    }
}

#[test]
fn pulled_apart_they_say_log_n_and_on_one_spot_nothing() {
    for dims in ["1", "2"] {
        let together = look(|values| values.with("dims", dims).with("spread", 0.0).with("sigma", 0.3));
        check(&together, 1e-9);
        assert!(value(&together, "exact_mi").abs() < 1e-9);
        assert!((value(&together, "exact_marginal_kl") - value(&together, "kl")).abs() < 1e-9);
        let on_the_prior = look(|values| values.with("dims", dims).with("spread", 0.0).with("sigma", 1.0));
        for name in ["kl", "exact_mi", "exact_marginal_kl", "mi", "marginal_kl"] {
            assert!(value(&on_the_prior, name).abs() < 1e-6, "{name}");
        }
        let apart = look(|values| values.with("dims", dims).with("spread", 4.0).with("sigma", 0.1));
        check(&apart, 1e-4);
        assert!((value(&apart, "exact_mi") - 6.0_f64.ln()).abs() < 1e-3, "{:?}", apart.readouts);
        assert!(value(&apart, "kl") > value(&apart, "log_n"), "the average KL knows no ceiling");
    }
}

/// At w = 1 the bound from below is I(x,z), sample for sample; elsewhere it falls, on either side, and I(x,z) stays.
#[test]
fn the_bound_from_below_touches_at_the_inverse_only() {
    for (dims, source) in [("1", "hand"), ("2", "hand"), ("1", "trained"), ("2", "trained")] {
        let at = |decoder: f64| {
            look(|values| {
                values.with("dims", dims).with("source", source).with("points", 12.0).with("decoder", decoder)
            })
        };
        let shown = [0.5, 0.7, 0.9, 1.0, 1.3, 2.0, 4.0].map(at);
        let of = |name: &str| shown.each_ref().map(|snapshot| value(snapshot, name));
        let (exact, mi) = (of("exact_below"), of("exact_mi"));
        assert!(mi.iter().all(|one| *one == mi[0]), "I(x,z) belongs to the encoder");
        assert_eq!(value(&shown[3], "below"), value(&shown[3], "mi"));
        assert_eq!(error(&shown[3], "below"), error(&shown[3], "mi"));
        assert!((exact[3] - mi[3]).abs() < 1e-12);
        assert!(exact[..4].is_sorted() && exact[3..].iter().rev().is_sorted(), "{exact:?}");
        assert!(exact[2] < mi[0] - 1e-3 && exact[4] < mi[0] - 1e-3, "{exact:?}");
        // The shortcut at w = 1 is what the quadrature finds just beside it.
        let beside = value(&at(1.0 + 1e-6), "exact_below");
        assert!((beside - exact[3]).abs() < 1e-5, "{beside} {}", exact[3]);
    }
    // Too sure of itself: below 0.
    let sure = look(|values| values.with("decoder", 0.5).with("spread", 0.5));
    assert!(value(&sure, "exact_below") < 0.0 && value(&sure, "exact_mi") > 0.0);
}

/// Between the bounds lies -ELBO - log N: KL[q(n,z)‖p(z) p(n|z)], the sum of what each of them lacks.
#[test]
fn between_the_bounds_lies_what_the_elbo_lacks() {
    for (decoder, sigma) in [(0.6, 0.4), (2.0, 0.5), (3.0, 1.5)] {
        let shown = look(|values| values.with("decoder", decoder).with("sigma", sigma));
        let values = defaults(DEMO);
        let mu = &values.list("line")[..6];
        let wide = Mixture::new(mu, &[2.0 * f64::ln(sigma * decoder); 6], 1);
        let q = Mixture::new(mu, &[2.0 * f64::ln(sigma); 6], 1);
        let grid = math::quadrature::Grid::new(-16.0, 16.0, 8001);
        // The ELBO of one x = n: E_q[log p(n|z)] - KL[q(z|n)‖p(z)], on a grid.
        let mut elbo = 0.0;
        for &z in &grid.points {
            let (mut of_q, mut logits) = ([0.0; 6], [0.0; 6]);
            q.log_components(&[z], &mut of_q);
            wide.log_components(&[z], &mut logits);
            let all = math::gaussian::log_sum_exp(&logits);
            let prior = math::gaussian::log_prior(&[z]);
            let terms = of_q.iter().zip(&logits).map(|(q, logit)| q.exp() * (logit - all + prior - q));
            elbo += terms.sum::<f64>() / 6.0 * grid.step;
        }
        let between = value(&shown, "kl") - value(&shown, "exact_below");
        assert!((between - (-elbo - value(&shown, "log_n"))).abs() < 1e-6, "{between} {elbo}");
        assert!(between > 0.0);
    }
}

#[test]
fn a_trained_vae_obeys_the_same_laws() {
    let line = look(|values| values.with("source", "trained").with("points", 32.0));
    check(&line, 1e-6);
    assert!(value(&line, "exact_mi") > 1.0 && line.figure("posteriors").unwrap().pointer.is_none());
    let plane = look(|values| values.with("source", "trained").with("points", 32.0).with("dims", "2"));
    check(&plane, 1e-4);
    assert!(value(&plane, "exact_mi") > value(&line, "exact_mi"), "two dimensions hold more than one");
}

#[test]
fn the_picture_says_what_the_numbers_say() {
    let snapshot = look(|values| values.with("spread", 2.0));
    let tops: Vec<f64> = layers(&snapshot, "bars")
        .iter()
        .filter_map(|layer| if let Layer::Bars { bars, .. } = layer { Some(bars.last()?[3]) } else { None })
        .collect();
    // The bound from below lies across both bars of I(x,z).
    let across: Vec<f64> = layers(&snapshot, "bars")
        .iter()
        .filter_map(|layer| if let Layer::Line { points, .. } = layer { Some(points[0][1]) } else { None })
        .collect();
    assert_eq!(across, [value(&snapshot, "below"), value(&snapshot, "exact_below")]);
    assert!((tops[0] - value(&snapshot, "kl")).abs() < 1e-12 && (tops[2] - tops[0]).abs() < 1e-9, "{tops:?}");
    // The points in the figure are where the pointer action expects them: the list times the spread.
    let figure = snapshot.figure("posteriors").unwrap();
    let Some(Pointer::DragScaled { count, scale, .. }) = figure.pointer else { panic!("draggable") };
    assert_eq!((count, scale), (6, 2.0));
    let defaults = defaults(DEMO);
    let handles = layers(&snapshot, "posteriors").iter().rev().find_map(|layer| match layer {
        Layer::Points { points, .. } => Some(points.clone()),
        _ => None,
    });
    for (handle, place) in handles.unwrap().iter().zip(defaults.list("line")) {
        assert!((handle[0] - 2.0 * place).abs() < 1e-12);
    }
    assert_eq!(snapshot.table.len(), 7);
}

/// A weight file with a table inside, of a VAE with three dimensions of which the second has the smallest average KL.
fn file_with(table: &str) -> Assets {
    let metadata = std::collections::HashMap::from([(own::KEY.to_owned(), table.to_owned())]);
    let nothing: Vec<(String, safetensors::tensor::TensorView<'_>)> = Vec::new();
    let bytes = safetensors::serialize(nothing, Some(metadata)).unwrap();
    Assets(std::collections::BTreeMap::from([("model".to_owned(), bytes)]))
}

#[test]
fn the_persons_vae_is_shown_in_the_dimensions_that_say_most() {
    let mu = [1.5, 0.1, -2.0, -1.5, -0.1, 2.5, 0.5, 0.0, 0.25];
    let log_var = [-2.0, 0.0, -3.0, -2.0, -0.1, -3.0, -2.5, 0.0, -2.0];
    let written = own::written(&[4, 7, 9], &mu, &log_var);
    let show = |dims: &str| {
        sketch(DEMO, &file_with(&written), |values| {
            values.with("source", "own").with("dims", dims).with("points", Value::Number(3.0))
        })
    };
    for (dims, kept) in [("1", &[2][..]), ("2", &[0, 2])] {
        let snapshot = show(dims);
        assert!(snapshot.notes.is_empty(), "{:?}", snapshot.notes);
        check(&snapshot, if dims == "2" { 1e-4 } else { 1e-8 });
        // Equation (5) for each posterior and kept dimension, averaged over the three.
        let kl = |n: usize, j: usize| {
            let (mu, log_var) = (f64::from(mu[3 * n + j]), f64::from(log_var[3 * n + j]));
            -0.5 * (1.0 + log_var - mu * mu - log_var.exp())
        };
        let by_hand = (0..3).flat_map(|n| kept.iter().map(move |&j| kl(n, j))).sum::<f64>() / 3.0;
        assert!((value(&snapshot, "kl") - by_hand).abs() < 1e-4, "{} against {by_hand}", value(&snapshot, "kl"));
    }
}

#[test]
fn without_a_vae_of_ones_own_the_pages_is_shown_and_the_reason_said() {
    let own_of = |assets: &Assets, dims: &str| sketch(DEMO, assets, |v| v.with("source", "own").with("dims", dims));
    let pages = look(|values| values.with("source", "trained"));
    for (assets, dims, word) in [
        (Assets::default(), "1", "1.4"),
        (file_with("4,not a number"), "1", "1.4"),
        (file_with("1,2,3\n4,5"), "1", "1.4"),
        (file_with(&own::written(&[1, 2], &[0.5, 1.0], &[-1.0, -1.0])), "2", "one latent dimension"),
    ] {
        let shown = own_of(&assets, dims);
        assert!(shown.notes.iter().any(|note| note.contains(word)), "{:?}", shown.notes);
        if dims == "1" {
            assert_eq!(shown.readouts, pages.readouts);
        }
    }
}

#[test]
fn the_terms_of_17_are_tensorflows() {
    const N: usize = 6;
    const LATENT: usize = 2;
    const SAMPLES: usize = 5;
    let reference = parse(include_str!("reference.json"));
    let mu = wave(N * LATENT, 1.3, 1.5);
    let log_var: Vec<f64> = wave(N * LATENT, 0.7, 0.8).iter().map(|w| w - 0.5).collect();
    let mixture = Mixture::new(&mu, &log_var, LATENT);
    let beside: Vec<f64> = mu.iter().map(|mu| mu + 0.3).collect();
    let density: Vec<f64> = beside.chunks_exact(LATENT).map(|z| mixture.log_density(z)).collect();
    near(&density, &reference["log_aggregate"], 1e-14, "log q(z)");

    let eps = narrow(&wave(SAMPLES * N * LATENT, 2.9, 1.2));
    let terms = mixture.surgery_of_all(&eps);
    let below = [0.5, 1.0, 2.0].map(|width| mixture.from_below_of_all(&mixture.widened(width), &eps).mean);
    near(&below, &reference["from_below"], 1e-6, "the bound from below");
    near(&[mixture.average_kl()], &reference["mi_bound"][0], 1e-14, "the average KL");
    // Our noise is f32.
    near(&[terms.mi.mean], &reference["mi_bound"][1], 1e-7, "I(x, z)");
    near(&[terms.marginal_kl.mean], &reference["mi_bound"][2], 1e-7, "KL[q(z)||p(z)]");
}

#[test]
fn every_formula_is_the_function_that_the_demo_uses() {
    let formulas = Formulas::of(include_str!("page.html"), include_str!("formulas.json"));
    formulas.compare("aggregate", 1e-9, |given| vec![given.mixture().log_density(&[given.number("z")]).exp()]);
    formulas.compare("joint", 1e-9, |given| {
        let mut components = vec![0.0; 4];
        given.mixture().log_components(&[given.number("z")], &mut components);
        components.into_iter().map(|log_density| log_density.exp() / 4.0).collect()
    });
    formulas.compare("mutual_information", 1e-7, |given| vec![given.mixture().exact_1d().mi]);
    formulas.compare("bound", 1e-7, |given| {
        let exact = given.mixture().exact_1d();
        assert!((exact.kl - exact.mi - exact.marginal_kl).abs() < 1e-7);
        vec![given.mixture().average_kl()]
    });
    formulas.compare("from_below", 1e-7, |given| {
        let q = given.mixture();
        let below = q.exact_from_below(&q.widened(given.number("w"))).mean;
        assert!((below - given.number("below")).abs() < 1e-7, "{below}");
        vec![q.exact_1d().mi]
    });
    formulas.all_compared();
}
