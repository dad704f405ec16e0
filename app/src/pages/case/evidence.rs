//! What there is to know about a case.

use desk::predictions::ColumnContribution;
use domain::attendance::{AttendanceEvent, EventKind, Position};
use domain::case::{Case, Origin, Rule, Step, StepKind};
use domain::time::DAY;
use leptos::prelude::*;
use serde_json::Value;

use super::{Shown, risk, words};
use crate::charts::{DayStrip, Dot, SiteMap};
use crate::components::{
    Badge, Cell, Column, Contribution, Contributions, Panel, Row, Table, Time, Timeline, TimelineEntry, Tone,
};
use crate::number;

/// Reasons shown here; the prediction's own page has all of them.
const REASONS: usize = 6;
/// Figures that say something by themselves, where nothing weighs them.
const TELLING: [&str; 10] = [
    "gps_drift_meters",
    "face_recognition_confidence",
    "hour_of_day",
    "day_of_week",
    "location_consistency_score",
    "biometric_mismatch_count_30d",
    "time_since_last_event",
    "check_in_frequency_zscore",
    "late_arrival_rate",
    "weekend_work_frequency",
];
/// Days in the strip.
const DAYS: i64 = 30;

/// Why the score is what it is.
pub(super) fn reasons(shown: &Shown) -> impl IntoView + use<> {
    let evidence = &shown.evidence;
    let row: Value = serde_json::from_str(&evidence.prediction.prediction.features).unwrap_or(Value::Null);
    let said = |name: &str| {
        let value = row.get(name).and_then(Value::as_f64);
        words::figure(name, value, &evidence.usual, &evidence.event)
    };
    let title = match evidence.case.origin {
        Origin::Threshold => "Why the score is high",
        Origin::Audit => "What the score is made of",
    };
    let all = format!("/predictions/{}", evidence.case.prediction);
    let all = move || view! { <a href=all>"the whole prediction"</a> };
    let Some(explanation) = &evidence.prediction.explanation else {
        let figures = figures(evidence.case.rule, &said);
        let foot = String::from("The heuristic goes by rules and weighs nothing: these are the figures.");
        return view! { <Panel title foot actions=all>{figures}</Panel> }.into_any();
    };
    let item = |contribution: &ColumnContribution| {
        let (words, detail) = said(&contribution.column);
        Contribution { words, detail, amount: f64::from(contribution.value) }
    };
    let items: Vec<Contribution> = explanation.contributions.iter().take(REASONS).map(item).collect();
    view! {
        <Panel title foot=String::from("In log-odds before calibration: what is above 0 speaks for fraud.") actions=all>
            <Contributions items/>
        </Panel>
    }
    .into_any()
}

/// The most telling figures, those of the rule first.
fn figures(rule: Rule, said: &dyn Fn(&str) -> (String, Option<String>)) -> AnyView {
    let (first, rest): (Vec<&str>, Vec<&str>) = TELLING.into_iter().partition(|name| Rule::of(name) == rule);
    let lines = first.into_iter().chain(rest).take(REASONS).map(|name| {
        let (words, detail) = said(name);
        view! { <li class="contribution"><span>{words}{detail.map(|detail| view! { <small>{detail}</small> })}</span></li> }
    });
    let lines = lines.collect_view();
    view! { <ul class="contributions contributions-plain">{lines}</ul> }.into_any()
}

/// Where it happened.
pub(super) fn place(shown: &Shown) -> impl IntoView + use<> {
    let evidence = &shown.evidence;
    let Some(at) = evidence.event.position else {
        let text = format!("This {} came without a position.", words::noun(evidence.event.kind));
        return view! { <Panel title="Where"><p class="muted">{text}</p></Panel> }.into_any();
    };
    let (site, event, usual) =
        (evidence.site.name.clone(), words::noun(evidence.event.kind), evidence.usual.drift_meters);
    let others = evidence.month.iter().filter(|other| other.id != evidence.event.id);
    let others: Vec<Position> = others.filter_map(|other| other.position).collect();
    let position = evidence.site.position;
    let foot =
        usual.map(|usual| format!("usually {} from the site; small dots: the last 30 days", number::distance(usual)));
    view! {
        <Panel title="Where" foot>
            <SiteMap site position event at others usual/>
        </Panel>
    }
    .into_any()
}

