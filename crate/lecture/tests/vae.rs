//! The VAE of slide 1.4, natively on the CPU device.
#![cfg(feature = "training")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use support::{advance, start};

#[test]
fn the_elbo_rises_and_stays_below_log_px() {
    let mut run = start("vae", |values| values);
    let before = advance(run.as_mut(), 0);
    let after = advance(run.as_mut(), 500);
    let elbo = |snapshot: &figure::Snapshot| snapshot.readout("heldout_elbo").unwrap();
    println!("{} -> {} log_px {:?}", elbo(&before), elbo(&after), after.readout("heldout_log_px"));
    println!("{:?}", after.readouts);
    assert!(elbo(&after) > elbo(&before) + 10.0);
    assert!(after.readout("heldout_log_px").unwrap() > elbo(&after) - 0.1);
}
