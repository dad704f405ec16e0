//! A forest as bytes, and back with every claim checked.

use std::collections::HashMap;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::LoadError;
use super::bins::MAX_CATEGORY_BINS;
use super::forest::{Forest, Link, MAX_DEPTH, MISSING_LEFT, Node, PRESENT};

/// Layout of the tensors; a later one gets a later number.
const VERSION: u32 = 2;

/// The key under which the description stands in the container's metadata.
const KEY: &str = "forest";

/// What the tensors do not say.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    version: u32,
    /// Categories of each feature; 0 where the values are numbers.
    categories: Vec<usize>,
    link: Link,
    width: usize,
}

impl Forest {
    /// The forest as a safetensors container. The same forest always gives the same bytes.
    ///
    /// # Errors
    /// When the container cannot be written, which no grown forest brings about.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, LoadError> {
        let description = Description {
            version: VERSION,
            categories: self.bin_of.iter().map(Vec::len).collect(),
            link: self.link,
            width: self.width,
        };
        let text = serde_json::to_string(&description).map_err(|error| LoadError::Description(error.to_string()))?;
        let column = |field: fn(&Node) -> u32| bytes_u32(self.nodes.iter().map(field));
        let tests = self.nodes.iter().flat_map(|node| node.test.to_le_bytes()).collect();
        let tensors = [
            ("base", Dtype::F32, bytes_f32(&self.base)),
            ("bin", Dtype::U8, self.bin_of.concat()),
            ("cover", Dtype::F32, bytes_f32(&self.cover)),
            ("feature", Dtype::U32, column(|node| node.feature)),
            ("leaf", Dtype::U32, bytes_u32(self.leaves.iter().copied())),
            ("left", Dtype::U32, column(|node| node.left)),
            ("output", Dtype::U32, bytes_u32(self.tree_output.iter().copied())),
            ("root", Dtype::U32, bytes_u32(self.roots.iter().copied())),
            ("test", Dtype::U64, tests),
            ("values", Dtype::F32, bytes_f32(&self.values)),
        ];
        let mut views = Vec::with_capacity(tensors.len());
        for (name, dtype, bytes) in &tensors {
            views.push((*name, TensorView::new(*dtype, vec![bytes.len() * 8 / dtype.bitsize()], bytes)?));
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
            leaves: numbers(&tensors, "leaf")?,
            values: floats(&tensors, "values")?,
            width: description.width,
            roots: numbers(&tensors, "root")?,
            tree_output: numbers(&tensors, "output")?,
            base: floats(&tensors, "base")?,
            link: description.link,
            bin_of: bins(&tensors, &description.categories)?,
        };
        forest.check_shape()?;
        forest.check_trees()?;
        Ok(forest)
    }

    fn check_shape(&self) -> Result<(), LoadError> {
        let outputs = self.base.len();
        demand(self.features() >= 1 && self.features() < u32::MAX as usize, "number of features")?;
        demand(if self.link == Link::Logistic { outputs == 1 } else { outputs >= 1 }, "number of outputs")?;
        demand(self.width == 1 || self.width == outputs, "values in a leaf")?;
        demand(self.values.len().is_multiple_of(self.width), "leaf values")?;
        demand(self.cover.len() == self.nodes.len(), "number of covers")?;
        demand(self.leaves.len() == self.nodes.len(), "number of leaves")?;
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
        demand(node.feature == 0 && node.left as usize == at, "a leaf that leads on")?;
        demand((self.leaves[at] as usize) < self.values.len() / self.width, "values of a leaf")
    }

    fn check_split(&self, node: Node) -> Result<(), LoadError> {
        let feature = self.bin_of.get(node.feature as usize).ok_or(LoadError::Corrupt("feature of a split"))?;
        if feature.is_empty() {
            demand((node.test | MISSING_LEFT) >> 32 == (PRESENT | MISSING_LEFT) >> 32, "test of a split")?;
            demand(!f32::from_bits(node.test as u32).is_nan(), "threshold")?;
        }
        Ok(())
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
    let [feature, left] = [numbers(tensors, "feature")?, numbers(tensors, "left")?];
    let test: Vec<u64> = elements(tensors, "test", Dtype::U64)?.map(u64::from_le_bytes).collect();
    demand([feature.len(), left.len()] == [test.len(); 2], "lengths of the node tensors")?;
    let node = |at: usize| Node { test: test[at], feature: feature[at], left: left[at] };
    Ok((0..test.len()).map(node).collect())
}

fn bins(tensors: &SafeTensors<'_>, categories: &[usize]) -> Result<Vec<Vec<u8>>, LoadError> {
    let bins: Vec<u8> = elements(tensors, "bin", Dtype::U8)?.map(u8::from_le_bytes).collect();
    demand(bins.iter().all(|&bin| usize::from(bin) < MAX_CATEGORY_BINS), "bin of a category")?;
    let mut rest = &bins[..];
    let mut bin_of = Vec::with_capacity(categories.len());
    for &count in categories {
        let (of_feature, after) = rest.split_at_checked(count).ok_or(LoadError::Corrupt("number of categories"))?;
        bin_of.push(of_feature.to_vec());
        rest = after;
    }
    demand(rest.is_empty(), "number of categories")?;
    Ok(bin_of)
}

fn numbers(tensors: &SafeTensors<'_>, name: &str) -> Result<Vec<u32>, LoadError> {
    Ok(elements(tensors, name, Dtype::U32)?.map(u32::from_le_bytes).collect())
}

fn floats(tensors: &SafeTensors<'_>, name: &str) -> Result<Vec<f32>, LoadError> {
    Ok(elements(tensors, name, Dtype::F32)?.map(f32::from_le_bytes).collect())
}

fn elements<'a, const SIZE: usize>(
    tensors: &SafeTensors<'a>,
    name: &str,
    dtype: Dtype,
) -> Result<impl Iterator<Item = [u8; SIZE]> + 'a, LoadError> {
    let tensor = tensors.tensor(name)?;
    demand(tensor.dtype() == dtype && tensor.shape().len() == 1, "type of a tensor")?;
    Ok(tensor.data().as_chunks::<SIZE>().0.iter().copied())
}

fn bytes_u32(numbers: impl Iterator<Item = u32>) -> Vec<u8> {
    numbers.flat_map(u32::to_le_bytes).collect()
}

fn bytes_f32(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}
