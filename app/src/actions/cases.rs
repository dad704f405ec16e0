//! Forms about cases. After a verdict comes the next case of the same queue.

use desk::Error;
use desk::cases::{CaseFilter, CaseState};
use domain::case::{Case, Origin, Rule, State, Verdict};
use domain::{Actor, CaseId, PersonId, SiteId, SnoozeId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::address::address;
use crate::form::{Form, sentence};
use crate::moment::Clockface;
use crate::number;
use crate::pages::person_name;
use crate::viewer;

/// Cases of which it is said why they were not decided together with others.
const MOST_REASONS: usize = 5;

/// What the third button beside the verdicts sends.
pub(crate) const ESCALATE: &str = "escalate";

/// Asks for every verdict that says the alert was right.
pub(crate) const RIGHT: &str = "right";

/// Which cases somebody works through: it stands in the address of the list and of each of its cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Queue {
    /// [`CaseState`]; the undecided ones if it is empty, every one if it is `all`.
    pub state: String,
    /// `1`: only what is given to or taken by whoever asks.
    pub mine: String,
    /// Only of this site.
    pub site: String,
    /// [`Origin`].
    pub origin: String,
    /// [`Verdict`], or `right` for those that say the alert was right.
    pub verdict: String,
}

impl Queue {
    /// Name and value of each of its parts.
    #[must_use]
    pub fn parts(&self) -> [(&'static str, &str); 5] {
        [
            ("state", &self.state),
            ("mine", &self.mine),
            ("site", &self.site),
            ("origin", &self.origin),
            ("verdict", &self.verdict),
        ]
    }

    /// `path` with the queue behind it.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        address(path, &self.parts())
    }

    /// For the desk's verbs. A verdict is asked of decided cases only.
    #[must_use]
    pub fn filter(&self, actor: &Actor) -> CaseFilter {
        let (verdict, right) = (Verdict::parse(&self.verdict), self.verdict == RIGHT);
        let state = match self.state.as_str() {
            "all" => None,
            "" if verdict.is_some() || right => Some(CaseState::Decided),
            word => Some(CaseState::parse(word).unwrap_or(CaseState::Undecided)),
        };
        CaseFilter {
            state,
            mine: actor.person().filter(|_| !self.mine.is_empty()),
            site: self.site.parse().ok().map(SiteId),
            origin: Origin::parse(&self.origin),
            verdict,
            right,
            ..CaseFilter::default()
        }
    }

    /// What a form carries of it.
    pub(crate) fn hidden(&self) -> impl IntoView + use<> {
        let said = self.parts().into_iter().filter(|(_, value)| !value.is_empty());
        let fields = said.map(|(name, value)| (format!("queue[{name}]"), value.to_owned()));
        fields.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view()
    }

    fn case(&self, id: CaseId) -> String {
        self.address(&format!("/cases/{id}"))
    }
}

/// Makes a case the viewer's for a while.
#[server(prefix = "/actions", endpoint = "take_case")]
pub async fn take_case(case: i64, #[server(default)] queue: Queue) -> Result<(), ServerFnError> {
    let page = queue.case(CaseId(case));
    let done = async { viewer::desk().cases().take(&viewer::actor()?, CaseId(case)).await };
    let done = explained(done.await, CaseId(case)).await;
    Form::new("take_case", page.clone())
        .answer(done, |_| (page, String::from("The case is yours for a quarter of an hour.")))
        .await;
    Ok(())
}

/// Gives a case back.
#[server(prefix = "/actions", endpoint = "release_case")]
pub async fn release_case(case: i64, #[server(default)] queue: Queue) -> Result<(), ServerFnError> {
    let page = queue.case(CaseId(case));
    let done = async { viewer::desk().cases().release(&viewer::actor()?, CaseId(case)).await };
    let done = explained(done.await, CaseId(case)).await;
    Form::new("release_case", page.clone())
        .answer(done, |released| (queue.address("/cases"), given_back(&released)))
        .await;
    Ok(())
}

/// Gives a case to somebody to decide.
#[server(prefix = "/actions", endpoint = "assign_case")]
pub async fn assign_case(case: i64, person: i64, #[server(default)] queue: Queue) -> Result<(), ServerFnError> {
    let page = queue.case(CaseId(case));
    let done = async { viewer::desk().cases().assign(&viewer::actor()?, CaseId(case), PersonId(person)).await };
    let done = explained(done.await, CaseId(case)).await;
    let form = Form::new("assign_case", page.clone()).typed("person", person);
    form.answer(done, |_| (page, String::from("The case is given to them."))).await;
    Ok(())
}

