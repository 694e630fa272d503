//! The device that this engine is built for. No other file names one.

use burn::tensor::Device;

/// `cpu` or `webgpu`.
#[cfg(not(feature = "gpu"))]
pub(crate) const NAME: &str = "cpu";
/// `cpu` or `webgpu`.
#[cfg(feature = "gpu")]
pub(crate) const NAME: &str = "webgpu";

/// The CPU, through 128-bit vectors.
#[cfg(all(feature = "cpu", not(feature = "gpu")))]
#[allow(clippy::unused_async, reason = "the WebGPU engine waits for its adapter here")]
pub(crate) async fn open() -> Result<Device, String> {
    Ok(Device::flex())
}

/// The browser's WebGPU adapter.
#[cfg(feature = "gpu")]
pub(crate) async fn open() -> Result<Device, String> {
    learn::fused::webgpu_options()
        .init_async()
        .await
        .map_err(|error| format!("This browser gives the page no WebGPU device ({error})."))
}

#[cfg(not(any(feature = "cpu", feature = "gpu")))]
compile_error!("build the engine with the feature `cpu` or `gpu`");
