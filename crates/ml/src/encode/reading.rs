//! A table's texts to inputs and target, with every cell that cannot be read named by line and column.

use std::collections::HashMap;

use domain::row::{Cell, is_missing_text, read_text};
use domain::specification::{Column, ColumnKind, Specification, Task};

use super::inputs::{Gathering, InputColumn, Inputs, MISSING_WORD};
use super::problems::{Problems, ReadError};
use crate::features::Target;
use crate::table::{RawColumn, Table};

/// Rows with their truth.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// One column for each of the specification's.
    pub inputs: Inputs,
    /// What was true: codes in the order of the specification's classes, or values.
    pub target: Target,
    /// What each row counts while it is learnt from; `None` when all count alike.
    pub weights: Option<Vec<f32>>,
}

/// Reads the inputs, the target and the weight of every row. A weight that is not there is 1.
///
/// # Errors
/// [`ReadError`]: columns that are not there, cells that are no cell of their column, a label that is missing or is none
/// of the classes, a weight that is no number above 0.
pub fn read_table(specification: &Specification, table: &Table) -> Result<Labelled, ReadError> {
    let names = specification.columns.iter().map(|column| &column.name);
    let missing: Vec<String> =
        names.chain([&specification.target]).filter(|name| table.column(name).is_none()).cloned().collect();
    if !missing.is_empty() {
        return Err(ReadError::MissingColumns(missing));
    }
    let mut problems = Problems::default();
    let inputs = inputs(&specification.columns, table, &mut problems);
    let target = target(specification, table, &mut problems);
    let weights = weights(specification, table, &mut problems);
    problems.none()?;
    Ok(Labelled { inputs, target, weights })
}

/// Reads the inputs of every row; the target need not be there.
///
/// # Errors
/// As [`read_table`].
pub fn read_inputs(specification: &Specification, table: &Table) -> Result<Inputs, ReadError> {
    read_columns(&specification.columns, table)
}

/// Reads the given input columns of every row.
pub(crate) fn read_columns(columns: &[Column], table: &Table) -> Result<Inputs, ReadError> {
    let names = columns.iter().map(|column| &column.name);
    let missing: Vec<String> = names.filter(|name| table.column(name).is_none()).cloned().collect();
    if !missing.is_empty() {
        return Err(ReadError::MissingColumns(missing));
    }
    let mut problems = Problems::default();
    let inputs = inputs(columns, table, &mut problems);
    problems.none()?;
    Ok(inputs)
}

/// Reads the target of every row.
pub(crate) fn read_target(specification: &Specification, table: &Table) -> Result<Target, ReadError> {
    if table.column(&specification.target).is_none() {
        return Err(ReadError::MissingColumns(vec![specification.target.clone()]));
    }
    let mut problems = Problems::default();
    let target = target(specification, table, &mut problems);
    problems.none()?;
    Ok(target)
}

/// The texts of a column, empty where one is missing.
pub(crate) fn texts(column: &RawColumn) -> impl Iterator<Item = &str> + '_ {
    column.cells().map(Option::unwrap_or_default)
}

fn inputs(columns: &[Column], table: &Table, problems: &mut Problems) -> Inputs {
    let read = |column: &Column| match table.column(&column.name) {
        Some(raw) if matches!(column.kind, ColumnKind::Categorical | ColumnKind::Text) => words(column, raw, problems),
        Some(raw) => scalars(column, raw, problems),
        None => Gathering::new(column.kind, 0).finish(),
    };
    Inputs { rows: table.rows, columns: columns.iter().map(read).collect() }
}

fn scalars(column: &Column, raw: &RawColumn, problems: &mut Problems) -> InputColumn {
    let mut gathered = Gathering::new(column.kind, raw.len());
    for (row, text) in texts(raw).enumerate() {
        let cell = read_text(column, text).unwrap_or_else(|reason| {
            problems.add(row, &column.name, reason);
            Cell::Missing
        });
        gathered.push(&cell);
    }
    gathered.finish()
}

