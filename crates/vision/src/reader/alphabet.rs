//! What the outputs of a network stand for.

use domain::reading::Reading;

use super::dial::Dial;

/// Most values of a dial.
const MOST_VALUES: f64 = 1000.0;

/// The meaning of the outputs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Alphabet {
    /// One answer among the values of a number that begins again at 0.
    Dial(Dial),
    /// An answer for each column: nothing (output 0) or one of these characters.
    Sequence(Vec<char>),
}

impl Alphabet {
    /// A dial where the number wraps after at most 1,000 steps, else a sequence.
    pub(crate) fn of(reading: &Reading) -> Self {
        let dial = reading.number.as_ref().and_then(|number| {
            let values = (number.wrap? * 10_f64.powi(number.decimals as i32)).round();
            let few = (2.0..=MOST_VALUES).contains(&values);
            few.then(|| Dial::new(values as usize, number, reading.min_length))
        });
        dial.map_or_else(|| Self::Sequence(reading.characters.chars().collect()), Self::Dial)
    }

    /// Whether both are dials, or both sequences.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Dial(_), Self::Dial(_)) | (Self::Sequence(_), Self::Sequence(_)))
    }

    /// Numbers of one answer.
    pub(crate) fn outputs(&self) -> usize {
        match self {
            Self::Dial(dial) => dial.texts().len(),
            Self::Sequence(characters) => characters.len() + 1,
        }
    }

    /// The outputs that say `text`: one value, or one for each character. `None` if the alphabet cannot say it.
    pub(crate) fn target(&self, text: &str) -> Option<Vec<usize>> {
        match self {
            Self::Dial(dial) => Some(vec![dial.texts().iter().position(|value| value == text)?]),
            Self::Sequence(characters) => {
                let output = |wanted: char| Some(characters.iter().position(|c| *c == wanted)? + 1);
                text.chars().map(output).collect()
            }
        }
    }
}
