//! The KL weight of a training step, slide 3.2: a rise from 0, once or in cycles. It knows no training.
//!
//! ```
//! use math::annealing::{cyclical, linear};
//! // A rise over 100 steps to 2, and the same in cycles of 200 steps.
//! assert_eq!([0, 50, 100, 250].map(|step| linear(2.0, step, 100)), [0.0, 1.0, 2.0, 2.0]);
//! assert_eq!([0, 50, 100, 250].map(|step| cyclical(2.0, step, 100)), [0.0, 1.0, 2.0, 1.0]);
//! ```

/// Steps of a cycle over those of its rise: 1/R with R = 0.5 (Fu et al. 2019).
pub const CYCLE: u64 = 2;

/// How many cycles there are, M of Fu et al. 2019; the weight stays where the last one ends.
pub const CYCLES: u64 = 4;

/// The KL weight after `step` steps of a warm-up: beta·min(1, step/ramp); beta where `ramp` is 0.
/// S. R. Bowman et al. 2016, with a linear rise.
pub fn linear(beta: f64, step: u64, ramp: u64) -> f64 {
    if step >= ramp { beta } else { beta * step as f64 / ramp as f64 }
}

/// The KL weight after `step` steps of cyclical annealing: [`linear`] in the steps of each of [`CYCLES`] cycles of
/// [`CYCLE`]·`ramp` steps, and beta after them; beta where `ramp` is 0. H. Fu et al. 2019, whose steps count from 1.
pub fn cyclical(beta: f64, step: u64, ramp: u64) -> f64 {
    let cycle = CYCLE * ramp;
    if step >= CYCLES * cycle { beta } else { linear(beta, step % cycle, ramp) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two schedules against NumPy:
    ///
    /// ```python
    /// t, w, beta = np.arange(0, 800, 37), 90, 3.0
    /// list(beta * np.minimum(1, t / w))
    /// list(beta * np.where(t < 8 * w, np.minimum(1, np.mod(t, 2 * w) / w), 1))
    /// ```
    #[test]
    fn both_schedules_are_numpys() {
        let steps: Vec<u64> = (0..800).step_by(37).collect();
        let close = |schedule: fn(f64, u64, u64) -> f64, golden: &[f64]| {
            assert_eq!(steps.len(), golden.len());
            for (&step, golden) in steps.iter().zip(golden) {
                let weight = schedule(3.0, step, 90);
                assert!((weight - golden).abs() < 1e-14, "{weight} against {golden} at {step}");
            }
        };
        close(linear, &LINEAR);
        close(cyclical, &CYCLICAL);
    }

    #[test]
    fn every_rise_ends_at_beta_and_every_cycle_begins_at_zero() {
        let (beta, ramp) = (2.5, 60);
        for cycle in 0..CYCLES {
            let begin = cycle * CYCLE * ramp;
            assert_eq!(cyclical(beta, begin, ramp), 0.0);
            assert!(cyclical(beta, begin + ramp - 1, ramp) < beta);
            for step in begin + ramp..begin + CYCLE * ramp {
                assert_eq!(cyclical(beta, step, ramp), beta);
            }
        }
        for step in 0..2 * CYCLES * CYCLE * ramp {
            let weight = cyclical(beta, step, ramp);
            assert!((0.0..=beta).contains(&weight) && (step < CYCLES * CYCLE * ramp || weight == beta));
            // Before its first cycle ends it is the warm-up.
            assert!(step >= CYCLE * ramp || weight == linear(beta, step, ramp));
        }
        // Without a rise both are beta.
        assert_eq!([0, 1, 1000].map(|step| [linear(beta, step, 0), cyclical(beta, step, 0)]), [[beta; 2]; 3]);
    }

    const LINEAR: [f64; 22] = [
        0.0,
        1.2333333333333334,
        2.466666666666667,
        3.0,
        3.0,
        3.0,
        3.0,
        3.0,
        3.0,
        3.0,
        3.0,
        3.0,
        3.0,
        3.0,
        3.0,
        3.0,
        3.0,
        3.0,
        3.0,
        3.0,
        3.0,
        3.0,
    ];

    const CYCLICAL: [f64; 22] = [
        0.0,
        1.2333333333333334,
        2.466666666666667,
        3.0,
        3.0,
        0.16666666666666666,
        1.4,
        2.6333333333333333,
        3.0,
        3.0,
        0.3333333333333333,
        1.5666666666666669,
        2.8,
        3.0,
        3.0,
        0.5,
        1.7333333333333332,
        2.966666666666667,
        3.0,
        3.0,
        3.0,
        3.0,
    ];
}
