//! What the model says of an event, and whether somebody should look at it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::attendance::{self, Features, History, MODEL};
use domain::case::{Alert, Origin, Rule};
use domain::prediction::{OutcomeSource, Prediction};
use domain::row::Cell;
use domain::specification::Column;
use domain::{Actor, EmployeeId, OutcomeId, Specification};
use rand::RngExt;
use rayon::prelude::*;
use serde_json::Value;
use store::{NewOutcome, ScoredEvent, Unscored, UnscoredEvent};

use super::Events;
use crate::error::{Error, Result};
use crate::predictions::{Asked, Row, random};
use crate::serving::Served;

/// Scores the events of one request.
pub(super) struct Scorer {
    asked: Asked,
    served: Arc<Served>,
    /// Who makes no cases now, and by what rule.
    snoozed: HashSet<(EmployeeId, Rule)>,
}

/// An event with what it saw of its employee, and its truth if that is known already.
pub(super) struct Seen {
    pub(super) event: UnscoredEvent,
    pub(super) features: Features,
    pub(super) truth: Option<bool>,
}

/// The features of events in the order in which they are recorded: a later one sees an earlier one.
pub(super) fn look_back(unscored: Unscored) -> Vec<(UnscoredEvent, Features)> {
    let histories = unscored.histories.into_iter();
    let mut histories: HashMap<EmployeeId, History> =
        histories.map(|(employee, moments)| (employee, History::new(moments))).collect();
    let look = |event: UnscoredEvent| {
        let history = histories.entry(event.employee).or_default();
        let features = history.features(&event.moment);
        history.add(event.moment);
        (event, features)
    };
    unscored.events.into_iter().map(look).collect()
}

impl Events<'_> {
    pub(super) async fn scorer(&self, actor: &Actor) -> Result<Scorer> {
        let served = match self.desk.served(actor.tenant, MODEL).await {
            Err(Error::NotFound(_)) => self.desk.first_model(actor, MODEL, attendance::specification()).await?,
            known => known?,
        };
        let asked = Asked::new(self.desk, actor);
        let snoozes = self.desk.store().snoozes(actor.tenant, self.desk.now()).await?;
        let snoozed = snoozes.into_iter().map(|snooze| (snooze.employee, snooze.rule)).collect();
        Ok(Scorer { asked, served, snoozed })
    }
}

impl Scorer {
    /// One answer for each event, in their order.
    pub(super) fn score(&self, events: &[Seen]) -> Result<Vec<ScoredEvent>> {
        let rows = events.iter().map(|seen| {
            let fields = attendance::row(&seen.features, seen.event.moment.at, 1.0);
            Row { text: Value::Object(fields.clone()).to_string(), fields }
        });
        let (_, predictions) = self.asked.answer(&self.served, rows.collect(), None).map_err(no_such_row)?;
        let share = self.audit_share();
        let positive = self.served.specification.positive().unwrap_or_default().to_owned();
        let score = |(mut prediction, Seen { event, features, truth }): (Prediction, &Seen)| {
            let flagged = prediction.decision == positive;
            let drawn = !flagged && rand::rng().random::<f64>() < share;
            let alert = if truth.is_some() { None } else { self.alert(event.employee, features, flagged, drawn) };
            if alert.is_some_and(|alert| alert.origin == Origin::Audit) {
                let row = attendance::row(features, event.moment.at, 1.0 / share);
                prediction.features = Value::Object(row).to_string();
            }
            let truth = truth.map(|fraud| NewOutcome {
                id: OutcomeId::new(prediction.at, random()),
                prediction: prediction.id,
                truth: attendance::class(fraud).to_owned(),
                at: prediction.at,
                actor: prediction.actor.clone(),
                source: OutcomeSource::Import,
            });
            ScoredEvent { prediction, truth, alert }
        };
        // The rule of an alert is found in the model's reasons, which take milliseconds.
        Ok(predictions.into_par_iter().zip(events).map(score).collect())
    }

    /// Counts events that are recorded.
    pub(super) fn count(&self, events: usize, micros: i64) {
        self.served.counts.answered(self.served.source(), events, micros);
    }

    fn alert(&self, employee: EmployeeId, features: &Features, flagged: bool, drawn: bool) -> Option<Alert> {
        if !flagged && !drawn {
            return None;
        }
        let rule = self.rule(features);
        if flagged && self.snoozed.contains(&(employee, rule)) {
            return None;
        }
        Some(if flagged { Alert::threshold(rule) } else { Alert::audit(rule, self.audit_share()) })
    }

    /// As the specification in force says, whatever the champion was trained by.
    fn audit_share(&self) -> f64 {
        self.served.model.specification.audit_share()
    }

    /// What pushed the score up most: the strongest reasons of the version, or what the heuristic's rule looks at.
    fn rule(&self, features: &Features) -> Rule {
        let Specification { columns, heuristic, .. } = &self.served.specification;
        let figure = |column: &Column| features.get(&column.name).map_or(Cell::Missing, Cell::Number);
        let cells: Vec<Cell> = columns.iter().map(figure).collect();
        let Some(fitted) = self.served.rows() else {
            return heuristic.applied(columns, &cells).map_or(Rule::Behaviour, |rule| Rule::of(&rule.column));
        };
        let reasons = fitted.explain(&cells).contributions;
        Rule::strongest(reasons.iter().map(|reason| (reason.column.as_str(), f64::from(reason.value))))
    }
}

/// The tenant's own model of that name may ask for other inputs.
fn no_such_row(error: Error) -> Error {
    match error {
        Error::Invalid(wrong) => {
            let inputs: Vec<String> = wrong.into_iter().map(|error| error.to_string()).collect();
            Error::Conflict(format!("the model `{MODEL}` does not read attendance events: {}", inputs.join("; ")))
        }
        other => other,
    }
}
