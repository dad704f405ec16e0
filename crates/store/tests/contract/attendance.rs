use std::collections::HashMap;

use domain::attendance::{Employee, EventKind, Moment, Position, Site, WINDOW};
use domain::case::{Alert, Origin, Rule};
use domain::model::Model;
use domain::time::{DAY, HOUR};
use domain::{CaseId, EmployeeId, EventId};
use futures::TryStreamExt;
use futures::future::join_all;
use store::{
    Error, EventFilter, NewEmployee, NewEvent, NewSite, PredictionFilter, Reception, RecordedEvent, ScoredEvent,
    Settings, Store, Unscored,
};

use crate::support::{NOW, World, event, prediction, truth};

crate::on_both!(
    an_event_is_recorded_once,
    nothing_is_recorded_when_something_fails,
    events_see_what_was_recorded_before_them,
    histories_are_whole_whoever_recorded_them,
    simultaneous_senders_record_each_event_once_and_one_case,
    events_are_listed_by_what_is_asked_for,
    many_events_are_recorded_at_once,
);

/// A site, an employee there and the model that looks at their events.
pub(crate) struct Place {
    pub(crate) site: Site,
    pub(crate) employee: Employee,
    pub(crate) model: Model,
}

pub(crate) fn new_site(reference: &str) -> NewSite {
    NewSite {
        reference: reference.into(),
        name: format!("Site {reference}"),
        position: Position { latitude: 52.5, longitude: 13.4 },
        time_zone: "Europe/Berlin".into(),
    }
}

pub(crate) fn new_employee(reference: &str, site: &Site) -> NewEmployee {
    NewEmployee { reference: reference.into(), name: format!("Employee {reference}"), site: Some(site.id) }
}

impl Place {
    pub(crate) async fn new(world: &World, reference: &str) -> Self {
        let (us, store) = (world.us(), &world.store);
        let site = store.create_site(us, &new_site(reference), NOW, |_| event(us, "site.created")).await.unwrap();
        let new = new_employee(reference, &site);
        let employee = store.create_employee(us, &new, NOW, |_| event(us, "employee.created")).await.unwrap();
        Self { site, employee, model: world.model(reference).await }
    }

    /// A check-in so many hours from now.
    pub(crate) fn check_in(&self, client_id: &str, hours: i64) -> NewEvent {
        NewEvent {
            client_id: client_id.into(),
            digest: format!("{client_id} {hours}"),
            employee: self.employee.id,
            site: self.site.id,
            kind: EventKind::CheckIn,
            at: NOW.plus(hours * HOUR),
            received_at: NOW.plus(hours * HOUR + 1),
            scheduled_at: Some(NOW.plus(hours * HOUR - HOUR)),
            position: Some(self.site.position),
            face_confidence: Some(0.9),
            offset_seconds: 3_600,
            drift_meters: Some(0.0),
            holiday: false,
        }
    }

    /// An answer with this score to each event; from 0.5 on they are to be looked at.
    pub(crate) fn scored(&self, unscored: &Unscored, score: impl Fn(&Moment) -> f64) -> Vec<ScoredEvent> {
        let alert = Alert { origin: Origin::Threshold, share: 1.0, rule: Rule::Location };
        let answer = |moment: &Moment| {
            let prediction = prediction(&self.model, NOW, score(moment));
            ScoredEvent { alert: (prediction.score >= 0.5).then_some(alert), truth: None, prediction }
        };
        unscored.events.iter().map(|event| answer(&event.moment)).collect()
    }

    pub(crate) async fn record(&self, world: &World, sent: &[NewEvent], score: f64) -> Vec<Reception> {
        let scoring = async |unscored: Unscored| Ok(self.scored(&unscored, |_| score));
        world.store.record_events::<Error, _>(world.us(), sent, scoring).await.unwrap()
    }

