//! Can this machine compile for the browser? If not, make it so, or say what to type.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, anyhow};

use crate::files::Places;

/// The browser's target.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Where the standard library for the browser comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Toolchain {
    /// The toolchain has it, as rustup's has once the target is added.
    Ready,
    /// It is compiled from source, which the running toolchain has.
    FromSource,
    /// It is compiled from source by Debian's toolchain (rustc-web, cargo-web, rust-web-src), which is installed beside
    /// the running one.
    Debian,
}

impl Toolchain {
    /// Finds the target, adds it through rustup, or falls back to the library's source.
    pub(crate) fn prepare(places: &Places) -> Result<Self> {
        if carries_target() {
            return Ok(Self::Ready);
        }
        if has("rustup") {
            println!("Adding the target {WASM} with rustup.");
            let added = Command::new("rustup").args(["target", "add", WASM]).current_dir(&places.root).status();
            if added.is_ok_and(|status| status.success()) && carries_target() {
                return Ok(Self::Ready);
            }
        }
        if rustc(&["--print", "sysroot"]).is_some_and(|root| carries_source(Path::new(&root))) {
            println!("This Rust has no {WASM}; its library is compiled from source.");
            return Ok(Self::FromSource);
        }
        if carries_source(Path::new("/usr")) && Path::new(DEBIAN_CARGO).is_file() && Path::new(DEBIAN_RUSTC).is_file() {
            println!("This Rust has no {WASM}; Debian's builds the library for it from source.");
            return Ok(Self::Debian);
        }
        Err(anyhow!(advice()))
    }

    /// A cargo command that compiles for the browser: `cargo build --target …`, or `clippy` in the place of `build`.
    pub(crate) fn cargo(self, places: &Places, word: &str) -> Command {
        let mut command = places.cargo();
        if self == Self::Debian {
            let environment: Vec<_> =
                command.get_envs().map(|(key, value)| (key.to_owned(), value.map(ToOwned::to_owned))).collect();
            command = Command::new(DEBIAN_CARGO);
            command.current_dir(&places.root).env("RUSTC", DEBIAN_RUSTC).env_remove("RUSTUP_TOOLCHAIN");
            for (key, value) in environment {
                match value {
                    Some(value) => command.env(key, value),
                    None => command.env_remove(key),
                };
            }
        }
        command.args([word, "--target", WASM]);
        if self != Self::Ready {
            // A stable compiler; the library's source is the one that it was itself built from.
            command.env("RUSTC_BOOTSTRAP", "1").args(["-Z", "build-std=std,panic_abort"]);
        }
        command
    }
}

/// Where Debian puts its Rust.
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// What to type where nothing worked.
fn advice() -> String {
    let debian = format!("sudo apt-get install rustc-web cargo-web rust-web-src rust-web-llvm {}", debian_linker());
    match (has("rustup"), has("apt-get")) {
        (true, true) => format!(
            "The page needs Rust's target {WASM}, and rustup could not add it. When the network is back, type\n\n    \
             rustup target add {WASM}\n\nor use Debian's own Rust for it:\n\n    {debian}\n"
        ),
        (true, false) => format!(
            "The page needs Rust's target {WASM}, and rustup could not add it. When the network is back, type\n\n    \
             rustup target add {WASM}\n"
        ),
        (false, true) => {
            format!(
                "The page needs Rust's library for the browser, which this Rust does not carry. Type\n\n    {debian}\n"
            )
        }
        (false, false) => format!(
            "The page needs Rust's target {WASM}. Install Rust from https://rustup.rs, then type\n\n    \
             rustup target add {WASM}\n"
        ),
    }
}

/// Debian's linker of the same LLVM as its Rust: `lld-22` where rust-web-llvm stands on `llvm-22`.
fn debian_linker() -> String {
    let output = Command::new("apt-cache").args(["depends", "rust-web-llvm"]).stderr(Stdio::null()).output();
    let words = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    words
        .split_whitespace()
        .find_map(|word| word.strip_prefix("llvm-"))
        .map_or("lld".to_owned(), |of| format!("lld-{of}"))
}

/// Whether a program answers to `--version`.
pub(crate) fn has(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn carries_target() -> bool {
    let folder = rustc(&["--print", "target-libdir", "--target", WASM]);
    let Some(entries) = folder.and_then(|folder| std::fs::read_dir(folder).ok()) else {
        return false;
    };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
}

/// Whether the library's source lies under a toolchain's root.
fn carries_source(root: &Path) -> bool {
    root.join("lib/rustlib/src/rust/library/std/Cargo.toml").is_file()
}

/// What a compiler says; `RUSTC` names another than the usual.
fn rustc(arguments: &[&str]) -> Option<String> {
    let program = std::env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
    let output = Command::new(program).args(arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debians_toolchain_is_called_by_its_own_names() {
        let places = Places::find().unwrap();
        let command = Toolchain::Debian.cargo(&places, "build");
        assert_eq!(command.get_program(), DEBIAN_CARGO);
        let environment: Vec<_> =
            command.get_envs().map(|(key, value)| (key.to_string_lossy(), value.is_some())).collect();
        for (key, set) in
            [("RUSTC", true), ("RUSTC_BOOTSTRAP", true), ("RUSTUP_TOOLCHAIN", false), ("RUSTFLAGS", false)]
        {
            assert!(environment.iter().any(|(name, value)| name == key && *value == set), "{key}");
        }
        assert!(command.get_args().any(|word| word == "build-std=std,panic_abort"));
        assert!(Toolchain::Ready.cargo(&places, "build").get_args().all(|word| word != "-Z"));
    }
}
