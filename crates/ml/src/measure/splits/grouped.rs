//! Parts of whole groups, as even in rows and classes as the groups allow.

use super::SplitError;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// Rows of one group: how many, and how many of each class that it has.
#[derive(Clone, Default)]
struct Group {
    members: Vec<usize>,
    classes: BTreeMap<u32, f64>,
}

/// The part of each of `within`; part `i` is to hold `shares[i]` of the rows and of each class.
///
/// Largest groups first (equally large ones in seeded order), each to the part that it leaves least overfull: greedy, as
/// the exact answer is a bin-packing problem.
pub(super) fn deal(
    within: &[usize],
    keys: &[u64],
    labels: Option<&[u32]>,
    shares: &[f64],
    seed: u64,
) -> Result<Vec<usize>, SplitError> {
    let groups = sorted_groups(within, keys, labels, seed);
    if groups.len() < shares.len() {
        return Err(SplitError::TooFewGroups { groups: groups.len(), needed: shares.len() });
    }
    let totals = totals(&groups);
    let mut filled = vec![BTreeMap::<u32, f64>::new(); shares.len()];
    let mut parts = vec![0; within.len()];
    for (rank, group) in groups.iter().enumerate() {
        let part = emptiest(group, &filled, &totals, shares, groups.len() - rank);
        group.members.iter().for_each(|&at| parts[at] = part);
        for (&class, count) in &group.classes {
            *filled[part].entry(class).or_default() += count;
        }
    }
    check_classes(&totals, &filled)?;
    Ok(parts)
}

fn sorted_groups(within: &[usize], keys: &[u64], labels: Option<&[u32]>, seed: u64) -> Vec<Group> {
    let mut by_key: BTreeMap<u64, Group> = BTreeMap::new();
    for (at, &row) in within.iter().enumerate() {
        let group = by_key.entry(keys[row]).or_default();
        group.members.push(at);
        *group.classes.entry(labels.map_or(0, |labels| labels[row])).or_default() += 1.0;
    }
    let mut groups: Vec<Group> = by_key.into_values().collect();
    groups.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    groups.sort_by_key(|group| std::cmp::Reverse(group.members.len()));
    groups
}

fn totals(groups: &[Group]) -> BTreeMap<u32, f64> {
    let mut totals = BTreeMap::new();
    for (&class, count) in groups.iter().flat_map(|group| &group.classes) {
        *totals.entry(class).or_default() += count;
    }
    totals
}

/// The part where the squared overfullness, summed over classes and rows, grows least; when only as many groups are left
/// as parts are empty, an empty one.
fn emptiest(
    group: &Group,
    filled: &[BTreeMap<u32, f64>],
    totals: &BTreeMap<u32, f64>,
    shares: &[f64],
    left: usize,
) -> usize {
    let rows = totals.values().sum::<f64>();
    let empty = filled.iter().filter(|part| part.is_empty()).count();
    let growth = |part: usize| {
        let added = group.members.len() as f64;
        let held = filled[part].values().sum::<f64>();
        let of_rows = (2.0 * held + added) * added / (rows * rows);
        let of_classes = group.classes.iter().map(|(class, &added)| {
            let held = filled[part].get(class).copied().unwrap_or(0.0);
            (2.0 * held + added) * added / (totals[class] * totals[class])
        });
        (of_rows + of_classes.sum::<f64>()) / shares[part]
    };
    let open = (0..filled.len()).filter(|&part| left > empty || filled[part].is_empty());
    open.min_by(|&a, &b| growth(a).total_cmp(&growth(b))).unwrap_or(0)
}

/// The two largest classes must be in every part, as in stratified parts.
fn check_classes(totals: &BTreeMap<u32, f64>, filled: &[BTreeMap<u32, f64>]) -> Result<(), SplitError> {
    let mut sizes: Vec<(f64, u32)> = totals.iter().map(|(&class, &rows)| (rows, class)).collect();
    sizes.sort_by(|a, b| b.0.total_cmp(&a.0));
    let everywhere = |class: u32| filled.iter().all(|part| part.contains_key(&class));
    match sizes.iter().take(2).find(|(_, class)| !everywhere(*class)) {
        Some(&(_, class)) => Err(SplitError::ClassInTooFewGroups { class }),
        None => Ok(()),
    }
}
