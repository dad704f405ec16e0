//! Motor insurance claims, some of them fraudulent. Invented from the ground up: no real insurer, person or claim.
//!
//! A claim's odds of fraud grow with a few things that investigators name (an early claim on a young policy, no
//! witness, no police report, a round and high amount for an old car, a quick string of claims), some only together,
//! and a good part is chance: no model can be perfect here.

use domain::Timestamp;
use domain::time::{DAY, HOUR};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

/// 2026-01-05T00:00:00Z, a Monday: when the first claim is filed.
pub const FIRST_DAY: Timestamp = Timestamp(1_767_571_200_000_000);

/// Column names, inputs first, in the order of [`csv`].
pub const COLUMNS: [&str; 13] = [
    "filed_at",
    "amount",
    "policy_age_days",
    "car_age_years",
    "driver_age",
    "past_claims",
    "days_since_last_claim",
    "region",
    "coverage",
    "channel",
    "witness",
    "police_report",
    "fraud",
];

const REGIONS: [&str; 6] = ["north", "south", "east", "west", "capital", "islands"];
const COVERAGES: [&str; 3] = ["liability", "collision", "all perils"];
const CHANNELS: [&str; 4] = ["agent", "phone", "web", "app"];

/// One claim and whether it was fraud.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// When it was filed.
    pub filed_at: Timestamp,
    /// Claimed sum in euros.
    pub amount: f64,
    /// Days since the policy began.
    pub policy_age_days: u32,
    /// Years since the car was new.
    pub car_age_years: u32,
    /// Years; about one in fifty is not known.
    pub driver_age: Option<u32>,
    /// Claims of the same person before.
    pub past_claims: u32,
    /// Days since the last of them, if there was one.
    pub days_since_last_claim: Option<u32>,
    /// Where.
    pub region: &'static str,
    /// What is insured.
    pub coverage: &'static str,
    /// How it was filed.
    pub channel: &'static str,
    /// Whether somebody saw it.
    pub witness: bool,
    /// Whether the police wrote it down.
    pub police_report: bool,
    /// The truth.
    pub fraud: bool,
}

/// `count` claims in the order of filing, about `per_day` a day from `start` on.
#[must_use]
pub fn claims(seed: u64, count: usize, start: Timestamp, per_day: f64) -> Vec<Claim> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut at = start;
    let mut made = Vec::with_capacity(count);
    for _ in 0..count {
        let wait = -(1.0 - rng.random::<f64>()).ln() / per_day.max(0.001) * DAY as f64;
        at = at.plus(wait as i64);
        made.push(claim(&mut rng, at));
    }
    made
}

/// The training table: `rows` claims as CSV with a header, forty a day from [`FIRST_DAY`] on.
#[must_use]
pub fn csv(seed: u64, rows: usize) -> String {
    let mut text = COLUMNS.join(",");
    text.push('\n');
    for claim in claims(seed, rows, FIRST_DAY, 40.0) {
        let row = claim.row();
        let inputs = COLUMNS[..12].iter().map(|name| match &row[*name] {
            Value::Null => String::new(),
            Value::String(word) => word.clone(),
            other => other.to_string(),
        });
        text.push_str(&inputs.collect::<Vec<_>>().join(","));
        text.push_str(if claim.fraud { ",yes\n" } else { ",no\n" });
    }
    text
}

impl Claim {
    /// The inputs as a request would send them.
    #[must_use]
    pub fn row(&self) -> Map<String, Value> {
        let value = json!({
            "filed_at": self.filed_at.rfc3339(),
            "amount": self.amount,
            "policy_age_days": self.policy_age_days,
            "car_age_years": self.car_age_years,
            "driver_age": self.driver_age,
            "past_claims": self.past_claims,
            "days_since_last_claim": self.days_since_last_claim,
            "region": self.region,
            "coverage": self.coverage,
            "channel": self.channel,
            "witness": self.witness,
            "police_report": self.police_report,
        });
        match value {
            Value::Object(row) => row,
            _ => Map::new(),
        }
    }

    /// The truth in the words of the table.
    #[must_use]
    pub fn truth(&self) -> &'static str {
        if self.fraud { "yes" } else { "no" }
    }
}

