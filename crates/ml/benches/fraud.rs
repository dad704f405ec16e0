//! How well fraud is found on simulated attendance: learnt from the first four months, judged on the last two. First with
//! the truth of every event known, then with only what supervisors would have said of the cases put before them.
//!
//! `cargo bench -p ml --bench fraud`; `-- 1 2` restricts it to these seeds.
#![allow(clippy::expect_used, reason = "a benchmark without its model has nothing to measure")]

use std::ops::{ControlFlow, Range};

use domain::Task;
use domain::attendance::{FEATURES, Features, class, specification};
use domain::case::AUDIT_SHARE;
use domain::row::Cell;
use domain::specification::EstimatorKind;
use domain::time::DAY;
use ml::measure::Sweep;
use ml::table::{Limits, Table};
use ml::training::{Request, train};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use simulate::attendance::{FraudKind, World, world};

/// Days that are learnt from.
const LEARNT_DAYS: i64 = 121;
/// Days between two trainings on verdicts.
const MONTH: i64 = 30;
/// Events a week that supervisors look into.
const CASES_A_WEEK: usize = 40;

fn main() {
    let seeds: Vec<u64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    for seed in if seeds.is_empty() { vec![1, 2, 3] } else { seeds } {
        let company = Company::new(seed);
        company.learn_from_the_whole_truth();
        company.learn_from_verdicts(seed);
    }
}

struct Company {
    world: World,
    features: Vec<Features>,
    /// Day of each event, from the first one.
    days: Vec<i64>,
    /// Events of the last two months.
    judged: Vec<usize>,
}

/// What a model says of an event.
type Score<'a> = Box<dyn Fn(usize) -> f64 + 'a>;

/// Events that are learnt from, and how much each counts.
type Learnt = Vec<(usize, f64)>;

impl Company {
    fn new(seed: u64) -> Self {
        let world = world(seed);
        let first = world.events[0].at;
        let days: Vec<i64> = world.events.iter().map(|event| event.at.since(first) / DAY).collect();
        let judged: Vec<usize> = (0..days.len()).filter(|&at| days[at] >= LEARNT_DAYS).collect();
        let fraud = judged.iter().filter(|&&at| world.events[at].fraud.is_some()).count();
        println!("\nseed {seed}: {} events judged, {fraud} of them fraud", judged.len());
        Self { features: world.features(), world, days, judged }
    }

    fn learn_from_the_whole_truth(&self) {
        let learnt: Learnt =
            (0..self.days.len()).filter(|&at| self.days[at] < LEARNT_DAYS).map(|at| (at, 1.0)).collect();
        for kind in [EstimatorKind::Auto, EstimatorKind::Boosted, EstimatorKind::Logistic] {
            self.print(kind.as_str(), &self.model(&learnt, kind));
        }
        self.print("heuristic", &self.heuristic());
    }

    /// Each week the events that the model of the time finds the most suspicious become cases, and one in two hundred of
    /// the others; each month a new model learns from all verdicts so far.
    fn learn_from_verdicts(&self, seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (mut learnt, mut score) = (Learnt::new(), self.heuristic());
        for week in 0..LEARNT_DAYS / 7 {
            self.decide(week * 7..week * 7 + 7, &score, &mut rng, &mut learnt);
            if (week + 1) * 7 / MONTH > week * 7 / MONTH {
                let found = learnt.iter().filter(|(at, _)| self.world.events[*at].fraud.is_some()).count();
                score = self.model(&learnt, EstimatorKind::Auto);
                self.print(&format!("{} verdicts, {found} fraud", learnt.len()), &score);
            }
        }
    }

    fn decide(&self, days: Range<i64>, score: &Score<'_>, rng: &mut ChaCha8Rng, learnt: &mut Learnt) {
        let mut events: Vec<usize> = (0..self.days.len()).filter(|&at| days.contains(&self.days[at])).collect();
        events.sort_by_cached_key(|&at| (score(at) * -1e9) as i64);
        let (cases, others) = events.split_at(events.len().min(CASES_A_WEEK));
        learnt.extend(cases.iter().map(|&at| (at, 1.0)));
        learnt.extend(others.iter().filter(|_| rng.random_bool(AUDIT_SHARE)).map(|&at| (at, 1.0 / AUDIT_SHARE)));
    }

    /// The model as it ships, with another estimator. Where too little is known to learn from, the heuristic.
    fn model(&self, learnt: &Learnt, kind: EstimatorKind) -> Score<'_> {
        let specification = specification().validate().expect("the recipe holds together");
        let table = Table::read(self.csv(learnt).as_bytes(), &Limits::default()).expect("a table");
        let request = Request { specification: &specification, table: &table, estimator: Some(kind), seed: 1 };
        match train(&request, &mut |_, _| ControlFlow::Continue(())) {
            Ok(trained) => {
                println!("  learnt: {}", trained.model.estimator_name());
                Box::new(move |at| trained.model.outputs(&self.cells(at))[0])
            }
            Err(error) => {
                println!("  no model: {error}");
                self.heuristic()
            }
        }
    }

    fn csv(&self, learnt: &Learnt) -> String {
        let mut text = format!("at,weight,{},fraud\n", FEATURES.map(|feature| feature.name).join(","));
        for &(at, weight) in learnt {
            let event = &self.world.events[at];
            let values = self.features[at].0.map(|value| value.map(|value| value.to_string()).unwrap_or_default());
            let (moment, fraud) = (event.at.rfc3339(), class(event.fraud.is_some()));
            text.push_str(&format!("{moment},{weight},{},{fraud}\n", values.join(",")));
        }
        text
    }

    fn cells(&self, at: usize) -> Vec<Cell> {
        self.features[at].0.iter().map(|value| value.map_or(Cell::Missing, Cell::Number)).collect()
    }

    fn heuristic(&self) -> Score<'_> {
        let recipe = specification();
        Box::new(move |at| recipe.heuristic.outputs(Task::Binary, 2, &recipe.columns, &self.cells(at))[0])
    }

    /// Figures at the threshold that finds four fifths of the fraud, over all kinds and by kind.
    fn print(&self, name: &str, score: &Score<'_>) {
        let scores: Vec<f32> = self.judged.iter().map(|&at| score(at) as f32).collect();
        let kinds: Vec<Option<FraudKind>> = self.judged.iter().map(|&at| self.world.events[at].fraud).collect();
        let truth: Vec<u32> = kinds.iter().map(|kind| u32::from(kind.is_some())).collect();
        let sweep = Sweep::new(&scores, &truth).expect("probabilities");
        let wanted = (sweep.positives() as f64 * 0.8).ceil() as u64;
        let (cut, found, alarms) = sweep.thresholds().find(|step| step.1 >= wanted).expect("in the end all are found");
        println!(
            "  {name}: PR-AUC {:.3}, precision {:.1} %, false positives {:.2} % at a recall of 80 %",
            sweep.average_precision().expect("some fraud"),
            100.0 * found as f64 / (found + alarms) as f64,
            100.0 * alarms as f64 / sweep.negatives() as f64,
        );
        let recall = |kind: FraudKind| {
            let of_kind: Vec<f32> =
                scores.iter().zip(&kinds).filter(|(_, k)| **k == Some(kind)).map(|(s, _)| *s).collect();
            format!("{} {}/{}", kind.as_str(), of_kind.iter().filter(|&&score| score >= cut).count(), of_kind.len())
        };
        println!("    found: {}", FraudKind::ALL.map(recall).join(", "));
    }
}
