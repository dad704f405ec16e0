//! Limited-memory BFGS: a quasi-Newton descent for smooth convex functions (Liu & Nocedal, 1989).

use std::collections::VecDeque;

/// How many past steps shape the curvature estimate.
const MEMORY: usize = 12;
/// Line searches bracket within this many evaluations or give up.
const MAX_TRIALS: usize = 40;
const ARMIJO: f64 = 1e-4;
const WOLFE: f64 = 0.9;

/// Where the descent ended.
#[derive(Clone, Debug)]
pub(crate) struct Minimum {
    /// The point.
    pub(crate) point: Vec<f64>,
    /// Largest absolute component of the gradient there.
    pub(crate) gradient_norm: f64,
    /// Steps taken.
    pub(crate) iterations: usize,
}

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop {
    /// Largest absolute gradient component that counts as zero.
    pub(crate) tolerance: f64,
    /// Most steps.
    pub(crate) max_iterations: usize,
}

struct Step {
    moved: Vec<f64>,
    turned: Vec<f64>,
    /// 1 / (moved · turned)
    rho: f64,
}

/// Minimises a function given as `value_and_gradient`, from `start`. `each` hears iteration and value after every step.
///
/// Ends at the tolerance, at the iteration limit, or where the arithmetic's precision allows no further descent.
pub(crate) fn minimise<E>(
    start: Vec<f64>,
    stop: Stop,
    mut value_and_gradient: impl FnMut(&[f64]) -> Result<(f64, Vec<f64>), E>,
    mut each: impl FnMut(usize, f64) -> Result<(), E>,
) -> Result<Minimum, E> {
    let mut point = start;
    let (mut value, mut gradient) = value_and_gradient(&point)?;
    let mut steps: VecDeque<Step> = VecDeque::with_capacity(MEMORY);
    let mut iterations = 0;
    while largest(&gradient) > stop.tolerance && iterations < stop.max_iterations {
        let direction = descent(&gradient, &steps);
        let first = if steps.is_empty() { 1.0 / dot(&gradient, &gradient).sqrt().max(1.0) } else { 1.0 };
        let found = search(&point, value, &gradient, &direction, first, &mut value_and_gradient)?;
        let Some((next, next_value, next_gradient)) = found else { break };
        remember(&mut steps, difference(&next, &point), difference(&next_gradient, &gradient));
        (point, value, gradient) = (next, next_value, next_gradient);
        iterations += 1;
        each(iterations, value)?;
    }
    Ok(Minimum { gradient_norm: largest(&gradient), point, iterations })
}

/// The two-loop recursion: minus the inverse curvature estimate times the gradient.
fn descent(gradient: &[f64], steps: &VecDeque<Step>) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut alphas = Vec::with_capacity(steps.len());
    for step in steps.iter().rev() {
        let alpha = step.rho * dot(&step.moved, &direction);
        add_scaled(&mut direction, -alpha, &step.turned);
        alphas.push(alpha);
    }
    if let Some(last) = steps.back() {
        let scale = 1.0 / (last.rho * dot(&last.turned, &last.turned));
        direction.iter_mut().for_each(|d| *d *= scale);
    }
    for (step, alpha) in steps.iter().zip(alphas.into_iter().rev()) {
        let beta = step.rho * dot(&step.turned, &direction);
        add_scaled(&mut direction, alpha - beta, &step.moved);
    }
    direction
}

type Evaluated = (Vec<f64>, f64, Vec<f64>);

/// Bisects for a step length that meets the weak Wolfe conditions (Lewis & Overton, 2013); `None` when rounding hides
/// any decrease.
fn search<E>(
    point: &[f64],
    value: f64,
    gradient: &[f64],
    direction: &[f64],
    first: f64,
    value_and_gradient: &mut impl FnMut(&[f64]) -> Result<(f64, Vec<f64>), E>,
) -> Result<Option<Evaluated>, E> {
    let slope = dot(gradient, direction);
    let (mut low, mut high, mut length) = (0.0, f64::INFINITY, first);
    let mut best = None;
    for _ in 0..MAX_TRIALS {
        let mut next = point.to_vec();
        add_scaled(&mut next, length, direction);
        let (next_value, next_gradient) = value_and_gradient(&next)?;
        let steep = dot(&next_gradient, direction) < WOLFE * slope;
        // `!(a <= b)` rather than `a > b`, so that an overflow to NaN also shortens the step.
        let decreased = next_value <= value + ARMIJO * length * slope;
        if !decreased {
            high = length;
        } else if steep {
            low = length;
            best = Some((next, next_value, next_gradient));
        } else {
            return Ok(Some((next, next_value, next_gradient)));
        }
        length = if high.is_finite() { (low + high) / 2.0 } else { length * 2.0 };
    }
    Ok(best)
}

fn remember(steps: &mut VecDeque<Step>, moved: Vec<f64>, turned: Vec<f64>) {
    let curvature = dot(&moved, &turned);
    // Rounding can make the curvature of a convex function look negative; such a pair would spoil the estimate.
    if curvature <= 1e-12 * dot(&turned, &turned).sqrt() * dot(&moved, &moved).sqrt() {
        return;
    }
    if steps.len() == MEMORY {
        steps.pop_front();
    }
    steps.push_back(Step { moved, turned, rho: 1.0 / curvature });
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, v| v.abs().max(most))
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn add_scaled(to: &mut [f64], factor: f64, values: &[f64]) {
    for (to, value) in to.iter_mut().zip(values) {
        *to += factor * value;
    }
}
