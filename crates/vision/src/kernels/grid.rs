//! Where the pixels of a stack of images lie in a buffer.

use std::ops::Range;

/// Pixels of every image of a stack, channels last, with a frame of zeros between them.
///
/// A row of pixels is followed by one zero pixel, the last row of an image by one zero row, and the first image is preceded
/// by a zero row and a zero pixel. So each pixel has neighbours on all sides, and those of the pixel number `p` lie at fixed
/// distances from `p`: a 3 × 3 convolution over all images of a stack is three products of overlapping matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Grid {
    pub(crate) fn new(height: usize, width: usize) -> Self {
        Self { height, width }
    }

    /// Pixels from one row to the next.
    pub(crate) fn row(self) -> usize {
        self.width + 1
    }

    /// Pixels from one image to the next.
    pub(crate) fn image(self) -> usize {
        (self.height + 1) * self.row()
    }

    /// Pixels before the first one of the first image.
    pub(crate) fn lead(self) -> usize {
        self.row() + 1
    }

    /// Pixels from the first to the last one of `images`, those of the frame between them included.
    pub(crate) fn span(self, images: usize) -> usize {
        (images * self.image()).saturating_sub(self.row() + 1)
    }

    /// Numbers of a buffer for `images` of so many `channels`.
    pub(crate) fn len(self, images: usize, channels: usize) -> usize {
        (self.lead() + images * self.image()) * channels
    }

    /// Number of a pixel, counted from the beginning of the buffer.
    pub(crate) fn at(self, image: usize, y: usize, x: usize) -> usize {
        self.lead() + image * self.image() + y * self.row() + x
    }

    /// Where the numbers of one row of pixels lie.
    pub(crate) fn line(self, image: usize, y: usize, channels: usize) -> Range<usize> {
        let start = self.at(image, y, 0) * channels;
        start..start + self.width * channels
    }

    /// All rows of pixels of `images`, as [`Grid::line`].
    pub(crate) fn lines(self, images: usize, channels: usize) -> impl Iterator<Item = Range<usize>> + Clone {
        (0..images).flat_map(move |image| (0..self.height).map(move |y| self.line(image, y, channels)))
    }
}