/// Decides a case, or hands it to the admins; the next case follows. `events` is how many of them the page showed.
#[server(prefix = "/actions", endpoint = "decide_case")]
pub async fn decide_case(
    case: i64,
    #[server(default)] events: Option<i64>,
    #[server(default)] verdict: String,
    #[server(default)] note: String,
    #[server(default)] queue: Queue,
) -> Result<(), ServerFnError> {
    let id = CaseId(case);
    let form = Form::new("decide_case", queue.case(id) + "#field-note").typed("note", &note).typed("verdict", &verdict);
    let done = async {
        let (desk, actor) = (viewer::desk(), viewer::actor()?);
        if verdict == ESCALATE {
            desk.cases().escalate(&actor, id, &note).await
        } else {
            desk.cases().decide(&actor, id, read_verdict(&verdict)?, &note, events).await
        }
    };
    match explained(done.await, id).await {
        Ok(decided) => {
            let (to, rest) = onward(&queue).await;
            let correction = (String::from("Correct it"), address(&format!("/cases/{id}"), &[("correct", "1")]));
            let link = matches!(decided.state, State::Decided { .. }).then_some(correction);
            form.done(&to, format!("{} {rest}", recorded(&decided)), link).await;
        }
        Err(error) => form.fail(error).await,
    }
    Ok(())
}

/// Puts another verdict in the place of the one there is.
#[server(prefix = "/actions", endpoint = "correct_case")]
pub async fn correct_case(case: i64, verdict: String, note: String) -> Result<(), ServerFnError> {
    let page = format!("/cases/{case}");
    let done =
        async { viewer::desk().cases().correct(&viewer::actor()?, CaseId(case), read_verdict(&verdict)?, &note).await };
    let form = Form::new("correct_case", page.clone() + "?correct=1").typed("verdict", &verdict).typed("note", &note);
    form.answer(done.await, |corrected| (page, recorded(&corrected))).await;
    Ok(())
}

/// Lets an employee make no cases by a rule for some days.
#[server(prefix = "/actions", endpoint = "snooze_case")]
pub async fn snooze_case(
    case: i64,
    rule: String,
    days: String,
    reason: String,
    #[server(default)] queue: Queue,
) -> Result<(), ServerFnError> {
    let page = queue.case(CaseId(case));
    let done = async {
        let rule = Rule::parse(&rule).ok_or_else(|| Error::field("rule", "choose one"))?;
        let days = days.trim().parse().map_err(|_| Error::field("days", "a number of days is needed"))?;
        viewer::desk().cases().snooze(&viewer::actor()?, CaseId(case), rule, days, &reason).await
    };
    let form = Form::new("snooze_case", page.clone());
    let form = form.typed("rule", &rule).typed("days", &days).typed("reason", &reason);
    form.answer(done.await, |_| {
        (page, format!("No new cases of this employee by this rule for {days} days. This one still waits."))
    })
    .await;
    Ok(())
}

/// Ends a snooze now.
#[server(prefix = "/actions", endpoint = "end_snooze")]
pub async fn end_snooze(snooze: i64) -> Result<(), ServerFnError> {
    let done = async { viewer::desk().cases().wake(&viewer::actor()?, SnoozeId(snooze)).await };
    let form = Form::new("end_snooze", "/cases");
    form.answer(done.await, |_| (String::from("/cases"), String::from("The snooze has ended."))).await;
    Ok(())
}

/// Gives one verdict on many cases: `7:2` is case 7, of which the page showed two events.
#[server(prefix = "/actions", endpoint = "decide_cases")]
pub async fn decide_cases(
    #[server(default)] cases: Vec<String>,
    #[server(default)] decision: String,
    #[server(default)] reason: String,
    #[server(default)] queue: Queue,
) -> Result<(), ServerFnError> {
    let list = queue.address("/cases");
    let done = async {
        let verdict = Verdict::parse(&decision).ok_or_else(|| Error::field("decision", "choose one"))?;
        let picked = cases.iter().map(|text| read_picked(text)).collect::<desk::Result<Vec<_>>>()?;
        let answers = viewer::desk().cases().decide_many(&viewer::actor()?, &picked, verdict, &reason).await?;
        Ok::<_, Error>(picked.into_iter().map(|(id, _)| id).zip(answers).collect())
    };
    let form = Form::new("decide_cases", list.clone());
    let form = form.typed("cases", cases.join(",")).typed("decision", &decision).typed("reason", &reason);
    match done.await {
        Ok(answers) => form.done(&list, decided_together(answers).await, None).await,
        Err(error) => form.fail(error).await,
    }
    Ok(())
}

/// `7:2`: a case, and how many of its events the page showed.
fn read_picked(text: &str) -> desk::Result<(CaseId, Option<i64>)> {
    let read = || {
        let (id, seen) = text.split_once(':')?;
        Some((CaseId(id.parse().ok()?), Some(seen.parse().ok()?)))
    };
    read().ok_or_else(|| Error::field("cases", "tick them in the list"))
}

