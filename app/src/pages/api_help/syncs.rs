//! What the answers about syncs mean.

use domain::feature::FeatureInfo;
use domain::sync::{Advice, FEATURES};
use leptos::prelude::*;

use crate::components::Panel;

/// The five figures and the advice.
pub(super) fn panel() -> impl IntoView {
    let figures = FEATURES.into_iter().map(|feature| {
        view! { <div><dt><code>{feature.name}</code></dt><dd>{formula(&feature)}</dd></div> }
    });
    let advice = Advice::ALL.into_iter().map(|advice| {
        view! { <div><dt><code>{advice.as_str()}</code></dt><dd>{meaning(advice)}</dd></div> }
    });
    view! {
        <Panel title="Words of syncs">
            <dl class="definition-list">{figures.collect_view()}{advice.collect_view()}</dl>
        </Panel>
    }
    .into_any()
}

fn formula(feature: &FeatureInfo) -> String {
    let missing = feature.missing.map(|when| format!("; missing if {when}")).unwrap_or_default();
    let unit = if feature.unit.is_empty() { String::new() } else { format!(" ({})", feature.unit) };
    format!("{}{missing}{unit}", feature.formula)
}

fn meaning(advice: Advice) -> &'static str {
    match advice {
        Advice::SyncNow => "The score is below the threshold: no conflict is expected.",
        Advice::FetchFirst => "A conflict is expected, but others edited other fields: a fetch is enough.",
        Advice::AskToMerge => "A conflict is expected, and others edited the same fields: the person decides.",
    }
}
