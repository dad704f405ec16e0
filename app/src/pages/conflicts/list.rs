//! The predictions behind the figures.

use desk::conflicts::{ConflictFigures, Cursor, Page, PlannedFilter, PlannedSync};
use domain::Timestamp;
use domain::sync::{Advice, PlannedKind};
use leptos::prelude::*;

use super::asked::{PAGE, days_of};
use crate::address::address;
use crate::components::{
    Badge, Button, Cell, Choice, Column, EmptyState, Lead, PageHeader, Pagination, Row, SelectField, Table, TextField,
    Time, Tone,
};
use crate::moment::Clockface;
use crate::number;
use crate::page::{Visit, page, query};
use crate::shell::{Crumb, Frame, Section};

/// Lines of a page.
const LINES: u32 = 50;

/// Which predictions are listed, as the address says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) from: String,
    pub(super) until: String,
    pub(super) entity_type: String,
    pub(super) entity: String,
    pub(super) client: String,
    /// Whether a client asked before: `yes`, `no`, or either.
    pub(super) asked: String,
    /// Whether a conflict was expected.
    pub(super) expected: String,
    /// Whether there was one.
    pub(super) conflict: String,
}

impl Listed {
    fn read() -> Self {
        let read = |name| query(name).unwrap_or_default();
        Self {
            from: read("from"),
            until: read("until"),
            entity_type: read("type"),
            entity: read("entity"),
            client: read("client"),
            asked: read("asked"),
            expected: read("expected"),
            conflict: read("conflict"),
        }
    }

    /// Those that figures count.
    pub(super) fn of_period(board: &ConflictFigures) -> Self {
        let (from, until) = days_of(&board.period);
        Self { from, until, entity_type: board.entity_type.clone().unwrap_or_default(), ..Self::default() }
    }

    pub(super) fn href(&self, after: Option<&Cursor>) -> String {
        let after = after.map(ToString::to_string).unwrap_or_default();
        let parts = [
            ("from", self.from.as_str()),
            ("until", &self.until),
            ("type", &self.entity_type),
            ("entity", &self.entity),
            ("client", &self.client),
            ("asked", &self.asked),
            ("expected", &self.expected),
            ("conflict", &self.conflict),
            ("after", &after),
        ];
        address("/conflicts/predictions", &parts)
    }

    fn filter(&self, clock: &Clockface) -> desk::Result<PlannedFilter> {
        let read = |field: &str, day: &str, edge: fn(&Clockface, &str) -> Option<Timestamp>| match day {
            "" => Ok(None),
            day => edge(clock, day).map(Some).ok_or_else(|| desk::Error::field(field, "a day as 2026-03-01 is needed")),
        };
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(PlannedFilter {
            from: read("from", &self.from, Clockface::start_of)?,
            until: read("until", &self.until, Clockface::end_of)?,
            entity_type: text(&self.entity_type),
            entity: text(&self.entity),
            client: text(&self.client),
            kind: yes_or_no(&self.asked).map(|asked| if asked { PlannedKind::Asked } else { PlannedKind::Event }),
            is_alarm: yes_or_no(&self.expected),
            observed: yes_or_no(&self.conflict),
        })
    }
}

