//! `cargo verify`: every check there is, cheapest first, until one fails.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};

use crate::dist;
use crate::files::{self, Places};
use crate::toolchain::{Toolchain, has};

/// What is compiled for tests, outside the browser and in it: one selection, since another would compile the tensors again.
/// The experiments need the feature beside their crate.
const NATIVE: &str = "--package math --package data --package figure --package plots --package learn --package lecture \
                      --package page --package server --package xtask --package tests \
                      --features lecture/training,xtask/dist";

/// The step that only runs when it is asked for: what is published differs from the quickly built site by the linker's work
/// alone, which takes longer than all the tests.
const DIST: &str = "dist";

/// One step: its name on the command line, its heading, its work.
struct Step {
    name: &'static str,
    heading: &'static str,
    work: fn(&Places) -> Result<Count>,
}

const STEPS: [Step; 11] = [
    Step { name: "tools", heading: "Tools", work: tools },
    Step { name: "format", heading: "Formatting", work: format },
    Step { name: "typos", heading: "Spelling", work: typos },
    Step { name: "deny", heading: "Dependencies: faults, licences, sources", work: deny },
    Step { name: "shell", heading: "The shell: types and tests", work: shell },
    Step { name: "clippy", heading: "Clippy", work: clippy },
    Step { name: "doc", heading: "Documentation", work: doc },
    Step { name: "test", heading: "Unit tests, laws and walls", work: test },
    Step { name: "site", heading: "Building the site, quickly", work: site },
    Step { name: DIST, heading: "Building the site as it is published", work: published },
    Step { name: "browser", heading: "Tests in the browser", work: browser },
];

/// Tests that passed and failed, summed over the test runner's summaries.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Count {
    passed: usize,
    failed: usize,
}

/// Runs all steps, or those that `only` names with commas between them.
pub(crate) fn verify(places: &Places, only: Option<&str>) -> Result<()> {
    let only: Vec<&str> = only.into_iter().flat_map(|names| names.split(',')).collect();
    if let Some(unknown) = only.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        bail!("There is no step “{unknown}”; the steps are {}.", names.join(", "));
    }
    let mut sum = Count::default();
    let wanted = |step: &&Step| if only.is_empty() { step.name != DIST } else { only.contains(&step.name) };
    for step in STEPS.iter().filter(wanted) {
        println!("\n== {} ({}) ==", step.heading, step.name);
        let since = Instant::now();
        let count = (step.work)(places).with_context(|| format!("Step “{}” failed", step.name))?;
        sum.passed += count.passed;
        sum.failed += count.failed;
        // The test runner's summary stays the last line of a step of tests.
        if count == Count::default() {
            println!("{}: done, {} s", step.heading, since.elapsed().as_secs());
        }
    }
    if sum.passed > 0 {
        println!("{} passed, {} failed", sum.passed, sum.failed);
    }
    Ok(())
}

/// The browser and its driver; on a Debian machine as root they are installed, elsewhere what is missing is named.
fn tools(places: &Places) -> Result<Count> {
    Toolchain::prepare(places)?;
    let mut missing = Vec::new();
    for component in ["fmt", "clippy"] {
        if !places.cargo().args([component, "--version"]).stdout(Stdio::null()).status().is_ok_and(|s| s.success()) {
            missing.push(format!("cargo {component} (rustup component add {})", component.replace("fmt", "rustfmt")));
        }
    }
    if !has("chromedriver") && may_install() {
        println!("Installing Chromium and its driver.");
        print_and_run(Command::new("apt-get").args(["update", "--quiet"]))?;
        print_and_run(
            Command::new("apt-get")
                .args(["install", "--yes", "--quiet", "chromium", "chromium-driver"])
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )?;
    }
    if !has("chromedriver") {
        missing.push("chromedriver, with its Chromium (Debian: apt-get install chromium chromium-driver)".to_owned());
    }
    if missing.is_empty() {
        return Ok(Count::default());
    }
    Err(anyhow!("This machine lacks\n    {}", missing.join("\n    ")))
}

fn may_install() -> bool {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"));
    root && Path::new("/etc/debian_version").is_file() && has("apt-get")
}

fn format(places: &Places) -> Result<Count> {
    print_and_run(places.cargo().args(["fmt", "--all", "--check"]))
}

fn typos(places: &Places) -> Result<Count> {
    if !has("typos") {
        return left_out("typos is not installed (cargo install typos-cli)");
    }
    print_and_run(Command::new("typos").current_dir(&places.root))
}

