//! The third step: what the desk would do, to be changed and agreed to.

use desk::models::Proposal;
use domain::Task;
use domain::dataset::Dataset;
use domain::specification::{Draft, EstimatorKind};
use leptos::prelude::*;

use super::{Asked, columns, frame};
use crate::address::address;
use crate::components::{
    Button, Choice, ErrorSummary, Errors, Lead, LinkButton, Look, PageHeader, Panel, SelectField, TextField,
};
use crate::form::{Said, capitalised};
use crate::number;
use crate::page::Visit;
use crate::pages::dataset::columns_of;

/// Name of the form.
pub(super) const FORM: &str = "create_model";

/// The page of the third step.
pub(super) fn step(visit: Visit, dataset: Dataset, asked: &Asked, proposal: Proposal) -> AnyView {
    let said = &visit.said;
    let known = columns_of(&dataset);
    let back = address("/models/new", &[("dataset", &dataset.id.to_string())]);
    let errors = Errors(if said.form == FORM { said.errors.clone() } else { Vec::new() });
    let table = columns::table(&known, &proposal, said, dataset.rows);
    let splits = columns::splits(&known, &asked.target, dataset.rows, &asked.split);
    let draft = &proposal.draft;
    let positive = draft.classes.get(1).filter(|_| draft.task == Task::Binary).cloned().unwrap_or_default();
    let lead = sentence(draft, &dataset);
    let count = count_words(draft);
    let content = view! {
        <PageHeader
            title="New model"
            aside=String::from("step 3 of 3: the proposal")
            actions=move || view! { <LinkButton text="Learn another column" href=back/> }
        />
        <Lead>{lead}</Lead>
        {remarks(&proposal)}
        <ErrorSummary errors control=|field: &str| format!("choices[{field}]")/>
        <form class="stack" method="post" action="/actions/create_model">
            <input type="hidden" name="choices[dataset]" value=dataset.id.to_string()/>
            <input type="hidden" name="choices[target]" value=asked.target.clone()/>
            <input type="hidden" name="choices[seen_split]" value=asked.split.clone()/>
            <input type="hidden" name="choices[seen_positive]" value=positive/>
            <div class="columns columns-3">
                {what(draft, said, &dataset, splits)}
                {how(said)}
                {(draft.task == Task::Binary).then(|| decision(said))}
            </div>
            <Panel title="Columns" note=count>{table}</Panel>
            <div class="form-actions">
                <Button look=Look::Primary text="Register the model and train it"/>
                <Button text="Look again" name=Some("choices[look]".into()) value=Some("1".into())/>
            </div>
            <p class="muted small">
                "Another positive class or another division of the rows makes another proposal: look again at it; what you \
                have chosen is kept."
            </p>
        </form>
    };
    frame(&visit, "the proposal", content.into_any())
}

fn sentence(draft: &Draft, dataset: &Dataset) -> impl IntoView + use<> {
    let target = draft.target.clone();
    let learns = match draft.task {
        Task::Binary => {
            let positive = draft.classes.get(1).cloned().unwrap_or_default();
            let share = draft.heuristic.default.first().map(|share| number::percent(*share)).unwrap_or_default();
            format!("Whether {target} is “{positive}” is to be learnt; {share} of the rows say so.")
        }
        Task::Multiclass => format!("Which of {} classes {target} is, is to be learnt.", draft.classes.len()),
        Task::Regression => {
            let mean = draft.heuristic.default.first().map(|mean| number::value(*mean)).unwrap_or_default();
            format!("The number {target} is to be learnt; its mean is {mean}.")
        }
        Task::TextRecognition => String::from("The text on the images is to be learnt."),
    };
    let rows = number::counted(dataset.rows, "row", "rows");
    let held_back = number::percent(draft.holdout);
    view! {
        <b>{learns}</b>
        {format!(" Of {rows}, {held_back} are held back until the end: all figures of a version are measured on them.")}
    }
    .into_any()
}

fn count_words(draft: &Draft) -> String {
    let inputs = number::counted(draft.columns.len() as i64, "input", "inputs");
    if draft.drop.is_empty() { inputs } else { format!("{inputs}, {} dropped", number::count(draft.drop.len() as i64)) }
}

/// What the desk decided that belongs to no single input.
fn remarks(proposal: &Proposal) -> impl IntoView + use<> {
    let is_input = |name: &str| {
        let draft = &proposal.draft;
        draft.columns.iter().any(|column| column.name == name) || draft.drop.iter().any(|dropped| dropped == name)
    };
    let general = proposal.notes.iter().filter(|note| !columns::subject(note).is_some_and(is_input));
    let items: Vec<_> = general.map(|note| view! { <li>{capitalised(&note.replace('`', ""))}</li> }).collect();
    (!items.is_empty()).then(|| view! { <ul class="notice notice-warn">{items}</ul> })
}

