//! What is tested across crates and in real browsers: a browser at the built site, and how to use a demo in it as a
//! person would.
//!
//! The site is found through `PLAYGROUND_DIST` (else `dist/` beside the workspace), the driver on the path. Every test
//! opens its own browser and reads its whole console at the end: one message fails the test.

mod native;
mod page;
mod server;

pub use native::{native, shown};
pub use page::{Gpu, Page, Size};
pub use server::Server;

/// The workspace's root.
pub fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The Rust files in a folder and in those inside it.
pub fn sources(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
