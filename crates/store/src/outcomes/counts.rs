//! Outcomes counted by the hour of their prediction, so that figures never read the log.

use std::collections::{BTreeMap, HashMap};

use domain::{ModelId, TenantId, Timestamp, delay, score};
use uuid::Uuid;

use crate::Error;
use crate::dialect::{Bulk, Values, rows_by_uuid};
use crate::sql::{Row, Tx};

/// A larger error or value counts as this one, so that sums and squares stay finite and can be taken back.
pub(crate) const FARTHEST: f64 = 1e100;

/// What a prediction says that its outcome is counted by.
pub(super) struct Facts {
    pub(super) model: ModelId,
    pub(super) version: i64,
    at: Timestamp,
    score: f64,
    pub(super) decision: String,
    is_regression: bool,
    is_reading: bool,
}

/// What is known of each of these predictions that the tenant has.
pub(super) async fn facts(tx: &mut Tx, tenant: TenantId, ids: &[Uuid]) -> Result<HashMap<Uuid, Facts>, Error> {
    let select = "SELECT id, model_id, version, at, score, decision, confidence,
        (SELECT COUNT(*) FROM readings r
         WHERE r.tenant_id = predictions.tenant_id AND r.prediction_id = predictions.id) AS readings
        FROM predictions";
    let rows = rows_by_uuid(tx, select, tenant, "id", ids).await?;
    let read = |row: &Row| {
        let facts = Facts {
            model: ModelId(row.at(1)?),
            version: row.at(2)?,
            at: Timestamp(row.at(3)?),
            score: row.at(4)?,
            decision: row.at(5)?,
            is_regression: row.at::<Option<f64>>(6)?.is_none(),
            is_reading: row.at::<i64>(7)? > 0,
        };
        Ok((row.at(0)?, facts))
    };
    rows.iter().map(read).collect()
}

/// Changes of the hourly counts. Sorted, so that two writers lock the same rows in the same order.
#[derive(Default)]
pub(super) struct Counts {
    cells: BTreeMap<Key, Cell>,
    /// By model, hour of the prediction and step of the delay.
    delays: BTreeMap<[i64; 3], i64>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    model: i64,
    hour: i64,
    version: i64,
    decision: String,
    truth: String,
    bin: i64,
}

#[derive(Default)]
struct Cell {
    outcomes: i64,
    scores: f64,
    absolute: f64,
    squared: f64,
}

impl Counts {
    pub(super) fn add(&mut self, facts: &Facts, truth: &str, times: i64) {
        // one that was taken back
        if truth.is_empty() {
            return;
        }
        let number = truth.parse::<f64>().ok().filter(|number| number.is_finite());
        // Every number and every text would be a cell of its own.
        let (error, decision, truth) = match number {
            _ if facts.is_reading => (0.0, if truth == facts.decision { "right" } else { "wrong" }, "right"),
            Some(number) if facts.is_regression => ((number - facts.score).clamp(-FARTHEST, FARTHEST), "", ""),
            _ => (0.0, facts.decision.as_str(), truth),
        };
        let key = Key {
            model: facts.model.0,
            hour: facts.at.hour(),
            version: facts.version,
            decision: decision.to_owned(),
            truth: truth.to_owned(),
            bin: score::bin(facts.score, !facts.is_regression),
        };
        let cell = self.cells.entry(key).or_default();
        cell.outcomes += times;
        cell.scores += times as f64 * facts.score.clamp(-FARTHEST, FARTHEST);
        cell.absolute += times as f64 * error.abs();
        cell.squared += times as f64 * error * error;
    }

    /// Counts how long the first truth about a prediction took.
    pub(super) fn add_delay(&mut self, facts: &Facts, recorded_at: Timestamp) {
        let step = delay::step(recorded_at.since(facts.at));
        *self.delays.entry([facts.model.0, facts.at.hour(), step]).or_default() += 1;
    }

    pub(super) async fn write(&self, tx: &mut Tx, tenant: TenantId) -> Result<(), Error> {
        if !self.cells.is_empty() {
            self.write_cells(tx, tenant).await?;
        }
        if self.delays.is_empty() { Ok(()) } else { self.write_delays(tx, tenant).await }
    }

    async fn write_cells(&self, tx: &mut Tx, tenant: TenantId) -> Result<(), Error> {
        let ints = |of: fn(&Key) -> i64| Values::Ints(self.cells.keys().map(of).collect());
        let sums = |of: fn(&Cell) -> f64| Values::Reals(self.cells.values().map(of).collect());
        let bulk = Bulk {
            table: "outcome_hours",
            columns: vec![
                ("tenant_id", Values::Ints(vec![tenant.0; self.cells.len()])),
                ("model_id", ints(|key| key.model)),
                ("hour", ints(|key| key.hour)),
                ("version", ints(|key| key.version)),
                ("decision", Values::Texts(self.cells.keys().map(|key| key.decision.as_str()).collect())),
                ("truth", Values::Texts(self.cells.keys().map(|key| key.truth.as_str()).collect())),
                ("bin", ints(|key| key.bin)),
                ("outcomes", Values::Ints(self.cells.values().map(|cell| cell.outcomes).collect())),
                ("score_sum", sums(|cell| cell.scores)),
                ("absolute_error", sums(|cell| cell.absolute)),
                ("squared_error", sums(|cell| cell.squared)),
            ],
            ending: "ON CONFLICT (tenant_id, model_id, hour, version, decision, truth, bin) DO UPDATE SET
                outcomes = outcome_hours.outcomes + excluded.outcomes,
                score_sum = outcome_hours.score_sum + excluded.score_sum,
                absolute_error = outcome_hours.absolute_error + excluded.absolute_error,
                squared_error = outcome_hours.squared_error + excluded.squared_error",
        };
        bulk.insert(tx).await
    }

    async fn write_delays(&self, tx: &mut Tx, tenant: TenantId) -> Result<(), Error> {
        let key = |i: usize| Values::Ints(self.delays.keys().map(|key| key[i]).collect());
        let bulk = Bulk {
            table: "outcome_delays",
            columns: vec![
                ("tenant_id", Values::Ints(vec![tenant.0; self.delays.len()])),
                ("model_id", key(0)),
                ("hour", key(1)),
                ("step", key(2)),
                ("outcomes", Values::Ints(self.delays.values().copied().collect())),
            ],
            ending: "ON CONFLICT (tenant_id, model_id, hour, step) DO UPDATE SET
                outcomes = outcome_delays.outcomes + excluded.outcomes",
        };
        bulk.insert(tx).await
    }
}
