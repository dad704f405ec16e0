//! Scaling, one axis after the other.

use super::Picture;

/// What one output pixel is made of along one axis: the first input pixel, and the weights from there on (sum 1).
type Taps = Vec<(usize, Vec<f32>)>;

pub(super) fn resized(picture: &Picture, width: u32, height: u32) -> Picture {
    if (width, height) == (picture.width, picture.height) {
        return picture.clone();
    }
    let (old_row, new_row) = (picture.width as usize * 3, width as usize * 3);
    let columns = taps(picture.width as usize, width as usize);
    let mut narrowed = Vec::with_capacity(new_row * picture.height as usize);
    for row in picture.rgb.chunks_exact(old_row) {
        for (first, weights) in &columns {
            let pixels = row[first * 3..].chunks_exact(3);
            let sums = weights.iter().zip(pixels).fold([0.0; 3], |sums: [f32; 3], (weight, pixel)| {
                [0, 1, 2].map(|channel| sums[channel] + weight * f32::from(pixel[channel]))
            });
            narrowed.extend_from_slice(&sums);
        }
    }
    let mut rgb = Vec::with_capacity(new_row * height as usize);
    let mut sums = vec![0.0; new_row];
    for (first, weights) in taps(picture.height as usize, height as usize) {
        sums.fill(0.0);
        for (weight, row) in weights.iter().zip(narrowed.chunks_exact(new_row).skip(first)) {
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
        }
        rgb.extend(sums.iter().map(|value| value.round() as u8));
    }
    Picture { width, height, rgb }
}

fn taps(old: usize, new: usize) -> Taps {
    let scale = old as f64 / new as f64;
    (0..new).map(|at| if scale > 1.0 { area(at as f64 * scale, scale, old) } else { between(at, scale, old) }).collect()
}

/// The share of each input pixel in `[start, start + length)`.
fn area(start: f64, length: f64, old: usize) -> (usize, Vec<f32>) {
    let end = (start + length).min(old as f64);
    let first = (start as usize).min(old - 1);
    let last = (end.ceil() as usize).clamp(first + 1, old);
    let covered = |at: usize| (end.min(at as f64 + 1.0) - start.max(at as f64)).max(0.0);
    (first, (first..last).map(|at| (covered(at) / (end - start)) as f32).collect())
}

/// The two input pixels between whose centres this one's lies.
fn between(at: usize, scale: f64, old: usize) -> (usize, Vec<f32>) {
    let centre = ((at as f64 + 0.5) * scale - 0.5).clamp(0.0, (old - 1) as f64);
    let first = (centre as usize).min(old.saturating_sub(2));
    let second = (centre - first as f64) as f32;
    (first, if old == 1 { vec![1.0] } else { vec![1.0 - second, second] })
}
