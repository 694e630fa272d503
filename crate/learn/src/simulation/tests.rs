//! The sums beside the CPU's.

use super::*;
use math::simulation::{Settings, Simulation, generators};

/// Every estimate is the CPU's, whatever the portions: odd sizes, both functions, with and without baseline.
#[test]
fn the_sums_are_the_cpus() {
    let Some(device) = crate::fused::webgpu_device() else { return };
    for (function, baseline) in [(Function::Square, false), (Function::Square, true), (Function::Step, true)] {
        let sizes = vec![1, 7, 16, 100, 5000, 70_001];
        let settings = Settings { function, baseline, theta: -3.5, repeats: 5, sizes, seed: 3 };
        let mut cpu = Simulation::new(settings.clone()).expect("it can be simulated");
        while !cpu.advance(u64::MAX) {}
        for (index, &n) in settings.sizes.iter().enumerate() {
            let terms = Terms { function, theta: -3.5, baseline: settings.baseline() as f32 };
            let mut sums =
                LaneSums::new(&generators(&settings, index), n as u32, terms, &device).expect("it is WebGPU");
            let mut totals = vec![0.0; sums.lanes()];
            for portion in [1, 3, 100, 1000].into_iter().cycle() {
                if sums.left() == 0 {
                    break;
                }
                sums.draw(portion);
                sums.draw(portion);
                let taken = sums.take().expect("drawn").into_data();
                for (total, sum) in totals.iter_mut().zip(taken.as_slice::<f32>().expect("f32")) {
                    *total += f64::from(*sum);
                }
            }
            let estimates: Vec<f64> =
                totals.chunks(math::rng::LANES).map(|lanes| lanes.iter().sum::<f64>() / n as f64).collect();
            let expected = [cpu.score[index].clone(), cpu.reparam[index].clone()].concat();
            for (ours, cpu) in estimates.iter().zip(&expected) {
                assert!((ours - cpu).abs() < 2e-5 * cpu.abs().max(1.0), "N = {n}: {ours} {cpu}");
            }
        }
    }
}
