//! Forms about trainings.

use desk::training::Options;
use domain::RunId;
use domain::retraining::Trigger;
use domain::specification::EstimatorKind;
use leptos::prelude::*;

use crate::form::Form;
use crate::viewer;

/// Asks for a training on everything that is known now.
#[server(prefix = "/actions", endpoint = "start_run")]
pub async fn start_run(
    model: String,
    #[server(default)] estimator: String,
    #[server(default)] seed: String,
) -> Result<(), ServerFnError> {
    let form = Form::new("start_run", format!("/models/{model}")).typed("estimator", &estimator).typed("seed", &seed);
    let started = async {
        let options = Options { estimator: read_estimator(&estimator)?, seed: read_seed(&seed)?, ..Options::default() };
        viewer::desk().training().start(&viewer::actor()?, &model, options).await
    };
    form.answer(started.await, |run| (format!("/runs/{}", run.id), format!("Run {} was requested.", run.id))).await;
    Ok(())
}

/// Has a model learn again by its own rules.
#[server(prefix = "/actions", endpoint = "retrain_model")]
pub async fn retrain_model(model: String, #[server(default)] days: String) -> Result<(), ServerFnError> {
    let form = Form::new("retrain_model", format!("/models/{model}")).typed("days", &days);
    let started = async {
        let days = read_days(&days)?;
        viewer::desk().retraining().retrain(&viewer::actor()?, &model, days, Trigger::Hand).await
    };
    form.answer(started.await, |run| (format!("/runs/{}", run.id), format!("Run {} was requested.", run.id))).await;
    Ok(())
}

/// Looks now whether a model should learn again.
#[server(prefix = "/actions", endpoint = "check_triggers")]
pub async fn check_triggers(model: String) -> Result<(), ServerFnError> {
    let page = format!("/models/{model}");
    let done = async { viewer::desk().retraining().check(&viewer::actor()?, &model).await };
    let form = Form::new("check_triggers", page.clone());
    form.answer(done.await, |record| {
        let said = match record.run {
            Some(run) => format!("A trigger fires: run {run} was requested."),
            None => String::from("Looked at every trigger; no training begins."),
        };
        (page, said)
    })
    .await;
    Ok(())
}

/// Asks a run to stop.
#[server(prefix = "/actions", endpoint = "cancel_run")]
pub async fn cancel_run(run: i64) -> Result<(), ServerFnError> {
    let page = format!("/runs/{run}");
    let done = async { viewer::desk().training().cancel(&viewer::actor()?, RunId(run)).await };
    let form = Form::new("cancel_run", page.clone());
    form.answer(done.await, |()| (page, String::from("The run was asked to stop."))).await;
    Ok(())
}

fn read_estimator(word: &str) -> desk::Result<Option<EstimatorKind>> {
    if word.is_empty() {
        return Ok(None);
    }
    let found = EstimatorKind::parse(word);
    found.map(Some).ok_or_else(|| desk::Error::field("estimator", "this is none of the estimators"))
}

fn read_days(text: &str) -> desk::Result<Option<u32>> {
    match text.trim() {
        "" => Ok(None),
        days => days.parse().map(Some).map_err(|_| desk::Error::field("days", "a whole number is needed")),
    }
}

fn read_seed(text: &str) -> desk::Result<Option<i64>> {
    match text.trim() {
        "" => Ok(None),
        seed => seed.parse().map(Some).map_err(|_| desk::Error::field("seed", "a whole number is needed")),
    }
}
