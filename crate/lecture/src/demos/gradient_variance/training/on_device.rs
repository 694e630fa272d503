//! The same estimates drawn on WebGPU, size after size, all estimates of a size side by side.

use burn::tensor::{Device, Tensor};
use learn::simulation::{LaneSums, Terms};
use math::rng::LANES;
use math::simulation::{Settings, Simulation, generators};

/// Portions that are added up on the device, in f32, before their sums are read and added up in f64.
const PORTIONS: u32 = 64;

/// Estimates that are drawn on a device.
pub(super) struct OnDevice {
    device: Device,
    /// The N that is drawn, and its lanes; as many as there are N when all are drawn.
    size_index: usize,
    lanes: Option<LaneSums>,
    portions: u32,
    drawn: u64,
    /// Sums that are to be read, with the N that they are of, and whether they are its last.
    asked: Vec<(usize, bool, Tensor<1>)>,
    expected: Vec<(usize, bool)>,
    /// What was read of each lane of the N that is not complete yet.
    totals: Vec<f64>,
}

impl OnDevice {
    /// Nothing drawn yet. None where the device is not WebGPU.
    pub(super) fn new(settings: &Settings, device: &Device) -> Option<Self> {
        let lanes = lanes(settings, 0, device)?;
        let (asked, expected, totals) = Default::default();
        Some(Self {
            device: device.clone(),
            size_index: 0,
            lanes: Some(lanes),
            portions: 0,
            drawn: 0,
            asked,
            expected,
            totals,
        })
    }

    /// Draws about so many samples.
    pub(super) fn advance(&mut self, settings: &Settings, samples: u64) {
        let until = self.drawn + samples;
        while self.drawn < until {
            let Some(lanes) = &mut self.lanes else { return };
            let width = 2 * lanes.lanes() as u64;
            let pairs = (until - self.drawn).div_ceil(width).min(u64::from(lanes.left())) as u32;
            lanes.draw(pairs);
            self.drawn += u64::from(pairs) * width;
            self.portions += 1;
            let complete = lanes.left() == 0;
            if complete || self.portions == PORTIONS {
                self.take(complete);
            }
            if complete {
                self.size_index += 1;
                self.lanes =
                    (self.size_index < settings.sizes.len()).then(|| lanes_of(settings, self.size_index, &self.device));
            }
        }
    }

    fn take(&mut self, complete: bool) {
        self.portions = 0;
        if let Some(sums) = self.lanes.as_mut().and_then(LaneSums::take) {
            self.asked.push((self.size_index, complete, sums));
        }
    }

    /// The sums that are to be read.
    pub(super) fn ask(&mut self) -> Vec<Tensor<1>> {
        let asked = std::mem::take(&mut self.asked);
        self.expected = asked.iter().map(|(size_index, complete, _)| (*size_index, *complete)).collect();
        asked.into_iter().map(|(.., sums)| sums).collect()
    }

    /// Adds up what was read; a size that is complete becomes estimates.
    pub(super) fn observe(&mut self, simulation: &mut Simulation, answers: &[Vec<f32>]) {
        for ((size_index, complete), sums) in std::mem::take(&mut self.expected).into_iter().zip(answers) {
            self.totals.resize(sums.len(), 0.0);
            self.totals.iter_mut().zip(sums).for_each(|(total, sum)| *total += f64::from(*sum));
            if complete {
                let n = simulation.settings.sizes[size_index] as f64;
                let of = |lanes: &[f64]| lanes.iter().sum::<f64>() / n;
                let mut score: Vec<f64> = self.totals.chunks(LANES).map(of).collect();
                let reparam = score.split_off(score.len() / 2);
                simulation.take(size_index, score, reparam);
                self.totals.clear();
            }
        }
    }

    /// Whether everything is drawn.
    pub(super) fn is_drawn(&self) -> bool {
        self.lanes.is_none()
    }
}

fn lanes(settings: &Settings, size_index: usize, device: &Device) -> Option<LaneSums> {
    let terms =
        Terms { function: settings.function, theta: settings.theta as f32, baseline: settings.baseline() as f32 };
    LaneSums::new(&generators(settings, size_index), settings.sizes[size_index] as u32, terms, device)
}

fn lanes_of(settings: &Settings, size_index: usize, device: &Device) -> LaneSums {
    lanes(settings, size_index, device).expect("the device had lanes for the first size")
}
