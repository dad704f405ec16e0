use domain::Actor;
use domain::prediction::{Prediction, Route};
use domain::reading::Wish;
use domain::time::DAY;
use domain::{PredictionId, Timestamp};
use futures::TryStreamExt;
use vision::archive::Writer;

use super::*;
use crate::Desk;
use crate::models::ReadingWish;
use crate::readings::tests::MONDAY;
use crate::testing::{Hands, desk, desk_with};

fn shade(value: u8) -> Vec<u8> {
    Picture::new(2, 1, vec![value; 6]).unwrap().encode()
}

/// Two images, one that is none, and one that the table does not name.
fn archive() -> Bytes {
    let mut writer = Writer::default();
    writer.add("a.png", "1.0", "meter", &shade(1)).unwrap();
    writer.add("broken.png", "2.0", "meter", b"no image").unwrap();
    writer.add("b.png", "3.0", "other", &shade(2)).unwrap();
    writer.finish().unwrap().into()
}

async fn at_work(folder: &std::path::Path) -> (Desk, Actor) {
    let desk = desk(folder).await;
    let tenant = desk.tenants().create("acme", "Acme", "UTC").await.unwrap();
    (desk, Actor::operator(tenant.id))
}

#[tokio::test]
async fn what_is_broken_is_named_and_the_rest_goes_in_and_out_again() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, actor) = at_work(folder.path()).await;
    let mut told = Vec::new();
    let imported = desk
        .datasets()
        .import_images(&actor, "meters.zip", archive(), |done, all| told.push((done, all)))
        .await
        .unwrap();
    assert_eq!(told.last(), Some(&(3, 3)));
    assert_eq!((imported.dataset.rows, imported.left_out.rows), (2, 1));
    assert!(imported.left_out.named[0].contains("broken.png"), "{:?}", imported.left_out);
    let preview = desk.datasets().preview(&actor, imported.dataset.id, 9).await.unwrap();
    assert_eq!(preview.header, ["image", "text", "source"]);
    assert_eq!(preview.rows[0], [sha256(&shade(1)), String::from("1.0"), String::from("meter")]);
    let exported = desk.datasets().export_images(&actor, imported.dataset.id).await.unwrap();
    let exported = exported.try_collect::<Vec<_>>().await.unwrap().concat().into();
    let again = desk.datasets().import_images(&actor, "again.zip", exported, |_, _| ()).await.unwrap();
    assert_eq!((again.dataset.id, again.left_out), (imported.dataset.id, LeftOut::default()));
    let nothing = desk.datasets().import_images(&actor, "x.zip", Bytes::from_static(b"words"), |_, _| ()).await;
    assert!(matches!(nothing, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn a_snapshot_adds_the_corrections_whose_images_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, actor) = at_work(folder.path()).await;
    let dataset = desk.datasets().import_images(&actor, "meters.zip", archive(), |_, _| ()).await.unwrap().dataset;
    let wish = ReadingWish { rules: Wish { tolerance: Some(0.1), ..Wish::default() }, ..ReadingWish::default() };
    let draft = desk.models().propose_reading(&actor, dataset.id, wish).await.unwrap().draft;
    let model = desk.models().create(&actor, "meter", draft, Some(dataset.id)).await.unwrap();
    let known = sha256(&shade(2));
    let reading = |number: u8, image: &str| Prediction {
        id: PredictionId::new(Timestamp(1_000_000), [number; 10]),
        tenant: actor.tenant,
        model: model.id,
        version: None,
        route: Route::Heuristic,
        at: Timestamp(1_000_000),
        features: serde_json::json!({ "image": image, "source": "other" }).to_string(),
        score: 0.0,
        decision: String::new(),
        confidence: Some(0.0),
        probabilities: String::new(),
        latency_micros: 1,
        actor: String::from("key:1"),
    };
    let readings = [reading(1, &known), reading(2, &"f".repeat(64))];
    desk.store().insert_predictions(&readings).await.unwrap();
    for reading in &readings {
        desk.predictions().record_outcome(&actor, reading.id, &"1.3".into()).await.unwrap();
    }
    let impossible = desk.predictions().correct_outcome(&actor, readings[0].id, &"1.23".into(), "typed wrongly").await;
    assert!(matches!(impossible, Err(Error::Invalid(_))), "a text that the rules exclude is no truth");
    let snapshot = desk.datasets().snapshot(&actor, "meter").await.unwrap();
    let rows = desk.datasets().preview(&actor, snapshot.id, 9).await.unwrap().rows;
    assert_eq!((rows.len(), rows[2].as_slice()), (3, [known, String::from("1.3"), String::from("other")].as_slice()));
}

#[tokio::test]
async fn rows_are_not_asked_of_a_model_that_reads_images() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, actor) = at_work(folder.path()).await;
    let dataset = desk.datasets().import_images(&actor, "meters.zip", archive(), |_, _| ()).await.unwrap().dataset;
    let draft = desk.models().propose_reading(&actor, dataset.id, ReadingWish::default()).await.unwrap().draft;
    desk.models().create(&actor, "meter", draft, Some(dataset.id)).await.unwrap();
    let row = crate::predictions::Row { text: String::from("{}"), fields: serde_json::Map::new() };
    let refused = desk.predictions().predict(&actor, "meter", vec![row], false).await.unwrap_err();
    assert!(refused.to_string().contains("/api/v1/models/meter/readings"), "{refused}");
    let wish = crate::models::Wish { target: String::from("text"), positive: None, split: None, drop: Vec::new() };
    assert!(desk.models().propose(&actor, dataset.id, wish).await.is_err());
}

#[tokio::test]
async fn images_of_an_import_that_never_ended_are_deleted() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Hands::at(MONDAY));
    let desk = desk_with(folder.path(), clock.clone()).await;
    let actor = Actor::operator(desk.tenants().create("acme", "Acme", "UTC").await.unwrap().id);
    let bytes = Bytes::from(shade(9));
    let image = NewImage { sha256: sha256(&bytes), bytes: bytes.len() as i64, width: 2, height: 1 };
    let stored = Stored { image, bytes, text: String::from("9.0"), source: String::new() };
    desk.datasets().store_images(actor.tenant, vec![stored]).await.unwrap();
    desk.datasets().import_images(&actor, "meters.zip", archive(), |_, _| ()).await.unwrap();
    let deleted = async || desk.readings().delete_expired_images(actor.tenant).await.unwrap();
    assert_eq!(deleted().await, 0, "the import may still go on");
    clock.go_on(2 * DAY);
    assert_eq!((deleted().await, deleted().await), (1, 0));
    let is_there = async |value: u8| {
        let key = Artifacts::image_key(actor.tenant, &sha256(&shade(value)));
        desk.inner.artifacts.get(&key).await.unwrap().is_some()
    };
    assert_eq!((is_there(9).await, is_there(1).await, is_there(2).await), (false, true, true));
}
