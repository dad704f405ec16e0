//! Counts of cases, for thresholds, for what is missed and for the queue.

use domain::case::{Origin, Verdict};
use domain::{TenantId, Timestamp};

use super::CaseState;
use crate::sql::{Row, args};
use crate::{Error, Store};

/// What cases are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseGrouping {
    /// The highest score in whole percent, rounded down, 0 to 99.
    Percent,
    /// The id of the site.
    Site,
    /// The week (UTC) of the opening, in weeks since Monday, 1969-12-29.
    Week,
}

/// Cases of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseCount {
    /// See [`CaseGrouping`].
    pub key: i64,
    /// Why there are these cases.
    pub origin: Origin,
    /// What was found; none is not decided.
    pub verdict: Option<Verdict>,
    /// How many.
    pub cases: i64,
    /// Events in them.
    pub events: i64,
}

/// Cases drawn for audit with one share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AuditCount {
    /// The share of events that were drawn: each stands for one divided by it.
    pub share: f64,
    /// What was found; none is not decided.
    pub verdict: Option<Verdict>,
    /// How many.
    pub cases: i64,
}

/// What waits for a verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Cases that wait for anybody.
    pub open: i64,
    /// Cases that somebody looks at.
    pub taken: i64,
    /// Cases that wait for an admin.
    pub escalated: i64,
    /// Those among all of them that should have been decided by now.
    pub overdue: i64,
    /// When the first of them is or was due.
    pub first_due_at: Option<Timestamp>,
}

impl CaseGrouping {
    fn expression(self) -> &'static str {
        match self {
            Self::Percent => "percent",
            Self::Site => "site_id",
            // The epoch was a Thursday. 86,400,000,000 microseconds are a day.
            Self::Week => "(opened_at / 86400000000 + 3) / 7",
        }
    }
}

impl Store {
    /// The cases opened from one moment on and before another, counted by origin, verdict and what is asked for.
    pub async fn case_counts(
        &self,
        tenant: TenantId,
        by: CaseGrouping,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<CaseCount>, Error> {
        let sql = format!(
            "SELECT {key} AS key, origin, verdict, COUNT(*) AS cases, CAST(SUM(events) AS BIGINT) AS events
             FROM cases WHERE tenant_id = $1 AND opened_at >= $2 AND opened_at < $3
             GROUP BY {key}, origin, verdict ORDER BY 1, 2, 3",
            key = by.expression()
        );
        let read = |row: &Row| {
            Ok(CaseCount {
                key: row.get("key")?,
                origin: row.word("origin", Origin::parse)?,
                verdict: verdict(row)?,
                cases: row.get("cases")?,
                events: row.get("events")?,
            })
        };
        self.rows(sql, args![tenant, from, until]).await?.iter().map(read).collect()
    }

    /// The cases drawn for audit that were opened from one moment on and before another, by share and verdict.
    pub async fn audit_counts(
        &self,
        tenant: TenantId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<AuditCount>, Error> {
        let sql = "SELECT share, verdict, COUNT(*) AS cases FROM cases
            WHERE tenant_id = $1 AND opened_at >= $2 AND opened_at < $3 AND origin = 'audit'
            GROUP BY share, verdict ORDER BY share, verdict";
        let read =
            |row: &Row| Ok(AuditCount { share: row.get("share")?, verdict: verdict(row)?, cases: row.get("cases")? });
        self.rows(sql, args![tenant, from, until]).await?.iter().map(read).collect()
    }

    /// What waits for a verdict at `now`.
    pub async fn backlog(&self, tenant: TenantId, now: Timestamp) -> Result<Backlog, Error> {
        // The bound of the due time has SQLite take the index of what is undecided.
        let sql = "SELECT CASE WHEN state = 'taken' AND taken_until > $2 THEN 'taken'
                    WHEN escalated = 1 THEN 'escalated' ELSE 'open' END AS state,
                COUNT(*) AS cases, CAST(SUM(CASE WHEN due_at < $2 THEN 1 ELSE 0 END) AS BIGINT) AS overdue,
                MIN(due_at) AS first_due_at
            FROM cases WHERE tenant_id = $1 AND state <> 'decided' AND due_at >= 0 GROUP BY 1";
        let mut backlog = Backlog::default();
        for row in self.rows(sql, args![tenant, now]).await? {
            let cases: i64 = row.get("cases")?;
            match row.word("state", CaseState::parse)? {
                CaseState::Open => backlog.open = cases,
                CaseState::Taken => backlog.taken = cases,
                _ => backlog.escalated = cases,
            }
            backlog.overdue += row.get::<i64>("overdue")?;
            let due_at = row.time("first_due_at")?;
            backlog.first_due_at = Some(backlog.first_due_at.map_or(due_at, |first| first.min(due_at)));
        }
        Ok(backlog)
    }
}

fn verdict(row: &Row) -> Result<Option<Verdict>, Error> {
    let word: Option<String> = row.get("verdict")?;
    word.map(|word| Verdict::parse(&word).ok_or_else(|| Error::corrupt("verdict", word))).transpose()
}
