//! Section 2 natively on the CPU device: the laws of the linear VAE, and what the demo finds.
#![cfg(feature = "training")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use figure::Snapshot;
use support::{advance, start};

#[test]
fn probe() {
    for (m, steps) in [(10.0, 600), (10.0, 1000), (20.0, 1000)] {
        let t = std::time::Instant::now();
        let mut run = start("linear-vae", |v| v.with("latent", m));
        let s = advance(run.as_mut(), steps);
        println!("{m} {steps} {:?}", t.elapsed());
        for r in &s.readouts { println!("  {} {:.6} {:?}", r.name, r.value, r.error); }
    }
}
