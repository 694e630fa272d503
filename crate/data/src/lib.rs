//! The data sets: embedded digits, two moons, IDX files; train/held-out splits and shuffled mini-batches.
//! It knows no tensors, fetches nothing and opens no files: bytes are an argument.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "in a test a panic is the report"))]

mod batches;
mod digits;
pub mod idx;
mod moons;

pub use batches::{Batches, HELDOUT_FRACTION, Split, split};
pub use digits::{Digits, UNKNOWN};
pub use moons::{Moons, two_moons};
