//! A training step and answers of a small reading network, beside the same network on candle's own layers.
//!
//! Three 3 × 3 convolutions (32, 64 and 64 channels, each with relu and 2 × 2 pooling) on grey 32 × 20 pixels, a dense
//! layer of 128 units and 100 outputs.

#![allow(clippy::unwrap_used)] // a benchmark that fails should stop

use std::hint::black_box;

use candle_core::{DType, Device, Tensor};
use candle_nn::{AdamW, Conv2d, Conv2dConfig, Linear, Module, Optimizer, ParamsAdamW, VarBuilder, VarMap};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vision::network::{Block, Draw, Learner, Objective, Schedule, Shape, Window};

const BATCH: usize = 64;
const CLASSES: usize = 100;

fn shape() -> Shape {
    let block = |channels| Block { channels, shortcut: false, pool: Window { height: 2, width: 2 } };
    Shape {
        height: 32,
        width: 20,
        channels: 1,
        blocks: vec![block(32), block(64), block(64)],
        normalise: false,
        hidden: 128,
        outputs: CLASSES,
        columns: false,
    }
}

/// Pictures of waves; the class is the picture's number.
struct Waves;

impl Objective for Waves {
    fn prepare(&self, example: usize, _: u64, pixels: &mut [f32]) {
        pixels.iter_mut().enumerate().for_each(|(at, pixel)| *pixel = ((at * (example + 3)) as f32 * 0.01).sin());
    }

    fn loss(&self, example: usize, logits: &[f32], slopes: &mut [f32]) -> f64 {
        let sum: f32 = logits.iter().map(|logit| logit.exp()).sum();
        slopes.iter_mut().zip(logits).for_each(|(slope, logit)| *slope = logit.exp() / sum);
        slopes[example % CLASSES] -= 1.0;
        f64::from(sum.ln() - logits[example % CLASSES])
    }
}

/// The same layers of candle.
struct Candle {
    convolutions: Vec<Conv2d>,
    dense: [Linear; 2],
}

impl Candle {
    fn new(vb: &VarBuilder<'_>) -> candle_core::Result<Self> {
        let config = Conv2dConfig { padding: 1, ..Conv2dConfig::default() };
        let sizes = [(1, 32), (32, 64), (64, 64)];
        let conv =
            |(at, (i, o)): (usize, &(usize, usize))| candle_nn::conv2d(*i, *o, 3, config, vb.pp(format!("c{at}")));
        let convolutions = sizes.iter().enumerate().map(conv).collect::<Result<_, _>>()?;
        let dense = [candle_nn::linear(64 * 4 * 2, 128, vb.pp("d0"))?, candle_nn::linear(128, CLASSES, vb.pp("d1"))?];
        Ok(Self { convolutions, dense })
    }

    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let mut x = x.clone();
        for convolution in &self.convolutions {
            x = convolution.forward(&x)?.relu()?.max_pool2d(2)?;
        }
        let hidden = self.dense[0].forward(&x.flatten_from(1)?)?.relu()?;
        self.dense[1].forward(&hidden)
    }
}

fn pixels(count: usize) -> Vec<f32> {
    let mut all = vec![0.0; count * 32 * 20];
    all.chunks_exact_mut(32 * 20).enumerate().for_each(|(example, pixels)| Waves.prepare(example, 0, pixels));
    all
}

fn training(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("training step of 64");
    group.throughput(Throughput::Elements(BATCH as u64));
    let batch: Vec<Draw> = (0..BATCH).map(|example| (example, 0)).collect();
    let mut learner = Learner::new(shape(), 1);
    let schedule = Schedule { learning_rate: 1e-3, weight_decay: 0.01, keep: 0.99, dropout: 0.0 };
    group.bench_function("ours", |bench| bench.iter(|| learner.step(&batch, &Waves, schedule)));

    let map = VarMap::new();
    let candle = Candle::new(&VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu)).unwrap();
    let mut adam = AdamW::new(map.all_vars(), ParamsAdamW { lr: 1e-3, ..ParamsAdamW::default() }).unwrap();
    let x = Tensor::from_vec(pixels(BATCH), (BATCH, 1, 32, 20), &Device::Cpu).unwrap();
    let y = Tensor::from_iter((0..BATCH as u32).map(|y| y % CLASSES as u32), &Device::Cpu).unwrap();
    let mut step = || {
        let loss = candle_nn::loss::cross_entropy(&candle.forward(&x).unwrap(), &y).unwrap();
        adam.backward_step(&loss).unwrap();
    };
    group.sample_size(10).bench_function("candle", |bench| bench.iter(&mut step));
    group.finish();
}

fn answers(criterion: &mut Criterion) {
    let draws: Vec<Draw> = (0..BATCH).map(|example| (example, 0)).collect();
    let network = Learner::new(shape(), 1).finish(&draws, &Waves);
    let map = VarMap::new();
    let candle = Candle::new(&VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu)).unwrap();
    for count in [1, BATCH] {
        let mut group = criterion.benchmark_group(format!("answers to {count}"));
        group.throughput(Throughput::Elements(count as u64));
        let all = pixels(count);
        let prepare = |example: usize, pixels: &mut [f32]| pixels.copy_from_slice(&all[example * 640..][..640]);
        group.bench_function("ours", |bench| bench.iter(|| black_box(network.answers(count, prepare))));
        let x = Tensor::from_slice(&all, (count, 1, 32, 20), &Device::Cpu).unwrap();
        group.bench_function("candle", |bench| bench.iter(|| black_box(candle.forward(&x).unwrap().detach())));
        group.finish();
    }
}

criterion_group!(benches, training, answers);
criterion_main!(benches);
