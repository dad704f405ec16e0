//! Random choices, each from its own stream of one seed.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Generator number `stream` of `seed`: independent of all other streams and of the order in which they are used.
pub(super) fn generator(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

/// A number in `0 .. bound`.
pub(super) fn below(rng: &mut ChaCha8Rng, bound: usize) -> usize {
    // the bias of taking the high part of the product is under bound / 2⁶⁴
    ((u128::from(rng.next_u64()) * bound as u128) >> 64) as usize
}

/// How many of `count` things a share stands for: at least one.
pub(super) fn portion(count: usize, share: f32) -> usize {
    ((count as f64 * f64::from(share)).round() as usize).clamp(count.min(1), count)
}

/// `size` of the numbers `0 .. count`, ascending, every subset as likely (Knuth's algorithm S).
pub(super) fn choose(rng: &mut ChaCha8Rng, count: usize, size: usize) -> Vec<u32> {
    let mut chosen = Vec::with_capacity(size);
    for number in 0..count {
        if below(rng, count - number) < size - chosen.len() {
            chosen.push(number as u32);
        }
    }
    chosen
}

/// How often each of `count` rows is drawn in `count` draws with replacement.
pub(super) fn bootstrap(rng: &mut ChaCha8Rng, count: usize) -> Vec<u32> {
    let mut draws = vec![0; count];
    for _ in 0..count {
        draws[below(rng, count)] += 1;
    }
    draws
}
