//! Can this machine compile for the browser? If not, make it so, or say what to type.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::files::Places;
use crate::problem::Problem;

/// The browser's target.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// How the standard library for the browser is come by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Toolchain {
    /// The toolchain carries it, as rustup's do once the target is added.
    Ready,
    /// It is built along from the library's source, as with Debian's rustc-web, cargo-web and rust-web-src.
    FromSource,
}

impl Toolchain {
    /// Finds the target, adds it through rustup, or falls back to the library's source.
    pub(crate) fn prepare(places: &Places) -> Result<Self, Problem> {
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
        if library_source().is_some() {
            println!("This Rust has no {WASM}; its library is built along from source.");
            return Ok(Self::FromSource);
        }
        Err(Problem::new(advice()))
    }

    /// Adds to a cargo command what this toolchain needs to compile for the browser.
    pub(crate) fn apply(self, command: &mut Command) {
        command.args(["--target", WASM]);
        if self == Self::FromSource {
            // Debian's compiler is a stable one; the library's source is the one it was built from.
            command.env("RUSTC_BOOTSTRAP", "1").args(["-Z", "build-std=std,panic_abort"]);
        }
    }
}

fn advice() -> String {
    if has("rustup") {
        format!(
            "The page needs Rust's target {WASM}, and rustup could not add it. Type\n\n    rustup target add {WASM}\n"
        )
    } else if has("apt-get") {
        "The page needs Rust's library for the browser, which this Rust does not carry. Type\n\n    \
         sudo apt-get install rustc-web cargo-web rust-web-src lld\n\n\
         or install Rust from https://rustup.rs and start again."
            .to_owned()
    } else {
        format!(
            "The page needs Rust's target {WASM}. Install Rust from https://rustup.rs, then type\n\n    rustup target add {WASM}\n"
        )
    }
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

fn library_source() -> Option<PathBuf> {
    let source = PathBuf::from(rustc(&["--print", "sysroot"])?).join("lib/rustlib/src/rust/library/std/Cargo.toml");
    source.is_file().then_some(source)
}

fn rustc(arguments: &[&str]) -> Option<String> {
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(arguments)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
