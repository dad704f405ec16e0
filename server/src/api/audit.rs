//! The audit log: read, and checked link by link.

use axum::extract::State;
use desk::Desk;
use domain::Permission;
use domain::audit::{Broken, Entry};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Access, Endpoint};
use super::extract::Asked;
use super::{Answer, Page, moment, page_size, read_cursor};
use crate::rim::Caller;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// Only entries whose subject or action starts so: `model:claims`, `version.promoted`.
    subject: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page, 1 to 200; 50 when it is not said.
    limit: Option<u32>,
}

/// A line of the log.
#[derive(Serialize, ToSchema)]
struct EntryAnswer {
    /// 1, 2, 3, … without gaps.
    sequence: i64,
    /// When.
    at: String,
    /// Who.
    by: String,
    /// What was done.
    action: String,
    /// To what.
    subject: String,
    /// What else an auditor needs.
    #[schema(value_type = Object)]
    detail: Value,
    /// Hash of the entry before.
    previous_hash: String,
    /// Hash of this entry.
    hash: String,
}

/// What a verification found.
#[derive(Serialize, ToSchema)]
pub(crate) struct VerificationAnswer {
    /// Whether every entry is as it was written.
    pub(crate) intact: bool,
    /// Entries that are.
    pub(crate) entries: i64,
    /// Hash of the last of them.
    pub(crate) head: String,
    /// Number of the first entry that is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) broken_at: Option<i64>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<String>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let access = Access::Needs(Permission::ReadAudit);
    let entry = json!({ "sequence": 41, "at": "2026-03-01T10:00:00Z", "by": "person:1 Ada", "action": "version.promoted",
        "subject": "model:claims", "detail": { "version": 3 }, "previous_hash": "5be1…", "hash": "c04d…" });
    vec![
        Endpoint::get("/api/v1/audit", access, list)
            .about("Audit", "Who did what, newest first")
            .query::<AuditQuery>()
            .answers_page::<EntryAnswer>(entry, "41"),
        Endpoint::get("/api/v1/audit/verification", access, verify)
            .about("Audit", "Check every link of the log")
            .answers::<VerificationAnswer>(
            200,
            "What was found",
            json!({ "intact": true, "entries": 41, "head": "c04d…" }),
        ),
    ]
}

async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<AuditQuery>,
) -> Answer<Page<EntryAnswer>> {
    let (before, limit) = (read_cursor(query.cursor.as_deref())?, page_size(query.limit));
    let entries = desk.audit().list(&actor, query.subject.as_deref(), before, limit).await?;
    let page = Page::of(entries, limit, |entry| entry.sequence.to_string());
    Ok(axum::Json(Page { items: page.items.into_iter().map(EntryAnswer::of).collect(), next: page.next }))
}

async fn verify(State(desk): State<Desk>, Caller(actor): Caller) -> Answer<VerificationAnswer> {
    Ok(axum::Json(VerificationAnswer::of(desk.audit().verify(&actor).await?)))
}

impl EntryAnswer {
    fn of(entry: Entry) -> Self {
        Self {
            sequence: entry.sequence,
            at: moment(entry.at),
            by: entry.actor,
            action: entry.action,
            subject: entry.subject,
            detail: serde_json::from_str(&entry.detail).unwrap_or_default(),
            previous_hash: entry.previous_hash,
            hash: entry.hash,
        }
    }
}

impl VerificationAnswer {
    pub(crate) fn of(found: desk::audit::Verified) -> Self {
        let at = found.broken.as_ref().map(|broken| match broken {
            Broken::Changed(at) | Broken::Gap(at) | Broken::CutOff(at) => *at,
        });
        Self {
            intact: found.broken.is_none(),
            entries: found.entries,
            head: found.head,
            broken_at: at,
            problem: found.broken.map(|broken| broken.to_string()),
        }
    }
}
