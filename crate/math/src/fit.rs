//! A plain optimiser on plain numbers, for sketches and tests. Networks are trained elsewhere.

/// Adam (D. P. Kingma and J. Ba 2015) on a fixed number of parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    /// Step size.
    pub learning_rate: f64,
    first: Vec<f64>,
    second: Vec<f64>,
    first_decay: f64,
    second_decay: f64,
}

impl Adam {
    /// Decay of the mean of gradients.
    const BETA_1: f64 = 0.9;
    /// Decay of the mean of squared gradients.
    const BETA_2: f64 = 0.999;
    /// Keeps the division finite.
    const TINY: f64 = 1e-8;

    /// An optimiser of `count` parameters that has seen nothing.
    pub fn new(count: usize, learning_rate: f64) -> Self {
        Self { learning_rate, first: vec![0.0; count], second: vec![0.0; count], first_decay: 1.0, second_decay: 1.0 }
    }

    /// Moves the parameters a step up the gradient. Panics when the lengths differ.
    pub fn ascend(&mut self, parameters: &mut [f64], gradient: &[f64]) {
        assert!(
            parameters.len() == self.first.len() && gradient.len() == self.first.len(),
            "one derivative per parameter"
        );
        self.first_decay *= Self::BETA_1;
        self.second_decay *= Self::BETA_2;
        for (i, &slope) in gradient.iter().enumerate() {
            self.first[i] = Self::BETA_1 * self.first[i] + (1.0 - Self::BETA_1) * slope;
            self.second[i] = Self::BETA_2 * self.second[i] + (1.0 - Self::BETA_2) * slope * slope;
            let size = libm::sqrt(self.second[i] / (1.0 - self.second_decay)) + Self::TINY;
            parameters[i] += self.learning_rate * self.first[i] / (1.0 - self.first_decay) / size;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_climbs_to_the_top() {
        let mut adam = Adam::new(2, 0.05);
        let mut at = [3.0, -2.0];
        adam.ascend(&mut at, &[10.0, -0.1]);
        // The first step has the length of the learning rate, whatever the gradient's.
        assert!((at[0] - 3.05).abs() < 1e-6 && (at[1] + 2.05).abs() < 1e-6);
        for _ in 0..3000 {
            let gradient = [-2.0 * (at[0] - 1.0), -20.0 * (at[1] - 0.5)];
            adam.ascend(&mut at, &gradient);
        }
        assert!((at[0] - 1.0).abs() < 1e-4 && (at[1] - 0.5).abs() < 1e-4, "{at:?}");
    }
}
