//! Posteriors of a trained VAE as a table, for demos that cannot run the model.
//!
//! The built-in model's table is a file beside this one. The table of the user's VAE is stored in its weight file: the run of
//! slide 1.4 writes the encoder's output for the first held-out images there.

use math::gaussian::kl_to_standard_normal_1d;
use safetensors::SafeTensors;

use figure::Assets;

/// The test `write_the_posteriors` trains and writes this.
static TABLE: &str = include_str!("posteriors.csv");

/// The table's key in the metadata of a weight file.
pub const KEY: &str = "posteriors";
/// The most posteriors stored in a weight file.
pub const COUNT: usize = 32;

/// Posteriors of some held-out images.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    /// Means, `[n, dims]`.
    pub(crate) mu: Vec<f64>,
    /// Log variances, `[n, dims]`.
    pub(crate) log_var: Vec<f64>,
    /// The digits.
    pub(crate) labels: Vec<u8>,
}

/// The first `n` posteriors of the built-in VAE with `dims` latent dimensions (1 or 2).
pub(crate) fn table(dims: usize, n: usize) -> Table {
    // label, then mu and log_var of the VAE with one dimension, then mu (2) and log_var (2) of the one with two.
    let (mu, log_var) = if dims == 2 { (3..5, 5..7) } else { (1..2, 2..3) };
    let rows: Vec<Vec<f64>> = TABLE.lines().skip(1).map(|line| numbers(line).expect("a table of numbers")).collect();
    columns(&rows, n, &mu.collect::<Vec<_>>(), &log_var.collect::<Vec<_>>())
}

/// The first `n` posteriors of the user's VAE, in the `dims` dimensions with the largest average KL.
///
/// Equation (17) still holds when dimensions are left out: it is then about the information that the remaining ones carry about x.
///
/// # Errors
/// A sentence that says what is missing.
pub(crate) fn own(assets: &Assets, dims: usize, n: usize) -> Result<Table, String> {
    let bytes = assets.0.get("model").ok_or("You have not trained a VAE yet: press play on slide 1.4.")?;
    let rows = SafeTensors::read_metadata(bytes)
        .ok()
        .and_then(|(_, said)| said.metadata().as_ref()?.get(KEY).cloned())
        .and_then(|text| text.lines().map(numbers).collect::<Option<Vec<_>>>())
        .filter(|rows| rows.len() > 1 && rows.iter().all(|row| row.len() == rows[0].len() && row.len() % 2 == 1))
        .ok_or("The file of your VAE says nothing about its posteriors: let it run on slide 1.4 for a moment.")?;
    let latent = rows[0].len() / 2;
    if latent < dims {
        return Err("Your VAE has one latent dimension: choose one here too.".to_owned());
    }
    let kl =
        |j: usize| -> f64 { rows.iter().map(|row| kl_to_standard_normal_1d(row[1 + j], row[1 + latent + j])).sum() };
    let mut order: Vec<usize> = (0..latent).collect();
    order.sort_by(|&a, &b| kl(b).total_cmp(&kl(a)));
    let mut chosen = order[..dims].to_vec();
    chosen.sort_unstable();
    let place = |first: usize| chosen.iter().map(|j| first + j).collect::<Vec<_>>();
    Ok(columns(&rows, n, &place(1), &place(1 + latent)))
}

/// The table as a weight file stores it: a line for each image with its label, then mu and log_var of all dimensions.
///
/// Shapes: `mu`, `log_var` `[labels, latent]`.
pub fn written(labels: &[u8], mu: &[f32], log_var: &[f32]) -> String {
    let latent = mu.len() / labels.len().max(1);
    let row = |(n, label): (usize, &u8)| {
        let of = |table: &[f32]| table[n * latent..(n + 1) * latent].to_vec();
        let cells = of(mu).into_iter().chain(of(log_var)).map(|x| format!("{x:.5}"));
        std::iter::once(label.to_string()).chain(cells).collect::<Vec<_>>().join(",")
    };
    labels.iter().enumerate().take(COUNT).map(row).collect::<Vec<_>>().join("\n")
}

fn numbers(line: &str) -> Option<Vec<f64>> {
    line.split(',').map(|cell| cell.parse().ok().filter(|x: &f64| x.is_finite())).collect()
}

fn columns(rows: &[Vec<f64>], n: usize, mu: &[usize], log_var: &[usize]) -> Table {
    let rows = &rows[..n.min(rows.len())];
    let of = |places: &[usize]| rows.iter().flat_map(|row| places.iter().map(|&j| row[j])).collect();
    Table { mu: of(mu), log_var: of(log_var), labels: rows.iter().map(|row| row[0] as u8).collect() }
}

#[cfg(all(test, feature = "training"))]
mod tests;
