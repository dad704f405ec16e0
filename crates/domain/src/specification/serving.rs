//! What a specification says of answering, beside what it says of learning. The one in force counts, whatever the champion
//! was trained by.

use serde::{Deserialize, Serialize};

use super::{Draft, Task};
use crate::error::FieldError;
use crate::feature::check_set;

/// The longest time that an answer may be kept, in seconds.
pub const MAX_CACHE_SECONDS: u32 = 300;

/// Where inputs come from that a row does not name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureSource {
    /// The feature set that is looked up by the row's entity.
    pub set: String,
}

impl Draft {
    pub(super) fn check_serving(&self, wrong: &mut Vec<FieldError>) {
        let images = self.task == Task::TextRecognition;
        match self.cache_seconds {
            Some(_) if images => wrong.push(FieldError::new("cache_seconds", "only answers to rows are kept")),
            Some(seconds) if !(1..=MAX_CACHE_SECONDS).contains(&seconds) => {
                wrong.push(FieldError::new("cache_seconds", format!("1 to {MAX_CACHE_SECONDS} is possible")));
            }
            _ => {}
        }
        match &self.features {
            Some(_) if images => wrong.push(FieldError::new("features", "only rows have features")),
            Some(source) => wrong.extend(check_set("features.set", &source.set).err()),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::Split;

    const PRICES: &str = r#"
        task = "regression"
        target = "price"
        columns = [{ name = "area", kind = "numeric" }]
    "#;

    fn fields(more: &str) -> Vec<String> {
        let draft = Draft::from_toml(&format!("{more}\n{PRICES}")).unwrap();
        draft.validate().err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn answers_are_kept_for_one_to_three_hundred_seconds() {
        for (seconds, good) in [(0, false), (1, true), (300, true), (301, false)] {
            assert_eq!(fields(&format!("cache_seconds = {seconds}")).is_empty(), good, "{seconds}");
        }
        assert_eq!(fields("cache_seconds = 0"), ["cache_seconds"]);
    }

    #[test]
    fn a_model_that_reads_images_keeps_no_answers_and_has_no_features() {
        let reading = crate::reading::Reading::new("0123456789", 1, 3);
        let draft = Draft::of_reading(reading, Split::Random);
        let features = Some(FeatureSource { set: String::from("meters") });
        let draft = Draft { cache_seconds: Some(60), features, ..draft };
        let wrong: Vec<_> = draft.validate().unwrap_err().into_iter().map(|error| error.field).collect();
        assert_eq!(wrong, ["cache_seconds", "features"]);
    }

    #[test]
    fn a_feature_set_is_named_plainly() {
        assert!(fields(r#"features = { set = "homes" }"#).is_empty());
        assert_eq!(fields(r#"features = { set = "Homes!" }"#), ["features.set"]);
    }
}
