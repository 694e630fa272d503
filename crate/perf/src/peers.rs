//! The peers: installed into an ignored folder for this command alone, left out where they cannot be had.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Where the peers are.
pub(crate) struct Peers {
    folder: PathBuf,
    /// Whether the packages from npm are there, and those from PyPI.
    pub(crate) npm: bool,
    pub(crate) python: bool,
}

impl Peers {
    /// Installs what `sources` pins into `folder`; says what is not to be had.
    pub(crate) fn install(sources: &Path, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        for entry in fs::read_dir(sources)? {
            let entry = entry?;
            fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
        let said = |what: &str, done: Result<()>| match done {
            Ok(()) => true,
            Err(error) => {
                eprintln!("{what} cannot be had here, so they are not measured: {error:#}");
                false
            }
        };
        let npm = said(
            "The peers from npm",
            run(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit"]).current_dir(folder)),
        );
        let python = said("The peers from PyPI", python(folder));
        Ok(Self { folder: folder.to_owned(), npm, python })
    }

    /// None of them.
    pub(crate) fn none(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), npm: false, python: false }
    }

    /// What a script prints, as JSON.
    pub(crate) fn python(&self, script: &str, arguments: &[String]) -> Result<Value> {
        let output = Command::new(self.folder.join("python/bin/python"))
            .arg(self.folder.join(script))
            .args(arguments)
            .output()?;
        if !output.status.success() {
            bail!("{script}: {}", String::from_utf8_lossy(&output.stderr));
        }
        serde_json::from_slice(&output.stdout).with_context(|| format!("{script} printed no JSON"))
    }
}

fn python(folder: &Path) -> Result<()> {
    let environment = folder.join("python");
    if !environment.join("bin/python").is_file() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    }
    run(Command::new(environment.join("bin/pip"))
        .args(["install", "--quiet", "-r"])
        .arg(folder.join("requirements.txt")))
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("{program} does not start"))?;
    if !output.status.success() {
        bail!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
