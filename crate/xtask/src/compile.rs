//! Cargo and wasm-bindgen: from a crate to the pair of files that the browser loads.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::SystemTime;

use crate::files::{self, Places};
use crate::problem::{Problem, While};
use crate::progress::{self, Progress};
use crate::toolchain::{Toolchain, WASM};

/// One of the three wasm modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The door on the page's thread.
    Page,
    /// The door in the worker, on the CPU.
    Cpu,
    /// The door in the worker, on WebGPU.
    Gpu,
}

impl Part {
    /// The crate.
    pub(crate) fn package(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Cpu | Self::Gpu => "engine",
        }
    }

    /// The crate's feature that makes this module; none for the page.
    pub(crate) fn feature(self) -> Option<&'static str> {
        match self {
            Self::Page => None,
            Self::Cpu => Some("cpu"),
            Self::Gpu => Some("gpu"),
        }
    }

    /// Its folder in the site.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Cpu => "engine-cpu",
            Self::Gpu => "engine-gpu",
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

/// The builder of the three modules.
#[derive(Debug, Clone)]
pub(crate) struct Compiler {
    places: Places,
    toolchain: Toolchain,
    fast: bool,
}

impl Compiler {
    /// A builder with the release profile, or, if `fast`, one without link-time optimisation.
    pub(crate) fn new(places: &Places, fast: bool) -> Result<Self, Problem> {
        Ok(Self { places: places.clone(), toolchain: Toolchain::prepare(places)?, fast })
    }

    /// Builds a module and leaves its `.js` and `_bg.wasm` in its folder under `site`.
    ///
    /// What has not changed is not done again.
    pub(crate) fn build(&self, part: Part, site: &Path, on_progress: impl FnMut(Progress)) -> Result<(), Problem> {
        let wasm = self.wasm(part, on_progress)?;
        let folder = site.join(part.folder());
        let product = folder.join(format!("{}_bg.wasm", part.package()));
        if files::changed(&product) >= files::changed(&wasm) {
            return Ok(());
        }
        bind(part, &wasm, &folder)
    }

    /// The module as the compiler made it, kept under a name of its own.
    ///
    /// Both engines are one crate, and cargo gives a cdylib the same file name whatever its features: after the other
    /// engine was built, a “fresh” answer from cargo does not mean that the file is this engine's. So each build is
    /// copied at once, and a fresh answer is believed only where the copy is as new as cargo's record of the build.
    fn wasm(&self, part: Part, mut on_progress: impl FnMut(Progress)) -> Result<PathBuf, Problem> {
        let kept = self.places.target.join("xtask").join(self.profile()).join(format!("{}.wasm", part.folder()));
        let built = self.cargo_build(part, &mut on_progress)?;
        if built.fresh && !self.shared_file_is_of(part, &built.file) {
            if files::changed(&kept) >= self.built_at(part) && kept.is_file() {
                return Ok(kept);
            }
            self.forget(part)?;
            let again = self.cargo_build(part, &mut on_progress)?;
            return keep(&again.file, &kept);
        }
        if built.fresh && kept.is_file() && files::changed(&kept) >= self.built_at(part) {
            return Ok(kept);
        }
        keep(&built.file, &kept)
    }

