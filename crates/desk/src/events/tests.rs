use std::collections::BTreeMap;

use domain::attendance::{EventKind, History, MODEL, Position, row};
use domain::case::{AUDIT_SHARE, State, Verdict};
use domain::time::{DAY, HOUR, SECOND};
use domain::{Actor, EmployeeId, KeyId, Role, Scope, Timestamp, Who};
use serde_json::Value;
use tempfile::TempDir;

use super::{EventDraft, EventFilter, Reception, RecordedEvent};
use crate::Desk;
use crate::cases::{CaseFilter, CaseOrder};
use crate::employees::EmployeeDraft;
use crate::error::Error;
use crate::people::NewPerson;
use crate::sites::SiteDraft;
use crate::testing::desk;

/// 2026-01-05, a Monday, 00:00 UTC.
pub(super) const MONDAY: Timestamp = Timestamp(1_767_571_200_000_000);
const SITE: Position = Position { latitude: 52.5, longitude: 13.4 };

pub(super) struct Plant {
    pub(super) desk: Desk,
    pub(super) actor: Actor,
    _folder: TempDir,
}

/// A site in Berlin with two employees.
pub(super) async fn plant() -> Plant {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path()).await;
    let actor = Actor::operator(desk.tenants().create("acme", "Acme", "Europe/Berlin").await.unwrap().id);
    let site = SiteDraft {
        reference: String::from("dock-4"),
        name: String::from("Dock 4"),
        latitude: SITE.latitude,
        longitude: SITE.longitude,
        time_zone: None,
    };
    desk.sites().create(&actor, site).await.unwrap();
    let employee = |reference: &str| EmployeeDraft {
        reference: reference.to_owned(),
        name: format!("Employee {reference}"),
        site: Some(String::from("dock-4")),
    };
    desk.employees().put(&actor, &[employee("e1"), employee("e2")]).await.unwrap();
    Plant { desk, actor, _folder: folder }
}

pub(super) fn check_in(client_id: &str, employee: &str, at: Timestamp, north_meters: f64) -> EventDraft {
    EventDraft {
        client_id: client_id.to_owned(),
        employee: employee.to_owned(),
        site: None,
        kind: EventKind::CheckIn,
        at,
        scheduled_at: None,
        latitude: Some(SITE.latitude + north_meters / 111_195.0),
        longitude: Some(SITE.longitude),
        face_confidence: Some(0.95),
        fraud: None,
    }
}

impl Plant {
    async fn record(&self, drafts: &[EventDraft]) -> Vec<Reception> {
        self.desk.events().record(&self.actor, drafts).await.unwrap()
    }

    pub(super) async fn record_one(&self, draft: EventDraft) -> RecordedEvent {
        match self.record(&[draft]).await.pop().unwrap() {
            Reception::Recorded(recorded) => recorded,
            other => panic!("{other:?}"),
        }
    }

    async fn logged(&self, recorded: &RecordedEvent) -> String {
        let detail = self.desk.predictions().get(&self.actor, recorded.event.prediction).await.unwrap();
        detail.prediction.features
    }

    async fn supervisor(&self, name: &str) -> Actor {
        let new = NewPerson {
            email: format!("{name}@acme.example"),
            name: name.to_owned(),
            role: Role::Supervisor,
            password: String::from("a long password"),
        };
        let person = self.desk.people().add(&self.actor, new).await.unwrap();
        let who = Who::Person { id: person.id, name: person.name, role: person.role };
        Actor { tenant: self.actor.tenant, who }
    }
}

#[tokio::test]
async fn an_event_is_recorded_once() {
    let plant = plant().await;
    let sent = check_in("a", "e1", MONDAY.plus(8 * HOUR), 20.0);
    let first = plant.record_one(sent.clone()).await;
    assert!((first.event.drift_meters.unwrap() - 20.0).abs() < 0.1);
    assert_eq!(first.event.offset_seconds, 3_600);
    assert_eq!(plant.record(std::slice::from_ref(&sent)).await, [Reception::Repeated(first.clone())]);
    let other = EventDraft { face_confidence: None, ..sent };
    assert_eq!(plant.record(&[other]).await, [Reception::Contradicted(first)]);
}

