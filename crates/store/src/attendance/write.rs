//! The rows of new events.

use std::collections::BTreeMap;

use domain::attendance::AttendanceEvent;
use domain::time::DAY;
use domain::{SiteId, TenantId};

use super::RecordedEvent;
use super::sent::{NewEvent, ScoredEvent, UnscoredEvent};
use crate::dialect::{Bulk, Values};
use crate::sql::Tx;
use crate::{Error, NewOutcome, cases, outcomes, predictions};

/// Writes new events with all that hangs on them.
pub(super) async fn write(
    tx: &mut Tx,
    tenant: TenantId,
    sent: &[NewEvent],
    fresh: &[UnscoredEvent],
    scored: &[ScoredEvent],
) -> Result<Vec<RecordedEvent>, Error> {
    let events: Vec<_> = fresh.iter().zip(scored).map(|(e, s)| sent[e.sent].recorded(tenant, e, s)).collect();
    predictions::write(tx, &scored.iter().map(|scored| &scored.prediction).collect::<Vec<_>>(), &[]).await?;
    insert(tx, tenant, &events, fresh.iter().map(|e| sent[e.sent].digest.as_str()).collect()).await?;
    count(tx, tenant, &events).await?;
    let truths: Vec<&NewOutcome> = scored.iter().filter_map(|scored| scored.truth.as_ref()).collect();
    if !truths.is_empty() {
        outcomes::record(tx, tenant, &truths).await?;
    }
    let alerts = events.iter().zip(scored);
    let alerts: Vec<_> = alerts.filter_map(|(event, s)| Some((event, s.alert?, s.prediction.actor.as_str()))).collect();
    let cases = cases::join_or_open(tx, tenant, &alerts).await?;
    Ok(events.into_iter().map(|event| RecordedEvent { case: cases.get(&event.id).copied(), event }).collect())
}

async fn insert(tx: &mut Tx, tenant: TenantId, events: &[AttendanceEvent], digests: Vec<&str>) -> Result<(), Error> {
    let ints = |of: fn(&AttendanceEvent) -> i64| Values::Ints(events.iter().map(of).collect());
    let reals = |of: fn(&AttendanceEvent) -> Option<f64>| Values::OptReals(events.iter().map(of).collect());
    let bulk = Bulk {
        table: "attendance_events",
        columns: vec![
            ("tenant_id", Values::Ints(vec![tenant.0; events.len()])),
            ("employee_id", ints(|e| e.employee.0)),
            ("at", ints(|e| e.at.0)),
            ("id", ints(|e| e.id.0)),
            ("client_id", Values::Texts(events.iter().map(|e| e.client_id.as_str()).collect())),
            ("digest", Values::Texts(digests)),
            ("site_id", ints(|e| e.site.0)),
            ("kind", Values::Texts(events.iter().map(|e| e.kind.as_str()).collect())),
            ("received_at", ints(|e| e.received_at.0)),
            ("scheduled_at", Values::OptInts(events.iter().map(|e| e.scheduled_at.map(|at| at.0)).collect())),
            ("latitude", reals(|e| e.position.map(|position| position.latitude))),
            ("longitude", reals(|e| e.position.map(|position| position.longitude))),
            ("face_confidence", reals(|e| e.face_confidence)),
            ("offset_seconds", ints(|e| e.offset_seconds)),
            ("drift_meters", reals(|e| e.drift_meters)),
            ("holiday", ints(|e| i64::from(e.holiday))),
            ("prediction_id", Values::Uuids(events.iter().map(|e| e.prediction.0).collect())),
            ("score", Values::Reals(events.iter().map(|e| e.score).collect())),
        ],
        ending: "",
    };
    bulk.insert(tx).await.map_err(Error::or_not_found)
}

/// Adds events to the counts by day.
async fn count(tx: &mut Tx, tenant: TenantId, events: &[AttendanceEvent]) -> Result<(), Error> {
    let mut days: BTreeMap<(i64, SiteId), i64> = BTreeMap::new();
    for event in events {
        *days.entry((event.local().0.div_euclid(DAY), event.site)).or_default() += 1;
    }
    let bulk = Bulk {
        table: "attendance_days",
        columns: vec![
            ("tenant_id", Values::Ints(vec![tenant.0; days.len()])),
            ("day", Values::Ints(days.keys().map(|(day, _)| *day).collect())),
            ("site_id", Values::Ints(days.keys().map(|(_, site)| site.0).collect())),
            ("events", Values::Ints(days.values().copied().collect())),
        ],
        ending: "ON CONFLICT (tenant_id, day, site_id) DO UPDATE SET events = attendance_days.events + excluded.events",
    };
    bulk.insert(tx).await
}
