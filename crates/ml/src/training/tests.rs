//! End to end, on small made-up data.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use domain::specification::{ClassWeight, Draft, EstimatorKind, Specification, Split, ThresholdRule};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::evaluation;
use crate::features::Target;
use crate::table::{Limits, Table};

pub(crate) fn table(text: &str) -> Table {
    Table::read(text.as_bytes(), &Limits::default()).unwrap()
}

/// Claims with a numeric, a boolean, a categorical and a date column, some of them missing; the label follows from them.
/// `label` turns the risk (0 to 1) and a uniform number into the target's text.
pub(crate) fn claims(rows: usize, seed: u64, label: impl Fn(f64, f64) -> String) -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut text = String::from("amount,region,repeat,filed_at,customer,target\n");
    for row in 0..rows {
        let amount: f64 = rng.random_range(0.0..100.0);
        let region = ["north", "south", "east", "west"][rng.random_range(0..4)];
        let repeat = rng.random_range(0.0..1.0) < 0.3;
        let risk = 0.7 * (amount / 100.0) + if region == "south" { 0.2 } else { 0.0 } + if repeat { 0.1 } else { 0.0 };
        let shown = if rng.random_range(0.0..1.0) < 0.05 { String::new() } else { format!("{amount:.3}") };
        let at = domain::Timestamp(1_700_000_000_000_000 + row as i64 * 3_600_000_000).rfc3339();
        let target = label(risk, rng.random_range(0.0..1.0));
        text.push_str(&format!("{shown},{region},{repeat},{at},c{},{target}\n", rng.random_range(0..80)));
    }
    text
}

pub(crate) fn binary(risk: f64, chance: f64) -> String {
    String::from(if chance < risk * risk { "yes" } else { "no" })
}

fn three(risk: f64, chance: f64) -> String {
    let place = risk + 0.3 * (chance - 0.5);
    String::from(if place < 0.3 {
        "low"
    } else if place < 0.6 {
        "middle"
    } else {
        "high"
    })
}

fn number(risk: f64, chance: f64) -> String {
    format!("{:.4}", 10.0 * risk + chance)
}

pub(crate) fn specification(task: &str, split: Split, kind: EstimatorKind) -> Specification {
    let classes = match task {
        "binary" => r#"["no", "yes"]"#,
        "multiclass" => r#"["low", "middle", "high"]"#,
        _ => "[]",
    };
    let text = format!(
        r#"{{"task": "{task}", "target": "target", "classes": {classes}, "drop": ["customer"], "columns": [
            {{"name": "amount", "kind": "numeric", "optional": true}},
            {{"name": "region", "kind": "categorical", "optional": true}},
            {{"name": "repeat", "kind": "boolean"}},
            {{"name": "filed_at", "kind": "date_time"}}]}}"#
    );
    let mut draft = Draft::from_json(&text).unwrap();
    draft.split = split;
    draft.estimator.kind = kind;
    if kind == EstimatorKind::Boosted {
        draft.estimator.parameters.insert("rounds".into(), 60.into());
    }
    draft.validate().unwrap()
}

pub(crate) fn learn(specification: &Specification, table: &Table) -> Trained {
    let request = Request { specification, table, estimator: None, seed: 3 };
    train(&request, &mut |_, _| ControlFlow::Continue(())).unwrap()
}

fn refusal(specification: &Specification, table: &Table) -> String {
    let request = Request { specification, table, estimator: None, seed: 3 };
    train(&request, &mut |_, _| ControlFlow::Continue(())).unwrap_err().to_string()
}

fn boosted(split: Split) -> Specification {
    specification("binary", split, EstimatorKind::Boosted)
}

fn by_time() -> Split {
    Split::Time { column: String::from("filed_at") }
}

#[test]
fn a_binary_model_beats_the_baseline_on_rows_held_back() {
    let data = table(&claims(1_500, 1, binary));
    for kind in [EstimatorKind::Logistic, EstimatorKind::Boosted, EstimatorKind::Forest] {
        let trained = learn(&specification("binary", Split::Random, kind), &data);
        let report = &trained.evaluation.report;
        assert!(report.metrics.roc_auc.unwrap() > 0.75, "{kind:?} {:?}", report.metrics);
        assert!(report.metrics.log_loss < report.baseline.log_loss, "{kind:?}");
        assert_eq!(report.n + trained.evaluation.training_rows, 1_500);
        assert_eq!(report.confusion.as_ref().unwrap().total(), report.n);
        assert_eq!(report.importance[0].column, "amount");
    }
}

