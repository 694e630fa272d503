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

/// What section 4 says of the plane: seed 1, 600 steps, nine values of ω and eight of β.
#[test]
fn beta_draws_an_edge_and_omega_leaves_it() {
    let mut run = start(DEMO, |values| values.with("view", "sweep_both").with("seed", 1.0));
    let snapshot = advance(run.as_mut(), 1800);
    assert_eq!(snapshot.status, Status::Done);
    let lines = lines(&snapshot);
    let mut betas: Vec<(f64, &Line)> =
        lines.iter().filter_map(|line| Some((line.beta.parse::<f64>().ok()?, line))).collect();
    betas.sort_by(|a, b| a.0.total_cmp(&b.0));
    let beta = |at: f64| betas.iter().find(|(beta, _)| *beta == at).unwrap().1;
    let omega = |omega: &str| lines.iter().find(|line| line.omega == omega).unwrap();

    // Between two values of β a nat of rate saves a distortion between them, and from 3.2 there is no code.
    for pair in betas.windows(2).filter(|pair| pair[1].0 <= 3.2) {
        let [(least, low), (most, high)] = [pair[0], pair[1]];
        let saved = (high.distortion - low.distortion) / (low.rate - high.rate);
        let error = (low.error + high.error) / (low.rate - high.rate);
        assert!((least - 2.0 * error..most + 2.0 * error).contains(&saved), "{least} {most}: {saved} ± {error}");
    }
    assert!(betas.iter().all(|(beta, line)| if *beta >= 3.2 { line.rate < 0.01 } else { line.rate > 0.5 }));

    // The ELBO is largest at 1, or near it.
    let elbo = |line: &Line| -line.rate - line.distortion;
    let best = lines.iter().map(elbo).fold(f64::NEG_INFINITY, f64::max);
    assert!(best - elbo(beta(1.0)) < 0.2, "{best} {}", elbo(beta(1.0)));
    assert!([0.1, 0.32, 1.8, 3.2].iter().all(|&at| elbo(beta(at)) < best - 1.0));
    assert!(["0", "0.125", "0.25"].iter().all(|at| elbo(omega(at)) < best - 1.0));

    // The rate rises as ω falls: along the line through those of β down to a half, then above it.
    let values = ["1", "0.875", "0.75", "0.625", "0.5", "0.375", "0.25", "0.125", "0"];
    assert!(values.map(|at| omega(at).rate).is_sorted());
    let above = |line: &Line| {
        let side = betas.windows(2).find(|pair| (pair[1].1.rate..pair[0].1.rate).contains(&line.rate)).unwrap();
        let [right, left] = [side[0].1, side[1].1];
        let share = (line.rate - left.rate) / (right.rate - left.rate);
        line.distortion - left.distortion - share * (right.distortion - left.distortion)
    };
    assert!(values[1..5].iter().all(|at| above(omega(at)) < 0.15), "{:?}", values.map(omega));
    assert!((0.1..0.4).contains(&above(omega("0.25"))), "{}", above(omega("0.25")));
    let (last, before) = (omega("0"), omega("0.125"));
    assert!(last.rate > beta(0.1).rate && (0.7..1.8).contains(&(last.distortion - beta(0.1).distortion)), "{last:?}");
    assert!((9.0..11.5).contains(&(last.rate - before.rate)), "{last:?} {before:?}");
    assert!((0.3..0.5).contains(&(before.distortion - last.distortion)), "{last:?} {before:?}");

    // The page says 8 nats instead of 19.
    let enough = beta(0.32);
    assert!((last.distortion - enough.distortion).abs() < 0.2, "{last:?} {enough:?}");
    assert!((enough.rate - 8.0).abs() < 0.5 && (last.rate - 19.0).abs() < 0.5, "{last:?} {enough:?}");
}
