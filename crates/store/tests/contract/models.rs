use std::slice::from_ref;

use domain::model::{DeploymentKind, Model};
use domain::{DeploymentId, Task};
use futures::future::join_all;
use store::{Error, NewDeployment, NewModel};

use crate::support::{NOW, World, event, new_dataset, new_model, specification};

crate::on_both!(
    specifications_are_numbered,
    only_one_of_two_changes_of_a_specification_wins,
    datasets_are_listed_and_found_by_content,
    only_one_of_two_promotions_wins,
    replicas_hear_of_every_move,
);

pub(crate) fn promotion(model: &Model, version: Option<i64>, expected_previous: Option<i64>) -> NewDeployment {
    NewDeployment {
        model: model.id,
        kind: DeploymentKind::Promotion,
        version,
        expected_previous,
        reason: "better".into(),
        actor: "operator".into(),
    }
}

async fn specifications_are_numbered(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let new = new_model("fraud");
    let again = store.create_model(us, &new, NOW, &[event(us, "model.created")]).await;
    assert!(matches!(again, Err(Error::Conflict(_))));
    let changed = event(us, "specification.declared");
    let other = store.add_specification(us, model.id, &specification(), None, &changed).await.unwrap();
    assert_eq!((other.number, other.created_at, &other.created_by), (2, changed.at, &changed.actor));
    let found = store.model_by_name(us, "fraud").await.unwrap().unwrap();
    assert_eq!((found.specification_number, found.task()), (2, Task::Binary));
    assert_eq!(store.model(us, model.id).await.unwrap(), Some(found.clone()));
    let numbers: Vec<_> = store.specifications(us, model.id).await.unwrap().iter().map(|s| s.number).collect();
    assert_eq!(numbers, [2, 1]);
    assert_eq!(store.specification(us, model.id, 1).await.unwrap().unwrap().specification, specification());
    assert_eq!(store.models(us).await.unwrap(), from_ref(&found));
}

async fn only_one_of_two_changes_of_a_specification_wins(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let (changed, recipe) = (event(us, "specification.declared"), specification());
    let both = join_all((0..2).map(|_| store.add_specification(us, model.id, &recipe, Some(1), &changed))).await;
    let (won, lost): (Vec<_>, Vec<_>) = both.into_iter().partition(Result::is_ok);
    assert!(matches!((&won[..], &lost[..]), ([Ok(_)], [Err(Error::Conflict(_))])), "{won:?} {lost:?}");
    assert_eq!(store.model(us, model.id).await.unwrap().unwrap().specification_number, 2);
    assert_eq!(store.specifications(us, model.id).await.unwrap().len(), 2);
    let logged = store.audit(us, None, None, 9).await.unwrap().items;
    assert_eq!(logged.iter().filter(|entry| entry.action == "specification.declared").count(), 1);
    let next = store.add_specification(us, model.id, &recipe, Some(2), &changed).await.unwrap();
    assert_eq!(next.number, 3);
}

async fn datasets_are_listed_and_found_by_content(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let created = event(us, "dataset.created");
    let mut made = Vec::new();
    for i in 0..7 {
        let new = new_dataset((i % 2 == 0).then_some(model.id));
        made.push(store.create_dataset(us, &new, NOW, &created).await.unwrap());
    }
    let first = store.datasets(us, None, 5).await.unwrap();
    let second = store.datasets(us, first.next.as_ref(), 5).await.unwrap();
    assert_eq!((second.items.len(), second.next), (2, None));
    let all: Vec<_> = first.items.into_iter().chain(second.items).rev().collect();
    assert_eq!(all, made);
    let newest = made.iter().rev().find(|dataset| dataset.model == Some(model.id));
    assert_eq!(store.newest_import(us, model.id).await.unwrap().as_ref(), newest);
    let loose = &made[1];
    assert_eq!(store.dataset_by_content(us, &loose.sha256, None).await.unwrap().as_ref(), Some(loose));
    assert_eq!(store.dataset_by_content(us, &loose.sha256, Some(model.id)).await.unwrap(), None);
    let mut models = Vec::new();
    for name in ["owner", "borrower"] {
        let new = NewModel { dataset: Some(loose.id), ..new_model(name) };
        models.push(store.create_model(us, &new, NOW, std::slice::from_ref(&created)).await.unwrap().id);
    }
    assert_eq!(store.dataset(us, loose.id).await.unwrap().unwrap().model, Some(models[0]));
    for id in &models {
        let given = store.dataset_by_content(us, &loose.sha256, Some(*id)).await.unwrap().unwrap();
        assert_eq!((given.model, given.rows), (Some(*id), loose.rows));
    }
    let mut twin = new_dataset(Some(models[0]));
    twin.sha256.clone_from(&loose.sha256);
    assert!(matches!(store.create_dataset(us, &twin, NOW, &created).await, Err(Error::Conflict(_))));
}

async fn only_one_of_two_promotions_wins(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("fraud").await;
    let dataset = world.dataset(&model).await;
    for number in [1, 2, 3] {
        assert_eq!(world.version(&model, &dataset).await, number);
    }
    let moved = event(us, "version.promoted");
    store.deploy(us, &promotion(&model, Some(1), None), NOW, &moved).await.unwrap();
    let tries: Vec<_> = [2, 3, 2, 3].map(|version| promotion(&model, Some(version), Some(1))).into();
    let results = join_all(tries.iter().map(|new| store.deploy(us, new, NOW, &moved))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(results.iter().all(|r| matches!(r, Ok(_) | Err(Error::Conflict(_)))), "{results:?}");
    let history = store.deployments(us, model.id).await.unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(
        (history[0].previous, store.newest_deployment(us, model.id).await.unwrap()),
        (Some(1), Some(history[0].clone()))
    );
    let missing = promotion(&model, Some(99), history[0].version);
    assert!(matches!(store.deploy(us, &missing, NOW, &moved).await, Err(Error::NotFound)));
}

async fn replicas_hear_of_every_move(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let (one, two) = (world.model("one").await, world.model("two").await);
    let other = world.model_of(world.them(), "one").await;
    for model in [&one, &two] {
        let dataset = world.dataset(model).await;
        world.version(model, &dataset).await;
    }
    let moved = event(us, "version.promoted");
    let first = store.deploy(us, &promotion(&one, Some(1), None), NOW, &moved).await.unwrap();
    store.deploy(us, &promotion(&two, Some(1), None), NOW, &moved).await.unwrap();
    store.deploy(us, &promotion(&one, None, Some(1)), NOW, &moved).await.unwrap();
    let theirs = event(world.them(), "version.promoted");
    store.deploy(world.them(), &promotion(&other, None, None), NOW, &theirs).await.unwrap();
    let serving: Vec<_> = store.all_serving().await.unwrap().iter().map(|s| (s.model, s.version)).collect();
    assert_eq!(serving, [(two.id, Some(1)), (one.id, None), (other.id, None)]);
    let news = store.all_serving_since(first.id).await.unwrap();
    assert_eq!(news.len(), 3);
    assert!(store.all_serving_since(news[2].deployment).await.unwrap().is_empty());
    assert_eq!(store.all_serving_since(DeploymentId(0)).await.unwrap().len(), 4);
}
