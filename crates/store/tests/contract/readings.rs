use domain::labeling::{Origin, Review};
use domain::model::Model;
use domain::time::{DAY, HOUR};
use domain::{PredictionId, Timestamp};
use futures::TryStreamExt;
use futures::future::join_all;
use store::{
    Agreement, Error, Expiry, FoundImage, Held, NewImage, NewReading, NewTask, PredictionFilter, ReadingReception,
    WriteError, Writer, WriterSettings,
};

use crate::support::{NOW, World, counted, event, prediction, truth};

crate::on_both!(
    a_reading_is_written_once_with_its_task,
    one_key_sent_many_times_at_once_is_one_reading,
    one_key_sent_to_two_processes_at_once_is_answered_by_both,
    images_and_sources_of_readings_are_read_at_once,
    readings_and_rows_share_a_transaction,
    truths_of_readings_are_counted_as_right_or_wrong,
    the_text_before_is_the_last_one_that_is_not_in_doubt,
    images_go_when_nothing_needs_them,
    images_that_nothing_claims_go,
    a_report_brings_a_reading_before_a_person,
    the_pool_is_what_nobody_was_asked_about,
);

pub(crate) fn image(name: &str) -> NewImage {
    NewImage { sha256: format!("{name:0>64}"), bytes: 900, width: 20, height: 32 }
}

/// A reading of an image of its own, of confidence 0.9.
pub(crate) fn reading(model: &Model, at: Timestamp, text: &str) -> NewReading {
    let mut prediction = prediction(model, at, 0.9);
    prediction.decision = text.into();
    NewReading {
        client_id: None,
        digest: format!("digest of {text}"),
        image: image(&prediction.id.0.simple().to_string()),
        source: String::new(),
        previous: None,
        review: None,
        prediction,
    }
}

pub(crate) fn review(origin: Origin, needed: i64) -> Option<Review> {
    Some(Review { origin, reason: String::new(), needed })
}

pub(crate) fn new_task(reading: &NewReading, origin: Origin, at: Timestamp) -> NewTask {
    NewTask {
        model: reading.prediction.model,
        prediction: reading.prediction.id,
        origin,
        reason: String::new(),
        at,
        read: reading.prediction.decision.clone(),
        confidence: 0.9,
        suggestion: None,
        needed: 1,
        gold: None,
    }
}

pub(crate) async fn write(world: &World, readings: &[NewReading]) -> Vec<ReadingReception> {
    let writer = Writer::start(world.store.clone(), WriterSettings::default());
    writer.submit_readings(readings.to_vec()).await.unwrap()
}

fn sent(model: &Model, key: &str, text: &str) -> NewReading {
    NewReading { client_id: Some(key.into()), review: review(Origin::Limit, 1), ..reading(model, NOW, text) }
}

async fn a_reading_is_written_once_with_its_task(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let (model, other) = (world.model("meters").await, world.model("plates").await);
    let first = sent(&model, "a", "42");
    let (again, else_) = (sent(&model, "a", "42"), sent(&model, "a", "43"));
    let received = write(world, &[first.clone(), again.clone(), else_.clone()]).await;
    let id = first.prediction.id;
    let expected = [ReadingReception::Recorded, ReadingReception::Repeated(id), ReadingReception::Contradicted(id)];
    assert_eq!(received, expected);
    assert_eq!(write(world, &[else_.clone(), again.clone()]).await, [expected[2], expected[1]]);
    assert_eq!(write(world, &[sent(&other, "a", "42")]).await, expected[..1], "a key is a model's own");
    for absent in [again, else_] {
        assert!(store.prediction(us, absent.prediction.id).await.unwrap().is_none());
    }
    let record = store.reading(us, id).await.unwrap().unwrap();
    assert_eq!(store.reading_by_client_id(us, model.id, "a").await.unwrap(), Some(record.clone()));
    assert_eq!((record.image.as_str(), record.confidence), (first.image.sha256.as_str(), 0.9));
    let task = store.labeling_task(us, record.task.unwrap()).await.unwrap().unwrap();
    assert_eq!((task.prediction, task.origin, task.read.as_str()), (id, Origin::Limit, "42"));
    assert_eq!(store.task_of(us, id).await.unwrap(), Some(task));
    assert_eq!(store.image(us, &record.image).await.unwrap().unwrap().image, first.image);
    let unseen = write(world, &[reading(&model, NOW, "7")]).await;
    assert_eq!(unseen, [ReadingReception::Recorded], "without a key, and without a task");
}

