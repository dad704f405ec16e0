//! The two dense layers at the end: one answer from the whole map, or one from each column.

use rand_chacha::ChaCha8Rng;

use super::affine::{self, Affine};
use super::layout::{HeadLayout, Layout};
use super::pass::Pass;
use super::random::uniform;
use crate::kernels::{View, multiply, vectorised};

/// From the last map to the logits. Units of the dense layer are silenced by the pass's gates where it learns.
pub(crate) fn forward(layout: &Layout, weights: &[f32], affine: Affine<'_>, images: usize, pass: &mut Pass) {
    let head = &layout.head;
    let answers = images * head.steps;
    let Some(map) = pass.maps.last() else { return };
    let features = &mut pass.features[..answers * head.features];
    copy_windows(head, images, |feature, pixel, len| {
        features[feature..feature + len].copy_from_slice(&map[pixel..pixel + len]);
    });
    let raw = &mut pass.raw_hidden[..answers * head.hidden];
    let inner = View::new(&weights[head.inner.clone()], head.features, head.hidden);
    multiply(raw, View::new(features, answers, head.features), inner, false);
    let (number, lines) = (layout.blocks.len(), std::iter::once(0..raw.len()));
    let kept = &mut pass.moments[number];
    let (scale, shift) = affine.of(layout, number, &head.trainable(weights), (lines, raw), kept);
    let hidden = &mut pass.hidden[..answers * head.hidden];
    activate(raw, &scale, &shift, hidden);
    if let Some(back) = &pass.back {
        hidden.iter_mut().zip(&back.gates).for_each(|(unit, gate)| *unit *= gate);
    }
    let logits = &mut pass.logits[..answers * head.outputs];
    let outer = View::new(&weights[head.outer.clone()], head.hidden, head.outputs);
    multiply(logits, View::new(hidden, answers, head.hidden), outer, false);
    add_bias(logits, &weights[head.outer_bias.clone()]);
}

/// Draws which units of the dense layer are silent: a share `dropout` (Srivastava et al. 2014).
pub(crate) fn draw_gates(dropout: f32, rng: &mut ChaCha8Rng, gates: &mut [f32]) {
    let kept = 1.0 / (1.0 - dropout);
    gates.iter_mut().for_each(|gate| *gate = if uniform(rng) < dropout { 0.0 } else { kept });
}

/// From the derivatives by the logits to those by the dense weights and by the last map.
pub(crate) fn backward(layout: &Layout, weights: &[f32], images: usize, pass: &mut Pass, gradient: &mut [f32]) {
    let head = &layout.head;
    let answers = images * head.steps;
    let Pass { features, raw_hidden, hidden, moments, back: Some(back), .. } = pass else { return };
    let slopes = View::new(&back.by_logits, answers, head.outputs);
    let hidden = View::new(hidden, answers, head.hidden);
    multiply(&mut gradient[head.outer.clone()], hidden.transposed(), slopes, false);
    sum_rows(&back.by_logits[..answers * head.outputs], &mut gradient[head.outer_bias.clone()]);
    let outer = View::new(&weights[head.outer.clone()], head.hidden, head.outputs);
    multiply(&mut back.by_hidden, slopes, outer.transposed(), false);
    let by_hidden = &mut back.by_hidden[..answers * head.hidden];
    // What came out positive was neither cut nor silenced.
    by_hidden.iter_mut().zip(hidden.data).zip(&back.gates).for_each(|((slope, unit), gate)| {
        *slope = if *unit > 0.0 { *slope * gate } else { 0.0 };
    });
    let made = (std::iter::once(0..by_hidden.len()), raw_hidden.as_slice());
    let moments = &moments[layout.blocks.len()];
    affine::backward(layout, &head.trainable(weights), made, moments, by_hidden, gradient);
    let slopes = View::new(by_hidden, answers, head.hidden);
    let features = View::new(features, answers, head.features);
    multiply(&mut gradient[head.inner.clone()], features.transposed(), slopes, false);
    let inner = View::new(&weights[head.inner.clone()], head.features, head.hidden);
    multiply(&mut back.by_features, slopes, inner.transposed(), false);
    let Some(by_map) = back.by_map.last_mut() else { return };
    let by_features = &back.by_features;
    copy_windows(head, images, |feature, pixel, len| {
        by_map[pixel..pixel + len].copy_from_slice(&by_features[feature..feature + len]);
    });
}

/// Calls with (start in the features, start in the map, length) for each stretch of pixels of each answer's window.
fn copy_windows(head: &HeadLayout, images: usize, mut copy: impl FnMut(usize, usize, usize)) {
    let stretch = head.grid.width / head.steps * head.channels;
    for image in 0..images {
        for step in 0..head.steps {
            let feature = (image * head.steps + step) * head.features;
            for y in 0..head.grid.height {
                let line = head.grid.line(image, y, head.channels);
                copy(feature + y * stretch, line.start + step * stretch, stretch);
            }
        }
    }
}

/// relu(`raw` · `scale` + `shift`)
fn activate(raw: &[f32], scale: &[f32], shift: &[f32], out: &mut [f32]) {
    vectorised(
        #[inline(always)]
        || {
            for (raw, out) in raw.chunks_exact(scale.len()).zip(out.chunks_exact_mut(scale.len())) {
                let map = raw.iter().zip(scale).zip(shift);
                out.iter_mut().zip(map).for_each(|(out, ((raw, scale), shift))| *out = (raw * scale + shift).max(0.0));
            }
        },
    );
}

fn add_bias(rows: &mut [f32], bias: &[f32]) {
    vectorised(
        #[inline(always)]
        || {
            for row in rows.chunks_exact_mut(bias.len()) {
                row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
            }
        },
    );
}

fn sum_rows(rows: &[f32], sums: &mut [f32]) {
    sums.fill(0.0);
    for row in rows.chunks_exact(sums.len()) {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
}
