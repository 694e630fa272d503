//! `cargo perf`: this project and its peers on the same work, in one run, in the same browser, on the same machine.
//!
//! Every repetition of every point has a fresh browser with a fresh worker, which primes itself until its pace no longer improves, since a
//! browser runs fresh code slowly for its first seconds; a round measures all points once, in random order, so that a machine that is
//! slow for a while is slow for all of them. The results are medians over the rounds, in `target/perf/results.json` every single one.

mod browser;
mod growth;
mod page;
mod peers;
mod points;
mod statistics;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use browser::Browser;
use growth::Curve;
use math::rng::Rng;
use peers::Peers;
use points::{GROUPS, Point, Work};
use serde_json::{Value, json};
use table::Results;

const HELP: &str = "\
cargo perf [--site FOLDER] [--only GROUP,GROUP] [--repetitions N] [--seed N] [--quick]
    Measures the site of `cargo dist` and its peers, prints a table, and writes target/perf/results.json and, where growth was measured,
    tests/growth.svg. Groups: step, peers, simulation, growth, webgpu, page. --quick takes one repetition with little priming.";

/// How a run is made.
struct Options {
    site: PathBuf,
    only: Option<Vec<String>>,
    repetitions: usize,
    seed: u64,
    quick: bool,
}

fn options(root: &Path) -> Result<Options> {
    let mut options = Options { site: root.join("dist"), only: None, repetitions: 5, seed: 1, quick: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} wants a value\n\n{HELP}"));
        match word.as_str() {
            "--site" => options.site = value()?.into(),
            "--only" => options.only = Some(value()?.split(',').map(str::to_owned).collect()),
            "--repetitions" => options.repetitions = value()?.parse()?,
            "--seed" => options.seed = value()?.parse()?,
            "--quick" => options.quick = true,
            _ => bail!("{HELP}"),
        }
    }
    if options.quick {
        options.repetitions = 1;
    }
    let groups = || GROUPS.into_iter().chain(["page"]);
    if let Some(unknown) = options.only.iter().flatten().find(|name| !groups().any(|group| group == *name)) {
        bail!("There is no group “{unknown}”.\n\n{HELP}");
    }
    if !options.site.join("index.html").is_file() {
        bail!("{} holds no site: run `cargo dist` first.", options.site.display());
    }
    options.site = options.site.canonicalize()?;
    Ok(options)
}

impl Options {
    fn wants(&self, group: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|name| name == group))
    }

    /// What a worker is told of time, in ms.
    fn timing(&self, point: &Point) -> (f64, f64) {
        // A step on a software adapter takes a tenth of a second.
        match (self.quick, point.group) {
            (true, _) => (4000.0, 300.0),
            (false, "webgpu") => (12_000.0, 2000.0),
            (false, _) => (8000.0, 700.0),
        }
    }
}

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let options = options(&root)?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(&root, &options))
}

async fn run(root: &Path, options: &Options) -> Result<()> {
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("perf");
    let needs_peers = ["peers", "simulation", "webgpu"].iter().any(|group| options.wants(group));
    let peers = if needs_peers {
        Peers::install(&root.join("crate/perf/peers"), &folder.join("peers"))?
    } else {
        Peers::none(&folder.join("peers"))
    };
    let address = browser::serve(&served(root, options, &folder)?)?;
    let points: Vec<Point> = points::all().into_iter().filter(|point| options.wants(point.group)).collect();
    let (mut results, mut told) = (Results::new(), Vec::new());
    if options.wants("page") {
        for (name, size) in page::sizes(&options.site)? {
            results.entry("page".into()).or_default().insert(name, vec![size]);
        }
    }
    let mut version = String::new();
    let mut rng = Rng::new(options.seed);
    for round in 1..=options.repetitions {
        for point in shuffled(&points, &mut rng) {
            let found = match measured(point, options, &peers, &address, &mut version).await {
                Ok(Some(found)) => found,
                Ok(None) => continue,
                Err(error) => {
                    eprintln!("{}: {error:#}", point.name);
                    continue;
                }
            };
            eprintln!("round {round} of {}: {}: {found}", options.repetitions, point.name);
            for (quantity, value) in found.as_object().into_iter().flatten() {
                let place = results.entry(point.name.clone()).or_default().entry(quantity.clone()).or_default();
                place.extend(value.as_f64());
            }
            told.push(json!({ "round": round, "point": point.name, "found": found }));
        }
        if options.wants("page") {
            match page::visit(&address, &options.site).await {
                Ok(found) => {
                    for (name, value) in found {
                        results.entry("page".into()).or_default().entry(name).or_default().push(value);
                    }
                }
                Err(error) => eprintln!("page: {error:#}"),
            }
        }
        // After every round: who ends the run early has what was measured.
        let all = json!({ "machine": machine(root, &version), "seed": options.seed, "results": results, "told": told });
        fs::write(folder.join("results.json"), serde_json::to_vec_pretty(&all)?)?;
    }
    let names: Vec<String> =
        points.iter().filter(|point| point.group != "growth").map(|point| point.name.clone()).collect();
    println!("{}", table::table(&results, &names));
    let curves = curves(&results);
    for curve in &curves {
        println!("{}", curve.label());
    }
    if !curves.is_empty() {
        fs::write(root.join("tests/growth.svg"), growth::picture(&curves)?)?;
    }
    Ok(())
}

