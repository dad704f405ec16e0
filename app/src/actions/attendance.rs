//! The form that brings attendance events.

use desk::events::Imported;
use leptos::prelude::*;
use leptos::server_fn::codec::{MultipartData, MultipartFormData};

use super::upload;
use crate::form::Form;
use crate::number;
use crate::viewer;

const PAGE: &str = "/attendance";
/// Contradicted keys that are named; there may be very many.
const NAMED: usize = 10;

/// Records the events of an uploaded CSV.
#[server(prefix = "/actions", endpoint = "import_events", input = MultipartFormData)]
pub async fn import_events(data: MultipartData) -> Result<(), ServerFnError> {
    let imported = async {
        let actor = viewer::actor()?;
        // Asked before the file is read, so that nobody without the right makes the desk swallow it.
        actor.check(domain::Permission::RecordEvents)?;
        let limit = viewer::desk().limits().dataset_bytes;
        let refused = format!("at most {} MiB fit into one import; send the rest as a second file", limit >> 20);
        let upload = upload::read(data, limit, &refused).await?;
        viewer::desk().events().import(&actor, upload.bytes).await
    };
    let form = Form::new("import_events", "/attendance#panel-bring-events-from-a-file");
    form.answer(imported.await, |imported| (PAGE.into(), told(&imported))).await;
    Ok(())
}

fn told(imported: &Imported) -> String {
    let mut told = format!("{} recorded.", number::counted(imported.recorded as i64, "event was", "events were"));
    if imported.repeated > 0 {
        let repeated = number::counted(imported.repeated as i64, "was", "were");
        told.push_str(&format!(" {repeated} recorded before already."));
    }
    if let Some(more) = imported.contradicted.len().checked_sub(1) {
        let known: Vec<&str> = imported.contradicted.iter().take(NAMED).map(String::as_str).collect();
        let rest = if more >= NAMED { " and others" } else { "" };
        let keys = number::counted(more as i64 + 1, "key", "keys");
        told.push_str(&format!(
            " {keys} stood for other events before ({}{rest}); nothing was recorded of those lines.",
            known.join(", ")
        ));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_a_file_is_told() {
        let imported = Imported { recorded: 1_200, repeated: 1, contradicted: vec!["a7".into(), "b9".into()] };
        let told = told(&imported).replace(number::NO_BREAK, " ");
        assert_eq!(
            told,
            "1,200 events were recorded. 1 was recorded before already. 2 keys stood for other events \
             before (a7, b9); nothing was recorded of those lines."
        );
    }
}