#[test]
fn several_classes_and_values_are_learnt_too() {
    let classes =
        learn(&specification("multiclass", Split::Random, EstimatorKind::Boosted), &table(&claims(900, 2, three)));
    let metrics = classes.evaluation.report.metrics;
    assert!(metrics.accuracy.unwrap() > 0.6, "{metrics:?}");
    let answer = classes.model.answer(&vec![domain::row::Cell::Missing; 4]);
    assert!((answer.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-5);
    let values =
        learn(&specification("regression", Split::Random, EstimatorKind::Boosted), &table(&claims(900, 3, number)));
    assert!(values.evaluation.report.metrics.r2.unwrap() > 0.8, "{:?}", values.evaluation.report.metrics);
}

#[test]
fn the_network_is_trained_like_the_others() {
    let mut specification = specification("binary", Split::Random, EstimatorKind::Neural);
    for (name, value) in [("members", 2), ("width", 8), ("depth", 1), ("max_epochs", 5)] {
        specification.estimator.parameters.insert(name.into(), value.into());
    }
    let trained = learn(&specification, &table(&claims(300, 5, binary)));
    assert_eq!(trained.model.estimator_name(), "neural network");
}

#[test]
fn auto_takes_the_best_or_a_blend_and_says_what_it_tried() {
    let mut specification = specification("binary", Split::Random, EstimatorKind::Auto);
    specification.estimator.budget_seconds = 2;
    let trained = learn(&specification, &table(&claims(400, 4, binary)));
    let taken: f32 = trained.evaluation.leaderboard.iter().filter_map(|standing| standing.weight).sum();
    assert!((taken - 1.0).abs() < 1e-5);
    let tried: Vec<_> = trained.evaluation.leaderboard.iter().map(|standing| standing.estimator.as_str()).collect();
    assert!(tried.contains(&"boosted trees") && tried.contains(&"linear model"), "{tried:?}");
}

#[test]
fn by_time_what_is_held_back_lies_after_what_is_learnt_from() {
    let data = table(&claims(400, 6, binary));
    let held = evaluation::held_back(&[&boosted(by_time())], &data).unwrap();
    assert_eq!(held, (340..400).collect::<Vec<_>>());
    let trained = learn(&boosted(by_time()), &data);
    assert_eq!(trained.evaluation.split, "the last 15 % by filed_at");
    assert_eq!(evaluation::held_back(&[&boosted(Split::Order)], &data).unwrap(), held);
}

#[test]
fn no_group_is_on_both_sides() {
    let data = table(&claims(600, 7, binary));
    let specification = boosted(Split::Group { column: String::from("customer") });
    let held = evaluation::held_back(&[&specification], &data).unwrap();
    let customer = |row: usize| data.column("customer").unwrap().cell(row).unwrap().to_owned();
    let judged: std::collections::HashSet<_> = held.iter().map(|&row| customer(row)).collect();
    assert!((0..600).filter(|row| !held.contains(row)).all(|row| !judged.contains(&customer(row))));
    assert_eq!(learn(&specification, &data).evaluation.held_back_rows, held.len() as u64);
}

/// The text of each held-back row.
fn held_texts(text: &str, specification: &Specification) -> Vec<String> {
    let lines: Vec<&str> = text.lines().skip(1).collect();
    let held = evaluation::held_back(&[specification], &table(text)).unwrap();
    held.into_iter().map(|row| lines[row].to_owned()).collect()
}

#[test]
fn a_row_stays_on_its_side_as_the_data_grows_and_its_label_is_corrected() {
    let specification = boosted(Split::Random);
    let (small, more) = (claims(500, 8, binary), claims(500, 9, binary));
    let grown = format!("{small}{}", more.split_once('\n').unwrap().1);
    let (before, after) = (held_texts(&small, &specification), held_texts(&grown, &specification));
    assert!((50..=100).contains(&before.len()), "{}", before.len());
    assert_eq!(after[..before.len()], before);
    let corrected = small.replace(",no\n", ",yes\n").replacen(",yes\n", ",no\n", 40);
    let inputs = |texts: Vec<String>| -> Vec<String> {
        texts.iter().map(|text| text.rsplit_once(',').unwrap().0.to_owned()).collect()
    };
    assert_eq!(inputs(held_texts(&corrected, &specification)), inputs(before));
}

#[test]
fn equal_rows_never_straddle() {
    let once = claims(300, 10, binary);
    let body = once.split_once('\n').unwrap().1;
    let twice = format!("{once}{body}");
    let held = evaluation::held_back(&[&boosted(Split::Random)], &table(&twice)).unwrap();
    assert!(held.iter().all(|row| held.contains(&((row + 300) % 600))));
}

#[test]
fn what_is_held_back_changes_nothing_that_is_learnt() {
    let specification = boosted(Split::Random);
    let text = claims(500, 11, binary);
    let held = evaluation::held_back(&[&specification], &table(&text)).unwrap();
    let flipped: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(line, row)| match row.rsplit_once(',') {
            // every label held back becomes its contrary, but for one of each class
            Some((inputs, label)) if line > 0 && held[4..].contains(&(line - 1)) => {
                format!("{inputs},{}", if label == "yes" { "no" } else { "yes" })
            }
            _ => row.to_owned(),
        })
        .collect();
    let (a, b) = (learn(&specification, &table(&text)), learn(&specification, &table(&flipped.join("\n"))));
    assert_eq!(a.model.to_files().unwrap(), b.model.to_files().unwrap());
    assert_ne!(a.evaluation.report.metrics, b.evaluation.report.metrics);
}

