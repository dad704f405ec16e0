//! The wizard's forms: from a data set to a model.

use desk::models::Wish;
use desk::training::Options;
use domain::DatasetId;
use domain::specification::{ClassWeight, Column, ColumnKind, Draft, EstimatorKind, Split, ThresholdRule};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::address::address;
use crate::form::{Form, key};
use crate::viewer;

/// What the wizard asks after the target is known. Every field is text, as forms send it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Choices {
    /// Name of the model.
    pub name: String,
    /// Data set it learns from.
    pub dataset: i64,
    /// Target column.
    pub target: String,
    /// Positive class.
    #[serde(default)]
    pub positive: String,
    /// `random`, `order`, `time:COLUMN` or `group:COLUMN`.
    #[serde(default)]
    pub split: String,
    /// Column → `numeric`, `categorical`, `boolean`, `date_time`, `text` or `drop`.
    #[serde(default)]
    pub kinds: std::collections::HashMap<String, String>,
    /// Estimator.
    #[serde(default)]
    pub estimator: String,
    /// `none` or `balanced`.
    #[serde(default)]
    pub class_weight: String,
    /// `best_f1`, `target_recall`, `max_false_positive_rate` or `costs`.
    #[serde(default)]
    pub threshold: String,
    /// Number that goes with the threshold rule.
    #[serde(default)]
    pub threshold_value: String,
    /// Cost of a miss, for `costs`; the value above is that of a false alarm.
    #[serde(default)]
    pub miss_cost: String,
    /// Seconds of tuning.
    #[serde(default)]
    pub budget_seconds: String,
    /// Not empty: only the proposal is wanted again, for what is chosen now.
    #[serde(default)]
    pub look: String,
    /// `split` of the proposal that was shown.
    #[serde(default)]
    pub seen_split: String,
    /// `positive` of the proposal that was shown.
    #[serde(default)]
    pub seen_positive: String,
}

impl Choices {
    /// Whether the proposal that was shown is for another division or another class than what is chosen now.
    fn differ_from_what_was_seen(&self) -> bool {
        let seen = !self.seen_split.is_empty();
        seen && (self.seen_split != self.split || self.seen_positive != self.positive)
    }
}

/// Registers a model as the wizard's last page says, and starts its first training; but goes back there with a new
/// proposal if that is wanted, or if the one that was seen is for something else.
#[server(prefix = "/actions", endpoint = "create_model")]
pub async fn create_model(choices: Choices) -> Result<(), ServerFnError> {
    let back = address("/models/new", &[("dataset", &choices.dataset.to_string()), ("target", &choices.target)]);
    let form = keep_choices(Form::new("create_model", back), &choices);
    if !choices.look.is_empty() {
        form.again("").await;
        return Ok(());
    }
    if choices.differ_from_what_was_seen() {
        form.again("This is the proposal for what you have chosen now. Look at it, then register the model.").await;
        return Ok(());
    }
    let created = async {
        let (desk, actor) = (viewer::desk(), viewer::actor()?);
        let dataset = DatasetId(choices.dataset);
        let proposal = desk.models().propose(&actor, dataset, wish(&choices)).await?;
        let draft = apply(&choices, proposal.draft)?;
        let model = desk.models().create(&actor, choices.name.trim(), draft, Some(dataset)).await?;
        desk.training().start(&actor, &model.name, Options::default()).await
    };
    form.answer(created.await, |run| {
        (format!("/runs/{}", run.id), String::from("The model is registered, and its first training is on its way."))
    })
    .await;
    Ok(())
}

/// Puts the next specification of a model into force, in the place of the one that was seen.
#[server(prefix = "/actions", endpoint = "specify_model")]
pub async fn specify_model(
    model: String,
    toml: String,
    #[server(default)] replaces: Option<i64>,
) -> Result<(), ServerFnError> {
    let page = format!("/models/{model}/specification");
    let done = async {
        let draft = Draft::from_toml(&toml).map_err(|error| desk::Error::Invalid(vec![error]))?;
        viewer::desk().models().specify(&viewer::actor()?, &model, draft, replaces).await
    };
    let form = Form::new("specify_model", page.clone()).typed("toml", &toml);
    form.answer(done.await, |number| (page, format!("Specification {number} is in force for the next training.")))
        .await;
    Ok(())
}

