//! How long forests take to grow, to predict and to explain.
#![allow(clippy::expect_used, reason = "a benchmark without its forest has nothing to measure")]

use std::hint::black_box;
use std::ops::ControlFlow;

use criterion::{Criterion, criterion_group, criterion_main};
use ml::features::{Feature, FeatureKind, Features, Target};
use ml::trees::Forest;
use ml::trees::boosted::{self, BoostedParameters};
use ml::trees::random::{self, RandomParameters};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const FEATURES: usize = 15;

/// Skewed columns and one row in about thirty positive, as in payment data.
fn rows(count: usize) -> (Features, Target) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut uniform = || (rng.next_u32() >> 8) as f32 / (1 << 24) as f32;
    let column = |at: usize, uniform: &mut dyn FnMut() -> f32| {
        let values = (0..count).map(|_| (uniform().powi(3) * 10_f32.powi(at as i32 % 4 + 1)).round());
        Feature { name: format!("column {at}"), kind: FeatureKind::Numeric, values: values.collect() }
    };
    let columns: Vec<Feature> = (0..FEATURES).map(|at| column(at, &mut uniform)).collect();
    let score = |row: usize| {
        columns[1].values[row] / 100.0 + columns[2].values[row] / 1_000.0 * columns[3].values[row] / 10_000.0
    };
    let labels = (0..count).map(|row| u32::from(score(row) + 0.5 * uniform() > 1.2)).collect();
    (Features { rows: count, columns }, Target::Classes { labels, classes: 2 })
}

fn go_on(_: f32, _: &str) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn boost(x: &Features, y: &Target, rounds: u32) -> Forest {
    let parameters = BoostedParameters { rounds, max_depth: 5, ..Default::default() };
    boosted::fit(x, y, None, None, &parameters, 1, &mut go_on).expect("the rows are sound").forest
}

fn growing(criterion: &mut Criterion) {
    let (x, y) = rows(67_000);
    let mut group = criterion.benchmark_group("grow");
    group.sample_size(10);
    group.bench_function("boosted, 67,000 rows, 100 rounds of depth 5", |bench| bench.iter(|| boost(&x, &y, 100)));
    let parameters = RandomParameters { trees: 20, ..Default::default() };
    group.bench_function("random, 67,000 rows, 20 trees", |bench| {
        bench.iter(|| random::fit(&x, &y, None, &parameters, 1, &mut go_on).expect("the rows are sound"));
    });
}

fn using(criterion: &mut Criterion) {
    let (x, y) = rows(20_000);
    let forest = boost(&x, &y, 600);
    let thousand = x.select(&(0..1_000).collect::<Vec<_>>());
    let (mut row, mut out, mut at) = ([0.0; FEATURES], [0.0], 0);
    let mut next = move || {
        at = (at + 1) % 1_000;
        at
    };
    criterion.bench_function("predict one row, 600 trees", |bench| {
        bench.iter(|| {
            thousand.copy_row(next(), &mut row);
            forest.predict_row(black_box(&row), &mut out);
            out
        });
    });
    criterion
        .bench_function("predict 1,000 rows, 600 trees", |bench| bench.iter(|| forest.predict(black_box(&thousand))));
    criterion
        .bench_function("explain one row, 600 trees", |bench| bench.iter(|| forest.contributions(black_box(&row), 0)));
    let bytes = forest.to_safetensors().expect("a grown forest can be written");
    criterion.bench_function("load 600 trees", |bench| bench.iter(|| Forest::from_safetensors(black_box(&bytes))));
}

criterion_group!(benches, growing, using);
criterion_main!(benches);
