//! IDX files, the format of MNIST and Fashion-MNIST, gzipped or not. Damaged files give an error, never a panic.
//!
//! An IDX file is four bytes (0, 0, the type of number, the number of dimensions), each dimension as a big-endian u32, and the
//! numbers. Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits", 1998. Only unsigned bytes are read here.

use std::fmt;
use std::io::Read;

/// The most bytes a file may hold after unpacking; MNIST's training images have 47 million.
const MOST_BYTES: u64 = 1 << 29;
/// Sides of images that the networks take, in pixels.
const SMALLEST_SIDE: usize = 4;
const LARGEST_SIDE: usize = 64;
/// The fewest images: a fifth of them is held out, and figures show ten of those.
const FEWEST: usize = 50;
/// The largest label.
pub const LARGEST_LABEL: u8 = 9;
/// IDX's code for unsigned bytes.
const UNSIGNED_BYTE: u8 = 8;
/// The first two bytes of every gzip file (RFC 1952).
const GZIP: [u8; 2] = [0x1F, 0x8B];

/// Grey images of one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdxImages {
    /// Pixels 0 to 255, `[count, rows, columns]` row-major.
    pub pixels: Vec<u8>,
    /// How many images.
    pub count: usize,
    /// Pixels from top to bottom of an image.
    pub rows: usize,
    /// Pixels from left to right of an image.
    pub columns: usize,
}

impl IdxImages {
    /// The bytes of image `n`, row by row.
    pub fn image(&self, n: usize) -> &[u8] {
        let size = self.rows * self.columns;
        &self.pixels[n * size..(n + 1) * size]
    }

    /// Image `n` with pixels in [0, 1].
    pub fn unit_image(&self, n: usize) -> Vec<f32> {
        self.image(n).iter().map(|&pixel| f32::from(pixel) / 255.0).collect()
    }

    /// A number that tells sets of images apart: FNV-1a over sizes and every 101st pixel. G. Fowler, L. C. Noll and K.-P. Vo, 1991.
    pub fn fingerprint(&self) -> u64 {
        let sizes = [self.count, self.rows, self.columns].map(|size| size as u64);
        let pixels = self.pixels.iter().step_by(101).map(|&pixel| u64::from(pixel));
        sizes
            .into_iter()
            .chain(pixels)
            .fold(0xCBF2_9CE4_8422_2325, |hash, next| (hash ^ next).wrapping_mul(0x0000_0100_0000_01B3))
    }
}

/// Why bytes are not the IDX file they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdxError {
    /// Shorter than a header.
    TooShort {
        /// Bytes the header needs.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// Does not begin with two zero bytes.
    NotIdx([u8; 2]),
    /// Numbers of another type than unsigned bytes.
    NumberType(u8),
    /// Images where labels should be, or the reverse.
    Dimensions {
        /// 3 for images, 1 for labels.
        expected: u8,
        /// Dimensions the header names.
        found: u8,
    },
    /// The header's dimensions and the file's length disagree.
    Length {
        /// Bytes of numbers that the header promises.
        expected: u64,
        /// Bytes of numbers there are.
        found: u64,
    },
    /// Images without pixels.
    NoPixels,
    /// Images that are not square.
    NotSquare {
        /// Pixels from top to bottom.
        rows: usize,
        /// Pixels from left to right.
        columns: usize,
    },
    /// Squares too small or too large to learn from.
    Side(usize),
    /// Too few images for a training and a held-out part.
    TooFew(usize),
    /// The gzip file is damaged; the reason.
    Gzip(String),
    /// More bytes than are read.
    TooLarge,
    /// A label above the largest class.
    Label {
        /// Largest label allowed.
        largest: u8,
        /// The label found.
        found: u8,
    },
    /// Not one label per image.
    Counts {
        /// Images there are.
        images: usize,
        /// Labels there are.
        labels: usize,
    },
}

