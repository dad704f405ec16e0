//! What bytes are by their first few, and whether all that they announce is there.

use image::ImageFormat;

/// How well-known other formats begin: where, with what, and their name.
const OTHERS: [(usize, &[u8], &str); 12] = [
    (0, b"GIF8", "a GIF"),
    (0, b"BM", "a BMP"),
    (0, b"II*\0", "a TIFF"),
    (0, b"MM\0*", "a TIFF"),
    (0, b"%PDF", "a PDF"),
    (0, b"PK\x03\x04", "a zip archive"),
    (0, b"<svg", "an SVG"),
    (0, b"<?xml", "an XML text"),
    (0, b"\xff\x0a", "a JPEG XL"),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL"),
    (4, b"ftypavif", "an AVIF"),
    (4, b"ftyp", "a HEIC or a film"),
];

/// The format, if it is one that is read.
pub(super) fn sniff(bytes: &[u8]) -> Option<ImageFormat> {
    if bytes.starts_with(b"\xff\xd8\xff") {
        Some(ImageFormat::Jpeg)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(ImageFormat::Png)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(ImageFormat::WebP)
    } else {
        None
    }
}

/// What it is instead, in words.
pub(super) fn name_other(bytes: &[u8]) -> &'static str {
    let begins = |at: usize, start: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(start));
    if bytes.is_empty() {
        return "an empty file";
    }
    OTHERS.iter().find(|(at, start, _)| begins(*at, start)).map_or("no image that is known here", |(_, _, name)| name)
}

/// Whether a JPEG goes on to its end-of-image marker (ITU-T T.81, annex B). Decoders fill what is missing with grey,
/// and a grey digit would be read.
pub(super) fn jpeg_is_whole(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some((position, marker)) = next_marker(bytes, at) {
        at = match marker {
            0xd9 => return true,
            0x01 | 0xd0..=0xd8 => position + 2,
            _ => match bytes.get(position + 2..position + 4) {
                Some(length) => position + 2 + usize::from(u16::from_be_bytes([length[0], length[1]])),
                None => return false,
            },
        };
    }
    false
}

/// The next 0xFF that is followed by a marker's code, neither stuffed nor fill.
fn next_marker(bytes: &[u8], from: usize) -> Option<(usize, u8)> {
    let rest = bytes.get(from..)?;
    let found = rest.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff))?;
    Some((from + found, rest[found + 1]))
}

/// Whether each chunk of a WebP lies within its bytes, and no frame is larger than `canvas`: the decoder believes both.
pub(super) fn webp_is_sound(bytes: &[u8], canvas: (u32, u32)) -> bool {
    let size = u32_at(bytes, 4).map_or(usize::MAX, |size| size as usize);
    size.checked_add(8).is_some_and(|end| end <= bytes.len()) && chunks_are_sound(&bytes[12..], canvas)
}

fn chunks_are_sound(mut bytes: &[u8], canvas: (u32, u32)) -> bool {
    while bytes.len() >= 8 {
        let length = u32_at(bytes, 4).map_or(usize::MAX, |length| length as usize);
        let Some(data) = length.checked_add(8).and_then(|end| bytes.get(8..end)) else { return false };
        let sound = match &bytes[..4] {
            b"VP8 " => data.len() >= 10 && u16_at(data, 6) <= canvas.0 && u16_at(data, 8) <= canvas.1,
            // a frame's own 16 bytes, then its chunks
            b"ANMF" => data.len() >= 16 && chunks_are_sound(&data[16..], canvas),
            _ => true,
        };
        if !sound {
            return false;
        }
        bytes = bytes.get(8 + length + length % 2..).unwrap_or_default();
    }
    true
}

/// A frame's width or height: fourteen bits.
fn u16_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]) & 0x3fff)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}
