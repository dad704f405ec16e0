//! Figures of the last hours, from the hourly counts alone: their cost does not grow with the log.

use std::collections::BTreeMap;

use domain::{ModelId, TenantId, Timestamp};

use crate::sql::{Row, args};
use crate::{Error, Store};

/// Predictions of one version within one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourlyVolume {
    /// The version; none is the heuristic.
    pub version: Option<i64>,
    /// Hour since the epoch.
    pub hour: i64,
    /// How many.
    pub predictions: i64,
}

/// How long a version took, in microseconds. Quantiles are estimates, at most a fifth off; the others are exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencySummary {
    /// How many predictions.
    pub predictions: i64,
    /// Mean.
    pub mean: f64,
    /// Median.
    pub p50: f64,
    /// 95 % took no longer.
    pub p95: f64,
    /// 99 % took no longer.
    pub p99: f64,
    /// The longest.
    pub max: i64,
}

/// A model's last 24 hours.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelDay {
    /// The model.
    pub model: ModelId,
    /// Predictions of each hour, oldest first; the last is the hour under way.
    pub hours: [i64; 24],
    /// Predictions in all of them.
    pub predictions: i64,
    /// Estimate, in microseconds; none without predictions.
    pub p95_micros: Option<f64>,
}

impl Store {
    /// Predictions of a model by hour (from `from` on, before `until`) and version, in the order of hours.
    pub async fn hourly_volume(
        &self,
        tenant: TenantId,
        model: ModelId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<HourlyVolume>, Error> {
        let sql = "SELECT version, hour, CAST(SUM(predictions) AS BIGINT) AS predictions FROM prediction_hours
            WHERE tenant_id = $1 AND model_id = $2 AND hour >= $3 AND hour < $4
            GROUP BY version, hour ORDER BY hour, version";
        let read = |row: &Row| {
            Ok(HourlyVolume { version: version(row)?, hour: row.get("hour")?, predictions: row.get("predictions")? })
        };
        self.rows(sql, args![tenant, model, from.hour(), end(until)]).await?.iter().map(read).collect()
    }

    /// How long a version took, in the hours from `from` to `until`; none if it did not answer.
    pub async fn latency(
        &self,
        tenant: TenantId,
        model: ModelId,
        version: i64,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Option<LatencySummary>, Error> {
        let sql = "SELECT bucket, CAST(SUM(predictions) AS BIGINT) AS predictions,
                CAST(SUM(latency_sum) AS BIGINT) AS latency_sum, MAX(latency_max) AS latency_max
            FROM prediction_hours WHERE tenant_id = $1 AND model_id = $2 AND hour >= $3 AND hour < $4 AND version = $5
            GROUP BY bucket";
        let mut histogram = Histogram::default();
        for row in self.rows(sql, args![tenant, model, from.hour(), end(until), version]).await? {
            histogram.add(row.get("bucket")?, row.get("predictions")?);
            histogram.sum = histogram.sum.saturating_add(row.get("latency_sum")?);
            histogram.max = histogram.max.max(row.get("latency_max")?);
        }
        Ok((histogram.total() > 0).then(|| histogram.summary()))
    }

    /// The last 24 hours of each model that was asked in them, by model.
    pub async fn model_days(&self, tenant: TenantId, now: Timestamp) -> Result<Vec<ModelDay>, Error> {
        let first = now.hour() - 23;
        let sql = "SELECT model_id, hour, bucket, predictions FROM prediction_hours
            WHERE tenant_id = $1 AND hour >= $2 AND hour <= $3";
        let mut days: BTreeMap<i64, (ModelDay, Histogram)> = BTreeMap::new();
        for row in self.rows(sql, args![tenant, first, now.hour()]).await? {
            let model: i64 = row.get("model_id")?;
            let (day, histogram) =
                days.entry(model).or_insert_with(|| (ModelDay::of(ModelId(model)), Histogram::default()));
            let (hour, predictions): (i64, i64) = (row.get("hour")?, row.get("predictions")?);
            if let Some(slot) = usize::try_from(hour - first).ok().and_then(|slot| day.hours.get_mut(slot)) {
                *slot += predictions;
            }
            day.predictions += predictions;
            histogram.add(row.get("bucket")?, predictions);
        }
        let finish = |(day, histogram): (ModelDay, Histogram)| ModelDay {
            p95_micros: (day.predictions > 0).then(|| histogram.quantile(0.95)),
            ..day
        };
        Ok(days.into_values().map(finish).collect())
    }
}

impl ModelDay {
    fn of(model: ModelId) -> Self {
        Self { model, hours: [0; 24], predictions: 0, p95_micros: None }
    }
}

pub(crate) fn version(row: &Row) -> Result<Option<i64>, Error> {
    let version: i64 = row.get("version")?;
    Ok((version != 0).then_some(version))
}

/// The first hour that no longer counts: the one after that of the moment just before `until`.
pub(crate) fn end(until: Timestamp) -> i64 {
    until.plus(-1).hour() + 1
}

/// Where a latency is counted. Bucket `b` holds 2^(b/4) to 2^((b+1)/4) microseconds, bucket 0 also what is shorter.
pub(crate) fn bucket(micros: i64) -> i64 {
    if micros <= 1 { 0 } else { ((micros as f64).log2() * 4.0) as i64 }
}

fn lower_bound(bucket: i64) -> f64 {
    if bucket == 0 { 0.0 } else { (bucket as f64 / 4.0).exp2() }
}

/// Counts by bucket.
#[derive(Default)]
struct Histogram {
    counts: BTreeMap<i64, i64>,
    sum: i64,
    max: i64,
}

impl Histogram {
    fn add(&mut self, bucket: i64, count: i64) {
        *self.counts.entry(bucket).or_default() += count;
    }

    fn total(&self) -> i64 {
        self.counts.values().sum()
    }

    /// The value below which the share `q` lies, as if each bucket were filled evenly.
    fn quantile(&self, q: f64) -> f64 {
        let rank = q * self.total() as f64;
        let mut below = 0.0;
        for (&bucket, &count) in &self.counts {
            let count = count as f64;
            if below + count >= rank && count > 0.0 {
                let (from, to) = (lower_bound(bucket), lower_bound(bucket + 1));
                return from + (to - from) * (rank - below) / count;
            }
            below += count;
        }
        self.max as f64
    }

    fn summary(&self) -> LatencySummary {
        let (predictions, longest) = (self.total(), self.max as f64);
        LatencySummary {
            predictions,
            mean: self.sum as f64 / predictions.max(1) as f64,
            p50: self.quantile(0.50).min(longest),
            p95: self.quantile(0.95).min(longest),
            p99: self.quantile(0.99).min(longest),
            max: self.max,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_at_most_a_fifth_off() {
        let mut histogram = Histogram::default();
        for micros in 1..=10_000 {
            histogram.add(bucket(micros), 1);
            histogram.max = micros;
        }
        for (q, exact) in [(0.5, 5_000.0), (0.95, 9_500.0), (0.99, 9_900.0)] {
            let estimate = histogram.quantile(q).min(10_000.0);
            assert!((estimate / exact - 1.0).abs() < 0.2, "{q}: {estimate} for {exact}");
        }
    }

    #[test]
    fn every_latency_lies_between_the_bounds_of_its_bucket() {
        for micros in [2, 3, 5, 99, 1_000, 65_536, 123_456_789] {
            let bucket = bucket(micros);
            assert!(lower_bound(bucket) <= micros as f64 && (micros as f64) < lower_bound(bucket + 1), "{micros}");
        }
        assert_eq!((bucket(0), bucket(-5), bucket(1)), (0, 0, 0));
    }
}
