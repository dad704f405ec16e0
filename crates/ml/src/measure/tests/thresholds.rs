use super::{LABELS, SCORES};
use crate::measure::{MeasureError, Metrics, Threshold, choose_threshold};

fn chosen(rule: Threshold) -> f32 {
    choose_threshold(&rule, &SCORES, &LABELS).unwrap()
}

// From the top, as (true, false positives) of 8 and 12:
// 0.95 (1,0) 0.90 (2,0) 0.80 (2,1) 0.70 (3,1) 0.60 (4,2) 0.55 (5,2) 0.50 (5,3) 0.45 (6,3) 0.40 (6,4) 0.35 (6,5)
// 0.30 (7,7) 0.25 (7,8) 0.20 (8,8) …

#[test]
fn recall_is_met_at_the_highest_threshold() {
    assert_eq!(chosen(Threshold::TargetRecall { recall: 0.75 }), 0.45);
    assert_eq!(chosen(Threshold::TargetRecall { recall: 0.76 }), 0.30);
    assert_eq!(chosen(Threshold::TargetRecall { recall: 1.0 }), 0.20);
    let metrics = Metrics::binary(&SCORES, &LABELS, 0.45).unwrap();
    assert_eq!(metrics.recall, Some(0.75));
}

#[test]
fn false_positive_rate_is_kept_at_the_lowest_threshold() {
    assert_eq!(chosen(Threshold::MaxFalsePositiveRate { rate: 0.25 }), 0.45);
    assert_eq!(chosen(Threshold::MaxFalsePositiveRate { rate: 0.0 }), 0.90);
    assert_eq!(chosen(Threshold::MaxFalsePositiveRate { rate: 1.0 }), 0.05);
    // The highest score is a negative: nothing may be called positive.
    let rule = Threshold::MaxFalsePositiveRate { rate: 0.0 };
    let threshold = choose_threshold(&rule, &[0.9, 0.5], &[0, 1]).unwrap();
    assert_eq!(threshold, 0.9_f32.next_up());
    assert_eq!(Metrics::binary(&[0.9, 0.5], &[0, 1], threshold).unwrap().false_positive_rate, Some(0.0));
}

#[test]
fn costs_are_weighed() {
    // With equal costs, errors are fp + 8 − tp: 6 at 0.90, 5 at 0.55 and 0.45. The higher one wins.
    assert_eq!(chosen(Threshold::Costs { false_positive: 1.0, false_negative: 1.0 }), 0.55);
    // Misses are dear: 8 false alarms for all positives.
    assert_eq!(chosen(Threshold::Costs { false_positive: 1.0, false_negative: 100.0 }), 0.20);
    // Alarms are dear.
    assert_eq!(chosen(Threshold::Costs { false_positive: 100.0, false_negative: 1.0 }), 0.90);
    // Misses cost nothing: call nothing positive.
    assert!(chosen(Threshold::Costs { false_positive: 1.0, false_negative: 0.0 }) > 0.95);
}

#[test]
fn best_f1_is_the_best_of_all() {
    let threshold = chosen(Threshold::BestF1);
    let f1 = |threshold| Metrics::binary(&SCORES, &LABELS, threshold).unwrap().f1.unwrap();
    // 2·6 / (9 + 8) at 0.45
    assert_eq!(threshold, 0.45);
    assert!(SCORES.iter().all(|&score| f1(score) <= f1(threshold)));
}

#[test]
fn rules_and_rows_are_checked() {
    for rule in [
        Threshold::TargetRecall { recall: 0.0 },
        Threshold::TargetRecall { recall: f64::NAN },
        Threshold::MaxFalsePositiveRate { rate: 1.1 },
        Threshold::Costs { false_positive: -1.0, false_negative: 1.0 },
        Threshold::Costs { false_positive: 0.0, false_negative: 0.0 },
    ] {
        assert!(matches!(rule.check(), Err(MeasureError::Rule(_))), "{rule:?}");
    }
    assert_eq!(Threshold::Fixed { threshold: f32::NAN }.check(), Err(MeasureError::ThresholdNotFinite));
    let refused = |rule: Threshold, labels: &[u32]| choose_threshold(&rule, &[0.5, 0.6], labels).unwrap_err();
    assert_eq!(refused(Threshold::BestF1, &[0, 0]), MeasureError::NoPositives);
    assert_eq!(refused(Threshold::MaxFalsePositiveRate { rate: 0.1 }, &[1, 1]), MeasureError::NoNegatives);
    let costs = Threshold::Costs { false_positive: 1.0, false_negative: 1.0 };
    assert_eq!(choose_threshold(&costs, &[], &[]).unwrap_err(), MeasureError::Empty);
    assert_eq!(choose_threshold(&Threshold::Fixed { threshold: 0.3 }, &[], &[]).unwrap(), 0.3);
}

#[test]
fn rules_are_written_by_name() {
    let json = serde_json::to_string(&Threshold::MaxFalsePositiveRate { rate: 0.1 }).unwrap();
    assert_eq!(json, r#"{"rule":"max_false_positive_rate","rate":0.1}"#);
    assert_eq!(serde_json::from_str::<Threshold>(r#"{"rule":"best_f1"}"#).unwrap(), Threshold::BestF1);
}
