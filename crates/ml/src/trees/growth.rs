//! Growing one tree on gradients.

use std::ops::{Add, Range};

use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::bins::{Binned, Block, Cuts};
use super::grown::{Grown, Split};
use super::histogram::{self, Bins, Gradient, Histogram, Sums};
use super::sampling;
use super::split::{self, Candidate, Node, Rules, better};

/// Under this many rows a batch is not worth handing to other threads.
const PARALLEL_ROWS: usize = 2_000;

/// How far a tree may grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limits {
    pub(super) max_depth: u32,
    /// Best leaf first up to this many leaves; absent: level by level.
    pub(super) max_leaves: Option<usize>,
    /// Share of the tree's columns each node may split on.
    pub(super) node_column_share: f32,
}

/// What one tree learns from.
pub(super) struct Lesson<'a> {
    pub(super) gradients: &'a [Gradient],
    /// Columns the tree may use, ascending.
    pub(super) columns: &'a [u32],
}

/// A finished leaf: its node, sums and place in [`Growth::rows`].
pub(super) struct Leaf {
    pub(super) node: u32,
    pub(super) sums: Sums,
    pub(super) rows: Range<usize>,
}

/// Rules and buffers that live through all trees of a fit.
pub(super) struct Growth<'a> {
    binned: &'a Binned,
    blocks: Vec<Block>,
    cuts: &'a [Cuts],
    pub(super) rules: Rules,
    limits: Limits,
    /// Rows of the current tree, those of a node side by side.
    pub(super) rows: Vec<u32>,
    scratch: Vec<u32>,
    spare: Vec<Histogram>,
}

/// A node that may still split.
struct Open {
    node: u32,
    rows: Range<usize>,
    depth: u32,
    sums: Sums,
    histogram: Option<Histogram>,
    best: Option<Candidate>,
}

/// The children of one split. The one with fewer rows has its histogram built; the other's is what is left of the parent's.
struct Pair {
    few: Open,
    many: Open,
    few_is_left: bool,
}

/// One block of features of a node, and of its sibling if it has one: to be summed and searched.
struct Task<'a> {
    /// Position of the node or pair in its batch.
    owner: usize,
    block: &'a Block,
    rows: &'a [u32],
    built: Side<'a>,
    /// Holds the parent's sums at first.
    derived: Option<Side<'a>>,
}

struct Side<'a> {
    bins: &'a mut [Bins],
    total: Sums,
    columns: &'a [u32],
    best: Option<Candidate>,
}

impl<'a> Growth<'a> {
    pub(super) fn new(binned: &'a Binned, cuts: &'a [Cuts], rules: Rules, limits: Limits) -> Self {
        let (rows, scratch, spare) = Default::default();
        Self { binned, blocks: binned.blocks(), cuts, rules, limits, rows, scratch, spare }
    }

    /// Grows a tree on `self.rows`. The leaves' values and covers are left to the caller.
    pub(super) fn grow(&mut self, lesson: &Lesson<'_>, rng: &mut ChaCha8Rng) -> (Grown, Vec<Leaf>) {
        self.scratch.resize(self.rows.len(), 0);
        let (mut tree, mut leaves) = (Grown::root(1), Vec::new());
        let mut open = vec![self.root(lesson, rng)];
        while let Some(batch) = self.next_batch(&mut open, &mut leaves) {
            let pairs = self.part(&mut tree, batch);
            open.extend(self.search(pairs, lesson, rng));
        }
        (tree, leaves)
    }

    fn root(&mut self, lesson: &Lesson<'_>, rng: &mut ChaCha8Rng) -> Open {
        let gradients =
            self.rows.par_iter().with_min_len(PARALLEL_ROWS).map(|&row| lesson.gradients[row as usize].into());
        let sums = gradients.reduce(Sums::default, Sums::add);
        let mut histogram = self.histogram();
        let columns = self.columns(lesson, rng);
        let mut tasks = Vec::new();
        for (block, bins) in self.blocks.iter().zip(&mut histogram) {
            let built = Side { bins, total: sums, columns: &columns, best: None };
            tasks.push(Task { owner: 0, block, rows: &self.rows, built, derived: None });
        }
        self.run(&mut tasks, lesson);
        let best = tasks.iter().fold(None, |best, task| better(best, task.built.best));
        Open { node: 0, rows: 0..self.rows.len(), depth: 0, sums, histogram: Some(histogram), best }
    }

