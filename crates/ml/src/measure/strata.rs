//! Predictions divided by decision and score, and what is known of each part.

/// Predictions of one decision whose scores lie in one bin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stratum {
    /// Code of the class that was decided for.
    pub decision: usize,
    /// Place of the bin among the others, as in [`domain::score::bin`].
    pub bin: i64,
    /// How many.
    pub predictions: u64,
    /// Sum of their scores: probabilities of class 1 where there are two classes, else of the decision.
    pub scores: f64,
    /// Those whose truth is known, by its code.
    pub truths: Vec<u64>,
    /// Sum of the scores of those.
    pub known_scores: f64,
}

impl Stratum {
    /// Those whose truth is known.
    #[must_use]
    pub fn known(&self) -> u64 {
        self.truths.iter().sum()
    }
}

/// Neighbouring bins are taken together until so many truths are known in them: fewer cannot stand for the others.
const FEWEST: u64 = 10;

/// What is known of one decision: each known truth stands for the predictions of similar score.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Decided {
    /// Predictions.
    pub(super) predictions: f64,
    /// How many of them are estimated to be of each class; all 0 where no truth is known.
    pub(super) truths: Vec<f64>,
    /// Sum of the squared weights of the known truths.
    pub(super) squares: f64,
}

impl Decided {
    /// Known truths that would say as much if all of them stood for equally many predictions (Kish, Survey Sampling,
    /// 1965); 0 where nothing is known.
    pub(super) fn effective(&self) -> f64 {
        if self.squares > 0.0 { self.predictions * self.predictions / self.squares } else { 0.0 }
    }

    /// Share of class `class`.
    pub(super) fn share(&self, class: usize) -> f64 {
        self.truths[class] / self.predictions
    }
}

/// One entry for each of `classes` decisions.
///
/// Whose truth is known depends on the score: alerts are decided while what lies under the threshold is drawn now and
/// then, and the least certain readings go before people. So the known ones are weighted up within bins of the score to
/// all that were predicted there (post-stratification: Holt and Smith, Journal of the Royal Statistical Society A 142,
/// 1979). That is right as long as chance decides within a bin, and changes nothing where all truths are known.
pub(super) fn decided(strata: &[Stratum], classes: usize) -> Vec<Decided> {
    let of = |decision: usize| {
        let mut own: Vec<&Stratum> = strata.iter().filter(|stratum| stratum.decision == decision).collect();
        own.sort_unstable_by_key(|stratum| stratum.bin);
        let mut all = Decided { truths: vec![0.0; classes], ..Decided::default() };
        groups(&own, classes).iter().for_each(|group| all.add(group));
        all
    };
    (0..classes).map(of).collect()
}

#[derive(Clone, Default)]
struct Group {
    predictions: u64,
    truths: Vec<u64>,
}

impl Group {
    fn add(&mut self, predictions: u64, truths: &[u64]) {
        self.predictions += predictions;
        self.truths.iter_mut().zip(truths).for_each(|(all, more)| *all += more);
    }

    fn known(&self) -> u64 {
        self.truths.iter().sum()
    }
}

/// The last ones, which are too few, go with those before them.
fn groups(strata: &[&Stratum], classes: usize) -> Vec<Group> {
    let empty = Group { predictions: 0, truths: vec![0; classes] };
    let (mut groups, mut open) = (Vec::<Group>::new(), empty.clone());
    for stratum in strata {
        open.add(stratum.predictions, &stratum.truths);
        if open.known() >= FEWEST {
            groups.push(std::mem::replace(&mut open, empty.clone()));
        }
    }
    match groups.last_mut() {
        Some(last) => last.add(open.predictions, &open.truths),
        None => groups.push(open),
    }
    groups
}

impl Decided {
    fn add(&mut self, group: &Group) {
        let (known, predictions) = (group.known() as f64, group.predictions as f64);
        self.predictions += predictions;
        if known > 0.0 {
            let weight = predictions / known;
            self.squares += weight * weight * known;
            self.truths.iter_mut().zip(&group.truths).for_each(|(all, count)| *all += weight * *count as f64);
        }
    }
}
