//! A slice of pictures through the network and back.

use super::affine::{self, Affine};
use super::layout::{BlockLayout, Layout};
use super::pass::Pass;
use crate::kernels::{by_input, by_kernel, convolve, rotated};

/// Puts `pixels` (height × width × channels) in the place of picture number `image`.
pub(crate) fn place(layout: &Layout, pass: &mut Pass, image: usize, pixels: &[f32]) {
    let Some(first) = layout.blocks.first() else { return };
    let (grid, channels) = (first.grid, first.channels.input);
    for (y, row) in pixels.chunks_exact(grid.width * channels).enumerate() {
        pass.maps[0][grid.line(image, y, channels)].copy_from_slice(row);
    }
}

/// From the pixels to the last map.
pub(crate) fn forward(layout: &Layout, weights: &[f32], affine: Affine<'_>, images: usize, pass: &mut Pass) {
    for (number, block) in layout.blocks.iter().enumerate() {
        let (before, after) = pass.maps.split_at_mut(number + 1);
        let (input, out, raw) = (&before[number], &mut after[0], &mut pass.raw[number]);
        convolve(block.grid, images, input, &weights[block.kernel.clone()], block.channels, raw, false);
        let lines = block.grid.lines(images, block.channels.output);
        let kept = &mut pass.moments[number];
        let (scale, shift) = affine.of(layout, number, &block.trainable(weights), (lines, raw), kept);
        let winners = pass.back.as_mut().map(|back| back.winners[number].as_mut_slice());
        let shortcut = block.shortcut.then_some(input.as_slice());
        block.pooling(images).forward(raw, (&scale, &shift), shortcut, out, winners);
    }
}

/// The kernels that the way back needs, [`rotated`]; the first block's is not needed.
pub(crate) fn rotated_kernels(layout: &Layout, weights: &[f32]) -> Vec<Vec<f32>> {
    let rotate = |block: &BlockLayout| rotated(&weights[block.kernel.clone()], block.channels);
    let later = layout.blocks.iter().skip(1).map(rotate);
    std::iter::once(Vec::new()).chain(later).collect()
}

/// From the derivatives by the last map to those by all kernels, gains and offsets.
pub(crate) fn backward(
    layout: &Layout,
    weights: &[f32],
    rotated: &[Vec<f32>],
    images: usize,
    pass: &mut Pass,
    gradient: &mut [f32],
) {
    let Pass { maps, raw, moments, back: Some(back), .. } = pass else { return };
    for (number, block) in layout.blocks.iter().enumerate().rev() {
        let (by_input_map, by_output_map) = back.by_map.split_at_mut(number + 1);
        let (slopes, by_map) = (&mut back.slopes[number], &mut by_input_map[number]);
        block.pooling(images).backward(&by_output_map[0], &back.winners[number], slopes);
        if block.shortcut {
            by_map.copy_from_slice(slopes);
        }
        let made = (block.grid.lines(images, block.channels.output), raw[number].as_slice());
        affine::backward(layout, &block.trainable(weights), made, &moments[number], slopes, gradient);
        let by_weights = &mut gradient[block.kernel.clone()];
        by_kernel(block.grid, images, &maps[number], slopes, block.channels, by_weights);
        if number > 0 {
            by_input(block.grid, images, slopes, &rotated[number], block.channels, by_map, block.shortcut);
        }
    }
}
