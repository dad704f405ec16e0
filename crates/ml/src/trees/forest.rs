use super::bins::Cuts;
use super::grown::{Grown, Split};

/// Deepest level a tree may reach; the root is level 0. Bounds recursion when a forest is explained.
pub const MAX_DEPTH: u32 = 64;

/// In the test of a numeric split, always: rows with a value are not sent right for the lack of one.
pub(super) const PRESENT: u64 = 1 << 32;
/// In the test of a numeric split: rows without a value go left.
pub(super) const MISSING_LEFT: u64 = 1 << 33;
/// In the test of a categorical split: rows without a known category go left.
pub(super) const MISSING_CATEGORY: u64 = 1 << 63;
/// The test of a leaf, which sends nothing right.
pub(super) const LEAF: u64 = u64::MAX;

/// How the leaves a row reaches become its prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// The sum of base and leaves is the value.
    Identity,
    /// The sum is the log-odds of class 1.
    Logistic,
    /// The sums are logarithms of unnormalised class probabilities.
    Softmax,
    /// Base plus the leaves' mean is the value.
    MeanValue,
    /// Base plus the leaves' mean is the probability.
    MeanProbability,
}

/// One node in 16 bytes, so that no node straddles a cache line.
///
/// A walk never branches on a node's sort: every node puts the same two questions to the [`Cell`] of its feature, and a leaf
/// is a node whose `left` is itself and whose test sends nothing right, so walking on from a leaf stays there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(16))]
pub(super) struct Node {
    /// Numeric split: the threshold as `f32` bits (`value <= threshold` goes left), `PRESENT`, and `MISSING_LEFT` or not.
    /// Categorical split: a bit for each bin that goes left, and `MISSING_CATEGORY` or not. Leaf: `LEAF`.
    pub(super) test: u64,
    /// Feature asked for; 0 in a leaf.
    pub(super) feature: u32,
    /// Left child; the right one follows it.
    pub(super) left: u32,
}

/// A feature of a row as nodes ask for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// A number, `NaN` when missing; below every threshold in a categorical feature.
    pub(super) value: f32,
    /// The one bit that the test of a node must hold for the row to go left.
    pub(super) bit: u64,
}

impl Node {
    pub(super) fn is_leaf(self) -> bool {
        self.test == LEAF
    }

    /// 1 when a row with this cell goes to the right child, else 0; always 0 in a leaf.
    #[inline(always)]
    pub(super) fn goes_right(self, cell: Cell) -> u32 {
        // the threshold's bits may be a set of categories: then no value is above it
        u32::from(cell.value > f32::from_bits(self.test as u32)) | u32::from(self.test & cell.bit == 0)
    }
}

/// Trees as flat arrays: the one representation behind every tree estimator.
///
/// Leaves hold one value when each tree serves a single output (boosting: one tree per output and round), or `outputs`
/// values when every tree serves all of them (random forests of several classes).
#[derive(Clone, Debug, PartialEq)]
pub struct Forest {
    pub(super) nodes: Vec<Node>,
    /// Training weight that passed through each node.
    pub(super) cover: Vec<f32>,
    /// Row of the leaf values of each leaf; 0 in splits.
    pub(super) leaves: Vec<u32>,
    /// Leaf values, `leaves × width`.
    pub(super) values: Vec<f32>,
    /// Values a leaf holds.
    pub(super) width: usize,
    /// First node of each tree; a tree's nodes lie together.
    pub(super) roots: Vec<u32>,
    /// Output each tree adds to (0 when `width` > 1).
    pub(super) tree_output: Vec<u32>,
    /// What each output starts from.
    pub(super) base: Vec<f32>,
    pub(super) link: Link,
    /// For each feature the bin of each category; empty where the values are numbers.
    pub(super) bin_of: Vec<Vec<u8>>,
}

impl Forest {
    /// A forest without trees. `width` is 1 or `base.len()`.
    pub(super) fn new(cuts: &[Cuts], base: Vec<f32>, width: usize, link: Link) -> Self {
        Self {
            nodes: Vec::new(),
            cover: Vec::new(),
            leaves: Vec::new(),
            values: Vec::new(),
            width,
            roots: Vec::new(),
            tree_output: Vec::new(),
            base,
            link,
            bin_of: cuts.iter().map(|cuts| cuts.bin_of().to_vec()).collect(),
        }
    }

    /// Numbers predicted for a row: 1 for binary tasks and regression, else one a class.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.base.len()
    }

    /// Features a row must have.
    #[must_use]
    pub fn features(&self) -> usize {
        self.bin_of.len()
    }

    /// Number of trees.
    #[must_use]
    pub fn trees(&self) -> usize {
        self.roots.len()
    }

    /// How leaves become predictions.
    #[must_use]
    pub fn link(&self) -> Link {
        self.link
    }

    /// Appends a tree that adds to `output`, turning its bins into thresholds and sets.
    pub(super) fn push(&mut self, tree: &Grown, cuts: &[Cuts], output: usize) {
        let root = self.nodes.len() as u32;
        self.roots.push(root);
        self.tree_output.push(output as u32);
        for (position, grown) in (0..).zip(&tree.nodes) {
            match &grown.split {
                None => self.push_leaf(root + position, tree.leaf(grown)),
                Some(Split { feature, left, .. }) => {
                    let test = cuts[*feature as usize].test(left);
                    self.nodes.push(Node { test, feature: *feature, left: root + grown.left });
                    self.leaves.push(0);
                }
            }
            self.cover.push(grown.cover);
        }
    }

    fn push_leaf(&mut self, at: u32, values: &[f32]) {
        self.nodes.push(Node { test: LEAF, feature: 0, left: at });
        self.leaves.push((self.values.len() / self.width) as u32);
        self.values.extend_from_slice(values);
    }

    /// The forest of the first `trees` trees, or of all if there are fewer.
    #[must_use]
    pub fn truncated(mut self, trees: usize) -> Self {
        let Some(&end) = self.roots.get(trees) else { return self };
        self.nodes.truncate(end as usize);
        self.leaves.truncate(end as usize);
        self.cover.truncate(end as usize);
        self.roots.truncate(trees);
        self.tree_output.truncate(trees);
        // leaf values lie in the order of the nodes
        let leaves = self.nodes.iter().filter(|node| node.is_leaf()).count();
        self.values.truncate(leaves * self.width);
        self
    }

    /// What the sum of leaves is multiplied by.
    pub(super) fn scale(&self) -> f32 {
        match self.link {
            Link::MeanValue | Link::MeanProbability => 1.0 / self.trees().max(1) as f32,
            Link::Identity | Link::Logistic | Link::Softmax => 1.0,
        }
    }
}