impl fmt::Display for IdxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = |dimensions: u8| match dimensions {
            1 => "labels (1 dimension)".to_owned(),
            3 => "images (3 dimensions)".to_owned(),
            other => format!("{other} dimensions"),
        };
        match self {
            Self::TooShort { expected, found } => {
                write!(f, "An IDX header of {expected} bytes was expected, the file has {found} bytes.")
            }
            Self::NotIdx([first, second]) => {
                write!(
                    f,
                    "An IDX file (MNIST's format) begins with two zero bytes; this file begins with {first} and {second}."
                )
            }
            Self::NumberType(code) => {
                write!(f, "Unsigned bytes (IDX type 8) were expected, the file has numbers of IDX type {code}.")
            }
            Self::Dimensions { expected, found } => {
                write!(f, "A file of {} was expected, this one has {}.", kind(*expected), kind(*found))
            }
            Self::Length { expected, found } => {
                write!(
                    f,
                    "The header promises {expected} bytes of data, the file has {found}: it is damaged or incomplete."
                )
            }
            Self::NoPixels => {
                write!(f, "Images with at least one pixel were expected, the header names images without any.")
            }
            Self::NotSquare { rows, columns } => {
                write!(
                    f,
                    "The images have {rows} rows and {columns} columns of pixels; the networks here take squares."
                )
            }
            Self::Side(side) => {
                write!(
                    f,
                    "The images are {side}×{side}; the networks here take {SMALLEST_SIDE}×{SMALLEST_SIDE} to {LARGEST_SIDE}×{LARGEST_SIDE}."
                )
            }
            Self::TooFew(count) => {
                write!(
                    f,
                    "The file has {count} images; at least {FEWEST} are needed, to train on most and hold out some."
                )
            }
            Self::Gzip(reason) => write!(f, "The file is gzipped, but cannot be unpacked: {reason}."),
            Self::TooLarge => {
                write!(f, "The file holds more than {} million bytes, which is too much.", MOST_BYTES / 1_000_000)
            }
            Self::Label { largest, found } => {
                write!(f, "Labels from 0 to {largest} were expected, the file has a label {found}.")
            }
            Self::Counts { images, labels } => {
                write!(f, "One label per image was expected, there are {images} images and {labels} labels.")
            }
        }
    }
}

impl std::error::Error for IdxError {}

/// Reads a file of images (three dimensions: count, rows, columns), gzipped or not.
///
/// # Errors
/// What is wrong with the file, or that its images have no pixels.
pub fn parse_images(bytes: &[u8]) -> Result<IdxImages, IdxError> {
    let ([count, rows, columns], pixels) = parse(bytes)?;
    if rows == 0 || columns == 0 {
        return Err(IdxError::NoPixels);
    }
    Ok(IdxImages { pixels, count, rows, columns })
}

/// Reads a file of labels (one dimension), gzipped or not.
///
/// # Errors
/// What is wrong with the file, or the first label above `largest` (9 for digits).
pub fn parse_labels(bytes: &[u8], largest: u8) -> Result<Vec<u8>, IdxError> {
    let ([_count], labels) = parse(bytes)?;
    match labels.iter().find(|&&label| label > largest) {
        Some(&found) => Err(IdxError::Label { largest, found }),
        None => Ok(labels),
    }
}

/// What a file holds, according to its number of dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Three dimensions: count, rows, columns.
    Images,
    /// One dimension: count.
    Labels,
}

/// Whether a file holds images or labels, gzipped or not. Reads the first four bytes only: the rest may still be damaged.
///
/// # Errors
/// What is wrong with the first four bytes.
pub fn kind(bytes: &[u8]) -> Result<Kind, IdxError> {
    match header(&first_bytes(bytes, 4)?)? {
        1 => Ok(Kind::Labels),
        3 => Ok(Kind::Images),
        found => Err(IdxError::Dimensions { expected: 3, found }),
    }
}

/// The sizes and the range of the numbers of a whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Count, rows, columns of images; of labels rows and columns are 1.
    pub sizes: [usize; 3],
    /// The smallest number in it, 255 when it is empty.
    pub least: u8,
    /// The largest number in it, 0 when it is empty.
    pub largest: u8,
}

/// Reads a file of images or of labels to its end and finds every damage that [`parse_images`] finds, without keeping the numbers.
///
/// # Errors
/// What is wrong with the file.
pub fn survey(bytes: &[u8]) -> Result<Survey, IdxError> {
    let dimensions = if kind(bytes)? == Kind::Images { 3 } else { 1 };
    let mut source = reader(bytes);
    let mut header = Vec::new();
    let length = 4 + 4 * dimensions;
    source.by_ref().take(length as u64).read_to_end(&mut header).map_err(damaged)?;
    if header.len() < length {
        return Err(IdxError::TooShort { expected: length, found: header.len() });
    }
    let mut survey = Survey { sizes: [1; 3], least: u8::MAX, largest: 0 };
    let mut expected = Some(1_u64);
    for (size, bytes) in survey.sizes.iter_mut().zip(header[4..].chunks_exact(4)) {
        let read = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        *size = read as usize;
        expected = expected.and_then(|product| product.checked_mul(u64::from(read)));
    }
    let (mut buffer, mut found) = (vec![0; 1 << 16], 0_u64);
    loop {
        let count = source.read(&mut buffer).map_err(damaged)?;
        if count == 0 {
            break;
        }
        found += count as u64;
        if found + length as u64 > MOST_BYTES {
            return Err(IdxError::TooLarge);
        }
        for &number in &buffer[..count] {
            survey.least = survey.least.min(number);
            survey.largest = survey.largest.max(number);
        }
    }
    let expected = expected.unwrap_or(u64::MAX);
    if expected == found { Ok(survey) } else { Err(IdxError::Length { expected, found }) }
}