fn yes_or_no(word: &str) -> Option<bool> {
    match word {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// The list, the last syncs first.
#[component]
pub(crate) fn ConflictPredictions() -> impl IntoView {
    let (listed, after) = (Listed::read(), query("after"));
    page(|visit| async move {
        let cursor: Option<Cursor> = after.as_deref().and_then(|text| text.parse().ok());
        let filter = listed.filter(&visit.clock)?;
        let found = visit.desk.conflicts().predictions(&visit.actor, &filter, cursor.as_ref(), LINES).await?;
        Ok(show(visit, &listed, cursor.is_some(), found))
    })
}

fn show(visit: Visit, listed: &Listed, is_later: bool, found: Page<PlannedSync>) -> AnyView {
    let flash = visit.notice();
    let older = found.next.as_ref().map(|next| listed.href(Some(next)));
    let newer = is_later.then(|| listed.href(None));
    let shown = number::counted(found.items.len() as i64, "prediction", "predictions");
    let rows = found.items.iter().map(|sync| row(sync, listed)).collect();
    let filters = filters(listed);
    let crumbs = vec![Crumb::link("Conflicts", PAGE), Crumb::here("Predictions")];
    view! {
        <Frame viewer=visit.viewer title="Predictions of conflicts" at=Section::Conflicts crumbs flash>
            <PageHeader title="Predictions of conflicts"/>
            <Lead><b>"What was predicted of each sync, and what came of it."</b>" Either it came with the sync, or a client asked before."</Lead>
            {filters}
            <Table label="Predictions of conflicts" columns=columns() rows>
                <EmptyState title="No such predictions" text="None is about such a sync. Leave some of the filters empty."/>
            </Table>
            <Pagination newer older shown/>
        </Frame>
    }
    .into_any()
}

fn filters(listed: &Listed) -> impl IntoView + use<> {
    let select = |name: &'static str, label: &'static str, chosen: &str, words: [&str; 3]| {
        let choices = ["", "yes", "no"].into_iter().zip(words).map(|(value, label)| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            hint: None,
            chosen: value == chosen,
        });
        view! { <SelectField name label choices=choices.collect() required=false/> }
    };
    view! {
        <form class="filters" method="get" action="/conflicts/predictions">
            <TextField name="from" label="From" kind="date" value=listed.from.clone()/>
            <TextField name="until" label="Until" kind="date" value=listed.until.clone()/>
            <TextField name="type" label="Type" value=listed.entity_type.clone() max_length=100/>
            <TextField name="entity" label="Entity" value=listed.entity.clone() max_length=200/>
            <TextField name="client" label="Client" value=listed.client.clone() max_length=200/>
            {select("asked", "Asked before", &listed.asked, ["either", "asked before", "came with the sync"])}
            {select("expected", "Expected", &listed.expected, ["either", "a conflict", "none"])}
            {select("conflict", "Came", &listed.conflict, ["either, or not known", "a conflict", "none"])}
            <Button text="Filter"/>
        </form>
    }
    .into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("When"),
        Column::text("Entity"),
        Column::text("Client"),
        Column::text("Person"),
        Column::text("Advice"),
        Column::number("Score"),
        Column::text("Came"),
    ]
}

fn row(planned: &PlannedSync, listed: &Listed) -> Row {
    let (at, entity, href) = (planned.sync.at, &planned.sync.entity, format!("/predictions/{}", planned.prediction));
    let record = Listed { entity_type: entity.entity_type.clone(), entity: entity.entity.clone(), ..listed.clone() };
    let (name, of) = (entity.entity.clone(), entity.entity_type.clone());
    let came = match planned.observed {
        None => Cell::view(view! { <span class="muted">"not known yet"</span> }),
        Some(true) => Cell::view(view! { <Badge tone=Tone::Bad text="conflict"/> }),
        Some(false) => Cell::text("none"),
    };
    Row::new(vec![
        Cell::view(view! { <a href=href><Time at/></a> }),
        Cell::view(view! { <span><a href=record.href(None)>{name}</a>" "<small>{of}</small></span> }),
        Cell::text(planned.sync.client.clone()),
        Cell::text(planned.sync.person.clone()),
        Cell::text(told(planned.kind, planned.advice)),
        Cell::text(number::metric(planned.score)),
        came,
    ])
}

/// What a client was told; what came with a sync was told to nobody before.
fn told(kind: PlannedKind, advice: Advice) -> &'static str {
    match (kind, advice) {
        (PlannedKind::Event, _) => "came with the sync",
        (PlannedKind::Asked, Advice::SyncNow) => "sync now",
        (PlannedKind::Asked, Advice::FetchFirst) => "fetch first",
        (PlannedKind::Asked, Advice::AskToMerge) => "ask to merge",
    }
}

#[cfg(test)]
mod tests {
    use super::super::figures::tests::board;
    use super::*;

    #[test]
    fn a_cell_leads_to_what_it_counts() {
        let listed = Listed { asked: "no".into(), conflict: "yes".into(), ..Listed::of_period(&board()) };
        assert_eq!(listed.href(None), "/conflicts/predictions?from=1970-01-01&until=1970-01-02&asked=no&conflict=yes");
        let filter = listed.filter(&Clockface::new(Timestamp(0), "UTC")).unwrap();
        assert_eq!((filter.kind, filter.is_alarm, filter.observed), (Some(PlannedKind::Event), None, Some(true)));
        assert_eq!(filter.until, Some(board().period.until));
    }
}
