//! The list of endpoints as a table: what each takes of a key.

use domain::{Permission, Scope};
use leptos::prelude::*;

use crate::components::{Cell, Column, Panel, Row, Table};

/// What a request needs.
enum Needs {
    /// Nothing.
    Nothing,
    /// Any good key or session.
    Anybody,
    /// A right.
    Right(Permission),
}

use Needs::{Anybody, Nothing, Right};
use Permission::{
    Deploy, ManageKeys, ManagePeople, Predict, ReadAudit, ReadModels, ReadPredictions, RecordOutcomes, Train,
    WriteModels,
};

/// Method, path, what it needs, what it does; in the order of the document.
const ENDPOINTS: &[(&str, &str, Needs, &str)] = &[
    ("POST", "/api/v1/models/{name}/predictions", Right(Predict), "Ask a model about one row or many"),
    ("GET", "/api/v1/predictions", Right(ReadPredictions), "The log, newest first"),
    (
        "GET",
        "/api/v1/predictions/{id}",
        Right(ReadPredictions),
        "One prediction with its row, explanation and outcomes",
    ),
    ("GET", "/api/v1/models/{name}/predictions.csv", Right(ReadPredictions), "All predictions of a model as CSV"),
    ("POST", "/api/v1/predictions/{id}/outcome", Right(RecordOutcomes), "Record what was true"),
    ("POST", "/api/v1/predictions/{id}/outcome/corrections", Right(RecordOutcomes), "Correct a recorded truth"),
    ("POST", "/api/v1/outcomes", Right(RecordOutcomes), "Record many truths, each answered by itself"),
    ("GET", "/api/v1/models", Right(ReadModels), "The models by name"),
    ("POST", "/api/v1/models", Right(WriteModels), "Register a model by its specification"),
    ("GET", "/api/v1/models/{name}", Right(ReadModels), "A model with its versions and deployments"),
    ("GET", "/api/v1/models/{name}/specifications", Right(ReadModels), "Every specification, newest first"),
    ("POST", "/api/v1/models/{name}/specifications", Right(WriteModels), "Put the next specification into force"),
    ("GET", "/api/v1/models/{name}/versions", Right(ReadModels), "The versions, newest first"),
    (
        "GET",
        "/api/v1/models/{name}/versions/{version}",
        Right(ReadModels),
        "A version with evaluation, manifest and gates",
    ),
    ("GET", "/api/v1/models/{name}/comparison", Right(ReadModels), "Two versions measured on the same rows"),
    ("GET", "/api/v1/models/{name}/deployments", Right(ReadModels), "Who served when"),
    ("POST", "/api/v1/models/{name}/promotions", Right(Deploy), "Let a version serve"),
    ("POST", "/api/v1/models/{name}/rollbacks", Right(Deploy), "Put the version of before back"),
    ("POST", "/api/v1/models/{name}/heuristic", Right(Deploy), "Let the heuristic answer"),
    ("POST", "/api/v1/models/{name}/runs", Right(Train), "Ask for a training"),
    ("GET", "/api/v1/runs", Right(ReadModels), "Trainings, newest first"),
    ("GET", "/api/v1/runs/{id}", Right(ReadModels), "One training"),
    ("GET", "/api/v1/runs/{id}/log", Right(ReadModels), "What it said"),
    ("POST", "/api/v1/runs/{id}/cancellation", Right(Train), "Ask it to stop"),
    ("GET", "/runs/{id}/events", Right(ReadModels), "A training as it goes on, as server-sent events"),
    ("POST", "/api/v1/datasets", Right(WriteModels), "Bring a CSV"),
    ("GET", "/api/v1/datasets", Right(ReadModels), "Data sets, newest first"),
    ("GET", "/api/v1/datasets/{id}", Right(ReadModels), "One data set"),
    ("POST", "/api/v1/datasets/{id}/proposal", Right(WriteModels), "A specification to begin with"),
    ("GET", "/api/v1/people", Right(ManagePeople), "Everybody, by name"),
    ("POST", "/api/v1/people", Right(ManagePeople), "Make a person"),
    ("POST", "/api/v1/people/{id}/role", Right(ManagePeople), "Give another role"),
    ("POST", "/api/v1/people/{id}/access", Right(ManagePeople), "Lock out, or let in again"),
    ("POST", "/api/v1/people/{id}/password", Right(ManagePeople), "Give a new password"),
    ("GET", "/api/v1/keys", Right(ManageKeys), "The keys, newest first"),
    ("POST", "/api/v1/keys", Right(ManageKeys), "Make a key; its secret is told this once"),
    ("DELETE", "/api/v1/keys/{id}", Right(ManageKeys), "Refuse a key from now on"),
    ("GET", "/api/v1/audit", Right(ReadAudit), "Who did what, newest first"),
    ("GET", "/api/v1/audit/verification", Right(ReadAudit), "Check every link of the log"),
    ("GET", "/api/v1/openapi.json", Anybody, "All of this in detail, for machines"),
    ("GET", "/healthz", Nothing, "Whether the process is alive"),
    ("GET", "/readyz", Nothing, "Whether it takes work"),
];

/// The table.
pub(super) fn panel() -> impl IntoView {
    let columns = vec![
        Column::text("Address"),
        Column::tight("Method"),
        Column::text("What it does"),
        Column::text("Scope, any of"),
    ];
    let rows = ENDPOINTS.iter().map(|(method, path, needs, words)| {
        Row::new(vec![
            Cell::view(view! { <code>{*path}</code> }),
            Cell::text(*method),
            Cell::text(*words),
            Cell::text(scopes(needs)),
        ])
    });
    let rows = rows.collect();
    view! {
        <Panel title="Endpoints" foot=String::from("The OpenAPI document has their parameters, bodies and answers.")>
            <Table label="Endpoints" columns rows/>
        </Panel>
    }
    .into_any()
}

fn scopes(needs: &Needs) -> String {
    match needs {
        Needs::Nothing => String::from("no key needed"),
        Needs::Anybody => String::from("any"),
        Needs::Right(permission) => {
            let scopes = Scope::ALL.into_iter().filter(|scope| scope.grants(*permission));
            scopes.map(Scope::as_str).collect::<Vec<_>>().join(", ")
        }
    }
}
