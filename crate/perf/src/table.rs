//! The table: every figure, and beside it the goal that it is held to.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::statistics::Summary;

/// Measurements by point and quantity: `step`, `snapshot`, `first` in ms, `dispatches`, `submits`, and of the page what it is named.
pub(crate) type Results = BTreeMap<String, BTreeMap<String, Vec<f64>>>;

/// One quantity's summary.
pub(crate) fn summary(results: &Results, point: &str, quantity: &str) -> Option<Summary> {
    Summary::of(results.get(point)?.get(quantity)?)
}

/// At most `most` times another point's, or `most` itself.
struct Goal {
    point: &'static str,
    quantity: &'static str,
    most: f64,
    beside: &'static [&'static str],
}

const fn goal(point: &'static str, quantity: &'static str, most: f64, beside: &'static [&'static str]) -> Goal {
    Goal { point, quantity, most, beside }
}

const SMALL_GPU: &[&str] = &["TensorFlow.js WebGPU, 64-128-2", "jax-js WebGPU, 64-128-2"];
const LARGE_GPU: &[&str] = &["TensorFlow.js WebGPU, 784-400-20", "jax-js WebGPU, 784-400-20"];

/// What the project wants to be, in one run on one machine. Beside several peers the fastest counts.
const GOALS: &[Goal] = &[
    goal("VAE 64-128-2", "step", 0.2, &["TensorFlow.js wasm, 64-128-2"]),
    goal("VAE 64-128-2", "step", 2.5, &["JAX, 64-128-2"]),
    goal("VAE 784-400-20", "step", 0.16, &["TensorFlow.js wasm, 784-400-20"]),
    goal("VAE 784-400-20", "step", 0.42, &["jax-js wasm, 784-400-20"]),
    goal("VAE 784-400-20", "step", 3.0, &["JAX, 784-400-20"]),
    // 1,000 steps in 15 s, of which snapshots may take a quarter.
    goal("VAE 784-256-2", "step", 11.25, &[]),
    goal("simulation", "step", 0.25, &["NumPy, simulation"]),
    goal("VAE WebGPU 64-128-2", "step", 1.0, SMALL_GPU),
    goal("VAE WebGPU 64-128-2", "first", 1.0, &["TensorFlow.js WebGPU, 64-128-2"]),
    goal("VAE WebGPU 64-128-2", "dispatches", 45.0, &[]),
    goal("VAE WebGPU 64-128-2", "submits", 1.0, &[]),
    goal("VAE WebGPU 64-128-2", "snapshot_dispatches", 12.0, &[]),
    goal("VAE WebGPU 784-400-20", "step", 1.0, LARGE_GPU),
    goal("VAE WebGPU 784-400-20", "first", 1.0, &["TensorFlow.js WebGPU, 784-400-20"]),
    goal("page", "kB before the first sketch", 400.0, &[]),
    goal("page", "kB of the CPU engine", 500.0, &[]),
    goal("page", "kB of the WebGPU engine", 2200.0, &[]),
    goal("page", "ms to the first sketch, slowed fourfold", 1500.0, &[]),
    goal("page", "ms to the first VAE step, slowed fourfold", 4000.0, &[]),
    goal("page", "ms of the page's longest task while a VAE trains", 50.0, &[]),
];

/// The Markdown tables.
pub(crate) fn table(results: &Results, names: &[String]) -> String {
    let mut text = String::from(
        "| what | a step | first step | a snapshot | dispatches, submits a step | dispatches a snapshot |\n|---|---|---|---|---|---|\n",
    );
    for name in names {
        let of = |quantity: &str| summary(results, name, quantity);
        let Some(step) = of("step") else { continue };
        let time = |summary: Option<Summary>| {
            summary.map_or("–".to_owned(), |summary| format!("{} ms", figure(summary.median)))
        };
        let spread = format!("{} ms ({} to {})", figure(step.median), figure(step.smallest), figure(step.largest));
        let count = |quantity: &str| of(quantity).map_or("–".to_owned(), |summary| figure(summary.median));
        let counts =
            of("dispatches").map_or("–".to_owned(), |_| format!("{}, {}", count("dispatches"), count("submits")));
        let [first, snapshot, shown] = [time(of("first")), time(of("snapshot")), count("snapshot_dispatches")];
        let _ = writeln!(text, "| {name} | {spread} | {first} | {snapshot} | {counts} | {shown} |");
    }
    text += "\n| goal | figure | reached |\n|---|---|---|\n";
    for goal in GOALS {
        if let Some((words, figure, reached)) = judged(results, goal) {
            let _ = writeln!(text, "| {words} | {figure} | {} |", if reached { "yes" } else { "no" });
        }
    }
    text
}

/// A goal in words, the figure, and whether it is reached; none where something was not measured.
fn judged(results: &Results, goal: &Goal) -> Option<(String, String, bool)> {
    let ours = summary(results, goal.point, goal.quantity)?.median;
    let what = if goal.quantity == "step" {
        goal.point.to_owned()
    } else {
        format!("{}, {}", goal.point, goal.quantity.replace('_', " "))
    };
    if goal.beside.is_empty() {
        return Some((format!("{what}: at most {}", figure(goal.most)), figure(ours), ours <= goal.most));
    }
    let theirs = goal.beside.iter().filter_map(|point| Some((summary(results, point, goal.quantity)?.median, *point)));
    let (best, point) = theirs.min_by(|a, b| a.0.total_cmp(&b.0))?;
    let words = format!("{what}: at most {} × {point}", goal.most);
    Some((words, format!("{:.2} × ({} and {})", ours / best, figure(ours), figure(best)), ours <= goal.most * best))
}

/// Three significant digits.
fn figure(value: f64) -> String {
    if value.abs() >= 99.95 || value.fract() == 0.0 {
        format!("{value:.0}")
    } else if value.abs() >= 9.995 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results() -> Results {
        let of = |step: f64| BTreeMap::from([("step".to_owned(), vec![step])]);
        [("VAE 64-128-2", 2.0), ("TensorFlow.js wasm, 64-128-2", 13.0), ("JAX, 64-128-2", 0.5), ("VAE 784-256-2", 14.0)]
            .map(|(name, step)| (name.to_owned(), of(step)))
            .into()
    }

    #[test]
    fn a_goal_is_judged_beside_its_peer_or_by_itself() {
        let text = table(&results(), &["VAE 64-128-2".to_owned()]);
        assert!(text.contains("| VAE 64-128-2 | 2 ms (2 to 2) | – |"), "{text}");
        assert!(
            text.contains("| VAE 64-128-2: at most 0.2 × TensorFlow.js wasm, 64-128-2 | 0.15 × (2 and 13) | yes |"),
            "{text}"
        );
        assert!(text.contains("| VAE 64-128-2: at most 2.5 × JAX, 64-128-2 | 4.00 × (2 and 0.50) | no |"), "{text}");
        assert!(text.contains("| VAE 784-256-2: at most 15 | 14 | yes |"), "{text}");
    }

    #[test]
    fn what_was_not_measured_is_not_judged() {
        let text = table(&results(), &[]);
        assert!(!text.contains("jax-js") && !text.contains("NumPy"), "{text}");
    }
}
