//! `engines.json`: which engines the site has, and how far the one under construction is.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

/// What the page is told about the WebGPU engine.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Gpu {
    /// It is there.
    Ready,
    /// It is being built, so far as the words say.
    Building(String),
    /// It is not part of this site.
    Absent,
    /// Its build failed, for the reason in the words.
    Failed(String),
}

/// The content of `engines.json`; the CPU engine is always part of a site.
pub(crate) fn describe(gpu: &Gpu) -> Value {
    let gpu = match gpu {
        Gpu::Ready => json!({ "ready": true }),
        Gpu::Building(words) => json!({ "ready": false, "building": words }),
        Gpu::Absent => json!({ "ready": false }),
        Gpu::Failed(words) => json!({ "ready": false, "failed": words }),
    };
    json!({ "cpu": { "ready": true }, "gpu": gpu })
}

/// The state of the WebGPU engine, shared between the builder and the server.
#[derive(Debug, Clone)]
pub(crate) struct Board(Arc<Mutex<Gpu>>);

impl Board {
    /// A board that begins with `gpu`.
    pub(crate) fn new(gpu: Gpu) -> Self {
        Self(Arc::new(Mutex::new(gpu)))
    }

    /// Writes the new state.
    pub(crate) fn set(&self, gpu: Gpu) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = gpu;
    }

    /// The present `engines.json`.
    pub(crate) fn json(&self) -> String {
        describe(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_board_says_what_was_set() {
        // The order of keys is the JSON crate's business: other packages of a build may change it.
        let says = |board: &Board| serde_json::from_str::<Value>(&board.json()).unwrap();
        let board = Board::new(Gpu::Building("compiling 1 of 3".into()));
        let building = json!({ "cpu": { "ready": true }, "gpu": { "ready": false, "building": "compiling 1 of 3" } });
        assert_eq!(says(&board), building);
        board.set(Gpu::Ready);
        assert_eq!(says(&board), json!({ "cpu": { "ready": true }, "gpu": { "ready": true } }));
    }
}
