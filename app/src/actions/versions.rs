//! Forms that move traffic.

use leptos::prelude::*;

use crate::form::Form;
use crate::viewer;

/// Makes a version the champion.
#[server(prefix = "/actions", endpoint = "promote")]
pub async fn promote(
    model: String,
    version: i64,
    reason: String,
    #[server(default)] despite_gates: bool,
    #[server(default)] back: String,
) -> Result<(), ServerFnError> {
    let page = format!("/models/{model}/versions/{version}");
    let back = if back == "model" { format!("/models/{model}") } else { page };
    let done = async {
        let desk = viewer::desk();
        desk.versions().promote(&viewer::actor()?, &model, version, &reason, despite_gates).await
    };
    let form = Form::new("promote", back.clone()).typed("reason", &reason);
    form.answer(done.await, |deployment| {
        let before = deployment.previous.map_or_else(|| String::from("the heuristic"), |n| format!("version {n}"));
        (back, format!("Version {version} serves now; {before} served before."))
    })
    .await;
    Ok(())
}

/// Puts the version of before back.
#[server(prefix = "/actions", endpoint = "roll_back")]
pub async fn roll_back(model: String, reason: String) -> Result<(), ServerFnError> {
    let page = format!("/models/{model}");
    let done = async { viewer::desk().versions().roll_back(&viewer::actor()?, &model, &reason).await };
    let form = Form::new("roll_back", page.clone()).typed("reason", &reason);
    form.answer(done.await, |deployment| {
        let now = deployment.version.map_or_else(|| String::from("the heuristic"), |n| format!("version {n}"));
        (page, format!("Rolled back: {now} serves."))
    })
    .await;
    Ok(())
}

/// Lets the heuristic answer.
#[server(prefix = "/actions", endpoint = "use_heuristic")]
pub async fn use_heuristic(model: String, reason: String) -> Result<(), ServerFnError> {
    let page = format!("/models/{model}");
    let done = async { viewer::desk().versions().use_heuristic(&viewer::actor()?, &model, &reason).await };
    let form = Form::new("use_heuristic", page.clone()).typed("reason", &reason);
    form.answer(done.await, |_| (page, String::from("The heuristic answers now."))).await;
    Ok(())
}
