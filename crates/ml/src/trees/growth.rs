//! Growing one tree on gradients.

use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::bins::{Binned, Block, Cuts};
use super::grown::{Grown, Split};
use super::histogram::{self, Bins, Gradient, Histogram, Scale, Sums};
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

/// A node that may still split.
struct Open {
    node: u32,
    rows: Range<usize>,
    depth: u32,
    sums: Sums,
    histogram: Option<Histogram>,
    best: Option<Candidate>,
}

/// A finished leaf: its node, sums and place in [`Growth::rows`].
pub(super) struct Leaf {
    pub(super) node: u32,
    pub(super) sums: Sums,
    pub(super) rows: Range<usize>,
}

/// Buffers and rules that live through all trees of a fit.
pub(super) struct Growth<'a> {
    pub(super) binned: &'a Binned,
    pub(super) cuts: &'a [Cuts],
    pub(super) rules: Rules,
    pub(super) limits: Limits,
    /// Rows of the current tree, those of a node side by side.
    pub(super) rows: Vec<u32>,
    scratch: Vec<u32>,
    spare: Vec<Histogram>,
}

/// What one tree learns from.
pub(super) struct Lesson<'a> {
    pub(super) gradients: &'a [Gradient],
    pub(super) scale: Scale,
    /// Columns the tree may use, ascending.
    pub(super) columns: &'a [u32],
}