async fn one_key_sent_many_times_at_once_is_one_reading(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("meters").await;
    // as of several processes
    let writers: Vec<Writer> = (0..4).map(|_| Writer::start(store.clone(), WriterSettings::default())).collect();
    let readings: Vec<NewReading> = (0..40).map(|i| sent(&model, "a", if i % 2 == 0 { "42" } else { "43" })).collect();
    let calls = readings.iter().enumerate().map(|(i, reading)| {
        let writer = writers[i % writers.len()].clone();
        let reading = reading.clone();
        tokio::spawn(async move { writer.submit_readings(vec![reading]).await })
    });
    let answers: Vec<ReadingReception> =
        join_all(calls).await.into_iter().map(|answer| answer.unwrap().unwrap().remove(0)).collect();
    let recorded = answers.iter().position(|answer| *answer == ReadingReception::Recorded).unwrap();
    let id = readings[recorded].prediction.id;
    for (place, answer) in answers.iter().enumerate() {
        match place {
            place if place == recorded => {}
            place if place % 2 == recorded % 2 => assert_eq!(*answer, ReadingReception::Repeated(id)),
            _ => assert_eq!(*answer, ReadingReception::Contradicted(id)),
        }
    }
    let logged = store.predictions(us, &PredictionFilter::default(), None, 9).await.unwrap().items;
    assert_eq!(logged.iter().map(|logged| logged.prediction.id).collect::<Vec<_>>(), [id]);
    let volume = store.hourly_volume(us, model.id, NOW, NOW.plus(1)).await.unwrap();
    assert_eq!(volume[0].predictions, 1);
}

async fn one_key_sent_to_two_processes_at_once_is_answered_by_both(world: &World) {
    let model = world.model("meters").await;
    let [one, other] = [(); 2].map(|()| Writer::start(world.store.clone(), WriterSettings::default()));
    for key in 0..20 {
        let [first, second] = [(); 2].map(|()| sent(&model, &key.to_string(), "42"));
        let ids = [first.prediction.id, second.prediction.id];
        let both = tokio::join!(one.submit_readings(vec![first]), other.submit_readings(vec![second]));
        let answers = [both.0.unwrap()[0], both.1.unwrap()[0]];
        let first_wins = [ReadingReception::Recorded, ReadingReception::Repeated(ids[0])];
        let second_wins = [ReadingReception::Repeated(ids[1]), ReadingReception::Recorded];
        assert!(answers == first_wins || answers == second_wins, "{answers:?}");
    }
}

async fn images_and_sources_of_readings_are_read_at_once(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("meters").await;
    let one = NewReading { source: "hall".into(), ..reading(&model, NOW, "1") };
    let other = reading(&model, NOW, "2");
    write(world, &[one.clone(), other.clone()]).await;
    let (id, unknown) = (one.prediction.id, prediction(&model, NOW, 0.5).id);
    let found = store.reading_images(us, &[id, unknown, other.prediction.id, id]).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[&id], (one.image.sha256, String::from("hall")));
    assert_eq!(found[&other.prediction.id], (other.image.sha256, String::new()));
    assert!(store.reading_images(world.them(), &[id]).await.unwrap().is_empty());
}

