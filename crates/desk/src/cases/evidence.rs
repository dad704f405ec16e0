//! Everything a supervisor looks at before the verdict.

use domain::attendance::{AttendanceEvent, Employee, Site};
use domain::case::{Case, State, Step};
use domain::time::DAY;
use domain::{Actor, CaseId, Permission};
use store::{CaseFilter, CaseOrder, EventFilter};

use super::Cases;
use crate::error::{Error, Result};
use crate::predictions::PredictionDetail;

/// What there is to know about a case.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The case.
    pub case: Case,
    /// Who has taken it now.
    pub holder: Option<String>,
    /// Who is to decide it.
    pub assignee: Option<String>,
    /// Whose events.
    pub employee: Employee,
    /// Where the event with the highest score was.
    pub site: Site,
    /// That event.
    pub event: AttendanceEvent,
    /// Its events, the last first; at most 200.
    pub events: Vec<AttendanceEvent>,
    /// The employee's events of the 30 days until the last of them, the last first; at most 200.
    pub month: Vec<AttendanceEvent>,
    /// What is usual in that month, without the case's own events.
    pub usual: Usual,
    /// What was asked and answered, and why.
    pub prediction: PredictionDetail,
    /// What happened to the case, newest first.
    pub steps: Vec<Step>,
    /// Other cases of the employee, then of the site, the newest first.
    pub related: Vec<Case>,
}

/// Medians; none without a value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usual {
    /// Metres from the site.
    pub drift_meters: Option<f64>,
    /// How sure the face recognition was.
    pub face_confidence: Option<f64>,
    /// Hour of the day of events of the same kind.
    pub hour: Option<f64>,
}

const MONTH: i64 = 30 * DAY;
const MOST: u32 = 200;
/// Related cases of either kind.
const MOST_RELATED: u32 = 5;

impl Cases<'_> {
    /// The evidence of a case.
    ///
    /// # Errors
    /// Needs the right to see predictions; [`Error::NotFound`] for another tenant's.
    pub async fn evidence(&self, actor: &Actor, id: CaseId) -> Result<Evidence> {
        actor.check(Permission::ReadPredictions)?;
        let (desk, tenant) = (self.desk, actor.tenant);
        let case = self.case(actor, id).await?;
        let own = EventFilter { case: Some(id), ..EventFilter::default() };
        let events = events(desk.store().events(tenant, &own, None, MOST).await?);
        let event = events.iter().find(|event| event.prediction == case.prediction).or_else(|| events.first());
        let event = event.cloned().ok_or_else(|| Error::internal("a case without an event"))?;
        let month = EventFilter {
            employee: Some(case.employee),
            from: Some(case.last_event_at.plus(-MONTH)),
            until: Some(case.last_event_at.plus(1)),
            ..EventFilter::default()
        };
        let month = self::events(desk.store().events(tenant, &month, None, MOST).await?);
        let people = desk.store().people(tenant).await?;
        let name = |id| people.iter().find(|person| person.id == id).map(|person| person.name.clone());
        let holder = match case.state_at(desk.now()) {
            State::Taken { by, .. } => name(by),
            _ => None,
        };
        Ok(Evidence {
            holder,
            assignee: case.assignee.and_then(name),
            employee: desk.employees().get(actor, case.employee).await?,
            site: desk.sites().get(actor, case.site).await?,
            usual: Usual::of(&event, &month, &events),
            prediction: desk.predictions().get(actor, case.prediction).await?,
            steps: self.steps(actor, id).await?,
            related: self.related(actor, &case).await?,
            event,
            events,
            month,
            case,
        })
    }

    async fn related(&self, actor: &Actor, case: &Case) -> Result<Vec<Case>> {
        let of_employee = CaseFilter { employee: Some(case.employee), ..CaseFilter::default() };
        let of_site = CaseFilter { site: Some(case.site), ..CaseFilter::default() };
        let mut related: Vec<Case> = Vec::new();
        for filter in [of_employee, of_site] {
            let found = self.list(actor, &filter, CaseOrder::DueLast, None, MOST_RELATED + 1).await?.items;
            let new = |other: &Case| other.id != case.id && related.iter().all(|known| known.id != other.id);
            let new: Vec<Case> = found.into_iter().filter(new).take(MOST_RELATED as usize).collect();
            related.extend(new);
        }
        Ok(related)
    }
}

impl Usual {
    fn of(event: &AttendanceEvent, month: &[AttendanceEvent], own: &[AttendanceEvent]) -> Self {
        let others = || month.iter().filter(|other| own.iter().all(|event| event.id != other.id));
        Self {
            drift_meters: median(others().filter_map(|other| other.drift_meters)),
            face_confidence: median(others().filter_map(|other| other.face_confidence)),
            hour: median(others().filter(|other| other.kind == event.kind).map(local_hour)),
        }
    }
}

fn local_hour(event: &AttendanceEvent) -> f64 {
    event.local().0.rem_euclid(DAY) as f64 / DAY as f64 * 24.0
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn events(page: store::Page<store::RecordedEvent>) -> Vec<AttendanceEvent> {
    page.items.into_iter().map(|recorded| recorded.event).collect()
}
