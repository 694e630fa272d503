//! The hot parts of a training step in one pass each, on the CPU.
//!
//! Composed from tensor operations, a step of a small VAE is some two hundred passes over its numbers, each with a tensor of its own. What
//! belongs together is one operation here, with its own derivative. The formula stands where it is used, as tensor operations, and is what
//! every other device computes: these functions give nothing there, and without the feature `cpu`. Tests hold the two together, values and
//! gradients.

#[cfg(feature = "cpu")]
mod adam;
#[cfg(feature = "cpu")]
mod bernoulli;
#[cfg(feature = "cpu")]
mod conv;
#[cfg(feature = "cpu")]
mod dense;
#[cfg(feature = "cpu")]
mod gaussian;
#[cfg(feature = "cpu")]
mod host;
#[cfg(feature = "cpu")]
mod kernel;
#[cfg(feature = "cpu")]
mod log_sum_exp;
#[cfg(not(feature = "cpu"))]
mod nowhere;
#[cfg(feature = "cpu")]
mod patches;
#[cfg(feature = "cpu")]
mod slopes;
#[cfg(all(test, feature = "cpu"))]
mod tests;

#[cfg(feature = "cpu")]
pub(crate) use adam::OnePass;
#[cfg(feature = "cpu")]
pub(crate) use bernoulli::bernoulli;
#[cfg(feature = "cpu")]
pub(crate) use conv::{double, halve};
#[cfg(feature = "cpu")]
pub(crate) use dense::dense;
#[cfg(feature = "cpu")]
pub(crate) use gaussian::{kl, sample};
#[cfg(feature = "cpu")]
pub(crate) use kernel::kernel_sum;
#[cfg(feature = "cpu")]
pub(crate) use log_sum_exp::log_sum_exp;
#[cfg(not(feature = "cpu"))]
pub(crate) use nowhere::{bernoulli, dense, double, halve, kernel_sum, kl, log_sum_exp, sample};

/// What follows a dense layer's sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    None,
    /// max(0, ·), elementwise.
    Relu,
}

/// Whether a device computes in one pass: a test may ask for the compositions.
#[cfg(feature = "cpu")]
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

/// What `work` gives where everything is composed from tensor operations.
#[cfg(all(test, feature = "cpu"))]
fn composed<T>(work: impl FnOnce() -> T) -> T {
    COMPOSED.set(true);
    let value = work();
    COMPOSED.set(false);
    value
}
