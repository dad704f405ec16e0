use crate::measure::splits::{Fold, Holdout, SplitError, SplitPlan, SplitRows, folds, hold_out};
use std::collections::BTreeSet;

fn labels(count: usize, every: usize) -> Vec<u32> {
    (0..count).map(|row| u32::from(row.is_multiple_of(every))).collect()
}

fn positives(rows: &[usize], labels: &[u32]) -> usize {
    rows.iter().filter(|&&row| labels[row] == 1).count()
}

fn everything(rows: usize) -> Vec<usize> {
    (0..rows).collect()
}

#[test]
fn stratified_parts_hold_equal_shares() {
    let labels = labels(1003, 20);
    let rows = SplitRows { rows: 1003, labels: Some(&labels), ..SplitRows::default() };
    let Holdout { development, held_back } = hold_out(SplitPlan::Stratified, &rows, 0.2, 1).unwrap();
    assert_eq!((development.len(), held_back.len()), (803, 200));
    assert_eq!((positives(&development, &labels), positives(&held_back, &labels)), (41, 10));

    let all = folds(SplitPlan::Stratified, &rows, &development, 5, 1).unwrap();
    let mut validated: Vec<usize> = Vec::new();
    for Fold { train, validation } in &all {
        assert!((160..=161).contains(&validation.len()) && (8..=9).contains(&positives(validation, &labels)));
        assert!(train.iter().all(|row| !validation.contains(row)));
        assert_eq!(train.len() + validation.len(), development.len());
        validated.extend(validation);
    }
    validated.sort_unstable();
    assert_eq!(validated, development);
}

#[test]
fn a_seed_decides() {
    let labels = labels(100, 4);
    let rows = SplitRows { rows: 100, labels: Some(&labels), ..SplitRows::default() };
    let split = |seed| hold_out(SplitPlan::Stratified, &rows, 0.2, seed).unwrap();
    assert_eq!(split(1), split(1));
    assert_ne!(split(1), split(2));
}

#[test]
fn regression_is_split_without_classes() {
    let rows = SplitRows { rows: 10, ..SplitRows::default() };
    assert_eq!(hold_out(SplitPlan::Stratified, &rows, 0.3, 1).unwrap().held_back.len(), 3);
    assert_eq!(folds(SplitPlan::Stratified, &rows, &everything(10), 5, 1).unwrap().len(), 5);
}

#[test]
fn the_future_never_trains() {
    // Unordered, with moments that several rows share.
    let times: Vec<i64> = (0..100).map(|row| (row * 37 % 100) / 3).collect();
    let rows = SplitRows { rows: 100, times: Some(&times), ..SplitRows::default() };
    let Holdout { development, held_back } = hold_out(SplitPlan::TimeOrdered, &rows, 0.2, 1).unwrap();
    assert!((18..=22).contains(&held_back.len()));
    let latest = |rows: &[usize]| rows.iter().map(|&row| times[row]).max();
    let earliest = |rows: &[usize]| rows.iter().map(|&row| times[row]).min();
    assert!(latest(&development) < earliest(&held_back));

    let all = folds(SplitPlan::TimeOrdered, &rows, &development, 4, 1).unwrap();
    for pair in all.windows(2) {
        assert_eq!(pair[1].train.len(), pair[0].train.len() + pair[0].validation.len(), "folds expand");
    }
    for Fold { train, validation } in &all {
        assert!((13..=19).contains(&validation.len()) && latest(train) < earliest(validation));
    }
    let last = &all[3];
    assert_eq!(last.train.len() + last.validation.len(), development.len());
}

#[test]
fn one_crowded_moment_still_leaves_a_cut_for_each_fold() {
    let times = [0, 1, 1, 1, 1, 1, 1, 1, 2, 3];
    let rows = SplitRows { rows: 10, times: Some(&times), ..SplitRows::default() };
    let all = folds(SplitPlan::TimeOrdered, &rows, &everything(10), 3, 1).unwrap();
    let sizes: Vec<_> = all.iter().map(|fold| (fold.train.len(), fold.validation.len())).collect();
    assert_eq!(sizes, [(1, 7), (8, 1), (9, 1)]);
    let refused = folds(SplitPlan::TimeOrdered, &rows, &everything(10), 4, 1).unwrap_err();
    assert_eq!(refused, SplitError::TooFewMoments { moments: 4, needed: 5 });
}