    fn profile(&self) -> &'static str {
        if self.fast { "fast" } else { "release" }
    }

    fn cargo_build(&self, part: Part, mut on_progress: impl FnMut(Progress)) -> Result<Built, Problem> {
        let mut command = self.toolchain.cargo(&self.places, "build");
        command.args(["--package", part.package(), "--lib", "--message-format", "json-render-diagnostics"]);
        if let Some(feature) = part.feature() {
            command.args(["--features", feature]);
        }
        if self.fast {
            for setting in ["inherits='release'", "lto='off'", "codegen-units=16"] {
                command.args(["--config", &format!("profile.fast.{setting}")]);
            }
        }
        command.args(["--profile", self.profile()]);
        command.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "100");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().while_doing(|| "Starting cargo".to_owned())?;

        let messages = child.stdout.take().map(BufReader::new);
        let reader = std::thread::spawn(move || messages.and_then(|messages| artifact(messages, part)));
        let mut said = Vec::new();
        if let Some(words) = child.stderr.take() {
            progress::listen(words, &mut on_progress, |line| {
                if line.trim_start().starts_with("Blocking") {
                    println!("  waiting for another cargo that is building here");
                }
                said.push(line.to_owned());
            });
        }
        let status = child.wait().while_doing(|| "Waiting for cargo".to_owned())?;
        let built = reader.join().ok().flatten();
        // The narration of a build that went well is not repeated; its warnings are.
        let quiet = status.success();
        let boring = ["Compiling", "Downloaded", "Downloading", "Finished", "Blocking", "Locking", "Updating"];
        for line in said.iter().filter(|line| !(quiet && boring.iter().any(|word| line.trim_start().starts_with(word))))
        {
            eprintln!("{line}");
        }
        if !status.success() {
            return Err(Problem::new(format!("The {} did not compile; the compiler's words are above.", part.label())));
        }
        built.ok_or_else(|| Problem::new(format!("Cargo built the {} but named no wasm file.", part.label())))
    }

    /// Cargo's records of the builds of `package`, each with its features and its time.
    fn records(&self, package: &str) -> Vec<Record> {
        let folder = self.places.target.join(WASM).join(self.profile()).join(".fingerprint");
        let Ok(entries) = fs::read_dir(folder) else {
            return Vec::new();
        };
        let of_package = |path: &Path| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            name.rsplit_once('-').is_some_and(|(name, _)| name == package)
        };
        let folders = entries.flatten().map(|entry| entry.path()).filter(|path| of_package(path));
        folders.filter_map(|folder| Record::read(folder, package)).collect()
    }

    fn built_at(&self, part: Part) -> Option<SystemTime> {
        let records = self.records(part.package());
        records.iter().filter(|record| record.is_of(part)).map(|record| record.time).max()
    }

    /// Whether the build that wrote the shared file was one of this module.
    ///
    /// It is the last one that began before the file was written; later records are of checks, which write none.
    fn shared_file_is_of(&self, part: Part, file: &Path) -> bool {
        let written = files::changed(file);
        let records = self.records(part.package());
        let before = records.iter().filter(|record| Some(record.time) <= written);
        before.max_by_key(|record| record.time).is_some_and(|record| record.is_of(part))
    }

    /// Makes cargo forget that it built this module, so that it links it again; the crates below it stay.
    fn forget(&self, part: Part) -> Result<(), Problem> {
        for record in self.records(part.package()).iter().filter(|record| record.is_of(part)) {
            files::remove_folder(&record.folder)?;
        }
        Ok(())
    }
}

/// A build as cargo recorded it.
struct Record {
    folder: PathBuf,
    features: String,
    time: SystemTime,
}

impl Record {
    fn read(folder: PathBuf, package: &str) -> Option<Self> {
        let text = fs::read_to_string(folder.join(format!("lib-{package}.json"))).ok()?;
        let json: serde_json::Value = serde_json::from_str(&text).ok()?;
        let features = json.get("features")?.as_str()?.to_owned();
        let time = files::changed(&folder.join("invoked.timestamp"))?;
        Some(Self { folder, features, time })
    }

    fn is_of(&self, part: Part) -> bool {
        part.feature().is_none_or(|feature| self.features.contains(&format!("\"{feature}\"")))
    }
}

struct Built {
    file: PathBuf,
    fresh: bool,
}

/// Finds the module's own file in cargo's messages.
fn artifact(messages: impl BufRead, part: Part) -> Option<Built> {
    let mut found = None;
    for line in messages.lines().map_while(Result::ok) {
        let Ok(message) = serde_json::from_str::<serde_json::Value>(&line) else {
            continue;
        };
        if message["reason"] != "compiler-artifact" || message["target"]["name"] != part.package() {
            continue;
        }
        let mut files = message["filenames"].as_array().into_iter().flatten().filter_map(|file| file.as_str());
        if let Some(file) = files.rfind(|file| file.ends_with(".wasm")) {
            found = Some(Built { file: PathBuf::from(file), fresh: message["fresh"] == true });
        }
    }
    found
}

