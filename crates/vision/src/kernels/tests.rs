//! The kernels against candle's own, and one thing that candle does.

use candle_core::{Device, Tensor, Var};

use super::*;

const IMAGES: usize = 2;

fn wave(length: usize, step: f32) -> Vec<f32> {
    (0..length).map(|at| (at as f32 * step).sin()).collect()
}

/// Puts (images, height, width, channels) on the grid.
fn framed(grid: Grid, channels: usize, pixels: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; grid.len(IMAGES, channels)];
    let rows = pixels.chunks_exact(grid.width * channels);
    grid.lines(IMAGES, channels).zip(rows).for_each(|(line, row)| out[line].copy_from_slice(row));
    out
}

fn unframed(grid: Grid, channels: usize, buffer: &[f32]) -> Vec<f32> {
    grid.lines(IMAGES, channels).flat_map(|line| buffer[line].to_vec()).collect()
}

/// (images, height, width, channels) as candle wants it.
fn image(grid: Grid, channels: usize, pixels: &[f32]) -> Tensor {
    let shape = (IMAGES, grid.height, grid.width, channels);
    Tensor::from_slice(pixels, shape, &Device::Cpu).unwrap().permute((0, 3, 1, 2)).unwrap().contiguous().unwrap()
}

fn flat(tensor: &Tensor, order: [usize; 4]) -> Vec<f32> {
    tensor.permute(order).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

fn assert_close(ours: &[f32], theirs: &[f32]) {
    assert_eq!(ours.len(), theirs.len());
    for (at, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() < 1e-4 * (1.0 + b.abs()), "{at}: {a} {b}");
    }
}

#[test]
fn convolution_and_its_derivatives_are_those_of_candle() {
    for (height, width, channels) in [
        (5, 4, Channels { input: 3, output: 7 }),
        (1, 1, Channels { input: 1, output: 2 }),
        (8, 6, Channels { input: 16, output: 32 }),
    ] {
        let grid = Grid::new(height, width);
        let pixels = wave(IMAGES * height * width * channels.input, 0.37);
        let kernel = wave(9 * channels.input * channels.output, 0.11);
        let up = wave(IMAGES * height * width * channels.output, 0.73);

        let x = Var::from_tensor(&image(grid, channels.input, &pixels)).unwrap();
        let k = Tensor::from_slice(&kernel, (3, 3, channels.input, channels.output), &Device::Cpu).unwrap();
        let k = Var::from_tensor(&k.permute((3, 2, 0, 1)).unwrap().contiguous().unwrap()).unwrap();
        let y = x.conv2d(&k, 1, 1, 1, 1).unwrap();
        let weighed = (&y * image(grid, channels.output, &up)).unwrap().sum_all().unwrap();
        let theirs = weighed.backward().unwrap();

        let input = framed(grid, channels.input, &pixels);
        let slopes = framed(grid, channels.output, &up);
        let mut out = vec![f32::NAN; grid.len(IMAGES, channels.output)];
        convolve(grid, IMAGES, &input, &kernel, channels, &mut out, false);
        assert_close(&unframed(grid, channels.output, &out), &flat(&y, [0, 2, 3, 1]));
        let mut by_weights = vec![f32::NAN; kernel.len()];
        by_kernel(grid, IMAGES, &input, &slopes, channels, &mut by_weights);
        assert_close(&by_weights, &flat(theirs.get(&k).unwrap(), [2, 3, 1, 0]));
        let mut by_pixels = vec![f32::NAN; input.len()];
        by_input(grid, IMAGES, &slopes, &rotated(&kernel, channels), channels, &mut by_pixels, false);
        assert_close(&unframed(grid, channels.input, &by_pixels), &flat(theirs.get(&x).unwrap(), [0, 2, 3, 1]));
    }
}

