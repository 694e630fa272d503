//! Where things lie, and the few file operations that the tool repeats.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow};

/// The folders of the project.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "dist"), allow(dead_code, reason = "`dist` is for that feature"))]
pub(crate) struct Places {
    /// The repository's root.
    pub(crate) root: PathBuf,
    /// The site that `cargo serve` shows, under the target folder.
    pub(crate) site: PathBuf,
    /// The site that `cargo dist` writes.
    pub(crate) dist: PathBuf,
}

impl Places {
    /// The places around the workspace that cargo runs this tool for, else the one that it was compiled in.
    pub(crate) fn find() -> Result<Self> {
        let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let here = Path::new(&here);
        let root = here
            .ancestors()
            .nth(2)
            .filter(|root| root.join("Cargo.toml").is_file())
            .ok_or_else(|| anyhow!("The workspace around {} is gone.", here.display()))?
            .to_owned();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => root.join("target"),
        };
        Ok(Self { site: target.join("site"), dist: root.join("dist"), root })
    }

    /// The cargo that started this tool, run in the repository's root.
    ///
    /// The flags of an outer build are taken away: they would replace those of `.cargo/config.toml`.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root);
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        command
    }

    /// `path` as a person would write it, seen from the repository's root.
    pub(crate) fn short(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("Reading {}", path.display()))
}

/// Writes a file, and its folder before it; leaves it alone when it already holds `bytes`, so that its time says
/// when it last changed.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    make_folder(path.parent().unwrap_or(Path::new(".")))?;
    fs::write(path, bytes).with_context(|| format!("Writing {}", path.display()))
}

/// Makes a folder and those above it.
pub(crate) fn make_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("Making the folder {}", path.display()))
}

/// Removes a folder with all that is in it; a folder that is not there is as good as removed.
pub(crate) fn remove_folder(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_dir_all(path).with_context(|| format!("Removing {}", path.display()))?;
    }
    Ok(())
}

/// When a file last changed; `None` when it is not there.
pub(crate) fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

/// A number that changes with the set of files and with the time of each.
pub(crate) fn fingerprint(paths: &[PathBuf]) -> u64 {
    let mut hasher = DefaultHasher::new();
    paths.iter().for_each(|path| (path, changed(path)).hash(&mut hasher));
    hasher.finish()
}

/// Every file under a folder, in order of name; empty when the folder is not there.
///
/// Hidden files (a leading dot) are left out.
pub(crate) fn files_under(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        if !folder.is_dir() {
            continue;
        }
        let entries = fs::read_dir(&folder).with_context(|| format!("Listing {}", folder.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("Listing {}", folder.display()))?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let path = entry.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies every file under `from` to the same place under `to`, except the folders named in `without`.
pub(crate) fn copy_folder(from: &Path, to: &Path, without: &[&str]) -> Result<()> {
    for path in files_under(from)? {
        let inner = path.strip_prefix(from).unwrap_or(&path);
        if without.iter().any(|folder| inner.starts_with(folder)) {
            continue;
        }
        let bytes = fs::read(&path).with_context(|| format!("Reading {}", path.display()))?;
        write(&to.join(inner), &bytes)?;
    }
    Ok(())
}

/// An empty folder under the target folder, for the test called `name`.
#[cfg(test)]
pub(crate) fn scratch(name: &str) -> PathBuf {
    let folder = Places::find().unwrap().site.with_file_name("tests").join(name);
    remove_folder(&folder).unwrap();
    make_folder(&folder).unwrap();
    folder
}
