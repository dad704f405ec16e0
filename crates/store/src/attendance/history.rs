//! What was recorded of employees before, as features need it.

use std::collections::HashMap;

use domain::attendance::{EventKind, Moment, late};
use domain::{EmployeeId, EventId, PredictionId, TenantId, Timestamp};
use futures::stream::{Stream, try_unfold};

use super::position;
use crate::dialect::{Listed, list};
use crate::sql::{Row, Tx, args, to_list};
use crate::{Error, Store};

const COLUMNS: &str = "id, at, kind, offset_seconds, scheduled_at, holiday, latitude, longitude, drift_meters,
    face_confidence";

impl Store {
    /// Every employee of a tenant with all events, in the order in which they were recorded: one employee at a time, in
    /// the order of their ids.
    pub fn histories(
        &self,
        tenant: TenantId,
    ) -> impl Stream<Item = Result<(EmployeeId, Vec<(Moment, PredictionId)>), Error>> + Send + '_ {
        try_unfold(EmployeeId(0), move |after| async move {
            let next = "SELECT MIN(id) AS id FROM employees WHERE tenant_id = $1 AND id > $2";
            let row = self.row(next, args![tenant, after]).await?.ok_or(Error::NotFound)?;
            let Some(employee) = row.get::<Option<i64>>("id")?.map(EmployeeId) else { return Ok(None) };
            Ok::<_, Error>(Some(((employee, self.history(tenant, employee).await?), employee)))
        })
    }

    /// All events of one employee, in the order in which they were recorded.
    pub async fn history(&self, tenant: TenantId, employee: EmployeeId) -> Result<Vec<(Moment, PredictionId)>, Error> {
        // Not sorted by the database: SQLite would walk all events of the tenant in the order of their ids instead.
        let sql =
            format!("SELECT {COLUMNS}, prediction_id FROM attendance_events WHERE tenant_id = $1 AND employee_id = $2");
        let read = |row: &Row| Ok::<_, Error>((read(row)?, PredictionId(row.at(10)?)));
        let rows = self.rows(sql, args![tenant, employee]).await?;
        let mut history = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        history.sort_unstable_by_key(|(moment, _)| moment.id);
        Ok(history)
    }

    /// The rows that were asked and logged for all events of one employee, by prediction.
    pub async fn logged_rows(
        &self,
        tenant: TenantId,
        employee: EmployeeId,
    ) -> Result<HashMap<PredictionId, String>, Error> {
        let sql = "SELECT e.prediction_id, p.features FROM attendance_events e
            JOIN predictions p ON p.tenant_id = e.tenant_id AND p.id = e.prediction_id
            WHERE e.tenant_id = $1 AND e.employee_id = $2";
        let read = |row: &Row| Ok((PredictionId(row.at(0)?), row.at(1)?));
        self.rows(sql, args![tenant, employee]).await?.iter().map(read).collect()
    }
}

/// What these employees did from a time on, by employee, sorted by time and id.
pub(super) async fn since(
    tx: &mut Tx,
    tenant: TenantId,
    employees: &[EmployeeId],
    from: Timestamp,
) -> Result<HashMap<EmployeeId, Vec<Moment>>, Error> {
    let list = list(tx.engine(), "$2", Listed::Numbers);
    let sql = format!(
        "SELECT {COLUMNS}, employee_id FROM {list} CROSS JOIN attendance_events
         WHERE tenant_id = $1 AND employee_id = listed.value AND at >= $3"
    );
    let mut histories: HashMap<EmployeeId, Vec<Moment>> = HashMap::new();
    for row in tx.rows(sql, args![tenant, &to_list(&employees)?, from]).await? {
        histories.entry(EmployeeId(row.at(10)?)).or_default().push(read(&row)?);
    }
    histories.values_mut().for_each(|moments| moments.sort_unstable_by_key(|moment| (moment.at, moment.id)));
    Ok(histories)
}

/// What was recorded of all employees after the event of this number.
pub(super) async fn recorded_after(
    tx: &mut Tx,
    tenant: TenantId,
    number: i64,
) -> Result<Vec<(EmployeeId, Moment)>, Error> {
    let sql = format!("SELECT {COLUMNS}, employee_id FROM attendance_events WHERE tenant_id = $1 AND id > $2");
    tx.rows(sql, args![tenant, number]).await?.iter().map(|row| Ok((EmployeeId(row.at(10)?), read(row)?))).collect()
}

fn read(row: &Row) -> Result<Moment, Error> {
    let at = Timestamp(row.at(1)?);
    let kind: String = row.at(2)?;
    let kind = EventKind::parse(&kind).ok_or_else(|| Error::corrupt("kind", kind))?;
    Ok(Moment {
        id: EventId(row.at(0)?),
        at,
        kind,
        offset_seconds: row.at(3)?,
        late: late(kind, at, row.at::<Option<i64>>(4)?.map(Timestamp)),
        holiday: row.at::<i64>(5)? != 0,
        position: position(row.at(6)?, row.at(7)?),
        drift_meters: row.at(8)?,
        face_confidence: row.at(9)?,
    })
}