/// A division in the words of the form.
#[must_use]
pub fn split_word(split: &Split) -> String {
    match split {
        Split::Time { column } => format!("time:{column}"),
        Split::Group { column } => format!("group:{column}"),
        Split::Order => String::from("order"),
        Split::Random => String::from("random"),
    }
}

/// What the desk is asked to propose for.
#[must_use]
pub fn wish(choices: &Choices) -> Wish {
    let (by, column) = choices.split.split_once(':').unwrap_or((&choices.split, ""));
    let column = column.to_owned();
    let split = match by {
        "time" => Some(Split::Time { column }),
        "group" => Some(Split::Group { column }),
        "order" => Some(Split::Order),
        "random" => Some(Split::Random),
        _ => None,
    };
    Wish {
        target: choices.target.clone(),
        positive: (!choices.positive.is_empty()).then(|| choices.positive.clone()),
        split,
        drop: Vec::new(),
    }
}

fn keep_choices(form: Form, choices: &Choices) -> Form {
    let form = form
        .typed("name", &choices.name)
        .typed("positive", &choices.positive)
        .typed("split", &choices.split)
        .typed("estimator", &choices.estimator)
        .typed("class_weight", &choices.class_weight)
        .typed("threshold", &choices.threshold)
        .typed("threshold_value", &choices.threshold_value)
        .typed("miss_cost", &choices.miss_cost)
        .typed("budget_seconds", &choices.budget_seconds);
    choices.kinds.iter().fold(form, |form, (key, kind)| form.typed(&format!("kinds.{key}"), kind))
}

fn apply(choices: &Choices, mut draft: Draft) -> desk::Result<Draft> {
    let chosen = |name: &str| choices.kinds.get(&key(name)).map(String::as_str);
    let dropped_now: Vec<String> =
        draft.columns.iter().filter(|column| chosen(&column.name) == Some("drop")).map(|c| c.name.clone()).collect();
    draft.columns.retain(|column| !dropped_now.contains(&column.name));
    for column in &mut draft.columns {
        if let Some(kind) = chosen(&column.name).and_then(ColumnKind::parse) {
            column.kind = kind;
        }
    }
    let back = |name: &String| {
        let kind = chosen(name).and_then(ColumnKind::parse)?;
        Some(Column { name: name.clone(), kind, optional: true, missing: Vec::new() })
    };
    let brought_back: Vec<Column> = draft.drop.iter().filter_map(back).collect();
    draft.drop.retain(|name| !brought_back.iter().any(|column| column.name == *name));
    draft.drop.extend(dropped_now);
    draft.columns.extend(brought_back);
    draft.estimator.kind = EstimatorKind::parse(&choices.estimator).unwrap_or_default();
    if choices.class_weight == "balanced" {
        draft.estimator.class_weight = ClassWeight::Balanced;
    }
    if !choices.budget_seconds.trim().is_empty() {
        let seconds = choices.budget_seconds.trim().parse();
        draft.estimator.budget_seconds =
            seconds.map_err(|_| desk::Error::field("budget_seconds", "a number of seconds is needed"))?;
    }
    draft.threshold = threshold(choices)?;
    Ok(draft)
}

fn threshold(choices: &Choices) -> desk::Result<ThresholdRule> {
    let number = |field: &str, text: &str| {
        text.trim().parse::<f64>().map_err(|_| desk::Error::field(field, "a number is needed"))
    };
    let value = || number("threshold_value", &choices.threshold_value);
    Ok(match choices.threshold.as_str() {
        "target_recall" => ThresholdRule::TargetRecall { recall: value()? },
        "max_false_positive_rate" => ThresholdRule::MaxFalsePositiveRate { rate: value()? },
        "costs" => {
            ThresholdRule::Costs { false_positive: value()?, false_negative: number("miss_cost", &choices.miss_cost)? }
        }
        _ => ThresholdRule::BestF1,
    })
}
