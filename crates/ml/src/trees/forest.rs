use super::bins::Cuts;
use super::grown::Grown;

/// Deepest level a tree may reach; the root is level 0. Bounds recursion when a forest is explained.
pub const MAX_DEPTH: u32 = 64;

/// The node parts a row into two; absent in leaves.
pub(super) const SPLIT: u32 = 1;
/// Rows without a value go right.
pub(super) const MISSING_RIGHT: u32 = 2;
/// The split asks for membership in a set of categories instead of comparing with a threshold.
pub(super) const CATEGORICAL: u32 = 4;

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
/// Reading a node never branches on its sort: a leaf is a node whose `left` is itself and whose flags hold no `SPLIT`,
/// so walking on from a leaf stays there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(16))]
pub(super) struct Node {
    /// Feature asked for; 0 in a leaf.
    pub(super) feature: u32,
    /// Threshold as `f32` bits (numeric split: `value <= threshold` goes left), offset into the category words
    /// (categorical split), or row of the leaf values (leaf).
    pub(super) payload: u32,
    /// Left child; the right one follows it.
    pub(super) left: u32,
    /// `SPLIT | MISSING_RIGHT | CATEGORICAL`.
    pub(super) flags: u32,
}

impl Node {
    pub(super) fn is_leaf(self) -> bool {
        self.flags & SPLIT == 0
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
    /// Category sets: a length in words, then that many words of 32 categories; a set bit goes left.
    pub(super) words: Vec<u32>,
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
    pub(super) features: usize,
}

impl Forest {
    /// A forest without trees. `width` is 1 or `base.len()`.
    pub(super) fn new(features: usize, base: Vec<f32>, width: usize, link: Link) -> Self {
        Self {
            nodes: Vec::new(),
            cover: Vec::new(),
            words: Vec::new(),
            values: Vec::new(),
            width,
            roots: Vec::new(),
            tree_output: Vec::new(),
            base,
            link,
            features,
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
        self.features
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

    /// Appends a tree that adds to `output`, turning its bins into thresholds and category sets.
    pub(super) fn push(&mut self, tree: &Grown, cuts: &[Cuts], output: usize) {
        let root = self.nodes.len() as u32;
        self.roots.push(root);
        self.tree_output.push(output as u32);
        for (position, grown) in tree.nodes.iter().enumerate() {
            let node = match &grown.split {
                None => self.leaf(root + position as u32, tree.leaf(grown)),
                Some(split) => {
                    let missing = if split.left.missing() { 0 } else { MISSING_RIGHT };
                    let (payload, kind) = cuts[split.feature as usize].rule(&split.left, &mut self.words);
                    Node { feature: split.feature, payload, left: root + grown.left, flags: SPLIT | missing | kind }
                }
            };
            self.nodes.push(node);
            self.cover.push(grown.cover);
        }
    }

    fn leaf(&mut self, at: u32, values: &[f32]) -> Node {
        let row = self.values.len() / self.width;
        self.values.extend_from_slice(values);
        Node { feature: 0, payload: row as u32, left: at, flags: 0 }
    }

    /// The forest of the first `trees` trees, or of all if there are fewer.
    #[must_use]
    pub fn truncated(mut self, trees: usize) -> Self {
        let Some(&end) = self.roots.get(trees) else { return self };
        self.nodes.truncate(end as usize);
        self.cover.truncate(end as usize);
        self.roots.truncate(trees);
        self.tree_output.truncate(trees);
        // leaves and category sets lie in the order of the nodes that ask for them
        let leaves = self.nodes.iter().filter(|node| node.is_leaf()).count();
        self.values.truncate(leaves * self.width);
        let set_end = |node: &Node| node.payload as usize + 1 + self.words[node.payload as usize] as usize;
        let last_set = self.nodes.iter().rfind(|node| node.flags & CATEGORICAL != 0);
        self.words.truncate(last_set.map_or(0, set_end));
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
