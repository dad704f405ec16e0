use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A part of a list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What lies in this part. It may hold fewer than were asked for and still have a `next`: a search looks at a bounded
    /// number of rows at a time.
    pub items: Vec<T>,
    /// Where the next part begins; none at the end.
    pub next: Option<Cursor>,
}

/// A place in a list. Opaque to whoever holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

/// A cursor that no list gave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no place in a list")]
pub struct BadCursor;

impl Cursor {
    /// The place of the entry with this number.
    #[must_use]
    pub fn number(number: i64) -> Self {
        Self(number.to_string())
    }

    /// The place of the entry with this id.
    #[must_use]
    pub fn uuid(id: uuid::Uuid) -> Self {
        Self(id.simple().to_string())
    }

    /// The place of the entry with this number among those of this moment.
    #[must_use]
    pub fn moment(at: domain::Timestamp, number: i64) -> Self {
        Self(format!("{:016x}{number:016x}", at.0))
    }

    pub(crate) fn as_moment(&self) -> Option<(i64, i64)> {
        let (at, number) = self.0.split_at_checked(16)?;
        // as two's complement, so that moments before 1970 have a place as well
        let read = |hex: &str| u64::from_str_radix(hex, 16).ok().map(u64::cast_signed);
        Some((read(at)?, read(number)?))
    }

    /// The place of the entry with this id among those of this moment.
    #[must_use]
    pub fn moment_of_uuid(at: domain::Timestamp, id: uuid::Uuid) -> Self {
        Self(format!("{:016x}{}", at.0, id.simple()))
    }

    pub(crate) fn as_moment_of_uuid(&self) -> Option<(i64, uuid::Uuid)> {
        let (at, id) = self.0.split_at_checked(16)?;
        Some((u64::from_str_radix(at, 16).ok()?.cast_signed(), id.parse().ok()?))
    }

    pub(crate) fn as_number(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    pub(crate) fn as_uuid(&self) -> Option<uuid::Uuid> {
        self.0.parse().ok()
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;
    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let plausible = text.len() <= 48 && text.bytes().all(|b| b.is_ascii_hexdigit());
        if plausible && !text.is_empty() { Ok(Self(text.to_owned())) } else { Err(BadCursor) }
    }
}

/// The number that a page before `cursor` starts below.
pub(crate) fn before(cursor: Option<&Cursor>) -> i64 {
    cursor.and_then(Cursor::as_number).unwrap_or(i64::MAX)
}

/// Cuts the one row too many that tells whether there is a next page.
pub(crate) fn cut<T>(items: Vec<T>, limit: usize, number: impl Fn(&T) -> i64) -> Page<T> {
    cut_at(items, limit, |item| Cursor::number(number(item)))
}

/// The same for lists in another order than that of numbers.
pub(crate) fn cut_at<T>(mut items: Vec<T>, limit: usize, place: impl Fn(&T) -> Cursor) -> Page<T> {
    let more = items.len() > limit;
    items.truncate(limit);
    let next = if more { items.last().map(place) } else { None };
    Page { items, next }
}

/// The longest page of any list.
pub(crate) const LONGEST: u32 = 200;

pub(crate) fn limit(asked: u32) -> usize {
    asked.clamp(1, LONGEST) as usize
}
