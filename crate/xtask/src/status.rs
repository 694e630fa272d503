//! What the server tells an open page: which engines there are, and what an edit has led to.

use serde_json::{Value, json};

/// The state of the WebGPU engine.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Gpu {
    /// It is there.
    Ready,
    /// It is being built; the words say how far it is.
    Building(String),
    /// It is not part of this site.
    Absent,
    /// Its build failed, for the reason in the words.
    Failed(String),
}

/// The content of `engines.json`; the CPU engine is always part of a site.
pub(crate) fn engines(gpu: &Gpu) -> Value {
    let gpu = match gpu {
        Gpu::Ready => json!({ "ready": true }),
        Gpu::Building(words) => json!({ "ready": false, "building": words }),
        Gpu::Absent => json!({ "ready": false }),
        Gpu::Failed(words) => json!({ "ready": false, "failed": words }),
    };
    json!({ "cpu": { "ready": true }, "gpu": gpu })
}

/// The state that the builder writes and the server reads.
#[derive(Debug, Clone)]
pub(crate) struct Status {
    /// Whether the CPU engine can be sent.
    pub(crate) cpu: bool,
    /// The WebGPU engine.
    pub(crate) gpu: Gpu,
    /// The number of the page: an open page with another one is out of date.
    pub(crate) page: u64,
    /// Why the last edit led to no new page.
    pub(crate) error: Option<String>,
}

impl Status {
    /// The content of `changes.json`.
    pub(crate) fn changes(&self) -> Value {
        json!({ "page": self.page, "error": self.error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_reads_how_far_the_webgpu_engine_is() {
        let building = json!({ "cpu": { "ready": true }, "gpu": { "ready": false, "building": "1 of 3" } });
        assert_eq!(engines(&Gpu::Building("1 of 3".to_owned())), building);
        assert_eq!(engines(&Gpu::Ready), json!({ "cpu": { "ready": true }, "gpu": { "ready": true } }));
    }
}
