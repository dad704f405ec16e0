//! Texts that people and programs give: names and reasons.

use domain::FieldError;

/// `text` without the blanks around it, if 1 to `most` characters are left and the database can keep them.
///
/// # Errors
/// Names `field`.
pub(crate) fn required<'t>(field: &str, text: &'t str, most: usize) -> Result<&'t str, FieldError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most {
        return Err(FieldError::new(field, format!("1 to {most} characters are needed")));
    }
    if text.contains('\0') {
        return Err(FieldError::new(field, "the character NUL is not possible"));
    }
    Ok(text)
}

/// The beginning of what somebody sent, for an answer that names it.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}

/// Why something is done.
///
/// # Errors
/// Names `reason`.
pub(crate) fn reason(text: &str) -> Result<&str, FieldError> {
    required("reason", text, 1_000)
}
