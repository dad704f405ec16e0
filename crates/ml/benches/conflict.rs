//! How well conflicts are foreseen on simulated syncs: learnt from four weeks, judged on the two after them. First in a world
//! that stays as it is, then in one where people turn to other habits on the day when judging begins.
//!
//! `cargo bench -p ml --bench conflict`; `-- 1 2` restricts it to these seeds.
#![allow(clippy::expect_used, reason = "a benchmark without its model has nothing to measure")]

use std::ops::ControlFlow;

use domain::Task;
use domain::row::Cell;
use domain::specification::EstimatorKind;
use domain::sync::{FEATURES, Features, class, specification};
use domain::time::DAY;
use ml::measure::Sweep;
use ml::table::{Limits, Table};
use ml::training::{Request, train};
use simulate::sync::{Conditions, Plan, World};

/// Days that are learnt from.
const LEARNT_DAYS: u32 = 28;

fn main() {
    let seeds: Vec<u64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    for seed in if seeds.is_empty() { vec![1, 2, 3] } else { seeds } {
        let plan = Plan::new(seed);
        Weeks::of(plan, "steady").judge();
        let conditions = Conditions { offline: 0.5, heat: 2.0, focus: 0.3 };
        Weeks::of(Plan { drift: Some((LEARNT_DAYS, conditions)), ..plan }, "drifting").judge();
    }
}

struct Weeks {
    world: World,
    features: Vec<Features>,
    outcomes: Vec<bool>,
    learnt: Vec<usize>,
    judged: Vec<usize>,
}

/// What a model says of a sync, and from where on it expects a conflict.
type Score<'a> = (Box<dyn Fn(usize) -> f64 + 'a>, f64);

impl Weeks {
    fn of(plan: Plan, what: &str) -> Self {
        let world = plan.world();
        let (features, outcomes) = (world.features(), world.outcomes());
        let cut = plan.first_day.plus(i64::from(LEARNT_DAYS) * DAY);
        // A day apart, so that nothing is learnt from whose outcome was seen after judging began.
        let learnt = (0..outcomes.len()).filter(|&at| world.events[at].sync.at < cut.plus(-DAY)).collect();
        let judged: Vec<usize> = (0..outcomes.len()).filter(|&at| world.events[at].sync.at >= cut).collect();
        let conflicts = judged.iter().filter(|&&at| outcomes[at]).count();
        println!("\nseed {}, {what}: {} syncs judged, {conflicts} before a conflict", plan.seed, judged.len());
        Self { world, features, outcomes, learnt, judged }
    }

    fn judge(&self) {
        for kind in [EstimatorKind::Auto, EstimatorKind::Boosted, EstimatorKind::Logistic] {
            self.print(kind.as_str(), &self.model(kind));
        }
        let recipe = specification();
        let ask = move |at| recipe.heuristic.outputs(Task::Binary, 2, &recipe.columns, &self.cells(at))[0];
        self.print("heuristic", &(Box::new(ask), 0.5));
    }

    fn model(&self, kind: EstimatorKind) -> Score<'_> {
        let specification = specification().validate().expect("the recipe holds together");
        let table = Table::read(self.csv().as_bytes(), &Limits::default()).expect("a table");
        let request = Request { specification: &specification, table: &table, estimator: Some(kind), seed: 1 };
        let trained = train(&request, &mut |_, _| ControlFlow::Continue(())).expect("enough to learn from");
        println!("  learnt: {}", trained.model.estimator_name());
        let threshold = trained.model.threshold().expect("two classes");
        (Box::new(move |at| trained.model.outputs(&self.cells(at))[0]), threshold)
    }

    fn csv(&self) -> String {
        let mut text = format!("at,{},conflict\n", FEATURES.map(|feature| feature.name).join(","));
        for &at in &self.learnt {
            let values = self.features[at].0.map(|value| value.map(|value| value.to_string()).unwrap_or_default());
            let moment = self.world.events[at].sync.at.rfc3339();
            text.push_str(&format!("{moment},{},{}\n", values.join(","), class(self.outcomes[at])));
        }
        text
    }

    fn cells(&self, at: usize) -> Vec<Cell> {
        self.features[at].0.iter().map(|value| value.map_or(Cell::Missing, Cell::Number)).collect()
    }

    fn print(&self, name: &str, (score, threshold): &Score<'_>) {
        let scores: Vec<f32> = self.judged.iter().map(|&at| score(at) as f32).collect();
        let truth: Vec<u32> = self.judged.iter().map(|&at| u32::from(self.outcomes[at])).collect();
        let sweep = Sweep::new(&scores, &truth).expect("probabilities");
        let matrix = sweep.confusion(*threshold as f32);
        println!(
            "  {name}: ROC-AUC {:.3}, PR-AUC {:.3}, F1 {:.3}",
            sweep.roc_auc().expect("both classes"),
            sweep.average_precision().expect("some conflicts"),
            matrix.f1(1).unwrap_or(0.0),
        );
    }
}