fn files(specification: &Specification, data: &Table, threads: usize) -> BTreeMap<String, Vec<u8>> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let trained = learn(specification, data);
        let mut files = trained.model.to_files().unwrap();
        files.insert("evaluation.json".into(), serde_json::to_vec(&trained.evaluation).unwrap());
        files
    })
}

#[test]
fn one_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let mut auto = specification("binary", Split::Random, EstimatorKind::Auto);
    auto.estimator.budget_seconds = 1;
    let data = table(&claims(300, 12, binary));
    for specification in [auto, boosted(by_time())] {
        assert_eq!(files(&specification, &data, 1), files(&specification, &data, 2));
    }
}

#[test]
fn threshold_rules_hold_on_the_rows_learnt_from_out_of_fold() {
    let mut specification = boosted(Split::Random);
    let data = table(&claims(1_500, 13, binary));
    specification.threshold = ThresholdRule::TargetRecall { recall: 0.9 };
    let recall = learn(&specification, &data).evaluation.report.metrics.recall.unwrap();
    assert!(recall > 0.8, "{recall}");
    specification.threshold = ThresholdRule::MaxFalsePositiveRate { rate: 0.05 };
    let rate = learn(&specification, &data).evaluation.report.metrics.false_positive_rate.unwrap();
    assert!(rate < 0.1, "{rate}");
    specification.threshold = ThresholdRule::Fixed { threshold: 0.25 };
    assert_eq!(learn(&specification, &data).model.threshold(), Some(0.25));
}

#[test]
fn class_weights_leave_probabilities_calibrated() {
    let mut specification = boosted(Split::Random);
    specification.estimator.class_weight = ClassWeight::Positive(10.0);
    let metrics = learn(&specification, &table(&claims(2_000, 14, binary))).evaluation.report.metrics;
    assert!(metrics.calibration_error.unwrap() < 0.1, "{metrics:?}");
}

/// Every row with its copies, or once with their number as its weight.
fn repeated(text: &str, times: impl Fn(usize) -> usize) -> (String, String) {
    let (header, rows) = text.split_once('\n').unwrap();
    let (mut copied, mut weighed) = (format!("{header}\n"), format!("{header},count\n"));
    for (at, row) in rows.lines().enumerate() {
        copied.push_str(&format!("{row}\n").repeat(times(at)));
        let count = if times(at) == 1 { String::new() } else { times(at).to_string() };
        weighed.push_str(&format!("{row},{count}\n"));
    }
    (copied, weighed)
}

