//! The rules of a reading, taken from the texts of examples where nobody said them.

use std::collections::BTreeSet;

use super::{MAX_LENGTH, Number, Reading};
use crate::error::FieldError;

/// What somebody said of the readings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wish {
    /// Every character that can occur.
    pub characters: Option<String>,
    /// How far a number may be off and still serve.
    pub tolerance: Option<f64>,
    /// Where counting begins at 0 again.
    pub wrap: Option<f64>,
}

/// Rules for the texts of examples, and what was decided in sentences.
#[derive(Clone, Debug, PartialEq)]
pub struct Inferred {
    /// The rules.
    pub reading: Reading,
    /// What was not said and therefore taken from the texts.
    pub notes: Vec<String>,
}

/// Rules that the examples' texts keep: their characters, their lengths and, where each of them is a number with the same
/// decimals or somebody spoke of numbers, the form of the number.
///
/// # Errors
/// Names what was asked for and does not fit the texts.
pub fn infer<'a>(texts: impl IntoIterator<Item = &'a str>, wish: &Wish) -> Result<Inferred, FieldError> {
    let mut notes = Vec::new();
    let all: Vec<&str> = texts.into_iter().filter(|text| (1..=MAX_LENGTH).contains(&text.chars().count())).collect();
    let characters = wish.characters.clone().unwrap_or_else(|| {
        let found: String = all.iter().flat_map(|text| text.chars()).collect::<BTreeSet<char>>().into_iter().collect();
        notes.push(format!("The texts consist of {} characters: {found}", found.chars().count()));
        found
    });
    let usable: Vec<&str> = all.into_iter().filter(|text| text.chars().all(|c| characters.contains(c))).collect();
    let lengths = || usable.iter().map(|text| text.chars().count());
    let (Some(shortest), Some(longest)) = (lengths().min(), lengths().max()) else {
        return Err(FieldError::new("reading.characters", "none of the examples' texts consists of these characters"));
    };
    let mut reading = Reading::new(characters, shortest, longest);
    notes.push(format!("They are {} characters long.", reading.lengths()));
    reading.number = number(&usable, wish, &mut notes)?;
    Ok(Inferred { reading, notes })
}

fn number(texts: &[&str], wish: &Wish, notes: &mut Vec<String>) -> Result<Option<Number>, FieldError> {
    let decimals = |text: &&str| text.split_once('.').map_or(0, |(_, fraction)| fraction.chars().count() as u32);
    let first = texts.first().map_or(0, decimals);
    let asked = wish.tolerance.is_some() || wish.wrap.is_some();
    let tolerance = wish.tolerance.unwrap_or(0.0);
    let number = Number { decimals: first, tolerance, wrap: None, increasing: false };
    let strange = texts.iter().find(|text| number.value(text).is_none());
    match strange {
        Some(strange) if asked => {
            let reason = format!(
                "a tolerance is for numbers with the same decimals, and `{strange}` is not like `{}`",
                texts.first().copied().unwrap_or_default()
            );
            Err(FieldError::new("reading.number", reason))
        }
        // Whole numbers may as well be names; nothing is gained by counting with them unasked.
        Some(_) => Ok(None),
        None if !asked && first == 0 => Ok(None),
        None => {
            notes.push(match first {
                0 => String::from("Each is a whole number."),
                1 => String::from("Each is a number with 1 decimal."),
                n => format!("Each is a number with {n} decimals."),
            });
            Ok(Some(Number { wrap: wish.wrap, ..number }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rolling_digit_is_recognised_by_its_texts() {
        let wish = Wish { tolerance: Some(0.1), wrap: Some(10.0), ..Wish::default() };
        let inferred = infer(["0.0", "9.9", "3.7"], &wish).unwrap();
        let reading = inferred.reading;
        assert_eq!((reading.characters.as_str(), reading.min_length, reading.max_length), (".0379", 3, 3));
        assert_eq!(reading.number, Some(Number { decimals: 1, tolerance: 0.1, wrap: Some(10.0), increasing: false }));
        assert_eq!(inferred.notes.len(), 3);
    }

    #[test]
    fn plates_are_no_numbers_even_where_they_hold_digits_only() {
        let plates = infer(["123", "4567"], &Wish::default()).unwrap().reading;
        assert_eq!((plates.number, plates.min_length, plates.max_length), (None, 3, 4));
        let wish = Wish { tolerance: Some(0.5), ..Wish::default() };
        assert_eq!(infer(["123", "AB12"], &wish).unwrap_err().field, "reading.number");
    }

    #[test]
    fn texts_of_other_characters_do_not_count() {
        let wish = Wish { characters: Some(String::from("0123456789")), ..Wish::default() };
        let reading = infer(["12", "??????", "345"], &wish).unwrap().reading;
        assert_eq!((reading.min_length, reading.max_length), (2, 3));
        assert_eq!(infer(["??"], &wish).unwrap_err().field, "reading.characters");
    }
}
