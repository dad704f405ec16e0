use domain::audit::Event;
use domain::model::Model;
use domain::prediction::OutcomeSource;
use domain::sync::{Advice, Entity, History, PlannedKind, Sync, SyncEvent, features};
use domain::time::{DAY, HOUR, SECOND};
use domain::{Actor, OutcomeId, PredictionId, SyncId, TenantId, Timestamp};
use futures::future::join_all;
use store::{
    DueSync, Error, NewOutcome, NewPlannedSync, NewSync, Observations, ObservedTruth, PredictionFilter, ScoredSync,
    SyncFilter, SyncReception, SyncReceptions, UnscoredSyncs, Writer, WriterSettings,
};

use crate::support::{NOW, World, prediction, random, truth};

crate::on_both!(
    a_sync_is_recorded_once_and_each_word_on_its_conflict_is_kept,
    no_key_overrules_a_persons_word_on_a_conflict,
    nothing_is_recorded_when_something_fails,
    syncs_see_what_was_recorded_before_them,
    of_a_hot_entity_and_a_busy_person_the_newest_syncs_are_read,
    simultaneous_senders_record_each_sync_once,
    syncs_are_listed_by_what_is_asked_for,
    a_planned_sync_is_observed_once_when_its_day_is_over,
    late_words_correct_what_was_observed_and_nobody_else_said,
    syncs_stay_within_their_tenant,
    what_was_said_of_a_conflict_is_never_changed,
);

fn sync(person: &str, entity: &str, hours: i64) -> Sync {
    Sync {
        client: "tablet".into(),
        person: person.into(),
        entity: Entity { entity_type: "order".into(), entity: entity.into() },
        fields: vec!["address".into(), "total".into()],
        last_sync: Some(NOW.plus((hours - 2) * HOUR)),
        at: NOW.plus(hours * HOUR),
    }
}

fn new(client_id: &str, sync: Sync, conflict: Option<bool>) -> NewSync {
    NewSync {
        client_id: client_id.into(),
        digest: format!("{client_id} {}", sync.at.0),
        received_at: sync.at.plus(1),
        sync,
        conflict,
        actor: "key:1 app".into(),
    }
}

fn scored(model: &Model, unscored: &UnscoredSyncs) -> Vec<ScoredSync> {
    let score =
        |_: &_| ScoredSync { prediction: prediction(model, NOW, 0.7), threshold: 0.5, advice: Advice::FetchFirst };
    unscored.events.iter().map(score).collect()
}

async fn record(world: &World, model: &Model, sent: &[NewSync]) -> SyncReceptions {
    let scoring = async |unscored: UnscoredSyncs| Ok(scored(model, &unscored));
    world.store.record_syncs::<Error, _>(model.tenant, sent, scoring).await.unwrap()
}

async fn recorded(world: &World, model: &Model, sent: NewSync) -> SyncEvent {
    match record(world, model, &[sent]).await.receptions.remove(0) {
        SyncReception::Recorded(event) => event,
        other => panic!("{other:?}"),
    }
}

fn observed(tenant: TenantId, at: Timestamp) -> impl Fn(&DueSync) -> ObservedTruth {
    move |due| ObservedTruth {
        outcome: NewOutcome {
            id: OutcomeId::new(at, random()),
            prediction: due.prediction,
            truth: if due.seen { "yes".into() } else { "no".into() },
            at,
            actor: "worker".into(),
            source: OutcomeSource::Observation,
        },
        reason: format!("late: {}", due.late.as_deref().unwrap_or_default()),
        event: Event::new(&Actor::worker(tenant), at, "outcome.corrected", format!("prediction:{}", due.prediction)),
    }
}

async fn observe(world: &World, at: Timestamp) -> Observations {
    world.store.observe_syncs(world.us(), at, 100, observed(world.us(), at)).await.unwrap()
}

async fn truths(world: &World, id: PredictionId) -> Vec<(String, String)> {
    let outcomes = world.store.outcomes(world.us(), id).await.unwrap();
    outcomes.into_iter().map(|outcome| (outcome.truth, outcome.reason)).collect()
}