#[test]
fn pooling_is_that_of_candle_and_only_the_winner_learns() {
    let (grid, channels, window) = (Grid::new(4, 6), 3, Window { height: 2, width: 3 });
    let pixels = wave(IMAGES * 24 * channels, 0.9);
    let theirs = image(grid, channels, &pixels).max_pool2d_with_stride((2, 3), (2, 3)).unwrap().relu().unwrap();
    let pooling = Pooling { grid, window, images: IMAGES, channels };
    let (raw, pooled) = (framed(grid, channels, &pixels), window.pooled(grid));
    let mut out = vec![0.0; pooled.len(IMAGES, channels)];
    let mut winners = vec![0; out.len()];
    pooling.forward(&raw, (&[1.0; 3], &[0.0; 3]), None, &mut out, Some(&mut winners));
    assert_close(&unframed(pooled, channels, &out), &flat(&theirs, [0, 2, 3, 1]));
    let mut slopes = vec![0.0; raw.len()];
    pooling.backward(&out, &winners, &mut slopes);
    let (routed, sum) = (slopes.iter().filter(|slope| **slope != 0.0), out.iter().sum::<f32>());
    assert_eq!(routed.count(), out.iter().filter(|value| **value > 0.0).count());
    assert!((slopes.iter().sum::<f32>() - sum).abs() < 1e-3, "nothing is lost and nothing is made");
    assert!(slopes.iter().zip(&raw).all(|(slope, raw)| *slope == 0.0 || slope == raw), "the winner gets its own value");
}

/// Why nothing here trains through candle's pooling: of a window's only maximum it passes on a quarter of the slope. Once
/// this fails, candle has been mended.
#[test]
fn candle_scales_the_slope_of_a_pooled_maximum() {
    let pixels = Tensor::from_slice(&[1.0_f32, 2.0, 3.0, 4.0], (1, 1, 2, 2), &Device::Cpu).unwrap();
    let pixels = Var::from_tensor(&pixels).unwrap();
    let slopes = pixels.max_pool2d(2).unwrap().sum_all().unwrap().backward().unwrap();
    let slopes: Vec<f32> = slopes.get(&pixels).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    assert_eq!(slopes, [0.0, 0.0, 0.0, 0.25], "the truth is 1");
}

#[test]
fn normalised_pixels_have_mean_0_and_deviation_1() {
    let (grid, channels) = (Grid::new(3, 5), 2);
    let raw = framed(grid, channels, &wave(IMAGES * 15 * channels, 1.3));
    let made = moments(grid.lines(IMAGES, channels), channels, &raw);
    let (scale, shift) = made.affine(&[1.0; 2], &[0.0; 2]);
    let mut normal: Vec<f32> = unframed(grid, channels, &raw);
    normal.chunks_exact_mut(2).for_each(|pixel| (0..2).for_each(|c| pixel[c] = pixel[c] * scale[c] + shift[c]));
    for channel in 0..2 {
        let values: Vec<f32> = normal.iter().skip(channel).step_by(2).copied().collect();
        let mean = values.iter().sum::<f32>() / 30.0;
        let variance = values.iter().map(|value| value * value).sum::<f32>() / 30.0;
        assert!(mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-3, "{mean} {variance}");
    }
}

/// Two steps by hand: the first is as long as the learning rate, whatever the gradient; decay comes on top.
#[test]
fn adam_moves_as_written() {
    let mut weights = vec![1.0, 1.0];
    let mut adam = AdamW::new(&weights);
    let step = Step { learning_rate: 0.1, weight_decay: 0.5, keep: 0.5, factor: 1.0 };
    adam.step(&mut weights, &[3.0, -0.01], &[0.0, 1.0], step);
    assert_close(&weights, &[0.9, 1.05]);
    assert_close(&adam.mean, &[0.95, 1.025]);
    // first 0.9·0.3 + 0.1·1 = 0.37, second 0.999·0.009 + 0.001 = 0.009991; corrected by 0.19 and 0.001999
    adam.step(&mut weights, &[1.0, 0.0], &[0.0, 0.0], step);
    assert_close(&weights[..1], &[0.9 - 0.1 * (0.37 / 0.19) / (0.009991_f32 / 0.001999).sqrt()]);
}

#[test]
#[should_panic(expected = "does not fit its slice")]
fn a_matrix_beyond_its_slice_is_refused() {
    let mut out = vec![0.0; 4];
    let data = [0.0; 3];
    multiply(
        &mut out,
        View { data: &data, rows: 2, columns: 2, row_stride: 2, column_stride: 1 },
        View::new(&[0.0; 4], 2, 2),
        false,
    );
}
