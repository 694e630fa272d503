//! Posteriors of a trained VAE as a table: a sketch has no model to ask.

/// `crate/lecture/tests/elbo_surgery.rs` has the test `write_the_posteriors_of_slide_3_1` that trains and writes this.
static TABLE: &str = include_str!("trained.csv");

/// Posteriors of some held-out digits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    /// Means, `[n, dims]`.
    pub(super) mu: Vec<f64>,
    /// Log variances, `[n, dims]`.
    pub(super) log_var: Vec<f64>,
    /// The digits.
    pub(super) labels: Vec<u8>,
}

/// The first `n` posteriors of the VAE with `dims` latent dimensions (1 or 2).
pub(super) fn table(dims: usize, n: usize) -> Table {
    let mut table = Table { mu: Vec::new(), log_var: Vec::new(), labels: Vec::new() };
    // label, then mu and log_var of the VAE with one dimension, then mu (2) and log_var (2) of the one with two.
    let (mu, log_var) = if dims == 2 { (3..5, 5..7) } else { (1..2, 2..3) };
    for line in TABLE.lines().skip(1).take(n) {
        let numbers: Vec<f64> = line.split(',').map(|cell| cell.parse().expect("a table of numbers")).collect();
        table.labels.push(numbers[0] as u8);
        table.mu.extend_from_slice(&numbers[mu.clone()]);
        table.log_var.extend_from_slice(&numbers[log_var.clone()]);
    }
    table
}
