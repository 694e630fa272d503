//! The rate–distortion plane of section 4: its hull as it fills, and what its sweeps of ω and β say.
#![allow(clippy::unwrap_used, reason = "tests")]

use figure::{Layer, Snapshot, Status};

use super::{DEMO, small};
use crate::testing::{advance, layers, start};

/// A row of the export: the weights as written, whether it is finished, rate, distortion and its error.
#[derive(Debug)]
struct Line {
    omega: String,
    beta: String,
    done: bool,
    rate: f64,
    distortion: f64,
    error: f64,
}

fn lines(snapshot: &Snapshot) -> Vec<Line> {
    let [head, rows @ ..] = &snapshot.table[..] else { panic!("no table") };
    let column = |name: &str| head.iter().position(|cell| cell == name).unwrap();
    rows.iter()
        .map(|row| {
            let text = |name: &str| row[column(name)].clone();
            let number = |name: &str| text(name).parse::<f64>().unwrap();
            Line {
                omega: text("omega"),
                beta: text("beta"),
                done: text("done") == "true",
                rate: number("kl"),
                distortion: -number("reconstruction"),
                error: number("reconstruction_error"),
            }
        })
        .collect()
}

/// The edge of the shaded region: (rate, distortion) of the hull, and beyond its last point level to the right.
fn hull(snapshot: &Snapshot) -> Vec<[f64; 2]> {
    let band = layers(snapshot, "rate_distortion").iter().find_map(|layer| match layer {
        Layer::Band { points, .. } => Some(points.iter().map(|[rate, _, distortion]| [*rate, *distortion]).collect()),
        _ => None,
    });
    band.unwrap_or_default()
}

/// As the plane fills, every finished value is on or above the hull, whose corners are finished values, falling and convex.
#[test]
fn finished_values_are_on_or_above_the_hull_as_it_fills() {
    let mut run = start(DEMO, |values| {
        small(values).with("view", "sweep_both").with("sweep_points", 5.0).with("sweep_steps", 60.0)
    });
    for finished in [0, 6, 9] {
        let snapshot = advance(run.as_mut(), if finished == 0 { 0 } else { 60 });
        let lines: Vec<Line> = lines(&snapshot).into_iter().filter(|line| line.done).collect();
        let hull = hull(&snapshot);
        assert_eq!((lines.len(), hull.is_empty()), (finished, finished == 0));
        let Some((level, corners)) = hull.split_last() else { continue };
        assert!(level[1] == corners.last().unwrap()[1]);
        for corner in corners {
            assert!(lines.iter().any(|line| [line.rate, line.distortion] == *corner), "{corner:?} {lines:?}");
        }
        let slopes: Vec<f64> = corners.windows(2).map(|w| (w[1][1] - w[0][1]) / (w[1][0] - w[0][0])).collect();
        assert!(slopes.iter().all(|slope| *slope < 0.0) && slopes.is_sorted(), "{slopes:?}");
        for line in &lines {
            for side in hull.windows(2).filter(|side| (side[0][0]..=side[1][0]).contains(&line.rate)) {
                let share = (line.rate - side[0][0]) / (side[1][0] - side[0][0]);
                let edge = side[0][1] + share * (side[1][1] - side[0][1]);
                assert!(line.distortion >= edge - 1e-9, "{line:?} {edge}");
            }
            assert!(line.rate >= hull[0][0]);
        }
    }
    assert!(run.finished());
}

/// ω and β have a column each, ω = 1 is β = 1, and every value is trained once. Without β there is no column of it.
#[test]
fn the_export_tells_omega_from_beta() {
    let begun = |view: &str| {
        let mut run =
            start(DEMO, |values| small(values).with("view", view).with("sweep_points", 5.0).with("sweep_steps", 50.0));
        advance(run.as_mut(), 100)
    };
    let both = begun("sweep_both");
    assert_eq!(both.status, Status::Done);
    let weights: Vec<_> = lines(&both).into_iter().map(|line| (line.omega, line.beta)).collect();
    let expected = [
        ("0", ""),
        ("0.25", ""),
        ("0.5", ""),
        ("0.75", ""),
        ("1", "1"),
        ("", "0.1"),
        ("", "0.32"),
        ("", "3.2"),
        ("", "10"),
    ];
    assert_eq!(weights, expected.map(|(omega, beta)| (omega.to_owned(), beta.to_owned())));
    let omega = begun("sweep");
    assert!(!omega.table[0].contains(&"beta".to_owned()));
    assert_eq!(omega.table.len(), 6);
    // The values of ω do not know of those of β beside them.
    for row in &omega.table[1..] {
        let beside = both.table.iter().find(|other| other[0] == row[0]).unwrap();
        assert_eq!(row[1..], beside[2..]);
    }
}

/// What section 4 says of the plane: seed 1, 600 steps, five values of each.
#[test]
fn beta_draws_the_lower_edge_and_omega_leaves_it() {
    let mut run = start(DEMO, |values| values.with("view", "sweep_both").with("sweep_points", 5.0).with("seed", 1.0));
    let snapshot = advance(run.as_mut(), 1200);
    assert_eq!(snapshot.status, Status::Done);
    let lines = lines(&snapshot);
    println!("{lines:?}");
    let beta = |beta: &str| lines.iter().find(|line| line.beta == beta).unwrap();
    let omega = |omega: &str| lines.iter().find(|line| line.omega == omega).unwrap();

    // Between two values of β a nat of rate buys a distortion between them, and at 3 there is no code.
    let weights = ["0.1", "0.32", "1", "3.2"];
    for pair in weights.windows(2) {
        let (low, high) = (beta(pair[0]), beta(pair[1]));
        let price = (high.distortion - low.distortion) / (low.rate - high.rate);
        let error = (low.error + high.error) / (low.rate - high.rate);
        let [least, most] = [pair[0], pair[1]].map(|beta| beta.parse::<f64>().unwrap());
        assert!((least - 2.0 * error..most + 2.0 * error).contains(&price), "{pair:?}: {price} ± {error}");
    }
    assert!(beta("3.2").rate < 0.01 && beta("10").rate < 0.01 && beta("1").rate > 2.0);

    // The ELBO is largest at 1, or near it.
    let elbo = |line: &Line| -line.rate - line.distortion;
    let best = lines.iter().map(elbo).fold(f64::NEG_INFINITY, f64::max);
    assert!(best - elbo(beta("1")) < 0.15, "{best} {}", elbo(beta("1")));
    assert!([beta("0.32"), beta("3.2"), omega("0.25"), omega("0")].iter().all(|line| elbo(line) < best - 1.0));

    // Information costs rate: it rises as ω falls. ω follows the edge between β = 1 and β = 0.32, then leaves it.
    let rates = ["1", "0.75", "0.5", "0.25", "0"].map(|at| omega(at).rate);
    assert!(rates.is_sorted(), "{rates:?}");
    let [right, left] = [beta("0.32"), beta("1")];
    for at in ["0.75", "0.5", "0.25"] {
        let share = (omega(at).rate - left.rate) / (right.rate - left.rate);
        let above = omega(at).distortion - left.distortion - share * (right.distortion - left.distortion);
        assert!((0.0..1.0).contains(&share) && above < 0.3, "{at}: {share} {above}");
    }
    let (spent, enough) = (omega("0"), beta("0.32"));
    assert!((spent.distortion - enough.distortion).abs() < 0.4, "{spent:?} {enough:?}");
    assert!(enough.rate < 0.55 * spent.rate, "{spent:?} {enough:?}");
}
