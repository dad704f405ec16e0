//! Connectionist temporal classification: the likelihood of a text under answers for each column, whichever columns its
//! characters lie in (Graves et al. 2006).

/// The output that says "no character here".
pub(crate) const BLANK: usize = 0;

/// Sums over all alignments of `text` (outputs from 1 on) with the columns of `log_probabilities`.
pub(crate) struct Ctc<'a> {
    /// columns × outputs
    log_probabilities: &'a [f64],
    outputs: usize,
    text: &'a [usize],
}

impl<'a> Ctc<'a> {
    pub(crate) fn new(log_probabilities: &'a [f64], outputs: usize, text: &'a [usize]) -> Self {
        Self { log_probabilities, outputs, text }
    }

    fn columns(&self) -> usize {
        self.log_probabilities.len() / self.outputs
    }

    /// States of an alignment: the characters with a blank before, between and behind.
    fn states(&self) -> usize {
        2 * self.text.len() + 1
    }

    fn output(&self, state: usize) -> usize {
        if state.is_multiple_of(2) { BLANK } else { self.text[state / 2] }
    }

    /// Whether the blank before `state` may be left out: between different characters.
    fn may_skip(&self, state: usize) -> bool {
        state % 2 == 1 && state >= 3 && self.text[state / 2] != self.text[state / 2 - 1]
    }

    fn at(&self, column: usize, state: usize) -> f64 {
        self.log_probabilities[column * self.outputs + self.output(state)]
    }

    /// Logarithm of the text's probability; −∞ when it does not fit into the columns.
    pub(crate) fn log_likelihood(&self) -> f64 {
        let forward = self.forward();
        let (columns, states) = (self.columns(), self.states());
        let last = &forward[(columns - 1) * states..];
        if states == 1 { last[0] } else { log_add(last[states - 1], last[states - 2]) }
    }

    /// columns × states: logarithm of the probability of all ways that end in this state in this column.
    pub(crate) fn forward(&self) -> Vec<f64> {
        let (columns, states) = (self.columns(), self.states());
        let mut ways = vec![f64::NEG_INFINITY; columns * states];
        ways[0] = self.at(0, 0);
        if states > 1 {
            ways[1] = self.at(0, 1);
        }
        for column in 1..columns {
            let (before, now) = ways.split_at_mut(column * states);
            let before = &before[(column - 1) * states..];
            for state in 0..states {
                let mut sum = before[state];
                if state >= 1 {
                    sum = log_add(sum, before[state - 1]);
                }
                if self.may_skip(state) {
                    sum = log_add(sum, before[state - 2]);
                }
                now[state] = sum + self.at(column, state);
            }
        }
        ways
    }

    /// columns × states: logarithm of the probability of all ways from this state in this column to the end, this
    /// column's own answer left out.
    pub(crate) fn backward(&self) -> Vec<f64> {
        let (columns, states) = (self.columns(), self.states());
        let mut ways = vec![f64::NEG_INFINITY; columns * states];
        let end = &mut ways[(columns - 1) * states..];
        end[states - 1] = 0.0;
        if states > 1 {
            end[states - 2] = 0.0;
        }
        for column in (0..columns - 1).rev() {
            let (now, after) = ways.split_at_mut((column + 1) * states);
            let (now, after) = (&mut now[column * states..], &after[..states]);
            for (state, now) in now[..states].iter_mut().enumerate() {
                let step = |to: usize| after[to] + self.at(column + 1, to);
                let mut sum = step(state);
                if state + 1 < states {
                    sum = log_add(sum, step(state + 1));
                }
                if state + 2 < states && self.may_skip(state + 2) {
                    sum = log_add(sum, step(state + 2));
                }
                *now = sum;
            }
        }
        ways
    }

    /// The loss −ln P(text), and into `slopes` its derivatives by the logits whose softmax the columns are. A text that does
    /// not fit teaches nothing: its loss is infinite and its slopes are 0.
    pub(crate) fn loss(&self, slopes: &mut [f32]) -> f64 {
        slopes.fill(0.0);
        let likelihood = self.log_likelihood();
        if likelihood == f64::NEG_INFINITY {
            return f64::INFINITY;
        }
        let (forward, backward) = (self.forward(), self.backward());
        let states = self.states();
        let mut visits = vec![0.0_f64; self.outputs];
        for (column, slopes) in slopes.chunks_exact_mut(self.outputs).enumerate() {
            visits.fill(0.0);
            for state in 0..states {
                let way = column * states + state;
                visits[self.output(state)] += (forward[way] + backward[way] - likelihood).exp();
            }
            let answers = &self.log_probabilities[column * self.outputs..];
            slopes.iter_mut().zip(answers).zip(&visits).for_each(|((slope, answer), visits)| {
                *slope = (answer.exp() - visits) as f32;
            });
        }
        -likelihood
    }
}

