//! A forest as bytes, and back with every claim checked.

use std::collections::HashMap;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::LoadError;
use super::forest::{CATEGORICAL, Forest, Link, MAX_DEPTH, MISSING_RIGHT, Node, SPLIT};

/// Layout of the tensors; a later one gets a later number.
const VERSION: u32 = 1;

/// The key under which the description stands in the container's metadata.
const KEY: &str = "forest";

/// What the tensors do not say.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    version: u32,
    features: usize,
    link: Link,
    width: usize,
}

impl Forest {
    /// The forest as a safetensors container. The same forest always gives the same bytes.
    ///
    /// # Errors
    /// When the container cannot be written, which no grown forest brings about.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, LoadError> {
        let description = Description { version: VERSION, features: self.features, link: self.link, width: self.width };
        let text = serde_json::to_string(&description).map_err(|error| LoadError::Description(error.to_string()))?;
        let column = |field: fn(&Node) -> u32| bytes_u32(self.nodes.iter().map(field));
        let tensors = [
            ("base", Dtype::F32, bytes_f32(&self.base)),
            ("cover", Dtype::F32, bytes_f32(&self.cover)),
            ("feature", Dtype::U32, column(|node| node.feature)),
            ("flags", Dtype::U32, column(|node| node.flags)),
            ("left", Dtype::U32, column(|node| node.left)),
            ("output", Dtype::U32, bytes_u32(self.tree_output.iter().copied())),
            ("payload", Dtype::U32, column(|node| node.payload)),
            ("root", Dtype::U32, bytes_u32(self.roots.iter().copied())),
            ("values", Dtype::F32, bytes_f32(&self.values)),
            ("words", Dtype::U32, bytes_u32(self.words.iter().copied())),
        ];
        let mut views = Vec::with_capacity(tensors.len());
        for (name, dtype, bytes) in &tensors {
            views.push((*name, TensorView::new(*dtype, vec![bytes.len() / 4], bytes)?));
        }
        // a single metadata entry: a map of several would be written in random order
        Ok(safetensors::serialize(views, Some(HashMap::from([(KEY.to_owned(), text)])))?)
    }

    /// Reads what [`Forest::to_safetensors`] wrote. Whatever the bytes, a forest that is accepted predicts without panic
    /// and in time bounded by its size.
    ///
    /// # Errors
    /// When the bytes are no container, lack a tensor, or describe what is not a forest.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, LoadError> {
        let description = description(bytes)?;
        let tensors = SafeTensors::deserialize(bytes)?;
        let forest = Self {
            nodes: nodes(&tensors)?,
            cover: floats(&tensors, "cover")?,
            words: numbers(&tensors, "words")?,
            values: floats(&tensors, "values")?,
            width: description.width,
            roots: numbers(&tensors, "root")?,
            tree_output: numbers(&tensors, "output")?,
            base: floats(&tensors, "base")?,
            link: description.link,
            features: description.features,
        };
        forest.check_shape()?;
        forest.check_trees()?;
        Ok(forest)
    }

    fn check_shape(&self) -> Result<(), LoadError> {
        let outputs = self.base.len();
        demand(self.features >= 1 && self.features < u32::MAX as usize, "number of features")?;
        demand(if self.link == Link::Logistic { outputs == 1 } else { outputs >= 1 }, "number of outputs")?;
        demand(self.width == 1 || self.width == outputs, "values in a leaf")?;
        demand(self.values.len().is_multiple_of(self.width), "leaf values")?;
        demand(self.cover.len() == self.nodes.len(), "number of covers")?;
        demand(self.tree_output.len() == self.roots.len(), "number of tree outputs")?;
        demand(self.cover.iter().all(|cover| cover.is_finite() && *cover >= 0.0), "cover")?;
        demand(self.values.iter().chain(&self.base).all(|value| value.is_finite()), "values must be finite")?;
        let served = if self.width == 1 { outputs } else { 1 };
        demand(self.tree_output.iter().all(|&output| (output as usize) < served), "output of a tree")
    }

    fn check_trees(&self) -> Result<(), LoadError> {
        demand(self.nodes.len() < u32::MAX as usize, "number of nodes")?;
        demand(self.roots.first().copied().unwrap_or(0) == 0, "first root")?;
        demand(self.roots.is_empty() == self.nodes.is_empty(), "nodes without a tree")?;
        let ends = self.roots.iter().skip(1).map(|&root| root as usize).chain([self.nodes.len()]);
        for (&root, end) in self.roots.iter().zip(ends) {
            demand((root as usize) < end && end <= self.nodes.len(), "roots must ascend")?;
            self.check_tree(root as usize, end)?;
        }
        Ok(())
    }

    /// Nodes `start .. end` must be one tree: each but the root the child of exactly one earlier node.
    fn check_tree(&self, start: usize, end: usize) -> Result<(), LoadError> {
        let mut depths = vec![None; end - start];
        depths[0] = Some(0);
        for at in start..end {
            let node = self.nodes[at];
            let depth: u32 = depths[at - start].ok_or(LoadError::Corrupt("a node without parent"))?;
            if node.is_leaf() {
                self.check_leaf(node, at)?;
                continue;
            }
            let left = node.left as usize;
            demand(left > at && left + 1 < end, "children must follow their parent within the tree")?;
            demand(depth < MAX_DEPTH, "too deep")?;
            self.check_split(node)?;
            for child in [left - start, left + 1 - start] {
                demand(depths[child].replace(depth + 1).is_none(), "a node with two parents")?;
            }
        }
        Ok(())
    }

    fn check_leaf(&self, node: Node, at: usize) -> Result<(), LoadError> {
        demand(node.flags == 0 && node.feature == 0 && node.left as usize == at, "a leaf that leads on")?;
        demand((node.payload as usize) < self.values.len() / self.width, "values of a leaf")
    }

    fn check_split(&self, node: Node) -> Result<(), LoadError> {
        demand(node.flags & !(SPLIT | MISSING_RIGHT | CATEGORICAL) == 0, "flags")?;
        demand((node.feature as usize) < self.features, "feature of a split")?;
        if node.flags & CATEGORICAL == 0 {
            return demand(!f32::from_bits(node.payload).is_nan(), "threshold");
        }
        let start = node.payload as usize;
        let length = *self.words.get(start).ok_or(LoadError::Corrupt("categories of a split"))?;
        demand(self.words.len() - start > length as usize, "categories of a split")
    }
}