async fn readings_and_rows_share_a_transaction(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let (rows, images) = (world.model("fraud").await, world.model("meters").await);
    let writer = Writer::start(store.clone(), WriterSettings::default());
    // They wait in turn, a row and a reading: transactions of one kind would be as many as the calls.
    let calls = (0..50).map(async |i| {
        let row = writer.submit(vec![prediction(&rows, NOW, 0.5)]);
        let read = writer.submit_readings(vec![sent(&images, &format!("a{i}"), "42")]);
        tokio::join!(row, read)
    });
    for (row, read) in join_all(calls).await {
        row.unwrap();
        assert_eq!(read.unwrap(), [ReadingReception::Recorded]);
    }
    let (transactions, written) = writer.written();
    assert_eq!(written, 100);
    assert!(transactions < 100, "{transactions} transactions");
    let mut nul = sent(&images, "b", "1");
    nul.source = "a\0".into();
    let innocent = prediction(&rows, NOW, 0.5);
    let calls = tokio::join!(writer.submit(vec![innocent.clone()]), writer.submit_readings(vec![nul]));
    calls.0.unwrap();
    assert!(matches!(calls.1, Err(WriteError::Failed(Error::Nul))));
    assert!(store.prediction(us, innocent.id).await.unwrap().is_some());
}

async fn truths_of_readings_are_counted_as_right_or_wrong(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("meters").await;
    let readings: Vec<NewReading> = (0..6).map(|i| reading(&model, NOW, &format!("10{i}"))).collect();
    write(world, &readings).await;
    let truths: Vec<_> = readings
        .iter()
        .enumerate()
        .map(|(i, reading)| truth(&reading.prediction, if i < 4 { &reading.prediction.decision } else { "7" }, NOW))
        .collect();
    store.insert_outcomes(us, &truths, None).await.unwrap();
    let cells = async || {
        let counted = counted(world, model.id, NOW).await;
        counted
            .into_iter()
            .map(|((_, decision, truth), (outcomes, ..))| (decision, truth, outcomes))
            .collect::<Vec<_>>()
    };
    let cell = |decision: &str, outcomes| (String::from(decision), String::from("right"), outcomes);
    assert_eq!(cells().await, [cell("right", 4), cell("wrong", 2)]);
    let corrected = truth(&readings[0].prediction, "8", NOW.plus(1));
    let event = event(us, "outcome.corrected");
    store.correct_outcome(us, &corrected, "misread", &event).await.unwrap();
    assert_eq!(cells().await, [cell("right", 3), cell("wrong", 3)]);
    let weeks = store.corrected_weeks(us, model.id, NOW, NOW.plus(HOUR)).await.unwrap();
    assert_eq!((weeks.len(), weeks[0].version, weeks[0].right, weeks[0].wrong), (1, None, 3, 3));
    let wrong =
        PredictionFilter { model: Some(model.id), agreement: Some(Agreement::Wrong), ..PredictionFilter::default() };
    assert_eq!(store.predictions(us, &wrong, None, 9).await.unwrap().items.len(), 3);
}

async fn the_text_before_is_the_last_one_that_is_not_in_doubt(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("meters").await;
    let of = |source: &str, text: &str, hours: i64, doubtful: bool| {
        let review = if doubtful { review(Origin::Limit, 1) } else { None };
        NewReading { source: source.into(), review, ..reading(&model, NOW.plus(hours * HOUR), text) }
    };
    let readings = [of("m1", "10", 0, false), of("m1", "11", 1, true), of("m2", "90", 2, false)];
    write(world, &readings).await;
    let before = async |source: &str| store.previous_text(us, model.id, source).await.unwrap();
    assert_eq!(before("m1").await.as_deref(), Some("10"));
    assert_eq!(before("m3").await, None);
    assert_eq!(before("").await, None);
    store.insert_outcomes(us, &[truth(&readings[1].prediction, "12", NOW)], None).await.unwrap();
    assert_eq!(before("m1").await.as_deref(), Some("12"), "what somebody said of it");
}

