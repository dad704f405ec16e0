//! The log of answers.

use desk::predictions::{PredictionFilter, PredictionPage};
use domain::PredictionId;
use leptos::prelude::*;

use crate::address::encode;
use crate::components::{
    Badge, Button, Cell, Choice, Column, EmptyState, Lead, LinkButton, PageHeader, Pagination, Row, SelectField, Table,
    TextField, Time, Tone,
};
use crate::number;
use crate::page::{Visit, page, query};
use crate::shell::{Crumb, Frame, Section};

/// Lines of a page.
const LINES: u32 = 50;

/// What the address asks for.
#[derive(Clone, Debug, Default)]
struct Asked {
    model: Option<String>,
    version: Option<String>,
    decision: Option<String>,
    truth: Option<String>,
    outcome: Option<String>,
    after: Option<String>,
}

impl Asked {
    fn read() -> Self {
        Self {
            model: query("model"),
            version: query("version"),
            decision: query("decision"),
            truth: query("truth"),
            outcome: query("outcome"),
            after: query("after"),
        }
    }

    fn filter(&self) -> desk::Result<PredictionFilter> {
        let version = self.version.as_deref().map(str::parse).transpose();
        Ok(PredictionFilter {
            version: version.map_err(|_| desk::Error::field("version", "a number is needed; 0 is the heuristic"))?,
            decision: self.decision.clone(),
            truth: self.truth.clone(),
            has_outcome: self.outcome.as_deref().map(|word| word == "known"),
            ..PredictionFilter::default()
        })
    }

    /// The address of the same question from `after` on.
    fn href(&self, after: Option<PredictionId>) -> String {
        let after = after.map(|id| id.to_string());
        let parts = [
            ("model", &self.model),
            ("version", &self.version),
            ("decision", &self.decision),
            ("truth", &self.truth),
            ("outcome", &self.outcome),
            ("after", &after),
        ];
        let said = parts.iter().filter_map(|(key, value)| Some(format!("{key}={}", encode(value.as_deref()?))));
        format!("/predictions?{}", said.collect::<Vec<_>>().join("&"))
    }
}

/// The log of answers, newest first.
#[component]
pub(super) fn Predictions() -> impl IntoView {
    let asked = Asked::read();
    page(|visit| async move {
        let after = asked.after.as_deref().and_then(|text| text.parse().ok());
        let filter = asked.filter()?;
        let verbs = visit.desk.predictions();
        let found = verbs.list(&visit.actor, asked.model.as_deref(), &filter, after, LINES).await?;
        let models = visit.desk.models().names(&visit.actor).await?;
        Ok(show(visit, &asked, found, &models))
    })
}

fn show(visit: Visit, asked: &Asked, found: PredictionPage, models: &[(domain::ModelId, String)]) -> AnyView {
    let flash = visit.notice();
    let crumbs = vec![Crumb::here("Predictions")];
    let older = found.next.map(|id| asked.href(Some(id)));
    let newer = asked.after.as_ref().map(|_| asked.href(None));
    let shown = number::counted(found.predictions.len() as i64, "prediction", "predictions");
    let name_of = |id| models.iter().find(|(known, _)| *known == id).map_or_else(String::new, |(_, name)| name.clone());
    let rows: Vec<Row> = found.predictions.iter().map(|logged| row(logged, name_of(logged.prediction.model))).collect();
    let filters = filters(asked, models);
    let export = asked.model.clone();
    let actions = move || {
        export
            .clone()
            .map(|name| view! { <LinkButton text="Export as CSV" href=format!("/models/{name}/predictions.csv")/> })
    };
    view! {
        <Frame viewer=visit.viewer title="Predictions" at=Section::Predictions crumbs flash>
            <PageHeader title="Predictions" actions/>
            <Lead>"Every answer, written down before it was given. Newest first."</Lead>
            {filters}
            <Table label="Predictions" columns=columns() rows>
                <EmptyState title="No predictions here" text="None matches the filters, or there has been no prediction yet. Try a row from a model's page, or send one by REST."/>
            </Table>
            <Pagination newer older shown/>
        </Frame>
    }
    .into_any()
}

fn filters(asked: &Asked, models: &[(domain::ModelId, String)]) -> impl IntoView + use<> {
    let choice = |value: &str, label: &str, chosen: bool| Choice {
        value: value.into(),
        label: label.into(),
        hint: None,
        chosen,
    };
    let mut names = vec![choice("", "all models", asked.model.is_none())];
    names.extend(models.iter().map(|(_, name)| choice(name, name, asked.model.as_ref() == Some(name))));
    let outcome = asked.outcome.as_deref();
    let outcomes = vec![
        choice("", "known or not", outcome.is_none()),
        choice("known", "known", outcome == Some("known")),
        choice("unknown", "not known", outcome == Some("unknown")),
    ];
    view! {
        <form class="filters" method="get" action="/predictions">
            <SelectField name="model" label="Model" choices=names required=false/>
            <TextField name="version" label="Version" value=asked.version.clone() max_length=10/>
            <TextField name="decision" label="Decision" value=asked.decision.clone() max_length=100/>
            <SelectField name="outcome" label="Outcome" choices=outcomes required=false/>
            <TextField name="truth" label="Truth" value=asked.truth.clone() max_length=100/>
            <Button text="Filter"/>
        </form>
    }
    .into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("When"),
        Column::text("Model"),
        Column::text("Version"),
        Column::number("Score"),
        Column::text("Decision"),
        Column::text("Truth"),
    ]
}

fn row(logged: &desk::predictions::LoggedPrediction, model: String) -> Row {
    let prediction = &logged.prediction;
    let at = prediction.at;
    let href = format!("/predictions/{}", prediction.id);
    let version = match prediction.version {
        Some(number) => Cell::text(format!("v{number}")),
        None => Cell::view(view! { <Badge tone=Tone::Warn text="heuristic"/> }),
    };
    let truth = match logged.outcome.as_ref().map(|outcome| &outcome.truth) {
        None => Cell::text("–"),
        Some(truth) if *truth == prediction.decision => {
            let truth = truth.clone();
            Cell::view(view! { {truth}" "<Badge tone=Tone::Ok text="right"/> })
        }
        // A number is rarely hit exactly; only classes are right or wrong.
        Some(truth) if prediction.confidence.is_none() => Cell::text(truth.clone()),
        Some(truth) => {
            let truth = truth.clone();
            Cell::view(view! { {truth}" "<Badge tone=Tone::Bad text="wrong"/> })
        }
    };
    Row::new(vec![
        Cell::view(view! { <a href=href><Time at/></a> }),
        Cell::link(model.clone(), format!("/models/{model}")),
        version,
        Cell::text(number::metric(prediction.score)),
        Cell::text(prediction.decision.clone()),
        truth,
    ])
}
