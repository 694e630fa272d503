//! Part 3 of the lecture: should we optimise the ELBO? Slides 3.1 to 3.3, equations (14) to (21).

mod bars;
pub mod elbo_surgery;
pub mod mi_bound;
pub mod posterior_collapse;

use crate::Demo;

/// The demos of part 3.
pub fn demos() -> Vec<Demo> {
    vec![mi_bound::DEMO, posterior_collapse::DEMO, elbo_surgery::DEMO]
}
