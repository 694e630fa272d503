//! Networks: a config builds a module, a module only has `forward`-like functions. No loss, no loop, no randomness of
//! its own: initial weights come from a generator passed in.

pub mod host;
mod linear;
mod vae;
mod weights;

pub use linear::{glorot, linear, tensor};
pub use vae::{Decoder, Encoder, Vae, VaeConfig};
pub use weights::{Stored, description, from_bytes, restore, to_bytes, weights};
