//! Splits by sets of categories.
//!
//! Ordered by their mean gradient, the categories' best two-way parting is a cut of that order (Fisher 1958, "On grouping
//! for maximum homogeneity"), so a scan replaces the search through all subsets. Small categories would come first or
//! last by chance; three things hold them back: smoothing in the order, a larger L2 term in the gain, and a least weight
//! under which categories are pooled. Rare, unseen and missing categories form one group that goes one way together.

use super::grown::{BinSet, MISSING};
use super::histogram::Sums;
use super::split::{Candidate, Node};

/// Categories that move together.
struct Group {
    set: BinSet,
    sums: Sums,
    /// Smoothed mean gradient.
    rank: f64,
}

pub(super) fn best(mut node: Node<'_>, bins: usize) -> Option<Candidate> {
    let (mut groups, idle) = groups(&node, bins);
    if groups.len() <= node.rules.one_vs_rest {
        return one_against_rest(&node, &groups, idle);
    }
    node.lambda += node.rules.category_lambda;
    groups.sort_by(|a, b| a.rank.total_cmp(&b.rank));
    along_order(&node, &groups, idle)
}

/// A group for each category of weight, and one last for all else that occurs in the node; or, if nothing else occurs,
/// the bins without rows.
fn groups(node: &Node<'_>, bins: usize) -> (Vec<Group>, BinSet) {
    let mut groups = Vec::with_capacity(bins + 1);
    let mut pool = Group { set: BinSet::default(), sums: node.bins[usize::from(MISSING)], rank: 0.0 };
    pool.set.insert(MISSING);
    for (bin, &sums) in node.bins[..bins].iter().enumerate() {
        if sums.curvature > 0.0 && sums.curvature >= node.rules.min_category_weight {
            let mut set = BinSet::default();
            set.insert(bin as u8);
            groups.push(Group { set, sums, rank: rank(node, sums) });
        } else {
            pool.set.insert(bin as u8);
            pool.sums += sums;
        }
    }
    pool.rank = rank(node, pool.sums);
    if pool.sums.curvature == 0.0 {
        return (groups, pool.set);
    }
    groups.push(pool);
    (groups, BinSet::default())
}

fn rank(node: &Node<'_>, sums: Sums) -> f64 {
    sums.slope / (sums.curvature + node.rules.category_smoothing).max(f64::MIN_POSITIVE)
}

fn one_against_rest(node: &Node<'_>, groups: &[Group], idle: BinSet) -> Option<Candidate> {
    let scored = groups.iter().filter_map(|group| Some((node.sides(group.sums)?, group)));
    let (sides, group) = scored.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    node.candidate(sides, group.set, group.sums, idle)
}

fn along_order(node: &Node<'_>, groups: &[Group], idle: BinSet) -> Option<Candidate> {
    let (mut left, mut set, mut best) = (Sums::default(), BinSet::default(), None);
    let mut top = f64::NEG_INFINITY;
    for group in groups {
        left += group.sums;
        set = set.union(group.set);
        if let Some(sides) = node.sides(left).filter(|&sides| sides > top) {
            top = sides;
            best = Some((set, left));
        }
    }
    let (set, left) = best?;
    node.candidate(top, set, left, idle)
}
