use std::path::Path;
use std::sync::Arc;

use domain::labeling::Origin;
use domain::manifest::sha256;
use domain::prediction::Route;
use domain::reading::Reading;
use domain::specification::{Draft, Split};
use domain::time::{DAY, HOUR};
use domain::{Actor, Clock, PredictionId, Role, Timestamp, Who};
use futures::future::join_all;
use store::Artifacts;
use tempfile::TempDir;
use vision::picture::Picture;

use super::{Answered, ReadRequest};
use crate::error::Error;
use crate::labeling::Said;
use crate::people::NewPerson;
use crate::testing::{Hands, desk_with};
use crate::{Desk, SystemClock};

/// 2026-01-05, a Monday, 00:00 UTC.
pub(crate) const MONDAY: Timestamp = Timestamp(1_767_571_200_000_000);

/// A desk with one model that reads meters, and nobody to read them but people.
pub(crate) struct Meters {
    pub(crate) desk: Desk,
    pub(crate) actor: Actor,
    pub(crate) clock: Arc<Hands>,
    pub(crate) folder: TempDir,
}

pub(crate) fn rules() -> Reading {
    Reading { double_share: 0.0, gold_share: 0.0, ..Reading::new("0123456789", 1, 3) }
}

impl Meters {
    pub(crate) async fn new(rules: Reading) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Hands::at(MONDAY);
        let desk = desk_with(folder.path(), Arc::<Hands>::clone(&clock)).await;
        let actor = Actor::operator(desk.tenants().create("acme", "Acme", "Europe/Berlin").await.unwrap().id);
        desk.models().create(&actor, "meters", Draft::of_reading(rules, Split::Random), None).await.unwrap();
        Self { desk, actor, clock, folder }
    }

    pub(crate) async fn person(&self, name: &str, role: Role) -> Actor {
        let new = NewPerson {
            email: format!("{name}@acme.example"),
            name: name.to_owned(),
            role,
            password: String::from("a long password"),
        };
        let person = self.desk.people().add(&self.actor, new).await.unwrap();
        let who = Who::Person { id: person.id, name: person.name, role: person.role };
        Actor { tenant: self.actor.tenant, who }
    }

    /// Does what is due by the clock.
    pub(crate) async fn look_at_the_clock(&self) {
        let schedules = self.desk.schedules();
        schedules.tick("test").await.unwrap();
        while schedules.work_once("test").await.unwrap() {}
    }

    pub(crate) async fn read(&self, request: ReadRequest) -> Result<Answered, Error> {
        self.desk.readings().read(&self.actor, "meters", request).await
    }

    pub(crate) async fn truths(&self, id: PredictionId) -> Vec<String> {
        let outcomes = self.desk.predictions().outcomes(&self.actor, id).await.unwrap();
        outcomes.into_iter().map(|outcome| outcome.truth).collect()
    }

    fn images(&self) -> usize {
        let folder = self.folder.path().join(format!("tenants/{}/images", self.actor.tenant));
        count(&folder)
    }
}