async fn images_go_when_nothing_needs_them(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let (model, other) = (world.model("meters").await, world.model("plates").await);
    let named = |name: &str, model: &Model, days: i64| NewReading {
        image: image(name),
        ..reading(model, NOW.plus(days * DAY), name)
    };
    let waiting = NewReading { review: review(Origin::Limit, 1), ..named("waiting", &model, 0) };
    let readings = [
        named("old", &model, 0),
        named("kept", &model, 0),
        named("again", &model, 0),
        named("again", &model, 20),
        named("shared", &model, 0),
        waiting,
        named("young", &model, 20),
    ];
    write(world, &readings).await;
    write(world, &[named("shared", &other, 1)]).await;
    let hash = |name: &str| image(name).sha256;
    let kept = store.keep_for_dataset(us, &[&hash("kept"), &hash("unknown")]).await.unwrap();
    assert_eq!(kept.into_iter().collect::<Vec<_>>(), [hash("kept")]);
    let expiry = Expiry { model: model.id, before: NOW.plus(10 * DAY), others_before: Timestamp(i64::MIN) };
    let later = NOW.plus(30 * DAY);
    assert_eq!(store.mark_expired_images(us, expiry, later).await.unwrap(), [hash("old")]);
    assert!(store.mark_expired_images(world.them(), expiry, later).await.unwrap().is_empty());
    assert_eq!(store.image(us, &hash("old")).await.unwrap(), None);
    assert_eq!(store.use_image(us, &hash("old"), later).await.unwrap(), Held::Going);
    assert_eq!(store.marked_images(us, later.plus(1)).await.unwrap(), [hash("old")]);
    assert!(store.marked_images(world.them(), later.plus(1)).await.unwrap().is_empty());
    assert!(store.marked_images(us, later).await.unwrap().is_empty());
    assert_eq!(store.note_images(us, &[image("old"), image("new")], later).await.unwrap(), [hash("old")]);
    store.forget_image(us, &hash("old")).await.unwrap();
    assert_eq!(store.use_image(us, &hash("old"), later).await.unwrap(), Held::Absent);
    store.forget_image(us, &hash("young")).await.unwrap();
    assert_eq!(store.use_image(us, &hash("young"), later).await.unwrap(), Held::There, "it was not marked");
    assert!(!store.image(us, &hash("new")).await.unwrap().unwrap().in_dataset, "not before the data set is whole");
    let all = Expiry { before: later, others_before: NOW.plus(2 * DAY), ..expiry };
    let mut marked = store.mark_expired_images(us, all, later).await.unwrap();
    marked.sort();
    assert_eq!(marked, [hash("again"), hash("shared")], "in use since: young");
}

async fn images_that_nothing_claims_go(world: &World) {
    let (us, them, store) = (world.us(), world.them(), &world.store);
    let model = world.model("meters").await;
    let hash = |name: &str| image(name).sha256;
    let found = |name: &str| FoundImage { sha256: hash(name), bytes: 900 };
    store.note_images(us, &[image("import"), image("dataset"), image("both")], NOW).await.unwrap();
    store.keep_for_dataset(us, &[&hash("dataset")]).await.unwrap();
    let all = ["import", "lost", "again"].map(found);
    assert_eq!(store.note_found_images(us, &all, NOW.plus(1)).await.unwrap(), 2);
    assert_eq!(store.note_found_images(us, &all, NOW.plus(2)).await.unwrap(), 0);
    write(world, &["again", "both"].map(|name| NewReading { image: image(name), ..reading(&model, NOW, name) })).await;
    assert_eq!(store.image(us, &hash("again")).await.unwrap().unwrap().image, image("again"), "its size is known now");
    store.note_found_images(them, &[found("theirs")], NOW).await.unwrap();
    let unclaimed = async |tenant, before| {
        let mut marked = store.mark_unclaimed_images(tenant, before, NOW.plus(DAY)).await.unwrap();
        marked.sort();
        marked
    };
    assert!(unclaimed(us, NOW).await.is_empty());
    let mut expected = [hash("import"), hash("lost")];
    expected.sort();
    assert_eq!(unclaimed(us, NOW.plus(DAY)).await, expected);
    assert_eq!(unclaimed(them, NOW.plus(DAY)).await, [hash("theirs")]);
    assert_eq!(store.use_image(us, &hash("lost"), NOW).await.unwrap(), Held::Going);
}