    fn histogram(&mut self) -> Histogram {
        self.spare.pop().unwrap_or_else(|| histogram::empty(&self.blocks))
    }

    /// The nodes to split next; what can or may no longer split becomes a leaf.
    fn next_batch(&mut self, open: &mut Vec<Open>, leaves: &mut Vec<Leaf>) -> Option<Vec<Open>> {
        let (splittable, finished): (Vec<_>, Vec<_>) = open.drain(..).partition(|node| node.best.is_some());
        finished.into_iter().for_each(|node| self.settle(node, leaves));
        *open = splittable;
        let full = self.limits.max_leaves.is_some_and(|most| leaves.len() + open.len() >= most);
        if full || open.is_empty() {
            open.drain(..).for_each(|node| self.settle(node, leaves));
            return None;
        }
        if self.limits.max_leaves.is_none() {
            return Some(std::mem::take(open));
        }
        let gain = |at: usize| open[at].best.map_or(0.0, |best| best.split.gain);
        let top = (1..open.len()).fold(0, |top, at| if gain(at) > gain(top) { at } else { top });
        Some(vec![open.remove(top)])
    }

    fn settle(&mut self, node: Open, leaves: &mut Vec<Leaf>) {
        self.spare.extend(node.histogram);
        leaves.push(Leaf { node: node.node, sums: node.sums, rows: node.rows });
    }

    /// Splits the nodes of a batch and adds their children to the tree.
    fn part(&mut self, tree: &mut Grown, batch: Vec<Open>) -> Vec<Pair> {
        let lefts = self.part_rows(&batch);
        let splits = batch.into_iter().zip(lefts).filter_map(|(parent, left)| Some((parent.best?, parent, left)));
        splits
            .map(|(candidate, parent, left)| {
                let node = tree.split(parent.node, candidate.split);
                Pair::of(parent, node, left, candidate.left)
            })
            .collect()
    }

    /// Sorts the rows of each node by its split; answers how many go left.
    fn part_rows(&mut self, batch: &[Open]) -> Vec<usize> {
        let (mut rows, mut scratch) = (&mut self.rows[..], &mut self.scratch[..]);
        let (mut work, mut start) = (Vec::with_capacity(batch.len()), 0);
        for node in batch {
            // a batch goes from left to right, so its ranges ascend
            let (skip, end) = (node.rows.start - start, node.rows.end - start);
            let (head, tail) = rows.split_at_mut(end);
            let (scratch_head, scratch_tail) = scratch.split_at_mut(end);
            work.push((node.best, &mut head[skip..], &mut scratch_head[skip..]));
            (rows, scratch, start) = (tail, scratch_tail, node.rows.end);
        }
        let parted = work.into_par_iter().map(|(best, rows, scratch)| match best {
            Some(candidate) => part_node(self.binned, &candidate.split, rows, scratch),
            None => 0,
        });
        parted.collect()
    }

    /// Sums the histograms of the children that may split further and finds their best splits.
    fn search(&mut self, mut pairs: Vec<Pair>, lesson: &Lesson<'_>, rng: &mut ChaCha8Rng) -> Vec<Open> {
        let columns = self.prepare(&mut pairs, lesson, rng);
        let mut tasks = Vec::new();
        for (owner, (Pair { few, many, .. }, columns)) in pairs.iter_mut().zip(&columns).enumerate() {
            let (Some(few_bins), Some(many_bins)) = (&mut few.histogram, &mut many.histogram) else { continue };
            for ((block, few_bins), many_bins) in self.blocks.iter().zip(few_bins).zip(many_bins) {
                let built = Side { bins: few_bins, total: few.sums, columns: &columns[0], best: None };
                let derived = Side { bins: many_bins, total: many.sums, columns: &columns[1], best: None };
                tasks.push(Task { owner, block, rows: &self.rows[few.rows.clone()], built, derived: Some(derived) });
            }
        }
        self.run(&mut tasks, lesson);
        let found = tasks.into_iter().filter_map(|task| Some((task.owner, task.built.best, task.derived?.best)));
        for (owner, few, many) in found.collect::<Vec<_>>() {
            pairs[owner].few.best = better(pairs[owner].few.best, few);
            pairs[owner].many.best = better(pairs[owner].many.best, many);
        }
        pairs.into_iter().flat_map(Pair::in_order).collect()
    }