fn keep(file: &Path, kept: &Path) -> Result<PathBuf, Problem> {
    let bytes = fs::read(file).while_doing(|| format!("Reading {}", file.display()))?;
    files::make_folder(kept.parent().unwrap_or(Path::new(".")))?;
    fs::write(kept, bytes).while_doing(|| format!("Writing {}", kept.display()))?;
    Ok(kept.to_owned())
}

/// Runs wasm-bindgen and puts the result in place in one move.
fn bind(part: Part, wasm: &Path, folder: &Path) -> Result<(), Problem> {
    let fresh = folder.with_extension("new");
    files::remove_folder(&fresh)?;
    files::make_folder(&fresh)?;
    let bound = wasm_bindgen_cli_support::Bindgen::new().input_path(wasm).out_name(part.package()).web(true).and_then(
        |bindgen| bindgen.typescript(false).remove_name_section(true).remove_producers_section(true).generate(&fresh),
    );
    bound.map_err(|error| Problem::new(format!("wasm-bindgen could not bind the {}: {error:#}", part.label())))?;
    files::remove_folder(folder)?;
    fs::rename(&fresh, folder).while_doing(|| format!("Moving {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A compiler whose target folder holds cargo's records of builds, `(hash, features, seconds)`, and the shared
    /// file as it was written at `written`.
    fn compiler(name: &str, builds: &[(&str, &str, u64)], written: u64) -> (Compiler, PathBuf) {
        let root = files::scratch(&format!("compile-{name}"));
        let places =
            Places { site: root.join("site"), dist: root.join("dist"), target: root.clone(), root: root.clone() };
        let release = root.join(WASM).join("release");
        for (hash, features, seconds) in builds {
            let folder = release.join(format!(".fingerprint/engine-{hash}"));
            files::write(
                &folder.join("lib-engine.json"),
                format!("{{\"features\":\"[\\\"{features}\\\"]\"}}").as_bytes(),
            )
            .unwrap();
            stamp(&folder.join("invoked.timestamp"), *seconds);
        }
        let file = release.join("engine.wasm");
        stamp(&file, written);
        (Compiler { places, toolchain: Toolchain::Ready, fast: false }, file)
    }

    fn stamp(path: &Path, seconds: u64) {
        files::write(path, b"x").unwrap();
        fs::File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .unwrap();
    }

    #[test]
    fn the_shared_file_belongs_to_the_last_build_before_it() {
        let (built, file) = compiler("last", &[("a", "cpu", 100), ("b", "gpu", 200)], 250);
        assert!(built.shared_file_is_of(Part::Gpu, &file) && !built.shared_file_is_of(Part::Cpu, &file));
        // A check of the CPU engine after the build writes a record and no file.
        let (checked, file) = compiler("check", &[("a", "cpu", 100), ("b", "gpu", 200), ("c", "cpu", 300)], 250);
        assert!(checked.shared_file_is_of(Part::Gpu, &file) && !checked.shared_file_is_of(Part::Cpu, &file));
        assert_eq!(checked.built_at(Part::Cpu), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(300)));
    }

    #[test]
    fn only_one_engine_is_forgotten() {
        let (compiler, _) = compiler("forget", &[("a", "cpu", 100), ("b", "gpu", 200)], 250);
        compiler.forget(Part::Cpu).unwrap();
        assert_eq!(compiler.built_at(Part::Cpu), None);
        assert!(compiler.built_at(Part::Gpu).is_some());
    }

    #[test]
    fn cargos_messages_name_the_module() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"figure"},"filenames":["/t/libfigure.rlib"],"fresh":true}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"engine"},"filenames":["/t/engine.wasm","/t/libengine.rlib"],"fresh":false}"#,
            "\n",
        );
        let built = artifact(messages.as_bytes(), Part::Gpu).unwrap();
        assert!(!built.fresh && built.file == Path::new("/t/engine.wasm"));
        assert!(artifact(messages.as_bytes(), Part::Page).is_none());
    }
}
