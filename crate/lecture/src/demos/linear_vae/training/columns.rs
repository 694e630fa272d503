//! Columns of W beside eigenvectors: which match, and both as images.

use crate::demos::linear_vae::slots;
use figure::{Figure, Images};
use math::ppca::DMatrix;

use super::reference::{Question, Standing};
use super::source::Source;

/// The most columns drawn.
const SHOWN: usize = 12;

/// Which column of `weights` `[D, M]` matches each of the first M eigenvectors, and with which sign.
///
/// Pairs are chosen in falling order of |u_j·w_k|, so that short columns are matched last.
pub(super) fn matched(weights: &DMatrix<f64>, vectors: &DMatrix<f64>) -> Vec<(usize, f64)> {
    let latent = weights.ncols();
    let products = vectors.columns(0, latent).transpose() * weights; // [eigenvector, column]
    let mut pairs: Vec<(usize, usize)> = (0..latent).flat_map(|j| (0..latent).map(move |k| (j, k))).collect();
    pairs.sort_by(|a, b| products[*b].abs().total_cmp(&products[*a].abs()));
    let mut found = vec![None; latent];
    let mut taken = vec![false; latent];
    for (j, k) in pairs {
        if found[j].is_none() && !taken[k] {
            found[j] = Some((k, if products[(j, k)] < 0.0 { -1.0 } else { 1.0 }));
            taken[k] = true;
        }
    }
    found.into_iter().map(|pair| pair.expect("as many columns as eigenvectors: each finds one")).collect()
}

/// A row of images: its caption and its columns, `[D]` each.
type Row = (&'static str, Vec<Vec<f64>>);

/// The eigenvectors, the best W, the W of each run, and the known W where there is one. Grey values with 0 in the middle;
/// eigenvectors have their own scale, all the others share one.
pub(super) fn figure(source: &Source, question: Question, runs: &[(&'static str, &Standing)]) -> Figure {
    let shown = question.latent.min(SHOWN);
    let vectors = &source.eigen.vectors;
    let list = |matrix: &DMatrix<f64>| -> Vec<Vec<f64>> {
        matrix.column_iter().take(shown).map(|column| column.iter().copied().collect()).collect()
    };
    let best = source.eigen.best_weights(question.latent, question.best_sigma2(source));
    let mut rows: Vec<Row> = vec![("best W", list(&best))];
    for (name, standing) in runs {
        rows.push((name, paired(&standing.model.weights, vectors, shown)));
    }
    if let Some(known) = &source.known {
        let mut columns = paired(&known.weights, vectors, shown);
        columns.resize(shown, vec![0.0; source.dim()]);
        rows.push(("known W", columns));
    }
    let mut pixels = grey(&list(vectors), largest(&list(vectors)));
    let scale = rows.iter().map(|row| largest(&row.1)).fold(0.0, f64::max);
    for (_, columns) in &rows {
        pixels.extend(grey(columns, scale));
    }
    let captions = std::iter::once("eigenvectors").chain(rows.iter().map(|row| row.0)).map(str::to_owned).collect();
    let images = Images::from_unit(&pixels, shown, source.side, source.side).with_captions(captions);
    let alt = format!(
        "The first {shown} eigenvectors of the covariance above the columns of the best W and of the trained ones, matched and with equal signs; a grey picture is a column of zeros."
    );
    slots::COLUMNS.images(alt, images)
}

fn paired(weights: &DMatrix<f64>, vectors: &DMatrix<f64>, shown: usize) -> Vec<Vec<f64>> {
    let order = matched(weights, vectors);
    order.iter().take(shown).map(|&(k, sign)| weights.column(k).iter().map(|entry| sign * entry).collect()).collect()
}

fn largest(columns: &[Vec<f64>]) -> f64 {
    columns.iter().flatten().fold(0.0, |largest, entry| entry.abs().max(largest))
}

fn grey(columns: &[Vec<f64>], scale: f64) -> Vec<f32> {
    let scale = if scale > 0.0 { scale } else { 1.0 };
    columns.iter().flatten().map(|entry| (0.5 + 0.5 * entry / scale) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_find_their_eigenvectors_in_any_order_and_sign() {
        let vectors = DMatrix::<f64>::identity(4, 4);
        let weights = DMatrix::from_row_slice(4, 3, &[0.0, 0.1, -3.0, 0.0, 2.0, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(matched(&weights, &vectors), [(2, -1.0), (1, 1.0), (0, 1.0)]);
    }
}
