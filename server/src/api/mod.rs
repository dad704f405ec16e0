//! REST: a file for each resource with its requests and answers. The list of endpoints is at once the router's, the
//! document's and the tests'.

pub mod audit;
pub mod cases;
pub mod conflicts;
pub mod datasets;
pub mod deployments;
pub mod document;
pub mod doubtful;
pub mod employees;
pub mod endpoint;
pub mod evaluations;
pub mod events;
pub mod export;
pub mod extract;
pub mod features;
mod fields;
pub mod fraud;
pub mod health;
pub mod holidays;
pub mod keys;
pub mod labeling;
pub mod metrics;
pub mod models;
pub mod outcomes;
pub mod people;
pub mod predict;
pub mod predictions;
pub mod problem;
pub mod progress;
pub mod quality;
pub mod readings;
pub mod retraining;
pub mod runs;
pub mod schedules;
pub mod selections;
pub mod sites;
pub mod snoozes;
pub mod specifications;
pub mod status;
pub mod syncs;
pub mod upload;
pub mod versions;

use domain::Timestamp;
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use endpoint::Endpoint;
use problem::Problem;

/// What a handler answers.
pub type Answer<T> = Result<axum::Json<T>, Problem>;

/// A part of a list, and how to ask for the next.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The part, newest first.
    pub items: Vec<T>,
    /// What to send as `cursor` for the next part; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A whole list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Whole<T> {
    /// All of it.
    pub items: Vec<T>,
}

impl<T> Page<T> {
    /// The part `items` of a list that was asked for `limit` at a time; `cursor` names the last item.
    fn of(items: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Self {
        let full = items.len() >= limit as usize;
        let next = items.last().filter(|_| full).map(cursor);
        Self { items, next }
    }
}

/// Whether this is an address of REST.
#[must_use]
pub fn is_rest(address: &Uri) -> bool {
    address.path().starts_with("/api/v1/")
}

/// Every endpoint, in the order of the document.
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    [
        predict::endpoints(),
        readings::endpoints(),
        predictions::endpoints(),
        outcomes::endpoints(),
        models::endpoints(),
        specifications::endpoints(),
        versions::endpoints(),
        evaluations::endpoints(),
        doubtful::endpoints(),
        deployments::endpoints(),
        runs::endpoints(),
        retraining::endpoints(),
        progress::endpoints(),
        schedules::endpoints(),
        datasets::endpoints(),
        features::endpoints(),
        labeling::endpoints(),
        selections::endpoints(),
        sites::endpoints(),
        employees::endpoints(),
        holidays::endpoints(),
        events::endpoints(),
        cases::endpoints(),
        snoozes::endpoints(),
        fraud::endpoints(),
        quality::endpoints(),
        syncs::endpoints(),
        conflicts::endpoints(),
        people::endpoints(),
        keys::endpoints(),
        audit::endpoints(),
        document::endpoints(),
        status::endpoints(),
        health::endpoints(),
        metrics::endpoints(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Moments are sent as RFC 3339.
fn moment(at: Timestamp) -> String {
    at.rfc3339()
}

/// Reads a moment of a query.
fn read_moment(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let read = |text: &str| {
        domain::row::parse_moment(text)
            .ok_or_else(|| Problem::field(name, "is not a date or time; write 2026-03-01T08:30:00Z"))
    };
    text.map(read).transpose()
}

/// How many items of a list are sent at a time when nobody says.
const PAGE: u32 = 50;

/// What was asked for, within 1 to 200.
fn page_size(asked: Option<u32>) -> u32 {
    asked.unwrap_or(PAGE).clamp(1, 200)
}

/// A cursor that is none of ours is the sender's mistake, not the end of the list.
fn read_cursor<T: std::str::FromStr>(cursor: Option<&str>) -> Result<Option<T>, Problem> {
    let wrong = |_| Problem::field("cursor", "send `next` of the page before, as it was");
    cursor.map(|text| text.parse().map_err(wrong)).transpose()
}