/// One block of features of one node (and its sibling), to be summed and searched.
struct Task<'a> {
    owner: usize,
    block: &'a Block,
    rows: &'a [u32],
    built: Side<'a>,
    /// The sibling: holds the parent's sums at first.
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
        Self { binned, cuts, rules, limits, rows: Vec::new(), scratch: Vec::new(), spare: Vec::new() }
    }

    /// Grows a tree on `self.rows`. The nodes' values and covers are left to the caller, who gets the leaves.
    pub(super) fn grow(&mut self, lesson: &Lesson<'_>, rng: &mut ChaCha8Rng) -> (Grown, Vec<Leaf>) {
        self.scratch.resize(self.rows.len(), 0);
        let (mut tree, mut leaves) = (Grown::root(1), Vec::new());
        let mut open = vec![self.root(lesson, rng)];
        while let Some(batch) = self.next_batch(&mut open, leaves.len(), &mut leaves) {
            let pairs = self.part(&mut tree, batch);
            open.extend(self.search(pairs, lesson, rng));
        }
        (tree, leaves)
    }

    fn root(&mut self, lesson: &Lesson<'_>, rng: &mut ChaCha8Rng) -> Open {
        let mut sums = Sums::default();
        self.rows.iter().for_each(|&row| sums += lesson.gradients[row as usize].into());
        let mut root = Open { node: 0, rows: 0..self.rows.len(), depth: 0, sums, histogram: None, best: None };
        if self.limits.max_depth == 0 || self.limits.max_leaves == Some(1) {
            return root;
        }
        let columns = self.columns(lesson, rng);
        let mut histogram = self.spare.pop().unwrap_or_else(|| histogram::empty(&self.binned.blocks));
        let mut tasks: Vec<_> = self.binned.blocks.iter().zip(&mut histogram).map(|(block, bins)| {
            let built = Side { bins, total: sums, columns: &columns, best: None };
            Task { owner: 0, block, rows: &self.rows, built, derived: None }
        }).collect();
        self.run(&mut tasks, lesson);
        root.best = tasks.iter().fold(None, |best, task| better(best, task.built.best));
        root.histogram = Some(histogram);
        root
    }

    /// The nodes to split next; what can no longer split becomes a leaf.
    fn next_batch(&mut self, open: &mut Vec<Open>, _settled: usize, leaves: &mut Vec<Leaf>) -> Option<Vec<Open>> {
        let (splittable, finished): (Vec<_>, Vec<_>) = open.drain(..).partition(|node| node.best.is_some());
        finished.into_iter().for_each(|node| self.settle(node, leaves));
        let room = self.limits.max_leaves.map_or(usize::MAX, |most| most.saturating_sub(leaves.len() + splittable.len()));
        *open = splittable;
        if open.is_empty() || room == 0 {
            open.drain(..).for_each(|node| self.settle(node, leaves));
            return None;
        }
        if self.limits.max_leaves.is_none() {
            return Some(std::mem::take(open));
        }
        let gain = |node: &Open| node.best.map_or(0.0, |best| best.split.gain);
        let top = (1..open.len()).fold(0, |top, at| if gain(&open[at]) > gain(&open[top]) { at } else { top });
        Some(vec![open.remove(top)])
    }

    fn settle(&mut self, node: Open, leaves: &mut Vec<Leaf>) {
        self.spare.extend(node.histogram);
        leaves.push(Leaf { node: node.node, sums: node.sums, rows: node.rows });
    }

    /// Splits the batch: sorts the rows of each node into two and adds the children to the tree. The parent's histogram
    /// goes to the child with more rows.
    fn part(&mut self, tree: &mut Grown, mut batch: Vec<Open>) -> Vec<(Open, Open)> {
        let splits: Vec<Candidate> = batch.iter().filter_map(|node| node.best).collect();
        let ranges: Vec<_> = batch.iter().map(|node| node.rows.clone()).collect();
        let lefts = self.part_rows(&ranges, &splits);
        let children = batch.iter_mut().zip(splits).zip(lefts);
        children.map(|((parent, candidate), left)| {
            let node = tree.split(parent.node, candidate.split);
            let middle = parent.rows.start + left;
            let child = |node, rows, sums| Open { node, rows, sums, depth: parent.depth + 1, histogram: None, best: None };
            let mut left = child(node, parent.rows.start..middle, candidate.left);
            let mut right = child(node + 1, middle..parent.rows.end, parent.sums - candidate.left);
            let large = if left.rows.len() > right.rows.len() { &mut left } else { &mut right };
            large.histogram = parent.histogram.take();
            (left, right)
        }).collect()
    }

    /// Sorts the rows of each range by its split, keeping their order; answers how many went left.
    fn part_rows(&mut self, ranges: &[Range<usize>], splits: &[Candidate]) -> Vec<usize> {
        let binned = self.binned;
        let (mut rows, mut scratch) = (&mut self.rows[..], &mut self.scratch[..]);
        let (mut work, mut start) = (Vec::with_capacity(ranges.len()), 0);
        for (range, candidate) in ranges.iter().zip(splits) {
            // ranges ascend: nodes are opened from left to right
            let (head, tail) = rows.split_at_mut(range.end - start);
            let (scratch_head, scratch_tail) = scratch.split_at_mut(range.end - start);
            let skip = range.start - start;
            work.push((&mut head[skip..], &mut scratch_head[skip..], &candidate.split));
            (rows, scratch, start) = (tail, scratch_tail, range.end);
        }
        work.into_par_iter().map(|(rows, scratch, split)| part_node(binned, split, rows, scratch)).collect()
    }

    /// Sums the children's histograms and finds their best splits.
    fn search(&mut self, mut pairs: Vec<(Open, Open)>, lesson: &Lesson<'_>, rng: &mut ChaCha8Rng) -> Vec<Open> {
        let mut columns = Vec::with_capacity(pairs.len());
        for (left, _) in &pairs {
            columns.push((left.depth < self.limits.max_depth).then(|| [self.columns(lesson, rng), self.columns(lesson, rng)]));
        }
        let mut histograms: Vec<_> = pairs.iter_mut().map(|(left, right)| {
            let parent = left.histogram.take().or_else(|| right.histogram.take()).unwrap_or_else(|| histogram::empty(&self.binned.blocks));
            (self.spare.pop().unwrap_or_else(|| histogram::empty(&self.binned.blocks)), parent)
        }).collect();
        let mut tasks = Vec::new();
        for (owner, ((pair, columns), (small, large))) in pairs.iter().zip(&columns).zip(&mut histograms).enumerate() {
            let Some([small_columns, large_columns]) = columns else { continue };
            let (few, many) = by_rows(&pair.0, &pair.1);
            for ((block, small), large) in self.binned.blocks.iter().zip(small).zip(large) {
                let built = Side { bins: small, total: few.sums, columns: small_columns, best: None };
                let derived = Side { bins: large, total: many.sums, columns: large_columns, best: None };
                tasks.push(Task { owner, block, rows: &self.rows[few.rows.clone()], built, derived: Some(derived) });
            }
        }
        self.run(&mut tasks, lesson);
        let mut found = vec![(None, None); pairs.len()];
        for task in &tasks {
            let (few, many) = found[task.owner];
            found[task.owner] = (better(few, task.built.best), better(many, task.derived.as_ref().and_then(|side| side.best)));
        }
        drop(tasks);
        let mut open = Vec::with_capacity(2 * pairs.len());
        for (((mut left, mut right), (few, many)), (small, large)) in pairs.into_iter().zip(found).zip(histograms) {
            let (lesser, greater) = if is_fewer(&left, &right) { (&mut left, &mut right) } else { (&mut right, &mut left) };
            (lesser.best, lesser.histogram) = (few, Some(small));
            (greater.best, greater.histogram) = (many, Some(large));
            open.extend([left, right]);
        }
        open
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
        self.find(task.block, &mut task.built, lesson);
        if let Some(derived) = &mut task.derived {
            histogram::subtract(derived.bins, task.built.bins);
            self.find(task.block, derived, lesson);
        }
    }

    fn find(&self, block: &Block, side: &mut Side<'_>, lesson: &Lesson<'_>) {
        let within = block.first as u32..(block.first + block.width) as u32;
        for &feature in side.columns.iter().filter(|column| within.contains(column)) {
            let bins = &side.bins[feature as usize - block.first];
            let (total, scale, rules) = (side.total, lesson.scale, &self.rules);
            let node = Node { feature, bins, total, scale, rules, lambda: rules.lambda };
            side.best = better(side.best, split::best(node, &self.cuts[feature as usize]));
        }
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
}

fn is_fewer(a: &Open, b: &Open) -> bool {
    a.rows.len() < b.rows.len()
}

fn by_rows<'a>(left: &'a Open, right: &'a Open) -> (&'a Open, &'a Open) {
    if is_fewer(left, right) { (left, right) } else { (right, left) }
}

/// Sorts `rows` by `split`, keeping their order, and answers how many go left. `scratch` is as long as `rows`.
pub(super) fn part_node(binned: &Binned, split: &Split, rows: &mut [u32], scratch: &mut [u32]) -> usize {
    let (block, offset) = binned.locate(split.feature as usize);
    let goes_left: [bool; 256] = std::array::from_fn(|code| split.left.contains(code as u8));
    let (mut left, mut right) = (0, 0);
    for at in 0..rows.len() {
        let row = rows[at];
        let is_left = goes_left[usize::from(block.codes[row as usize * block.width + offset])];
        // both places are written and one pointer moves: a branch here would be mispredicted half of the time
        rows[left] = row;
        scratch[right] = row;
        left += usize::from(is_left);
        right += usize::from(!is_left);
    }
    rows[left..].copy_from_slice(&scratch[..right]);
    left
}
