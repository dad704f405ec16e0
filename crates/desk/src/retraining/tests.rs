use std::fmt::Write;
use std::sync::Arc;

use domain::prediction::Route;
use domain::retraining::Standing;
use domain::run::{MAX_RETRIES, RunState, retry_delay};
use domain::specification::Draft;
use domain::time::{DAY, HOUR};
use domain::{KeyId, Scope, Who};
use serde_json::json;

use super::*;
use crate::predictions::{Reported, Row};
use crate::readings::tests::MONDAY;
use crate::testing::{Hands, desk_of, parts};
use crate::training::Options;
use crate::{Limits, Parts};

/// A model that learns from a row a day, of the hundred days before.
pub(crate) struct Office {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<Hands>,
    pub(crate) desk: Desk,
    pub(crate) actor: Actor,
}

const DAYS: i64 = 100;
const MODEL: &str = "model";

impl Office {
    /// `rules` are lines of the section `[retraining]`.
    pub(crate) async fn new(rules: &str) -> Self {
        Self::within(Limits::default(), rules).await
    }

    async fn within(limits: Limits, rules: &str) -> Self {
        let (folder, clock) = (tempfile::tempdir().unwrap(), Hands::at(MONDAY));
        let desk = desk_of(Parts { limits, ..parts(folder.path(), clock.clone()).await });
        let actor = Actor::operator(desk.tenants().create("acme", "Acme", "UTC").await.unwrap().id);
        let office = Self { folder, clock, desk, actor };
        office.model(MODEL, rules).await;
        office
    }

    async fn model(&self, name: &str, rules: &str) {
        let mut csv = String::from("at,x,y\n");
        for day in 0..DAYS {
            let (at, x) = (MONDAY.plus((day - DAYS) * DAY + HOUR).rfc3339(), day * 7 % 10);
            writeln!(csv, "{at},{x},{}", if x > 4 { "yes" } else { "no" }).unwrap();
        }
        let dataset = self.desk.datasets().import(&self.actor, "rows.csv", csv.into_bytes()).await.unwrap();
        self.desk.models().create(&self.actor, name, recipe(rules), Some(dataset.id)).await.unwrap();
    }

    async fn specify(&self, rules: &str) {
        self.desk.models().specify(&self.actor, MODEL, recipe(rules), None).await.unwrap();
    }

    pub(crate) async fn retrain(&self, days: Option<u32>) -> Run {
        self.desk.retraining().retrain(&self.actor, MODEL, days, Trigger::Schedule).await.unwrap()
    }

    async fn run(&self, run: &Run) -> Run {
        self.desk.training().get(&self.actor, run.id).await.unwrap()
    }

    async fn work(&self) {
        while self.desk.training().work_once("one").await.unwrap() {}
    }

    /// Asks about so many rows and says what was true of each.
    async fn outcomes(&self, rows: usize) {
        let fields = |x: usize| json!({ "x": x % 10 }).as_object().unwrap().clone();
        let row = |x: usize| Row { text: json!({ "x": x % 10 }).to_string(), fields: fields(x) };
        let predictions = self.desk.predictions();
        let answers = predictions.predict(&self.actor, MODEL, (0..rows).map(row).collect(), false).await.unwrap();
        assert!(answers.iter().all(|answer| answer.route != Route::Heuristic));
        let truth = |x: usize| if x % 10 > 4 { "yes" } else { "no" };
        let reported = (0..)
            .zip(&answers)
            .map(|(x, answer)| Reported { prediction: answer.id.to_string(), truth: truth(x).into() });
        predictions.record_outcomes(&self.actor, &reported.collect::<Vec<_>>()).await.unwrap();
    }
}

fn recipe(rules: &str) -> Draft {
    let recipe = format!(
        r#"
        task = "binary"
        target = "y"
        classes = ["no", "yes"]
        split = {{ by = "time", column = "at" }}
        estimator = {{ kind = "logistic" }}
        columns = [{{ name = "x", kind = "numeric" }}]
        [retraining]
        {rules}
        "#
    );
    Draft::from_toml(&recipe).unwrap()
}

