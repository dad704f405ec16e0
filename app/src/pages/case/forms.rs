//! What can be done about a case.

use domain::PersonId;
use domain::case::{Case, Rule, State, StepKind, Verdict};
use leptos::prelude::*;

use super::{Shown, Standing, words};
use crate::actions::cases::ESCALATE;
use crate::components::{
    Badge, Button, Choice, ChoiceField, Confirm, Look, Panel, SelectField, TextArea, TextField, Time,
};
use crate::number;

/// Name of the form of the verdict.
const VERDICT: &str = "decide_case";
/// Name of the form that corrects it.
const CORRECTION: &str = "correct_case";
/// Name of the form that snoozes.
const SNOOZE: &str = "snooze_case";
/// Id of the note's field.
const NOTE: &str = "field-note";

/// Takes the case, or gives it back.
pub(super) fn take(shown: &Shown) -> Option<AnyView> {
    let (action, words, look, key) = match shown.standing {
        Standing::Free => ("/actions/take_case", "Take it", Look::Normal, Some("t")),
        Standing::Mine(_) => ("/actions/release_case", "Give it back", Look::Normal, None),
        Standing::Theirs(_) if shown.decides_escalated => ("/actions/release_case", "Free it", Look::Danger, None),
        _ => return None,
    };
    let button = match key {
        Some(key) => view! { <Button look text=words key/> }.into_any(),
        None => view! { <Button look text=words/> }.into_any(),
    };
    Some(view! { <form method="post" action=action>{hidden(shown)}{button}</form> }.into_any())
}

fn hidden(shown: &Shown) -> impl IntoView + use<> {
    view! { <input type="hidden" name="case" value=shown.evidence.case.id.to_string()/>{shown.queue.hidden()} }
}

/// The verdict: to be given, given, or somebody else's to give.
pub(super) fn verdict(shown: &Shown) -> AnyView {
    let says = match shown.standing {
        Standing::Free | Standing::Mine(_) => return buttons(shown),
        Standing::Decided => return decided(shown),
        Standing::Theirs(until) => {
            let who = shown.evidence.holder.as_deref().unwrap_or("Somebody else");
            let minutes = words::minutes(until, &shown.clock);
            format!("{who} looks at this case, for {minutes}{}min more at most.", number::NO_BREAK)
        }
        Standing::Admins => String::from("This case is escalated: an admin decides it."),
    };
    view! { <p class="notice notice-accent">{says}</p> }.into_any()
}

fn buttons(shown: &Shown) -> AnyView {
    let (is_escalated, events) = (shown.evidence.case.state.is_escalated(), shown.evidence.case.events.to_string());
    let chosen = shown.said.value(VERDICT, "verdict");
    let buttons = [
        (Verdict::ConfirmedRisk.as_str(), "Confirm risk", "y", true),
        (Verdict::ValuableAlert.as_str(), "Alert was useful", "u", false),
        (Verdict::FalsePositive.as_str(), "False positive", "n", false),
        (ESCALATE, "Escalate", "e", true),
    ];
    let buttons = buttons.into_iter().filter(|button| !(is_escalated && button.0 == ESCALATE));
    let buttons = buttons.map(|(value, words, key, needs_note)| {
        let look = if key == "y" { Look::Primary } else { Look::Normal };
        view! {
            <button
                class=look.class()
                type="submit"
                name="verdict"
                value=value
                data-key=key
                data-needs=needs_note.then_some(NOTE)
                data-chosen=(chosen == value).then_some("")
            >
                {words}
                <kbd class="needs-script" aria-hidden="true">{key}</kbd>
            </button>
        }
    });
    let (buttons, hidden, note) = (buttons.collect_view(), hidden(shown), shown.said.value(VERDICT, "note"));
    let error = shown.said.error(VERDICT, "note").or_else(|| shown.said.error(VERDICT, "verdict"));
    view! {
        <form class="verdict-form" method="post" action="/actions/decide_case">
            {hidden}
            <input type="hidden" name="events" value=events/>
            <Panel title="Your verdict">
                <TextArea
                    name="note"
                    label="Note"
                    required=false
                    rows=2
                    max_length=2000
                    value=note
                    error
                    hint="Needed to confirm a risk and to escalate: what did you see? Ctrl Enter sends."
                />
            </Panel>
            <div class="verdict-bar">{buttons}</div>
        </form>
    }
    .into_any()
}

fn decided(shown: &Shown) -> AnyView {
    let State::Decided { verdict, by, at } = &shown.evidence.case.state else { return ().into_any() };
    let (verdict, at, by) = (*verdict, *at, words::name(by).to_owned());
    let given = |kind| matches!(kind, StepKind::Decided | StepKind::Corrected);
    let note = shown.evidence.steps.iter().find(|step| given(step.kind)).map(|step| step.note.clone());
    let note = note.filter(|note| !note.is_empty()).map(|note| view! { <p class="quote">{note}</p> });
    let correction = correction(shown, verdict);
    view! {
        <Panel title="Verdict">
            <p class="row"><Badge tone=words::verdict_tone(verdict) text=verdict.to_string()/>{by}", "<Time at/></p>
            {note}
            {correction}
        </Panel>
    }
    .into_any()
}

