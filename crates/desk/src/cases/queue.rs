//! The queue of cases: what a list shows of each, and which comes next.

use std::collections::HashMap;

use domain::attendance::AttendanceEvent;
use domain::case::{Case, State, take};
use domain::{Actor, CaseId, Permission, PersonId};
use store::{Backlog, CaseFilter, CaseOrder, CaseState, Cursor, Page};

use super::Cases;
use crate::error::Result;

/// A case with the names behind it.
#[derive(Clone, Debug)]
pub struct Queued {
    /// The case.
    pub case: Case,
    /// Name of its employee.
    pub employee: String,
    /// Name of its site.
    pub site: String,
    /// The event with the highest score.
    pub event: Option<AttendanceEvent>,
    /// Who has taken it now.
    pub holder: Option<String>,
    /// Who is to decide it.
    pub assignee: Option<String>,
}

/// Cases that are looked at together to find the next one.
const TOGETHER: u32 = 200;

impl Cases<'_> {
    /// Cases by when they are due, with the names behind them.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub async fn queue(
        &self,
        actor: &Actor,
        filter: &CaseFilter,
        order: CaseOrder,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<Queued>> {
        let Page { items, next } = self.list(actor, filter, order, after, limit).await?;
        let (store, tenant, now) = (self.desk.store(), actor.tenant, self.desk.now());
        let ids: Vec<_> = items.iter().map(|case| case.employee).collect();
        let employees = store.employees_by_id(tenant, &ids).await?;
        let employees: HashMap<_, _> = employees.into_iter().map(|employee| (employee.id, employee.name)).collect();
        let ids: Vec<_> = items.iter().map(|case| case.site).collect();
        let sites = store.sites_by_id(tenant, &ids).await?;
        let sites: HashMap<_, _> = sites.into_iter().map(|site| (site.id, site.name)).collect();
        let ids: Vec<CaseId> = items.iter().map(|case| case.id).collect();
        let events = store.worst_events(tenant, &ids).await?;
        let mut events: HashMap<_, _> = events.into_iter().map(|found| (found.event.prediction, found.event)).collect();
        let people = store.people(tenant).await?;
        let name = |id| people.iter().find(|person| person.id == id).map(|person| person.name.clone());
        let queued = |case: Case| Queued {
            employee: employees.get(&case.employee).cloned().unwrap_or_default(),
            site: sites.get(&case.site).cloned().unwrap_or_default(),
            event: events.remove(&case.prediction),
            holder: match case.state_at(now) {
                State::Taken { by, .. } => name(by),
                _ => None,
            },
            assignee: case.assignee.and_then(name),
            case,
        };
        Ok(Page { items: items.into_iter().map(queued).collect(), next })
    }

    /// The case that is due first of those the actor can decide, and that are not given to somebody else.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub async fn next(&self, actor: &Actor, filter: &CaseFilter) -> Result<Option<Case>> {
        self.next_of(actor, filter, TOGETHER).await
    }

    /// As [`Self::next`], looking at so many cases at once.
    pub(crate) async fn next_of(&self, actor: &Actor, filter: &CaseFilter, together: u32) -> Result<Option<Case>> {
        let filter = CaseFilter { state: filter.state.or(Some(CaseState::Undecided)), ..*filter };
        let now = self.desk.now();
        let is_theirs = |case: &Case| case.assignee.is_none() || case.assignee == actor.person();
        let mut place = None;
        loop {
            let Page { items, next } = self.list(actor, &filter, CaseOrder::DueFirst, place.as_ref(), together).await?;
            let found = items.into_iter().find(|case| is_theirs(case) && take(case, actor, now).is_ok());
            if found.is_some() || next.is_none() {
                return Ok(found);
            }
            place = next;
        }
    }

    /// How many cases wait.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub async fn backlog(&self, actor: &Actor) -> Result<Backlog> {
        actor.check(Permission::ReadPredictions)?;
        Ok(self.desk.store().backlog(actor.tenant, self.desk.now()).await?)
    }

    /// Who may decide cases, by name.
    ///
    /// # Errors
    /// Needs that right.
    pub async fn deciders(&self, actor: &Actor) -> Result<Vec<(PersonId, String)>> {
        actor.check(Permission::DecideCases)?;
        let people = self.desk.store().people(actor.tenant).await?.into_iter();
        let may = people.filter(|person| person.disabled_at.is_none() && person.role.grants(Permission::DecideCases));
        Ok(may.map(|person| (person.id, person.name)).collect())
    }
}
