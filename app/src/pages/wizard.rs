//! From a data set to a model in three steps: bring or choose the data, choose what is to be learnt, look at what the
//! desk proposes. Each step has an address of its own, so the way back is the browser's.

mod columns;
mod data;
mod proposal;
mod target;

pub(super) use columns::words as kind_words;
pub(super) use proposal::estimator_words;

use desk::Error;
use domain::{DatasetId, FieldError, Permission};
use leptos::prelude::*;

use crate::page::{Visit, page, query};
use crate::shell::{Crumb, Frame, Section};

/// The step that the address asks for.
#[component]
pub(super) fn Wizard() -> impl IntoView {
    let dataset = query("dataset");
    let asked = Asked {
        target: query("target").unwrap_or_default(),
        positive: query("positive").unwrap_or_default(),
        split: query("split").unwrap_or_default(),
    };
    page(move |visit| async move {
        visit.actor.check(Permission::WriteModels)?;
        let Some(id) = dataset else { return data::step(visit).await };
        let id = id.parse().map(DatasetId).map_err(|_| Error::not_found("such data set"))?;
        let dataset = visit.desk.datasets().get(&visit.actor, id).await?;
        if asked.target.is_empty() {
            return Ok(target::step(visit, dataset, &asked, Vec::new()));
        }
        let mut asked = asked.or_typed(&visit);
        match visit.desk.models().propose(&visit.actor, dataset.id, asked.wish()).await {
            Ok(proposed) => {
                asked.split = crate::actions::models::split_word(&proposed.draft.split);
                Ok(proposal::step(visit, dataset, &asked, proposed))
            }
            // What was chosen cannot be learnt: choose again, with the reason beside the choice.
            Err(Error::Invalid(errors)) => Ok(target::step(visit, dataset, &asked, errors)),
            Err(error) => Err(error),
        }
    })
}

/// What the address says beside the data set.
struct Asked {
    target: String,
    positive: String,
    split: String,
}

impl Asked {
    /// Where the address says nothing: what was typed before the form failed.
    fn or_typed(mut self, visit: &Visit) -> Self {
        let typed = |field: &str| visit.said.value(proposal::FORM, field);
        if self.positive.is_empty() {
            self.positive = typed("positive");
        }
        if self.split.is_empty() {
            self.split = typed("split");
        }
        self
    }

    fn wish(&self) -> desk::models::Wish {
        crate::actions::models::wish(&crate::actions::models::Choices {
            target: self.target.clone(),
            positive: self.positive.clone(),
            split: self.split.clone(),
            ..Default::default()
        })
    }
}

/// The frame that every step stands in.
fn frame(visit: &Visit, step: &str, content: AnyView) -> AnyView {
    let (viewer, flash) = (visit.viewer.clone(), visit.notice());
    let crumbs = vec![Crumb::link("Models", "/models"), Crumb::here("New model")];
    view! { <Frame viewer title=format!("New model: {step}") at=Section::Models crumbs flash>{content}</Frame> }
        .into_any()
}

/// What is wrong with `field`.
fn reason(errors: &[FieldError], field: &str) -> Option<String> {
    errors.iter().find(|error| error.field == field).map(|error| error.reason.clone())
}