async fn a_sync_is_recorded_once_and_each_word_on_its_conflict_is_kept(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("conflict").await;
    let (late, early) = (new("a", sync("ada", "1", 2), None), new("b", sync("bob", "1", 1), Some(false)));
    let other = NewSync { digest: "other".into(), conflict: Some(true), ..late.clone() };
    let said = NewSync { conflict: Some(true), ..late.clone() };
    let sent = [late.clone(), early.clone(), late.clone(), other.clone(), said.clone()];
    let answers = record(world, &model, &sent).await.receptions;
    let [
        SyncReception::Recorded(first),
        SyncReception::Recorded(second),
        SyncReception::Repeated(_),
        SyncReception::Contradicted(_),
        SyncReception::Amended(amended),
    ] = answers.as_slice()
    else {
        panic!("{answers:?}")
    };
    assert!(second.id < first.id, "by time, not as sent");
    assert_eq!((amended.conflict, second.conflict), (Some(true), Some(false)));
    assert_eq!(store.sync_event(us, first.id).await.unwrap().as_ref(), Some(amended));
    let planned = store.planned_sync(us, first.prediction).await.unwrap().unwrap();
    assert_eq!((planned.kind, &planned.sync, planned.score), (PlannedKind::Event, &late.sync, 0.7));
    assert_eq!(planned.observed_until, late.sync.at.plus(DAY));

    let again =
        record(world, &model, &[said, early, NewSync { conflict: Some(false), ..late }, other]).await.receptions;
    assert!(matches!(
        again.as_slice(),
        [
            SyncReception::Repeated(_),
            SyncReception::Repeated(_),
            SyncReception::Amended(_),
            SyncReception::Contradicted(_)
        ]
    ));
    let facts = store.conflict_facts(us, first.id).await.unwrap();
    assert_eq!(facts.iter().map(|fact| (fact.sequence, fact.conflict)).collect::<Vec<_>>(), [(1, true), (2, false)]);
    assert_eq!(store.sync_event(us, first.id).await.unwrap().unwrap().conflict, Some(false));
    assert_eq!(store.predictions(us, &PredictionFilter::default(), None, 9).await.unwrap().items.len(), 2);
}

async fn no_key_overrules_a_persons_word_on_a_conflict(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("conflict").await;
    let by_key = |conflict| new("a", sync("ada", "1", 0), Some(conflict));
    let by_person = |conflict| NewSync { actor: "person:1 Ada".into(), ..by_key(conflict) };
    let said = recorded(world, &model, by_key(false)).await;
    let sent = [by_person(true), by_key(false), by_key(true), by_person(false), by_key(true)];
    for sent in [&sent[..2], &sent[2..3], &sent[1..2], &sent[3..4], &sent[4..]] {
        let answers = record(world, &model, sent).await.receptions;
        for (answer, sent) in answers.iter().zip(sent) {
            match answer {
                SyncReception::Amended(event) => assert_eq!(event.conflict, sent.conflict, "{answer:?}"),
                SyncReception::Overruled(event) => assert_ne!(event.conflict, sent.conflict, "{answer:?}"),
                SyncReception::Repeated(event) => assert_eq!(event.conflict, sent.conflict, "{answer:?}"),
                other => panic!("{other:?}"),
            }
        }
    }
    let facts = store.conflict_facts(us, said.id).await.unwrap();
    let told: Vec<_> = facts.iter().map(|fact| (fact.actor.as_str(), fact.conflict)).collect();
    assert_eq!(told, [("key:1 app", false), ("person:1 Ada", true), ("person:1 Ada", false)]);
}

async fn nothing_is_recorded_when_something_fails(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("conflict").await;
    let sent = [new("a", sync("ada", "1", 0), Some(true))];
    let failed = async |_: UnscoredSyncs| Err(Error::Conflict("the model is away"));
    assert!(matches!(store.record_syncs(us, &sent, failed).await, Err(Error::Conflict("the model is away"))));
    let short = async |_: UnscoredSyncs| Ok(Vec::new());
    assert!(store.record_syncs::<Error, _>(us, &sent, short).await.is_err());
    assert!(store.sync_events(us, &SyncFilter::default(), None, 9).await.unwrap().items.is_empty());
    assert_eq!(recorded(world, &model, sent[0].clone()).await.id, SyncId(1), "no number is lost");
}

