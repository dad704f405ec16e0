//! Predictions of conflicts, and what was seen afterwards: counted for figures, and listed.

use domain::sync::PlannedKind;
use domain::{TenantId, Timestamp};

use super::SyncSpan;
use crate::page::{cut_at, limit};
use crate::query::Query;
use crate::sql::{Row, Value, args};
use crate::syncs::{PLANNED, PlannedSync, read_planned};
use crate::{Cursor, Error, Page, Store};

/// Scores are counted in so many equally wide bins from 0 to 1.
pub const SCORE_BINS: usize = 10;

/// Predictions of one kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlannedCount {
    /// The bin of their scores, 0 to 9.
    pub bin: usize,
    /// Whether somebody asked before the sync; else they came with it.
    pub is_asked: bool,
    /// Whether the score reached the threshold, and the advice was not to sync at once.
    pub is_alarm: bool,
    /// Whether there was a conflict; none before anybody looked.
    pub observed: Option<bool>,
    /// Whether the time in which that shows has passed.
    pub is_settled: bool,
    /// How many.
    pub predictions: i64,
    /// Sum of their scores.
    pub scores: f64,
}

/// Which predictions of conflicts are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlannedFilter {
    /// Of syncs from this moment on.
    pub from: Option<Timestamp>,
    /// Of syncs before this moment.
    pub until: Option<Timestamp>,
    /// Of entities of this type.
    pub entity_type: Option<String>,
    /// Of the entity of this name.
    pub entity: Option<String>,
    /// Of this client.
    pub client: Option<String>,
    /// Asked for before the sync, or come with it.
    pub kind: Option<PlannedKind>,
    /// With a score from the threshold on, or under it.
    pub is_alarm: Option<bool>,
    /// After which there was a conflict, or was none.
    pub observed: Option<bool>,
}

const ASKED: &str = "s.kind = 'asked'";
const ALARM: &str = "s.score >= s.threshold";

impl Store {
    /// The predictions about syncs of a span. An index holds all that is counted.
    pub async fn planned_counts(&self, tenant: TenantId, span: SyncSpan<'_>) -> Result<Vec<PlannedCount>, Error> {
        let text = format!(
            "SELECT {} AS kind, COUNT(*) AS predictions, SUM(s.score) AS scores
             FROM planned_syncs s WHERE s.tenant_id = $1 AND s.at >= $2 AND s.at < $3",
            kind()
        );
        let mut query = span.query(tenant, text);
        query.push(" GROUP BY 1 ORDER BY 1");
        self.rows(query.text, &query.args).await?.iter().map(read_count).collect()
    }

    /// Predictions of conflicts, those of the last syncs first.
    pub async fn planned_syncs(
        &self,
        tenant: TenantId,
        filter: &PlannedFilter,
        cursor: Option<&Cursor>,
        asked: u32,
    ) -> Result<Page<PlannedSync>, Error> {
        let limit = limit(asked);
        let found = "SELECT s.prediction_id FROM planned_syncs s WHERE s.tenant_id = $1";
        let mut query = Query::new(format!("SELECT {PLANNED} FROM ({found}"), args![tenant]);
        filter.narrow(&mut query);
        if let Some((at, id)) = cursor.and_then(Cursor::as_moment_of_uuid) {
            let (at, id) = (query.mark(at), query.mark(Value::Uuid(id)));
            query.push(&format!(" AND s.at <= {at} AND (s.at < {at} OR s.prediction_id < {id})"));
        }
        query.order("s.at DESC, s.prediction_id DESC", limit);
        query.push(
            ") AS found CROSS JOIN planned_syncs p
             WHERE p.tenant_id = $1 AND p.prediction_id = found.prediction_id
             ORDER BY p.at DESC, p.prediction_id DESC",
        );
        let rows = self.rows(query.text, &query.args).await?;
        let items = rows.iter().map(read_planned).collect::<Result<Vec<_>, Error>>()?;
        Ok(cut_at(items, limit, |sync| Cursor::moment_of_uuid(sync.sync.at, sync.prediction.0)))
    }
}

impl PlannedFilter {
    fn narrow<'a>(&'a self, query: &mut Query<'a>) {
        query.and("s.at >=", self.from);
        query.and("s.at <", self.until);
        // An entity has an index of its own; its type alone is looked for among all of the span.
        let column = if self.entity.is_some() { "s.entity_type =" } else { "s.entity_type || '' =" };
        query.and(column, self.entity_type.as_deref());
        query.and("s.entity =", self.entity.as_deref());
        query.and("s.client =", self.client.as_deref());
        query.and("s.observed =", self.observed.map(i64::from));
        query.and("s.kind =", self.kind.map(PlannedKind::as_str));
        match self.is_alarm {
            Some(true) => query.push(&format!(" AND {ALARM}")),
            Some(false) => query.push(&format!(" AND NOT ({ALARM})")),
            None => {}
        }
    }
}

/// All that tells kinds apart in one number; five columns would take three times as long to sort by.
fn kind() -> String {
    let bins: String = (1..SCORE_BINS)
        .map(|bin| format!("WHEN s.score < {} THEN {} ", bin as f64 / SCORE_BINS as f64, bin - 1))
        .collect();
    let flag = |condition: &str| format!("CASE WHEN {condition} THEN 1 ELSE 0 END");
    format!(
        "CAST(((((CASE {bins}ELSE {last} END) * 2 + {asked}) * 2 + {alarm}) * 2 + {settled}) * 3
            + COALESCE(s.observed, 2) AS BIGINT)",
        last = SCORE_BINS - 1,
        asked = flag(ASKED),
        alarm = flag(ALARM),
        settled = flag("s.at < $4"),
    )
}

fn read_count(row: &Row) -> Result<PlannedCount, Error> {
    let kind: i64 = row.get("kind")?;
    let (observed, flags) = (kind % 3, kind / 3);
    Ok(PlannedCount {
        bin: usize::try_from(flags / 8).map_err(|error| Error::corrupt("kind", error))?,
        is_asked: flags & 4 != 0,
        is_alarm: flags & 2 != 0,
        is_settled: flags & 1 != 0,
        observed: (observed < 2).then_some(observed == 1),
        predictions: row.get("predictions")?,
        scores: row.get("scores")?,
    })
}