#[tokio::test]
async fn who_may_not_promote_lets_no_model_do_it() {
    let office = Office::new("").await;
    let who = Who::Key { id: KeyId(1), name: String::from("writer"), scopes: vec![Scope::Write], maker: None };
    let (writer, models) = (Actor { who, ..office.actor.clone() }, office.desk.models());
    let refused = |error: Error| {
        assert!(matches!(error, Error::Refused(_)), "{error}");
        assert!(error.to_string().starts_with("`retraining.policy = \"champion\"` needs the right to"), "{error}");
    };
    let by_itself = || recipe("policy = \"champion\"");
    refused(models.create(&writer, "other", by_itself(), None).await.unwrap_err());
    refused(models.specify(&writer, MODEL, by_itself(), None).await.unwrap_err());
    models.create(&writer, "other", recipe(""), None).await.unwrap();
    models.specify(&writer, MODEL, recipe(""), None).await.unwrap();
    models.specify(&office.actor, MODEL, by_itself(), None).await.unwrap();
    let less_asked_for = recipe("policy = \"champion\"\nbetter_by = 0.0");
    refused(models.specify(&writer, MODEL, less_asked_for, None).await.unwrap_err());
}

#[tokio::test]
async fn a_metric_that_is_none_is_refused_by_its_field() {
    let office = Office::new("metric = \"log_loss\"").await;
    let models = office.desk.models();
    for metric in ["f2", "threshold"] {
        let wrong = || recipe(&format!("metric = \"{metric}\""));
        for refused in [
            models.create(&office.actor, "other", wrong(), None).await.map(drop),
            models.specify(&office.actor, MODEL, wrong(), None).await.map(drop),
        ] {
            let Err(Error::Invalid(fields)) = &refused else { panic!("{refused:?}") };
            assert_eq!(fields[0].field, "retraining.metric");
        }
    }
}

#[tokio::test]
async fn what_was_turned_down_while_a_run_waited_counts() {
    let office = Office::new("policy = \"champion\"").await;
    for (policy, became) in [("challenger", Standing::Challenger), ("candidate", Standing::Candidate)] {
        office.specify("policy = \"champion\"").await;
        let run = office.retrain(None).await;
        office.specify(&format!("policy = \"{policy}\"")).await;
        office.work().await;
        assert_eq!(office.run(&run).await.became, Some(became));
    }
    let run = office.retrain(None).await;
    office.specify("policy = \"champion\"").await;
    office.work().await;
    assert_eq!(
        office.run(&run).await.became,
        Some(Standing::Candidate),
        "nor does it come further than it was asked for"
    );
    assert_eq!(office.desk.models().get(&office.actor, MODEL).await.unwrap().champion(), None);
}

#[tokio::test]
async fn what_a_person_took_out_of_service_does_not_come_back_by_itself() {
    let office = Office::new("policy = \"champion\"").await;
    office.retrain(None).await;
    office.work().await;
    office.desk.versions().use_heuristic(&office.actor, MODEL, "it answers nonsense").await.unwrap();
    let run = office.retrain(None).await;
    office.work().await;
    let (run, detail) = (office.run(&run).await, office.desk.models().get(&office.actor, MODEL).await.unwrap());
    assert_eq!((run.became, detail.champion(), detail.challenger()), (Some(Standing::Challenger), None, Some(2)));
    assert!(run.because.contains("took the model out of service"), "{}", run.because);
}

#[tokio::test]
async fn examples_are_of_one_day_to_ten_years() {
    let office = Office::new("").await;
    let retrain = async |days| {
        office.desk.retraining().retrain(&office.actor, MODEL, Some(days), Trigger::Hand).await.map(|run| run.days)
    };
    for days in [0, 3_651, u32::MAX] {
        let Err(Error::Invalid(wrong)) = retrain(days).await else { panic!("{days} days") };
        assert_eq!(wrong[0].field, "days");
    }
    assert_eq!(retrain(3_650).await.unwrap(), Some(3_650));
}