/// Of the same entity and the same person each sync sees what was recorded before and happened no later; a word that came
/// in between counts.
async fn syncs_see_what_was_recorded_before_them(world: &World) {
    let model = world.model("conflict").await;
    let of = |unscored: &UnscoredSyncs, place: usize, sync: &Sync| {
        features(sync, unscored.events[place].1, unscored.histories.of(sync)).0
    };
    record(world, &model, &[new("a", sync("ada", "1", 0), None), new("x", sync("bob", "2", 0), None)]).await;
    let late = new("late", sync("cem", "1", -1), None);
    let next =
        [new("b", sync("bob", "1", 1), None), NewSync { conflict: Some(true), ..new("x", sync("bob", "2", 0), None) }];
    let scoring = async |unscored: UnscoredSyncs| {
        // ada's edit of both fields an hour ago; bob's own sync of another entity, of which the conflict is known by now
        assert_eq!(of(&unscored, 0, &next[0].sync), [1.0, 2.0, 2.0 / 11.0, 1.0, 1.0].map(Some));
        Ok(scored(&model, &unscored))
    };
    world.store.record_syncs::<Error, _>(world.us(), &next, scoring).await.unwrap();
    let scoring = async |unscored: UnscoredSyncs| {
        assert_eq!(of(&unscored, 0, &late.sync), [0.0, 2.0, 0.1, 0.0, 0.0].map(Some), "all others happened later");
        Ok(scored(&model, &unscored))
    };
    world.store.record_syncs::<Error, _>(world.us(), std::slice::from_ref(&late), scoring).await.unwrap();
    // What is asked now sees all that is recorded, the late one as well.
    let asked = sync("dan", "1", 2);
    let histories = world.store.sync_histories(world.us(), std::slice::from_ref(&asked)).await.unwrap();
    let History { edits, pasts } = histories.of(&asked);
    assert_eq!((edits.len(), pasts.len()), (3, 0));
    assert_eq!(features(&asked, SyncId(i64::MAX), histories.of(&asked)).0, [1.0, 2.0, 0.1, 3.0, 1.0].map(Some));
}

/// 1,200 syncs of one entity by one person, a second apart. Two that come later see what they would see of all of them.
async fn of_a_hot_entity_and_a_busy_person_the_newest_syncs_are_read(world: &World) {
    let model = world.model("conflict").await;
    let at = |i: i64| Sync { at: NOW.plus(i * SECOND), last_sync: None, ..sync("ada", "1", 0) };
    let sent: Vec<NewSync> = (0..1_200).map(|i| new(&format!("s{i}"), at(i), Some(i % 3 == 0))).collect();
    let (mut edits, mut pasts) = (Vec::new(), Vec::new());
    for reception in record(world, &model, &sent).await.receptions {
        let event = match reception {
            SyncReception::Recorded(event) => event,
            other => panic!("{other:?}"),
        };
        edits.push(event.sync.edit(event.id));
        pasts.push(event.sync.past(event.id, event.conflict == Some(true)));
    }
    let all = History { edits: &edits, pasts: &pasts };
    let asked = at(2_000);
    let histories = world.store.sync_histories(world.us(), std::slice::from_ref(&asked)).await.unwrap();
    let seen = histories.of(&asked);
    assert_eq!((seen.edits, seen.pasts), (&edits[200..], &pasts[200..]));
    let late = [new("later", at(1_500), None), new("earlier", at(1_100), None)];
    let scoring = async |unscored: UnscoredSyncs| {
        for (place, id) in &unscored.events {
            let (sync, seen) = (&late[*place].sync, unscored.histories.of(&late[*place].sync));
            // the newest 1,000 until the earlier one, and what happened between the two
            assert_eq!((seen.edits, seen.pasts), (&edits[101..], &pasts[101..]));
            assert_eq!(features(sync, *id, seen), features(sync, *id, all));
        }
        Ok(scored(&model, &unscored))
    };
    world.store.record_syncs::<Error, _>(world.us(), &late, scoring).await.unwrap();
}

async fn simultaneous_senders_record_each_sync_once(world: &World) {
    let model = world.model("conflict").await;
    let sent: Vec<NewSync> = (0..8).map(|i| new(&format!("s{i}"), sync("ada", "1", i), Some(i == 3))).collect();
    let all = join_all((0..4).map(|_| record(world, &model, &sent))).await;
    let recorded = all.iter().flat_map(|one| &one.receptions).filter(|one| matches!(one, SyncReception::Recorded(_)));
    assert_eq!(recorded.count(), 8);
    let listed = world.store.sync_events(world.us(), &SyncFilter::default(), None, 99).await.unwrap().items;
    assert_eq!(listed.len(), 8);
    assert_eq!(world.store.conflict_facts(world.us(), listed[0].id).await.unwrap().len(), 1);
}