fn deny(places: &Places) -> Result<Count> {
    if !has("cargo-deny") {
        return left_out("cargo-deny is not installed (cargo install cargo-deny)");
    }
    let mut cargo = places.cargo();
    let mut fetch = places.cargo();
    let known = fetch.args(["deny", "--config", ".deny.toml", "fetch", "db"]).stderr(Stdio::null()).status();
    cargo.args(["deny", "--config", ".deny.toml", "check", "bans", "licenses", "sources"]);
    if known.is_ok_and(|status| status.success()) {
        cargo.arg("advisories");
    } else {
        println!("The list of known faults cannot be reached; licences and sources are checked.");
    }
    print_and_run(&mut cargo)
}

/// TypeScript's checker and Node's test runner are tools of this step only.
fn shell(places: &Places) -> Result<Count> {
    let folder = places.root.join("tests/shell");
    if !folder.join("package.json").is_file() {
        return left_out("there is no tests/shell/package.json");
    }
    if !has("node") || !has("npm") {
        return left_out("Node and npm are not installed");
    }
    let install = if folder.join("package-lock.json").is_file() { "ci" } else { "install" };
    print_and_run(Command::new("npm").args([install, "--no-audit", "--no-fund"]).current_dir(&folder))?;
    print_and_run(Command::new("npm").arg("test").current_dir(&folder))
}

fn left_out(reason: &str) -> Result<Count> {
    println!("Left out: {reason}.");
    Ok(Count::default())
}

/// Natively, which shares its compiled dependencies with the documentation; the few lines that are for the browser
/// alone are compiled with the site. The page once more as it is in the browser: without tensors.
fn clippy(places: &Places) -> Result<Count> {
    let all = "--workspace --exclude engine-gpu --features lecture/training,xtask/dist,tests/site --all-targets";
    for crates in [all, "--package page"] {
        let mut command = places.cargo();
        print_and_run(command.arg("clippy").args(crates.split(' ')).args(["--", "--deny", "warnings"]))?;
    }
    Ok(Count::default())
}

fn doc(places: &Places) -> Result<Count> {
    let mut command = places.cargo();
    command.args("doc --no-deps --workspace --exclude engine-gpu --features lecture/training,xtask/dist".split(' '));
    print_and_run(command.args(["--document-private-items"]).env("RUSTDOCFLAGS", "--deny warnings"))
}

fn test(places: &Places) -> Result<Count> {
    count_tests(places.cargo().arg("test").args(NATIVE.split_whitespace()))
}

fn site(places: &Places) -> Result<Count> {
    dist::site(places, "fast", &places.site, false)?;
    Ok(Count::default())
}

fn published(places: &Places) -> Result<Count> {
    dist::dist(places, false)?;
    Ok(Count::default())
}

/// The tests find the site that was built last through `PLAYGROUND_DIST`. One at a time: each starts a browser.
fn browser(places: &Places) -> Result<Count> {
    let built = |site: &&PathBuf| files::changed(&site.join("engines.json"));
    let site = [&places.site, &places.dist].into_iter().max_by_key(built).filter(|site| built(site).is_some());
    let Some(site) = site else { bail!("There is no site to test; type `cargo dist` first.") };
    let mut command = places.cargo();
    command
        .arg("test")
        .args(NATIVE.split_whitespace())
        .args(["--features", "tests/site", "--test", "browser", "--", "--test-threads", "1"])
        .env("PLAYGROUND_DIST", site);
    count_tests(&mut command)
}

fn print_command(command: &Command) {
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    println!("$ {} {}", program.to_string_lossy(), words.join(" "));
}

fn print_and_run(command: &mut Command) -> Result<Count> {
    print_command(command);
    let status = command.status().context("Starting it")?;
    if status.success() { Ok(Count::default()) } else { Err(anyhow!("What it says is above.")) }
}

/// Runs tests, passes on what they print as they print it, and sums their summaries.
fn count_tests(command: &mut Command) -> Result<Count> {
    print_command(command);
    let mut child = command.stdout(Stdio::piped()).spawn().context("Starting cargo")?;
    let mut count = Count::default();
    let lines = child.stdout.take().map(BufReader::new);
    for line in lines.into_iter().flat_map(|lines| lines.split(b'\n')).map_while(Result::ok) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(&line).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
        if let Some(one) = summary(&String::from_utf8_lossy(&line)) {
            count.passed += one.passed;
            count.failed += one.failed;
        }
    }
    let status = child.wait().context("Waiting for cargo")?;
    if !status.success() {
        bail!("{} passed, {} failed", count.passed, count.failed);
    }
    Ok(count)
}

/// Reads `test result: ok. 3 passed; 0 failed; …`.
fn summary(line: &str) -> Option<Count> {
    let (_, rest) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let number = |word: &str| rest.split("; ").find_map(|part| part.strip_suffix(word)?.trim().parse().ok());
    Some(Count { passed: number(" passed")?, failed: number(" failed")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runners_summary_is_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(summary(line), Some(Count { passed: 12, failed: 3 }));
        assert_eq!(summary("test a ... ok"), None);
    }
}