    /// Records events, all of them new.
    pub(crate) async fn recorded(&self, world: &World, sent: &[NewEvent], score: f64) -> Vec<RecordedEvent> {
        let receptions = self.record(world, sent, score).await;
        let recorded = |reception| match reception {
            Reception::Recorded(recorded) => recorded,
            other => panic!("{other:?}"),
        };
        receptions.into_iter().map(recorded).collect()
    }
}

async fn an_event_is_recorded_once(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let place = Place::new(world, "north").await;
    let (late, early) = (place.check_in("a", 2), place.check_in("b", 1));
    let other = NewEvent { digest: "other".into(), ..late.clone() };
    let receptions = place.record(world, &[late.clone(), early.clone(), late.clone(), other.clone()], 0.1).await;
    let [
        Reception::Recorded(first),
        Reception::Recorded(second),
        Reception::Repeated(same),
        Reception::Contradicted(held),
    ] = receptions.as_slice()
    else {
        panic!("{receptions:?}")
    };
    assert_eq!((same, held), (first, first));
    assert!(second.event.id < first.event.id, "by time, not as sent");
    let again = place.record(world, &[early, other, late], 0.9).await;
    let expected = [
        Reception::Repeated(second.clone()),
        Reception::Contradicted(first.clone()),
        Reception::Repeated(first.clone()),
    ];
    assert_eq!(again, expected);
    assert_eq!(store.event(us, first.event.id).await.unwrap().as_ref(), Some(first));
    assert_eq!(store.event_by_client_id(us, "b").await.unwrap().as_ref(), Some(second));
    let logged = store.prediction(us, first.event.prediction).await.unwrap().unwrap();
    assert_eq!(logged.prediction.score, first.event.score);
    assert_eq!(store.predictions(us, &PredictionFilter::default(), None, 9).await.unwrap().items.len(), 2);
}

async fn nothing_is_recorded_when_something_fails(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let place = Place::new(world, "north").await;
    let sent = [place.check_in("a", 0), NewEvent { employee: EmployeeId(999), ..place.check_in("b", 1) }];
    let scored = async |unscored: Unscored| Ok(place.scored(&unscored, |_| 0.9));
    let unknown = store.record_events::<Error, _>(us, &sent, scored).await;
    assert!(matches!(unknown, Err(Error::NotFound)));
    let failed = async |_: Unscored| Err(Error::Conflict("the model is away"));
    assert!(matches!(store.record_events(us, &sent[..1], failed).await, Err(Error::Conflict("the model is away"))));
    let short = async |_: Unscored| Ok(Vec::new());
    assert!(store.record_events::<Error, _>(us, &sent[..1], short).await.is_err());
    let nul = [NewEvent { client_id: "\0".into(), ..place.check_in("c", 1) }];
    let scored = async |unscored: Unscored| Ok(place.scored(&unscored, |_| 0.9));
    assert!(matches!(store.record_events::<Error, _>(us, &nul, scored).await, Err(Error::Nul)));

    assert!(store.events(us, &EventFilter::default(), None, 9).await.unwrap().items.is_empty());
    assert!(store.predictions(us, &PredictionFilter::default(), None, 9).await.unwrap().items.is_empty());
    let recorded = place.recorded(world, &sent[..1], 0.9).await;
    assert_eq!(recorded[0].case.unwrap().0, 1, "no number is lost");
}