async fn syncs_are_listed_by_what_is_asked_for(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("conflict").await;
    let sent: Vec<NewSync> = [("ada", "1", 0), ("ada", "2", 1), ("bob", "1", 2), ("bob", "1", 2)]
        .iter()
        .enumerate()
        .map(|(i, (person, entity, hours))| new(&format!("s{i}"), sync(person, entity, *hours), None))
        .collect();
    record(world, &model, &sent).await;
    let list = async |filter: SyncFilter| {
        let page = store.sync_events(us, &filter, None, 9).await.unwrap();
        page.items.iter().map(|event| event.client_id.clone()).collect::<Vec<_>>()
    };
    let all = SyncFilter::default();
    assert_eq!(list(all.clone()).await, ["s3", "s2", "s1", "s0"]);
    assert_eq!(list(SyncFilter { person: Some("ada".into()), ..all.clone() }).await, ["s1", "s0"]);
    assert_eq!(list(SyncFilter { entity: Some("2".into()), ..all.clone() }).await, ["s1"]);
    assert!(list(SyncFilter { entity_type: Some("note".into()), ..all.clone() }).await.is_empty());
    assert!(list(SyncFilter { client: Some("phone".into()), ..all.clone() }).await.is_empty());
    let (from, until) = (Some(NOW.plus(HOUR)), Some(NOW.plus(2 * HOUR)));
    assert_eq!(list(SyncFilter { from, until, ..all.clone() }).await, ["s1"]);
    let first = store.sync_events(us, &all, None, 1).await.unwrap();
    let second = store.sync_events(us, &all, first.next.as_ref(), 9).await.unwrap();
    assert_eq!((first.items[0].client_id.as_str(), second.items[0].client_id.as_str()), ("s3", "s2"));
    assert!(second.next.is_none());
}

/// Asked at 0 and at 30 h; the entity has a conflict at 24 h, another entity at 1 h.
async fn a_planned_sync_is_observed_once_when_its_day_is_over(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("conflict").await;
    let writer = Writer::start(store.clone(), WriterSettings::default());
    let planned = |hours: i64| NewPlannedSync {
        prediction: prediction(&model, NOW.plus(hours * HOUR), 0.4),
        kind: PlannedKind::Asked,
        sync: sync("ada", "1", hours),
        threshold: 0.5,
        advice: Advice::SyncNow,
    };
    let (first, second) = (planned(0), planned(30));
    let ids = [first.prediction.id, second.prediction.id];
    writer.submit_planned(vec![first, second]).await.unwrap();
    let conflict = recorded(world, &model, new("c", sync("bob", "1", 24), Some(true))).await;
    recorded(world, &model, new("d", sync("bob", "2", 1), Some(true))).await;

    assert!(store.tenants_with_due_syncs(NOW.plus(DAY - 1)).await.unwrap().is_empty());
    assert_eq!(observe(world, NOW.plus(DAY - 1)).await, Observations::default());
    let end = NOW.plus(3 * DAY);
    assert_eq!(store.tenants_with_due_syncs(end).await.unwrap(), [us]);
    let looks = join_all((0..3).map(|_| observe(world, end))).await;
    assert_eq!(looks.iter().map(|look| look.looked_at).sum::<usize>(), 4);
    assert_eq!(looks.iter().map(|look| look.recorded).sum::<usize>(), 4);
    assert!(store.tenants_with_due_syncs(end).await.unwrap().is_empty());
    let plain = |truth: &str| vec![(truth.to_owned(), String::new())];
    assert_eq!(truths(world, ids[0]).await, plain("yes"));
    assert_eq!(truths(world, ids[1]).await, plain("no"));
    assert_eq!(truths(world, conflict.prediction).await, plain("yes"));
    let seen = store.planned_sync(us, ids[1]).await.unwrap().unwrap();
    assert_eq!((seen.observed, seen.observed_at), (Some(false), Some(end)));
}