fn count(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// A small grey image; another number is another image.
pub(crate) fn image(grey: u8) -> ReadRequest {
    let picture = Picture::new(12, 8, vec![grey; 12 * 8 * 3]).unwrap();
    ReadRequest { image: picture.encode().into(), source: String::from("m1"), client_id: None, previous: None }
}

fn keyed(grey: u8, key: &str) -> ReadRequest {
    ReadRequest { client_id: Some(key.to_owned()), ..image(grey) }
}

pub(crate) fn said(text: &str) -> Said {
    Said { text: Some(text.to_owned()), seconds: 3.0, sure: false }
}

#[tokio::test]
async fn without_a_version_every_image_goes_before_a_person() {
    let meters = Meters::new(rules()).await;
    let answer = meters.read(image(1)).await.unwrap();
    assert_eq!((answer.text.as_str(), answer.confidence, answer.version), ("", 0.0, None));
    assert_eq!((answer.route, answer.review, answer.repeated), (Route::Heuristic, Some(Origin::Limit), false));
    let again = meters.read(image(1)).await.unwrap();
    assert_ne!(again.id, answer.id, "two readings");
    assert_eq!(meters.images(), 1, "of one image");
    meters.read(image(2)).await.unwrap();
    assert_eq!(meters.images(), 2);
    let logged = meters.desk.predictions().get(&meters.actor, answer.id).await.unwrap();
    assert!(logged.prediction.features.contains("\"source\":\"m1\""), "{}", logged.prediction.features);
    let unknown = meters.desk.readings().read(&meters.actor, "plates", image(1)).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_key_stands_for_one_reading() {
    let meters = Meters::new(rules()).await;
    let sent = join_all((0..8).map(|_| meters.read(keyed(1, "a")))).await;
    let answers: Vec<Answered> = sent.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.repeated).count(), 1);
    assert!(answers.iter().all(|answer| answer.id == answers[0].id && answer.review == Some(Origin::Limit)));
    let later = meters.read(keyed(1, "a")).await.unwrap();
    assert!(later.repeated && later.id == answers[0].id && later.at == answers[0].at);
    assert!(matches!(meters.read(keyed(2, "a")).await, Err(Error::Conflict(_))));
    let other = ReadRequest { source: String::from("m2"), ..keyed(1, "a") };
    assert!(matches!(meters.read(other).await, Err(Error::Conflict(_))));
    let blank = meters.read(keyed(1, " a\t")).await.unwrap();
    assert!(blank.repeated && blank.id == later.id, "blanks around a key are none of it");
}

#[tokio::test]
async fn keys_of_our_own_stand_for_one_image_and_are_no_clients() {
    let meters = Meters::new(rules()).await;
    let Err(Error::Invalid(wrong)) = meters.read(keyed(1, " doubtful-1-ab")).await else { panic!() };
    assert_eq!(wrong.iter().map(|wrong| wrong.field.as_str()).collect::<Vec<_>>(), ["client_id"]);
    let again = async |grey| {
        let request = keyed(grey, "doubtful-1-ab");
        let sha256 = sha256(&request.image);
        meters.desk.readings().read_stored(&meters.actor, "meters", &sha256, request).await
    };
    let first = again(1).await.unwrap();
    assert_eq!(again(1).await.unwrap(), first);
    assert!(matches!(again(2).await, Err(Error::Conflict(_))), "another image");
}

#[tokio::test]
async fn what_is_no_image_is_refused_with_its_reason() {
    let meters = Meters::new(rules()).await;
    let file = |bytes: &'static [u8]| ReadRequest { image: bytes.into(), ..image(1) };
    assert!(matches!(meters.read(file(b"%PDF-1.7")).await, Err(Error::Unsupported(_))));
    let whole = image(1).image;
    let half = ReadRequest { image: whole.slice(..whole.len() / 2), ..image(1) };
    let Err(Error::Invalid(wrong)) = meters.read(half).await else { panic!() };
    assert_eq!(wrong[0].field, "image");
    let long = ReadRequest { source: "x".repeat(201), previous: Some("1".repeat(65)), ..keyed(1, " ") };
    let Err(Error::Invalid(wrong)) = meters.read(long).await else { panic!() };
    assert_eq!(wrong.iter().map(|wrong| wrong.field.as_str()).collect::<Vec<_>>(), ["source", "previous", "client_id"]);
    assert_eq!(meters.images(), 0);
}

