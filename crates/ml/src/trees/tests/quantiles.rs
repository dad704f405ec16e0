use proptest::prelude::*;

use crate::trees::quantile::cuts;

/// Rows in each bin.
fn counts(values: &[f32], cuts: &[f32]) -> Vec<usize> {
    let mut counts = vec![0; cuts.len() + 1];
    values.iter().for_each(|&value| counts[cuts.partition_point(|&cut| cut < value)] += 1);
    counts
}

#[test]
fn few_values_get_a_bin_each() {
    assert_eq!(cuts(&[3.0, 1.0, f32::NAN, 1.0, 7.0, f32::INFINITY], 255), [2.0, 5.0]);
    assert!(cuts(&[-0.0, 0.0, 0.0], 255).is_empty());
    assert!(cuts(&[f32::NAN; 3], 255).is_empty());
}

#[test]
fn many_values_share_bins_evenly() {
    let values: Vec<f32> = (0..1_000).map(|at| at as f32).collect();
    assert_eq!(cuts(&values, 4), [249.5, 499.5, 749.5]);
}

#[test]
fn a_heavy_value_has_a_bin_to_itself() {
    let values: Vec<f32> = (0..1_000).map(|at| if at < 600 { 100.0 } else { (at - 600) as f32 }).collect();
    let counts = counts(&values, &cuts(&values, 10));
    assert!(counts.contains(&601));
    assert!(counts.len() > 8);
}

#[test]
fn tails_are_seen_more_closely() {
    let values: Vec<f32> = (0..64_000).map(|at| at as f32).collect();
    let counts = counts(&values, &cuts(&values, 64));
    assert_eq!(counts.len(), 64);
    let (first, inner, last) = (counts[0], counts[32], counts[63]);
    assert!(first * 3 < inner && last * 3 < inner, "{first} {inner} {last}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: prop::test_runner::RngSeed::Fixed(2),
        ..Default::default()
    })]

    #[test]
    fn cuts_ascend_and_no_bin_is_empty(
        values in prop::collection::vec(prop_oneof![any::<f32>(), (-20..20_i8).prop_map(f32::from)], 0..400),
        bins in 2..=255_usize,
    ) {
        let cuts = cuts(&values, bins);
        prop_assert!(cuts.len() < bins);
        prop_assert!(cuts.is_sorted_by(|a, b| a < b));
        let finite: Vec<f32> = values.into_iter().filter(|value| value.is_finite()).collect();
        prop_assert!(finite.is_empty() || counts(&finite, &cuts).into_iter().all(|count| count > 0));
    }
}
