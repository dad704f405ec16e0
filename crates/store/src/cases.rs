mod episodes;
mod figures;
mod moves;

use domain::case::{Case, Origin, Rule, State, Step, StepKind, Verdict};
use domain::{CaseId, EmployeeId, PersonId, PredictionId, SiteId, TenantId, Timestamp};

use crate::page::{cut, cut_at, limit};
use crate::query::Query;
use crate::sql::{Row, Tx, args};
use crate::{Cursor, Error, Page, Store};

pub(crate) use episodes::join_or_open;
pub use figures::{AuditCount, Backlog, CaseCount, CaseGrouping};
pub use moves::{CaseMove, Moved, NewStep};

/// Which cases; empty means all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// So far.
    pub state: Option<CaseState>,
    /// Given to this person.
    pub assignee: Option<PersonId>,
    /// Given to this person, or taken by them.
    pub mine: Option<PersonId>,
    /// With the highest score at this site.
    pub site: Option<SiteId>,
    /// Of this employee.
    pub employee: Option<EmployeeId>,
    /// For this reason.
    pub origin: Option<Origin>,
    /// With this verdict.
    pub verdict: Option<Verdict>,
    /// Only with a verdict that says the alert was right.
    pub right: bool,
    /// To be decided before this moment.
    pub due_before: Option<Timestamp>,
}

/// How far a case has come, as lists ask for it. A case that was taken too long ago is open, or escalated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseState {
    /// Anything but decided.
    Undecided,
    /// Waits for anybody.
    Open,
    /// Somebody looks at it.
    Taken,
    /// Waits for an admin, or one has taken it.
    Escalated,
    /// Done.
    Decided,
}

/// In what order cases are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseOrder {
    /// The first to be decided first.
    #[default]
    DueFirst,
    /// The last to be decided first.
    DueLast,
}

impl CaseState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Undecided, Self::Open, Self::Taken, Self::Escalated, Self::Decided];

    /// The word used in pages and REST.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::Open => "open",
            Self::Taken => "taken",
            Self::Escalated => "escalated",
            Self::Decided => "decided",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// The condition, with `now` the mark of this moment. Those of the undecided say so, for the sake of their index.
    fn condition(self, now: &str) -> String {
        match self {
            Self::Undecided => String::from("state <> 'decided'"),
            Self::Open => format!(
                "state <> 'decided' AND escalated = 0 AND (state = 'open' OR (state = 'taken' AND taken_until <= {now}))"
            ),
            Self::Taken => format!("state <> 'decided' AND state = 'taken' AND taken_until > {now}"),
            Self::Escalated => String::from("state <> 'decided' AND escalated = 1"),
            Self::Decided => String::from("state = 'decided'"),
        }
    }
}

const COLUMNS: &str =
    "id, tenant_id, employee_id, site_id, origin, share, rule, score, prediction_id, events, opened_at,
    first_event_at, last_event_at, due_at, state, escalated, taken_by, taken_until, verdict, decided_by, decided_at,
    assignee_id, revision";

impl Store {
    /// A tenant's cases by when they are due. `now` says which leases have run out.
    pub async fn cases(
        &self,
        tenant: TenantId,
        filter: &CaseFilter,
        order: CaseOrder,
        now: Timestamp,
        cursor: Option<&Cursor>,
        asked: u32,
    ) -> Result<Page<Case>, Error> {
        let limit = limit(asked);
        let mut query = Query::new(format!("SELECT {COLUMNS} FROM cases WHERE tenant_id = $1"), args![tenant]);
        if let Some(state) = filter.state {
            let now = if matches!(state, CaseState::Open | CaseState::Taken) { query.mark(now) } else { String::new() };
            query.push(&format!(" AND {}", state.condition(&now)));
        }
        query.and("assignee_id =", filter.assignee);
        if let Some(person) = filter.mine {
            let (person, now) = (query.mark(person), query.mark(now));
            let held = format!("state = 'taken' AND taken_by = {person} AND taken_until > {now}");
            query.push(&format!(" AND (assignee_id = {person} OR ({held}))"));
        }
        query.and("site_id =", filter.site);
        query.and("employee_id =", filter.employee);
        query.and("origin =", filter.origin.map(Origin::as_str));
        query.and("verdict =", filter.verdict.map(Verdict::as_str));
        query.and("verdict <>", filter.right.then_some(Verdict::FalsePositive.as_str()));
        query.and("due_at <", filter.due_before);
        let (sign, by) = match order {
            CaseOrder::DueFirst => (">", "due_at, id"),
            CaseOrder::DueLast => ("<", "due_at DESC, id DESC"),
        };
        if let Some((due_at, id)) = cursor.and_then(Cursor::as_moment) {
            let (due_at, id) = (query.mark(due_at), query.mark(id));
            query.push(&format!(" AND (due_at, id) {sign} ({due_at}, {id})"));
        }
        query.order(by, limit);
        let cases = self.rows(query.text, &query.args).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(cut_at(cases, limit, |case| Cursor::moment(case.due_at, case.id.0)))
    }

