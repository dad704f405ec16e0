use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder};
use proptest::prelude::*;

use super::{Limits, Picture, PictureError};

const PIXELS: [u8; 18] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 0, 0, 0, 255, 255, 255];

/// Three pixels wide, two high.
fn small() -> Picture {
    Picture::new(3, 2, PIXELS.to_vec()).unwrap()
}

/// A slope from dark to light.
fn slope(width: u32, height: u32) -> Picture {
    let pixel = |x: u32| [(x * 255 / width) as u8; 3];
    let rgb = (0..height).flat_map(|_| (0..width).flat_map(pixel)).collect();
    Picture::new(width, height, rgb).unwrap()
}

fn png(width: u32, height: u32, color: ExtendedColorType, samples: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(samples, width, height, color).unwrap();
    bytes
}

fn jpeg(picture: &Picture) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    encoder.write_image(&picture.rgb, picture.width, picture.height, ExtendedColorType::Rgb8).unwrap();
    bytes
}

fn webp(picture: &Picture) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut bytes);
    encoder.write_image(&picture.rgb, picture.width, picture.height, ExtendedColorType::Rgb8).unwrap();
    bytes
}

fn decode(bytes: &[u8]) -> Result<Picture, PictureError> {
    Picture::decode(bytes, &Limits::default())
}

/// A chunk of a PNG with its checksum (CRC-32, ISO 3309).
fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind.as_slice(), data].concat();
    let sum = body.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    });
    [(data.len() as u32).to_be_bytes().as_slice(), &body, &(!sum).to_be_bytes()].concat()
}

/// The end of a PNG's signature and header, where further chunks may follow.
const AFTER_HEADER: usize = 33;

fn webp_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = [kind.as_slice(), &(data.len() as u32).to_le_bytes(), data].concat();
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

/// The extended form, with a canvas of its own.
fn extended_webp(canvas: (u32, u32), flags: u8, chunks: &[u8]) -> Vec<u8> {
    let side = |length: u32| (length - 1).to_le_bytes();
    let (width, height) = (side(canvas.0), side(canvas.1));
    let header = [&[flags, 0, 0, 0][..], &width[..3], &height[..3]].concat();
    let body = [b"WEBP".to_vec(), webp_chunk(b"VP8X", &header), chunks.to_vec()].concat();
    webp_chunk(b"RIFF", &body)
}

#[test]
fn the_three_formats_are_known_by_their_content() {
    assert_eq!(decode(&png(3, 2, ExtendedColorType::Rgb8, &PIXELS)), Ok(small()));
    assert_eq!(decode(&webp(&small())), Ok(small()));
    let photograph = decode(&jpeg(&slope(64, 32))).unwrap();
    assert_eq!((photograph.width(), photograph.height()), (64, 32));
    let worst = photograph.rgb.iter().zip(&slope(64, 32).rgb).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(worst < 8, "{worst}");
}

#[test]
fn grey_deep_and_transparent_pictures_become_plain() {
    let one = |color, samples: &[u8]| decode(&png(1, 1, color, samples)).unwrap().rgb;
    assert_eq!(one(ExtendedColorType::L8, &[77]), [77, 77, 77]);
    assert_eq!(one(ExtendedColorType::La8, &[0, 0]), [255, 255, 255]);
    assert_eq!(one(ExtendedColorType::Rgba8, &[200, 100, 0, 255]), [200, 100, 0]);
    assert_eq!(one(ExtendedColorType::Rgba8, &[200, 100, 0, 51]), [244, 224, 204]);
    let deep = [0x8080_u16, 0x00ff, 0xffff].map(u16::to_ne_bytes).concat();
    assert_eq!(one(ExtendedColorType::Rgb16, &deep), [128, 1, 255]);
    assert_eq!(one(ExtendedColorType::L16, &0x0101_u16.to_ne_bytes()), [1, 1, 1]);
}