/// Each distinct text is read once.
fn words(column: &Column, raw: &RawColumn, problems: &mut Problems) -> InputColumn {
    let mut seen: HashMap<&str, u32> = HashMap::new();
    let (mut codes, mut words) = (Vec::with_capacity(raw.len()), Vec::new());
    for (row, text) in texts(raw).enumerate() {
        let code = *seen.entry(text).or_insert_with(|| match read_text(column, text) {
            Ok(Cell::Text(word)) => {
                words.push(word);
                words.len() as u32 - 1
            }
            Ok(_) => MISSING_WORD,
            Err(reason) => {
                problems.add(row, &column.name, reason);
                MISSING_WORD
            }
        });
        codes.push(code);
    }
    InputColumn::Words { codes, words }
}

fn target(specification: &Specification, table: &Table, problems: &mut Problems) -> Target {
    let name = &specification.target;
    let cells = || table.column(name).into_iter().flat_map(texts).enumerate();
    if specification.task == Task::TextRecognition {
        // A text is neither a class nor a number; who learns to read takes it from the table itself.
        return Target::Values(cells().map(|_| 0.0).collect());
    }
    if specification.task == Task::Regression {
        let value = |(row, text): (usize, &str)| {
            read_value(text).unwrap_or_else(|reason| {
                problems.add(row, name, reason);
                0.0
            })
        };
        return Target::Values(cells().map(value).collect());
    }
    let mut known: HashMap<&str, Option<u32>> = HashMap::new();
    let label = |(row, text)| {
        let code = *known.entry(text).or_insert_with(|| class_of(&specification.classes, text));
        code.unwrap_or_else(|| {
            problems.add(row, name, no_class(&specification.classes, text));
            0
        })
    };
    Target::Classes { labels: cells().map(label).collect(), classes: specification.classes.len() as u32 }
}

fn read_value(text: &str) -> Result<f32, String> {
    if text.is_empty() {
        return Err(String::from("the value to learn is missing"));
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && (value as f32).is_finite() => Ok(value as f32),
        _ => Err(format!("`{}` is not a finite number", shown(text))),
    }
}

fn weights(specification: &Specification, table: &Table, problems: &mut Problems) -> Option<Vec<f32>> {
    let raw = table.column(specification.weight.as_deref()?)?;
    let weight = |(row, text)| {
        read_weight(text).unwrap_or_else(|reason| {
            problems.add(row, &raw.name, reason);
            1.0
        })
    };
    Some(texts(raw).enumerate().map(weight).collect())
}

fn read_weight(text: &str) -> Result<f32, String> {
    if is_missing_text(text) {
        return Ok(1.0);
    }
    // as a row counts in single precision, so must its weight be a number above 0 there
    let weight = text.parse().ok().filter(|weight: &f32| weight.is_finite() && *weight > 0.0);
    weight.ok_or_else(|| format!("`{}` is not a finite number above 0, which a weight is", shown(text)))
}

/// Position of the class that a label names: by its text, or by its value where both are numbers (`1.0` and `1`).
fn class_of(classes: &[String], text: &str) -> Option<u32> {
    let same = |class: &String| class.trim() == text;
    let value = text.parse::<f64>().ok();
    let equal = |class: &String| value.is_some() && class.trim().parse::<f64>().ok() == value;
    classes.iter().position(same).or_else(|| classes.iter().position(equal)).map(|at| at as u32)
}

fn no_class(classes: &[String], text: &str) -> String {
    if text.is_empty() {
        return String::from("the label is missing");
    }
    let names = classes.iter().take(10).map(|class| format!("`{class}`")).collect::<Vec<_>>().join(", ");
    let more = if classes.len() > 10 { ", …" } else { "" };
    format!("`{}` is none of the classes {names}{more}", shown(text))
}

/// The start of a text, short enough for a message.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
