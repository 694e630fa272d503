//! The latent plane: the layers and axes shared by every slide with a trained VAE.

use figure::{Axis, Layer, Marker, Role};

/// The prior's circles at one and two standard deviations.
pub(crate) fn prior_rings() -> Layer {
    let ellipses = [1.0, 2.0].map(|radius| [0.0, 0.0, radius, radius]).to_vec();
    Layer::ellipses(Role::Prior, "prior, 1σ and 2σ", ellipses)
}

/// Posterior means as small dots coloured by class. Shape: `mu` `[n, latent]`.
pub(crate) fn scatter(mu: &[f32], latent: usize, axes: [usize; 2], labels: &[u8]) -> Layer {
    let points = mu.chunks_exact(latent).map(|row| [f64::from(row[axes[0]]), f64::from(row[axes[1]])]).collect();
    Layer::classes(Marker::Dot, 2.0, points, labels.to_vec())
}

/// The two dimensions to draw: those whose means vary most over the data, in index order.
///
/// Shape: `mu` `[n, latent]`; with one dimension it is both axes.
pub(crate) fn widest_axes(mu: &[f64], latent: usize) -> [usize; 2] {
    largest_two(&math::collapse::mean_variances(mu, latent))
}

/// The indices of the two largest scores, in index order (a single one twice).
pub(crate) fn largest_two(scores: &[f64]) -> [usize; 2] {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    let (first, second) = (order[0], order.get(1).copied().unwrap_or(order[0]));
    [first.min(second), first.max(second)]
}

/// The axis of a latent dimension, named z with its index from 1.
pub(crate) fn axis(dimension: usize) -> Axis {
    Axis::linear(format!("z{}", subscript(dimension + 1)))
}

/// A number in subscript, such as ₁₂.
pub(crate) fn subscript(number: usize) -> String {
    number.to_string().chars().map(|digit| char::from_u32(0x2080 + digit as u32 - 0x30).unwrap_or(digit)).collect()
}
