//! The features of every event once more, against those it was judged by.
//!
//! What a model learns from must be what it is asked about later. So the features that were logged as events came in, one
//! by one, have to come out of the whole history again, to the last digit.

use std::collections::HashMap;
use std::num::NonZero;

use domain::attendance::{FEATURES, Features, Moment, recompute};
use domain::{Actor, Permission, PredictionId};
use futures::TryStreamExt;
use serde_json::value::RawValue;

use super::Events;
use crate::error::{Error, Result};

/// How a history came out again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recomputed {
    /// Events looked at.
    pub events: usize,
    /// Those whose features differ from what was logged with their prediction.
    pub different: usize,
}

impl Events<'_> {
    /// Recomputes the features of all of the tenant's events, an employee at a time on each core; `progress` hears how
    /// many are done.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub async fn recompute(&self, actor: &Actor, progress: impl Fn(usize)) -> Result<Recomputed> {
        actor.check(Permission::ReadPredictions)?;
        let (store, tenant) = (self.desk.store(), actor.tenant);
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let compared = store.histories(tenant).map_err(Error::from).map_ok(|(employee, history)| async move {
            let logged = store.logged_rows(tenant, employee).await?;
            tokio::task::spawn_blocking(move || compare(&history, &logged)).await.map_err(Error::internal)
        });
        let mut compared = std::pin::pin!(compared.try_buffer_unordered(cores * 2));
        let mut all = Recomputed::default();
        while let Some(one) = compared.try_next().await? {
            all.events += one.events;
            all.different += one.different;
            progress(all.events);
        }
        Ok(all)
    }
}

fn compare(history: &[(Moment, PredictionId)], logged: &HashMap<PredictionId, String>) -> Recomputed {
    let moments: Vec<Moment> = history.iter().map(|(moment, _)| *moment).collect();
    let features = recompute(&moments);
    let same = |(features, (_, prediction)): &(&Features, &(Moment, PredictionId))| {
        logged.get(prediction).is_some_and(|row| is_logged_as(features, row))
    };
    let different = features.iter().zip(history).filter(|pair| !same(pair)).count();
    Recomputed { events: history.len(), different }
}

/// Whether the row says the same figures. They are compared as they are written: reading them could round.
fn is_logged_as(features: &Features, row: &str) -> bool {
    let Ok(row) = serde_json::from_str::<HashMap<&str, &RawValue>>(row) else { return false };
    FEATURES.iter().zip(features.0).all(|(feature, value)| {
        let written = serde_json::to_string(&value).unwrap_or_default();
        row.get(feature.name).is_some_and(|logged| logged.get() == written)
    })
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::attendance::row;

    use super::*;

    #[test]
    fn a_figure_that_is_off_by_its_last_digit_differs() {
        let features = Features([Some(0.1 + 0.2); FEATURES.len()]);
        let logged = |features: &Features| serde_json::Value::Object(row(features, Timestamp(0), 200.0)).to_string();
        assert!(is_logged_as(&features, &logged(&features)));
        let (mut other, mut missing) = (features, features);
        other.0[7] = Some(0.3);
        missing.0[4] = None;
        assert!(!is_logged_as(&features, &logged(&other)) && !is_logged_as(&features, &logged(&missing)));
        assert!(is_logged_as(&missing, &logged(&missing)));
    }
}