#[test]
fn groups_stay_together() {
    let labels = labels(600, 6);
    // Groups of one to eight rows.
    let groups: Vec<u64> =
        (0..600).map(|row: u64| (row / 8) * 3 + [0, 1, 1, 1, 2, 2, 2, 2][row as usize % 8]).collect();
    let rows = SplitRows { rows: 600, labels: Some(&labels), groups: Some(&groups), ..SplitRows::default() };
    let keys = |rows: &[usize]| rows.iter().map(|&row| groups[row]).collect::<BTreeSet<u64>>();
    let Holdout { development, held_back } = hold_out(SplitPlan::Grouped, &rows, 0.2, 3).unwrap();
    assert!(keys(&development).is_disjoint(&keys(&held_back)));
    assert!((115..=125).contains(&held_back.len()), "{}", held_back.len());
    assert!((18..=22).contains(&positives(&held_back, &labels)));
    let mut validated = 0;
    for Fold { train, validation } in folds(SplitPlan::Grouped, &rows, &development, 4, 3).unwrap() {
        assert!(keys(&train).is_disjoint(&keys(&validation)));
        assert!((110..=130).contains(&validation.len()) && (17..=23).contains(&positives(&validation, &labels)));
        validated += validation.len();
    }
    assert_eq!(validated, development.len());
}

#[test]
fn one_giant_group_leaves_no_part_empty() {
    let groups = [1, 1, 1, 1, 1, 1, 1, 1, 2, 3];
    let rows = SplitRows { rows: 10, groups: Some(&groups), ..SplitRows::default() };
    let all = folds(SplitPlan::Grouped, &rows, &everything(10), 3, 1).unwrap();
    assert!(all.iter().all(|fold| !fold.validation.is_empty() && !fold.train.is_empty()));
    assert_eq!(
        folds(SplitPlan::Grouped, &rows, &everything(10), 4, 1).unwrap_err(),
        SplitError::TooFewGroups { groups: 3, needed: 4 }
    );
}

#[test]
fn what_cannot_be_split_is_refused_by_name() {
    let classes = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let rows =
        SplitRows { rows: 10, labels: Some(&classes), groups: Some(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), times: None };
    let all = everything(10);
    let of_class = |needed| SplitError::TooFewOfClass { class: 1, rows: 1, needed };
    assert_eq!(hold_out(SplitPlan::Stratified, &rows, 0.2, 1).unwrap_err(), of_class(2));
    assert_eq!(folds(SplitPlan::Stratified, &rows, &all, 5, 1).unwrap_err(), of_class(5));
    let lacking = SplitError::ClassInTooFewGroups { class: 1 };
    assert_eq!(folds(SplitPlan::Grouped, &rows, &all, 2, 1).unwrap_err(), lacking);
    let missing = SplitError::MissingColumn("time");
    assert_eq!(hold_out(SplitPlan::TimeOrdered, &rows, 0.2, 1).unwrap_err(), missing);
    assert_eq!(hold_out(SplitPlan::Stratified, &rows, 1.0, 1).unwrap_err(), SplitError::Share(1.0));
    let few = SplitError::TooFewRows { rows: 3, needed: 5 };
    assert_eq!(folds(SplitPlan::Stratified, &rows, &[0, 1, 2], 5, 1).unwrap_err(), few);
    let unknown = SplitError::UnknownRow { row: 10, rows: 10 };
    assert_eq!(folds(SplitPlan::Stratified, &rows, &[0, 10], 2, 1).unwrap_err(), unknown);
    assert_eq!(folds(SplitPlan::Stratified, &rows, &all, 1, 1).unwrap_err(), SplitError::TooFewFolds { folds: 1 });
    let short = SplitRows { rows: 10, times: Some(&[1, 2]), ..SplitRows::default() };
    let length = SplitError::Length { column: "time", length: 2, rows: 10 };
    assert_eq!(hold_out(SplitPlan::TimeOrdered, &short, 0.2, 1).unwrap_err(), length);
    let empty = SplitError::TooFewRows { rows: 0, needed: 2 };
    assert_eq!(hold_out(SplitPlan::Stratified, &SplitRows::default(), 0.2, 1).unwrap_err(), empty);
}

#[test]
fn a_rare_class_of_many_does_not_stop_the_split() {
    let labels: Vec<u32> = (0..50).map(|row| if row == 7 { 2 } else { row % 2 }).collect();
    let rows = SplitRows { rows: 50, labels: Some(&labels), ..SplitRows::default() };
    let holdout = hold_out(SplitPlan::Stratified, &rows, 0.2, 1).unwrap();
    assert!(holdout.development.contains(&7), "a single row is learnt from");
    assert_eq!(folds(SplitPlan::Stratified, &rows, &everything(50), 5, 1).unwrap().len(), 5);
}