#[tokio::test]
async fn an_image_is_shown_to_those_who_may_label_it() {
    let meters = Meters::new(rules()).await;
    let id = meters.read(image(7)).await.unwrap().id;
    let (ada, sami) = (meters.person("Ada", Role::Labeler).await, meters.person("Sami", Role::Supervisor).await);
    let shown = meters.desk.readings().image(&ada, id).await.unwrap();
    assert_eq!((shown.bytes, shown.media_type), (image(7).image, "image/png"));
    assert!(matches!(meters.desk.readings().image(&sami, id).await, Err(Error::Refused(_))));
    let stranger = Actor::operator(meters.desk.tenants().create("b", "B", "UTC").await.unwrap().id);
    assert!(matches!(meters.desk.readings().image(&stranger, id).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_report_is_a_suggestion_that_people_look_at_first() {
    let meters = Meters::new(rules()).await;
    meters.read(image(1)).await.unwrap();
    let id = meters.read(image(2)).await.unwrap().id;
    let report = async |text| meters.desk.readings().report(&meters.actor, id, text).await;
    assert!(matches!(report(Some("12a")).await, Err(Error::Invalid(_))));
    let first = report(Some("42")).await.unwrap();
    assert_eq!(report(Some("42")).await.unwrap(), first);
    let ada = meters.person("Ada", Role::Labeler).await;
    let given = meters.desk.labeling().next(&ada, "meters", None).await.unwrap().unwrap();
    assert_eq!((given.task, given.text.as_str(), given.prediction), (first.task, "42", id));
    meters.desk.labeling().annotate(&ada, first.task, &said("43")).await.unwrap();
    let Err(Error::Conflict(told)) = report(Some("42")).await else { panic!() };
    assert_eq!(told, "people have read it as `43`");
    assert_eq!(report(Some("43")).await.unwrap().state.as_str(), "settled");
    assert_eq!(meters.truths(id).await, ["43"]);
}

#[tokio::test]
async fn images_are_deleted_when_their_time_is_over() {
    let meters = Meters::new(Reading { retention_days: Some(30), ..rules() }).await;
    let (done, waits) = (meters.read(image(1)).await.unwrap().id, meters.read(image(2)).await.unwrap().id);
    let ada = meters.person("Ada", Role::Labeler).await;
    let task = meters.desk.readings().get(&meters.actor, done).await.unwrap().task.unwrap();
    meters.desk.labeling().annotate(&ada, task, &said("1")).await.unwrap();
    let delete = async || meters.desk.readings().delete_expired_images(meters.actor.tenant).await.unwrap();
    assert_eq!(delete().await, 0);
    meters.clock.go_on(31 * DAY);
    assert_eq!((delete().await, delete().await, meters.images()), (1, 0, 1));
    assert!(matches!(meters.desk.readings().image(&ada, done).await, Err(Error::NotFound(_))));
    assert!(meters.desk.readings().image(&ada, waits).await.is_ok(), "a task waits for it");
    let report = meters.desk.readings().report(&meters.actor, done, Some("2")).await;
    assert!(matches!(report, Err(Error::Conflict(_))));
    meters.read(image(1)).await.unwrap();
    assert_eq!(meters.images(), 2, "sent again, it is there again");
}

#[tokio::test]
async fn an_image_whose_reading_never_came_is_found_and_deleted() {
    let meters = Meters::new(rules()).await;
    // Files carry the machine's time.
    meters.clock.go_on(SystemClock.now().since(MONDAY));
    let lose = async |number: u8| {
        let stored = image(number).image;
        let key = Artifacts::image_key(meters.actor.tenant, &sha256(&stored));
        meters.desk.inner.artifacts.put(&key, stored).await.unwrap();
    };
    lose(1).await;
    lose(2).await;
    meters.read(image(3)).await.unwrap();
    let (readings, delete) = (meters.desk.readings(), async || {
        meters.desk.readings().delete_expired_images(meters.actor.tenant).await.unwrap()
    });
    assert_eq!(readings.note_lost_images(meters.actor.tenant).await.unwrap(), 0, "their readings may still come");
    meters.clock.go_on(2 * HOUR);
    assert_eq!(
        (
            readings.note_lost_images(meters.actor.tenant).await.unwrap(),
            readings.note_lost_images(meters.actor.tenant).await.unwrap()
        ),
        (2, 0)
    );
    let id = meters.read(image(2)).await.unwrap().id;
    assert_eq!((delete().await, meters.images()), (0, 3));
    meters.clock.go_on(2 * DAY);
    assert_eq!((delete().await, delete().await, meters.images()), (1, 0, 2));
    let ada = meters.person("Ada", Role::Labeler).await;
    assert!(readings.image(&ada, id).await.is_ok(), "sent after all");
}
