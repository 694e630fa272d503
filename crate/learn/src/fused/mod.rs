//! The hot parts of a training step in one pass each, on the CPU and on WebGPU.
//!
//! Composed from tensor operations, a step of a small VAE is some two hundred passes over its numbers, each with a tensor of its own. What
//! belongs together is one operation here, with its own derivative. The formula stands where it is used, as tensor operations, and is what
//! a device computes that has no pass for it: these functions give nothing there. Tests hold the two together, values and gradients.
//!
//! `passes` says what a device must be able to do; `cpu` and `webgpu` do it; `adam`, `dense` and `slopes` make operations of it, with
//! their derivatives.

#[cfg(any(feature = "cpu", feature = "webgpu"))]
mod adam;
#[cfg(feature = "cpu")]
mod cpu;
#[cfg(any(feature = "cpu", feature = "webgpu"))]
mod dense;
#[cfg(not(feature = "cpu"))]
mod nowhere;
#[cfg(any(feature = "cpu", feature = "webgpu"))]
mod passes;
#[cfg(any(feature = "cpu", feature = "webgpu"))]
mod slopes;
#[cfg(all(test, feature = "cpu"))]
mod tests;
#[cfg(feature = "webgpu")]
mod webgpu;

#[cfg(any(feature = "cpu", feature = "webgpu"))]
pub(crate) use adam::OnePass;
#[cfg(feature = "cpu")]
pub(crate) use cpu::{double, halve, kernel_sum, log_sum_exp};
#[cfg(any(feature = "cpu", feature = "webgpu"))]
pub(crate) use dense::dense;
#[cfg(not(any(feature = "cpu", feature = "webgpu")))]
pub(crate) use nowhere::{add_means, bernoulli, dense, kl, row_sums, sample, sigmoid};
#[cfg(not(feature = "cpu"))]
pub(crate) use nowhere::{double, halve, kernel_sum, log_sum_exp};
#[cfg(any(feature = "cpu", feature = "webgpu"))]
pub(crate) use slopes::{add_means, bernoulli, kl, row_sums, sample, sigmoid};
#[cfg(feature = "webgpu")]
pub use webgpu::{LaneSums, options as webgpu_options};

/// What follows a dense layer's sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    None,
    /// max(0, ·), elementwise.
    Relu,
}

/// Whether a device computes in one pass: a test may ask for the compositions.
#[cfg(any(feature = "cpu", feature = "webgpu"))]
fn wanted() -> bool {
    #[cfg(test)]
    return !COMPOSED.get();
    #[cfg(not(test))]
    true
}

#[cfg(test)]
thread_local! {
    static COMPOSED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// WebGPU without a browser, where the machine has an adapter.
#[cfg(all(test, feature = "webgpu"))]
pub(crate) fn webgpu_device() -> Option<burn::tensor::Device> {
    static DEVICE: std::sync::OnceLock<Option<burn::tensor::Device>> = std::sync::OnceLock::new();
    DEVICE.get_or_init(|| webgpu_options().init().ok()).clone()
}

/// What `work` gives where everything is composed from tensor operations.
#[cfg(all(test, feature = "cpu"))]
fn composed<T>(work: impl FnOnce() -> T) -> T {
    COMPOSED.set(true);
    let value = work();
    COMPOSED.set(false);
    value
}