async fn decided_together(answers: Vec<(CaseId, desk::Result<Case>)>) -> String {
    let all = answers.len();
    let mut reasons = Vec::new();
    for (id, answer) in answers {
        if let Err(error) = explained(answer, id).await {
            reasons.push(format!("Case {id}: {}", sentence(&error)));
        }
    }
    counted(all - reasons.len(), &reasons)
}

fn read_verdict(word: &str) -> desk::Result<Verdict> {
    Verdict::parse(word).ok_or_else(|| Error::field("verdict", "choose one"))
}

/// Where the queue goes on, and what is said of it.
async fn onward(queue: &Queue) -> (String, &'static str) {
    let next = async {
        let actor = viewer::actor()?;
        viewer::desk().cases().next(&actor, &queue.filter(&actor)).await
    };
    match next.await {
        Ok(Some(case)) => (queue.case(case.id), "This is the next case."),
        _ => (queue.address("/cases"), "No other case waits for you here."),
    }
}

fn recorded(case: &Case) -> String {
    match &case.state {
        State::Decided { verdict, .. } => format!("Case {}: {verdict}, recorded.", case.id),
        _ => format!("Case {} is escalated; an admin decides it.", case.id),
    }
}

fn given_back(case: &Case) -> String {
    if case.state.is_escalated() {
        format!("Case {} waits for an admin again.", case.id)
    } else {
        format!("Case {} is free again.", case.id)
    }
}

/// How many were decided, and why others were not.
fn counted(recorded: usize, reasons: &[String]) -> String {
    let mut said = vec![format!("The verdict is recorded for {}.", number::counted(recorded, "case", "cases"))];
    said.extend(reasons.iter().take(MOST_REASONS).cloned());
    if reasons.len() > MOST_REASONS {
        let rest = number::counted(reasons.len() - MOST_REASONS, "other case", "other cases");
        said.push(format!("Nothing is recorded for {rest}."));
    }
    said.join(" ")
}

/// A conflict in the words of the page: who was first, and when.
async fn explained(done: desk::Result<Case>, id: CaseId) -> desk::Result<Case> {
    let Err(Error::Conflict(reason)) = done else { return done };
    let (Some(viewer), desk) = (viewer::viewer(), viewer::desk()) else { return Err(Error::Conflict(reason)) };
    let State::Decided { verdict, by, at } = desk.cases().get(viewer.actor(), id).await?.state else {
        return Err(Error::Conflict(reason));
    };
    let when = Clockface::new(desk.now(), &viewer.0.tenant.time_zone).relative(at);
    let who = if by == viewer.actor().label() { "You" } else { person_name(&by) };
    Err(Error::Conflict(format!("{who} decided case {id} before, {when}: {verdict}. Nothing was changed")))
}

#[cfg(test)]
mod tests {
    use domain::TenantId;

    use super::*;

    #[test]
    fn a_queue_asks_for_what_waits_unless_it_says_otherwise() {
        let actor = Actor::operator(TenantId(1));
        let state = |queue: Queue| queue.filter(&actor).state;
        assert_eq!(state(Queue::default()), Some(CaseState::Undecided));
        assert_eq!(state(Queue { state: "all".into(), ..Queue::default() }), None);
        assert_eq!(state(Queue { state: "nonsense".into(), ..Queue::default() }), Some(CaseState::Undecided));
        assert_eq!(state(Queue { verdict: "false_positive".into(), ..Queue::default() }), Some(CaseState::Decided));
        let right = Queue { verdict: RIGHT.into(), ..Queue::default() }.filter(&actor);
        assert_eq!((right.state, right.verdict, right.right), (Some(CaseState::Decided), None, true));
        let queue = Queue { site: "3".into(), mine: "1".into(), ..Queue::default() };
        assert_eq!(queue.filter(&actor).site, Some(SiteId(3)));
        assert_eq!(queue.address("/cases"), "/cases?mine=1&site=3");
    }

    #[test]
    fn a_mass_verdict_says_what_was_left_out() {
        let said = |recorded, reasons: &[String]| counted(recorded, reasons).replace(number::NO_BREAK, " ");
        assert_eq!(said(3, &[]), "The verdict is recorded for 3 cases.");
        let grown = vec![String::from("Case 7: another event has joined it."); MOST_REASONS + 2];
        assert_eq!(said(1, &grown[..1]), "The verdict is recorded for 1 case. Case 7: another event has joined it.");
        assert!(said(1, &grown).ends_with("joined it. Nothing is recorded for 2 other cases."));
    }

    #[test]
    fn a_ticked_case_says_how_many_events_were_seen() {
        assert_eq!(read_picked("7:2").unwrap(), (CaseId(7), Some(2)));
        assert!(["7", "7:", "x:2"].into_iter().all(|text| read_picked(text).is_err()));
    }
}
