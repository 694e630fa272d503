//! `cargo verify`: every check there is, cheapest first, until one fails.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::dist;
use crate::files::Places;
use crate::problem::{Problem, While};
use crate::toolchain::{Toolchain, has};

/// The crates whose code runs natively, in tests if not in the browser. The experiments need the feature beside them.
const NATIVE: [&str; 14] = [
    "--package",
    "math",
    "--package",
    "data",
    "--package",
    "figure",
    "--package",
    "plots",
    "--package",
    "lecture",
    "--features",
    "lecture/training",
    "--package",
    "xtask",
];

/// One step: its name on the command line, its heading, its work.
struct Step {
    name: &'static str,
    heading: &'static str,
    work: fn(&Places) -> Result<Count, Problem>,
}

const STEPS: [Step; 7] = [
    Step { name: "tools", heading: "Tools", work: tools },
    Step { name: "format", heading: "Formatting", work: format },
    Step { name: "clippy", heading: "Clippy, native", work: clippy },
    Step { name: "clippy-wasm", heading: "Clippy, for the browser", work: clippy_wasm },
    Step { name: "test", heading: "Unit tests and laws", work: test },
    Step { name: "dist", heading: "Building the site", work: build },
    Step { name: "browser", heading: "Tests across crates and in the browser", work: browser },
];

/// Tests that passed and failed, summed over the test runner's summaries.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Count {
    passed: usize,
    failed: usize,
}

/// Runs all steps, or the one named `only`.
pub(crate) fn verify(places: &Places, only: Option<&str>) -> Result<(), Problem> {
    if let Some(name) = only
        && STEPS.iter().all(|step| step.name != name)
    {
        let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        return Err(Problem::new(format!("There is no step “{name}”; the steps are {}.", names.join(", "))));
    }
    let mut sum = Count::default();
    for step in STEPS.iter().filter(|step| only.is_none_or(|name| name == step.name)) {
        println!("\n== {} ({}) ==", step.heading, step.name);
        let since = Instant::now();
        let count =
            (step.work)(places).map_err(|problem| Problem::new(format!("Step “{}” failed. {problem}", step.name)))?;
        sum.passed += count.passed;
        sum.failed += count.failed;
        // The test runner's own summary stays the last word of a step of tests.
        if count == Count::default() {
            println!("{}: well, {} s", step.heading, since.elapsed().as_secs());
        }
    }
    if sum.passed > 0 {
        println!("{} passed, {} failed", sum.passed, sum.failed);
    }
    Ok(())
}

/// The browser and its driver; on a Debian machine as root they are installed, elsewhere what is missing is named.
fn tools(places: &Places) -> Result<Count, Problem> {
    Toolchain::prepare(places)?;
    let mut missing = Vec::new();
    for component in ["fmt", "clippy"] {
        if !places.cargo().args([component, "--version"]).stdout(Stdio::null()).status().is_ok_and(|s| s.success()) {
            missing.push(format!("cargo {component} (rustup component add {})", component.replace("fmt", "rustfmt")));
        }
    }
    if !has("chromedriver") && may_install() {
        println!("Installing Chromium and its driver.");
        say_and_run(Command::new("apt-get").args(["update", "--quiet"]))?;
        say_and_run(
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
    Err(Problem::new(format!("This machine lacks\n    {}", missing.join("\n    "))))
}

fn may_install() -> bool {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"));
    root && Path::new("/etc/debian_version").is_file() && has("apt-get")
}

fn format(places: &Places) -> Result<Count, Problem> {
    say_and_run(places.cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(places: &Places) -> Result<Count, Problem> {
    let mut command = places.cargo();
    command.arg("clippy").args(NATIVE).args(["--package", "tests", "--all-targets", "--", "--deny", "warnings"]);
    say_and_run(&mut command)
}

/// The development profile keeps these checks apart from the release builds, whose records tell the engines apart.
fn clippy_wasm(places: &Places) -> Result<Count, Problem> {
    let toolchain = Toolchain::prepare(places)?;
    for crates in [&["--package", "page"][..], &["--package", "engine", "--features", "cpu"]] {
        let mut command = toolchain.cargo(places, "clippy");
        say_and_run(command.args(crates).args(["--", "--deny", "warnings"]))?;
    }
    Ok(Count::default())
}

fn test(places: &Places) -> Result<Count, Problem> {
    count_tests(places.cargo().arg("test").args(NATIVE))
}

fn build(places: &Places) -> Result<Count, Problem> {
    dist::dist(places, false)?;
    Ok(Count::default())
}

/// The tests find the site through `PLAYGROUND_DIST`. One at a time: each starts a browser.
fn browser(places: &Places) -> Result<Count, Problem> {
    if !places.dist.join("index.html").is_file() {
        return Err(Problem::new("There is no site in dist/ to test; type `cargo dist` first."));
    }
    let mut command = places.cargo();
    // Without the documentation's tests, of which there are none: the last summary is then one of real tests.
    command
        .args(["test", "--package", "tests", "--tests", "--", "--test-threads", "1"])
        .env("PLAYGROUND_DIST", &places.dist);
    count_tests(&mut command)
}

fn say(command: &Command) {
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    println!("$ {} {}", program.to_string_lossy(), words.join(" "));
}

fn say_and_run(command: &mut Command) -> Result<Count, Problem> {
    say(command);
    let status = command.status().while_doing(|| "Starting it".to_owned())?;
    if status.success() { Ok(Count::default()) } else { Err(Problem::new("What it says is above.")) }
}

/// Runs tests, passes on what they print as they print it, and sums their summaries.
fn count_tests(command: &mut Command) -> Result<Count, Problem> {
    say(command);
    let mut child = command.stdout(Stdio::piped()).spawn().while_doing(|| "Starting cargo".to_owned())?;
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
    let status = child.wait().while_doing(|| "Waiting for cargo".to_owned())?;
    if !status.success() {
        return Err(Problem::new(format!("{} passed, {} failed", count.passed, count.failed)));
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
