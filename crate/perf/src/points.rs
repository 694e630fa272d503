//! What is measured.

use serde_json::{Value, json};

/// Sizes of a dense VAE with a Bernoulli, and the batch: what every peer can be given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Size {
    pub(crate) pixels: usize,
    pub(crate) hidden: usize,
    pub(crate) latent: usize,
    pub(crate) batch: usize,
}

/// Where a point is measured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Work {
    /// A worker of the browser: its script and what it is told.
    Worker { script: &'static str, told: Value, software_gpu: bool },
    /// A Python script and its arguments.
    Python { script: &'static str, arguments: Vec<String> },
}

/// One thing to measure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) name: String,
    /// What `--only` chooses by.
    pub(crate) group: &'static str,
    pub(crate) work: Work,
}

/// Names of the groups, in the order of the table.
pub(crate) const GROUPS: [&str; 5] = ["step", "peers", "simulation", "growth", "webgpu"];

/// The digits of the page: 8×8, as many as a VAE's default batch.
pub(crate) const SMALL: Size = Size { pixels: 64, hidden: 128, latent: 2, batch: 128 };
/// The VAE of most tutorials on MNIST.
pub(crate) const LARGE: Size = Size { pixels: 784, hidden: 400, latent: 20, batch: 128 };
/// A VAE of MNIST whose codes can be drawn.
const PLANE: Size = Size { pixels: 784, hidden: 256, latent: 2, batch: 128 };

impl Size {
    pub(crate) fn name(self) -> String {
        format!("{}-{}-{}", self.pixels, self.hidden, self.latent)
    }

    fn values(self) -> Value {
        let Self { hidden, latent, batch, pixels } = self;
        let data = if pixels == 64 { "digits" } else { "own" };
        json!({ "hidden": hidden, "latent": latent, "batch": batch, "data": data, "seed": 1 })
    }

    fn peer(self, backend: &str) -> Value {
        let Self { pixels, hidden, latent, batch } = self;
        json!({ "backend": backend, "pixels": pixels, "hidden": hidden, "latent": latent, "batch": batch })
    }
}

fn engine(name: String, group: &'static str, demo: &str, values: Value, device: &str) -> Point {
    let bring = values["data"] == "own";
    let whole = demo == "gradient-variance";
    let told = json!({ "device": device, "demo": demo, "values": values, "bring": bring, "whole": whole });
    Point { name, group, work: Work::Worker { script: "engine.js", told, software_gpu: device == "webgpu" } }
}

fn peer(name: String, script: &'static str, size: Size, backend: &str) -> Point {
    let software_gpu = backend == "webgpu";
    let group = if software_gpu { "webgpu" } else { "peers" };
    Point { name, group, work: Work::Worker { script, told: size.peer(backend), software_gpu } }
}

/// Every point, those of the peers too.
pub(crate) fn all() -> Vec<Point> {
    let mut points = Vec::new();
    for size in [SMALL, LARGE, PLANE] {
        points.push(engine(format!("VAE {}", size.name()), "step", "vae", size.values(), "cpu"));
    }
    let convolutional = json!({ "architecture": "convolutional", "data": "own", "seed": 1 });
    points.push(engine("convolutional VAE 28×28".into(), "step", "vae", convolutional, "cpu"));
    for (name, demo) in [
        ("ω side by side", "mi-objective"),
        ("M2", "m2"),
        ("amortized inference", "amortized-inference"),
        ("posterior collapse", "posterior-collapse"),
        ("linear VAE", "linear-vae"),
        ("ELBO surgery", "elbo-surgery"),
    ] {
        points.push(engine(name.into(), "step", demo, json!({ "seed": 1 }), "cpu"));
    }
    for size in [SMALL, LARGE] {
        let name = size.name();
        points.push(peer(format!("TensorFlow.js wasm, {name}"), "tfjs.js", size, "wasm"));
        points.push(peer(format!("jax-js wasm, {name}"), "jax.js", size, "wasm"));
        let arguments = [size.pixels, size.hidden, size.latent, size.batch].map(|number| number.to_string());
        let work = Work::Python { script: "vae.py", arguments: arguments.into() };
        points.push(Point { name: format!("JAX, {name}"), group: "peers", work });
        points.push(peer(format!("TensorFlow.js WebGPU, {name}"), "tfjs.js", size, "webgpu"));
        points.push(peer(format!("jax-js WebGPU, {name}"), "jax.js", size, "webgpu"));
        points.push(engine(format!("VAE WebGPU {name}"), "webgpu", "vae", size.values(), "webgpu"));
    }
    points.push(engine("simulation".into(), "simulation", "gradient-variance", json!({ "seed": 1 }), "cpu"));
    let work = Work::Python { script: "simulation.py", arguments: Vec::new() };
    points.push(Point { name: "NumPy, simulation".into(), group: "simulation", work });
    points.extend(growth().into_iter().map(|(name, _, point)| Point { name, ..point }));
    points
}

/// The quantities that are grown, with the values that they take, in the names `axis = value`.
pub(crate) fn growth() -> Vec<(String, f64, Point)> {
    let mut points = Vec::new();
    let mut grow = |axis: &str, number: usize, demo: &str, values: Value| {
        let name = format!("{axis} = {number}");
        points.push((name.clone(), number as f64, engine(name, "growth", demo, values, "cpu")));
    };
    for batch in [16, 64, 256, 1024] {
        grow("batch", batch, "vae", Size { batch, ..SMALL }.values());
    }
    for hidden in [16, 64, 256, 512] {
        grow("hidden", hidden, "vae", Size { hidden, ..SMALL }.values());
    }
    for latent in [2, 4, 8, 16, 32] {
        grow("latent", latent, "vae", Size { latent, ..SMALL }.values());
    }
    for size in [1_000, 10_000, 100_000, 1_000_000] {
        grow("N", size, "gradient-variance", json!({ "seed": 1, "sizes": [size] }));
    }
    for points in [50, 100, 200] {
        grow("points", points, "amortized-inference", json!({ "seed": 1, "points": points }));
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_point_has_a_name_of_its_own_and_a_known_group() {
        let points = all();
        let names: HashSet<&str> = points.iter().map(|point| point.name.as_str()).collect();
        assert_eq!(names.len(), points.len());
        assert!(points.iter().all(|point| GROUPS.contains(&point.group)));
    }
}