/// The employee's days.
pub(super) fn month(shown: &Shown) -> impl IntoView + use<> {
    let evidence = &shown.evidence;
    let own = |event: &AttendanceEvent| evidence.events.iter().any(|other| other.id == event.id);
    let dot = |event: &AttendanceEvent| Dot::at(event.local().0, event.kind == EventKind::CheckIn, own(event));
    let dots: Vec<Dot> = evidence.month.iter().map(dot).collect();
    let newest = evidence.events.iter().map(|event| event.local().0).max().unwrap_or(evidence.case.last_event_at.0);
    let last = newest.div_euclid(DAY);
    let date = |day: i64| {
        let moment = jiff::Timestamp::from_microsecond(day * DAY);
        moment.map_or_else(|_| String::new(), |at| at.strftime("%-d %b").to_string())
    };
    let (first, end) = (date(last - DAYS + 1), date(last));
    let note = String::from("one column a day, midnight at the bottom");
    view! {
        <Panel title="Last 30 days" note>
            <div>
                <DayStrip last days=DAYS dots/>
                <p class="strip-ends"><span>{first}</span><span>{end}</span></p>
            </div>
            <p class="legend">
                <span class="legend-in">"check-in"</span>
                <span class="legend-out">"check-out"</span>
                <span class="legend-current">"this case"</span>
            </p>
        </Panel>
    }
    .into_any()
}

/// Other cases that may tell something about this one.
pub(super) fn related(shown: &Shown) -> impl IntoView + use<> {
    let own = &shown.evidence.case;
    let row = |case: &Case| {
        let (id, (tone, text)) = (case.id, words::state(case, shown.clock.now));
        let how = if case.employee == own.employee { "same employee, " } else { "same site, " };
        let at = case.last_event_at;
        Row::new(vec![
            Cell::link(format!("case {id}"), shown.queue.address(&format!("/cases/{id}"))),
            Cell::view(view! { {how}<Time at/> }),
            Cell::view(view! { <Badge tone text/> }),
        ])
    };
    let rows: Vec<Row> = shown.evidence.related.iter().map(row).collect();
    let columns = vec![Column::tight("Case"), Column::text("How"), Column::tight("State")];
    view! {
        <Panel title="Related cases">
            <Table label="Related cases" columns rows keep=true>
                <p class="muted">"There is no other case of this employee or at this site."</p>
            </Table>
        </Panel>
    }
    .into_any()
}

/// What belongs to the case.
pub(super) fn events(shown: &Shown) -> impl IntoView + use<> {
    let rows: Vec<Row> = shown.evidence.events.iter().map(event).collect();
    let columns =
        vec![Column::text("When"), Column::number("Distance"), Column::number("Face"), Column::number("Risk")];
    view! {
        <Panel title="Events of this case">
            <Table label="Events of this case" columns rows keep=true/>
        </Panel>
    }
    .into_any()
}

fn event(event: &AttendanceEvent) -> Row {
    let dash = || String::from("–");
    let when = format!("{}, {}", words::local(event, "%a %-d %b %H:%M"), words::noun(event.kind));
    let risk = risk(event.score);
    Row::new(vec![
        Cell::link(when, format!("/predictions/{}", event.prediction)),
        Cell::text(event.drift_meters.map_or_else(dash, number::distance)),
        Cell::text(event.face_confidence.map_or_else(dash, |sure| number::fixed(sure, 2))),
        Cell::view(view! { <Badge tone=risk.0 text=risk.1/> }),
    ])
}

/// What happened to the case.
pub(super) fn history(shown: &Shown) -> impl IntoView + use<> {
    let entries = shown.evidence.steps.iter().map(|step| {
        let (what, tone) = happened(step);
        let entry = TimelineEntry::new(what, step.at).tone(tone).because(step.note.clone());
        if step.actor.is_empty() { entry } else { entry.by(words::name(&step.actor).to_owned()) }
    });
    let entries = entries.collect();
    view! { <Timeline entries/> }.into_any()
}

fn happened(step: &Step) -> (String, Tone) {
    let verdict = step.verdict.map_or_else(|| String::from("?"), |verdict| verdict.to_string());
    let tone = step.verdict.map_or(Tone::Neutral, words::verdict_tone);
    match step.kind {
        StepKind::Opened => (String::from("Opened"), Tone::Accent),
        StepKind::Joined => (String::from("Another event joined"), Tone::Accent),
        StepKind::Taken => (String::from("Taken"), Tone::Neutral),
        StepKind::Released => (String::from("Given back"), Tone::Neutral),
        StepKind::Assigned => (String::from("Assigned"), Tone::Neutral),
        StepKind::Escalated => (String::from("Escalated"), Tone::Warn),
        StepKind::Decided => (format!("Decided: {verdict}"), tone),
        StepKind::Corrected => (format!("Corrected to {verdict}"), tone),
    }
}
