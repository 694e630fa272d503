//! Train/held-out splits, and mini-batches in a new random order each epoch.

use math::rng::Rng;

/// The usual share of held-out examples: 359 of the 1,797 digits.
pub const HELDOUT_FRACTION: f64 = 0.2;

/// A data set in two parts without a common example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Examples to train on, in increasing order.
    pub train: Vec<usize>,
    /// Examples never trained on, in increasing order.
    pub heldout: Vec<usize>,
}

/// Splits 0..n at random, `heldout_fraction` of it (rounded) held out. The same seed gives the same split.
///
/// The fraction is clamped to [0, 1]; NaN holds nothing out.
pub fn split(n: usize, heldout_fraction: f64, seed: u64) -> Split {
    /// The stream of this use of the seed: a split shares no random numbers with other uses.
    const SPLIT: u64 = 0x5917;
    let heldout_count = (n as f64 * heldout_fraction.clamp(0.0, 1.0)).round() as usize;
    let mut heldout = Rng::new(seed).stream(SPLIT).permutation(n);
    let mut train = heldout.split_off(heldout_count);
    heldout.sort_unstable();
    train.sort_unstable();
    Split { train, heldout }
}

/// A set of examples in batches of any size, in a new random order each epoch.
///
/// Each epoch has every example exactly once. A batch that the rest of an epoch does not fill continues in the next epoch, so that every
/// batch has the requested size (and only such a batch can hold an example twice).
#[derive(Clone, Debug, PartialEq)]
pub struct Batches {
    order: Vec<usize>,
    /// Examples of this epoch that were handed out.
    used: usize,
    rng: Rng,
}

impl Batches {
    /// Batches of `examples`, shuffled by `rng`, which should be a stream of its own.
    pub fn new(examples: Vec<usize>, mut rng: Rng) -> Self {
        let mut order = examples;
        rng.shuffle(&mut order);
        Self { order, used: 0, rng }
    }

    /// The next `batch_size` examples. Without examples every batch is empty.
    pub fn next(&mut self, batch_size: usize) -> Vec<usize> {
        let mut batch = Vec::with_capacity(batch_size);
        while batch.len() < batch_size && !self.order.is_empty() {
            if self.used == self.order.len() {
                self.rng.shuffle(&mut self.order);
                self.used = 0;
            }
            let count = (batch_size - batch.len()).min(self.order.len() - self.used);
            batch.extend_from_slice(&self.order[self.used..self.used + count]);
            self.used += count;
        }
        batch
    }

    /// Examples in an epoch.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there are no examples.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_is_a_partition() {
        let Split { train, heldout } = split(1797, HELDOUT_FRACTION, 0);
        assert_eq!((train.len(), heldout.len()), (1438, 359));
        let mut all = [train.clone(), heldout.clone()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..1797).collect::<Vec<_>>());
        assert_eq!(split(1797, HELDOUT_FRACTION, 0).heldout, heldout);
        assert_ne!(split(1797, HELDOUT_FRACTION, 1).heldout, heldout);
        assert_ne!(heldout, (0..359).collect::<Vec<_>>());
    }

    #[test]
    fn a_split_has_edges() {
        assert_eq!(split(0, 0.5, 0), Split { train: vec![], heldout: vec![] });
        assert_eq!(split(10, 7.0, 0).train, []);
        assert_eq!(split(10, -1.0, 0).heldout, []);
        assert_eq!(split(10, f64::NAN, 0).heldout, []);
    }

    #[test]
    fn every_epoch_has_every_example_once() {
        let examples = vec![3, 1, 4, 15, 9, 2, 6];
        for batch_size in [1, 2, 3, 7, 20] {
            let mut batches = Batches::new(examples.clone(), Rng::new(1));
            let mut dealt = Vec::new();
            while dealt.len() < 7 * 20 {
                let batch = batches.next(batch_size);
                assert_eq!(batch.len(), batch_size);
                dealt.extend(batch);
            }
            let mut orders = std::collections::BTreeSet::new();
            for epoch in dealt.chunks_exact(7) {
                orders.insert(epoch.to_vec());
                let mut sorted = epoch.to_vec();
                sorted.sort_unstable();
                assert_eq!(sorted, [1, 2, 3, 4, 6, 9, 15]);
            }
            assert!(orders.len() > 15, "each epoch has its own order");
        }
    }

    #[test]
    fn the_size_of_batches_may_change_and_the_order_stays() {
        let mut fixed = Batches::new((0..10).collect(), Rng::new(2));
        let mut changing = fixed.clone();
        let whole = fixed.next(25);
        let parts = [changing.next(3), changing.next(0), changing.next(15), changing.next(7)].concat();
        assert_eq!(whole, parts);
        assert_eq!(fixed, changing);
        assert!(Batches::new(vec![], Rng::new(0)).next(5).is_empty());
    }
}
