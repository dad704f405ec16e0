//! Orders that are late or not, and why that changes one day.

use domain::Timestamp;
use domain::time::{DAY, HOUR};
use serde_json::{Map, Value, json};

/// Orders a day, asked about in four portions.
pub(crate) const A_DAY: usize = 160;
/// Orders of one portion, every six hours.
pub(crate) const PORTION: usize = A_DAY / 4;
/// The day on which the world changes: the first of the seventh week.
pub(crate) const DRIFT_DAY: usize = 42;
/// Monday, 5 January 2026, 00:00 UTC.
pub(crate) const START: Timestamp = Timestamp(1_767_571_200_000_000);

/// What is learnt, and how it is learnt again.
pub(crate) const SPECIFICATION: &str = r#"
    task = "binary"
    target = "late"
    classes = ["no", "yes"]
    split = { by = "time", column = "at" }
    estimator = { kind = "logistic" }

    [[columns]]
    name = "distance"
    kind = "numeric"

    [[columns]]
    name = "weight"
    kind = "numeric"

    [[columns]]
    name = "traffic"
    kind = "numeric"

    [[gates]]
    metric = "f1"
    at_least = 0.2

    [retraining]
    policy = "champion"
    metric = "f1"
    days = 14
    cool_down_hours = 72
"#;

/// An order as it is asked about.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) row: Map<String, Value>,
    pub(crate) late: bool,
    /// Days until it is known whether it was.
    pub(crate) known_after: usize,
}

/// The same orders for everybody who begins with the same seed.
pub(crate) struct World {
    state: u64,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Orders of one portion. Days before the first are negative.
    pub(crate) fn portion(&mut self, day: i64, hour: i64) -> Vec<Order> {
        (0..PORTION).map(|place| self.order(day, START.plus(day * DAY + hour * HOUR + place as i64))).collect()
    }

    fn order(&mut self, day: i64, at: Timestamp) -> Order {
        let [distance, weight, traffic] = [(); 3].map(|()| 2.0 * self.share() - 1.0);
        // At first it is far ways that are late; then the city digs its streets up.
        let why = if day < DRIFT_DAY as i64 { 5.0 * distance } else { 5.0 * traffic - distance };
        let late = self.share() < 1.0 / (1.0 + (1.0 - why - 2.0 * weight).exp());
        let known_after = 1 + (self.share() * 3.0) as usize;
        let row = json!({ "at": at.rfc3339(), "distance": distance, "weight": weight, "traffic": traffic });
        Order { row: row.as_object().cloned().unwrap_or_default(), late, known_after }
    }

    /// From 0 to below 1: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    fn share(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

pub(crate) fn truth(late: bool) -> &'static str {
    if late { "yes" } else { "no" }
}

/// The orders of the two weeks before, as a file.
pub(crate) fn history(world: &mut World) -> String {
    let mut csv = String::from("at,distance,weight,traffic,late\n");
    for (day, hour) in (-14..0).flat_map(|day| [0, 6, 12, 18].map(|hour| (day, hour))) {
        for order in world.portion(day, hour) {
            let cell = |name: &str| order.row[name].to_string().trim_matches('"').to_owned();
            let cells = ["at", "distance", "weight", "traffic"].map(cell).join(",");
            csv += &format!("{cells},{}\n", truth(order.late));
        }
    }
    csv
}
