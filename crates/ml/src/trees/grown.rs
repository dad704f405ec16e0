//! A tree as it grows: splits are sets of bins, whatever the feature's kind.

/// Bin code of a missing value, the same in every feature.
pub(super) const MISSING: u8 = 255;

/// A set of bin codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BinSet([u64; 4]);

impl BinSet {
    /// The codes `0 ..= last`.
    pub(super) fn up_to(last: u8) -> Self {
        let mut set = Self::default();
        (0..=last).for_each(|code| set.insert(code));
        set
    }

    pub(super) fn insert(&mut self, code: u8) {
        self.0[usize::from(code >> 6)] |= 1 << (code & 63);
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] | other.0[word]))
    }

    pub(super) fn contains(&self, code: u8) -> bool {
        self.0[usize::from(code >> 6)] >> (code & 63) & 1 == 1
    }

    pub(super) fn missing(&self) -> bool {
        self.contains(MISSING)
    }

    /// The largest bin of a value in the set.
    pub(super) fn last_value(&self) -> Option<u8> {
        (0..MISSING).rev().find(|&code| self.contains(code))
    }
}

/// What sends a row left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Split {
    pub(super) feature: u32,
    /// Bins that go left, that of missing values included.
    pub(super) left: BinSet,
    /// How much the training objective fell.
    pub(super) gain: f64,
}

/// A node of a growing tree.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct GrownNode {
    /// Absent in leaves.
    pub(super) split: Option<Split>,
    /// Left child, the right one follows (split); row of the values (leaf).
    pub(super) left: u32,
    /// Training weight in the node.
    pub(super) cover: f32,
}

/// A tree whose children always come after their parent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grown {
    pub(super) nodes: Vec<GrownNode>,
    /// Leaf values, `leaves × width`.
    pub(super) values: Vec<f32>,
    pub(super) width: usize,
}

impl Grown {
    /// A lone root, not yet a leaf with values.
    pub(super) fn root(width: usize) -> Self {
        Self { nodes: vec![GrownNode { split: None, left: 0, cover: 0.0 }], values: Vec::new(), width }
    }

    /// Splits `node` and answers its left child.
    pub(super) fn split(&mut self, node: u32, split: Split) -> u32 {
        let left = self.nodes.len() as u32;
        self.nodes[node as usize].split = Some(split);
        self.nodes[node as usize].left = left;
        for _ in 0..2 {
            self.nodes.push(GrownNode { split: None, left: 0, cover: 0.0 });
        }
        left
    }

    /// Makes `node` a leaf.
    pub(super) fn settle(&mut self, node: u32, values: &[f32], cover: f32) {
        let row = (self.values.len() / self.width) as u32;
        self.values.extend_from_slice(values);
        let node = &mut self.nodes[node as usize];
        node.left = row;
        node.cover = cover;
    }

    /// The values of a leaf.
    pub(super) fn leaf(&self, node: &GrownNode) -> &[f32] {
        let start = node.left as usize * self.width;
        &self.values[start..start + self.width]
    }

    /// Gives every split the cover of its children; leaves have theirs already.
    pub(super) fn sum_covers(&mut self) {
        for at in (0..self.nodes.len()).rev() {
            if self.nodes[at].split.is_some() {
                let left = self.nodes[at].left as usize;
                self.nodes[at].cover = self.nodes[left].cover + self.nodes[left + 1].cover;
            }
        }
    }

    /// The values of the leaf a binned row falls into; `bin` gives the row's code of a feature.
    pub(super) fn lookup(&self, bin: impl Fn(usize) -> u8) -> &[f32] {
        let mut node = &self.nodes[0];
        while let Some(split) = &node.split {
            let right = !split.left.contains(bin(split.feature as usize));
            node = &self.nodes[node.left as usize + usize::from(right)];
        }
        self.leaf(node)
    }
}
