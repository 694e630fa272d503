//! Cargo and wasm-bindgen: from a crate to the pair of files that the browser loads.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, IsTerminal};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use crate::files::{self, Places};
use crate::toolchain::Toolchain;

/// One of the three wasm modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// On the page's thread.
    Page,
    /// In the worker, on the CPU.
    Cpu,
    /// In the worker, on WebGPU.
    Gpu,
}

impl Part {
    /// Its crate, and its folder in the site.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Cpu => "engine-cpu",
            Self::Gpu => "engine-gpu",
        }
    }

    /// Its files are `NAME.js` and `NAME_bg.wasm`.
    fn out_name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Cpu | Self::Gpu => "engine",
        }
    }

    /// Its name for a person.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Cpu => "CPU engine",
            Self::Gpu => "WebGPU engine",
        }
    }
}

/// How many of a build's packages are compiled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Progress {
    /// Packages that are done.
    pub(crate) done: usize,
    /// Packages there are.
    pub(crate) of: usize,
}

/// The builder of the three modules.
#[derive(Debug, Clone)]
pub(crate) struct Compiler {
    places: Places,
    toolchain: Toolchain,
    profile: &'static str,
    site: PathBuf,
}

impl Compiler {
    /// A builder with one of the workspace's profiles, into a folder for each module under `site`.
    pub(crate) fn new(places: &Places, profile: &'static str, site: &Path) -> Result<Self> {
        Ok(Self { places: places.clone(), toolchain: Toolchain::prepare(places)?, profile, site: site.to_owned() })
    }

    /// Builds a module and leaves its `.js` and `_bg.wasm` in its folder. `watch` is called several times a
    /// second and may end the build. Returns whether the module was built.
    ///
    /// Each module has a cargo call of its own, because cargo unites the features of what it builds together.
    pub(crate) fn build(&self, part: Part, watch: impl FnMut(Progress) -> ControlFlow<()>) -> Result<bool> {
        let since = Instant::now();
        println!("Building the {}.", part.label());
        let Some(wasm) = self.cargo_build(part, watch)? else {
            return Ok(false);
        };
        let folder = self.site.join(part.name());
        let product = folder.join(format!("{}_bg.wasm", part.out_name()));
        if files::changed(&product) < files::changed(&wasm) {
            bind(part, &wasm, &folder)?;
        }
        println!("The {} is built, in {} s.", part.label(), since.elapsed().as_secs());
        Ok(true)
    }

