mod history;
mod recent;
mod record;
mod sent;
mod write;

use domain::attendance::{AttendanceEvent, EventKind, Position};
use domain::{CaseId, EmployeeId, EventId, PredictionId, SiteId, TenantId, Timestamp};

use crate::dialect::{Listed, list};
use crate::page::{cut_at, limit};
use crate::query::Query;
use crate::sql::{Row, Tx, args, to_list};
use crate::{Cursor, Error, Page, Store};

pub(crate) use recent::Recent;
pub use sent::{NewEvent, Reception, ScoredEvent, Unscored, UnscoredEvent};

/// An event as it was recorded, with what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedEvent {
    /// The event.
    pub event: AttendanceEvent,
    /// The case it belongs to.
    pub case: Option<CaseId>,
}

/// Which events; empty means all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this employee.
    pub employee: Option<EmployeeId>,
    /// At this site.
    pub site: Option<SiteId>,
    /// Of this case.
    pub case: Option<CaseId>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// Events of one site on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttendanceDay {
    /// Days from 1970-01-01 to the day by the site's clocks.
    pub day: i64,
    /// The site.
    pub site: SiteId,
    /// How many.
    pub events: i64,
}

const COLUMNS: &str = "e.id, e.tenant_id, e.client_id, e.employee_id, e.site_id, e.kind, e.at, e.received_at,
        e.scheduled_at, e.latitude, e.longitude, e.face_confidence, e.offset_seconds, e.drift_meters, e.holiday,
        e.prediction_id, e.score, c.case_id";
const WITH_CASE: &str = "LEFT JOIN case_events c ON c.tenant_id = e.tenant_id AND c.event_id = e.id";

impl Store {
    /// One event.
    pub async fn event(&self, tenant: TenantId, id: EventId) -> Result<Option<RecordedEvent>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM attendance_events e {WITH_CASE} WHERE e.tenant_id = $1 AND e.id = $2");
        self.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
    }

    /// One event by its sender's key.
    pub async fn event_by_client_id(&self, tenant: TenantId, client_id: &str) -> Result<Option<RecordedEvent>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM attendance_events e {WITH_CASE} WHERE e.tenant_id = $1 AND e.client_id = $2"
        );
        self.row(sql, args![tenant, client_id]).await?.as_ref().map(read).transpose()
    }

    /// A tenant's events, the last to happen first.
    pub async fn events(
        &self,
        tenant: TenantId,
        filter: &EventFilter,
        cursor: Option<&Cursor>,
        asked: u32,
    ) -> Result<Page<RecordedEvent>, Error> {
        let limit = limit(asked);
        // From the case to its events: the other way all of the tenant's would be looked at.
        let from = match filter.case {
            Some(_) => String::from(
                "case_events c CROSS JOIN attendance_events e
                 WHERE c.tenant_id = $1 AND e.tenant_id = $1 AND e.id = c.event_id",
            ),
            None => format!("attendance_events e {WITH_CASE} WHERE e.tenant_id = $1"),
        };
        let mut query = Query::new(format!("SELECT {COLUMNS} FROM {from}"), args![tenant]);
        query.and("e.employee_id =", filter.employee);
        query.and("e.site_id =", filter.site);
        query.and("c.case_id =", filter.case);
        query.and("e.at >=", filter.from);
        query.and("e.at <", filter.until);
        if let Some((at, id)) = cursor.and_then(Cursor::as_moment) {
            let (at, id) = (query.mark(at), query.mark(id));
            query.push(&format!(" AND (e.at, e.id) < ({at}, {id})"));
        }
        query.order("e.at DESC, e.id DESC", limit);
        let events = self.rows(query.text, &query.args).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(cut_at(events, limit, |recorded| Cursor::moment(recorded.event.at, recorded.event.id.0)))
    }

    /// The event with the highest score of each of these cases, in no order.
    pub async fn worst_events(&self, tenant: TenantId, cases: &[CaseId]) -> Result<Vec<RecordedEvent>, Error> {
        let list = list(self.engine(), "$2", Listed::Numbers);
        let sql = format!(
            "SELECT {COLUMNS} FROM {list} CROSS JOIN cases k CROSS JOIN case_events c CROSS JOIN attendance_events e
             WHERE k.tenant_id = $1 AND k.id = listed.value
                AND c.tenant_id = $1 AND c.case_id = k.id AND c.prediction_id = k.prediction_id
                AND e.tenant_id = $1 AND e.id = c.event_id"
        );
        self.rows(sql, args![tenant, &to_list(&cases)?]).await?.iter().map(read).collect()
    }

    /// How many events there were at each site from one day to another, both included and counted from 1970-01-01.
    pub async fn attendance_days(&self, tenant: TenantId, from: i64, to: i64) -> Result<Vec<AttendanceDay>, Error> {
        let sql = "SELECT day, site_id, events FROM attendance_days WHERE tenant_id = $1 AND day >= $2 AND day <= $3
            ORDER BY day, site_id";
        let read = |row: &Row| {
            Ok(AttendanceDay { day: row.get("day")?, site: SiteId(row.get("site_id")?), events: row.get("events")? })
        };
        self.rows(sql, args![tenant, from, to]).await?.iter().map(read).collect()
    }
}

/// Takes the lock under which a tenant's events are recorded and its cases change, and `events` numbers; gives the last
/// of them. The lock comes after that of the audit log and before all others.
pub(crate) async fn lock(tx: &mut Tx, tenant: TenantId, events: i64) -> Result<i64, Error> {
    let update = "UPDATE tenants SET last_event = last_event + $2 WHERE id = $1 RETURNING last_event";
    tx.one(update, args![tenant, events]).await?.get("last_event")
}

fn position(latitude: Option<f64>, longitude: Option<f64>) -> Option<Position> {
    Some(Position { latitude: latitude?, longitude: longitude? })
}

fn read(row: &Row) -> Result<RecordedEvent, Error> {
    let event = AttendanceEvent {
        id: EventId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        client_id: row.get("client_id")?,
        employee: EmployeeId(row.get("employee_id")?),
        site: SiteId(row.get("site_id")?),
        kind: row.word("kind", EventKind::parse)?,
        at: row.time("at")?,
        received_at: row.time("received_at")?,
        scheduled_at: row.opt_time("scheduled_at")?,
        position: position(row.get("latitude")?, row.get("longitude")?),
        face_confidence: row.get("face_confidence")?,
        offset_seconds: row.get("offset_seconds")?,
        drift_meters: row.get("drift_meters")?,
        holiday: row.get::<i64>("holiday")? != 0,
        prediction: PredictionId(row.get("prediction_id")?),
        score: row.get("score")?,
    };
    Ok(RecordedEvent { event, case: row.get::<Option<i64>>("case_id")?.map(CaseId) })
}