fn what(draft: &Draft, said: &Said, dataset: &Dataset, splits: Vec<Choice>) -> impl IntoView + use<> {
    let typed = said.value(FORM, "name");
    let name = if typed.is_empty() { name_from(&dataset.name) } else { typed };
    let positive = (draft.task == Task::Binary).then(|| {
        let chosen = draft.classes.get(1);
        let classes =
            draft.classes.iter().map(|class| Choice::new(class, class).chosen(Some(class) == chosen)).collect();
        view! {
            <SelectField
                name="choices[positive]"
                label="Positive class"
                choices=classes
                hint="What the model looks for: recall and precision speak of it."
                error=said.error(FORM, "positive")
            />
        }
    });
    let said = said.clone();
    view! {
        <Panel title="What">
            <TextField
                name="choices[name]"
                label="Name of the model"
                value=name
                error=said.error(FORM, "name")
                hint="In addresses and requests: a–z, 0–9, - and _."
                required=true
                max_length=60
                autocomplete="off"
            />
            {positive}
            <SelectField
                name="choices[split]"
                label="Held back and validated on"
                choices=splits
                hint="By time where the order matters; by group where rows of one thing resemble each other."
                error=said.error(FORM, "split.column")
            />
        </Panel>
    }
    .into_any()
}

fn how(said: &Said) -> impl IntoView + use<> {
    let said = said.clone();
    let typed = said.value(FORM, "estimator");
    let kinds =
        EstimatorKind::ALL.map(|kind| Choice::new(kind.as_str(), estimator_words(kind)).chosen(kind.as_str() == typed));
    let budget = said.value(FORM, "budget_seconds");
    let budget = if budget.is_empty() { String::from("120") } else { budget };
    view! {
        <Panel title="How">
            <SelectField name="choices[estimator]" label="Estimator" choices=kinds.to_vec()/>
            <TextField
                name="choices[budget_seconds]"
                label="Tuning, in seconds"
                kind="number"
                value=budget
                error=said.error(FORM, "budget_seconds").or_else(|| said.error(FORM, "estimator.budget_seconds"))
                hint="About this much work on two cores when the estimator is chosen automatically."
                min="1"
                max="3600"
                step="1"
                required=true
            />
        </Panel>
    }
    .into_any()
}

/// An estimator in a person's words.
pub(in crate::pages) fn estimator_words(kind: EstimatorKind) -> &'static str {
    match kind {
        EstimatorKind::Auto => "automatic: the best of all, or their blend",
        EstimatorKind::Logistic => "linear: logistic or ridge regression",
        EstimatorKind::Neural => "neural network",
        EstimatorKind::Boosted => "boosted trees",
        EstimatorKind::Forest => "random forest",
    }
}

/// Where a binary model says yes.
fn decision(said: &Said) -> impl IntoView + use<> {
    let said = said.clone();
    let chosen = |field: &str, word: &str| said.value(FORM, field) == word;
    let rules = [
        ("best_f1", "where F1 is highest"),
        ("target_recall", "to find at least this share of the positives"),
        ("max_false_positive_rate", "to alarm on at most this share of the negatives"),
        ("costs", "where these costs are lowest"),
    ];
    let rules = rules.map(|(word, label)| Choice::new(word, label).chosen(chosen("threshold", word)));
    let weights = [("none", "every row counts the same"), ("balanced", "both classes weigh the same")];
    let weights = weights.map(|(word, label)| Choice::new(word, label).chosen(chosen("class_weight", word)));
    let value_error = ["threshold_value", "threshold.recall", "threshold.rate", "threshold.false_positive"];
    let value_error = value_error.into_iter().find_map(|field| said.error(FORM, field));
    view! {
        <Panel title="When it says yes">
            <SelectField name="choices[threshold]" label="Threshold" choices=rules.to_vec()/>
            <div class="form-grid">
                <TextField
                    name="choices[threshold_value]"
                    label="Share, or cost of a false alarm"
                    kind="number"
                    value=said.value(FORM, "threshold_value")
                    error=value_error
                    hint="0.8 is 80 %. Not needed for F1."
                    min="0"
                    step="any"
                />
                <TextField
                    name="choices[miss_cost]"
                    label="Cost of a miss"
                    kind="number"
                    value=said.value(FORM, "miss_cost")
                    error=said.error(FORM, "miss_cost")
                    hint="For costs only."
                    min="0"
                    step="any"
                />
            </div>
            <SelectField name="choices[class_weight]" label="Weight of rows" choices=weights.to_vec()/>
        </Panel>
    }
    .into_any()
}

/// `Claims 2026.csv` → `claims-2026`.
fn name_from(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_lowercase();
    let words = stem.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit())).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_lends_its_name_to_the_model() {
        assert_eq!(name_from("Claims 2026.csv"), "claims-2026");
        assert_eq!(name_from("_x_"), "x");
        assert!(domain::model::is_model_name(&name_from("2024 Käse.v2.csv")));
    }
}