#[test]
fn a_row_of_weight_two_counts_as_two_rows() {
    let mut plain = specification("binary", Split::Order, EstimatorKind::Logistic);
    let (copied, weighed) = repeated(&claims(400, 21, binary), |row| 1 + row % 2);
    let data = |specification: &Specification, text: &str| {
        let labelled = read_table(specification, &table(text)).unwrap();
        let division = divide(specification, &table(text), &labelled.target).unwrap();
        Data::new(specification, &labelled, &division, 3).unwrap()
    };
    let sums = |data: &Data| {
        let Target::Classes { labels, .. } = &data.target else { panic!("classes") };
        let mut sums = [0.0; 2];
        let weight = |row: usize| data.weights.as_ref().map_or(1.0, |weights| weights[row]);
        labels.iter().enumerate().for_each(|(row, &label)| sums[label as usize] += weight(row));
        sums
    };
    plain.holdout = 0.5;
    let weighing = Specification { weight: Some(String::from("count")), ..plain.clone() };
    assert!(data(&plain, &copied).weights.is_none());
    assert_eq!(sums(&data(&plain, &copied)), sums(&data(&weighing, &weighed)));
    let mut balanced = weighing.clone();
    balanced.estimator.class_weight = ClassWeight::Balanced;
    let [no, yes] = sums(&data(&balanced, &weighed));
    assert!((no - yes).abs() < 0.01 && (no + yes - 300.0).abs() < 0.01, "{no} {yes}");
    let mut positive = weighing;
    positive.estimator.class_weight = ClassWeight::Positive(10.0);
    let [_, raised] = sums(&data(&positive, &weighed));
    assert!((raised - 10.0 * sums(&data(&plain, &copied))[1]).abs() < 0.01);
}

#[test]
fn weights_move_what_is_learnt_and_bad_ones_are_named() {
    let mut specification = boosted(Split::Random);
    specification.weight = Some(String::from("customer"));
    let weighed = |other: &str| {
        let text = claims(300, 22, binary);
        let cell = |line: &str| {
            let mut cells: Vec<&str> = line.split(',').collect();
            cells[4] = if cells[5] == "yes" { "5" } else { other };
            cells.join(",")
        };
        let (header, rows) = text.split_once('\n').unwrap();
        format!("{header}\n{}\n", rows.lines().map(cell).collect::<Vec<_>>().join("\n"))
    };
    let trained = learn(&specification, &table(&weighed("0.5")));
    assert!(trained.evaluation.notes.iter().any(|note| note.contains("weights in `customer`")));
    let unweighed = Specification { weight: None, ..specification.clone() };
    let plain = learn(&unweighed, &table(&weighed("0.5")));
    assert_ne!(trained.model.to_files().unwrap(), plain.model.to_files().unwrap());
    for bad in ["0", "-1", "inf", "much"] {
        let said = refusal(&specification, &table(&weighed(bad)));
        assert!(said.contains("line ") && said.contains(&format!("column `customer`: `{bad}` is not")), "{said}");
    }
}

#[test]
fn refusals_say_what_is_missing() {
    let specification = boosted(Split::Random);
    let good = claims(200, 15, binary);
    let says = |text: &str, words: &str| {
        let said = refusal(&specification, &table(text));
        assert!(said.contains(words), "{said}");
    };
    says(&good.lines().take(11).collect::<Vec<_>>().join("\n"), "rows; at least 20 are needed");
    says(&good.replace(",yes\n", ",no\n"), "of class");
    says(&good.replacen("amount", "sum", 1), "no column `amount`");
    says(&good.replacen(",no\n", ",maybe\n", 1), "`maybe` is none of the classes `no`, `yes`");
    says(&good.replacen(",true,", ",perhaps,", 1), "column `repeat`: `perhaps` is not true or false");
    let mut unknown = specification.clone();
    unknown.estimator.parameters.insert("colour".into(), "red".into());
    assert!(refusal(&unknown, &table(&good)).contains("colour"));
    let nowhere = boosted(Split::Time { column: String::from("nowhere") });
    assert!(refusal(&nowhere, &table(&good)).contains("no column `nowhere`"));
}

#[test]
fn a_break_ends_the_work_at_once() {
    let (specification, data) = (boosted(Split::Random), table(&claims(300, 16, binary)));
    let request = Request { specification: &specification, table: &data, estimator: None, seed: 3 };
    let mut heard = 0;
    let stopped = train(&request, &mut |_, _| {
        heard += 1;
        if heard < 5 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert!(matches!(stopped, Err(TrainError::Cancelled(_))));
    assert_eq!(heard, 5);
}

#[test]
fn progress_only_rises_and_ends_before_one() {
    let (specification, data) = (boosted(Split::Random), table(&claims(300, 17, binary)));
    let request = Request { specification: &specification, table: &data, estimator: None, seed: 3 };
    let mut shares = Vec::new();
    train(&request, &mut |share, line| {
        assert!(!line.is_empty());
        shares.push(share);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)));
    assert!(shares.windows(2).all(|pair| pair[1] >= pair[0] - 1e-6));
}