async fn events_see_what_was_recorded_before_them(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let place = Place::new(world, "north").await;
    let other = Place::new(world, "south").await;
    let past = [-91 * 24, -89 * 24, -5, -5].into_iter().enumerate();
    let past: Vec<_> = past.map(|(i, hours)| place.check_in(&format!("past {i}"), hours)).collect();
    let past: Vec<_> = place.recorded(world, &past, 0.1).await.iter().map(|r| r.event.moment()).collect();
    other.recorded(world, &[other.check_in("elsewhere", -1)], 0.1).await;
    let sent = [place.check_in("now", 0), place.check_in("late", -5), place.check_in("now too", 0)];
    let seen = std::sync::Mutex::new(Unscored::default());
    let scoring = async |unscored: Unscored| {
        let scored = place.scored(&unscored, |_| 0.1);
        *seen.lock().unwrap() = unscored;
        Ok(scored)
    };
    let receptions = store.record_events::<Error, _>(us, &sent, scoring).await.unwrap();
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen.events.iter().map(|event| event.sent).collect::<Vec<_>>(), [1, 0, 2]);
    assert_eq!(seen.histories, HashMap::from([(place.employee.id, past[1..].to_vec())]));
    assert_eq!(past[1].late, Some(true));
    for (event, next) in seen.events.iter().zip(&seen.events[1..]) {
        assert!(past[3].id < event.moment.id && event.moment.id < next.moment.id);
    }
    let Reception::Recorded(now) = &receptions[0] else { panic!() };
    assert_eq!(now.event.moment(), seen.events[1].moment);

    let histories: Vec<_> = store.histories(us).try_collect().await.unwrap();
    assert_eq!(
        histories.iter().map(|(id, h)| (*id, h.len())).collect::<Vec<_>>(),
        [(place.employee.id, 7), (other.employee.id, 1)]
    );
    let history: Vec<Moment> = histories[0].1.iter().map(|(moment, _)| *moment).collect();
    let recorded: Vec<Moment> = past.into_iter().chain(seen.events.iter().map(|event| event.moment)).collect();
    assert_eq!(history, recorded);
}

/// Two processes that each keep what they read: requests in time, late and very late, one that fails, and many at once.
async fn histories_are_whole_whoever_recorded_them(world: &World) {
    let us = world.us();
    let (north, south) = (Place::new(world, "north").await, Place::new(world, "south").await);
    let other_process = Store::open(&Settings::new(&world.url)).await.unwrap();
    let hours = [-5, 0, -2_400, 3, -5, 24, 23, 2_400, 2_399, 2_400 - 90 * 24, -2_400, 2_401];
    for (round, hour) in hours.into_iter().enumerate() {
        let store = if round % 3 == 1 { &other_process } else { &world.store };
        let many = if round == 7 { 10_001 } else { 1 };
        let north_sent = (0..many).map(|i| north.check_in(&format!("n{round} {i}"), hour));
        let mut sent: Vec<_> = north_sent.collect();
        sent.extend((round % 2 == 0).then(|| south.check_in(&format!("s{round}"), hour + 1)));
        let (first, last) = (sent[0].at, sent[sent.len() - 1].at);
        let mut expected = HashMap::new();
        for place in [&north, &south] {
            let mut all: Vec<_> =
                store.history(us, place.employee.id).await.unwrap().into_iter().map(|m| m.0).collect();
            all.retain(|moment| (first.plus(-WINDOW)..=last).contains(&moment.at));
            all.sort_by_key(|moment| (moment.at, moment.id));
            expected.insert(place.employee.id, all);
        }
        let seen = std::sync::Mutex::new(HashMap::new());
        let scoring = async |unscored: Unscored| {
            let scored = north.scored(&unscored, |_| 0.1);
            *seen.lock().unwrap() = unscored.histories;
            if round == 3 { Err(Error::Conflict("the model is away")) } else { Ok(scored) }
        };
        assert_eq!(store.record_events(us, &sent, scoring).await.is_err(), round == 3);
        for (employee, seen) in seen.into_inner().unwrap() {
            assert_eq!(seen, expected[&employee], "round {round}");
        }
    }
    other_process.close().await;
}

