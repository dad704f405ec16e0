//! From what was sent to events that can be recorded, with what is known of their sites and calendars now.

use std::collections::{HashMap, HashSet};

use domain::attendance::{Employee, Position, Site, distance_meters};
use domain::manifest::sha256;
use domain::time::{DAY, local_date, offset_seconds};
use domain::{Actor, FieldError, SiteId, TenantId, Timestamp};
use jiff::civil::Date;
use store::NewEvent;

use super::{EventDraft, Events};
use crate::error::{Error, Result};
use crate::text;

/// Phones whose clocks are ahead are believed so far.
const FUTURE: i64 = DAY;
/// 2000-01-01T00:00:00Z: no attendance system that brings its history is older.
const OLDEST: Timestamp = Timestamp(946_684_800_000_000);
/// A shift that begins further away is another one.
const SHIFT: i64 = 2 * DAY;
/// Wrong fields named in one answer.
const MOST_ERRORS: usize = 100;

/// What references, time zones and days mean to a tenant now.
struct Known {
    employees: HashMap<String, Employee>,
    sites: HashMap<String, SiteId>,
    by_id: HashMap<SiteId, Site>,
    holidays: HashSet<(Option<SiteId>, Date)>,
    now: Timestamp,
}

impl Events<'_> {
    pub(super) async fn check(
        &self,
        actor: &Actor,
        drafts: &[EventDraft],
        name: impl Fn(usize) -> String,
    ) -> Result<Vec<NewEvent>> {
        let known = self.known(actor.tenant, drafts).await?;
        let (mut events, mut wrong) = (Vec::with_capacity(drafts.len()), Vec::new());
        for (place, draft) in drafts.iter().enumerate() {
            match known.event(draft) {
                Ok(event) => events.push(event),
                Err(error) => wrong.push(FieldError::new(format!("{}.{}", name(place), error.field), error.reason)),
            }
            if wrong.len() == MOST_ERRORS {
                break;
            }
        }
        if wrong.is_empty() { Ok(events) } else { Err(Error::Invalid(wrong)) }
    }

    async fn known(&self, tenant: TenantId, drafts: &[EventDraft]) -> Result<Known> {
        let store = self.desk.store();
        let employees =
            store.employees_by_reference(tenant, &distinct(drafts.iter().map(|d| d.employee.as_str()))).await?;
        let named =
            store.sites_by_reference(tenant, &distinct(drafts.iter().filter_map(|d| d.site.as_deref()))).await?;
        let sites = named.iter().map(|site| (site.reference.clone(), site.id)).collect();
        let unsaid: HashSet<&str> = drafts.iter().filter(|d| d.site.is_none()).map(|d| d.employee.as_str()).collect();
        let usual = employees.iter().filter(|employee| unsaid.contains(employee.reference.as_str()));
        let usual: HashSet<SiteId> = usual.filter_map(|employee| employee.site).collect();
        let usual = store.sites_by_id(tenant, &usual.into_iter().collect::<Vec<_>>()).await?;
        let by_id = named.into_iter().chain(usual).map(|site| (site.id, site)).collect();
        let employees = employees.into_iter().map(|employee| (employee.reference.clone(), employee)).collect();
        let holidays = self.holidays(tenant, drafts).await?;
        Ok(Known { employees, sites, by_id, holidays, now: self.desk.now() })
    }

    /// The calendar of all days on which an event may have happened, wherever its site is.
    async fn holidays(&self, tenant: TenantId, drafts: &[EventDraft]) -> Result<HashSet<(Option<SiteId>, Date)>> {
        let around = |draft: &EventDraft| [-DAY, 0, DAY].map(|step| local_date(draft.at.plus(step), 0));
        let days = self.desk.store().holidays_on(tenant, &drafts.iter().flat_map(around).collect()).await?;
        Ok(days.into_iter().map(|day| (day.site, day.date)).collect())
    }
}

impl Known {
    fn event(&self, draft: &EventDraft) -> Result<NewEvent, FieldError> {
        let client_id = text::required("client_id", &draft.client_id, 100)?.to_owned();
        let employee = self.employees.get(&draft.employee);
        let employee = employee.ok_or_else(|| unknown("employee", &draft.employee))?;
        let site = match draft.site.as_deref() {
            Some(reference) => *self.sites.get(reference).ok_or_else(|| unknown("site", reference))?,
            None => employee.site.ok_or_else(|| FieldError::new("site", "is needed: the employee has no usual one"))?,
        };
        let site = self.by_id.get(&site).ok_or_else(|| FieldError::new("site", "there is no such site"))?;
        if draft.at < OLDEST || draft.at.since(self.now) > FUTURE {
            return Err(FieldError::new("at", "a moment from 2000 to tomorrow is needed"));
        }
        if draft.scheduled_at.is_some_and(|begin| begin.since(draft.at).abs() > SHIFT) {
            return Err(FieldError::new("scheduled_at", "is more than two days away from the event"));
        }
        if draft.face_confidence.is_some_and(|confidence| !(0.0..=1.0).contains(&confidence)) {
            return Err(FieldError::new("face_confidence", "a number from 0 to 1 is needed"));
        }
        let position = position(draft)?;
        let offset_seconds = offset_seconds(&site.time_zone, draft.at);
        let local = local_date(draft.at, offset_seconds);
        let same = EventDraft { client_id: client_id.clone(), ..draft.clone() };
        Ok(NewEvent {
            client_id,
            digest: sha256(&serde_json::to_vec(&same).unwrap_or_default()),
            employee: employee.id,
            site: site.id,
            kind: draft.kind,
            at: draft.at,
            received_at: self.now,
            scheduled_at: draft.scheduled_at,
            position,
            face_confidence: draft.face_confidence,
            offset_seconds,
            drift_meters: position.map(|position| distance_meters(site.position, position)),
            holiday: [None, Some(site.id)].iter().any(|of| self.holidays.contains(&(*of, local))),
        })
    }
}

fn position(draft: &EventDraft) -> Result<Option<Position>, FieldError> {
    match (draft.latitude, draft.longitude) {
        (Some(latitude), Some(longitude)) => Position::new(latitude, longitude).map(Some),
        (None, None) => Ok(None),
        (Some(_), None) => Err(FieldError::new("longitude", "is needed beside the latitude")),
        (None, Some(_)) => Err(FieldError::new("latitude", "is needed beside the longitude")),
    }
}

/// Each once, without those that nothing can be called.
fn distinct<'a>(references: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    references.filter(|reference| !reference.contains('\0')).collect::<HashSet<_>>().into_iter().collect()
}

fn unknown(field: &str, reference: &str) -> FieldError {
    FieldError::new(field, format!("there is no {field} `{}`", text::shortened(reference)))
}
