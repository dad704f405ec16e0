//! Events from a file, and what must stand in it.

use leptos::prelude::*;

use crate::components::{Button, Cell, CodeBlock, Column, FileField, Look, Panel, Row, Table};
use crate::form::Said;

/// Name of the form.
const FORM: &str = "import_events";

/// The columns: name, what stands in them, whether a line must have it.
const COLUMNS: [(&str, &str, bool); 10] = [
    ("client_id", "your own key for the event; the same key twice is the same event, and is recorded once", true),
    ("employee", "reference of the employee", true),
    ("kind", "check_in or check_out", true),
    ("at", "when it happened, with its offset: 2026-03-02T07:58:11+01:00", true),
    ("site", "reference of the site; without it, the employee's usual one", false),
    ("scheduled_at", "when the shift was to begin", false),
    ("latitude", "where the phone was, in degrees north", false),
    ("longitude", "in degrees east", false),
    ("face_confidence", "how sure the face recognition was, 0 to 1; no image is kept", false),
    ("fraud", "yes or no, if the truth is known already", false),
];

const EXAMPLE: &str = "client_id,employee,site,kind,at,latitude,longitude,face_confidence\n\
    clock-7-48213,E-0417,dock-4,check_in,2026-03-02T07:58:11+01:00,52.51630,13.37770,0.97\n\
    clock-7-48260,E-0417,dock-4,check_out,2026-03-02T16:31:40+01:00,52.51641,13.37755,0.94\n";

/// The form.
pub(super) fn panel(said: &Said, most_bytes: usize) -> impl IntoView + use<> {
    let wrong = wrong_lines(said);
    let error = said.error(FORM, "file").or_else(|| said.error(FORM, "csv"));
    let hint = format!(
        "UTF-8 with a header line, separated by commas; at most {} MiB and a million events.",
        most_bytes >> 20
    );
    view! {
        <Panel title="Bring events from a file" note=String::from("CSV")>
            {wrong}
            <form class="form" method="post" action="/actions/import_events" enctype="multipart/form-data">
                <FileField name="file" label="CSV file" accept=".csv,text/csv" max_bytes=most_bytes as u64 hint error required=true/>
                <div class="form-actions"><Button look=Look::Primary text="Record these events"/></div>
            </form>
            {explanation()}
        </Panel>
    }
    .into_any()
}

/// What is wrong with the file that was sent, line by line.
fn wrong_lines(said: &Said) -> Option<AnyView> {
    let is_line = |field: &str| field.starts_with("line ");
    let wrong: Vec<_> = said.errors.iter().filter(|error| said.form == FORM && is_line(&error.field)).collect();
    if wrong.is_empty() {
        return None;
    }
    let lines = wrong.into_iter().map(|error| {
        let place = error.field.replacen('.', ", ", 1);
        view! { <li>{format!("{place}: {}", error.reason)}</li> }
    });
    let lines = lines.collect_view();
    let summary = view! {
        <div class="error-summary" role="alert">
            <h3>"No event of this file was recorded"</h3>
            <ul>{lines}</ul>
        </div>
    };
    Some(summary.into_any())
}

fn explanation() -> impl IntoView {
    let rows = COLUMNS.into_iter().map(|(name, what, needed)| {
        let needed = if needed { "yes" } else { "no" };
        Row::new(vec![Cell::view(view! { <code>{name}</code> }), Cell::text(what), Cell::text(needed)])
    });
    let columns = vec![Column::text("Column"), Column::text("What stands in it"), Column::tight("Needed")];
    view! {
        <details class="fold">
            <summary>"The columns of the file"</summary>
            <div class="stack">
                <Table label="Columns of the file" columns rows=rows.collect()/>
                <CodeBlock code=EXAMPLE label="example"/>
                <p class="muted small">
                    "The order of columns and lines does not matter. The same file again changes nothing: what was recorded before is only counted."
                </p>
            </div>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use domain::FieldError;

    use super::*;

    #[test]
    fn mistakes_are_told_by_line_and_other_forms_are_not_meant() {
        let errors = vec![FieldError::new("line 3.at", "is needed"), FieldError::new("file", "is needed")];
        let said = Said { form: FORM.into(), errors, ..Said::default() };
        let html = wrong_lines(&said).unwrap().to_html();
        assert!(html.contains("line 3, at: is needed") && html.matches("<li").count() == 1, "{html}");
        assert!(wrong_lines(&Said { form: "other".into(), ..said }).is_none());
    }
}
