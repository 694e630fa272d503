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
            assert_eq!(check_pair(images.count, labels.len()), Ok(()));
            assert_eq!(check_pair(images.count, 1), Err(IdxError::Counts { images: 2, labels: 1 }));
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

/// `count` images of `rows` × `columns`, all pixels 0.
fn blank(count: u8, rows: u8, columns: u8) -> Vec<u8> {
    let mut file = vec![0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, rows, 0, 0, 0, columns];
    file.resize(16 + usize::from(count) * usize::from(rows) * usize::from(columns), 0);
    file
}

#[test]
fn a_file_says_itself_whether_it_holds_images_or_labels() {
    for (file, expected) in [(images(), Kind::Images), (labels(), Kind::Labels)] {
        assert_eq!((kind(&file), kind(&gzip(&file))), (Ok(expected), Ok(expected)));
    }
    assert_eq!(kind(&[]), Err(IdxError::TooShort { expected: 4, found: 0 }));
    assert_eq!(kind(b"PNG, perhaps"), Err(IdxError::NotIdx([b'P', b'N'])));
    assert_eq!(kind(&[0, 0, 13, 3]), Err(IdxError::NumberType(13)));
    assert_eq!(kind(&[0, 0, 8, 2, 0, 0, 0, 0]), Err(IdxError::Dimensions { expected: 3, found: 2 }));
}

#[test]
fn images_that_no_network_here_takes_are_refused() {
    let check = |file: Vec<u8>| check_images(survey(&file).unwrap().sizes);
    assert_eq!((check(blank(50, 28, 28)), check(blank(50, 4, 4)), check(blank(50, 64, 64))), (Ok(()), Ok(()), Ok(())));
    for (file, expected) in [
        (blank(50, 28, 20), IdxError::NotSquare { rows: 28, columns: 20 }),
        (blank(60, 3, 3), IdxError::Side(3)),
        (blank(50, 65, 65), IdxError::Side(65)),
        (blank(49, 8, 8), IdxError::TooFew(49)),
    ] {
        let found = check(file).unwrap_err();
        assert_eq!(found, expected);
        assert!(found.to_string().ends_with('.') && found.to_string().len() > 30, "{found}");
    }
}

/// The survey finds what the parsers find, and nothing else.
#[test]
fn a_survey_says_what_the_parsers_say() {
    assert_eq!(survey(&images()), Ok(Survey { sizes: [2, 2, 3], least: 0, largest: 255 }));
    assert_eq!(survey(&gzip(&labels())), Ok(Survey { sizes: [2, 1, 1], least: 7, largest: 9 }));
    let mut rng = Rng::new(9);
    for original in [images(), gzip(&images()), blank(3, 200, 200), gzip(&blank(3, 200, 200))] {
        for round in 0..400 {
            let mut file = original.clone();
            if round % 2 == 0 {
                file.truncate(rng.below(file.len()));
            } else {
                let at = rng.below(file.len().min(24));
                file[at] = rng.next_u64() as u8;
            }
            match (survey(&file), parse_images(&file)) {
                (Ok(found), Ok(images)) => assert_eq!(found.sizes, [images.count, images.rows, images.columns]),
                // A file of labels, and images without pixels, are whole files too.
                (Ok(found), Err(IdxError::Dimensions { found: 1, .. })) => assert_eq!(found.sizes[1..], [1, 1]),
                (Ok(found), Err(IdxError::NoPixels)) => assert!(found.sizes.contains(&0)),
                (Ok(found), Err(error)) => panic!("{found:?}, but {error}"),
                (Err(_), parsed) => assert!(parsed.is_err()),
            }
        }
    }
}

#[test]
fn a_fingerprint_tells_sets_apart() {
    let print = |file: &[u8]| parse_images(file).unwrap().fingerprint();
    let one = blank(50, 28, 28);
    let mut other = one.clone();
    other[16 + 101 * 7] = 1;
    assert_eq!(print(&one), print(&gzip(&one)));
    assert_ne!(print(&one), print(&other));
    assert_ne!(print(&one), print(&blank(51, 28, 28)));
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
            let _ = (parse_images(&file), parse_labels(&file, 9), kind(&file));
        }
    }
    for length in 0..2000 {
        let mut file: Vec<u8> = (0..length % 90).map(|_| rng.next_u64() as u8).collect();
        if length % 3 == 0 && file.len() > 2 {
            file[..2].copy_from_slice(&GZIP);
        }
        let _ = (parse_images(&file), parse_labels(&file, 9), kind(&file));
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