    /// Gives the smaller children histograms and draws both children's columns; children at the last level get neither.
    fn prepare(&mut self, pairs: &mut [Pair], lesson: &Lesson<'_>, rng: &mut ChaCha8Rng) -> Vec<[Vec<u32>; 2]> {
        let mut columns = Vec::with_capacity(pairs.len());
        for Pair { few, many, .. } in pairs {
            if few.depth == self.limits.max_depth {
                self.spare.extend(many.histogram.take());
                columns.push([vec![], vec![]]);
            } else {
                few.histogram = Some(self.histogram());
                columns.push([self.columns(lesson, rng), self.columns(lesson, rng)]);
            }
        }
        columns
    }

    /// Columns one node may split on.
    fn columns(&self, lesson: &Lesson<'_>, rng: &mut ChaCha8Rng) -> Vec<u32> {
        if self.limits.node_column_share >= 1.0 {
            return lesson.columns.to_vec();
        }
        let size = sampling::portion(lesson.columns.len(), self.limits.node_column_share);
        let chosen = sampling::choose(rng, lesson.columns.len(), size);
        chosen.into_iter().map(|at| lesson.columns[at as usize]).collect()
    }

    fn run(&self, tasks: &mut [Task<'_>], lesson: &Lesson<'_>) {
        let rows: usize = tasks.iter().map(|task| task.rows.len()).sum();
        if rows < PARALLEL_ROWS {
            tasks.iter_mut().for_each(|task| self.work(task, lesson));
        } else {
            tasks.par_iter_mut().with_max_len(1).for_each(|task| self.work(task, lesson));
        }
    }

    fn work(&self, task: &mut Task<'_>, lesson: &Lesson<'_>) {
        histogram::build(task.block, task.rows, lesson.gradients, task.built.bins);
        self.find(task.block, &mut task.built);
        if let Some(derived) = &mut task.derived {
            histogram::subtract(derived.bins, task.built.bins);
            self.find(task.block, derived);
        }
    }

    fn find(&self, block: &Block, side: &mut Side<'_>) {
        let within = block.first as u32..(block.first + block.width) as u32;
        for &feature in side.columns.iter().filter(|column| within.contains(column)) {
            let bins = &side.bins[feature as usize - block.first];
            let node = Node { feature, bins, total: side.total, rules: &self.rules, lambda: self.rules.lambda };
            side.best = better(side.best, split::best(node, &self.cuts[feature as usize]));
        }
    }
}

impl Pair {
    /// The children of `parent`, its left child being `node` with `left` rows and `sums`.
    fn of(parent: Open, node: u32, left: usize, sums: Sums) -> Self {
        let middle = parent.rows.start + left;
        let depth = parent.depth + 1;
        let child = |node, rows, sums| Open { node, rows, depth, sums, histogram: None, best: None };
        let left = child(node, parent.rows.start..middle, sums);
        let right = child(node + 1, middle..parent.rows.end, parent.sums - sums);
        let few_is_left = left.rows.len() < right.rows.len();
        let (few, mut many) = if few_is_left { (left, right) } else { (right, left) };
        many.histogram = parent.histogram;
        Self { few, many, few_is_left }
    }

    fn in_order(self) -> [Open; 2] {
        if self.few_is_left { [self.few, self.many] } else { [self.many, self.few] }
    }
}

/// Sorts `rows` by `split`, keeping their order, and answers how many go left. `scratch` is as long as `rows`.
pub(super) fn part_node(binned: &Binned, split: &Split, rows: &mut [u32], scratch: &mut [u32]) -> usize {
    let column = &binned.columns[split.feature as usize];
    let goes_left: [bool; 256] = std::array::from_fn(|code| split.left.contains(code as u8));
    let (mut left, mut right) = (0, 0);
    for at in 0..rows.len() {
        let row = rows[at];
        let is_left = goes_left[usize::from(column[row as usize])];
        // both places are written and one pointer moves: a branch here would be mispredicted half of the time
        rows[left] = row;
        scratch[right] = row;
        left += usize::from(is_left);
        right += usize::from(!is_left);
    }
    rows[left..].copy_from_slice(&scratch[..right]);
    left
}
