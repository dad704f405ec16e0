//! How scores are spread.

use domain::specification::Task;
use serde::{Deserialize, Serialize};

use super::truth::Answered;
use crate::features::Target;

/// Bars of a histogram.
const BARS: usize = 20;

/// Counts in bars of equal width.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// Left end of the first bar.
    pub low: f64,
    /// Right end of the last bar.
    pub high: f64,
    /// One line of bars for each kind of row.
    pub series: Vec<Series>,
}

/// Counts of one kind of row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// A class, `right` or `wrong`, or `error` (of a regression, predicted minus actual).
    pub name: String,
    /// Rows in each bar.
    pub counts: Vec<u64>,
}

/// Binary tasks: scores by class. Multiclass: the decided class's probability, by right and wrong. Regression: errors.
pub(super) fn histogram(task: Task, classes: &[String], answered: &Answered) -> Histogram {
    match (task, &answered.target) {
        (Task::Binary, Target::Classes { labels, .. }) => {
            let of = |class: u32| -> Vec<f64> {
                let own = answered.outputs.iter().zip(labels).filter(|(_, label)| **label == class);
                own.map(|(&score, _)| f64::from(score)).collect()
            };
            let series = (0..2).map(|class| (classes[class as usize].clone(), of(class))).collect();
            bars(0.0, 1.0, series)
        }
        (_, Target::Classes { labels, .. }) => {
            let (mut right, mut wrong) = (Vec::new(), Vec::new());
            for (row, &label) in labels.iter().enumerate() {
                let outputs = answered.outputs_of(row);
                let best = argmax(&outputs);
                if best == label as usize { right.push(outputs[best]) } else { wrong.push(outputs[best]) }
            }
            bars(0.0, 1.0, vec![(String::from("right"), right), (String::from("wrong"), wrong)])
        }
        (_, Target::Values(values)) => {
            let error = |(&predicted, &actual): (&f32, &f32)| f64::from(predicted) - f64::from(actual);
            let errors: Vec<f64> = answered.outputs.iter().zip(values).map(error).collect();
            let widest = errors.iter().fold(0.0, |widest: f64, error| widest.max(error.abs()));
            bars(-widest, widest, vec![(String::from("error"), errors)])
        }
    }
}

pub(super) fn argmax(values: &[f64]) -> usize {
    (0..values.len()).fold(0, |best, at| if values[at] > values[best] { at } else { best })
}

fn bars(low: f64, high: f64, series: Vec<(String, Vec<f64>)>) -> Histogram {
    let width = if high > low { high - low } else { 1.0 };
    let count = |values: Vec<f64>| {
        let mut counts = vec![0; BARS];
        for value in values {
            let bar = ((value - low) / width * BARS as f64) as usize;
            counts[bar.min(BARS - 1)] += 1;
        }
        counts
    };
    let series = series.into_iter().map(|(name, values)| Series { name, counts: count(values) }).collect();
    Histogram { low, high, series }
}
