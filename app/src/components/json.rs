//! JSON to read: indented, with its kinds of values told apart.

use leptos::prelude::*;
use serde_json::Value;

use crate::shell::escape;

/// A JSON value, pretty, in a block that can be copied.
#[component]
pub fn Json(
    /// The value.
    value: Value,
    /// What it is: `features as sent`.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let mut html = String::new();
    write(&value, 0, &mut html);
    let name = label.clone();
    view! {
        <div class="code-block code-block-scroll">
            <pre tabindex="0" role="region" aria-label=name><code data-copy-source="" inner_html=html></code></pre>
            <button class="button copy needs-script" type="button" data-copy="" aria-label=format!("Copy {label}")>
                "Copy"
            </button>
        </div>
    }
    .into_any()
}

fn write(value: &Value, depth: usize, html: &mut String) {
    match value {
        Value::Null | Value::Bool(_) => span("json-word", &value.to_string(), html),
        Value::Number(number) => span("json-number", &number.to_string(), html),
        Value::String(_) => span("json-string", &value.to_string(), html),
        Value::Array(items) => {
            list('[', ']', items, depth, html, |item, html| write(item, depth + 1, html));
        }
        Value::Object(fields) => {
            list('{', '}', fields, depth, html, |(key, item), html| {
                span("json-key", &Value::String(key.clone()).to_string(), html);
                html.push_str(": ");
                write(item, depth + 1, html);
            });
        }
    }
}

fn list<T>(
    open: char,
    close: char,
    items: impl IntoIterator<Item = T>,
    depth: usize,
    html: &mut String,
    each: impl Fn(T, &mut String),
) {
    html.push(open);
    let mut any = false;
    for item in items {
        html.push_str(if any { ",\n" } else { "\n" });
        html.push_str(&"  ".repeat(depth + 1));
        each(item, html);
        any = true;
    }
    if any {
        html.push('\n');
        html.push_str(&"  ".repeat(depth));
    }
    html.push(close);
}

fn span(class: &str, text: &str, html: &mut String) {
    html.push_str("<span class=\"");
    html.push_str(class);
    html.push_str("\">");
    html.push_str(&escape(text));
    html.push_str("</span>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_cannot_leave_its_block() {
        let mut html = String::new();
        write(&serde_json::json!({"<b>": ["</code>", 1, null]}), 0, &mut html);
        assert!(!html.contains("<b>") && !html.contains("</code>"));
        assert!(html.contains("<span class=\"json-key\">&quot;&lt;b&gt;&quot;</span>: ["));
    }
}
