//! How long the network takes for one row, for many, for an explanation, and for a short training.
//!
//! The rows are made up: 15 numbers and one category, of which three decide the class.

use std::hint::black_box;
use std::ops::ControlFlow;

use criterion::{Criterion, criterion_group, criterion_main};
use ml::features::{Feature, FeatureKind, Features, Target};
use ml::network::{self, NetworkParameters};

fn rows(count: usize) -> (Features, Target) {
    let number = |f: usize, i: usize| ((i * (2 * f + 31) * 7919) % 1009) as f32;
    let mut columns: Vec<Feature> = (0..15)
        .map(|f| Feature {
            name: format!("number {f}"),
            kind: FeatureKind::Numeric,
            values: (0..count).map(|i| number(f, i)).collect(),
        })
        .collect();
    columns.push(Feature {
        name: "category".into(),
        kind: FeatureKind::Categorical { categories: 10 },
        values: (0..count).map(|i| (i % 10) as f32).collect(),
    });
    let labels = (0..count).map(|i| u32::from(number(0, i) + number(1, i) > 1009.0 || i % 10 == 3)).collect();
    (Features { rows: count, columns }, Target::Classes { labels, classes: 2 })
}

fn network(criterion: &mut Criterion) {
    let (x, y) = rows(4096);
    let params = NetworkParameters { max_epochs: 2, ..NetworkParameters::default() };
    let train = || network::fit(&x, &y, None, None, &params, 1, &mut |_, _| ControlFlow::Continue(()));
    let Ok(fitted) = train() else { return };
    let mut row = vec![0.0; x.columns.len()];
    x.copy_row(7, &mut row);
    criterion.bench_function("network/predict_row", |b| b.iter(|| fitted.network.predict_row(black_box(&row))));
    criterion.bench_function("network/predict_4096", |b| b.iter(|| fitted.network.predict(black_box(&x))));
    criterion.bench_function("network/contributions", |b| b.iter(|| fitted.network.contributions(black_box(&row), 0)));
    let mut group = criterion.benchmark_group("network/fit");
    group.sample_size(10);
    group.bench_function("two_epochs_of_4096", |b| b.iter(train));
    group.finish();
}

criterion_group!(benches, network);
criterion_main!(benches);