#[test]
fn a_palette_is_looked_up() {
    // four pixels of two bits each: 1, 0, 1, 2
    let header = png_chunk(b"IHDR", &[0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 0, 0, 0]);
    let palette = png_chunk(b"PLTE", &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // one stored block of deflate in zlib's wrapping: a row of filter 0
    let row = png_chunk(b"IDAT", &[0x78, 1, 1, 2, 0, 0xfd, 0xff, 0, 0b0100_0110, 0, 0x48, 0, 0x47]);
    let bytes = [b"\x89PNG\r\n\x1a\n".to_vec(), header, palette, row, png_chunk(b"IEND", &[])].concat();
    assert_eq!(decode(&bytes).unwrap().rgb, [4, 5, 6, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn photographs_are_turned_upright_and_keep_nothing_else() {
    // big-endian TIFF header, one tag: 0x0112 orientation, SHORT, 6 (turn clockwise)
    let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let segment = [b"\xff\xe1".as_slice(), &(exif.len() as u16 + 2).to_be_bytes(), exif].concat();
    let plain = jpeg(&slope(64, 32));
    let turned = decode(&[&plain[..2], &segment, &plain[2..]].concat()).unwrap();
    assert_eq!((turned.width(), turned.height()), (32, 64));
    assert!(turned.rgb[0] < 20 && turned.rgb[turned.rgb.len() - 1] > 230);
    let stored = turned.encode();
    assert!(!stored.windows(4).any(|four| four == b"Exif"));
    assert_eq!(decode(&stored), Ok(turned));
}

#[test]
fn of_an_animation_the_first_frame_is_taken() {
    let still = png(3, 2, ExtendedColorType::Rgb8, &PIXELS);
    let control = png_chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let frame = png_chunk(b"fcTL", &[[0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 2].as_slice(), &[0; 14]].concat());
    let moving = [&still[..AFTER_HEADER], &control, &frame, &still[AFTER_HEADER..]].concat();
    assert_eq!(decode(&moving), Ok(small()));

    let frame = |picture: &Picture| {
        // the last two bits: replace what is there, and leave it
        let header = [[0; 6].as_slice(), &[2, 0, 0, 1, 0, 0], &[100, 0, 0, 2]].concat();
        webp_chunk(b"ANMF", &[header.as_slice(), &webp(picture)[12..]].concat())
    };
    let second = Picture::new(3, 2, vec![9; 18]).unwrap();
    let chunks = [webp_chunk(b"ANIM", &[0; 6]), frame(&small()), frame(&second)].concat();
    assert_eq!(decode(&extended_webp((3, 2), 2, &chunks)).unwrap().rgb, PIXELS);
}

#[test]
fn size_is_refused_before_pixels_are_made() {
    let tight = Limits { bytes: 1 << 20, pixels: 100, side: 20 };
    for made in [png(21, 1, ExtendedColorType::L8, &[0; 21]), webp(&slope(11, 10)), jpeg(&slope(16, 16))] {
        assert!(matches!(Picture::decode(&made, &tight), Err(PictureError::TooLarge(_))));
    }
    assert!(matches!(Picture::decode(&[0; 2 << 20], &tight), Err(PictureError::TooLarge(_))));
    // a header that promises ten billion pixels, and no data
    let header = png_chunk(b"IHDR", &[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0, 8, 2, 0, 0, 0]);
    let bomb = [b"\x89PNG\r\n\x1a\n".to_vec(), header, png_chunk(b"IDAT", &[0; 20])].concat();
    assert!(matches!(decode(&bomb), Err(PictureError::TooLarge(_))));
    // sides within bounds, but twice as many bytes for each pixel
    let deep = png(10, 10, ExtendedColorType::Rgba16, &[0; 800]);
    assert!(matches!(Picture::decode(&deep, &tight), Err(PictureError::TooLarge(_))));
}

#[test]
fn a_webp_that_lies_about_its_parts_is_broken() {
    let frame = [&[0, 0, 0, 0x9d, 0x01, 0x2a], 16_383_u16.to_le_bytes().as_slice(), &16_383_u16.to_le_bytes()].concat();
    let larger = extended_webp((10, 10), 0, &webp_chunk(b"VP8 ", &frame));
    assert!(matches!(decode(&larger), Err(PictureError::Broken(_))));
    let mut longer = extended_webp((3, 2), 8, &[webp(&small())[12..].to_vec(), webp_chunk(b"EXIF", &[0; 4])].concat());
    assert!(decode(&longer).is_ok());
    let length = longer.len() - 8;
    longer[length..length + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(decode(&longer), Err(PictureError::Broken(_))));
}

#[test]
fn what_is_no_picture_is_named() {
    let message = |bytes: &[u8]| match decode(bytes) {
        Err(PictureError::Unknown(message)) => message,
        other => format!("{other:?}"),
    };
    assert_eq!(message(b"GIF89a..."), "This is a GIF; a JPEG, PNG or WebP image is needed.");
    assert!(message(b"<svg xmlns='http://www.w3.org/2000/svg'/>").contains("an SVG"));
    assert!(message(b"\0\0\0\x18ftypheic\0\0\0\0").contains("HEIC"));
    assert!(message(b"BM\x8a\0\0\0").contains("BMP"));
    assert!(message(b"file,text\n").contains("no image"));
    assert!(message(b"").contains("empty"));
}

#[test]
fn a_picture_without_pixels_is_refused() {
    assert_eq!(Picture::new(0, 5, Vec::new()), None);
    assert_eq!(Picture::new(1, 1, vec![0; 4]), None);
    let header = png_chunk(b"IHDR", &[0, 0, 0, 0, 0, 0, 0, 1, 8, 2, 0, 0, 0]);
    let bytes = [b"\x89PNG\r\n\x1a\n".to_vec(), header, png_chunk(b"IEND", &[])].concat();
    assert!(matches!(decode(&bytes), Err(PictureError::Broken(_))));
    assert!(matches!(decode(b"\x89PNG\r\n\x1a\n"), Err(PictureError::Broken(_))));
}

#[test]
fn no_part_of_a_photograph_may_be_missing() {
    let whole = jpeg(&slope(64, 32));
    for length in 3..whole.len() {
        assert!(matches!(decode(&whole[..length]), Err(PictureError::Broken(_))), "{length} of {}", whole.len());
    }
    let trailing = [whole.as_slice(), b"what a camera adds"].concat();
    assert_eq!(decode(&trailing), decode(&whole));
}

#[test]
fn large_pictures_are_stored_as_jpeg_and_always_the_same() {
    let large = slope(400, 300);
    let stored = large.encode();
    assert!(stored.starts_with(b"\xff\xd8\xff") && stored == large.encode());
    assert!(small().encode().starts_with(b"\x89PNG"));
}

#[test]
fn shrinking_takes_the_mean_and_growing_lies_between() {
    let row =
        |values: &[u8]| Picture::new(values.len() as u32, 1, values.iter().flat_map(|v| [*v; 3]).collect()).unwrap();
    let reds = |picture: Picture| picture.rgb.iter().step_by(3).copied().collect::<Vec<_>>();
    assert_eq!(reds(row(&[0, 100, 200, 50]).resized(2, 1)), [50, 125]);
    // thirds: (0 + 100/2) / 1.5 and (100/2 + 200) / 1.5
    assert_eq!(reds(row(&[0, 100, 200]).resized(2, 1)), [33, 167]);
    assert_eq!(reds(row(&[0, 100]).resized(4, 1)), [0, 25, 75, 100]);
    assert_eq!(reds(row(&[7]).resized(3, 2)), [7; 6]);
    assert_eq!(small().resized(3, 2), small());
    assert_eq!(slope(40, 20).resized(0, 0).width(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_never_harm(
        kind in 0..3_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let whole = slope(24, 17);
        let mut bytes = [jpeg(&whole), webp(&whole), png(24, 17, ExtendedColorType::Rgb8, &whole.rgb)][kind].clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate(cut.map_or(bytes.len(), |at| at.index(bytes.len())));
        let limits = Limits { pixels: 1_000_000, ..Limits::default() };
        if let Ok(picture) = Picture::decode(&bytes, &limits) {
            prop_assert_eq!(picture.rgb.len(), (picture.width * picture.height * 3) as usize);
        }
    }

    #[test]
    fn any_scaling_keeps_within_the_old_values(
        rgb in prop::collection::vec(20..200_u8, 7 * 5 * 3), width in 1..30_u32, height in 1..30_u32,
    ) {
        let scaled = Picture::new(7, 5, rgb.clone()).unwrap().resized(width, height);
        let (low, high) = (rgb.iter().min().unwrap(), rgb.iter().max().unwrap());
        prop_assert_eq!((scaled.width, scaled.height), (width, height));
        prop_assert!(scaled.rgb.iter().all(|value| low <= value && value <= high));
    }
}
