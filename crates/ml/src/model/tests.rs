//! Answers, explanations, files, proposals.

use domain::row::Cell;
use domain::specification::{EstimatorKind, Split, Task};

use super::*;
use crate::encode::read_inputs;
use crate::training::tests::{binary, claims, learn, specification, table};

fn rows() -> Vec<Vec<Cell>> {
    let data = table(&claims(60, 99, binary));
    let specification = specification("binary", Split::Random, EstimatorKind::Boosted);
    let inputs = read_inputs(&specification, &data).unwrap();
    let mut rows: Vec<Vec<Cell>> = (0..inputs.rows).map(|row| inputs.row(row)).collect();
    rows.push(vec![Cell::Missing, Cell::Text("atlantis".into()), Cell::Missing, Cell::Missing]);
    rows.push(vec![
        Cell::Number(1e300),
        Cell::Text(String::new()),
        Cell::Boolean(true),
        Cell::Time(domain::Timestamp(i64::MAX)),
    ]);
    rows.push(Vec::new());
    rows
}

fn models() -> Vec<Model> {
    let data = table(&claims(400, 21, binary));
    let kinds = [EstimatorKind::Logistic, EstimatorKind::Boosted, EstimatorKind::Forest];
    kinds.map(|kind| learn(&specification("binary", Split::Random, kind), &data).model).into()
}

#[test]
fn a_batch_answers_as_single_rows_do() {
    for model in models() {
        let batch = model.outputs_of(&rows());
        for (row, outputs) in rows().iter().zip(batch) {
            let single = model.outputs(row);
            assert!((single[0] - outputs[0]).abs() < 1e-6, "{single:?} {outputs:?}");
            assert!((0.0..=1.0).contains(&single[0]));
        }
    }
}

#[test]
fn files_give_the_same_answers_and_the_same_files() {
    for model in models() {
        let files = model.to_files().unwrap();
        let back = Model::from_files(&files).unwrap();
        assert_eq!(back.to_files().unwrap(), files);
        for row in rows() {
            assert_eq!(back.outputs(&row), model.outputs(&row));
            assert_eq!(back.answer(&row).decision, model.answer(&row).decision);
        }
    }
}

#[test]
fn a_damaged_or_missing_file_is_refused() {
    let files = models().remove(1).to_files().unwrap();
    for name in files.keys() {
        let mut without = files.clone();
        without.remove(name);
        assert_eq!(Model::from_files(&without).unwrap_err(), LoadError::Missing(name.clone()));
        let mut cut = files.clone();
        cut.get_mut(name).unwrap().truncate(files[name].len() / 2);
        assert!(Model::from_files(&cut).is_err());
    }
    let text = String::from_utf8(files[MODEL_FILE].clone()).unwrap();
    for (from, to) in [
        ("\"weight\": 0.2", "\"weight\": -0.2"),
        ("\"task\": \"binary\"", "\"task\": \"regression\""),
        ("\"kind\": \"boosted\"", "\"kind\": \"linear\""),
        ("\"name\": \"amount\"", "\"name\": \"sum\""),
        ("verdict-model/1", "verdict-model/9"),
    ] {
        let mut forged = files.clone();
        forged.insert(MODEL_FILE.into(), text.replacen(from, to, 1).into_bytes());
        assert!(text.contains(from), "{from}");
        assert!(Model::from_files(&forged).is_err(), "{from}");
    }
}

#[test]
fn no_change_of_a_byte_makes_loading_or_answering_panic() {
    let files = models().remove(1).to_files().unwrap();
    for name in files.keys() {
        for at in (0..files[name].len()).step_by(files[name].len() / 150 + 1) {
            let mut hostile = files.clone();
            hostile.get_mut(name).unwrap()[at] ^= 0x15;
            if let Ok(model) = Model::from_files(&hostile) {
                rows().iter().take(3).for_each(|row| drop(model.outputs(row)));
            }
        }
    }
}

#[test]
fn contributions_add_up_to_the_uncalibrated_score() {
    for model in models() {
        for row in rows().iter().take(40) {
            let explanation = model.explain(row);
            let sum: f64 = explanation.contributions.iter().map(|share| f64::from(share.value)).sum();
            assert!((explanation.base + sum - explanation.score_in_unit).abs() < 1e-4);
            let mut encoded = vec![f32::NAN; model.encoder.features()];
            model.encoder.encode_row(row, &mut encoded);
            let mut margin = 0.0;
            for member in &model.members {
                let mut own = [0.0];
                member.margins(&encoded, &mut own);
                margin += f64::from(member.weight) * own[0];
            }
            assert!((explanation.score_in_unit - margin).abs() < 2e-3, "{explanation:?} {margin}");
            assert_eq!(explanation.contributions.len(), 4);
            assert!(explanation.contributions.windows(2).all(|two| two[0].value.abs() >= two[1].value.abs()));
        }
    }
}

fn named(proposal: &Proposal) -> Vec<&str> {
    proposal.draft.columns.iter().map(|column| column.name.as_str()).collect()
}

#[test]
fn a_proposal_finds_task_classes_kinds_and_useless_columns() {
    let mut text = String::from("id,same,day,step,size,colour,fraud\n");
    for row in 0..60 {
        let fraud = if row % 6 == 0 { "1" } else { "0" };
        let (day, size) = (1 + row / 2, [1.5, 2.5, 0.25][row % 3] + row as f64 / 100.0);
        text.push_str(&format!("{row},x,2026-01-{day:02},{row}.5,{size},{},{fraud}\n", ["red", "", "blue"][row % 3]));
    }
    let data = table(&text);
    let split = Split::Time { column: String::from("day") };
    let proposal = propose(&data, "fraud", None, Some(&split), &[]).unwrap();
    assert_eq!(proposal.draft.task, Task::Binary);
    assert_eq!(proposal.draft.classes, ["0", "1"]);
    assert_eq!(proposal.draft.drop, ["id", "same", "step"]);
    assert_eq!(named(&proposal), ["day", "size", "colour"]);
    assert!((proposal.draft.heuristic.default[0] - 1.0 / 6.0).abs() < 1e-9);
    assert!(proposal.draft.columns[2].optional && !proposal.draft.columns[1].optional);
    assert!(proposal.notes.iter().any(|note| note.contains("`step`") && note.contains("follows day")));
    proposal.draft.validate().unwrap();
    let other = propose(&data, "fraud", Some("0"), Some(&Split::Random), &[String::from("id")]).unwrap();
    assert_eq!(other.draft.classes, ["1", "0"]);
    assert_eq!(propose(&data, "size", None, Some(&Split::Random), &[]).unwrap().draft.task, Task::Regression);
    assert_eq!(propose(&data, "nothing", None, Some(&Split::Random), &[]).unwrap_err()[0].field, "target");
    assert_eq!(propose(&data, "same", None, Some(&Split::Random), &[]).unwrap_err()[0].field, "target");
    assert_eq!(propose(&data, "fraud", Some("2"), Some(&Split::Random), &[]).unwrap_err()[0].field, "positive");
}

#[test]
fn the_rarer_value_is_positive_unless_one_says_yes() {
    let data = table("a,y\n1,common\n2,common\n3,rare\n4,common\n");
    assert_eq!(propose(&data, "y", None, Some(&Split::Random), &[]).unwrap().draft.classes, ["common", "rare"]);
    let data = table("a,y\n1,true\n2,true\n3,false\n4,true\n");
    assert_eq!(propose(&data, "y", None, Some(&Split::Random), &[]).unwrap().draft.classes, ["false", "true"]);
}
