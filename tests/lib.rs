//! What is tested across crates and in real browsers: a browser at the built site, and how to use a demo in it as a
//! person would.
//!
//! The site is found through `PLAYGROUND_DIST` (else `dist/` beside the workspace), the driver on the path. Every test
//! opens its own browser and reads its whole console at the end: one message fails the test.

mod page;
mod server;

pub use page::{Gpu, Page, Size};
pub use server::Server;

/// The workspace's root.
pub fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
