//! Events from a CSV file.

use domain::attendance::EventKind;
use domain::{Actor, FieldError, Permission, Timestamp};
use serde::Deserialize;

use super::{EventDraft, Events, Reception};
use crate::error::{Error, Result};

/// What became of the events of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Recorded now.
    pub recorded: usize,
    /// Recorded before, and the same.
    pub repeated: usize,
    /// Keys under which another event was recorded before; at most 100 of them.
    pub contradicted: Vec<String>,
}

/// A line of the file. Empty cells are missing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    client_id: String,
    employee: String,
    site: Option<String>,
    kind: EventKind,
    at: String,
    scheduled_at: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    face_confidence: Option<f64>,
    fraud: Option<String>,
}

/// Events of one file.
const MOST: usize = 1_000_000;
/// What is listed of what is wrong.
const MOST_LISTED: usize = 100;

impl Events<'_> {
    /// Records the events of a CSV file with the columns `client_id`, `employee`, `kind`, `at` and, if they are known,
    /// `site`, `scheduled_at`, `latitude`, `longitude`, `face_confidence`, `fraud` (yes or no).
    ///
    /// # Errors
    /// As [`Self::record`]; names what is wrong as `line 3.at`.
    pub async fn import(&self, actor: &Actor, csv: Vec<u8>) -> Result<Imported> {
        actor.check(Permission::RecordEvents)?;
        let read = tokio::task::spawn_blocking(move || read(&csv)).await.map_err(Error::internal)?;
        let (drafts, lines) = read?;
        let received = self.record_all(actor, &drafts, |place| format!("line {}", lines[place])).await?;
        let mut imported = Imported { recorded: 0, repeated: 0, contradicted: Vec::new() };
        for reception in received {
            match reception {
                Reception::Recorded(_) => imported.recorded += 1,
                Reception::Repeated(_) => imported.repeated += 1,
                Reception::Contradicted(held) => imported.contradicted.push(held.event.client_id),
            }
        }
        imported.contradicted.truncate(MOST_LISTED);
        Ok(imported)
    }
}

/// The events, and the line in which each begins.
fn read(csv: &[u8]) -> Result<(Vec<EventDraft>, Vec<u64>)> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv);
    let headers = reader.headers().map_err(|error| Error::field("line 1", plain(&error)))?.clone();
    let (mut drafts, mut lines, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for record in reader.records() {
        if drafts.len() == MOST {
            return Err(Error::TooLarge(format!("at most {MOST} events fit into one file")));
        }
        let place = match &record {
            Ok(record) => record.position(),
            Err(error) => error.position(),
        };
        let line = place.map_or(0, |place| ml::table::line_of(csv, place));
        match record.and_then(|record| record.deserialize::<Line>(Some(&headers))) {
            Err(error) => wrong.push(FieldError::new(format!("line {line}"), plain(&error))),
            Ok(said) => match draft(said) {
                Ok(draft) => {
                    drafts.push(draft);
                    lines.push(line);
                }
                Err(error) => wrong.push(FieldError::new(format!("line {line}.{}", error.field), error.reason)),
            },
        }
        if wrong.len() == MOST_LISTED {
            break;
        }
    }
    match (wrong.is_empty(), drafts.is_empty()) {
        (false, _) => Err(Error::Invalid(wrong)),
        (true, true) => Err(Error::field("csv", "holds no event")),
        (true, false) => Ok((drafts, lines)),
    }
}

fn draft(line: Line) -> Result<EventDraft, FieldError> {
    let moment = |field: &str, text: &str| {
        let read = Timestamp::parse_rfc3339(text);
        read.ok_or_else(|| FieldError::new(field, "a moment as 2026-03-01T08:00:00+01:00 is needed"))
    };
    let fraud = match line.fraud.as_deref() {
        None => None,
        Some(word) => Some(
            domain::row::parse_boolean(word).ok_or_else(|| FieldError::new("fraud", "yes, no or nothing is needed"))?,
        ),
    };
    Ok(EventDraft {
        at: moment("at", &line.at)?,
        scheduled_at: line.scheduled_at.as_deref().map(|text| moment("scheduled_at", text)).transpose()?,
        client_id: line.client_id,
        employee: line.employee,
        site: line.site,
        kind: line.kind,
        latitude: line.latitude,
        longitude: line.longitude,
        face_confidence: line.face_confidence,
        fraud,
    })
}

/// The reader's words without its own count of lines.
fn plain(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => err.to_string(),
        csv::ErrorKind::Utf8 { err, .. } => err.to_string(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("has {len} cells, and the header has {expected_len}")
        }
        _ => error.to_string(),
    }
}
