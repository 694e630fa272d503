//! Which files the site is made from, and whether they have changed.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::files::{self, Places};

/// What an edit asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// A build: Rust and what Rust includes.
    Code,
    /// The page put together again: prose, styles, shell, and the Python that is shown beside a demo.
    Page,
}

impl Kind {
    fn of(path: &Path) -> Self {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let page = ["html", "css", "js", "json", "py", "svg", "png", "woff2", "txt", "md"];
        if page.contains(&ending) { Self::Page } else { Self::Code }
    }
}

/// A number that changes with the sources of this kind.
pub(crate) fn fingerprint(places: &Places, kind: Kind) -> Result<u64> {
    let mut paths: Vec<PathBuf> = ["index.html", "Cargo.toml", "Cargo.lock"].map(|name| places.root.join(name)).into();
    for folder in ["www", "crate"] {
        paths.extend(files::files_under(&places.root.join(folder))?);
    }
    let tool = places.root.join("crate/xtask");
    paths.retain(|path| Kind::of(path) == kind && !path.starts_with(&tool));
    Ok(files::fingerprint(&paths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_asks_for_a_build_or_for_the_page() {
        let root = files::scratch("sources");
        let places = Places { site: root.clone(), dist: root.clone(), root: root.clone() };
        let prints = || [Kind::Code, Kind::Page].map(|kind| fingerprint(&places, kind).unwrap());
        let mut last = prints();
        for (file, expected) in [
            ("crate/lecture/src/lib.rs", [true, false]),
            ("crate/lecture/model.safetensors", [true, false]),
            ("www/shell/main.js", [false, true]),
            ("crate/lecture/src/demo.html", [false, true]),
            ("crate/xtask/src/main.rs", [false, false]),
        ] {
            files::write(&root.join(file), b"new").unwrap();
            let next = prints();
            assert_eq!([0, 1].map(|at| next[at] != last[at]), expected, "{file}");
            last = next;
        }
        std::fs::remove_file(root.join("www/shell/main.js")).unwrap();
        assert_ne!(prints()[1], last[1], "a file that is gone is an edit too");
    }
}