async fn a_report_brings_a_reading_before_a_person(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("meters").await;
    let accepted = reading(&model, NOW, "42");
    let doubtful = NewReading { review: review(Origin::Limit, 2), ..reading(&model, NOW, "1") };
    write(world, &[accepted.clone(), doubtful.clone()]).await;
    let reported = async |reading: &NewReading, text: Option<&str>| {
        let task = new_task(reading, Origin::Report, NOW.plus(HOUR));
        let task = NewTask { suggestion: text.map(str::to_owned), ..task };
        match store.report_reading(us, &task).await.unwrap() {
            Some(task) => task,
            None => panic!("no image"),
        }
    };
    let made = reported(&accepted, Some("43")).await;
    assert_eq!((made.origin, made.suggested(), made.revision), (Origin::Report, "43", 1));
    assert_eq!(reported(&accepted, Some("43")).await, made, "twice is once");
    let moved = reported(&doubtful, None).await;
    assert_eq!((moved.origin, moved.priority, moved.needed), (Origin::Limit, Origin::Report.priority(), 2));
    let unknown = NewTask { prediction: PredictionId::new(NOW, [9; 10]), ..new_task(&accepted, Origin::Report, NOW) };
    assert!(matches!(store.report_reading(us, &unknown).await, Err(Error::NotFound)));
    let known = new_task(&accepted, Origin::Report, NOW);
    assert!(matches!(store.report_reading(world.them(), &known).await, Err(Error::NotFound)));
    let gone = reading(&model, NOW, "9");
    write(world, std::slice::from_ref(&gone)).await;
    let expiry = Expiry { model: model.id, before: NOW.plus(DAY), others_before: NOW };
    store.mark_expired_images(us, expiry, NOW.plus(2 * DAY)).await.unwrap();
    let report = store.report_reading(us, &new_task(&gone, Origin::Report, NOW)).await.unwrap();
    assert_eq!(report, None);
}

async fn the_pool_is_what_nobody_was_asked_about(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("meters").await;
    let sure = |confidence: f64, days: i64| {
        let mut reading = reading(&model, NOW.plus(days * DAY), "42");
        reading.prediction.confidence = Some(confidence);
        reading
    };
    let (early, labelled, plain, unsure) = (sure(0.1, 0), sure(0.71, 5), sure(0.9, 5), sure(0.75, 6));
    let tasked = NewReading { review: review(Origin::Limit, 1), ..sure(0.2, 5) };
    let same_image = NewReading { image: tasked.image.clone(), ..sure(0.8, 6) };
    write(world, &[early, labelled.clone(), plain.clone(), unsure.clone(), tasked, same_image]).await;
    store.insert_outcomes(us, &[truth(&labelled.prediction, "42", NOW)], None).await.unwrap();
    let pool = store.selection_pool(us, model.id, NOW.plus(DAY), 10).await.unwrap();
    let ids: Vec<_> = pool.iter().map(|candidate| candidate.prediction).collect();
    assert_eq!(ids, [unsure.prediction.id, plain.prediction.id]);
    assert_eq!(store.selection_pool(us, model.id, NOW.plus(DAY), 1).await.unwrap().len(), 1);
    assert!(store.selection_pool(world.them(), model.id, NOW, 10).await.unwrap().is_empty());
    let known: Vec<_> = store.labelled(us, model.id, NOW).try_concat().await.unwrap();
    assert_eq!(known.len(), 1);
}
