//! What the quality of a model is figured from: hourly counts of scores, of truths and of their delays. What it costs
//! grows with the hours and not with the log.

use domain::{ModelId, TenantId, Timestamp};

use crate::overview::{end, version};
use crate::sql::{Row, args};
use crate::{Error, Store};

/// Hours, divided into periods of the same length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
    /// The first hour, since the epoch.
    pub first: i64,
    /// The first hour that no longer belongs to them.
    pub end: i64,
    /// Hours of each.
    pub hours: i64,
}

/// Predictions of one period, version, decision and bin of scores.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreCell {
    /// Place of the period, from 0.
    pub period: i64,
    /// The version; none is the heuristic.
    pub version: Option<i64>,
    /// What was decided; empty for a regression or a reading.
    pub decision: String,
    /// See [`domain::score::bin`].
    pub bin: i64,
    /// How many.
    pub predictions: i64,
    /// Sum of their scores.
    pub score_sum: f64,
}

/// Those of them whose truth is known, by that truth.
#[derive(Clone, Debug, PartialEq)]
pub struct TruthCell {
    /// As in [`ScoreCell`].
    pub period: i64,
    /// As in [`ScoreCell`].
    pub version: Option<i64>,
    /// What was decided; empty for a regression, `right` or `wrong` for a reading.
    pub decision: String,
    /// As in [`ScoreCell`].
    pub bin: i64,
    /// What was true; empty for a regression, `right` for a reading.
    pub truth: String,
    /// How many.
    pub outcomes: i64,
    /// Sum of their scores.
    pub score_sum: f64,
    /// Sum of the absolute errors of a regression.
    pub absolute_error: f64,
    /// Sum of its squared errors.
    pub squared_error: f64,
}

/// First truths about the predictions of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DelayCell {
    /// The day (since the epoch, UTC) on which the predictions were made.
    pub day: i64,
    /// How much later the truths came: see [`domain::delay::step`].
    pub step: i64,
    /// How many.
    pub outcomes: i64,
}

impl Periods {
    /// One period of the hours from `from` to `until`.
    #[must_use]
    pub fn one(from: Timestamp, until: Timestamp) -> Self {
        let (first, end) = (from.hour(), end(until));
        Self { first, end, hours: (end - first).max(1) }
    }
}

impl Store {
    /// Scores of a model, of every version or of one (0 is the heuristic).
    pub async fn score_cells(
        &self,
        tenant: TenantId,
        model: ModelId,
        only: Option<i64>,
        periods: Periods,
    ) -> Result<Vec<ScoreCell>, Error> {
        let sql = "SELECT (hour - $3) / $5 AS period, version, decision, bin,
                CAST(SUM(predictions) AS BIGINT) AS predictions, SUM(score_sum) AS score_sum
            FROM score_hours
            WHERE tenant_id = $1 AND model_id = $2 AND hour >= $3 AND hour < $4 AND (version = $6 OR $6 < 0)
            GROUP BY 1, version, decision, bin ORDER BY 1, version, decision, bin";
        let read = |row: &Row| {
            Ok(ScoreCell {
                period: row.get("period")?,
                version: version(row)?,
                decision: row.get("decision")?,
                bin: row.get("bin")?,
                predictions: row.get("predictions")?,
                score_sum: row.get("score_sum")?,
            })
        };
        let Periods { first, end, hours } = periods;
        self.rows(sql, args![tenant, model, first, end, hours, only.unwrap_or(-1)]).await?.iter().map(read).collect()
    }

    /// Newest outcomes of a model's predictions, by period of the prediction.
    pub async fn truth_cells(
        &self,
        tenant: TenantId,
        model: ModelId,
        only: Option<i64>,
        periods: Periods,
    ) -> Result<Vec<TruthCell>, Error> {
        let sql = "SELECT (hour - $3) / $5 AS period, version, decision, bin, truth,
                CAST(SUM(outcomes) AS BIGINT) AS outcomes, SUM(score_sum) AS score_sum,
                SUM(absolute_error) AS absolute_error, SUM(squared_error) AS squared_error
            FROM outcome_hours
            WHERE tenant_id = $1 AND model_id = $2 AND hour >= $3 AND hour < $4 AND (version = $6 OR $6 < 0)
            GROUP BY 1, version, decision, bin, truth HAVING SUM(outcomes) <> 0
            ORDER BY 1, version, decision, bin, truth";
        let Periods { first, end, hours } = periods;
        let rows = self.rows(sql, args![tenant, model, first, end, hours, only.unwrap_or(-1)]).await?;
        rows.iter().map(read_truth).collect()
    }

    /// How much later the first truths about a model's predictions came, by the day of the prediction.
    pub async fn delay_cells(
        &self,
        tenant: TenantId,
        model: ModelId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<DelayCell>, Error> {
        let sql = "SELECT hour / 24 AS day, step, CAST(SUM(outcomes) AS BIGINT) AS outcomes FROM outcome_delays
            WHERE tenant_id = $1 AND model_id = $2 AND hour >= $3 AND hour < $4 GROUP BY 1, step ORDER BY 1, step";
        let read =
            |row: &Row| Ok(DelayCell { day: row.get("day")?, step: row.get("step")?, outcomes: row.get("outcomes")? });
        self.rows(sql, args![tenant, model, from.hour(), end(until)]).await?.iter().map(read).collect()
    }
}

fn read_truth(row: &Row) -> Result<TruthCell, Error> {
    Ok(TruthCell {
        period: row.get("period")?,
        version: version(row)?,
        decision: row.get("decision")?,
        bin: row.get("bin")?,
        truth: row.get("truth")?,
        outcomes: row.get("outcomes")?,
        score_sum: row.get("score_sum")?,
        absolute_error: row.get("absolute_error")?,
        squared_error: row.get("squared_error")?,
    })
}
