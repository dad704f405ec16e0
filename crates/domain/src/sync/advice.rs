use serde::{Deserialize, Serialize};

/// What a client is told to do with the edits that it is about to sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// Sync as they are.
    SyncNow,
    /// Fetch what others did first; the edits go on top of it without a question.
    FetchFirst,
    /// Fetch, and let the person decide: others have edited the same fields.
    AskToMerge,
}

impl Advice {
    /// Every advice, the most harmless first.
    pub const ALL: [Self; 3] = [Self::SyncNow, Self::FetchFirst, Self::AskToMerge];

    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SyncNow => "sync_now",
            Self::FetchFirst => "fetch_first",
            Self::AskToMerge => "ask_to_merge",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|advice| advice.as_str() == word)
    }
}

/// What to do, given how likely a conflict is, from which likelihood on one is expected, and the share of the edited
/// fields that others have edited since the last sync.
///
/// Below the threshold nobody is held up. From it on it is the fields that matter: where others edited none of the same
/// ones, a fetch is enough, because both sides' edits fit together; where they did, only the person knows which value is
/// right.
#[must_use]
pub fn advise(score: f64, threshold: f64, field_overlap: f64) -> Advice {
    if score < threshold {
        Advice::SyncNow
    } else if field_overlap > 0.0 {
        Advice::AskToMerge
    } else {
        Advice::FetchFirst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_a_conflict_awaits_is_asked_only_about_the_same_fields() {
        assert_eq!(advise(0.29, 0.3, 1.0), Advice::SyncNow);
        assert_eq!(advise(0.3, 0.3, 0.0), Advice::FetchFirst);
        assert_eq!(advise(0.3, 0.3, 0.1), Advice::AskToMerge);
        assert!(Advice::ALL.into_iter().all(|advice| Advice::parse(advice.as_str()) == Some(advice)));
    }
}
