//! What labelers send.

use desk::labeling::Said;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::problem::Problem;

/// What stands in the image.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnnotationRequest {
    /// The text.
    #[serde(default)]
    text: Option<String>,
    /// In its place: that nobody can read it.
    #[serde(default)]
    unreadable: bool,
    /// How long you looked.
    #[serde(default)]
    seconds: f64,
    /// That you mean it, although it breaks a rule.
    #[serde(default)]
    sure: bool,
}

/// Another answer than the one there is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LabelCorrectionRequest {
    /// The text.
    #[serde(default)]
    text: Option<String>,
    /// In its place: that nobody can read it.
    #[serde(default)]
    unreadable: bool,
    /// How long you looked.
    #[serde(default)]
    seconds: f64,
    /// That you mean it, although it breaks a rule.
    #[serde(default)]
    sure: bool,
    /// Why the answer changes.
    reason: String,
}

/// Why an admin should look.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlagRequest {
    /// What they should look at.
    pub(super) note: String,
}

impl AnnotationRequest {
    /// # Errors
    /// When it says neither a text nor that there is none to read, or both.
    pub(super) fn said(self) -> Result<Said, Problem> {
        said(self.text, self.unreadable, self.seconds, self.sure)
    }
}

impl LabelCorrectionRequest {
    /// # Errors
    /// As [`AnnotationRequest::said`].
    pub(super) fn said(self) -> Result<(Said, String), Problem> {
        Ok((said(self.text, self.unreadable, self.seconds, self.sure)?, self.reason))
    }
}

/// A forgotten text must not pass for an image that nobody can read.
fn said(text: Option<String>, unreadable: bool, seconds: f64, sure: bool) -> Result<Said, Problem> {
    if text.is_some() == unreadable {
        return Err(Problem::field("text", "send `text`, or `\"unreadable\": true`"));
    }
    Ok(Said { text, seconds, sure })
}
