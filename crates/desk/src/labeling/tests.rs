use domain::labeling::{Act, Transcript, UNDO};
use domain::manifest::sha256;
use domain::reading::{Number, Reading};
use domain::specification::{Draft, Split};
use domain::time::{DAY, HOUR};
use domain::{Actor, Role, TaskId};
use store::{Artifacts, NewImage, NewReading, TaskFilter};
use vision::archive::Writer;
use vision::picture::Picture;

use super::{Assignment, Said};
use crate::error::Error;
use crate::predictions::random;
use crate::readings::tests::{MONDAY, Meters, image, rules, said};
use crate::testing::corner;
use crate::training::Options;

impl Meters {
    /// So many images, each with a task, and so many labelers.
    async fn with(rules: Reading, images: u8, labelers: usize) -> (Self, Vec<Actor>) {
        let meters = Self::new(rules).await;
        for grey in 0..images {
            meters.read(image(grey)).await.unwrap();
        }
        let mut people = Vec::new();
        for i in 0..labelers {
            people.push(meters.person(&format!("L{i}"), Role::Labeler).await);
        }
        (meters, people)
    }

    async fn next(&self, actor: &Actor) -> Option<Assignment> {
        self.desk.labeling().next(actor, "meters", None).await.unwrap()
    }

    async fn says(&self, actor: &Actor, task: TaskId, text: &str) -> Result<(), Error> {
        self.desk.labeling().annotate(actor, task, &said(text)).await
    }

    pub(crate) async fn admin(&self) -> Actor {
        self.person("Admin", Role::Admin).await
    }

    /// An accepted reading of which nobody is asked.
    async fn accepted(&self, confidence: f64, source: &str) {
        self.accepted_of(confidence, source, None).await;
    }

    /// The same, of this picture.
    async fn accepted_of(&self, confidence: f64, source: &str, picture: Option<&Picture>) {
        let model = self.desk.model(self.actor.tenant, "meters").await.unwrap();
        let mut reading = store_reading(&self.actor, model.id, self.desk.now());
        reading.prediction.confidence = Some(confidence);
        reading.source = source.to_owned();
        if let Some(bytes) = picture.map(Picture::encode) {
            reading.image.sha256 = sha256(&bytes);
            let key = Artifacts::image_key(self.actor.tenant, &reading.image.sha256);
            self.desk.inner.artifacts.put(&key, bytes).await.unwrap();
        }
        self.desk.inner.writer.submit_readings(vec![reading]).await.unwrap();
    }

    /// Has a version serve that has hardly begun to learn corners.
    async fn serve_corners(&self) {
        let mut zip = Writer::default();
        for number in 0..40 {
            zip.add(&format!("{number}.png"), &(number % 4).to_string(), "m1", &corner(number).encode()).unwrap();
        }
        let zip = zip.finish().unwrap().into();
        let dataset = self.desk.datasets().import_images(&self.actor, "corners.zip", zip, |_, _| ()).await.unwrap();
        let mut draft = Draft::of_reading(rules(), Split::Random);
        let parameters = serde_json::json!({ "epochs": 2, "width": 0.25, "distortion": 0 });
        draft.estimator.parameters = parameters.as_object().unwrap().clone();
        self.desk.models().specify(&self.actor, "meters", draft, None).await.unwrap();
        let options = Options { dataset: Some(dataset.dataset.id), ..Options::default() };
        self.desk.training().start(&self.actor, "meters", options).await.unwrap();
        assert!(self.desk.training().work_once("test").await.unwrap());
        self.desk.versions().promote(&self.actor, "meters", 1, "the first", true).await.unwrap();
    }
}

fn store_reading(actor: &Actor, model: domain::ModelId, at: domain::Timestamp) -> NewReading {
    let id = domain::PredictionId::new(at, random());
    let image = NewImage { sha256: domain::manifest::sha256(id.0.as_bytes()), bytes: 9, width: 1, height: 1 };
    NewReading {
        prediction: domain::prediction::Prediction {
            id,
            tenant: actor.tenant,
            model,
            version: Some(1),
            route: domain::prediction::Route::Champion,
            at,
            features: String::from("{}"),
            score: 0.9,
            decision: String::from("12"),
            confidence: Some(0.9),
            probabilities: String::from("[0.9,0.95]"),
            latency_micros: 9,
            actor: actor.label(),
        },
        client_id: None,
        digest: String::new(),
        image,
        source: String::new(),
        previous: None,
        review: None,
    }
}

