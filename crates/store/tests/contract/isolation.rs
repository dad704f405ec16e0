//! Nothing of one tenant is seen or changed by another.

use std::slice::from_ref;

use domain::case::{Rule, State, StepKind};
use domain::{DatasetId, OutcomeId, PredictionId, Timestamp};
use futures::TryStreamExt;
use store::{
    Backlog, CaseFilter, CaseGrouping, CaseMove, CaseOrder, EmployeeFilter, Error, EventFilter, Moved, NewEvent,
    NewHoliday, NewModel, NewSnooze, NewStep, Periods, PredictionFilter, Recording, RunFilter, Unscored,
};

use crate::attendance::{Place, new_employee, new_site};
use crate::models::promotion;
use crate::support::{NOW, World, event, new_dataset, new_model, new_run, prediction, random, specification, truth};

crate::on_both!(
    reads_stop_at_the_tenant,
    writes_stop_at_the_tenant,
    attendance_is_read_by_its_tenant_only,
    attendance_is_written_by_its_tenant_only,
);

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
    let periods = Periods::one(NOW.plus(-9), NOW.plus(9));
    assert!(store.truth_cells(them, model.id, None, periods).await.unwrap().is_empty());
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

    missing(store.add_specification(them, model.id, &specification(), None, &theirs).await.err());
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
    mixed.dataset = Some(DatasetId(9_999));
    missing(store.create_run(them, &mixed, NOW, &theirs).await.err());
    // An event of another tenant is refused before anything is written.
    let ours = store.create_dataset(them, &new_dataset(None), NOW, &event(world.us(), "test.made")).await;
    assert!(matches!(ours, Err(Error::Conflict(_))));
    assert!(store.prediction(world.us(), PredictionId(asked.id.0)).await.unwrap().is_some());
}

async fn attendance_is_read_by_its_tenant_only(world: &World) {
    let (us, them, store) = (world.us(), world.them(), &world.store);
    let place = Place::new(world, "north").await;
    let recorded = place.recorded(world, &[place.check_in("a", 0)], 0.9).await.remove(0);
    let (case, id) = (recorded.case.unwrap(), recorded.event.id);
    let holiday = NewHoliday { site: None, date: "2026-01-01".parse().unwrap(), name: "New Year".into() };
    store.add_holidays(us, &[holiday], NOW, &event(us, "holidays.imported")).await.unwrap();
    store.create_snooze(us, &snooze(&place), NOW, &event(us, "snooze.created")).await.unwrap();

    assert_eq!(store.site(them, place.site.id).await.unwrap(), None);
    assert!(store.sites(them, None, 9).await.unwrap().items.is_empty());
    assert!(store.sites_by_reference(them, &["north"]).await.unwrap().is_empty());
    assert_eq!(store.employee(them, place.employee.id).await.unwrap(), None);
    assert!(store.employees(them, &EmployeeFilter::default(), None, 9).await.unwrap().items.is_empty());
    assert!(store.employees_by_reference(them, &["north"]).await.unwrap().is_empty());
    assert!(store.employees_by_id(them, &[place.employee.id]).await.unwrap().is_empty());
    let ever = ("2000-01-01".parse().unwrap(), "2100-01-01".parse().unwrap());
    assert!(store.holidays(them, ever.0, ever.1).await.unwrap().is_empty());
    assert!(store.holidays_on(them, &["2026-01-01".parse().unwrap()].into()).await.unwrap().is_empty());
    assert!(store.snoozes(them, NOW).await.unwrap().is_empty());
    assert_eq!(store.event(them, id).await.unwrap(), None);
    assert_eq!(store.event_by_client_id(them, "a").await.unwrap(), None);
    for case in [None, Some(case)] {
        let filter = EventFilter { case, ..EventFilter::default() };
        assert!(store.events(them, &filter, None, 9).await.unwrap().items.is_empty());
    }
    assert!(store.attendance_days(them, 0, 99_999).await.unwrap().is_empty());
    assert!(store.histories(them).try_collect::<Vec<_>>().await.unwrap().is_empty());
    assert!(store.history(them, place.employee.id).await.unwrap().is_empty());
    assert_eq!(store.case(them, case).await.unwrap(), None);
    let cases = store.cases(them, &CaseFilter::default(), CaseOrder::DueFirst, NOW, None, 9).await.unwrap();
    assert!(cases.items.is_empty());
    assert!(store.case_steps(them, case, None, 9).await.unwrap().items.is_empty());
    let (from, until) = (Timestamp(0), Timestamp(i64::MAX));
    assert!(store.case_counts(them, CaseGrouping::Site, from, until).await.unwrap().is_empty());
    assert!(store.audit_counts(them, from, until).await.unwrap().is_empty());
    assert_eq!(store.backlog(them, NOW).await.unwrap(), Backlog::default());
}

async fn attendance_is_written_by_its_tenant_only(world: &World) {
    let (them, store) = (world.them(), &world.store);
    let place = Place::new(world, "north").await;
    let theirs = event(them, "test.made");
    let missing = |result: Option<Error>| assert!(matches!(result, Some(Error::NotFound)), "{result:?}");

    missing(store.update_site(them, place.site.id, &new_site("x"), &theirs).await.err());
    missing(store.create_employee(them, &new_employee("x", &place.site), NOW, |_| theirs.clone()).await.err());
    missing(store.update_employee(them, place.employee.id, &new_employee("x", &place.site), &theirs).await.err());
    missing(store.put_employees(them, &[new_employee("x", &place.site)], NOW, &theirs).await.err());
    missing(store.create_snooze(them, &snooze(&place), NOW, &theirs).await.err());
    let site = store.create_site(them, &new_site("north"), NOW, |_| theirs.clone()).await.unwrap();
    assert_ne!(site.id, place.site.id);
    // An employee of another tenant has no event here, whatever prediction it comes with.
    let sent = [NewEvent { site: site.id, ..place.check_in("a", 0) }];
    let model = world.model_of(them, "fraud").await;
    let scoring = async |unscored: Unscored| {
        let mut scored = place.scored(&unscored, |_| 0.9);
        (scored[0].prediction.tenant, scored[0].prediction.model) = (them, model.id);
        Ok(scored)
    };
    missing(store.record_events::<Error, _>(them, &sent, scoring).await.err());

    let recorded = place.recorded(world, &[place.check_in("a", 0)], 0.9).await.remove(0);
    let case = store.case(world.us(), recorded.case.unwrap()).await.unwrap().unwrap();
    let step = NewStep { at: NOW, actor: "eve".into(), kind: StepKind::Released, note: String::new() };
    let change = CaseMove::of(&case, State::Open, step);
    let id = || OutcomeId::new(NOW, random());
    let moved = store.move_case(them, &change, id, |_| theirs.clone()).await.unwrap();
    assert_eq!(moved, Moved::NoCase);
}

fn snooze(place: &Place) -> NewSnooze {
    NewSnooze {
        employee: place.employee.id,
        rule: Rule::Location,
        until: NOW.plus(9),
        created_by: "eve".into(),
        reason: "eve".into(),
    }
}
