//! Files that the user provides, weights and images, as bytes by name.

use std::collections::BTreeMap;

/// The user's files by name: `model` (weights as safetensors bytes), `images` and `labels` (IDX bytes).
#[derive(Clone, Debug, Default)]
pub struct Assets(pub BTreeMap<String, Vec<u8>>);
