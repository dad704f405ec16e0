use super::*;

fn window(height: usize, width: usize) -> Window {
    Window { height, width }
}

/// Two convolutions, the second with a shortcut, and an answer for each column or for the whole.
fn tiny(normalise: bool, columns: bool) -> Shape {
    Shape {
        height: 4,
        width: 6,
        channels: 1,
        blocks: vec![
            Block { channels: 3, shortcut: false, pool: window(1, 1) },
            Block { channels: 3, shortcut: true, pool: window(2, 1) },
            Block { channels: 4, shortcut: false, pool: window(1, 2) },
        ],
        normalise,
        hidden: 5,
        outputs: 3,
        columns,
    }
}

/// Fixed pixels, and a loss with slopes of its own in every output.
struct Wave;

impl Objective for Wave {
    fn prepare(&self, example: usize, _: u64, pixels: &mut [f32]) {
        let rng = &mut stream(7, example as u64);
        pixels.iter_mut().for_each(|pixel| *pixel = normal(rng));
    }

    fn loss(&self, example: usize, logits: &[f32], slopes: &mut [f32]) -> f64 {
        let phase = |at: usize| (example + at) as f32;
        slopes.iter_mut().zip(logits).enumerate().for_each(|(at, (slope, logit))| *slope = (logit + phase(at)).cos());
        logits.iter().enumerate().map(|(at, logit)| f64::from((logit + phase(at)).sin())).sum()
    }
}

#[test]
fn the_gradient_is_what_finite_differences_give() {
    let batch: Vec<(usize, u64)> = (0..3).map(|example| (example, 0)).collect();
    for (normalise, columns) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut learner = Learner::new(tiny(normalise, columns), 3);
        learner.gradient(&batch, &Wave, 0.0);
        let gradient = learner.last_gradient().to_vec();
        let fixed = fixed_gains(&Layout::new(&tiny(normalise, columns)), normalise);
        let (mut off, mut all) = (0.0, 0.0);
        for weight in (0..gradient.len()).filter(|weight| !fixed.contains(weight)) {
            let mut loss = |by: f32| {
                learner.weights[weight] += by;
                let loss = learner.gradient(&batch, &Wave, 0.0);
                learner.weights[weight] -= by;
                loss
            };
            let step = 1e-3;
            let slope = (loss(step) - loss(-step)) / (2.0 * f64::from(step));
            off += (slope - f64::from(gradient[weight])).abs();
            all += slope.abs();
        }
        // Differences go wrong where relu or a window's maximum changes within the step.
        assert!(off < 0.02 * all, "normalise {normalise}, columns {columns}: {off} of {all}");
    }
}

/// Without normalisation gains stay 1.
fn fixed_gains(layout: &Layout, normalise: bool) -> Vec<usize> {
    let gains = layout.blocks.iter().map(|block| block.gain.clone()).chain([layout.head.gain.clone()]);
    if normalise { Vec::new() } else { gains.flatten().collect() }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let batch: Vec<(usize, u64)> = (0..40).map(|example| (example, 0)).collect();
    let learnt = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut learner = Learner::new(tiny(true, false), 3);
            let schedule = Schedule { learning_rate: 0.01, weight_decay: 0.1, keep: 0.9, dropout: 0.2 };
            let losses: Vec<f64> = (0..5).map(|_| learner.step(&batch, &Wave, schedule)).collect();
            (losses, learner.finish(&batch, &Wave))
        })
    };
    let (losses, network) = learnt(1);
    assert!(losses[4] < losses[0], "{losses:?}");
    assert_eq!((losses, network), learnt(3));
}