#[tokio::test]
async fn a_queue_is_worked_through() {
    let (meters, people) = Meters::with(rules(), 3, 2).await;
    let (ada, sami) = (&people[0], &people[1]);
    let (first, other) = (meters.next(ada).await.unwrap(), meters.next(sami).await.unwrap());
    assert_ne!(first.task, other.task);
    assert_eq!((first.queue.as_str(), first.source.as_str(), first.text.as_str()), ("meters", "m1", ""));
    assert_eq!(meters.next(ada).await.unwrap().task, first.task, "until it is answered");
    let Err(Error::Conflict(told)) = meters.says(ada, other.task, "1").await else { panic!() };
    assert_eq!(told, "L1 has this task now");
    let besides = async |task| meters.desk.labeling().next(ada, "meters", Some(task)).await.unwrap();
    let made_ready = besides(first.task).await.unwrap();
    meters.says(ada, first.task, "101").await.unwrap();
    meters.says(ada, first.task, "101").await.unwrap();
    assert_eq!(meters.truths(first.prediction).await, ["101"]);
    let third = meters.next(ada).await.unwrap();
    assert_eq!(made_ready.task, third.task);
    assert_eq!(besides(third.task).await, None);
    meters.clock.go_on(3 * 60 * domain::time::SECOND);
    assert_eq!(meters.next(ada).await.unwrap().task, other.task, "handed on: older than the third");
    meters.says(sami, third.task, "7").await.unwrap();
    let unreadable = Said { text: None, ..said("") };
    meters.desk.labeling().annotate(ada, other.task, &unreadable).await.unwrap();
    assert!(meters.truths(other.prediction).await.is_empty());
    assert_eq!((meters.next(ada).await, meters.next(sami).await), (None, None));
    let queues = meters.desk.labeling().queues(ada).await.unwrap();
    assert_eq!((queues[0].waiting(), queues[0].for_you, queues[0].read_last_hour), (0, Some(0), 3));
}

#[tokio::test]
async fn what_breaks_a_rule_is_questioned() {
    let number = Number { decimals: 0, tolerance: 0.0, wrap: None, increasing: true };
    let meters = Meters::new(Reading { number: Some(number), ..rules() }).await;
    let request = crate::readings::ReadRequest { previous: Some(String::from("50")), ..image(1) };
    meters.read(request).await.unwrap();
    let ada = meters.person("Ada", Role::Labeler).await;
    let task = meters.next(&ada).await.unwrap();
    assert_eq!(task.previous.as_deref(), Some("50"));
    for wrong in ["12a", "1234", "49"] {
        let Err(Error::Invalid(told)) = meters.says(&ada, task.task, wrong).await else { panic!("{wrong}") };
        assert_eq!(told[0].field, "text");
    }
    let sure = Said { sure: true, ..said("49") };
    meters.desk.labeling().annotate(&ada, task.task, &sure).await.unwrap();
    assert_eq!(meters.truths(task.prediction).await, ["49"]);
}

#[tokio::test]
async fn two_who_differ_wait_for_a_third() {
    let (meters, people) = Meters::with(Reading { double_share: 1.0, ..rules() }, 1, 3).await;
    let admin = meters.admin().await;
    let task = meters.next(&people[0]).await.unwrap();
    meters.says(&people[0], task.task, "9").await.unwrap();
    meters.desk.labeling().undo(&people[0], task.task).await.unwrap();
    meters.says(&people[0], task.task, "10").await.unwrap();
    assert_eq!(meters.next(&people[0]).await, None);
    assert!(meters.next(&people[1]).await.unwrap().disputed.is_empty(), "blind");
    meters.says(&people[1], task.task, "11").await.unwrap();
    assert!(meters.truths(task.prediction).await.is_empty());
    let third = meters.next(&people[2]).await.unwrap();
    let read = ["10", "11"].map(|text| Transcript::Text(String::from(text)));
    assert_eq!(third.disputed, read);
    meters.says(&people[2], task.task, "11").await.unwrap();
    assert_eq!(meters.truths(task.prediction).await, ["11"]);
    let agreement = meters.desk.labeling().agreement(&admin, "meters", 30).await.unwrap();
    assert_eq!((agreement.pairs.n, agreement.pairs.exact, agreement.labelers.len()), (1, 0, 2));
    assert_eq!(agreement.pairs.character_error_rate, Some(0.5));
}

