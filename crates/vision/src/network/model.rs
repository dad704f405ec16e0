//! A network that answers: weights and fixed affine maps.

use rayon::prelude::*;

use super::affine::Affine;
use super::forward::{forward, place};
use super::head;
use super::layout::Layout;
use super::pass::Passes;
use super::shape::Shape;
use crate::kernels::Moments;

/// Pictures that go through together on one thread.
const SLICE: usize = 8;

/// What a network says about pictures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// pictures × steps × outputs, before any softmax.
    pub logits: Vec<f32>,
    /// pictures × steps × hidden: what the last layer decides on.
    pub features: Vec<f32>,
}

/// A network with fixed weights.
#[derive(Debug)]
pub struct Network {
    pub(crate) shape: Shape,
    pub(crate) weights: Vec<f32>,
    pub(crate) moments: Vec<Moments>,
    pub(crate) layout: Layout,
    affine: Vec<(Vec<f32>, Vec<f32>)>,
    passes: Passes,
}

impl Network {
    /// `weights` as the layout of `shape` lays them; `moments` of each block where the shape normalises.
    pub(crate) fn new(shape: Shape, weights: Vec<f32>, moments: Vec<Moments>) -> Self {
        let layout = Layout::new(&shape);
        let maps = layout.blocks.iter().map(|block| block.trainable(&weights));
        let affine = maps.chain([layout.head.trainable(&weights)]).enumerate().map(|(number, map)| {
            let (gain, offset) = (&weights[map.gain.clone()], &weights[map.offset.clone()]);
            match moments.get(number) {
                Some(moments) if shape.normalise => moments.affine(gain, offset),
                _ => (gain.to_vec(), offset.to_vec()),
            }
        });
        let affine = affine.collect();
        Self { shape, weights, moments, layout, affine, passes: Passes::default() }
    }

    /// Its measures.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Answers about `count` pictures; `prepare` writes the pixels of one (height × width × channels) into the slice.
    pub fn answers(&self, count: usize, prepare: impl Fn(usize, &mut [f32]) + Sync) -> Answers {
        let starts: Vec<usize> = (0..count).step_by(SLICE).collect();
        let slices: Vec<Answers> =
            starts.into_par_iter().map(|start| self.slice(start..count.min(start + SLICE), &prepare)).collect();
        let mut all = Answers::default();
        for slice in slices {
            all.logits.extend(slice.logits);
            all.features.extend(slice.features);
        }
        all
    }

    fn slice(&self, pictures: std::ops::Range<usize>, prepare: &impl Fn(usize, &mut [f32])) -> Answers {
        let (layout, images) = (&self.layout, pictures.len());
        self.passes.with(layout, images, false, |pass| {
            let mut pixels = vec![0.0; self.shape.pixels()];
            for (image, picture) in pictures.enumerate() {
                prepare(picture, &mut pixels);
                place(layout, pass, image, &pixels);
            }
            forward(layout, &self.weights, Affine::Fixed(&self.affine), images, pass);
            head::forward(layout, &self.weights, Affine::Fixed(&self.affine), images, pass);
            let answers = images * layout.head.steps;
            Answers {
                logits: pass.logits[..answers * layout.head.outputs].to_vec(),
                features: pass.hidden[..answers * layout.head.hidden].to_vec(),
            }
        })
    }
}

impl Clone for Network {
    fn clone(&self) -> Self {
        Self::new(self.shape.clone(), self.weights.clone(), self.moments.clone())
    }
}

impl PartialEq for Network {
    fn eq(&self, other: &Self) -> bool {
        (&self.shape, &self.weights, &self.moments) == (&other.shape, &other.weights, &other.moments)
    }
}
