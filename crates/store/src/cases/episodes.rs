//! Cases come to be, or grow, with the events that are recorded.

use std::collections::{BTreeSet, HashMap};

use domain::attendance::AttendanceEvent;
use domain::case::{Alert, Case, Origin, StepKind};
use domain::{CaseId, EmployeeId, EventId, TenantId};

use super::{COLUMNS, read};
use crate::Error;
use crate::dialect::{Bulk, Listed, Values, list};
use crate::sql::{Tx, args, to_list};

/// An event that is to be looked at, why, and who sent it.
type Alerted<'a> = (&'a AttendanceEvent, Alert, &'a str);

/// Adds each event to the undecided case that takes it in, or opens one; gives which. The caller holds the lock of
/// [`crate::attendance::lock`].
pub(crate) async fn join_or_open(
    tx: &mut Tx,
    tenant: TenantId,
    alerts: &[Alerted<'_>],
) -> Result<HashMap<EventId, CaseId>, Error> {
    if alerts.is_empty() {
        return Ok(HashMap::new());
    }
    let mut episodes = Episodes { cases: undecided(tx, tenant, alerts).await?, ..Episodes::default() };
    let held = episodes.cases.len();
    for alerted in alerts {
        episodes.add(alerted);
    }
    let opened = &mut episodes.cases[held..];
    if !opened.is_empty() {
        let take = "UPDATE tenants SET last_case = last_case + $2 WHERE id = $1 RETURNING last_case";
        let last: i64 = tx.one(take, args![tenant, opened.len() as i64]).await?.get("last_case")?;
        let first = last - opened.len() as i64 + 1;
        opened.iter_mut().zip(first..).for_each(|(case, id)| case.id = CaseId(id));
    }
    episodes.write(tx, tenant, alerts).await?;
    Ok(alerts
        .iter()
        .zip(&episodes.joined)
        .map(|((event, ..), step)| (event.id, episodes.cases[step.case].id))
        .collect())
}

async fn undecided(tx: &mut Tx, tenant: TenantId, alerts: &[Alerted<'_>]) -> Result<Vec<Case>, Error> {
    let employees: BTreeSet<EmployeeId> = alerts.iter().map(|(event, ..)| event.employee).collect();
    let list = list(tx.engine(), "$2", Listed::Numbers);
    let sql = format!(
        "SELECT {COLUMNS} FROM {list} CROSS JOIN cases
         WHERE tenant_id = $1 AND employee_id = listed.value AND state <> 'decided' AND origin = $3
         ORDER BY id"
    );
    let employees = to_list(&employees)?;
    let values = args![tenant, &employees, Origin::Threshold.as_str()];
    tx.rows(sql, values).await?.iter().map(read).collect()
}

#[derive(Default)]
struct Episodes {
    cases: Vec<Case>,
    /// Places of cases by employee, the newest last.
    of_employee: HashMap<EmployeeId, Vec<usize>>,
    /// The step of each event.
    joined: Vec<Joined>,
}

struct Joined {
    case: usize,
    sequence: i64,
    kind: StepKind,
}

impl Episodes {
    fn add(&mut self, (event, alert, _): &Alerted<'_>) {
        if self.of_employee.is_empty() {
            for (place, case) in self.cases.iter().enumerate() {
                self.of_employee.entry(case.employee).or_default().push(place);
            }
        }
        let places = self.of_employee.entry(event.employee).or_default();
        let place = places.iter().rev().copied().find(|&place| self.cases[place].takes_in(event, *alert));
        let (place, kind) = match place {
            Some(place) => {
                self.cases[place].join(event, *alert);
                (place, StepKind::Joined)
            }
            None => {
                // its number is given out once it is known how many there are
                self.cases.push(Case::opened_by(CaseId(0), event, *alert));
                places.push(self.cases.len() - 1);
                (self.cases.len() - 1, StepKind::Opened)
            }
        };
        self.joined.push(Joined { case: place, sequence: self.cases[place].revision, kind });
    }

    async fn write(&self, tx: &mut Tx, tenant: TenantId, alerts: &[Alerted<'_>]) -> Result<(), Error> {
        let changed: BTreeSet<usize> = self.joined.iter().map(|joined| joined.case).collect();
        let changed: Vec<&Case> = changed.into_iter().map(|place| &self.cases[place]).collect();
        upsert(tx, tenant, &changed).await?;
        let cases = || Values::Ints(self.joined.iter().map(|joined| self.cases[joined.case].id.0).collect());
        let events = Bulk {
            table: "case_events",
            columns: vec![
                ("tenant_id", Values::Ints(vec![tenant.0; alerts.len()])),
                ("event_id", Values::Ints(alerts.iter().map(|(event, ..)| event.id.0).collect())),
                ("case_id", cases()),
                ("prediction_id", Values::Uuids(alerts.iter().map(|(event, ..)| event.prediction.0).collect())),
            ],
            ending: "",
        };
        events.insert(tx).await?;
        let steps = Bulk {
            table: "case_steps",
            columns: vec![
                ("tenant_id", Values::Ints(vec![tenant.0; alerts.len()])),
                ("case_id", cases()),
                ("sequence", Values::Ints(self.joined.iter().map(|joined| joined.sequence).collect())),
                ("at", Values::Ints(alerts.iter().map(|(event, ..)| event.received_at.0).collect())),
                ("actor", Values::Texts(alerts.iter().map(|(.., actor)| *actor).collect())),
                ("kind", Values::Texts(self.joined.iter().map(|joined| joined.kind.as_str()).collect())),
                ("note", Values::Texts(vec![""; alerts.len()])),
            ],
            ending: "",
        };
        steps.insert(tx).await
    }
}

/// Inserts new cases, and what joining changed of the others.
async fn upsert(tx: &mut Tx, tenant: TenantId, cases: &[&Case]) -> Result<(), Error> {
    let ints = |of: fn(&Case) -> i64| Values::Ints(cases.iter().map(|case| of(case)).collect());
    let texts = |of: fn(&Case) -> &'static str| Values::Texts(cases.iter().map(|case| of(case)).collect());
    let bulk = Bulk {
        table: "cases",
        columns: vec![
            ("tenant_id", Values::Ints(vec![tenant.0; cases.len()])),
            ("id", ints(|case| case.id.0)),
            ("employee_id", ints(|case| case.employee.0)),
            ("site_id", ints(|case| case.site.0)),
            ("origin", texts(|case| case.origin.as_str())),
            ("share", Values::Reals(cases.iter().map(|case| case.share).collect())),
            ("rule", texts(|case| case.rule.as_str())),
            ("score", Values::Reals(cases.iter().map(|case| case.score).collect())),
            ("percent", ints(|case| percent(case.score))),
            ("prediction_id", Values::Uuids(cases.iter().map(|case| case.prediction.0).collect())),
            ("events", ints(|case| case.events)),
            ("opened_at", ints(|case| case.opened_at.0)),
            ("first_event_at", ints(|case| case.first_event_at.0)),
            ("last_event_at", ints(|case| case.last_event_at.0)),
            ("due_at", ints(|case| case.due_at.0)),
            ("state", Values::Texts(vec!["open"; cases.len()])),
            ("escalated", Values::Ints(vec![0; cases.len()])),
            ("revision", ints(|case| case.revision)),
        ],
        ending: "ON CONFLICT (tenant_id, id) DO UPDATE SET site_id = excluded.site_id, rule = excluded.rule,
            score = excluded.score, percent = excluded.percent, prediction_id = excluded.prediction_id,
            events = excluded.events, first_event_at = excluded.first_event_at,
            last_event_at = excluded.last_event_at, revision = excluded.revision",
    };
    bulk.insert(tx).await
}

/// A score in whole percent. A score of 1 counts with those of 99 %.
fn percent(score: f64) -> i64 {
    ((score * 100.0).floor() as i64).clamp(0, 99)
}
