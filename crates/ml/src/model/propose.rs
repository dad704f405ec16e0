//! A first specification for a table, to be looked at by a person before anything is learnt.

use std::collections::BTreeMap;

use domain::FieldError;
use domain::heuristic::Heuristic;
use domain::schedule::Timetable;
use domain::specification::{
    Column, ColumnKind, DEFAULT_HOLDOUT, Draft, Estimator, MAX_CLASSES, Split, Task, ThresholdRule,
};

use super::division;
use super::useless::{clock, useless};
use crate::table::{self, InferredColumn, RawColumn, Table};

/// Numbers with more different values than this are a quantity, not classes.
const MOST_NUMBERED_CLASSES: usize = 20;
/// Words for yes; the class with such a name is the positive one.
const POSITIVE: [&str; 5] = ["1", "true", "yes", "y", "t"];

/// A draft and what should be known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// What to change and validate.
    pub draft: Draft,
    /// One sentence for each thing that was decided and may be wrong.
    pub notes: Vec<String>,
}

/// Proposes a specification for learning `target` from the other columns of `table`.
///
/// The task follows from the target: two different values are a binary task (`positive`, or the one that says yes, or the
/// rarer one, is the positive class), many different numbers a regression, anything else several classes. Columns that
/// hold one value, that look like identifiers or that merely follow the clock of a division by time are put under `drop`,
/// each with a note; everything else becomes an input of the kind that its cells suggest. Without a `split`, one is chosen
/// that suits the rows.
///
/// # Errors
/// Every argument that does not fit the table.
pub fn propose(
    table: &Table,
    target: &str,
    positive: Option<&str>,
    split: Option<&Split>,
    drop: &[String],
) -> Result<Proposal, Vec<FieldError>> {
    check(table, target, split, drop)?;
    let columns = table::infer(table);
    let (split, reason) = match split {
        Some(split) => (split.clone(), None),
        None => division::that_suits(table, &columns, target),
    };
    let Some(learnt) = columns.iter().find(|column| column.name == target) else { return Err(Vec::new()) };
    let counts = counts(table, target);
    let mut notes = Vec::from_iter(reason);
    let task = task(learnt, &counts, &mut notes)?;
    let classes = classes(task, &counts, positive, &mut notes)?;
    let mut draft = Draft {
        task,
        target: target.to_owned(),
        heuristic: Heuristic { rules: Vec::new(), default: base_rates(table, target, task, &classes, &counts) },
        classes,
        positive: None,
        columns: Vec::new(),
        drop: drop.to_vec(),
        split,
        weight: None,
        holdout: DEFAULT_HOLDOUT,
        audit_share: None,
        estimator: Estimator::default(),
        threshold: ThresholdRule::default(),
        gates: Vec::new(),
        cache_seconds: None,
        features: None,
        reading: None,
        retraining: None,
        schedule: Timetable::default(),
    };
    let clock = clock(table, &draft.split);
    for column in columns.iter().filter(|column| column.name != target && !drop.contains(&column.name)) {
        sort(table, column, clock.as_ref(), &mut draft, &mut notes);
    }
    if draft.columns.is_empty() {
        return Err(vec![FieldError::new("columns", "no column is left to learn from")]);
    }
    Ok(Proposal { draft, notes })
}

