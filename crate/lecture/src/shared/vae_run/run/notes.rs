//! Notes for the user about their own images: how many are used, and which numbers are computed from which of them.

use crate::own_images::thousands;
use learn::images::{ImageSet, Source};

/// The most pixels that one estimate of held-out log p(x) processes, K samples of every image: of the digits enough for all at the
/// largest K, of larger images fewer, which cost more a pixel.
const MOST_NUMBERS: [usize; 2] = [359 * 1000 * DIGIT, 359 * 256 * DIGIT];
/// Pixels of a digit.
const DIGIT: usize = 64;

/// The fewest samples of an image, so that the bound by one of them has an error too.
const FEWEST_SAMPLES: usize = 8;

/// Samples of an image for the bound by `k` of them.
pub(super) fn importance_samples(k: usize) -> usize {
    k.max(FEWEST_SAMPLES)
}

/// Held-out images that log p(x) is estimated on for the bound by `k` samples: all of the embedded digits', fewer of larger images.
pub(super) fn importance_images(heldout: usize, pixels: usize, k: usize) -> usize {
    heldout.min((MOST_NUMBERS[usize::from(pixels > DIGIT)] / (pixels * importance_samples(k))).max(1))
}

/// One sentence about the user's images, with their numbers; none about the embedded digits.
///
/// `all` are the images used, `few` the subset for figures and estimates, `k` the importance samples per image.
pub(super) fn about(all: &ImageSet, few: &ImageSet, k: usize) -> Option<String> {
    let Source::Own { of, labelled, .. } = all.source else { return None };
    let side = all.digits.side;
    let (train, heldout) = (thousands(all.train.len()), thousands(all.heldout.len()));
    let used = if all.digits.len() == of {
        format!("Your {} images of {side}×{side}", thousands(of))
    } else {
        format!("{} of your {} images of {side}×{side}", thousands(all.digits.len()), thousands(of))
    };
    let seen = [few.train.len(), few.heldout.len()].map(thousands);
    let looked_at = if few.digits.len() == all.digits.len() {
        "all of them".to_owned()
    } else {
        format!("{} and {} of these", seen[0], seen[1])
    };
    let importance = thousands(importance_images(few.heldout.len(), all.pixels(), k));
    let labels = if labelled { "" } else { " There are no labels, so nothing is coloured by class." };
    Some(format!(
        "{used}: {train} to train on, {heldout} held out. Figures and held-out numbers go over {looked_at}, log p(x) over {importance} held-out ones.{labels}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_are_all_used_at_every_k() {
        for k in 1..=1000 {
            assert_eq!(importance_images(359, 64, k), 359);
        }
        assert_eq!(importance_images(400, 784, 50), 150);
        assert_eq!(importance_images(400, 4096, 256), 5);
        assert_eq!(importance_images(400, 784, 1000), 7);
    }
}
