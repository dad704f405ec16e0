//! One encoding for columns and for single rows.

use domain::row::Cell;
use domain::specification::{Column, ColumnKind};
use domain::time::{DAY, HOUR, Timestamp};

use super::*;
use crate::features::FeatureKind;

fn columns() -> Vec<Column> {
    let kinds = [
        ("n", ColumnKind::Numeric),
        ("b", ColumnKind::Boolean),
        ("c", ColumnKind::Categorical),
        ("t", ColumnKind::Text),
        ("d", ColumnKind::DateTime),
    ];
    kinds.map(|(name, kind)| Column { name: name.into(), kind, optional: true, missing: Vec::new() }).into()
}

fn text(word: &str) -> Cell {
    Cell::Text(word.into())
}

fn rows() -> Vec<Vec<Cell>> {
    let row = |i: usize| {
        let often = if i.is_multiple_of(2) { "often" } else { "seldom" };
        let free = if i < 12 { "same".to_owned() } else { format!("only {i}") };
        vec![
            Cell::Number(i as f64),
            Cell::Boolean(i.is_multiple_of(3)),
            text(if i == 0 { "once" } else { often }),
            text(&free),
            Cell::Time(Timestamp(i as i64 * HOUR)),
        ]
    };
    let mut rows: Vec<_> = (0..20).map(row).collect();
    rows.push(vec![Cell::Missing; 5]);
    rows
}

fn encoder() -> Encoder {
    Encoder::fit(&columns(), &Inputs::from_rows(&columns(), &rows()))
}

fn one(row: &[Cell]) -> Vec<f32> {
    let encoder = encoder();
    let mut out = vec![0.0; encoder.features()];
    encoder.encode_row(row, &mut out);
    out
}

#[test]
fn columns_and_rows_are_encoded_alike() {
    let inputs = Inputs::from_rows(&columns(), &rows());
    let (by_column, by_row) = (encoder().encode(&inputs), encoder().encode_rows(&rows()));
    for (a, b) in by_column.columns.iter().zip(&by_row.columns) {
        assert_eq!((&a.name, a.kind), (&b.name, b.kind));
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&a.values), bits(&b.values), "{}", a.name);
    }
    assert_eq!((0..inputs.rows).map(|row| inputs.row(row)).collect::<Vec<_>>(), rows());
}

#[test]
fn frequent_words_come_first_and_unseen_ones_are_missing() {
    assert_eq!(encoder().words(2), ["seldom", "often", "once"]);
    let row = |word: &str| one(&[Cell::Missing, Cell::Missing, text(word)])[2];
    assert_eq!((row("seldom"), row("once")), (0.0, 2.0));
    assert!(row("never").is_nan());
}

#[test]
fn rare_texts_share_one_code() {
    assert_eq!(encoder().words(3), ["same"]);
    let row = |word: &str| one(&[Cell::Missing, Cell::Missing, Cell::Missing, text(word)])[3];
    assert_eq!((row("same"), row("only 15"), row("new")), (0.0, 1.0, 1.0));
    let kind = encoder().encode_rows(&rows()).columns[3].kind;
    assert_eq!(kind, FeatureKind::Categorical { categories: 2 });
}

#[test]
fn moments_are_their_cycles() {
    assert_eq!(encoder().features_of(4), 4..8);
    let at =
        |moment: i64| one(&[Cell::Missing, Cell::Missing, Cell::Missing, Cell::Missing, Cell::Time(Timestamp(moment))]);
    let noon = at(12 * HOUR);
    assert!(noon[4].abs() < 1e-6 && (noon[5] + 1.0).abs() < 1e-6);
    assert_eq!(at(0)[6..8], at(7 * DAY)[6..8]);
    assert_ne!(at(0)[6..8], at(DAY)[6..8]);
    // 1970-01-05 was a Monday
    assert!(at(4 * DAY)[6].abs() < 1e-6 && (at(4 * DAY)[7] - 1.0).abs() < 1e-6);
    let long: Vec<Vec<Cell>> = [0, 800 * DAY].map(|at| vec![Cell::Time(Timestamp(at))]).into();
    let columns = &columns()[4..];
    assert_eq!(Encoder::fit(columns, &Inputs::from_rows(columns, &long)).features(), 6);
}

#[test]
fn cells_of_another_kind_are_missing() {
    let odd = one(&[text("x"), Cell::Number(1.0), Cell::Boolean(true), Cell::Number(2.0), text("2026")]);
    assert!(odd.iter().all(|value| value.is_nan()));
    assert!(one(&[]).iter().all(|value| value.is_nan()));
    assert_eq!(one(&[Cell::Number(1e300)])[0], f32::MAX);
}

#[test]
fn an_encoder_survives_json() {
    let text = serde_json::to_string(&encoder()).unwrap();
    assert_eq!(serde_json::from_str::<Encoder>(&text).unwrap(), encoder());
    let twice = text.replace("\"seldom\"", "\"often\"");
    assert!(serde_json::from_str::<Encoder>(&twice).is_err());
}
