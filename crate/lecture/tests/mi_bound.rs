//! Laws of slide 3.1: (17) for posteriors placed by hand, at random, and by a trained VAE.
#![allow(clippy::unwrap_used, reason = "tests")]

use figure::{Figure, Layer, Picture, Pointer, Snapshot, Values};
use lecture::{Run, demo};
use math::rng::Rng;

fn look(change: impl FnOnce(Values) -> Values) -> Snapshot {
    let demo = demo("mi-bound").unwrap();
    let controls = (demo.controls)();
    let (values, notes) = Values::complete(&controls, &change(Values::defaults(&controls)));
    assert!(notes.is_empty(), "{notes:?}");
    let Run::Sketch(sketch) = demo.run else { panic!("mi-bound is a sketch") };
    sketch(&values)
}

fn value(snapshot: &Snapshot, name: &str) -> f64 {
    snapshot.readout(name).unwrap()
}

fn error(snapshot: &Snapshot, name: &str) -> f64 {
    snapshot.readouts.iter().find(|readout| readout.name == name).unwrap().error.unwrap()
}

/// The laws that hold whatever the posteriors are.
fn check(snapshot: &Snapshot, grid_loses: f64) {
    let [kl, mi, marginal_kl, log_n] =
        ["kl", "exact_mi", "exact_marginal_kl", "log_n"].map(|name| value(snapshot, name));
    assert!((kl - mi - marginal_kl).abs() < grid_loses, "{:?}", snapshot.readouts);
    assert!(mi > -1e-9 && mi < log_n + 1e-9 && mi < kl + grid_loses && marginal_kl > -grid_loses);
    for (sampled, exact) in [("mi", mi), ("marginal_kl", marginal_kl), ("residual", 0.0)] {
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

#[test]
fn a_trained_vae_obeys_the_same_laws() {
    let line = look(|values| values.with("source", "trained").with("points", 32.0));
    check(&line, 1e-6);
    assert!(value(&line, "exact_mi") > 1.0 && line.figure("posteriors").unwrap().pointer.is_none());
    let plane = look(|values| values.with("source", "trained").with("points", 32.0).with("dims", "2"));
    check(&plane, 1e-4);
    assert!(value(&plane, "exact_mi") > value(&line, "exact_mi"), "two dimensions hold more than one");
}

fn layers(figure: &Figure) -> &[Layer] {
    let Picture::Chart(chart) = &figure.picture else { panic!("a chart") };
    &chart.layers
}

#[test]
fn the_picture_says_what_the_numbers_say() {
    let snapshot = look(|values| values.with("spread", 2.0));
    let tops: Vec<f64> = layers(snapshot.figure("bars").unwrap())
        .iter()
        .filter_map(|layer| if let Layer::Bars { bars, .. } = layer { Some(bars.last()?[3]) } else { None })
        .collect();
    assert!((tops[0] - value(&snapshot, "kl")).abs() < 1e-12 && (tops[2] - tops[0]).abs() < 1e-9, "{tops:?}");
    // The handles are where the pointer looks for them: the spread times the list.
    let figure = snapshot.figure("posteriors").unwrap();
    let Some(Pointer::DragScaled { count, scale, .. }) = figure.pointer else { panic!("draggable") };
    assert_eq!((count, scale), (6, 2.0));
    let controls = (demo("mi-bound").unwrap().controls)();
    let defaults = Values::defaults(&controls);
    let handles = layers(figure).iter().rev().find_map(|layer| match layer {
        Layer::Points { points, .. } => Some(points.clone()),
        _ => None,
    });
    for (handle, place) in handles.unwrap().iter().zip(defaults.list("line")) {
        assert!((handle[0] - 2.0 * place).abs() < 1e-12);
    }
    assert_eq!(snapshot.table.len(), 7);
}