/// A folder with the site, the peers and the pages of this crate.
fn served(root: &Path, options: &Options, folder: &Path) -> Result<PathBuf> {
    let served = folder.join("served");
    if served.exists() {
        fs::remove_dir_all(&served)?;
    }
    fs::create_dir_all(&served)?;
    for entry in fs::read_dir(root.join("crate/perf/pages"))? {
        let entry = entry?;
        fs::copy(entry.path(), served.join(entry.file_name()))?;
    }
    symlink(&options.site, served.join("site"))?;
    symlink(folder.join("peers"), served.join("peers"))?;
    Ok(served)
}

/// The points in random order.
fn shuffled<'a>(points: &'a [Point], rng: &mut Rng) -> Vec<&'a Point> {
    let mut keyed: Vec<(f64, &Point)> = points.iter().map(|point| (rng.uniform(), point)).collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    keyed.into_iter().map(|(_, point)| point).collect()
}

/// One measurement; none where its peer is not to be had.
async fn measured(
    point: &Point,
    options: &Options,
    peers: &Peers,
    address: &str,
    version: &mut String,
) -> Result<Option<Value>> {
    let (prime, span) = options.timing(point);
    match &point.work {
        Work::Python { script, arguments } => {
            let timing = [prime, span].map(|ms| ms.to_string());
            let arguments: Vec<String> = arguments.iter().cloned().chain(timing).collect();
            peers.python.then(|| peers.python(script, &arguments)).transpose()
        }
        Work::Worker { script, told, software_gpu } => {
            if *script != "engine.js" && !peers.npm {
                return Ok(None);
            }
            let mut told = told.clone();
            (told["primeMs"], told["spanMs"]) = (json!(prime), json!(span));
            let browser = Browser::open(*software_gpu).await?;
            if version.is_empty() {
                *version = browser.version().await;
            }
            let found = browser.worker(address, script, told).await;
            browser.close().await;
            found.map(Some)
        }
    }
}

/// What was grown, and its medians.
fn curves(results: &Results) -> Vec<Curve> {
    let mut curves: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for (name, value, _) in points::growth() {
        let axis = name.split(" = ").next().unwrap_or_default().to_owned();
        if let Some(summary) = table::summary(results, &name, "step") {
            curves.entry(axis).or_default().push((value, summary.median));
        }
    }
    curves.into_iter().map(|(axis, points)| Curve { axis, points }).collect()
}

/// Processor, cores, browser and commit.
fn machine(root: &Path, version: &str) -> Value {
    let text = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).current_dir(root).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor.lines().find_map(|line| line.strip_prefix("model name")?.split(':').nth(1).map(str::trim));
    json!({
        "processor": model,
        "cores": std::thread::available_parallelism().map(usize::from).ok(),
        "browser": version,
        "commit": text("git", &["rev-parse", "HEAD"]),
        "date": text("date", &["-u", "+%Y-%m-%d"]),
    })
}