fn demand(holds: bool, what: &'static str) -> Result<(), LoadError> {
    if holds { Ok(()) } else { Err(LoadError::Corrupt(what)) }
}

fn description(bytes: &[u8]) -> Result<Description, LoadError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)?;
    let text = metadata.metadata().as_ref().and_then(|entries| entries.get(KEY));
    let text = text.ok_or_else(|| LoadError::Description("is absent".to_owned()))?;
    let description: Description =
        serde_json::from_str(text).map_err(|error| LoadError::Description(error.to_string()))?;
    match description {
        Description { version: VERSION, width: 1.., .. } => Ok(description),
        Description { version: VERSION, .. } => Err(LoadError::Corrupt("values in a leaf")),
        Description { version, .. } => Err(LoadError::Description(format!("version {version} is not known"))),
    }
}

fn nodes(tensors: &SafeTensors<'_>) -> Result<Vec<Node>, LoadError> {
    let [feature, payload] = [numbers(tensors, "feature")?, numbers(tensors, "payload")?];
    let [left, flags] = [numbers(tensors, "left")?, numbers(tensors, "flags")?];
    let count = feature.len();
    demand([payload.len(), left.len(), flags.len()] == [count; 3], "lengths of the node tensors")?;
    let node = |at: usize| Node { feature: feature[at], payload: payload[at], left: left[at], flags: flags[at] };
    Ok((0..count).map(node).collect())
}

fn numbers(tensors: &SafeTensors<'_>, name: &str) -> Result<Vec<u32>, LoadError> {
    Ok(words(tensors, name, Dtype::U32)?.map(u32::from_le_bytes).collect())
}

fn floats(tensors: &SafeTensors<'_>, name: &str) -> Result<Vec<f32>, LoadError> {
    Ok(words(tensors, name, Dtype::F32)?.map(f32::from_le_bytes).collect())
}

fn words<'a>(
    tensors: &SafeTensors<'a>,
    name: &str,
    dtype: Dtype,
) -> Result<impl Iterator<Item = [u8; 4]> + 'a, LoadError> {
    let tensor = tensors.tensor(name)?;
    demand(tensor.dtype() == dtype && tensor.shape().len() == 1, "type of a tensor")?;
    Ok(tensor.data().as_chunks::<4>().0.iter().copied())
}

fn bytes_u32(numbers: impl Iterator<Item = u32>) -> Vec<u8> {
    numbers.flat_map(u32::to_le_bytes).collect()
}

fn bytes_f32(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}
