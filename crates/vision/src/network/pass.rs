//! The buffers of one slice of a batch on its way through the network and back.

use std::sync::Mutex;

use super::layout::Layout;
use crate::kernels::Moments;

/// Everything that a slice of at most `capacity` pictures needs. The frames of all maps stay zero.
pub(crate) struct Pass {
    pub(crate) capacity: usize,
    /// Input of each block, and the last one's output.
    pub(crate) maps: Vec<Vec<f32>>,
    /// Output of each convolution.
    pub(crate) raw: Vec<Vec<f32>>,
    pub(crate) moments: Vec<Moments>,
    /// (pictures · steps) × features
    pub(crate) features: Vec<f32>,
    /// (pictures · steps) × hidden: the dense layer before and after normalisation and relu.
    pub(crate) raw_hidden: Vec<f32>,
    pub(crate) hidden: Vec<f32>,
    /// (pictures · steps) × outputs
    pub(crate) logits: Vec<f32>,
    pub(crate) back: Option<Back>,
}

/// What only learning needs.
pub(crate) struct Back {
    pub(crate) winners: Vec<Vec<u8>>,
    /// Derivatives by each convolution's output.
    pub(crate) slopes: Vec<Vec<f32>>,
    /// Derivatives by each map.
    pub(crate) by_map: Vec<Vec<f32>>,
    pub(crate) by_features: Vec<f32>,
    pub(crate) by_hidden: Vec<f32>,
    pub(crate) by_logits: Vec<f32>,
    /// 0 for silenced units of the dense layer, for the rest what keeps their mean.
    pub(crate) gates: Vec<f32>,
}

impl Pass {
    fn new(layout: &Layout, capacity: usize, learning: bool) -> Self {
        let head = &layout.head;
        let inputs = layout.blocks.iter().map(|block| vec![0.0; block.grid.len(capacity, block.channels.input)]);
        let outputs = |block: &super::layout::BlockLayout| block.grid.len(capacity, block.channels.output);
        let answers = capacity * head.steps;
        Self {
            capacity,
            maps: inputs.chain([vec![0.0; head.grid.len(capacity, head.channels)]]).collect(),
            raw: layout.blocks.iter().map(|block| vec![0.0; outputs(block)]).collect(),
            moments: vec![Moments::default(); layout.blocks.len() + 1],
            features: vec![0.0; answers * head.features],
            raw_hidden: vec![0.0; answers * head.hidden],
            hidden: vec![0.0; answers * head.hidden],
            logits: vec![0.0; answers * head.outputs],
            back: learning.then(|| Back::new(layout, capacity)),
        }
    }
}

impl Back {
    fn new(layout: &Layout, capacity: usize) -> Self {
        let head = &layout.head;
        let answers = capacity * head.steps;
        let inputs = layout.blocks.iter().map(|block| block.grid.len(capacity, block.channels.input));
        let maps: Vec<usize> = inputs.chain([head.grid.len(capacity, head.channels)]).collect();
        let outputs = layout.blocks.iter().map(|block| vec![0.0; block.grid.len(capacity, block.channels.output)]);
        Self {
            winners: maps[1..].iter().map(|len| vec![0; *len]).collect(),
            slopes: outputs.collect(),
            by_map: maps.iter().map(|len| vec![0.0; *len]).collect(),
            by_features: vec![0.0; answers * head.features],
            by_hidden: vec![0.0; answers * head.hidden],
            by_logits: vec![0.0; answers * head.outputs],
            gates: vec![1.0; answers * head.hidden],
        }
    }
}

/// Passes that wait for their next slice. There come to be as many as threads work at once; fresh ones for every slice
/// would cost more in fresh pages of memory than in arithmetic.
#[derive(Default)]
pub(crate) struct Passes(Mutex<Vec<Pass>>);

impl Passes {
    /// Lends a pass for at least `capacity` pictures to `work`.
    pub(crate) fn with<R>(
        &self,
        layout: &Layout,
        capacity: usize,
        learning: bool,
        work: impl FnOnce(&mut Pass) -> R,
    ) -> R {
        let waiting = self.lock().pop();
        let fits = waiting.filter(|pass| pass.capacity >= capacity && pass.back.is_some() == learning);
        let mut pass = fits.unwrap_or_else(|| Pass::new(layout, capacity, learning));
        let made = work(&mut pass);
        self.lock().push(pass);
        made
    }

    /// The passes hold no promise that a panic elsewhere could have broken: all but zero frames is written anew.
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Pass>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Passes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passes")
    }
}