fn correction(shown: &Shown, given: Verdict) -> impl IntoView + use<> {
    let typed = shown.said.value(CORRECTION, "verdict");
    let others = Verdict::ALL.into_iter().filter(|verdict| *verdict != given);
    let choices: Vec<Choice> = others
        .map(|verdict| Choice::new(verdict.as_str(), verdict.to_string()).chosen(verdict.as_str() == typed))
        .collect();
    let (wrong, note) = (shown.said.error(CORRECTION, "verdict"), shown.said.value(CORRECTION, "note"));
    let (missing, case) = (shown.said.error(CORRECTION, "note"), shown.evidence.case.id.to_string());
    let is_open = shown.corrects || shown.said.form == CORRECTION && !shown.said.done;
    view! {
        <Confirm label="Correct the verdict" inline=true open=is_open>
            <p>"The verdict of before stays in the history."</p>
            <form method="post" action="/actions/correct_case">
                <input type="hidden" name="case" value=case/>
                <ChoiceField
                    name="verdict"
                    label="What was it?"
                    one=true
                    row=true
                    choices
                    error=wrong
                />
                <TextArea
                    name="note"
                    label="Reason"
                    required=true
                    rows=2
                    max_length=2000
                    value=note
                    error=missing
                />
                <Button look=Look::Primary text="Correct it"/>
            </form>
        </Confirm>
    }
    .into_any()
}

/// Giving the case to somebody, and keeping such cases quiet.
pub(super) fn other(shown: &Shown) -> Option<AnyView> {
    let is_theirs = matches!(shown.standing, Standing::Free | Standing::Mine(_));
    let assigns = (is_theirs && !shown.people.is_empty()).then(|| assignment(shown));
    let snooze = snooze(shown);
    (shown.standing != Standing::Admins).then(|| {
        view! { <Panel title="Something else"><div class="columns columns-2">{assigns}{snooze}</div></Panel> }
            .into_any()
    })
}

fn assignment(shown: &Shown) -> impl IntoView + use<> {
    let case: &Case = &shown.evidence.case;
    let choice = |(id, name): &(PersonId, String)| Choice::new(id.to_string(), name).chosen(case.assignee == Some(*id));
    let choices: Vec<Choice> = shown.people.iter().map(choice).collect();
    let (hidden, error) = (hidden(shown), shown.said.error("assign_case", "person"));
    let is_back = shown.said.form == "assign_case" && !shown.said.done;
    view! {
        <Confirm label="Give it to somebody" inline=true open=is_back>
            <form method="post" action="/actions/assign_case">
                {hidden}
                <SelectField name="person" label="To whom" choices error/>
                <Button text="Give it to them"/>
            </form>
        </Confirm>
    }
    .into_any()
}

fn snooze(shown: &Shown) -> impl IntoView + use<> {
    let typed = shown.said.value(SNOOZE, "rule");
    let rule = Rule::parse(&typed).unwrap_or(shown.evidence.case.rule);
    let choices = Rule::ALL.map(|other| Choice::new(other.as_str(), words::rule(other)).chosen(other == rule)).to_vec();
    let days = Some(shown.said.value(SNOOZE, "days")).filter(|days| !days.is_empty());
    let is_back = shown.said.form == SNOOZE && !shown.said.done;
    let says = format!(
        "{} makes no new cases by one rule for some days. Every event is recorded and scored all the same.",
        shown.evidence.employee.name
    );
    let error = |field| shown.said.error(SNOOZE, field);
    let (hidden, wrong_rule, wrong_days, wrong_reason) = (hidden(shown), error("rule"), error("days"), error("reason"));
    let (days, reason) = (days.unwrap_or_else(|| String::from("7")), shown.said.value(SNOOZE, "reason"));
    view! {
        <Confirm label="Snooze such cases" inline=true open=is_back>
            <p>{says}</p>
            <form method="post" action="/actions/snooze_case">
                {hidden}
                <SelectField name="rule" label="Rule" choices error=wrong_rule/>
                <TextField
                    name="days"
                    label="Days"
                    kind="number"
                    min="1"
                    max="90"
                    value=days
                    error=wrong_days
                    required=true
                />
                <TextField
                    name="reason"
                    label="Reason"
                    value=reason
                    error=wrong_reason
                    required=true
                    max_length=500
                />
                <Button text="Snooze"/>
            </form>
        </Confirm>
    }
    .into_any()
}
