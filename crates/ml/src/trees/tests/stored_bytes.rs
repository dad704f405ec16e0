use proptest::prelude::*;

use super::*;
use crate::trees::Forest;
use crate::trees::bins::Cuts;
use crate::trees::forest::{LEAF, Node, PRESENT};
use crate::trees::random::{self, RandomParameters};

fn forests() -> Vec<Forest> {
    let (x, y) = mixed(40, 200, 3);
    let parameters = BoostedParameters { rounds: 3, max_depth: 3, min_category_weight: 0.0, ..Default::default() };
    let growing = RandomParameters { trees: 3, max_depth: 4, ..Default::default() };
    vec![boost(&x, &y, &parameters).forest, random::fit(&x, &y, None, &growing, 1, &mut go_on).unwrap()]
}

#[test]
fn bytes_bring_back_the_same_forest() {
    for forest in forests() {
        let bytes = forest.to_safetensors().unwrap();
        assert_eq!(Forest::from_safetensors(&bytes).unwrap(), forest);
        assert_eq!(forest.clone().to_safetensors().unwrap(), bytes);
    }
}

#[test]
fn truncated_bytes_are_refused() {
    for forest in forests() {
        let bytes = forest.to_safetensors().unwrap();
        for length in (0..bytes.len()).step_by(7) {
            assert!(Forest::from_safetensors(&bytes[..length]).is_err());
        }
    }
}

/// Changes one thing in a good forest and expects it to be refused when read back.
#[track_caller]
fn refused(change: impl Fn(&mut Forest)) {
    for mut forest in forests() {
        change(&mut forest);
        let bytes = forest.to_safetensors().unwrap();
        assert!(Forest::from_safetensors(&bytes).is_err());
    }
}

#[test]
fn trees_that_would_lead_astray_are_refused() {
    refused(|forest| forest.nodes[0].left = 0);
    refused(|forest| forest.nodes[0].left = u32::MAX);
    refused(|forest| forest.nodes[0].left = forest.nodes.len() as u32 - 1);
    refused(|forest| forest.nodes[0].feature = 4);
    refused(|forest| forest.nodes[0].test = u64::MAX);
    refused(|forest| forest.nodes.last_mut().unwrap().test = 0);
    refused(|forest| *forest.leaves.last_mut().unwrap() = u32::MAX);
    refused(|forest| forest.leaves.truncate(1));
    refused(|forest| forest.nodes.last_mut().unwrap().left = 0);
    refused(|forest| forest.roots[1] += 1);
    refused(|forest| forest.roots[0] = 1);
    refused(|forest| forest.tree_output[0] = 3);
    refused(|forest| forest.values[0] = f32::NAN);
    refused(|forest| forest.cover[0] = -1.0);
    refused(|forest| forest.base.clear());
    refused(|forest| forest.cover.truncate(1));
    refused(|forest| forest.bin_of.truncate(1));
    refused(|forest| forest.bin_of[3][0] = 63);
    refused(|forest| forest.width = 0);
    refused(|forest| forest.width = 2);
    refused(|forest| {
        let split = forest.nodes.iter_mut().find(|node| !node.is_leaf() && node.feature < 3).unwrap();
        split.test = u64::from(f32::NAN.to_bits()) | 1 << 32;
    });
}

#[test]
fn a_chain_deeper_than_allowed_is_refused() {
    let mut forest = Forest::new(&[Cuts::Numeric(Vec::new())], vec![0.0], 1, crate::trees::Link::Identity);
    forest.values = vec![0.0];
    (forest.roots, forest.tree_output) = (vec![0], vec![0]);
    for level in 0..200 {
        let split = Node { test: PRESENT, feature: 0, left: 2 * level + 1 };
        let leaf = Node { test: LEAF, feature: 0, left: 2 * level + 1 };
        if level > 0 {
            forest.nodes.push(Node { left: 2 * level - 1, ..leaf });
        }
        forest.nodes.push(split);
    }
    let last = forest.nodes.len() as u32;
    for left in [last, last + 1] {
        forest.nodes.push(Node { test: LEAF, feature: 0, left });
    }
    forest.cover = vec![1.0; forest.nodes.len()];
    forest.leaves = vec![0; forest.nodes.len()];
    assert!(Forest::from_safetensors(&forest.to_safetensors().unwrap()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, rng_seed: prop::test_runner::RngSeed::Fixed(1), ..Default::default() })]

    /// Whatever is accepted must predict and explain without panic.
    #[test]
    fn damaged_bytes_never_panic(which in 0..2_usize, flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        static BYTES: std::sync::LazyLock<Vec<Vec<u8>>> =
            std::sync::LazyLock::new(|| forests().iter().map(|forest| forest.to_safetensors().unwrap()).collect());
        let mut bytes = BYTES[which].clone();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= value;
        }
        if let Ok(forest) = Forest::from_safetensors(&bytes) {
            let row = vec![0.5; forest.features()];
            let mut out = vec![0.0; forest.outputs()];
            forest.predict_row(&row, &mut out);
            prop_assert!(forest.contributions(&row, 0).values.len() == row.len());
        }
    }
}