/// Whether images are squares, of a size that the networks take, and enough to train on.
///
/// # Errors
/// The first of the three that fails.
pub fn check_images([count, rows, columns]: [usize; 3]) -> Result<(), IdxError> {
    if rows != columns {
        return Err(IdxError::NotSquare { rows, columns });
    }
    if !(SMALLEST_SIDE..=LARGEST_SIDE).contains(&rows) {
        return Err(IdxError::Side(rows));
    }
    if count < FEWEST { Err(IdxError::TooFew(count)) } else { Ok(()) }
}

/// Whether there is one label per image.
///
/// # Errors
/// [`IdxError::Counts`] where there is not.
pub fn check_pair(images: usize, labels: usize) -> Result<(), IdxError> {
    if images == labels { Ok(()) } else { Err(IdxError::Counts { images, labels }) }
}

/// The dimensions and the numbers of an IDX file of unsigned bytes.
fn parse<const DIMENSIONS: usize>(bytes: &[u8]) -> Result<([usize; DIMENSIONS], Vec<u8>), IdxError> {
    let mut bytes = unpack(bytes, MOST_BYTES)?;
    if bytes.len() < 4 {
        return Err(IdxError::TooShort { expected: 4 + 4 * DIMENSIONS, found: bytes.len() });
    }
    let dimensions = header(&bytes)?;
    if usize::from(dimensions) != DIMENSIONS {
        return Err(IdxError::Dimensions { expected: DIMENSIONS as u8, found: dimensions });
    }
    let header = 4 + 4 * DIMENSIONS;
    if bytes.len() < header {
        return Err(IdxError::TooShort { expected: header, found: bytes.len() });
    }
    let sizes: [u32; DIMENSIONS] = std::array::from_fn(|i| {
        let at = 4 + 4 * i;
        u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
    });
    let found = (bytes.len() - header) as u64;
    let expected =
        sizes.iter().try_fold(1_u64, |product, &size| product.checked_mul(u64::from(size))).unwrap_or(u64::MAX);
    if expected != found {
        return Err(IdxError::Length { expected, found });
    }
    bytes.drain(..header);
    Ok((sizes.map(|size| size as usize), bytes))
}

/// The number of dimensions that a file's first four bytes name.
fn header(bytes: &[u8]) -> Result<u8, IdxError> {
    let &[first, second, number_type, dimensions, ..] = bytes else {
        return Err(IdxError::TooShort { expected: 4, found: bytes.len() });
    };
    if [first, second] != [0, 0] {
        return Err(IdxError::NotIdx([first, second]));
    }
    if number_type == UNSIGNED_BYTE { Ok(dimensions) } else { Err(IdxError::NumberType(number_type)) }
}

/// The bytes themselves, or what a gzip file holds.
fn reader(bytes: &[u8]) -> Box<dyn Read + '_> {
    if bytes.starts_with(&GZIP) { Box::new(flate2::read::MultiGzDecoder::new(bytes)) } else { Box::new(bytes) }
}

fn damaged(error: std::io::Error) -> IdxError {
    IdxError::Gzip(error.to_string())
}

/// The first `most` bytes of a file, unpacked, or all where there are fewer.
fn first_bytes(bytes: &[u8], most: u64) -> Result<Vec<u8>, IdxError> {
    let mut first = Vec::new();
    reader(bytes).take(most).read_to_end(&mut first).map_err(damaged)?;
    Ok(first)
}

/// All bytes of a file, unpacked; an error when they are more than `most`.
fn unpack(bytes: &[u8], most: u64) -> Result<Vec<u8>, IdxError> {
    // One byte beyond the limit is enough to know.
    let unpacked = first_bytes(bytes, most + 1)?;
    if unpacked.len() as u64 > most { Err(IdxError::TooLarge) } else { Ok(unpacked) }
}

#[cfg(test)]
mod tests;