/// ln(eᵃ + eᵇ)
pub(crate) fn log_add(a: f64, b: f64) -> f64 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// Logarithms of the softmax of each row of `outputs` logits divided by `temperature`.
pub(crate) fn log_softmax(logits: &[f32], outputs: usize, temperature: f64) -> Vec<f64> {
    let mut out = Vec::with_capacity(logits.len());
    for row in logits.chunks_exact(outputs) {
        let row = row.iter().map(|logit| f64::from(*logit) / temperature);
        let highest = row.clone().fold(f64::NEG_INFINITY, f64::max);
        let sum = highest + row.clone().map(|value| (value - highest).exp()).sum::<f64>().ln();
        out.extend(row.map(|value| value - sum));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an alignment says: characters that follow one another are one, then blanks go.
    fn said(alignment: &[usize]) -> Vec<usize> {
        let mut text: Vec<usize> = alignment.to_vec();
        text.dedup();
        text.retain(|output| *output != BLANK);
        text
    }

    /// All alignments of so many columns.
    fn alignments(columns: usize, outputs: usize) -> Vec<Vec<usize>> {
        (0..outputs.pow(columns as u32))
            .map(|code| (0..columns).map(|column| code / outputs.pow(column as u32) % outputs).collect())
            .collect()
    }

    fn logits(columns: usize, outputs: usize) -> Vec<f32> {
        (0..columns * outputs).map(|at| (at as f32 * 1.7).sin() * 1.5).collect()
    }

    /// Two columns of (blank, a) = (0.4, 0.6) and (0.3, 0.7): `a` comes of a·blank, blank·a and a·a,
    /// 0.6·0.3 + 0.4·0.7 + 0.6·0.7 = 0.88; nothing comes of 0.4·0.3 = 0.12.
    #[test]
    fn the_likelihood_is_as_by_hand() {
        let columns: Vec<f64> = [0.4_f64, 0.6, 0.3, 0.7].iter().map(|p| p.ln()).collect();
        assert!((Ctc::new(&columns, 2, &[1]).log_likelihood().exp() - 0.88).abs() < 1e-12);
        assert!((Ctc::new(&columns, 2, &[]).log_likelihood().exp() - 0.12).abs() < 1e-12);
        assert_eq!(Ctc::new(&columns, 2, &[1, 1]).log_likelihood(), f64::NEG_INFINITY, "no room for the blank between");
    }

    #[test]
    fn the_likelihood_is_the_sum_over_all_alignments() {
        let (columns, outputs) = (5, 3);
        let answers = log_softmax(&logits(columns, outputs), outputs, 1.0);
        for text in [&[][..], &[1], &[1, 2], &[1, 1], &[2, 1, 2], &[1, 1, 2], &[1, 1, 1]] {
            let all = alignments(columns, outputs);
            let way = |alignment: &Vec<usize>| {
                let steps = alignment.iter().enumerate();
                steps.map(|(column, output)| answers[column * outputs + output]).sum::<f64>().exp()
            };
            let sum: f64 = all.iter().filter(|alignment| said(alignment) == text).map(way).sum();
            let ours = Ctc::new(&answers, outputs, text).log_likelihood().exp();
            assert!((ours - sum).abs() < 1e-12, "{text:?}: {ours} {sum}");
        }
    }

    #[test]
    fn the_slopes_are_what_finite_differences_give() {
        let (outputs, text) = (3, [2, 2, 1]);
        let logits = logits(6, outputs);
        let loss = |logits: &[f32], slopes: &mut [f32]| {
            Ctc::new(&log_softmax(logits, outputs, 1.0), outputs, &text).loss(slopes)
        };
        let (mut slopes, mut unused) = (vec![0.0; 18], vec![0.0; 18]);
        loss(&logits, &mut slopes);
        for at in 0..18 {
            let mut moved = |by: f32| {
                let mut logits = logits.clone();
                logits[at] += by;
                loss(&logits, &mut unused)
            };
            let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
            assert!((slope - f64::from(slopes[at])).abs() < 1e-4, "{at}: {slope} {}", slopes[at]);
        }
    }

    #[test]
    fn a_text_that_does_not_fit_teaches_nothing() {
        let answers = log_softmax(&logits(2, 3), 3, 1.0);
        let mut slopes = vec![1.0; 6];
        assert_eq!(Ctc::new(&answers, 3, &[1, 2, 1]).loss(&mut slopes), f64::INFINITY);
        assert_eq!(slopes, [0.0; 6]);
    }
}
