//! One image: bytes that anybody may have sent, plain pixels, and bytes fit to be stored.
//!
//! What is stored was always written by [`Picture::encode`]: it holds pixels only, so no place, time, thumbnail or
//! script that came with the original survives.

mod decode;
mod format;
mod resize;
#[cfg(test)]
mod tests;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

/// Pictures of up to this many pixels are stored without loss.
const LOSSLESS_PIXELS: usize = 100_000;
const JPEG_QUALITY: u8 = 92;

/// How much somebody may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Length of the file.
    pub bytes: usize,
    /// Width times height. Decoding takes at most about twelve bytes for each.
    pub pixels: u64,
    /// Width, and height.
    pub side: u32,
}

impl Default for Limits {
    /// 8 MiB and 24 million pixels: more than any meter or plate needs, and what telephones send.
    fn default() -> Self {
        Self { bytes: 8 << 20, pixels: 24_000_000, side: 12_000 }
    }
}

/// Why bytes did not become a picture, each in a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// More than [`Limits`] allow.
    #[error("{0}")]
    TooLarge(String),
    /// Not one of the formats that are read.
    #[error("{0}")]
    Unknown(String),
    /// Begins like an image and is none, or not all of one.
    #[error("{0}")]
    Broken(String),
}

/// An upright image in 8-bit sRGB.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

impl Picture {
    /// A picture of `rgb`, row by row, three bytes a pixel; `None` when that is not `width × height` pixels, or none.
    #[must_use]
    pub fn new(width: u32, height: u32, rgb: Vec<u8>) -> Option<Self> {
        let pixels = (width as usize).checked_mul(height as usize)?;
        (pixels > 0 && Some(rgb.len()) == pixels.checked_mul(3)).then_some(Self { width, height, rgb })
    }

    /// Reads a JPEG, PNG or WebP, whichever its content says it is. Of an animation the first frame is taken, what is
    /// transparent becomes white, and a photograph taken sideways is turned upright.
    ///
    /// # Errors
    /// See [`PictureError`]; sizes are checked before any pixel is decoded.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, PictureError> {
        decode::decode(bytes, limits)
    }

    /// Width and height of what [`Picture::decode`] would read, before it is turned upright, from its header alone.
    ///
    /// # Errors
    /// As there, but for damage that shows only in the pixels.
    pub fn measure(bytes: &[u8], limits: &Limits) -> Result<(u32, u32), PictureError> {
        decode::measure(bytes, limits)
    }

    /// The bytes to store, always the same for the same pixels: PNG up to 100,000 pixels, else JPEG.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let written = if self.rgb.len() / 3 <= LOSSLESS_PIXELS {
            let png = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive);
            png.write_image(&self.rgb, self.width, self.height, ExtendedColorType::Rgb8)
        } else {
            JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).write_image(
                &self.rgb,
                self.width,
                self.height,
                ExtendedColorType::Rgb8,
            )
        };
        debug_assert!(written.is_ok(), "a vector takes all bytes, and sides fit");
        bytes
    }

    /// Scaled to exactly `width × height` (at least 1 × 1): averaged over areas where it shrinks, interpolated where it
    /// grows.
    #[must_use]
    pub fn resized(&self, width: u32, height: u32) -> Self {
        resize::resized(self, width.max(1), height.max(1))
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Red, green and blue of each pixel, row by row from the upper left.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} × {})", self.width, self.height)
    }
}