    /// The module as the compiler made it; `None` where `watch` ended the build.
    fn cargo_build(&self, part: Part, mut watch: impl FnMut(Progress) -> ControlFlow<()>) -> Result<Option<PathBuf>> {
        let of = self.packages(part);
        let format = if std::io::stderr().is_terminal() { "json-diagnostic-rendered-ansi" } else { "json" };
        let mut command = self.toolchain.cargo(&self.places, "build");
        command.args(["--package", part.name(), "--profile", self.profile, "--message-format", format]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().context("Starting cargo")?;
        let (send, messages) = mpsc::channel();
        let output = child.stdout.take();
        std::thread::spawn(move || {
            let lines = output.into_iter().flat_map(|output| BufReader::new(output).lines().map_while(Result::ok));
            lines.take_while(|line| send.send(line.clone()).is_ok()).for_each(drop);
        });

        let mut said = Said::default();
        loop {
            match messages.recv_timeout(Duration::from_millis(200)) {
                Ok(line) => said.read(&line),
                Err(RecvTimeoutError::Timeout) => (),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if watch(Progress { done: said.packages.len().min(of), of }).is_break() {
                let _ = child.kill();
                let _ = child.wait();
                return Ok(None);
            }
        }
        let status = child.wait().context("Waiting for cargo")?;
        if !status.success() {
            let error = said.error.unwrap_or_else(|| "cargo's reason is in the terminal".to_owned());
            bail!("The {} did not compile: {error}", part.label());
        }
        let wasm = said.wasm.ok_or_else(|| anyhow!("Cargo named no wasm file of the {}.", part.label()))?;
        Ok(Some(wasm))
    }

    /// How many packages a module is built from.
    fn packages(&self, part: Part) -> usize {
        let mut command = self.toolchain.cargo(&self.places, "tree");
        command.args(["--package", part.name(), "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]);
        let output = command.stderr(Stdio::null()).output().map(|output| output.stdout).unwrap_or_default();
        let lines = String::from_utf8_lossy(&output);
        lines.lines().map(|line| line.split(" (").next()).collect::<HashSet<_>>().len()
    }
}

/// What cargo has said so far, in its messages for machines.
#[derive(Debug, Default)]
struct Said {
    /// Packages that are compiled.
    packages: HashSet<String>,
    /// The last wasm file.
    wasm: Option<PathBuf>,
    /// The first error, with its place.
    error: Option<String>,
}

impl Said {
    /// Takes in one line, and passes the compiler's words on to the terminal.
    fn read(&mut self, line: &str) {
        let Ok(said) = serde_json::from_str::<Value>(line) else {
            return;
        };
        let kinds = &said["target"]["kind"];
        if said["reason"] == "compiler-artifact" && kinds[0] != "custom-build" {
            self.packages.extend(said["package_id"].as_str().map(str::to_owned));
            let mut files = said["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let wasm = files.find(|file| file.ends_with(".wasm")).map(PathBuf::from);
            self.wasm = wasm.or(self.wasm.take());
        } else if said["reason"] == "compiler-message" {
            let message = &said["message"];
            eprint!("{}", message["rendered"].as_str().unwrap_or_default());
            if message["level"] == "error" {
                let span = &message["spans"][0];
                let place = span["file_name"].as_str().map(|file| format!("{file}:{}: ", span["line_start"]));
                let words = message["message"].as_str().unwrap_or_default();
                self.error.get_or_insert_with(|| place.unwrap_or_default() + words);
            }
        }
    }
}

/// Runs wasm-bindgen and puts the result in place in one move.
fn bind(part: Part, wasm: &Path, folder: &Path) -> Result<()> {
    let fresh = folder.with_extension("new");
    files::remove_folder(&fresh)?;
    files::make_folder(&fresh)?;
    let bound = wasm_bindgen_cli_support::Bindgen::new().input_path(wasm).out_name(part.out_name()).web(true).and_then(
        |bindgen| bindgen.typescript(false).remove_name_section(true).remove_producers_section(true).generate(&fresh),
    );
    bound.map_err(|error| anyhow!("wasm-bindgen could not bind the {}: {error:#}", part.label()))?;
    files::remove_folder(folder)?;
    std::fs::rename(&fresh, folder).with_context(|| format!("Moving {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_messages_are_read() {
        let mut said = Said::default();
        for line in [
            r#"{"reason":"compiler-artifact","package_id":"a 1","target":{"kind":["custom-build"]},"filenames":["/t/build"]}"#,
            r#"{"reason":"compiler-artifact","package_id":"a 1","target":{"kind":["lib"]},"filenames":["/t/liba.rlib"]}"#,
            r#"{"reason":"compiler-artifact","package_id":"p 1","target":{"kind":["cdylib"]},"filenames":["/t/page.wasm"]}"#,
            r#"{"reason":"compiler-message","message":{"level":"warning","message":"unused","rendered":"","spans":[]}}"#,
            r#"{"reason":"compiler-message","message":{"level":"error","message":"no","rendered":"","spans":[{"file_name":"a.rs","line_start":7}]}}"#,
            r#"{"reason":"build-finished","success":false}"#,
        ] {
            said.read(line);
        }
        assert_eq!(said.packages.len(), 2);
        assert_eq!(said.wasm.as_deref(), Some(Path::new("/t/page.wasm")));
        assert_eq!(said.error.as_deref(), Some("a.rs:7: no"));
    }
}
