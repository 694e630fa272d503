//! Networks: a config builds a module, a module only has `forward`-like functions. No loss, no training loop, no random
//! generator: initial weights come from a generator passed in.

mod autoregressive;
pub mod conv;
pub mod host;
mod linear;
mod linear_vae;
mod m2;
mod prior;
mod vae;
mod weights;

pub use autoregressive::{Earlier, StrongVae};
pub use linear::{dense, flat, glorot, linear, repeat_each, tensor};
pub use linear_vae::{LinearShape, LinearVae};
pub use m2::{ClassDecoder, ClassEncoder, ClassLinear, Classifier, M2, M2Config};
pub use prior::{MixturePrior, VampPrior};
pub use vae::{Architecture, Decoder, Encoder, Vae, VaeConfig};
pub use weights::{Stored, description, from_bytes, restore, to_bytes, weights};