#[tokio::test]
async fn a_slip_is_undone_and_an_error_corrected() {
    let (meters, people) = Meters::with(rules(), 2, 2).await;
    let (ada, sami) = (&people[0], &people[1]);
    let (labeling, admin) = (meters.desk.labeling(), meters.admin().await);
    let task = meters.next(ada).await.unwrap();
    meters.says(ada, task.task, "10").await.unwrap();
    assert!(matches!(labeling.undo(sami, task.task).await, Err(Error::Conflict(_))));
    labeling.undo(ada, task.task).await.unwrap();
    assert_eq!(meters.truths(task.prediction).await, ["10", ""]);
    assert_eq!(meters.next(ada).await.unwrap().task, task.task, "theirs again");
    meters.says(ada, task.task, "11").await.unwrap();
    assert!(matches!(labeling.correct(sami, task.task, &said("12"), " ").await, Err(Error::Invalid(_))));
    labeling.correct(sami, task.task, &said("12"), "the last digit is a 2").await.unwrap();
    assert_eq!(meters.truths(task.prediction).await, ["10", "", "11", "12"]);
    let detail = labeling.get(&admin, task.task).await.unwrap();
    let lines: Vec<_> = detail.history.iter().map(|line| line.act.as_str()).collect();
    assert_eq!(lines, ["read", "withdrawn", "read", "corrected"]);
    assert!(matches!(&detail.history[3].act, Act::Corrected(seen) if seen.text() == Some("12")));
    assert_eq!(detail.history[3].before.as_deref(), Some("11"));
    let log = meters.desk.audit().list(&admin, Some("labeling"), None, 9).await.unwrap();
    assert_eq!(
        log.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(),
        ["labeling.corrected", "labeling.reopened"]
    );
}

