//! The form that brings a CSV.

use leptos::prelude::*;
use leptos::server_fn::codec::{MultipartData, MultipartFormData};

use crate::form::Form;
use crate::viewer;

/// Takes an uploaded CSV in and goes on to the wizard's next step.
#[server(prefix = "/actions", endpoint = "import_dataset", input = MultipartFormData)]
pub async fn import_dataset(data: MultipartData) -> Result<(), ServerFnError> {
    let imported = async {
        let actor = viewer::actor()?;
        // Asked before the file is read, so that nobody without the right makes the desk swallow it.
        actor.check(domain::Permission::WriteModels)?;
        let (name, bytes) = read_file(data, viewer::desk().limits().dataset_bytes).await?;
        viewer::desk().datasets().import(&actor, &name, bytes).await
    };
    Form::new("import_dataset", "/models/new")
        .answer(imported.await, |dataset| {
            (format!("/models/new?dataset={}", dataset.id), format!("{} rows were read.", dataset.rows))
        })
        .await;
    Ok(())
}

async fn read_file(data: MultipartData, limit: usize) -> desk::Result<(String, Vec<u8>)> {
    let unreadable = |_| desk::Error::field("file", "the upload broke off; send it again");
    let mut parts = data.into_inner().ok_or_else(|| desk::Error::field("file", "choose a CSV file"))?;
    while let Some(mut part) = parts.next_field().await.map_err(unreadable)? {
        if part.name() != Some("file") {
            continue;
        }
        let name = part.file_name().unwrap_or("data.csv").to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(unreadable)? {
            if bytes.len() + chunk.len() > limit {
                return Err(desk::Error::TooLarge(format!("at most {} MiB fit into a data set", limit >> 20)));
            }
            bytes.extend_from_slice(&chunk);
        }
        if bytes.is_empty() {
            break;
        }
        return Ok((name, bytes));
    }
    Err(desk::Error::field("file", "choose a CSV file"))
}
