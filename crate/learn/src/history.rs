//! Curves over a run in bounded memory: rows at a fixed stride of steps, halved in number when there are too many.

/// The most rows kept; enough for a smooth curve on any screen.
const MOST_ROWS: usize = 512;

/// Rows of numbers by step. Which steps have rows depends on the number of steps only, never on timing: the same seed gives
/// the same curve.
#[derive(Clone, Debug)]
pub struct History {
    stride: u64,
    rows: Vec<(u64, Vec<f64>)>,
}

impl History {
    /// An empty history with a row every `stride` steps at first.
    pub fn new(stride: u64) -> Self {
        Self { stride, rows: Vec::new() }
    }

    /// Whether a row is due after this many steps.
    pub fn due(&self, step: u64) -> bool {
        step.is_multiple_of(self.stride)
    }

    /// Adds a row. When there are too many, every second one is dropped and the stride doubles.
    pub fn push(&mut self, step: u64, row: Vec<f64>) {
        if !self.due(step) {
            return; // requested before the stride doubled
        }
        self.rows.push((step, row));
        if self.rows.len() > MOST_ROWS {
            self.stride *= 2;
            let stride = self.stride;
            self.rows.retain(|(step, _)| step.is_multiple_of(stride));
        }
    }

    /// The last row.
    pub fn last(&self) -> Option<&(u64, Vec<f64>)> {
        self.rows.last()
    }

    /// All rows, by step.
    pub fn rows(&self) -> &[(u64, Vec<f64>)] {
        &self.rows
    }

    /// One column as points (step, value).
    pub fn column(&self, index: usize) -> Vec<[f64; 2]> {
        self.rows.iter().map(|(step, row)| [*step as f64, row[index]]).collect()
    }

    /// Drops every row after a step (the run went back to it).
    pub fn rewind(&mut self, step: u64) {
        self.rows.retain(|(at, _)| *at <= step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_the_ends_and_an_even_stride() {
        let mut history = History::new(5);
        for step in 0..20_000 {
            if history.due(step) {
                history.push(step, vec![step as f64]);
            }
        }
        let rows = history.rows();
        assert!(rows.len() <= MOST_ROWS && rows.len() >= MOST_ROWS / 2 - 1, "{}", rows.len());
        assert_eq!(rows[0].0, 0);
        assert!(rows.windows(2).all(|pair| pair[1].0 - pair[0].0 == history.stride));
        assert!(rows.iter().all(|(step, row)| row[0] == *step as f64));
    }

    #[test]
    fn late_rows_of_the_old_stride_are_left_out() {
        let mut history = History::new(1);
        for step in 0..=MOST_ROWS as u64 {
            history.push(step, vec![]);
        }
        let rows = history.rows().len();
        history.push(MOST_ROWS as u64 + 1, vec![]);
        assert_eq!(history.rows().len(), rows);
    }
}
