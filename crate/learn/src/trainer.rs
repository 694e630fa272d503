//! The one training loop: a module, its optimiser, and a step along the gradient of an objective.

use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Gradients, Tensor};

/// A module in training.
pub struct Trainer<M> {
    /// The module, on the autodiff device.
    pub module: M,
    /// Updates made so far.
    pub step: u64,
    optimizer: ModuleOptimizer,
    new_optimizer: fn() -> ModuleOptimizer,
}

impl<M: Module> Trainer<M> {
    /// The module with [`adam`].
    pub fn new(module: M) -> Self {
        Self::with_optimizer(module, adam)
    }

    /// The module with another optimiser.
    pub fn with_optimizer(module: M, new_optimizer: fn() -> ModuleOptimizer) -> Self {
        Self { module, step: 0, optimizer: new_optimizer(), new_optimizer }
    }

    /// One step up the gradient of an objective, `[1]`, that was computed from the module: loss = −objective.
    pub fn ascend(&mut self, objective: Tensor<1>, learning_rate: f64) {
        let loss = -objective;
        self.descend(loss.backward(), learning_rate);
    }

    /// One step down the gradients of a loss that was computed from the module.
    pub fn descend(&mut self, mut gradients: Gradients, learning_rate: f64) {
        self.descend_part(&mut gradients, learning_rate);
    }

    /// The same where the loss was computed from other modules too: takes this module's gradients out of all of them.
    pub fn descend_part(&mut self, gradients: &mut Gradients, learning_rate: f64) {
        let gradients = GradientsParams::from_module(gradients, &self.module);
        self.module = self.optimizer.step(learning_rate, self.module.clone(), gradients);
        self.step += 1;
    }

    /// Goes back to a module as it was after `step` updates, with a new optimiser.
    pub fn restore(&mut self, step: u64, module: M) {
        *self = Self { step, ..Self::with_optimizer(module, self.new_optimizer) };
    }

    /// The module without autodiff, for evaluation.
    pub fn valid(&self) -> M {
        self.module.valid()
    }
}

/// Adam with the constants of Kingma & Ba 2015 (β₁ 0.9, β₂ 0.999, ε 1e-8).
pub fn adam() -> ModuleOptimizer {
    let config = AdamConfig::new().with_epsilon(1e-8);
    #[cfg(any(feature = "cpu", feature = "webgpu"))]
    return ModuleOptimizer::from(crate::fused::OnePass::new(config.build()));
    #[cfg(not(any(feature = "cpu", feature = "webgpu")))]
    return config.init();
}

/// Means over the steps since they were last taken: of numbers that every step has, on the device.
#[derive(Clone, Default)]
pub struct Recent {
    sums: Option<Tensor<1>>,
    steps: u32,
}

impl Recent {
    /// Adds a step's numbers, `[count]`, without autodiff.
    pub fn add(&mut self, numbers: Tensor<1>) {
        self.sums = Some(match self.sums.take() {
            None => numbers,
            Some(sums) => sums + numbers,
        });
        self.steps += 1;
    }

    /// Adds the means of a step's two columns, `[batch]` each, without autodiff.
    pub fn add_means(&mut self, columns: &[Tensor<1>; 2]) {
        let sums = self.sums.take();
        let added = crate::fused::add_means(sums.as_ref(), columns);
        self.sums = Some(added.unwrap_or_else(|| {
            let means = Tensor::cat(columns.iter().map(|column| column.clone().mean()).collect(), 0);
            sums.map_or(means.clone(), |sums| sums + means)
        }));
        self.steps += 1;
    }

    /// The means, `[count]`, and over how many steps they are; none before the first.
    pub fn take(&mut self) -> Option<(Tensor<1>, u32)> {
        let steps = std::mem::take(&mut self.steps);
        Some((self.sums.take()? / f64::from(steps), steps))
    }
}
