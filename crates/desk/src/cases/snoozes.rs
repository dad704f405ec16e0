//! Snoozes: one employee makes no cases by one rule for a time. Events are recorded and scored all the same.

use domain::audit::Event;
use domain::case::{Rule, Snooze};
use domain::time::DAY;
use domain::{Actor, CaseId, Permission, SnoozeId};
use store::NewSnooze;

use super::Cases;
use crate::error::{Error, Result};
use crate::text;

/// Longest snooze, in days.
const MOST_DAYS: i64 = 90;

impl Cases<'_> {
    /// Snoozes the employee of a case by a rule.
    ///
    /// # Errors
    /// Needs the right to decide cases; names a wrong number of days or a missing reason; [`Error::NotFound`].
    pub async fn snooze(&self, actor: &Actor, id: CaseId, rule: Rule, days: i64, reason: &str) -> Result<Snooze> {
        actor.check(Permission::DecideCases)?;
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(Error::field("days", format!("1 to {MOST_DAYS} days are possible")));
        }
        let (reason, case, now) = (text::reason(reason)?.to_owned(), self.case(actor, id).await?, self.desk.now());
        let detail = serde_json::json!({ "case": id, "rule": rule.as_str(), "days": days, "reason": reason });
        let event = Event::new(actor, now, "snooze.created", format!("employee:{}", case.employee)).with(detail);
        let (employee, until) = (case.employee, now.plus(days * DAY));
        let new = NewSnooze { employee, rule, until, created_by: actor.label(), reason };
        Ok(self.desk.store().create_snooze(actor.tenant, &new, now, &event).await?)
    }

    /// The snoozes that last, the first to end first.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub async fn snoozes(&self, actor: &Actor) -> Result<Vec<Snooze>> {
        actor.check(Permission::ReadPredictions)?;
        Ok(self.desk.store().snoozes(actor.tenant, self.desk.now()).await?)
    }

    /// Ends a snooze now.
    ///
    /// # Errors
    /// Needs the right to decide cases; [`Error::NotFound`] for another tenant's.
    pub async fn wake(&self, actor: &Actor, id: SnoozeId) -> Result<Snooze> {
        actor.check(Permission::DecideCases)?;
        let now = self.desk.now();
        let event = Event::new(actor, now, "snooze.ended", format!("snooze:{id}"));
        Ok(self.desk.store().end_snooze(actor.tenant, id, now, &event).await?)
    }
}
