//! Figures of the digits: those that keep their labels, those that can be chosen, the label/style grid and style transfer.

use crate::demos::m2::{keys, slots};
use figure::{Figure, Images, Pointer};

use super::View;

/// Rows of labelled images that are shown.
const MOST_ROWS: usize = 6;

pub(super) fn all(view: &View<'_>, side: usize) -> Vec<Figure> {
    vec![labelled(view, side), choice(view, side), styles(view, side), transfer(view, side)]
}

/// The images that keep their labels: a column for each digit, at most this many rows.
fn labelled(view: &View<'_>, side: usize) -> Figure {
    let of_class =
        |class: usize| view.labelled.iter().copied().filter(move |&n| usize::from(view.set.classes[n]) == class);
    let most = (0..10).map(|class| of_class(class).count()).max().unwrap_or(0);
    let rows = most.clamp(1, MOST_ROWS);
    let mut pixels = Vec::with_capacity(rows * 10 * side * side);
    for row in 0..rows {
        for class in 0..10 {
            match of_class(class).nth(row) {
                Some(n) => pixels.extend_from_slice(view.set.example(n)),
                None => pixels.resize(pixels.len() + side * side, 0.0),
            }
        }
    }
    let more = if most > rows { format!(", {rows} of them shown") } else { String::new() };
    let alt =
        format!("The labelled images: up to {most} of each digit{more}. All other training images have no label.");
    slots::DATA.images(alt, Images::from_unit(&pixels, 10, side, side))
}

/// Held-out images, one of which is chosen with the pointer.
fn choice(view: &View<'_>, side: usize) -> Figure {
    let pixels: Vec<f32> = view.probe.shown.iter().flat_map(|&n| view.set.example(n)).copied().collect();
    let images = Images::from_unit(&pixels, 10, side, side);
    let alt = "Held-out images, a column for each digit. Press one to write out its sum over y.";
    slots::CHOICE.images(alt, images).with_pointer(Pointer::Pick { control: keys::EXAMPLE.name.into() })
}

/// Decoded means: a style z for each row, a class y for each column.
fn styles(view: &View<'_>, side: usize) -> Figure {
    let images = Images::from_unit(&view.seen.styles, 10, side, side).with_captions(view.seen.style_names.clone());
    let alt = "Decoded means of p(x|y,z): every row has one style z, along the two latent dimensions that say most about x, every column one digit y.";
    slots::STYLES.images(alt, images)
}

/// x, then the z of x decoded with every y; the chosen x first.
fn transfer(view: &View<'_>, side: usize) -> Figure {
    let row_pixels = 10 * side * side;
    let originals =
        std::iter::once(view.example.x.as_slice()).chain(view.probe.transferred.iter().map(|&n| view.set.example(n)));
    let mut pixels = Vec::with_capacity((view.probe.transferred.len() + 1) * (row_pixels + side * side));
    for (x, decoded) in originals.zip(view.seen.transfer.chunks_exact(row_pixels)) {
        pixels.extend_from_slice(x);
        pixels.extend_from_slice(decoded);
    }
    let captions = view.seen.inferred.iter().map(|y| format!("ŷ = {y}")).collect();
    let images = Images::from_unit(&pixels, 11, side, side).with_captions(captions);
    let alt = "Style transfer: held-out x at the left, the chosen one first, then its z decoded with every digit y.";
    slots::TRANSFER.images(alt, images)
}