#[tokio::test]
async fn a_first_version_serves_and_one_that_is_no_better_is_kept_with_the_reason() {
    let office = Office::new("policy = \"champion\"").await;
    let first = office.retrain(None).await;
    office.work().await;
    let (first, detail) = (office.run(&first).await, office.desk.models().get(&office.actor, MODEL).await.unwrap());
    assert_eq!((first.became, detail.champion()), (Some(Standing::Champion), Some(1)), "{first:?}");
    assert_eq!((detail.deployments[0].actor.as_str(), &detail.deployments[0].reason), ("worker", &first.because));
    let answers = office.desk.predictions();
    let row = Row { text: String::from(r#"{"x": 9}"#), fields: json!({ "x": 9 }).as_object().unwrap().clone() };
    assert_eq!(answers.predict(&office.actor, MODEL, vec![row], false).await.unwrap()[0].version, Some(1));

    let second = office.retrain(None).await;
    office.work().await;
    let (second, detail) = (office.run(&second).await, office.desk.models().get(&office.actor, MODEL).await.unwrap());
    assert_eq!(second.became, Some(Standing::Challenger));
    assert!(
        second.because.starts_with("kept as challenger: ") && second.because.contains("0.0 % better"),
        "{second:?}"
    );
    assert_eq!((detail.champion(), detail.challenger(), detail.previous()), (Some(1), Some(2), None));
    let audit = office.desk.audit().list(&office.actor, Some("model:model"), None, 9).await.unwrap();
    let said: Vec<_> = audit.iter().map(|entry| (entry.actor.as_str(), entry.action.as_str())).collect();
    assert!(
        said.contains(&("worker", "version.promoted")) && said.contains(&("worker", "version.challenges")),
        "{said:?}"
    );
    // What a person promotes challenges nobody any more.
    office.desk.versions().promote(&office.actor, MODEL, 2, "I like it", true).await.unwrap();
    let detail = office.desk.models().get(&office.actor, MODEL).await.unwrap();
    assert_eq!((detail.champion(), detail.challenger(), detail.previous()), (Some(2), None, Some(1)));
}

#[tokio::test]
async fn what_nobody_retrained_stays_a_candidate() {
    let office = Office::new("policy = \"champion\"").await;
    let run = office.desk.training().start(&office.actor, MODEL, Options::default()).await.unwrap();
    office.work().await;
    assert_eq!(office.run(&run).await.became, Some(Standing::Candidate));
    assert_eq!(office.desk.models().get(&office.actor, MODEL).await.unwrap().champion(), None);
}

#[tokio::test]
async fn a_run_that_cannot_write_waits_longer_each_time_and_leaves_no_half_version() {
    let office = Office::new("policy = \"champion\"").await;
    let run = office.retrain(None).await;
    let versions = office.folder.path().join(format!("tenants/{}/models", run.tenant));
    std::fs::create_dir_all(versions.parent().unwrap()).unwrap();
    std::fs::write(&versions, "no folder").unwrap();
    office.work().await;
    let waiting = office.run(&run).await;
    assert_eq!((waiting.state, waiting.retries, waiting.version), (RunState::Queued, 1, None), "{waiting:?}");
    assert!(waiting.message.contains("cannot be written"), "{}", waiting.message);
    assert!(office.desk.models().get(&office.actor, MODEL).await.unwrap().versions.is_empty());
    office.work().await;
    assert_eq!(office.run(&run).await.retries, 1, "its time has not come");
    office.clock.go_on(retry_delay(0));
    office.work().await;
    assert_eq!(office.run(&run).await.retries, 2);
    std::fs::remove_file(&versions).unwrap();
    office.clock.go_on(retry_delay(1));
    office.work().await;
    assert_eq!(office.run(&run).await.became, Some(Standing::Champion));
}

#[tokio::test]
async fn a_run_that_never_can_is_given_up_with_a_sentence() {
    let office = Office::new("").await;
    let run = office.retrain(None).await;
    std::fs::write(office.folder.path().join(format!("tenants/{}/models", run.tenant)), "no folder").unwrap();
    for retries in 0..=MAX_RETRIES {
        assert_eq!(office.run(&run).await.retries, retries);
        office.work().await;
        office.clock.go_on(retry_delay(retries) + 1);
    }
    let over = office.run(&run).await;
    assert_eq!((over.state, over.version), (RunState::Failed, None));
    assert!(over.message.ends_with("(tried 9 times)"), "{}", over.message);
}

#[tokio::test]
async fn a_version_is_judged_by_rows_that_neither_learnt_from_whatever_their_windows() {
    let office = Office::new("").await;
    // Of 40 days: the last 6 are held back, days 60 to 93 are learnt from.
    office.retrain(Some(40)).await;
    office.work().await;
    // Of 100: the last 15 are held back, days 85 on.
    office.retrain(None).await;
    office.work().await;
    let compared = office.desk.versions().compare(&office.actor, MODEL, 1, 2).await.unwrap();
    assert_eq!(compared.n, 6);
    let detail = office.desk.versions().get(&office.actor, MODEL, 2).await.unwrap();
    assert_eq!(detail.version.summary.held_back, 15);
}

#[tokio::test]
async fn a_check_says_what_it_saw_and_asks_for_one_run() {
    let office = Office::new("policy = \"champion\"\nnew_labels = 5").await;
    office.retrain(None).await;
    office.work().await;
    let check = async || office.desk.retraining().check(&office.actor, MODEL).await.unwrap();
    office.clock.go_on(7 * HOUR);
    let calm = check().await;
    assert_eq!((calm.check.fired(), calm.run), (None, None), "{calm:?}");
    office.outcomes(6).await;
    let fired = check().await;
    let run = office.desk.training().get(&office.actor, fired.run.unwrap()).await.unwrap();
    assert_eq!((run.trigger, run.created_by.as_str()), (Trigger::Labels, "worker"));
    assert_eq!(run.saw, "6 labels came in since its data set; 5 are enough");
    let again = check().await;
    assert_eq!(again.run, None);
    assert!(again.check.held_back.as_ref().unwrap().contains("waits or works"), "{again:?}");
    assert_eq!(office.desk.retraining().newest_check(&office.actor, MODEL).await.unwrap(), Some(again));
    office.work().await;
    assert_eq!(office.desk.retraining().check_all(office.actor.tenant).await.unwrap(), 0, "all of them are learnt");
}

#[tokio::test]
async fn a_batch_trains_what_has_something_new() {
    let office = Office::new("policy = \"champion\"").await;
    office.model("other", "").await;
    let training = office.desk.training();
    let names = async || {
        let started = training.start_all(&office.actor, &[]).await.unwrap();
        office.work().await;
        started.into_iter().map(|(name, run)| (name, run.is_ok())).collect::<Vec<_>>()
    };
    assert_eq!(names().await, [(String::from("model"), true), (String::from("other"), true)]);
    assert!(names().await.is_empty());
    office.desk.versions().promote(&office.actor, MODEL, 1, "the first", false).await.unwrap();
    office.outcomes(3).await;
    assert_eq!(names().await, [(String::from("model"), true)]);
    let asked = ["other", "none"].map(String::from);
    let started = training.start_all(&office.actor, &asked).await.unwrap();
    assert!(started[0].1.is_ok() && started[1].1.is_err());
}

#[tokio::test]
async fn too_few_days_say_so() {
    let office = Office::new("").await;
    let run = office.retrain(Some(2)).await;
    office.work().await;
    let over = office.run(&run).await;
    assert_eq!(over.state, RunState::Failed);
    assert!(over.message.contains("at least 20 are needed"), "{}", over.message);
}

#[tokio::test]
async fn more_outcomes_than_fit_into_a_data_set_are_not_read() {
    let limits = Limits { dataset_rows: DAYS as usize + 20, ..Limits::default() };
    let office = Office::within(limits, "policy = \"champion\"").await;
    office.retrain(None).await;
    office.work().await;
    office.outcomes(DAYS as usize + 21).await;
    let run = office.retrain(None).await;
    office.work().await;
    let run = office.run(&run).await;
    assert_eq!(run.state, RunState::Failed);
    assert!(run.message.contains("have it learn from fewer days"), "{}", run.message);
}