async fn late_words_correct_what_was_observed_and_nobody_else_said(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let model = world.model("conflict").await;
    let plain = recorded(world, &model, new("a", sync("ada", "1", 0), None)).await;
    let judged = recorded(world, &model, new("b", sync("bob", "1", 1), None)).await;
    let mut said = truth(&prediction(&model, NOW, 0.1), "no", NOW);
    (said.prediction, said.actor) = (judged.prediction, "person:1 Ada".into());
    store.insert_outcomes(us, &[said], None).await.unwrap();
    let end = NOW.plus(3 * DAY);
    assert_eq!(observe(world, end).await, Observations { looked_at: 2, recorded: 1, corrected: 0 });

    // A sync of the time comes in late, and brings a conflict.
    let late = new("late", sync("cem", "1", 10), Some(true));
    assert_eq!(record(world, &model, std::slice::from_ref(&late)).await.late, 2);
    let word = NewSync { conflict: Some(true), ..new("a", sync("ada", "1", 0), None) };
    assert_eq!(record(world, &model, std::slice::from_ref(&word)).await.late, 1, "in no other day than its own");
    assert_eq!(observe(world, end).await, Observations { looked_at: 3, recorded: 1, corrected: 1 });
    let (no, yes) = ((String::from("no"), String::new()), (String::from("yes"), String::from("late: a")));
    assert_eq!(truths(world, plain.prediction).await, [no.clone(), yes.clone()]);
    assert_eq!(truths(world, judged.prediction).await, std::slice::from_ref(&no), "a person's word stays");
    assert_eq!(store.planned_sync(us, judged.prediction).await.unwrap().unwrap().observed, Some(true));

    // One of two conflicts is taken back: there still was one. Then the other.
    assert_eq!(record(world, &model, &[NewSync { conflict: Some(false), ..word }]).await.late, 1);
    assert_eq!(observe(world, end).await, Observations { looked_at: 1, recorded: 0, corrected: 0 });
    record(world, &model, &[NewSync { conflict: Some(false), ..late }]).await;
    assert_eq!(observe(world, end).await.corrected, 2, "that of the late event itself, too");
    let back = (String::from("no"), String::from("late: late"));
    assert_eq!(truths(world, plain.prediction).await, [no, yes, back]);
}

async fn syncs_stay_within_their_tenant(world: &World) {
    let (them, store) = (world.them(), &world.store);
    let model = world.model("conflict").await;
    let ours = recorded(world, &model, new("a", sync("ada", "1", 0), Some(true))).await;
    assert_eq!(store.sync_event(them, ours.id).await.unwrap(), None);
    assert!(store.sync_events(them, &SyncFilter::default(), None, 9).await.unwrap().items.is_empty());
    assert!(store.conflict_facts(them, ours.id).await.unwrap().is_empty());
    assert_eq!(store.planned_sync(them, ours.prediction).await.unwrap(), None);
    let asked = sync("ada", "1", 1);
    let histories = store.sync_histories(them, std::slice::from_ref(&asked)).await.unwrap();
    assert!(histories.of(&asked).edits.is_empty() && histories.of(&asked).pasts.is_empty());
    let end = NOW.plus(3 * DAY);
    let look = store.observe_syncs(them, end, 9, observed(them, end)).await.unwrap();
    assert_eq!(look, Observations::default());
    // The same key and the same entity, elsewhere: another sync, and none of our predictions is its concern.
    let scoring = async |unscored: UnscoredSyncs| Ok(scored(&model, &unscored));
    let sent = [new("a", sync("ada", "1", 0), None)];
    let forged = async |unscored: UnscoredSyncs| {
        let mut scored = scored(&model, &unscored);
        scored[0].prediction.tenant = them;
        Ok(scored)
    };
    let refused = store.record_syncs::<Error, _>(them, &sent, forged).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    let refused = store.record_syncs::<Error, _>(them, &sent, scoring).await;
    assert!(refused.is_err(), "the prediction is another tenant's");
}

async fn what_was_said_of_a_conflict_is_never_changed(world: &World) {
    let model = world.model("conflict").await;
    recorded(world, &model, new("a", sync("ada", "1", 0), Some(true))).await;
    for sql in ["UPDATE sync_conflicts SET conflict = 0", "DELETE FROM sync_conflicts"] {
        let refused = world.raw(sql).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
}