#[tokio::test]
async fn the_model_is_made_by_whoever_sends_the_first_event() {
    let plant = plant().await;
    let who = Who::Key { id: KeyId(1), name: String::from("gate"), scopes: vec![Scope::Predict], maker: None };
    let gate = Actor { tenant: plant.actor.tenant, who };
    plant.desk.events().record(&gate, &[check_in("a", "e1", MONDAY.plus(8 * HOUR), 20.0)]).await.unwrap();
    let made = plant.desk.audit().list(&plant.actor, Some("model.created"), None, 9).await.unwrap();
    assert_eq!(made.iter().map(|entry| entry.actor.as_str()).collect::<Vec<_>>(), ["key:1 gate"]);
    assert_eq!(plant.desk.models().get(&plant.actor, MODEL).await.unwrap().model.created_by, "key:1 gate");
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_recorded() {
    let plant = plant().await;
    let good = check_in("a", "e1", MONDAY, 0.0);
    let drafts = [
        good.clone(),
        EventDraft { employee: String::from("nobody"), ..good.clone() },
        EventDraft { longitude: None, ..good.clone() },
        EventDraft { face_confidence: Some(f64::NAN), ..good.clone() },
        EventDraft { at: Timestamp(i64::MAX), ..good.clone() },
        EventDraft { client_id: String::new(), ..good },
    ];
    let Err(Error::Invalid(wrong)) = plant.desk.events().record(&plant.actor, &drafts).await else { panic!() };
    let fields: Vec<&str> = wrong.iter().map(|error| error.field.as_str()).collect();
    let expected = ["[1].employee", "[2].longitude", "[3].face_confidence", "[4].at", "[5].client_id"];
    assert_eq!(fields, expected.map(|field| format!("events{field}")));
    let listed = plant.desk.events().list(&plant.actor, &EventFilter::default(), None, 10).await.unwrap();
    assert!(listed.items.is_empty());
}

#[tokio::test]
async fn a_doubtful_episode_is_one_case_and_its_verdict_is_the_truth_of_its_events() {
    let plant = plant().await;
    let first = plant.record_one(check_in("a", "e1", MONDAY.plus(2 * HOUR), 2_400.0)).await;
    let second = plant.record_one(check_in("b", "e1", MONDAY.plus(5 * HOUR), 3_000.0)).await;
    let other = plant.record_one(check_in("c", "e2", MONDAY.plus(5 * HOUR), 3_000.0)).await;
    let case = first.case.unwrap();
    assert_eq!(second.case, Some(case));
    assert!(other.case.is_some_and(|other| other != case));
    let (sami, ada) = (plant.supervisor("Sami").await, plant.supervisor("Ada").await);
    let cases = plant.desk.cases();
    assert!(matches!(cases.decide(&sami, case, Verdict::ConfirmedRisk, " ", None).await, Err(Error::Invalid(_))));
    cases.take(&sami, case).await.unwrap();
    let Err(Error::Conflict(held)) = cases.decide(&ada, case, Verdict::FalsePositive, "", None).await else { panic!() };
    assert!(held.starts_with("Sami has taken this case"), "{held}");
    let Err(Error::Conflict(grown)) =
        cases.decide(&sami, case, Verdict::ConfirmedRisk, "seen elsewhere", Some(1)).await
    else {
        panic!()
    };
    assert_eq!(grown, format!("another event has joined case {case}: look again"));
    let decided = cases.decide(&sami, case, Verdict::ConfirmedRisk, "seen elsewhere", Some(2)).await.unwrap();
    assert!(matches!(decided.state, State::Decided { verdict: Verdict::ConfirmedRisk, .. }));
    let Err(Error::Conflict(late)) = cases.decide(&ada, case, Verdict::FalsePositive, "", None).await else { panic!() };
    assert!(late.contains("decided as confirmed risk by person:") && late.contains("Sami"), "{late}");
    let truths = async || {
        let mut truths = Vec::new();
        for recorded in [&first, &second] {
            let outcomes = plant.desk.predictions().outcomes(&plant.actor, recorded.event.prediction).await.unwrap();
            truths.push(outcomes.into_iter().map(|outcome| outcome.truth).collect::<Vec<_>>());
        }
        truths
    };
    assert_eq!(truths().await, [["yes"], ["yes"]]);
    cases.correct(&ada, case, Verdict::FalsePositive, "the site had moved").await.unwrap();
    assert_eq!(truths().await, [["yes", "no"], ["yes", "no"]]);
    let evidence = cases.evidence(&plant.actor, case).await.unwrap();
    assert_eq!((evidence.events.len(), evidence.steps.len(), evidence.event.id), (2, 5, first.event.id));
    let listed = cases.list(&plant.actor, &CaseFilter::default(), CaseOrder::DueFirst, None, 10).await.unwrap();
    assert!(listed.items.iter().filter(|case| case.share == 1.0).count() == 2);
}

/// However few cases are looked at together.
#[tokio::test]
async fn the_next_case_is_found_behind_those_that_are_given_to_others() {
    let plant = plant().await;
    let (sami, ada) = (plant.supervisor("Sami").await, plant.supervisor("Ada").await);
    let mut opened = Vec::new();
    for day in 0..3 {
        let at = MONDAY.plus(day * DAY);
        opened.push(plant.record_one(check_in(&day.to_string(), "e1", at, 5_000.0)).await.case.unwrap());
    }
    let cases = plant.desk.cases();
    for case in &opened[..2] {
        cases.assign(&sami, *case, ada.person().unwrap()).await.unwrap();
    }
    let next = async |actor: &Actor| cases.next_of(actor, &CaseFilter::default(), 1).await.unwrap().map(|case| case.id);
    assert_eq!((next(&sami).await, next(&ada).await), (Some(opened[2]), Some(opened[0])));
    cases.take(&ada, opened[2]).await.unwrap();
    assert_eq!(next(&sami).await, None);
}

/// Phones come back into the net late: some events are recorded long after they happened, one by one or many together.
#[tokio::test]
async fn the_logged_figures_are_those_that_history_gives_again() {
    let plant = plant().await;
    let mut waiting = Vec::new();
    for day in 0..40 {
        for (i, employee) in ["e1", "e2"].into_iter().enumerate() {
            let at = MONDAY.plus(day * DAY + 8 * HOUR + (day * 37 % 50) * 60 * SECOND);
            let mut draft = check_in(&format!("{employee}-{day}"), employee, at, (day * 61 % 400) as f64);
            draft.scheduled_at = Some(MONDAY.plus(day * DAY + 8 * HOUR));
            draft.face_confidence = (day % 5 != 0).then_some((day * 13 % 100) as f64 / 100.0);
            waiting.push(draft);
            if day % 7 == 3 * i as i64 || day == 39 {
                waiting.reverse();
                let now: Vec<EventDraft> = waiting.split_off(waiting.len() / 2);
                plant.record(&now).await;
            }
        }
    }
    plant.record(&waiting).await;
    let mut events = Vec::new();
    let mut after = None;
    loop {
        let page = plant.desk.events().list(&plant.actor, &EventFilter::default(), after.as_ref(), 50).await.unwrap();
        events.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(events.len(), 80);
    let mut by_employee: BTreeMap<EmployeeId, Vec<RecordedEvent>> = BTreeMap::new();
    events.sort_by_key(|recorded| recorded.event.id);
    events.into_iter().for_each(|recorded| by_employee.entry(recorded.event.employee).or_default().push(recorded));
    for events in by_employee.values() {
        let history = History::new(events.iter().map(|recorded| recorded.event.moment()).collect());
        for recorded in events {
            let again = history.features(&recorded.event.moment());
            let logged = plant.logged(recorded).await;
            let at = recorded.event.at;
            let expected = [1.0, 1.0 / AUDIT_SHARE].map(|weight| Value::Object(row(&again, at, weight)).to_string());
            assert!(expected.contains(&logged), "{logged}");
        }
    }
}

#[tokio::test]
async fn a_truth_that_is_known_makes_no_case() {
    let plant = plant().await;
    let known = EventDraft { fraud: Some(true), ..check_in("a", "e1", MONDAY, 5_000.0) };
    let recorded = plant.record_one(known).await;
    assert_eq!(recorded.case, None);
    let outcomes = plant.desk.predictions().outcomes(&plant.actor, recorded.event.prediction).await.unwrap();
    assert_eq!(outcomes[0].truth, "yes");
}

#[tokio::test]
async fn a_file_is_recorded_once_and_its_mistakes_are_named_by_line() {
    let plant = plant().await;
    let csv = "client_id,employee,kind,at,latitude,longitude\n\
        a,e1,check_in,2026-01-05T08:00:00+01:00,52.5,13.4\n\
        b,e1,check_out,2026-01-05T16:00:00+01:00,,\n";
    let import = async |csv: &str| plant.desk.events().import(&plant.actor, csv.as_bytes().to_vec()).await;
    let first = import(csv).await.unwrap();
    assert_eq!((first.recorded, first.repeated), (2, 0));
    let again = import(csv).await.unwrap();
    assert_eq!((again.recorded, again.repeated), (0, 2));
    let wrong = csv.replace("check_out", "went").replace("2026-01-05T08:00:00+01:00", "yesterday");
    let Err(Error::Invalid(wrong)) = import(&wrong).await else { panic!() };
    assert_eq!(wrong.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["line 2.at", "line 3"]);
    let gaps = "client_id,employee,kind,at\n\n\"a\nb\",e1,check_in,never\n\nc,e9,check_in,2026-01-05T08:00:00Z\n";
    for (csv, expected) in [
        (gaps.to_owned(), vec!["line 3.at"]),
        (gaps.replace('\n', "\r\n"), vec!["line 3.at"]),
        (gaps.replace("never", "2026-01-05T07:00:00Z").replace('\n', "\r\n"), vec!["line 6.employee"]),
        (gaps.replace("c,e9", "c"), vec!["line 3.at", "line 6"]),
    ] {
        let Err(Error::Invalid(wrong)) = import(&csv).await else { panic!("{csv}") };
        assert_eq!(wrong.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), expected, "{csv:?}");
    }
}
