//! The walls of the house: which room may use what. The compiler holds most of them; this walk holds the rest.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use tests::{root, sources};

/// The dependencies a room's Cargo.toml names, development ones left out.
fn dependencies(room: &str) -> Vec<String> {
    let manifest = fs::read_to_string(root().join("crate").join(room).join("Cargo.toml")).unwrap();
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[dependencies]" || (line.starts_with("[target.") && line.ends_with(".dependencies]"));
        } else if inside && !line.starts_with('#') {
            names.extend(line.split_once('=').map(|(name, _)| name.trim().trim_end_matches(".workspace").to_owned()));
        }
    }
    names
}

/// Whether a file is compiled for tests alone: `tests.rs`, or in a folder `tests` or `testing`.
fn is_test(path: &Path) -> bool {
    path.ends_with("tests.rs") || path.iter().any(|part| part == "tests" || part == "testing")
}

#[test]
fn rooms_use_only_what_they_may() {
    let forbidden: [(&str, &[&str]); 10] = [
        ("math", &["burn", "plotters", "wasm-bindgen", "web-sys", "js-sys", "serde", "data", "figure", "lecture"]),
        ("data", &["burn", "plotters", "wasm-bindgen", "web-sys", "js-sys", "figure", "lecture"]),
        ("figure", &["burn", "plotters", "wasm-bindgen", "web-sys", "js-sys", "math", "data", "lecture"]),
        ("plots", &["burn", "wasm-bindgen", "web-sys", "js-sys", "math", "data", "lecture"]),
        ("learn", &["plotters", "plots", "wasm-bindgen", "web-sys", "js-sys", "lecture", "page", "engine"]),
        ("lecture", &["plotters", "plots", "wasm-bindgen", "web-sys", "js-sys", "page", "engine"]),
        ("page", &["burn", "engine", "math", "data"]),
        ("perf", &["burn", "learn", "lecture", "engine", "figure", "data", "wasm-bindgen"]),
        ("server", &["math", "data", "figure", "lecture", "wasm-bindgen"]),
        ("engine", &["plotters", "plots", "web-sys", "page", "math", "data"]),
    ];
    for (room, never) in forbidden {
        let uses = dependencies(room);
        for name in never {
            assert!(!uses.iter().any(|used| used == name), "{room} must not use {name}");
        }
    }
    let figure = dependencies("figure");
    assert_eq!(figure, ["serde"], "the vocabulary knows serde and nothing else");
}

/// Words that a room's code must not contain, whatever its dependencies.
#[test]
fn rooms_do_not_speak_of_what_they_must_not_know() {
    let words: [(&str, &[&str]); 5] = [
        ("math", &["std::time", "std::fs", "std::net", "Instant::now"]),
        ("data", &["std::time", "std::fs", "std::net"]),
        (
            "lecture",
            &["std::time", "std::fs", "Instant::now", "canvas", "Transaction", "into_scalar", "into_data", "to_data("],
        ),
        (
            "learn",
            &["std::time", "std::fs", "Instant::now", "canvas", "Transaction", "into_scalar", "into_data", "to_data("],
        ),
        ("figure", &["std::time", "std::fs"]),
    ];
    for (room, never) in words {
        let folder = root().join("crate").join(room).join("src");
        let of_tests = |path: &PathBuf| is_test(path.strip_prefix(&folder).unwrap());
        for path in sources(&folder).into_iter().filter(|path| !of_tests(path)) {
            let source = fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            for word in never {
                let spoken = code.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word));
                assert!(!spoken, "{} must not say {word}", path.display());
            }
        }
    }
}

#[test]
fn every_public_module_of_math_has_an_example() {
    let folder = root().join("crate/math/src");
    let list = fs::read_to_string(folder.join("lib.rs")).unwrap();
    let modules: Vec<_> = list.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert!(!modules.is_empty());
    for name in modules {
        let source = fs::read_to_string(folder.join(name).with_extension("rs")).unwrap();
        assert!(source.contains("//! ```\n"), "math::{name} has no example");
    }
}

#[test]
fn every_file_says_what_it_is_and_stays_small() {
    for room in fs::read_dir(root().join("crate")).unwrap() {
        for path in sources(&room.unwrap().path().join("src")) {
            let source = fs::read_to_string(&path).unwrap();
            assert!(source.starts_with("//!"), "{} opens with what it is", path.display());
            let lines = source.lines().count();
            assert!(lines <= 480, "{} has {lines} lines: split it by meaning", path.display());
        }
    }
}

/// Third-party code comes as a declared dependency, and the site asks no other origin but the one for MNIST.
#[test]
fn the_shell_names_no_foreign_origin() {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("www/shell")).unwrap().map(|e| e.unwrap().path()).collect();
    files.push(root().join("www/style.css"));
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let known = ["https://cdn.jsdelivr.net/gh/fgnt/mnist/", "http://www.w3.org/"];
        for (at, _) in ["https://", "http://"].iter().flat_map(|scheme| text.match_indices(scheme)) {
            let address = &text[at..];
            let line = address.lines().next().unwrap_or_default();
            assert!(known.iter().any(|origin| address.starts_with(origin)), "{}: {line}", path.display());
        }
    }
}