#[tokio::test]
async fn a_task_is_passed_over_given_back_or_flagged() {
    let (meters, people) = Meters::with(rules(), 2, 2).await;
    let (ada, sami, labeling) = (&people[0], &people[1], meters.desk.labeling());
    let admin = meters.admin().await;
    let (first, second) = (meters.next(ada).await.unwrap().task, meters.next(sami).await.unwrap().task);
    assert!(matches!(labeling.give_back(sami, first).await, Err(Error::Conflict(_))));
    labeling.give_back(sami, second).await.unwrap();
    labeling.skip(ada, first).await.unwrap();
    assert_eq!(meters.next(ada).await.unwrap().task, second);
    labeling.flag(ada, second, "shows a face").await.unwrap();
    assert_eq!(meters.next(ada).await.unwrap().task, first);
    assert_eq!(meters.next(sami).await, None, "an admin's");
    let given = meters.next(&admin).await.unwrap();
    assert_eq!((given.task, given.flagged.as_deref()), (second, Some("shows a face")));
    meters.says(&admin, second, "5").await.unwrap();
    let flagged = TaskFilter { state: Some("flagged"), ..TaskFilter::default() };
    assert!(labeling.list(&admin, Some("meters"), &flagged, None, 9).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn an_admin_decides_what_they_flagged_themselves() {
    let (meters, people) = Meters::with(Reading { double_share: 1.0, ..rules() }, 1, 1).await;
    let (admin, labeling) = (meters.admin().await, meters.desk.labeling());
    let task = meters.next(&people[0]).await.unwrap().task;
    meters.says(&people[0], task, "10").await.unwrap();
    labeling.flag(&admin, task, "what is it?").await.unwrap();
    let queue = labeling.queues(&admin).await.unwrap().remove(0);
    assert_eq!((queue.flagged, queue.for_you), (1, Some(1)));
    let given = meters.next(&admin).await.unwrap();
    assert_eq!((given.task, given.flagged.as_deref()), (task, Some("what is it?")));
    assert!(given.disputed.is_empty(), "nobody disputes what one has read");
    meters.says(&admin, task, "11").await.unwrap();
    assert_eq!(meters.truths(given.prediction).await, ["11"]);
}

#[tokio::test]
async fn known_answers_are_hidden_in_the_queue() {
    let (meters, people) = Meters::with(Reading { gold_share: 1.0, ..rules() }, 2, 2).await;
    let (admin, labeling) = (meters.admin().await, meters.desk.labeling());
    let task = meters.next(&people[0]).await.unwrap().task;
    assert!(matches!(labeling.measure_by(&admin, task).await, Err(Error::Conflict(_))), "not settled");
    meters.says(&people[0], task, "10").await.unwrap();
    labeling.measure_by(&admin, task).await.unwrap();
    assert!(matches!(labeling.measure_by(&admin, task).await, Err(Error::Conflict(_))));
    let hidden = meters.next(&people[1]).await.unwrap();
    assert_eq!(hidden.prediction, meters.desk.labeling().get(&admin, task).await.unwrap().task.prediction);
    let knows = [
        labeling.task(&people[0], hidden.task).await.err(),
        meters.says(&people[0], hidden.task, "10").await.err(),
        labeling.flag(&people[0], hidden.task, "blurred").await.err(),
        labeling.task(&people[0], task).await.err(),
    ];
    let told = knows.map(|refused| refused.map(|error| error.to_string()));
    assert!(told[0].is_some() && told.iter().all(|one| one == &told[3]), "as if they had read it: {told:?}");
    meters.says(&people[1], hidden.task, "20").await.unwrap();
    let agreement = labeling.agreement(&admin, "meters", 30).await.unwrap();
    assert_eq!((agreement.known.n, agreement.known.exact, agreement.known.character_error_rate), (1, 0, Some(0.5)));
    assert_eq!(agreement.labelers[0].name, "L1");
    labeling.stop_measuring(&admin, hidden.task).await.unwrap();
    assert!(matches!(labeling.stop_measuring(&admin, hidden.task).await, Err(Error::Conflict(_))));
    assert!(matches!(labeling.undo(&people[1], hidden.task).await, Err(Error::Conflict(_))));
    let corrected = labeling.correct(&people[1], hidden.task, &said("21"), "a smudge").await;
    assert!(matches!(corrected, Err(Error::Conflict(_))));
    assert_eq!(labeling.get(&admin, hidden.task).await.unwrap().task.state.as_str(), "settled");
}

#[tokio::test]
async fn nobody_is_interrupted_by_what_another_takes_back_or_corrects() {
    let (meters, people) = Meters::with(Reading { double_share: 1.0, ..rules() }, 1, 2).await;
    let (ada, sami, labeling) = (&people[0], &people[1], meters.desk.labeling());
    let task = meters.next(ada).await.unwrap().task;
    meters.says(ada, task, "10").await.unwrap();
    assert_eq!(meters.next(sami).await.unwrap().task, task);
    let Err(Error::Conflict(told)) = labeling.undo(ada, task).await else { panic!() };
    assert!(told.starts_with("a colleague is reading it now"), "{told}");
    meters.says(sami, task, "10").await.unwrap();
    meters.clock.go_on(UNDO + 1);
    let Err(Error::Conflict(told)) = labeling.undo(sami, task).await else { panic!() };
    assert!(told.ends_with("correct it with a reason instead"), "{told}");
    labeling.correct(sami, task, &said("11"), "the last digit is a 1").await.unwrap();
}

#[tokio::test]
async fn a_task_that_measures_is_corrected_without_taking_it_from_a_colleague() {
    let (meters, people) = Meters::with(Reading { gold_share: 1.0, ..rules() }, 1, 3).await;
    let (admin, labeling) = (meters.admin().await, meters.desk.labeling());
    let task = meters.next(&people[0]).await.unwrap().task;
    meters.says(&people[0], task, "10").await.unwrap();
    labeling.measure_by(&admin, task).await.unwrap();
    let hidden = meters.next(&people[1]).await.unwrap().task;
    meters.says(&people[1], hidden, "20").await.unwrap();
    assert_eq!(meters.next(&people[2]).await.unwrap().task, hidden);
    labeling.correct(&people[1], hidden, &said("21"), "a smudge").await.unwrap();
    meters.says(&people[2], hidden, "10").await.unwrap();
    assert_eq!(labeling.get(&admin, hidden).await.unwrap().task.state.as_str(), "open");
    assert_eq!(labeling.agreement(&admin, "meters", 7).await.unwrap().known.n, 2);
}

#[tokio::test]
async fn each_verb_needs_its_right() {
    let (meters, people) = Meters::with(rules(), 1, 1).await;
    let (labeling, ada) = (meters.desk.labeling(), &people[0]);
    let supervisor = meters.person("Sami", Role::Supervisor).await;
    assert!(matches!(labeling.queues(&supervisor).await, Err(Error::Refused(_))));
    assert!(matches!(labeling.next(&supervisor, "meters", None).await, Err(Error::Refused(_))));
    assert!(matches!(labeling.agreement(&supervisor, "meters", 7).await, Err(Error::Refused(_))));
    assert!(matches!(labeling.agreement(ada, "meters", 7).await, Err(Error::Refused(_))));
    assert!(matches!(labeling.figures(ada, "meters", 7).await, Err(Error::Refused(_))));
    assert!(matches!(labeling.select(ada, "meters", None).await, Err(Error::Refused(_))));
    assert!(matches!(labeling.get(ada, TaskId(1)).await, Err(Error::Refused(_))));
    assert!(matches!(labeling.next(&meters.actor, "meters", None).await, Err(Error::Conflict(_))), "no person");
    assert!(matches!(labeling.next(ada, "fraud", None).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn each_week_the_most_doubtful_readings_are_chosen() {
    let meters = Meters::new(Reading { selection: 2, ..rules() }).await;
    let (admin, labeling) = (meters.admin().await, meters.desk.labeling());
    let none = labeling.select(&admin, "meters", None).await.unwrap();
    assert_eq!((none.chosen, none.made.notes.len()), (0, 1));
    meters.look_at_the_clock().await;
    meters.clock.go_on(6 * DAY);
    for (confidence, source) in [(0.75, "a"), (0.76, "a"), (0.9, "b"), (0.99, "b")] {
        meters.accepted(confidence, source).await;
    }
    // Sunday, 01:00 in Berlin, and two hours later
    meters.look_at_the_clock().await;
    assert_eq!(labeling.newest_selection(&admin, "meters").await.unwrap().unwrap(), none);
    meters.clock.go_on(2 * HOUR);
    meters.look_at_the_clock().await;
    meters.look_at_the_clock().await;
    let made = labeling.newest_selection(&admin, "meters").await.unwrap().unwrap();
    assert_eq!((made.chosen, made.made.pool, made.made.actor.as_str()), (2, 4, "worker"));
    let tasks = labeling.list(&admin, None, &TaskFilter::default(), None, 9).await.unwrap().items;
    let mut chosen: Vec<f64> = tasks.iter().map(|task| task.confidence).collect();
    chosen.sort_by(f64::total_cmp);
    assert_eq!(chosen, [0.75, 0.9], "one of each source");
    let given = meters.next(&admin).await.unwrap();
    assert_eq!((given.text.as_str(), given.characters.len(), given.characters[1].confidence), ("12", 2, 0.95));
    let more = labeling.select(&admin, "meters", Some(5)).await.unwrap();
    assert_eq!((more.chosen, more.made.notes[0].as_str()), (2, "only 2 different images are there to choose from"));
    assert!(matches!(labeling.select(&admin, "meters", Some(0)).await, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn of_images_that_look_alike_not_all_are_chosen() {
    let meters = Meters::new(rules()).await;
    meters.serve_corners().await;
    let (admin, labeling) = (meters.admin().await, meters.desk.labeling());
    for (number, confidence) in [(40, 0.1), (44, 0.11), (48, 0.12), (52, 0.13), (41, 0.4), (42, 0.5), (43, 0.6)] {
        meters.accepted_of(confidence, "m1", Some(&corner(number))).await;
    }
    meters.accepted(0.05, "m1").await;
    let made = labeling.select(&admin, "meters", Some(4)).await.unwrap();
    assert_eq!((made.chosen, made.made.pool), (4, 8));
    let tasks = labeling.list(&admin, None, &TaskFilter::default(), None, 9).await.unwrap().items;
    let mut chosen: Vec<f64> = tasks.iter().map(|task| task.confidence).collect();
    chosen.sort_by(f64::total_cmp);
    assert_eq!(chosen, [0.1, 0.4, 0.5, 0.6], "one of each corner, and none whose image is gone");
}

#[tokio::test]
async fn figures_tell_how_the_loop_runs() {
    let (meters, people) = Meters::with(rules(), 3, 1).await;
    let (admin, labeling) = (meters.admin().await, meters.desk.labeling());
    let task = meters.next(&people[0]).await.unwrap().task;
    meters.says(&people[0], task, "10").await.unwrap();
    meters.accepted(0.9, "a").await;
    let figures = labeling.figures(&admin, "meters", 7).await.unwrap();
    let monday = MONDAY.0.div_euclid(DAY);
    assert_eq!(figures.captured.into_iter().collect::<Vec<_>>(), [(monday, 4)]);
    assert_eq!(figures.under_limit.map(|share| (share.value, share.n)), Some((0.75, 4)));
    assert_eq!((figures.annotated[0].read, figures.annotated[0].changed), (1, 1));
    assert_eq!(figures.paces[0].median_seconds, 3.0);
    assert_eq!((figures.backlog[0].tasks, figures.accepted_right), (2, None));
    assert!((figures.hours_to_clear.unwrap() - 6.0 / 3_600.0).abs() < 1e-12);
    assert_eq!((figures.corrected[0].version, figures.corrected[0].wrong), (None, 1));
}
