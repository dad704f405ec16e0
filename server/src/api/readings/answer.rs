//! A reading as it is answered.

use desk::readings::{Answered, CharacterConfidence};
use domain::labeling::Origin;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::api::moment;

/// What an image says.
#[derive(Serialize, ToSchema)]
pub(super) struct ReadingAnswer<'a> {
    /// Identity, to report an error by.
    id: String,
    /// The model that was asked.
    model: &'a str,
    /// The version that read it; none when no version serves, and only people read.
    version: Option<i64>,
    /// Who read it: `champion` or `heuristic`.
    route: &'static str,
    /// When.
    at: String,
    /// The text; empty when only people read.
    text: &'a str,
    /// Probability that the whole text is right.
    confidence: f64,
    /// How sure each of its characters is, in their order.
    characters: Vec<CharacterAnswer>,
    /// Why a person looks at it, if one does: `limit`, `rule` or `audit`.
    review: Option<&'static str>,
}

/// One character of a reading.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct CharacterAnswer {
    /// The character.
    #[schema(value_type = String)]
    character: char,
    /// Probability that it is right.
    confidence: f64,
}

pub(super) fn example() -> Value {
    json!({ "id": "0197a2b4-7c1e-7d30-9a55-3f0c2f6f0d11", "model": "meter-reading", "version": 3, "route": "champion",
        "at": "2026-03-01T08:30:00.123456Z", "text": "7.4", "confidence": 0.61,
        "characters": [{ "character": "7", "confidence": 0.99 }, { "character": ".", "confidence": 1.0 },
            { "character": "4", "confidence": 0.62 }],
        "review": "limit" })
}

impl<'a> ReadingAnswer<'a> {
    pub(super) fn of(model: &'a str, read: &'a Answered) -> Self {
        Self {
            id: read.id.to_string(),
            model,
            version: read.version,
            route: read.route.as_str(),
            at: moment(read.at),
            text: &read.text,
            confidence: read.confidence,
            characters: CharacterAnswer::all(&read.characters),
            review: read.review.map(Origin::as_str),
        }
    }
}

impl CharacterAnswer {
    pub(in crate::api) fn all(characters: &[CharacterConfidence]) -> Vec<Self> {
        let one = |known: &CharacterConfidence| Self { character: known.character, confidence: known.confidence };
        characters.iter().map(one).collect()
    }
}
