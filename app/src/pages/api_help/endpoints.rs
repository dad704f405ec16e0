//! The list of endpoints as a table: what each takes of a key.

use std::sync::Arc;

use domain::{Permission, Scope};
use leptos::prelude::*;

use crate::components::{Cell, Column, Panel, Row, Table};

/// An endpoint for programs, as the server mounts it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Method.
    pub method: String,
    /// Path with its variables.
    pub path: &'static str,
    /// What it does, in one sentence.
    pub summary: String,
    /// What a request needs.
    pub needs: Needs,
}

/// What a request needs.
#[derive(Clone, Copy, Debug)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// Any good key or session.
    Anybody,
    /// A right.
    Right(Permission),
}

/// Every endpoint, in the order of the document.
pub type Endpoints = Arc<[Endpoint]>;

/// The table.
pub(super) fn panel(endpoints: &[Endpoint]) -> impl IntoView + use<> {
    let columns = vec![
        Column::text("Address"),
        Column::tight("Method"),
        Column::text("What it does"),
        Column::text("Scope, any of"),
    ];
    let rows = endpoints.iter().map(|endpoint| {
        Row::new(vec![
            Cell::view(view! { <code>{endpoint.path}</code> }),
            Cell::text(endpoint.method.clone()),
            Cell::text(endpoint.summary.clone()),
            Cell::text(scopes(endpoint.needs)),
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

fn scopes(needs: Needs) -> String {
    match needs {
        Needs::Nothing => String::from("no key needed"),
        Needs::Anybody => String::from("any"),
        Needs::Right(permission) => {
            let scopes = Scope::ALL.into_iter().filter(|scope| scope.grants(permission));
            scopes.map(Scope::as_str).collect::<Vec<_>>().join(", ")
        }
    }
}
