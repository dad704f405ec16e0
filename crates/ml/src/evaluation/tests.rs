//! Reports and comparisons.

use domain::specification::{EstimatorKind, Split};

use super::*;
use crate::training::tests::{binary, claims, learn, specification, table};

#[test]
fn a_report_is_complete_and_survives_json() {
    let specification = specification("binary", Split::Random, EstimatorKind::Boosted);
    let data = table(&claims(800, 31, binary));
    let trained = learn(&specification, &data);
    let evaluation = &trained.evaluation;
    let report = &evaluation.report;
    assert_eq!(report.metrics.n, Some(report.n as f64));
    assert!(report.precision_recall.len() <= 100 && report.roc.len() <= 100 && !report.roc.is_empty());
    let counted: u64 = report.histogram.series.iter().flat_map(|series| &series.counts).sum();
    assert_eq!(counted, report.n);
    assert_eq!(report.score_bins.iter().map(|(_, count)| count).sum::<u64>(), report.n);
    assert_eq!(evaluation.references.len(), 4);
    assert_eq!(evaluation.leaderboard[0].folds, 5);
    let held = held_back(&[&specification], &data).unwrap();
    assert!(report.examples.iter().all(|example| held.contains(&example.row)));
    let cell =
        |actual, said| report.examples.iter().filter(|e| e.actual == actual && e.predicted == said).count() as u64;
    let confusion = report.confusion.as_ref().unwrap();
    assert_eq!(cell("yes", "yes"), confusion.at(1, 1).min(20));
    assert_eq!(cell("no", "yes"), confusion.at(0, 1).min(20));
    let first = &report.examples[0];
    assert_eq!(first.inputs.len(), 4);
    assert!(specification.read_row(&first.inputs, "").is_ok());
    let text = serde_json::to_string(evaluation).unwrap();
    let back: Evaluation = serde_json::from_str(&text).unwrap();
    assert_eq!(&back, evaluation);
    assert_eq!(back.leaderboard.len(), 1);
}

/// A weight of 4 beside four of 1: 8 in all, whose squares add up to 20, so 3.2 rows of equal weight.
#[test]
fn scores_are_counted_by_the_weights_of_their_rows() {
    let (scores, low, high) = ([0.9, 0.1, 0.9, 0.9, 0.9], domain::score::bin(0.1, true), domain::score::bin(0.9, true));
    assert_eq!(score_bins(&scores, None, true), [(low, 1), (high, 4)]);
    assert_eq!(score_bins(&scores, Some(&[1.0, 4.0, 1.0, 1.0, 1.0]), true), [(low, 2), (high, 1)]);
    let mut weighing = specification("binary", Split::Random, EstimatorKind::Logistic);
    weighing.weight = Some(String::from("count"));
    let column = |row: usize| ["count", "1", "1", "50"][if row == 0 { 0 } else { 1 + row % 3 }];
    let weighed: String =
        claims(400, 35, binary).lines().enumerate().map(|(row, line)| format!("{line},{}\n", column(row))).collect();
    let report = learn(&weighing, &table(&weighed)).evaluation.report;
    assert!(report.score_bins.iter().map(|(_, count)| count).sum::<u64>() < report.n / 2, "{:?}", report.score_bins);
}

#[test]
fn a_labelled_table_is_measured_whole() {
    let specification = specification("binary", Split::Random, EstimatorKind::Logistic);
    let trained = learn(&specification, &table(&claims(600, 32, binary)));
    let fresh = table(&claims(500, 33, binary));
    let report = evaluate(&trained.model, &specification, &fresh).unwrap();
    assert_eq!(report.n, 500);
    assert!(report.metrics.roc_auc.unwrap() > 0.75);
    let unlabelled = table("amount,region,repeat,filed_at\n1,north,true,2026-01-01\n");
    let refused = evaluate(&trained.model, &specification, &unlabelled).unwrap_err().to_string();
    assert_eq!(refused, "the data has no column `target`");
}

#[test]
fn two_models_are_compared_on_the_same_rows() {
    let logistic = specification("binary", Split::Random, EstimatorKind::Logistic);
    let data = table(&claims(1_000, 34, binary));
    let good = learn(&logistic, &data).model;
    let mut poor = logistic.clone();
    poor.columns.retain(|column| column.name == "repeat");
    let poor = learn(&poor, &data).model;
    let rows = held_back(&[&logistic], &data).unwrap();
    let comparison = compare(&poor, &good, &logistic, &data, &rows).unwrap();
    assert_eq!(comparison.n, rows.len() as u64);
    let roc = comparison.differences.iter().find(|difference| difference.key == "roc_auc").unwrap();
    assert!(roc.low > 0.0 && roc.low < roc.difference && roc.difference < roc.high, "{roc:?}");
    assert!(comparison.disagreeing > 0);
    assert!(comparison.disagreements.len() <= 50);
    assert!(comparison.disagreements.iter().all(|row| row.a != row.b && rows.contains(&row.row)));
    let same = compare(&good, &good, &logistic, &data, &rows).unwrap();
    assert!(same.disagreeing == 0 && same.differences.iter().all(|difference| difference.difference == 0.0));
}

#[test]
fn a_regression_has_errors_instead_of_a_confusion_matrix() {
    let specification = specification("regression", Split::Random, EstimatorKind::Logistic);
    let trained = learn(&specification, &table(&claims(300, 35, |risk, chance| format!("{:.3}", risk + 0.1 * chance))));
    let report = &trained.evaluation.report;
    assert!(report.confusion.is_none() && report.roc.is_empty());
    assert_eq!(report.examples.len(), 20);
    assert_eq!(report.importance[0].column, "amount");
    assert_eq!(trained.model.estimator_name(), "ridge regression");
}
