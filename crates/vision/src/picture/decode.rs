//! From bytes to pixels, refusing in the order of what it costs to find out.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, RgbImage};

use super::format::{jpeg_is_whole, name_other, sniff, webp_is_sound};
use super::{Limits, Picture, PictureError};

/// Bytes of the decoder's own pixels for each pixel allowed; 16-bit pictures may have fewer.
const BYTES_PER_PIXEL: u64 = 4;

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Picture, PictureError> {
    guarded(bytes, limits, |mut decoder, format| {
        // a turn that cannot be read is no turn: the pixels are what counts
        let turn = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let image = pixels(decoder).map_err(|error| explain(format, &error, limits))?;
        upright(image, turn).ok_or_else(|| broken(format, "it has no pixels"))
    })
}

/// Width and height as stored, before any turn, without decoding pixels.
pub(super) fn measure(bytes: &[u8], limits: &Limits) -> Result<(u32, u32), PictureError> {
    guarded(bytes, limits, |decoder, _| Ok(decoder.dimensions()))
}

/// Hands the opened and checked file to `next`. A decoder that panics over odd bytes has found them broken, no more.
fn guarded<T>(
    bytes: &[u8],
    limits: &Limits,
    next: impl Fn(Box<dyn ImageDecoder + '_>, ImageFormat) -> Result<T, PictureError>,
) -> Result<T, PictureError> {
    if bytes.len() > limits.bytes {
        let allowed = limits.bytes / 1024;
        return Err(PictureError::TooLarge(format!("The file is larger than the {allowed} KiB that are allowed.")));
    }
    let Some(format) = sniff(bytes) else {
        let what = name_other(bytes);
        return Err(PictureError::Unknown(format!("This is {what}; a JPEG, PNG or WebP image is needed.")));
    };
    let work = AssertUnwindSafe(|| next(open(bytes, format, limits)?, format));
    catch_unwind(work).unwrap_or_else(|_| Err(broken(format, "its data make no sense")))
}

fn open<'a>(bytes: &'a [u8], format: ImageFormat, limits: &Limits) -> Result<Box<dyn ImageDecoder + 'a>, PictureError> {
    let within = decoder_limits(limits);
    let decoder: Result<Box<dyn ImageDecoder + 'a>, ImageError> = match format {
        ImageFormat::Jpeg if !jpeg_is_whole(bytes) => return Err(broken(format, "its end is missing")),
        ImageFormat::Jpeg => JpegDecoder::new(Cursor::new(bytes)).map(|decoder| Box::new(decoder) as _),
        ImageFormat::Png => {
            PngDecoder::with_limits(Cursor::new(bytes), within.clone()).map(|decoder| Box::new(decoder) as _)
        }
        _ => WebPDecoder::new(Cursor::new(bytes)).map(|decoder| Box::new(decoder) as _),
    };
    let mut decoder = decoder.map_err(|error| explain(format, &error, limits))?;
    check_size(decoder.as_ref(), format, limits)?;
    if format == ImageFormat::WebP && !webp_is_sound(bytes, decoder.dimensions()) {
        return Err(broken(format, "parts of it are missing"));
    }
    decoder.set_limits(within).map_err(|error| explain(format, &error, limits))?;
    Ok(decoder)
}

fn decoder_limits(limits: &Limits) -> image::Limits {
    let mut within = image::Limits::default();
    within.max_image_width = Some(limits.side);
    within.max_image_height = Some(limits.side);
    within.max_alloc = Some(limits.pixels.saturating_mul(BYTES_PER_PIXEL));
    within
}

fn check_size(decoder: &dyn ImageDecoder, format: ImageFormat, limits: &Limits) -> Result<(), PictureError> {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(broken(format, "it has no pixels"));
    }
    let heavy = decoder.total_bytes() > limits.pixels.saturating_mul(BYTES_PER_PIXEL);
    if width > limits.side || height > limits.side || pixels > limits.pixels || heavy {
        return Err(too_large(&format!("{width} × {height} pixels"), limits));
    }
    Ok(())
}

/// All pixels as 8-bit RGB over white.
fn pixels(decoder: Box<dyn ImageDecoder + '_>) -> Result<RgbImage, ImageError> {
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    let mut raw = vec![0; usize::try_from(decoder.total_bytes()).unwrap_or(usize::MAX)];
    decoder.read_image(&mut raw)?;
    let channels = usize::from(color.channel_count());
    if usize::from(color.bytes_per_pixel()) > channels {
        raw = raw.as_chunks::<2>().0.iter().map(|&sample| narrow(u16::from_ne_bytes(sample))).collect();
    }
    let rgb = if channels == 3 { raw } else { raw.chunks_exact(channels).flat_map(over_white).collect() };
    Ok(RgbImage::from_raw(width, height, rgb).unwrap_or_default())
}

/// The nearest of 256 levels to one of 65,536.
fn narrow(sample: u16) -> u8 {
    ((u32::from(sample) + 128) / 257) as u8
}

/// One pixel of grey, grey and alpha, or RGB and alpha.
fn over_white(pixel: &[u8]) -> [u8; 3] {
    let blend = |colour: u8, alpha: u8| {
        let (colour, alpha) = (u32::from(colour), u32::from(alpha));
        ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    match *pixel {
        [grey] => [grey; 3],
        [grey, alpha] => [blend(grey, alpha); 3],
        [red, green, blue, alpha] => [red, green, blue].map(|colour| blend(colour, alpha)),
        _ => [255; 3],
    }
}

fn upright(image: RgbImage, turn: Orientation) -> Option<Picture> {
    let mut image = DynamicImage::ImageRgb8(image);
    image.apply_orientation(turn);
    let image = image.into_rgb8();
    Picture::new(image.width(), image.height(), image.into_raw())
}

fn explain(format: ImageFormat, error: &ImageError, limits: &Limits) -> PictureError {
    match error {
        ImageError::Limits(limit) if matches!(limit.kind(), LimitErrorKind::DimensionError) => {
            too_large("The sides", limits)
        }
        ImageError::Limits(_) => too_large("What the image unpacks to", limits),
        ImageError::Unsupported(_) => broken(format, "it uses a rare variant that is not read here"),
        _ => broken(format, "its data are damaged or incomplete"),
    }
}

fn too_large(what: &str, limits: &Limits) -> PictureError {
    let Limits { pixels, side, .. } = limits;
    PictureError::TooLarge(format!("{what}: more than the {side} pixels a side and {pixels} in all that are allowed."))
}

fn broken(format: ImageFormat, why: &str) -> PictureError {
    let name = match format {
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Png => "PNG",
        _ => "WebP",
    };
    PictureError::Broken(format!("This {name} cannot be read: {why}."))
}
