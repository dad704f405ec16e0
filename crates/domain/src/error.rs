//! Why something was not done, in words that a person or a client program can act on.

use serde::{Deserialize, Serialize};

use crate::actor::Permission;

/// One field of an input that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct FieldError {
    /// Where, as the sender named it: `amount`, `rows[3].amount`.
    pub field: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl FieldError {
    /// `field` is wrong because of `reason`.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

/// The actor may not do this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} needs the right to {permission}")]
pub struct Refused {
    /// What was asked for: `this`, where the verb says it.
    pub what: &'static str,
    /// The right that is missing.
    pub permission: Permission,
}
