//! Which readings go before a person.

use sha2::{Digest, Sha256};

use super::Origin;
use crate::ids::PredictionId;
use crate::reading::Reading;

/// That a reading goes before a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Why.
    pub origin: Origin,
    /// The same in words.
    pub reason: String,
    /// How many people must read the same.
    pub needed: i64,
}

/// A number from 0 to 1 (excluded) that follows from an id and a purpose alone, and is as good as random: the same
/// reading is drawn, or not, whoever asks and however often.
#[must_use]
pub fn draw(id: PredictionId, purpose: &str) -> f64 {
    let digest = Sha256::new().chain_update(id.0.as_bytes()).chain_update(purpose).finalize();
    let bits = digest.iter().take(7).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    // 53 bits, as many as a number of this kind holds
    (bits >> 3) as f64 / (1_u64 << 53) as f64
}

/// Whether the reading `id`, of this confidence, goes before a person, and before how many. `broken` is the rule it
/// breaks, if it does.
///
/// A reading that is unsure and breaks a rule counts as unsure, so that these tasks say how many readings are.
#[must_use]
pub fn review(rules: &Reading, id: PredictionId, confidence: f64, broken: Option<&str>) -> Option<Review> {
    let (origin, reason) = if confidence < rules.review_below {
        (Origin::Limit, broken.unwrap_or_default())
    } else if let Some(broken) = broken {
        (Origin::Rule, broken)
    } else if draw(id, "audit") < rules.audit_share {
        (Origin::Audit, "")
    } else {
        return None;
    };
    Some(Review { origin, reason: reason.to_owned(), needed: needed(rules, id) })
}

/// How many people must read the same.
#[must_use]
pub fn needed(rules: &Reading, id: PredictionId) -> i64 {
    if draw(id, "double") < rules.double_share { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn id(number: u8) -> PredictionId {
        PredictionId::new(Timestamp(0), [number; 10])
    }

    fn rules(audit: f64, double: f64) -> Reading {
        Reading { audit_share: audit, double_share: double, ..Reading::new("0123456789", 1, 4) }
    }

    #[test]
    fn doubt_comes_before_rules_and_rules_before_chance() {
        let origin = |confidence, broken| {
            review(&rules(1.0, 0.0), id(1), confidence, broken).map(|review| (review.origin, review.reason))
        };
        assert_eq!(origin(0.69, None), Some((Origin::Limit, String::new())));
        assert_eq!(origin(0.69, Some("too long")), Some((Origin::Limit, String::from("too long"))));
        assert_eq!(origin(0.7, Some("too long")), Some((Origin::Rule, String::from("too long"))));
        assert_eq!(origin(0.7, None), Some((Origin::Audit, String::new())));
        assert_eq!(review(&rules(0.0, 1.0), id(1), 0.9, None), None);
        assert_eq!(review(&rules(0.0, 1.0), id(1), 0.1, None).unwrap().needed, 2);
    }

    #[test]
    fn a_share_of_all_is_drawn_the_same_each_time() {
        let ids: Vec<PredictionId> = (0..=255).map(id).collect();
        let drawn = |purpose: &str| ids.iter().filter(|id| draw(**id, purpose) < 0.25).count();
        assert_eq!((drawn("audit"), drawn("audit")), (drawn("audit"), drawn("audit")));
        assert!((40..90).contains(&drawn("audit")) && (40..90).contains(&drawn("double")));
        let both = ids.iter().filter(|id| draw(**id, "audit") < 0.25 && draw(**id, "double") < 0.25).count();
        assert!((4..40).contains(&both), "{both}: one draw says nothing of the other");
        assert!(ids.iter().all(|id| (0.0..1.0).contains(&draw(*id, "x"))));
    }
}
