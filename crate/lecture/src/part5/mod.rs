//! Part 5 of the lecture: semi-supervised learning with the M2 model.

pub mod m2;

use crate::Demo;

/// The demos of part 5.
pub fn demos() -> Vec<Demo> {
    vec![m2::DEMO]
}
