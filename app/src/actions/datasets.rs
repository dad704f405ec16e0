//! The form that brings a CSV.

use leptos::prelude::*;
use leptos::server_fn::codec::{MultipartData, MultipartFormData};

use super::upload;
use crate::form::Form;
use crate::viewer;

/// Takes an uploaded CSV in and goes on to the wizard's next step.
#[server(prefix = "/actions", endpoint = "import_dataset", input = MultipartFormData)]
pub async fn import_dataset(data: MultipartData) -> Result<(), ServerFnError> {
    let imported = async {
        let actor = viewer::actor()?;
        // Asked before the file is read, so that nobody without the right makes the desk swallow it.
        actor.check(domain::Permission::WriteModels)?;
        let limit = viewer::desk().limits().dataset_bytes;
        let refused = format!("at most {} MiB fit into a data set", limit >> 20);
        let upload = upload::read(data, limit, &refused).await?;
        let name = if upload.name.is_empty() { "data.csv" } else { &upload.name };
        viewer::desk().datasets().import(&actor, name, upload.bytes).await
    };
    Form::new("import_dataset", "/models/new")
        .answer(imported.await, |dataset| {
            (format!("/models/new?dataset={}", dataset.id), format!("{} rows were read.", dataset.rows))
        })
        .await;
    Ok(())
}
