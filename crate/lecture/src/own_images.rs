//! Describes a file that the user chose, before a run uses it: an unusable file is reported here and never stops a run.

use data::idx::{self, IdxError, Survey};
pub use idx::Kind;

/// Whether a file holds images or labels, by its first bytes, gzipped or not.
///
/// # Errors
/// A sentence when it is neither.
pub fn kind(file: &[u8]) -> Result<Kind, String> {
    idx::kind(file).map_err(|error| error.to_string())
}

/// One sentence about the images and, where there are any, their labels. Reads both files to the end, keeps nothing in memory.
///
/// # Errors
/// A sentence when either is damaged or cannot be used, or they do not belong together.
pub fn describe(images: &[u8], labels: &[u8]) -> Result<String, String> {
    described(images, labels).map_err(|error| error.to_string())
}

fn described(images: &[u8], labels: &[u8]) -> Result<String, IdxError> {
    let [count, rows, columns] = survey(images, Kind::Images)?.sizes;
    idx::check_images([count, rows, columns])?;
    let size = format!("{} images of {rows}×{columns}", thousands(count));
    if labels.is_empty() {
        return Ok(format!("{size}, without labels."));
    }
    let Survey { sizes, least, largest } = survey(labels, Kind::Labels)?;
    idx::check_pair(count, sizes[0])?;
    if largest > idx::LARGEST_LABEL {
        return Err(IdxError::Label { largest: idx::LARGEST_LABEL, found: largest });
    }
    Ok(format!("{size}, labels {least} to {largest}."))
}

fn survey(file: &[u8], expected: Kind) -> Result<Survey, IdxError> {
    let dimensions = |kind: Kind| if kind == Kind::Images { 3 } else { 1 };
    let found = idx::kind(file)?;
    if found != expected {
        return Err(IdxError::Dimensions { expected: dimensions(expected), found: dimensions(found) });
    }
    idx::survey(file)
}

/// A count with thousands separators: 60,000.
pub fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(count: u8, side: u8) -> Vec<u8> {
        let mut file = vec![0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, side, 0, 0, 0, side];
        file.resize(16 + usize::from(count) * usize::from(side) * usize::from(side), 9);
        file
    }

    fn labels(count: u8, one: u8) -> Vec<u8> {
        let mut file = vec![0, 0, 8, 1, 0, 0, 0, count];
        file.resize(8 + usize::from(count), one);
        file
    }

    #[test]
    fn a_usable_file_is_described_and_an_unusable_one_gets_a_sentence() {
        assert_eq!((kind(&file(60, 8)), kind(&labels(60, 3))), (Ok(Kind::Images), Ok(Kind::Labels)));
        assert_eq!(describe(&file(60, 8), &[]), Ok("60 images of 8×8, without labels.".to_owned()));
        assert_eq!(describe(&file(60, 8), &labels(60, 3)), Ok("60 images of 8×8, labels 3 to 3.".to_owned()));
        for wrong in [
            describe(&file(60, 8), &labels(59, 3)),
            describe(&labels(60, 3), &labels(60, 3)),
            describe(&file(60, 8), &file(60, 8)),
            describe(&file(60, 8)[..80], &[]),
            kind(b"no IDX file").map(|_| String::new()),
        ] {
            assert!(wrong.is_err_and(|sentence| sentence.ends_with('.')));
        }
    }

    #[test]
    fn counts_are_read_in_thousands() {
        assert_eq!([0, 999, 1000, 60_000, 1_234_567].map(thousands), ["0", "999", "1,000", "60,000", "1,234,567"]);
    }
}
