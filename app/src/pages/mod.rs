//! The one list of pages.

mod account;
mod api_help;
mod attendance;
mod audit;
mod calendar;
mod case;
mod cases;
mod compare;
mod conflicts;
mod dataset;
mod datasets;
mod employees;
mod evidence;
mod feature_sets;
mod figures;
mod fraud;
mod keys;
mod label;
mod labeling_figures;
mod learning;
mod login;
mod model;
mod models;
mod not_found;
mod people;
mod prediction;
mod prediction_reading;
mod predictions;
mod promotion;
mod quality;
mod reading_version;
mod run;
mod runs;
mod schedules;
mod service;
mod setup;
mod sites;
mod snoozes;
mod specification;
mod today;
mod try_row;
mod version;
mod wizard;

pub use api_help::{Endpoint, Endpoints, Needs};
pub(crate) use case::words::name as person_name;

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

/// All pages. Every route renders asynchronously: the default streams fallbacks that stay without a script.
#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <Router>
            <FlatRoutes fallback=not_found::NotFound>
                <Route path=path!("/") view=today::Today ssr=SsrMode::Async/>
                <Route path=path!("/login") view=login::Login ssr=SsrMode::Async/>
                <Route path=path!("/setup") view=setup::Setup ssr=SsrMode::Async/>
                <Route path=path!("/models") view=models::Models ssr=SsrMode::Async/>
                <Route path=path!("/models/new") view=wizard::Wizard ssr=SsrMode::Async/>
                <Route path=path!("/models/:m") view=model::Model ssr=SsrMode::Async/>
                <Route path=path!("/models/:m/specification") view=specification::Specification ssr=SsrMode::Async/>
                <Route path=path!("/models/:m/try") view=try_row::TryRow ssr=SsrMode::Async/>
                <Route path=path!("/models/:m/quality") view=quality::Quality ssr=SsrMode::Async/>
                <Route path=path!("/models/:m/compare") view=compare::Compare ssr=SsrMode::Async/>
                <Route path=path!("/models/:m/versions/:n") view=version::Version ssr=SsrMode::Async/>
                <Route path=path!("/runs") view=runs::Runs ssr=SsrMode::Async/>
                <Route path=path!("/runs/:id") view=run::Run ssr=SsrMode::Async/>
                <Route path=path!("/schedules") view=schedules::Schedules ssr=SsrMode::Async/>
                <Route path=path!("/schedules/:id") view=schedules::Schedule ssr=SsrMode::Async/>
                <Route path=path!("/datasets") view=datasets::Datasets ssr=SsrMode::Async/>
                <Route path=path!("/datasets/:id") view=dataset::Dataset ssr=SsrMode::Async/>
                <Route path=path!("/features") view=feature_sets::FeatureSets ssr=SsrMode::Async/>
                <Route path=path!("/predictions") view=predictions::Predictions ssr=SsrMode::Async/>
                <Route path=path!("/predictions/:id") view=prediction::Prediction ssr=SsrMode::Async/>
                <Route path=path!("/cases") view=cases::Cases ssr=SsrMode::Async/>
                <Route path=path!("/cases/:id") view=case::Case ssr=SsrMode::Async/>
                <Route path=path!("/label") view=label::Label ssr=SsrMode::Async/>
                <Route path=path!("/label/:queue") view=label::LabelTask ssr=SsrMode::Async/>
                <Route path=path!("/label/:queue/figures") view=labeling_figures::QueueFigures ssr=SsrMode::Async/>
                <Route path=path!("/fraud") view=fraud::Fraud ssr=SsrMode::Async/>
                <Route path=path!("/conflicts") view=conflicts::Conflicts ssr=SsrMode::Async/>
                <Route path=path!("/conflicts/predictions") view=conflicts::ConflictPredictions ssr=SsrMode::Async/>
                <Route path=path!("/attendance") view=attendance::Attendance ssr=SsrMode::Async/>
                <Route path=path!("/attendance/features") view=attendance::Features ssr=SsrMode::Async/>
                <Route path=path!("/audit") view=audit::Audit ssr=SsrMode::Async/>
                <Route path=path!("/settings/people") view=people::People ssr=SsrMode::Async/>
                <Route path=path!("/settings/keys") view=keys::Keys ssr=SsrMode::Async/>
                <Route path=path!("/settings/sites") view=sites::Sites ssr=SsrMode::Async/>
                <Route path=path!("/settings/sites/:id") view=sites::SitePage ssr=SsrMode::Async/>
                <Route path=path!("/settings/employees") view=employees::Employees ssr=SsrMode::Async/>
                <Route path=path!("/settings/calendar") view=calendar::Calendar ssr=SsrMode::Async/>
                <Route path=path!("/settings/service") view=service::Service ssr=SsrMode::Async/>
                <Route path=path!("/settings/account") view=account::Account ssr=SsrMode::Async/>
                <Route path=path!("/api/help") view=api_help::ApiHelp ssr=SsrMode::Async/>
            </FlatRoutes>
        </Router>
    }
    .into_any()
}
