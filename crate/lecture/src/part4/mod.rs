//! Part 4 of the lecture: the likelihood-free objective, ELBO + (1 − ω) I(x,z).

pub mod mi_objective;

use crate::Demo;

/// The demos of part 4.
pub fn demos() -> Vec<Demo> {
    vec![mi_objective::DEMO]
}
