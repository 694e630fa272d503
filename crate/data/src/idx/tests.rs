//! Whole files are read, gzipped or not; damaged ones are refused with a sentence, and never panic.

use super::*;
use math::rng::Rng;
use std::io::Write;

/// Two images of 2 rows and 3 columns.
fn images() -> Vec<u8> {
    let mut file = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3];
    file.extend([0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6]);
    file
}

fn labels() -> Vec<u8> {
    vec![0, 0, 8, 1, 0, 0, 0, 2, 7, 9]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn whole_files_are_read_gzipped_or_not() {
    for file in [images(), gzip(&images())] {
        let images = parse_images(&file).unwrap();
        assert_eq!((images.count, images.rows, images.columns), (2, 2, 3));
        assert_eq!(images.image(1), [1, 2, 3, 4, 5, 6]);
        assert_eq!(images.unit_image(0), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        for file in [labels(), gzip(&labels())] {
            let labels = parse_labels(&file, 9).unwrap();
            assert_eq!(labels, [7, 9]);
            assert_eq!(check_pair(&images, &labels), Ok(()));
            assert_eq!(check_pair(&images, &[1]), Err(IdxError::Counts { images: 2, labels: 1 }));
        }
    }
}

#[test]
fn errors_name_what_was_expected_and_found() {
    let with = |at: usize, byte: u8| {
        let mut file = images();
        file[at] = byte;
        parse_images(&file).unwrap_err()
    };
    let errors = [
        (parse_images(&[]).unwrap_err(), IdxError::TooShort { expected: 16, found: 0 }),
        (parse_images(&images()[..9]).unwrap_err(), IdxError::TooShort { expected: 16, found: 9 }),
        (with(0, 137), IdxError::NotIdx([137, 0])),
        (with(2, 13), IdxError::NumberType(13)),
        (parse_images(&labels()).unwrap_err(), IdxError::Dimensions { expected: 3, found: 1 }),
        (parse_labels(&images(), 9).unwrap_err(), IdxError::Dimensions { expected: 1, found: 3 }),
        (with(7, 3), IdxError::Length { expected: 18, found: 12 }),
        (with(4, 255), IdxError::Length { expected: (255 * (1 << 24) + 2) * 6, found: 12 }),
        (parse_labels(&labels(), 8).unwrap_err(), IdxError::Label { largest: 8, found: 9 }),
        (parse_images(&[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3]).unwrap_err(), IdxError::NoPixels),
    ];
    for (found, expected) in errors {
        assert_eq!(found, expected);
        assert!(found.to_string().ends_with('.') && found.to_string().len() > 30, "{found}");
    }
    // 2³¹ · 2³¹ · 4 = 2⁶⁴: the product fits no integer, and must not wrap round to the 0 bytes that are there.
    let huge = [0, 0, 8, 3, 128, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 4];
    assert_eq!(parse_images(&huge), Err(IdxError::Length { expected: u64::MAX, found: 0 }));
    let mut cut = gzip(&images());
    cut.truncate(20);
    assert!(matches!(parse_images(&cut), Err(IdxError::Gzip(_))));
    let mut bent = gzip(&images());
    let checksum = bent.len() - 6;
    bent[checksum] ^= 1;
    assert!(matches!(parse_images(&bent), Err(IdxError::Gzip(_))));
}

#[test]
fn no_bytes_make_it_panic() {
    let mut rng = Rng::new(8);
    for original in [images(), labels(), gzip(&images()), gzip(&labels())] {
        for length in 0..original.len() {
            assert!(parse_images(&original[..length]).is_err() && parse_labels(&original[..length], 9).is_err());
        }
        for _ in 0..3000 {
            let mut file = original.clone();
            for _ in 0..=rng.below(3) {
                let at = rng.below(file.len());
                file[at] = rng.next_u64() as u8;
            }
            let _ = (parse_images(&file), parse_labels(&file, 9));
        }
    }
    for length in 0..2000 {
        let mut file: Vec<u8> = (0..length % 90).map(|_| rng.next_u64() as u8).collect();
        if length % 3 == 0 && file.len() > 2 {
            file[..2].copy_from_slice(&GZIP);
        }
        let _ = (parse_images(&file), parse_labels(&file, 9));
    }
}

#[test]
fn a_small_file_that_unpacks_without_end_is_stopped() {
    let small = gzip(&vec![0; 1 << 20]);
    assert!(small.len() < 2000);
    assert_eq!(unpack(&small, 1 << 20).unwrap().len(), 1 << 20);
    assert_eq!(unpack(&small, (1 << 20) - 1), Err(IdxError::TooLarge));
    assert_eq!(unpack(&[0; 5], 4), Err(IdxError::TooLarge));
    assert!(IdxError::TooLarge.to_string().contains("536 million"));
}
