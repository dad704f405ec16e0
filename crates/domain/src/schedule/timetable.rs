//! Where schedules come from: what a specification declares, and what every organisation has.

use serde::{Deserialize, Serialize};

use super::{Job, Schedule, Wrong};
use crate::error::FieldError;
use crate::specification::Specification;
use crate::time::is_time_zone;

/// What a specification says about time. What it does not name is not done by the clock, but for the choice of readings,
/// which every model that reads images makes each week.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timetable {
    /// When the model is trained again: `0 3 * * 1` is Monday at 03:00.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrain: Option<String>,
    /// When readings are chosen for people to label (text recognition); Sunday at 02:00 if it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<String>,
    /// By the clocks of this IANA time zone; the organisation's if it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// When readings are chosen unless the specification says otherwise.
const SELECT: &str = "0 2 * * 0";

/// What is done for every organisation, and when by its own clocks: what takes long at hours when few people work.
const OF_TENANT: [(Job, &str); 4] = [
    (Job::CheckTriggers, "0 * * * *"),
    (Job::CleanUp, "15 3 * * *"),
    (Job::Observe, "5 */6 * * *"),
    (Job::Verify, "45 3 * * *"),
];

/// A job and when it is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Planned {
    /// What is done.
    pub job: Job,
    /// Five fields of cron.
    pub expression: String,
    /// By the clocks of this IANA time zone.
    pub time_zone: String,
}

/// The jobs of every organisation, by its own clocks.
#[must_use]
pub fn of_tenant(time_zone: &str) -> Vec<Planned> {
    let planned = |(job, expression): (Job, &str)| Planned {
        job,
        expression: expression.to_owned(),
        time_zone: time_zone.to_owned(),
    };
    OF_TENANT.into_iter().map(planned).collect()
}

/// The jobs of a model whose organisation keeps the clocks of `time_zone`.
#[must_use]
pub fn of_model(specification: &Specification, time_zone: &str) -> Vec<Planned> {
    let timetable = &specification.schedule;
    let select = specification.reading.is_some().then(|| timetable.select.as_deref().unwrap_or(SELECT));
    let jobs = [(Job::Retrain, timetable.retrain.as_deref()), (Job::Select, select)];
    let planned = |(job, expression): (Job, Option<&str>)| {
        Some(Planned {
            job,
            expression: expression?.to_owned(),
            time_zone: timetable.time_zone.as_deref().unwrap_or(time_zone).to_owned(),
        })
    };
    jobs.into_iter().filter_map(planned).collect()
}

impl Timetable {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn check_time_zone(&self, wrong: &mut Vec<FieldError>) {
        if self.time_zone.as_deref().is_some_and(|zone| !is_time_zone(zone)) {
            wrong.push(FieldError::new("schedule.time_zone", Wrong::TimeZone.to_string()));
        }
    }

    pub(crate) fn check(&self, reads_images: bool, wrong: &mut Vec<FieldError>) {
        for (field, expression) in [("schedule.retrain", &self.retrain), ("schedule.select", &self.select)] {
            if let Some(Err(error)) = expression.as_ref().map(|expression| Schedule::new(expression, "UTC")) {
                wrong.push(FieldError::new(field, error.to_string()));
            }
        }
        if self.select.is_some() && !reads_images {
            wrong.push(FieldError::new("schedule.select", "only models that read images have readings to choose"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Reading;
    use crate::specification::{Draft, Split};

    fn planned(specification: &Specification) -> Vec<(Job, String, String)> {
        let plans = of_model(specification, "Europe/Berlin").into_iter();
        plans.map(|plan| (plan.job, plan.expression, plan.time_zone)).collect()
    }

    fn meters(schedule: Timetable) -> Draft {
        Draft { schedule, ..Draft::of_reading(Reading::new("0123456789", 4, 4), Split::Random) }
    }

    fn said(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn readings_are_chosen_on_sundays_unless_the_specification_says_when() {
        let plain = meters(Timetable::default()).validate().unwrap();
        assert_eq!(planned(&plain), [(Job::Select, "0 2 * * 0".into(), "Europe/Berlin".into())]);
        let declared =
            Timetable { retrain: said("0 4 1 * *"), select: said("0 2 * * SAT"), time_zone: said("Asia/Tokyo") };
        let declared = meters(declared).validate().unwrap();
        let tokyo = String::from("Asia/Tokyo");
        let expected = [(Job::Retrain, "0 4 1 * *".into(), tokyo.clone()), (Job::Select, "0 2 * * SAT".into(), tokyo)];
        assert_eq!(planned(&declared), expected);
    }

    #[test]
    fn fraud_is_trained_again_each_month_and_others_when_they_say_so() {
        let fraud = crate::attendance::specification().validate().unwrap();
        assert_eq!(planned(&fraud), [(Job::Retrain, "0 3 1 * *".into(), "Europe/Berlin".into())]);
        let row = r#"{"task": "regression", "target": "y", "columns": [{"name": "x", "kind": "numeric"}]}"#;
        assert!(planned(&Draft::from_json(row).unwrap().validate().unwrap()).is_empty());
    }

    #[test]
    fn what_every_organisation_has_is_possible() {
        let possible = |plan: &Planned| Schedule::new(&plan.expression, &plan.time_zone).is_ok();
        assert!(of_tenant("Europe/Berlin").iter().all(possible));
    }

    #[test]
    fn a_time_zone_is_asked_for_when_it_is_written_and_not_when_it_is_read_back() {
        let schedule = Timetable { retrain: said("0 4 1 * *"), time_zone: said("Europe/Atlantis"), select: None };
        let draft = Draft { schedule: schedule.clone(), ..crate::attendance::specification() };
        let kept = serde_json::to_string(&draft).unwrap();
        assert_eq!(draft.validate().unwrap_err()[0].field, "schedule.time_zone");
        assert_eq!(serde_json::from_str::<Specification>(&kept).unwrap().schedule, schedule);
    }

    #[test]
    fn a_wrong_timetable_is_refused_by_field() {
        let fields = |schedule| -> Vec<String> {
            let draft = Draft { schedule, ..crate::attendance::specification() };
            draft.validate().unwrap_err().into_iter().map(|error| error.field).collect()
        };
        let wrong = Timetable { retrain: said("0 25 * * 1"), select: said("0 2 * * 0"), time_zone: said("Mars") };
        assert_eq!(fields(wrong), ["schedule.time_zone", "schedule.retrain", "schedule.select"]);
    }
}
