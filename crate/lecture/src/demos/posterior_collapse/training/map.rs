//! The map: which pairs of settings are trained, in which order, and the results. No tensors here.

use math::rng::Rng;

/// KL weights of the columns.
pub(super) const BETAS: [f64; 7] = [0.1, 0.22, 0.46, 1.0, 2.2, 4.6, 10.0];
/// σ_x of the rows, lowest first.
pub(super) const SIGMAS: [f64; 6] = [0.1, 0.16, 0.25, 0.4, 0.63, 1.0];
/// Decoders of the rows, the weakest first: hidden layers, and whether pixels depend on the earlier ones.
pub(super) const DECODERS: [(usize, bool); 5] = [(0, false), (1, false), (2, false), (3, false), (1, true)];
/// Their names.
pub(super) const DECODER_NAMES: [&str; 5] = ["linear", "1 layer", "2 layers", "3 layers", "sees earlier pixels"];

/// How many cells train together: six can be divided equally between two and three workers.
pub(super) const TOGETHER: usize = 6;

/// The setting that varies over the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    SigmaX,
    Decoder,
}

impl Rows {
    /// The number of rows.
    pub(super) fn count(self) -> usize {
        match self {
            Self::SigmaX => SIGMAS.len(),
            Self::Decoder => DECODERS.len(),
        }
    }
}

/// The cells, row by row, with the thresholds of the finished ones.
#[derive(Clone, Debug)]
pub(super) struct Map {
    pub(super) rows: Rows,
    order: Vec<usize>,
    begun: usize,
    /// The ε above which each dimension is collapsed; empty: not trained yet.
    pub(super) cells: Vec<Vec<f64>>,
}

impl Map {
    /// A map without trained cells. The order is the same at every seed: scattered, so that the picture is coarse before it is fine.
    pub(super) fn new(rows: Rows) -> Self {
        let count = rows.count() * BETAS.len();
        Self { rows, order: Rng::new(0).permutation(count), begun: 0, cells: vec![Vec::new(); count] }
    }

    /// The cells that currently train together, none after the last.
    pub(super) fn current(&self) -> &[usize] {
        &self.order[self.begun..self.order.len().min(self.begun + TOGETHER)]
    }

    /// Moves on to the next cells.
    pub(super) fn advance(&mut self) {
        self.begun += self.current().len();
    }

    /// How many cells are fully trained.
    pub(super) fn done(&self) -> usize {
        self.begun
    }

    /// Column and row of a cell.
    pub(super) fn place(cell: usize) -> (usize, usize) {
        (cell % BETAS.len(), cell / BETAS.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_comes_once() {
        for rows in [Rows::SigmaX, Rows::Decoder] {
            let mut map = Map::new(rows);
            let mut seen = vec![0; map.cells.len()];
            while !map.current().is_empty() {
                for &cell in map.current() {
                    seen[cell] += 1;
                    assert!(Map::place(cell).1 < rows.count());
                }
                map.advance();
            }
            assert!(seen.iter().all(|&times| times == 1) && map.done() == seen.len());
        }
    }
}
