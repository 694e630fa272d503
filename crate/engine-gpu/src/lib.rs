//! The engine on WebGPU as a wasm module: [`engine`] with burn's device for WebGPU. Build it in a cargo call of its own, since the
//! features of packages that are built together are united.

pub use engine::*;
