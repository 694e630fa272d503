//! Labelled images: the embedded digits, and sets from a user's files.

use crate::idx::IdxImages;

/// `crate/data/digits.bin`, described in `DIGITS.md` beside it.
static BYTES: &[u8; COUNT * (PIXELS + 1)] = include_bytes!("../digits.bin");

const COUNT: usize = 1797;
const SIDE: usize = 8;
const PIXELS: usize = SIDE * SIDE;
/// The largest pixel value: how many of the 4×4 dots under a pixel were inked.
const INKED: f32 = 16.0;

/// The label of an image that came without one.
pub const UNKNOWN: u8 = 255;

/// Square grey images with a label each: the embedded digits, or a user's own images.
#[derive(Clone, Debug, PartialEq)]
pub struct Digits {
    /// Pixels in [0, 1], 0 paper and 1 ink, `[n, side²]` row-major, an image row by row from the top.
    pub images: Vec<f32>,
    /// The digit on each image, or its class, 0 to 9, `[n]`; [`UNKNOWN`] where the label is not known.
    pub labels: Vec<u8>,
    /// Pixels along an image's side: 8 for the embedded digits.
    pub side: usize,
}

impl Digits {
    /// The embedded data set: 1,797 handwritten digits of 8×8 pixels.
    ///
    /// E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998, licensed
    /// CC BY 4.0; the test part, as scikit-learn's `load_digits()` returns it, each pixel divided by 16.
    pub fn load() -> Self {
        let (pixels, labels) = BYTES.split_at(COUNT * PIXELS);
        let images = pixels.iter().map(|&pixel| f32::from(pixel) / INKED).collect();
        Self { images, labels: labels.to_vec(), side: SIDE }
    }

    /// The images of `indices` from a file of squares, each pixel divided by 255, with their labels where there are any.
    pub fn chosen(images: &IdxImages, labels: Option<&[u8]>, indices: &[usize]) -> Self {
        Self {
            images: indices.iter().flat_map(|&n| images.unit_image(n)).collect(),
            labels: indices.iter().map(|&n| labels.map_or(UNKNOWN, |labels| labels[n])).collect(),
            side: images.rows,
        }
    }

    /// A part of these images, in the order of `indices`.
    #[must_use]
    pub fn part(&self, indices: &[usize]) -> Self {
        let labels = indices.iter().map(|&n| self.labels[n]).collect();
        Self { images: self.gather(indices), labels, side: self.side }
    }

    /// How many images there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none; never so after [`Digits::load`].
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Pixels per image, side².
    pub fn pixels(&self) -> usize {
        self.side * self.side
    }

    /// The pixels of image `n`.
    pub fn image(&self, n: usize) -> &[f32] {
        &self.images[n * self.pixels()..(n + 1) * self.pixels()]
    }

    /// The images of `indices` one after the other, `[indices, side²]`: a batch.
    pub fn gather(&self, indices: &[usize]) -> Vec<f32> {
        indices.iter().flat_map(|&n| self.image(n)).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_are_the_ones_of_scikit_learn() {
        let digits = Digits::load();
        assert_eq!((digits.len(), digits.pixels(), digits.images.len()), (1797, 64, 1797 * 64));
        assert!(digits.images.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
        // d = sklearn.datasets.load_digits(): d.data.sum(), d.data[1000].sum(), numpy.bincount(d.target), d.data[0, 2:6]
        assert_eq!(digits.images.iter().map(|&pixel| f64::from(pixel) * 16.0).sum::<f64>(), PIXEL_SUM);
        assert_eq!(digits.image(1000).iter().sum::<f32>() * 16.0, IMAGE_1000);
        let count = |digit| digits.labels.iter().filter(|&&label| label == digit).count();
        assert_eq!(std::array::from_fn(|digit| count(digit as u8)), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        assert_eq!(digits.image(0)[2..6].iter().map(|pixel| pixel * 16.0).collect::<Vec<_>>(), [5.0, 13.0, 9.0, 1.0]);
        assert_eq!(digits.labels[..5], [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_batch_is_its_images() {
        let digits = Digits::load();
        let batch = digits.gather(&[5, 3]);
        assert_eq!((&batch[..64], &batch[64..]), (digits.image(5), digits.image(3)));
    }

    #[test]
    fn chosen_images_keep_their_labels_and_a_part_is_its_images() {
        let pixels = (0..=255).collect();
        let file = IdxImages { pixels, count: 4, rows: 8, columns: 8 };
        let all = Digits::chosen(&file, Some(&[3, 1, 4, 1]), &[2, 0]);
        assert_eq!((all.len(), all.side, all.labels.as_slice()), (2, 8, [4, 3].as_slice()));
        assert_eq!((all.image(0)[0], all.image(1)[51]), (128.0 / 255.0, 0.2));
        assert_eq!(Digits::chosen(&file, None, &[3]).labels, [UNKNOWN]);
        let part = all.part(&[1]);
        assert_eq!((part.image(0), part.labels.as_slice()), (all.image(1), [3].as_slice()));
    }

    const PIXEL_SUM: f64 = 561_718.0;
    const IMAGE_1000: f32 = 268.0;
}
