//! Slide 1.2: a VAE learns with every likelihood.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::DEMO;
use crate::testing::{advance, start, value};

#[test]
fn every_likelihood_trains_and_shows_its_samples() {
    for likelihood in ["bernoulli", "gaussian", "gaussian-learned", "gaussian-per-pixel", "laplace", "laplace-learned"]
    {
        let mut run = start(DEMO, |values| values.with("likelihood", likelihood).with("hidden", 32.0));
        let before = value(&advance(run.as_mut(), 0), "heldout_elbo");
        let after = advance(run.as_mut(), 150);
        assert!(value(&after, "heldout_elbo") > before + 5.0, "{likelihood} from {before}: {:?}", after.readouts);
        assert!(after.figure("samples").is_some());
        let learned = after.readout("learned_scale");
        match likelihood {
            "gaussian" | "laplace" => {
                assert!((learned.unwrap() - 0.2).abs() < 1e-6, "{likelihood}: a fixed scale moved")
            }
            "gaussian-learned" | "laplace-learned" => assert!((learned.unwrap() - 0.2).abs() > 1e-4, "{likelihood}"),
            _ => assert!(learned.is_none()),
        }
    }
}