fn claim(rng: &mut ChaCha8Rng, filed_at: Timestamp) -> Claim {
    let past_claims = (exponential(rng, 0.7)) as u32;
    let car_age_years = exponential(rng, 6.0).min(25.0) as u32;
    let value = 34_000.0 * 0.86_f64.powi(car_age_years as i32) * (0.5 + rng.random::<f64>());
    let share = 0.05 + 0.6 * rng.random::<f64>().powi(3);
    let mut claim = Claim {
        filed_at,
        amount: (value * share * 100.0).round() / 100.0,
        policy_age_days: exponential(rng, 700.0).min(7_000.0) as u32,
        car_age_years,
        driver_age: rng.random_bool(0.98).then(|| 18 + (exponential(rng, 24.0).min(70.0)) as u32),
        past_claims,
        days_since_last_claim: (past_claims > 0).then(|| exponential(rng, 300.0) as u32),
        region: pick(rng, &REGIONS),
        coverage: pick(rng, &COVERAGES),
        channel: pick(rng, &CHANNELS),
        witness: rng.random_bool(0.35),
        police_report: rng.random_bool(0.45),
        fraud: false,
    };
    claim.fraud = rng.random_bool(fraud_probability(&claim, value));
    if claim.fraud && rng.random_bool(0.6) {
        inflate(rng, &mut claim);
    }
    claim
}

/// A logistic curve over what makes a claim suspicious; about one claim in fourteen is fraud.
fn fraud_probability(claim: &Claim, car_value: f64) -> f64 {
    let hour = claim.filed_at.0.rem_euclid(DAY) / HOUR;
    let early = claim.policy_age_days < 60;
    let unseen = !claim.witness && !claim.police_report;
    let string = claim.days_since_last_claim.is_some_and(|days| days < 45) && claim.past_claims >= 2;
    let steep = claim.amount / car_value > 0.4;
    let signs = [
        (early, 1.6),
        (unseen, 1.1),
        (early && unseen, 1.2),
        (string, 2.2),
        (steep, 1.3),
        (steep && claim.car_age_years >= 10, 1.4),
        (claim.coverage == "all perils", 0.7),
        (claim.channel == "web" && hour < 5, 1.5),
        (claim.region == "islands", -0.8),
        (claim.driver_age.is_some_and(|age| age < 23), 0.5),
    ];
    let score: f64 = signs.iter().filter(|(shown, _)| *shown).map(|(_, weight)| weight).sum();
    1.0 / (1.0 + (4.9 - score).exp())
}

/// Frauds ask for round sums, and for more.
fn inflate(rng: &mut ChaCha8Rng, claim: &mut Claim) {
    let higher = claim.amount * (1.2 + rng.random::<f64>());
    claim.amount = ((higher / 100.0).round() * 100.0).max(100.0);
}

fn exponential(rng: &mut ChaCha8Rng, mean: f64) -> f64 {
    -(1.0 - rng.random::<f64>()).ln() * mean
}

fn pick(rng: &mut ChaCha8Rng, words: &[&'static str]) -> &'static str {
    words[(rng.next_u32() as usize) % words.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_claims_and_another_gives_others() {
        assert_eq!(csv(7, 50), csv(7, 50));
        assert_ne!(csv(7, 50), csv(8, 50));
    }

    #[test]
    fn a_few_percent_are_fraud_and_they_can_be_told_apart_only_in_part() {
        let made = claims(1, 20_000, FIRST_DAY, 40.0);
        let share = |of: &dyn Fn(&Claim) -> bool| {
            let chosen: Vec<_> = made.iter().filter(|claim| of(claim)).collect();
            chosen.iter().filter(|claim| claim.fraud).count() as f64 / chosen.len() as f64
        };
        let all = share(&|_| true);
        assert!((0.03..0.12).contains(&all), "{all}");
        let suspicious = share(&|claim| claim.policy_age_days < 60 && !claim.witness && !claim.police_report);
        assert!(suspicious > 3.0 * all && suspicious < 0.9, "{suspicious}");
    }

    #[test]
    fn claims_come_in_the_order_of_time_at_the_asked_pace() {
        let made = claims(3, 4_000, FIRST_DAY, 40.0);
        assert!(made.windows(2).all(|pair| pair[0].filed_at <= pair[1].filed_at));
        let days = made[3_999].filed_at.since(FIRST_DAY) as f64 / DAY as f64;
        assert!((90.0..110.0).contains(&days), "{days}");
    }

    #[test]
    fn every_line_has_a_cell_for_every_column() {
        let text = csv(1, 200);
        assert!(text.lines().all(|line| line.split(',').count() == COLUMNS.len()));
    }
}
