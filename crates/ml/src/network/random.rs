//! Random numbers from a seeded stream. Written out here, so that a release of a library cannot change what a seed gives.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The stream number `stream` of `seed`.
pub(crate) fn stream(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

/// Uniform on [0, 1).
pub(crate) fn uniform(rng: &mut ChaCha8Rng) -> f32 {
    (rng.next_u32() >> 8) as f32 / (1_u32 << 24) as f32
}

/// Fills `out` uniformly from −`bound` to `bound`.
pub(crate) fn fill_uniform(rng: &mut ChaCha8Rng, bound: f32, out: &mut [f32]) {
    out.iter_mut().for_each(|value| *value = (2.0 * uniform(rng) - 1.0) * bound);
}

/// Standard normal, after Box & Muller (1958).
pub(crate) fn normal(rng: &mut ChaCha8Rng) -> f32 {
    let radius = (-2.0 * (1.0 - uniform(rng)).ln()).sqrt();
    radius * (std::f32::consts::TAU * uniform(rng)).cos()
}

/// Shuffles in place, after Fisher & Yates.
pub(crate) fn shuffle<T>(rng: &mut ChaCha8Rng, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        let other = (u64::from(rng.next_u32()) * (last as u64 + 1)) >> 32;
        items.swap(last, other as usize);
    }
}

/// Fills `gates` with 0 for a silenced unit (with probability `share`, in steps of 1/256) and [`kept_factor`] for the rest.
pub(crate) fn fill_dropout(rng: &mut ChaCha8Rng, share: f32, gates: &mut [f32]) {
    let (threshold, kept) = (silenced(share), kept_factor(share));
    let mut bytes = [0_u8; 1024];
    for gates in gates.chunks_mut(bytes.len()) {
        let bytes = &mut bytes[..gates.len()];
        rng.fill_bytes(bytes);
        gates.iter_mut().zip(bytes).for_each(|(gate, byte)| *gate = if *byte < threshold { 0.0 } else { kept });
    }
}

/// The factor that keeps a unit's mean under dropout of `share`.
pub(crate) fn kept_factor(share: f32) -> f32 {
    256.0 / (256.0 - f32::from(silenced(share)))
}

/// How many of 256 equally likely bytes silence a unit.
fn silenced(share: f32) -> u8 {
    (share * 256.0).round() as u8
}
