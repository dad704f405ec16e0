//! How a model learns again: its rules, what its triggers saw last, and forms to look or to learn now.

use desk::retraining::CheckRecord;
use domain::model::Model;
use domain::retraining::{Finding, Rules, Standing, Trigger};
use leptos::prelude::*;

use crate::components::{
    Badge, Button, Cell, Column, Confirm, Definition, DefinitionList, EmptyState, Look, Panel, Row, Table, TextField,
    Time, Tone,
};
use crate::form::Said;
use crate::number;

/// What may be done there, and what was said of it.
pub(super) struct Forms<'a> {
    pub(super) may_train: bool,
    pub(super) said: &'a Said,
}

/// The panel of a model's page.
pub(super) fn learning(model: &Model, newest: Option<CheckRecord>, forms: &Forms<'_>) -> impl IntoView + use<> {
    let rules = model.specification.retraining();
    let note = newest.as_ref().map(|record| record.at);
    let checked = match note {
        Some(at) => view! { "Last looked "<Time at/>"." }.into_any(),
        None => "Nobody has looked yet; that happens every hour.".into_any(),
    };
    let held_back = newest.as_ref().and_then(|record| record.check.held_back.clone());
    let run = newest.as_ref().and_then(|record| record.run);
    let rows = newest.map(|record| record.check.findings).unwrap_or_default().into_iter().map(row).collect();
    let columns = vec![Column::tight("Trigger"), Column::tight("Now"), Column::text("What it saw")];
    let actions = forms.may_train.then(|| actions(&model.name, &rules, forms.said));
    view! {
        <Panel title="How it learns again" actions=move || actions>
            <DefinitionList items=definitions(&rules)/>
            <Table label="Triggers" columns rows>
                <EmptyState title="Not looked yet" text="What each trigger saw stands here after the first look."/>
            </Table>
            <p class="muted">
                {checked}
                {run.map(|run| view! { " It asked for "<a href=format!("/runs/{run}")>{format!("run {run}")}</a>"." })}
                {held_back.map(|reason| format!(" No training begins: {reason}."))}
            </p>
        </Panel>
    }
    .into_any()
}

fn row(finding: Finding) -> Row {
    let now = match finding.fires {
        true => view! { <Badge tone=Tone::Warn text="fires"/> },
        false => view! { <Badge text="calm"/> },
    };
    Row::new(vec![Cell::text(watched(finding.trigger)), Cell::view(now), Cell::text(finding.saw)])
}

fn definitions(rules: &Rules) -> Vec<Definition> {
    let percent = |share: f64| number::percent(share);
    let from = rules.days.map_or_else(|| String::from("everything known"), |days| format!("the last {days} days"));
    let becomes = match rules.policy {
        Standing::Candidate => String::from("a candidate, until somebody promotes it"),
        Standing::Challenger => String::from("the challenger, until somebody promotes it"),
        Standing::Champion => {
            format!(
                "champion, if gates pass and it is surely more than {} better; else the challenger",
                percent(rules.better_by)
            )
        }
    };
    let pause = number::counted(i64::from(rules.cool_down_hours), "hour", "hours");
    vec![
        Definition::text("From", from),
        Definition::text("The version becomes", becomes),
        Definition::text("Judged by", rules.metric.clone().unwrap_or_else(|| String::from("its headline metric"))),
        Definition::text("At most once in", pause),
    ]
}

fn actions(name: &str, rules: &Rules, said: &Said) -> impl IntoView + use<> {
    let (check, again) = (name.to_owned(), name.to_owned());
    let days = match said.value("retrain_model", "days") {
        typed if typed.is_empty() => rules.days.map(|days| days.to_string()).unwrap_or_default(),
        typed => typed,
    };
    let (open, wrong) = (said.form == "retrain_model" && !said.done, said.error("retrain_model", "days"));
    view! {
        <div class="row">
            <form method="post" action="/actions/check_triggers">
                <input type="hidden" name="model" value=check/>
                <Button text="Look now"/>
            </form>
            <Confirm label="Learn again" open>
                <form class="form" method="post" action="/actions/retrain_model">
                    <p>"Learns by these rules, and does with the version what they say."</p>
                    <input type="hidden" name="model" value=again/>
                    <TextField name="days" label="Days" kind="number" required=false value=days hint="Examples of so many days, 1 to 3,650. Empty means as the rules say." error=wrong/>
                    <Button look=Look::Primary text="Learn again"/>
                </form>
            </Confirm>
        </div>
    }
    .into_any()
}

/// A trigger in a person's words, beside what it saw.
fn watched(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Metric => "live metric",
        Trigger::Drift => "score drift",
        Trigger::Age => "age",
        Trigger::Labels => "new labels",
        Trigger::Hand => "hand",
        Trigger::Schedule => "schedule",
    }
}

/// Why a run was asked for, in a person's words.
pub(super) fn cause(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Hand => "by hand",
        Trigger::Schedule => "by the schedule",
        Trigger::Metric => "a live metric fell",
        Trigger::Drift => "the scores drifted",
        Trigger::Age => "it grew old",
        Trigger::Labels => "new labels came in",
    }
}