    /// One case.
    pub async fn case(&self, tenant: TenantId, id: CaseId) -> Result<Option<Case>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM cases WHERE tenant_id = $1 AND id = $2");
        self.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
    }

    /// What happened to a case, newest first. Its events are those of [`crate::EventFilter::case`].
    pub async fn case_steps(
        &self,
        tenant: TenantId,
        case: CaseId,
        cursor: Option<&Cursor>,
        asked: u32,
    ) -> Result<Page<Step>, Error> {
        let limit = limit(asked);
        let text =
            "SELECT sequence, at, actor, kind, verdict, note FROM case_steps WHERE tenant_id = $1 AND case_id = $2";
        let mut query = Query::new(text, args![tenant, case]);
        query.and("sequence <", cursor.and_then(Cursor::as_number));
        query.order("sequence DESC", limit);
        let steps = self.rows(query.text, &query.args).await?.iter().map(read_step).collect::<Result<Vec<_>, _>>()?;
        Ok(cut(steps, limit, |step| step.sequence))
    }
}

async fn case(tx: &mut Tx, tenant: TenantId, id: CaseId) -> Result<Option<Case>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM cases WHERE tenant_id = $1 AND id = $2");
    tx.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Case, Error> {
    Ok(Case {
        id: CaseId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        employee: EmployeeId(row.get("employee_id")?),
        site: SiteId(row.get("site_id")?),
        origin: row.word("origin", Origin::parse)?,
        share: row.get("share")?,
        rule: row.word("rule", Rule::parse)?,
        score: row.get("score")?,
        prediction: PredictionId(row.get("prediction_id")?),
        events: row.get("events")?,
        opened_at: row.time("opened_at")?,
        first_event_at: row.time("first_event_at")?,
        last_event_at: row.time("last_event_at")?,
        due_at: row.time("due_at")?,
        state: read_state(row)?,
        assignee: row.get::<Option<i64>>("assignee_id")?.map(PersonId),
        revision: row.get("revision")?,
    })
}

fn read_state(row: &Row) -> Result<State, Error> {
    Ok(match row.get::<String>("state")?.as_str() {
        "open" => State::Open,
        "taken" => State::Taken {
            by: PersonId(row.get("taken_by")?),
            until: row.time("taken_until")?,
            escalated: row.get::<i64>("escalated")? == 1,
        },
        "escalated" => State::Escalated,
        "decided" => State::Decided {
            verdict: row.word("verdict", Verdict::parse)?,
            by: row.get("decided_by")?,
            at: row.time("decided_at")?,
        },
        other => return Err(Error::corrupt("state", other)),
    })
}

fn read_step(row: &Row) -> Result<Step, Error> {
    Ok(Step {
        sequence: row.get("sequence")?,
        at: row.time("at")?,
        actor: row.get("actor")?,
        kind: row.word("kind", StepKind::parse)?,
        verdict: match row.get::<Option<String>>("verdict")? {
            Some(word) => Some(Verdict::parse(&word).ok_or_else(|| Error::corrupt("verdict", word))?),
            None => None,
        },
        note: row.get("note")?,
    })
}