fn check(table: &Table, target: &str, split: Option<&Split>, drop: &[String]) -> Result<(), Vec<FieldError>> {
    let mut wrong = Vec::new();
    let mut known = |field: &str, name: &str| {
        if table.column(name).is_none() {
            wrong.push(FieldError::new(field, format!("the data has no column `{name}`")));
        }
    };
    known("target", target);
    if let Some(Split::Time { column } | Split::Group { column }) = split {
        known("split.column", column);
    }
    drop.iter().for_each(|name| known("drop", name));
    if let Some(Split::Time { column } | Split::Group { column }) = split
        && column == target
    {
        wrong.push(FieldError::new("split.column", "the target cannot divide the rows"));
    }
    if table.rows == 0 {
        wrong.push(FieldError::new("table", "the data has no rows"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Rows of each different text of a column, without the missing ones.
fn counts<'a>(table: &'a Table, name: &str) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    let cells = table.column(name).into_iter().flat_map(RawColumn::cells);
    cells.flatten().for_each(|text| *counts.entry(text).or_default() += 1);
    counts
}

fn task(
    learnt: &InferredColumn,
    counts: &BTreeMap<&str, usize>,
    notes: &mut Vec<String>,
) -> Result<Task, Vec<FieldError>> {
    let refuse = |reason: String| Err(vec![FieldError::new("target", reason)]);
    if learnt.missing > 0 {
        let (name, missing) = (&learnt.name, learnt.missing);
        notes.push(format!("{missing} rows have no value in `{name}`; take them out or fill them in before training"));
    }
    match counts.len() {
        0 | 1 => refuse(format!("`{}` holds {} different values; at least two are needed", learnt.name, counts.len())),
        2 => Ok(Task::Binary),
        n if learnt.kind == table::ColumnKind::Numeric && n > MOST_NUMBERED_CLASSES => Ok(Task::Regression),
        n if learnt.kind == table::ColumnKind::Numeric && counts.keys().any(|text| text.contains(['.', 'e', 'E'])) => {
            notes.push(format!("`{}` holds {n} different numbers and is learnt as a number", learnt.name));
            Ok(Task::Regression)
        }
        n if n > MAX_CLASSES => {
            refuse(format!("`{}` holds {n} different words; at most {MAX_CLASSES} classes are possible", learnt.name))
        }
        _ => Ok(Task::Multiclass),
    }
}

/// The classes, frequent first; the positive one of two last.
fn classes(
    task: Task,
    counts: &BTreeMap<&str, usize>,
    positive: Option<&str>,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, Vec<FieldError>> {
    if task == Task::Regression {
        return refuse_positive(positive).map(|()| Vec::new());
    }
    let mut names: Vec<&str> = counts.keys().copied().collect();
    names.sort_by_key(|name| std::cmp::Reverse(counts[name]));
    if task == Task::Multiclass {
        names.sort_unstable();
        return refuse_positive(positive).map(|()| names.into_iter().map(str::to_owned).collect());
    }
    let chosen = match positive {
        Some(positive) => match names.iter().position(|name| *name == positive) {
            Some(at) => at,
            None => {
                let reason = format!("`{positive}` is none of the values `{}` and `{}`", names[0], names[1]);
                return Err(vec![FieldError::new("positive", reason)]);
            }
        },
        None => {
            let says_yes = |name: &&str| POSITIVE.iter().any(|yes| yes.eq_ignore_ascii_case(name));
            let at = names.iter().position(says_yes).unwrap_or(1);
            notes.push(format!("`{}` is taken as the positive class", names[at]));
            at
        }
    };
    let positive = names.remove(chosen);
    names.push(positive);
    Ok(names.into_iter().map(str::to_owned).collect())
}

fn refuse_positive(positive: Option<&str>) -> Result<(), Vec<FieldError>> {
    match positive {
        Some(_) => {
            Err(vec![FieldError::new("positive", "only a target with two different values has a positive class")])
        }
        None => Ok(()),
    }
}

/// What is answered without looking at the row.
fn base_rates(table: &Table, target: &str, task: Task, classes: &[String], counts: &BTreeMap<&str, usize>) -> Vec<f64> {
    let total: usize = counts.values().sum();
    let share = |class: &String| counts.get(class.as_str()).copied().unwrap_or(0) as f64 / total.max(1) as f64;
    match task {
        Task::Binary => classes.iter().skip(1).map(share).collect(),
        Task::Multiclass => classes.iter().map(share).collect(),
        Task::Regression => {
            let cells = table.column(target).into_iter().flat_map(RawColumn::cells);
            let numbers: Vec<f64> = cells.flatten().filter_map(table::parse_number).collect();
            vec![numbers.iter().sum::<f64>() / numbers.len().max(1) as f64]
        }
        Task::TextRecognition => Vec::new(),
    }
}

/// Puts a column among the inputs or under drop.
fn sort(
    table: &Table,
    column: &InferredColumn,
    clock: Option<&(String, Vec<f64>)>,
    draft: &mut Draft,
    notes: &mut Vec<String>,
) {
    if let Some(reason) = useless(table, column, clock) {
        notes.push(format!("`{}` is dropped: {reason}", column.name));
        draft.drop.push(column.name.clone());
        return;
    }
    if let Split::Group { column: group } = &draft.split
        && *group == column.name
    {
        notes.push(format!("`{group}` is dropped: it names the groups that divide the rows"));
        draft.drop.push(column.name.clone());
        return;
    }
    let kind = kind(column.kind);
    if kind == ColumnKind::Text {
        notes.push(format!("`{}` holds mostly different texts; only frequent ones are told apart", column.name));
    } else if let Some(note) = &column.note {
        notes.push(format!("`{}`: {note}", column.name));
    }
    let optional = column.missing > 0 || matches!(kind, ColumnKind::Categorical | ColumnKind::Text);
    draft.columns.push(Column { name: column.name.clone(), kind, optional, missing: Vec::new() });
}

fn kind(kind: table::ColumnKind) -> ColumnKind {
    match kind {
        table::ColumnKind::Numeric => ColumnKind::Numeric,
        table::ColumnKind::Categorical => ColumnKind::Categorical,
        table::ColumnKind::Boolean => ColumnKind::Boolean,
        table::ColumnKind::DateTime => ColumnKind::DateTime,
        table::ColumnKind::Text => ColumnKind::Text,
    }
}
