//! Nothing of one tenant is seen or changed by another.

use std::slice::from_ref;

use domain::{DatasetId, PredictionId};
use futures::TryStreamExt;
use store::{Error, NewModel, PredictionFilter, Recording, RunFilter};

use crate::models::promotion;
use crate::support::{NOW, World, event, new_dataset, new_model, new_run, prediction, specification, truth};

crate::on_both!(reads_stop_at_the_tenant, writes_stop_at_the_tenant);

async fn reads_stop_at_the_tenant(world: &World) {
    let (us, them, store) = (world.us(), world.them(), &world.store);
    let model = world.model("fraud").await;
    let dataset = world.dataset(&model).await;
    let version = world.version(&model, &dataset).await;
    store.deploy(us, &promotion(&model, Some(version), None), NOW, &event(us, "version.promoted")).await.unwrap();
    let run = store.runs(us, RunFilter::default(), None, 9).await.unwrap().items.remove(0);
    store.append_log(us, run.id, &["hello".into()], NOW).await.unwrap();
    let asked = prediction(&model, NOW, 0.9);
    store.insert_predictions(from_ref(&asked)).await.unwrap();
    store.insert_outcomes(us, &[truth(&asked, "yes", NOW)], None).await.unwrap();

    assert_eq!(store.model(them, model.id).await.unwrap(), None);
    assert_eq!(store.model_by_name(them, "fraud").await.unwrap(), None);
    assert!(store.models(them).await.unwrap().is_empty());
    assert!(store.specification(them, model.id, 1).await.unwrap().is_none());
    assert!(store.specifications(them, model.id).await.unwrap().is_empty());
    assert_eq!(store.dataset(them, dataset.id).await.unwrap(), None);
    assert!(store.datasets(them, None, 9).await.unwrap().items.is_empty());
    assert_eq!(store.dataset_by_content(them, &dataset.sha256, Some(model.id)).await.unwrap(), None);
    assert_eq!(store.run(them, run.id).await.unwrap(), None);
    assert!(store.runs(them, RunFilter::default(), None, 9).await.unwrap().items.is_empty());
    assert!(store.log_after(them, run.id, 0).await.unwrap().is_empty());
    assert_eq!(store.version(them, model.id, version).await.unwrap(), None);
    assert!(store.versions(them, model.id).await.unwrap().is_empty());
    assert_eq!(store.newest_deployment(them, model.id).await.unwrap(), None);
    assert!(store.deployments(them, model.id).await.unwrap().is_empty());
    assert_eq!(store.prediction(them, asked.id).await.unwrap(), None);
    for model in [None, Some(model.id)] {
        let filter = PredictionFilter { model, ..PredictionFilter::default() };
        assert!(store.predictions(them, &filter, None, 9).await.unwrap().items.is_empty());
        let filter = PredictionFilter { has_outcome: Some(true), ..filter };
        assert!(store.predictions(them, &filter, None, 9).await.unwrap().items.is_empty());
        assert_eq!(store.predictions(us, &filter, None, 9).await.unwrap().items.len(), 1);
    }
    assert!(store.outcomes(them, asked.id).await.unwrap().is_empty());
    let labelled: Vec<_> = store.labelled(them, model.id, NOW).try_collect().await.unwrap();
    assert!(labelled.is_empty());
    assert!(store.model_days(them, NOW).await.unwrap().is_empty());
    assert!(store.hourly_volume(them, model.id, NOW.plus(-9), NOW.plus(9)).await.unwrap().is_empty());
    assert!(store.latency(them, model.id, 0, NOW.plus(-9), NOW.plus(9)).await.unwrap().is_none());
    assert!(store.outcome_cells(them, None, NOW.plus(-9), NOW.plus(9)).await.unwrap().is_empty());
    assert_eq!(store.audit(them, None, None, 9).await.unwrap().items.len(), 1);
    assert!(store.people(them).await.unwrap().is_empty() && store.keys(them).await.unwrap().is_empty());
}

async fn writes_stop_at_the_tenant(world: &World) {
    let (them, store) = (world.them(), &world.store);
    let model = world.model("fraud").await;
    let dataset = world.dataset(&model).await;
    let run = world.run(&model, &dataset).await;
    let asked = prediction(&model, NOW, 0.9);
    store.insert_predictions(from_ref(&asked)).await.unwrap();
    let theirs = event(them, "test.made");
    let missing = |result: Option<Error>| assert!(matches!(result, Some(Error::NotFound)), "{result:?}");

    missing(store.add_specification(them, model.id, &specification(), "eve", NOW, &theirs).await.err());
    missing(store.create_dataset(them, &new_dataset(Some(model.id)), NOW, &theirs).await.err());
    let stolen = NewModel { dataset: Some(dataset.id), ..new_model("stolen") };
    missing(store.create_model(them, &stolen, NOW, std::slice::from_ref(&theirs)).await.err());
    missing(store.create_run(them, &new_run(&model, &dataset), NOW, &theirs).await.err());
    missing(store.request_cancel(them, run.id, NOW, &theirs).await.err());
    missing(store.append_log(them, run.id, &["eve".into()], NOW).await.err());
    missing(store.deploy(them, &promotion(&model, None, None), NOW, &theirs).await.err());
    missing(store.correct_outcome(them, &truth(&asked, "no", NOW), "eve", &theirs).await.err());
    let recorded = store.insert_outcomes(them, &[truth(&asked, "no", NOW)], None).await.unwrap();
    assert_eq!(recorded, [Recording::NoPrediction]);
    let mut forged = prediction(&model, NOW, 0.1);
    forged.tenant = them;
    missing(store.insert_predictions(&[forged]).await.err());
    // A model and a data set of two tenants do not go together either.
    let other = world.model_of(them, "fraud").await;
    let mut mixed = new_run(&other, &dataset);
    missing(store.create_run(them, &mixed, NOW, &theirs).await.err());
    mixed.dataset = DatasetId(9_999);
    missing(store.create_run(them, &mixed, NOW, &theirs).await.err());
    // An event of another tenant is refused before anything is written.
    let ours = store.create_dataset(them, &new_dataset(None), NOW, &event(world.us(), "test.made")).await;
    assert!(matches!(ours, Err(Error::Conflict(_))));
    assert!(store.prediction(world.us(), PredictionId(asked.id.0)).await.unwrap().is_some());
}
