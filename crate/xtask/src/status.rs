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
    /// Why the code does not compile.
    pub(crate) code_error: Option<String>,
    /// Why the page cannot be put together.
    pub(crate) page_error: Option<String>,
}

impl Status {
    /// The content of `changes.json`.
    pub(crate) fn changes(&self) -> Value {
        json!({ "page": self.page, "error": self.code_error.as_ref().or(self.page_error.as_ref()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An edit of prose makes no code compile.
    #[test]
    fn an_error_stays_until_what_it_is_about_is_mended() {
        let code_error = Some("it does not compile".to_owned());
        let mut status = Status { cpu: true, gpu: Gpu::Absent, page: 1, code_error, page_error: None };
        assert_eq!(status.changes()["error"], "it does not compile");
        (status.code_error, status.page_error) = (None, Some("no such figure".to_owned()));
        assert_eq!(status.changes()["error"], "no such figure");
        status.page_error = None;
        assert_eq!(status.changes(), json!({ "page": 1, "error": null }));
    }

    #[test]
    fn the_page_reads_how_far_the_webgpu_engine_is() {
        let building = json!({ "cpu": { "ready": true }, "gpu": { "ready": false, "building": "1 of 3" } });
        assert_eq!(engines(&Gpu::Building("1 of 3".to_owned())), building);
        assert_eq!(engines(&Gpu::Ready), json!({ "cpu": { "ready": true }, "gpu": { "ready": true } }));
    }
}
