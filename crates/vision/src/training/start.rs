//! What a training begins with: view, network and weights.

use super::{Example, Parameters};
use crate::network::{Block, Layout, Learner, Shape, Window};
use crate::reader::{Alphabet, Reader, View};

const HEIGHT: usize = 32;
/// Columns of pixels that become one column of the last map, and so one answer.
const COLUMN: usize = 4;
/// Widest view of a sequence.
const WIDEST: usize = 512;

/// The view that suits these pictures. A dial's have one size, the middle one of their aspects; those of a sequence keep
/// their aspect, and all but the widest twentieth fit.
pub(super) fn view(alphabet: &Alphabet, examples: &[Example<'_>], learnt: &[usize], colour: bool) -> View {
    let aspect = |index: &usize| {
        let picture = examples[*index].picture;
        f64::from(picture.width()) / f64::from(picture.height())
    };
    let mut aspects: Vec<f64> = learnt.iter().map(aspect).collect();
    aspects.sort_by(f64::total_cmp);
    let share = |share: f64| aspects.get((aspects.len() as f64 * share) as usize).copied().unwrap_or(1.0);
    let rounded = |width: f64, least: usize, most: usize| {
        let columns = (width / COLUMN as f64).round() as usize;
        (columns * COLUMN).clamp(least, most)
    };
    let channels = if colour { 3 } else { 1 };
    match alphabet {
        Alphabet::Dial(_) => {
            let width = rounded(share(0.5) * HEIGHT as f64, 16, 96);
            View { height: HEIGHT, width, channels, keeps_aspect: false }
        }
        Alphabet::Sequence(_) => {
            let longest = learnt.iter().map(|index| examples[*index].text.chars().count()).max().unwrap_or(1);
            // A blank must fit between any two characters.
            let least = (2 * longest + 1) * COLUMN;
            let width = rounded(share(0.95) * HEIGHT as f64, least.min(WIDEST), WIDEST);
            View { height: HEIGHT, width, channels, keeps_aspect: true }
        }
    }
}

/// The network for this view.
pub(super) fn shape(alphabet: &Alphabet, view: &View, width: f32) -> Shape {
    let block = |channels: usize, shortcut: bool, height: usize, columns: usize| Block {
        channels: ((channels as f32 * width / 16.0).round() as usize).max(1) * 16,
        shortcut,
        pool: Window { height, width: columns },
    };
    let dial = matches!(alphabet, Alphabet::Dial(_));
    let blocks = if dial {
        vec![
            block(32, false, 2, 2),
            block(64, false, 1, 1),
            block(64, true, 2, 2),
            block(96, false, 1, 1),
            block(96, true, 2, 1),
        ]
    } else {
        vec![
            block(32, false, 2, 2),
            block(64, false, 1, 1),
            block(64, true, 2, 2),
            block(96, false, 1, 1),
            block(96, true, 2, 1),
            block(128, false, 1, 1),
            block(128, true, 2, 1),
        ]
    };
    Shape {
        height: view.height,
        width: view.width,
        channels: view.channels,
        blocks,
        normalise: true,
        hidden: 128,
        outputs: alphabet.outputs(),
        columns: !dial,
    }
}

/// A learner of fresh weights, or of those of `from`.
pub(super) fn learner(
    alphabet: &Alphabet,
    view: &View,
    parameters: &Parameters,
    from: Option<&Reader>,
    seed: u64,
) -> Learner {
    let Some(from) = from else { return Learner::new(shape(alphabet, view, parameters.width), seed) };
    let shape = Shape { width: view.width, outputs: alphabet.outputs(), ..from.network.shape().clone() };
    let fresh = Learner::new(shape.clone(), seed);
    let weights = inherited(alphabet, from, &shape, fresh.weights.clone());
    Learner::with(shape, weights, seed)
}

/// The view of a reader that is gone on from: its size and colours; of a sequence the width that the new pictures need.
pub(super) fn view_of(from: &Reader, fresh: View) -> View {
    let width = if from.view.keeps_aspect { fresh.width } else { from.view.width };
    View { width, ..from.view }
}

/// Everything that `from` knows, and what it does not know as it is in `fresh`: outputs for other characters.
fn inherited(alphabet: &Alphabet, from: &Reader, shape: &Shape, mut fresh: Vec<f32>) -> Vec<f32> {
    let (old, new) = (&from.network.layout, Layout::new(shape));
    let known = &from.network.weights;
    // Up to the last layer the layouts are the same.
    fresh[..new.head.outer.start].copy_from_slice(&known[..old.head.outer.start]);
    for (to, output) in same_outputs(alphabet, &from.alphabet) {
        for unit in 0..new.head.hidden {
            fresh[new.head.outer.start + unit * new.head.outputs + to] =
                known[old.head.outer.start + unit * old.head.outputs + output];
        }
        fresh[new.head.outer_bias.start + to] = known[old.head.outer_bias.start + output];
    }
    fresh
}

/// Pairs of a new output and the old one that means the same.
fn same_outputs(new: &Alphabet, old: &Alphabet) -> Vec<(usize, usize)> {
    match (new, old) {
        (Alphabet::Dial(new), Alphabet::Dial(old)) => {
            let same = |text: &String| old.texts().iter().position(|other| other == text);
            new.texts().iter().enumerate().filter_map(|(to, text)| Some((to, same(text)?))).collect()
        }
        (Alphabet::Sequence(new), Alphabet::Sequence(old)) => {
            let same = |character: &char| old.iter().position(|other| other == character);
            let pairs = new.iter().enumerate().filter_map(|(to, character)| Some((to + 1, same(character)? + 1)));
            // Both begin with the blank.
            std::iter::once((0, 0)).chain(pairs).collect()
        }
        _ => Vec::new(),
    }
}