async fn simultaneous_senders_record_each_event_once_and_one_case(world: &World) {
    let place = Place::new(world, "north").await;
    let batch = |sender: i64| {
        let own = format!("own {sender}");
        let mut batch = vec![place.check_in("shared", 0), place.check_in(&own, sender % 3)];
        batch.rotate_left(sender as usize % 2);
        batch
    };
    let batches: Vec<_> = (0..8).map(batch).collect();
    let receptions = join_all(batches.iter().map(|batch| place.record(world, batch, 0.9))).await;
    let recorded = receptions.into_iter().flatten().filter(|reception| matches!(reception, Reception::Recorded(_)));
    assert_eq!(recorded.count(), 9);
    let case = world.store.case(world.us(), CaseId(1)).await.unwrap().unwrap();
    assert_eq!((case.events, case.revision), (9, 9));
    assert!(world.store.case(world.us(), CaseId(2)).await.unwrap().is_none());
    let steps = world.store.case_steps(world.us(), case.id, None, 50).await.unwrap().items;
    assert_eq!(steps.iter().map(|step| step.sequence).collect::<Vec<_>>(), (1..=9).rev().collect::<Vec<_>>());
}

async fn events_are_listed_by_what_is_asked_for(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let (north, south) = (Place::new(world, "north").await, Place::new(world, "south").await);
    let sent: Vec<_> = (0..10).map(|i| north.check_in(&format!("n{i}"), i)).collect();
    north.recorded(world, &sent, 0.1).await;
    let suspect = south.recorded(world, &[south.check_in("s", 3)], 0.9).await.remove(0);
    let guest = NewEvent { site: south.site.id, ..north.check_in("guest", 4) };
    north.recorded(world, &[guest], 0.1).await;
    let found = async |filter: EventFilter| -> Vec<String> {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let page = store.events(us, &filter, cursor.as_ref(), 3).await.unwrap();
            found.extend(page.items.into_iter().map(|recorded| recorded.event.client_id));
            cursor = page.next;
            if cursor.is_none() {
                return found;
            }
        }
    };
    let all = EventFilter::default();
    let everything = ["n9", "n8", "n7", "n6", "n5", "guest", "n4", "s", "n3", "n2", "n1", "n0"];
    assert_eq!(found(all).await, everything);
    assert_eq!(found(EventFilter { employee: Some(north.employee.id), ..all }).await.len(), 11);
    assert_eq!(found(EventFilter { site: Some(south.site.id), ..all }).await, ["guest", "s"]);
    assert_eq!(found(EventFilter { case: suspect.case, ..all }).await, ["s"]);
    let (from, until) = (Some(NOW.plus(2 * HOUR)), Some(NOW.plus(4 * HOUR)));
    assert_eq!(found(EventFilter { from, until, ..all }).await, ["s", "n3", "n2"]);

    let day = NOW.plus(HOUR).0.div_euclid(DAY);
    let days = store.attendance_days(us, day, day + 1).await.unwrap();
    assert_eq!(days.iter().map(|day| day.events).sum::<i64>(), 12);
    assert_eq!(days.iter().filter(|day| day.site == south.site.id).map(|day| day.events).sum::<i64>(), 2);
}

async fn many_events_are_recorded_at_once(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let place = Place::new(world, "north").await;
    let sent: Vec<_> = (0..1_500).map(|i| place.check_in(&i.to_string(), i)).collect();
    let scoring = async |unscored: Unscored| {
        let mut scored = place.scored(&unscored, |moment| if moment.id.0 % 100 == 0 { 0.9 } else { 0.1 });
        scored[7].truth = Some(truth(&scored[7].prediction, "yes", NOW));
        Ok::<_, Error>(scored)
    };
    let receptions = store.record_events(us, &sent, scoring).await.unwrap();
    assert_eq!(receptions.len(), 1_500);
    let last = store.event(us, EventId(1_500)).await.unwrap().unwrap();
    assert_eq!((last.event.client_id.as_str(), last.case.map(|case| case.0)), ("1499", Some(15)));
    let labelled: Vec<_> = store.labelled(us, place.model.id, NOW).try_concat().await.unwrap();
    assert_eq!(labelled.len(), 1);
    let volume = store.hourly_volume(us, place.model.id, NOW, NOW.plus(1)).await.unwrap();
    assert_eq!(volume[0].predictions, 1_500);
}
