//! Images to be read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use vision::picture::Picture;

/// A small grey PNG; another number is another image.
pub fn grey(number: u8) -> Vec<u8> {
    Picture::new(12, 8, vec![number; 12 * 8 * 3]).unwrap().encode()
}

/// A JPEG, as large pictures are.
pub fn photograph() -> Vec<u8> {
    let jpeg = Picture::new(400, 300, vec![90; 400 * 300 * 3]).unwrap().encode();
    assert!(jpeg.starts_with(b"\xff\xd8\xff"));
    jpeg
}

/// As JSON carries it.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
