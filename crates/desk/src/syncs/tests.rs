use std::slice::from_ref;
use std::sync::Arc;

use domain::specification::EstimatorKind;
use domain::sync::{Advice, FEATURES, MODEL, PlannedKind};
use domain::time::{DAY, HOUR, SECOND};
use domain::{Actor, KeyId, PredictionId, Role, Scope, Timestamp, Who};
use ml::measure::Sweep;
use serde_json::{Value, json};
use simulate::sync::{Event, Plan};
use tempfile::TempDir;

use super::{Observations, PlanDraft, SyncDraft, SyncFilter, SyncReception};
use crate::Desk;
use crate::error::Error;
use crate::people::NewPerson;
use crate::testing::{Hands, desk_with};
use crate::training::Options;

/// 2026-01-05, a Monday, 00:00 UTC.
const MONDAY: Timestamp = Timestamp(1_767_571_200_000_000);

struct Field {
    desk: Desk,
    actor: Actor,
    hands: Arc<Hands>,
    _folder: TempDir,
}

async fn field() -> Field {
    let folder = tempfile::tempdir().unwrap();
    let hands = Hands::at(MONDAY.plus(DAY));
    let desk = desk_with(folder.path(), Arc::clone(&hands) as _).await;
    let actor = Actor::operator(desk.tenants().create("acme", "Acme", "UTC").await.unwrap().id);
    Field { desk, actor, hands, _folder: folder }
}

fn draft(client_id: &str, person: &str, hours: i64) -> SyncDraft {
    SyncDraft {
        client_id: client_id.to_owned(),
        client: String::from("tablet"),
        person: person.to_owned(),
        entity_type: String::from("order"),
        entity: String::from("4711"),
        fields: vec![String::from("total"), String::from("address")],
        last_sync: Some(MONDAY.plus((hours - 2) * HOUR)),
        at: MONDAY.plus(hours * HOUR),
        conflict: None,
    }
}

fn plan(person: &str, fields: &[&str]) -> PlanDraft {
    PlanDraft {
        client: String::from("phone"),
        person: person.to_owned(),
        entity_type: String::from("order"),
        entity: String::from("4711"),
        fields: fields.iter().map(ToString::to_string).collect(),
        last_sync: Some(MONDAY.plus(20 * HOUR)),
    }
}

impl Field {
    async fn record(&self, drafts: &[SyncDraft]) -> Vec<SyncReception> {
        self.desk.syncs().record(&self.actor, drafts).await.unwrap()
    }

    async fn truths(&self, id: PredictionId) -> Vec<(String, String)> {
        let outcomes = self.desk.predictions().outcomes(&self.actor, id).await.unwrap();
        outcomes.into_iter().map(|outcome| (outcome.truth, outcome.reason)).collect()
    }

    async fn logged(&self, id: PredictionId) -> Value {
        let detail = self.desk.predictions().get(&self.actor, id).await.unwrap();
        serde_json::from_str(&detail.prediction.features).unwrap()
    }
}

fn event(reception: &SyncReception) -> &domain::sync::SyncEvent {
    match reception {
        SyncReception::Recorded(event)
        | SyncReception::Repeated(event)
        | SyncReception::Amended(event)
        | SyncReception::Contradicted(event)
        | SyncReception::Overruled(event) => event,
    }
}

#[tokio::test]
async fn a_sync_is_recorded_once_and_its_conflict_may_be_said_later() {
    let field = field().await;
    let sent = draft("a", "ada", 8);
    let first = field.record(from_ref(&sent)).await;
    assert!(matches!(first[0], SyncReception::Recorded(_)));
    // the same in other words
    let same = SyncDraft { fields: vec!["address".into(), " total".into(), "total".into()], ..sent.clone() };
    assert_eq!(field.record(&[same]).await, [SyncReception::Repeated(event(&first[0]).clone())]);
    let said = SyncDraft { conflict: Some(true), ..sent.clone() };
    let amended = field.record(&[said]).await;
    assert!(matches!(&amended[0], SyncReception::Amended(event) if event.conflict == Some(true)));
    let other = SyncDraft { person: String::from("bob"), ..sent };
    assert!(matches!(field.record(&[other]).await[0], SyncReception::Contradicted(_)));
    let (kept, words) = field.desk.syncs().get(&field.actor, event(&first[0]).id).await.unwrap();
    assert_eq!((kept.conflict, words.len(), words[0].actor.as_str()), (Some(true), 1, "operator"));
}

#[tokio::test]
async fn what_was_scored_is_counted_as_of_any_model() {
    let field = field().await;
    field.record(&[draft("a", "ada", 8), draft("b", "bob", 9)]).await;
    field.record(&[draft("b", "bob", 9), draft("c", "cem", 10)]).await;
    field.desk.syncs().plan(&field.actor, &[plan("eve", &["note"])]).await.unwrap();
    let counted = field.desk.service().figures(&field.actor).await.unwrap().models;
    assert_eq!((counted.len(), counted[0].sources, counted[0].latencies.iter().sum::<u64>()), (1, [0, 0, 4], 3));
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_recorded() {
    let field = field().await;
    let good = draft("a", "ada", 8);
    let drafts = [
        good.clone(),
        SyncDraft { client_id: String::from(" "), ..good.clone() },
        SyncDraft { entity: String::from("a\tb"), ..good.clone() },
        SyncDraft { fields: vec![String::new()], ..good.clone() },
        SyncDraft { last_sync: Some(MONDAY.plus(9 * HOUR)), ..good.clone() },
        SyncDraft { at: Timestamp(i64::MAX), ..good },
    ];
    let Err(Error::Invalid(wrong)) = field.desk.syncs().record(&field.actor, &drafts).await else { panic!() };
    let fields: Vec<&str> = wrong.iter().map(|error| error.field.as_str()).collect();
    let expected = ["[1].client_id", "[2].entity", "[3].fields[0]", "[4].last_sync", "[5].at"];
    assert_eq!(fields, expected.map(|name| format!("events{name}")));
    let Err(Error::Invalid(wrong)) = field.desk.syncs().plan(&field.actor, &[plan("", &["a"])]).await else { panic!() };
    assert_eq!(wrong[0].field, "syncs[0].person");
    let listed = field.desk.syncs().list(&field.actor, &SyncFilter::default(), None, 10).await.unwrap();
    assert!(listed.items.is_empty());
}

#[tokio::test]
async fn a_program_needs_the_right_for_what_it_says() {
    let field = field().await;
    let key = |scope| {
        let who = Who::Key { id: KeyId(1), name: String::from("app"), scopes: vec![scope], maker: None };
        Actor { tenant: field.actor.tenant, who }
    };
    let (plain, known) = (draft("a", "ada", 8), SyncDraft { conflict: Some(false), ..draft("b", "ada", 8) });
    let syncs = field.desk.syncs();
    assert!(matches!(syncs.record(&key(Scope::Read), from_ref(&plain)).await, Err(Error::Refused(_))));
    syncs.record(&key(Scope::Write), &[plain]).await.unwrap();
    let made = field.desk.audit().list(&field.actor, Some("model.created"), None, 9).await.unwrap();
    assert_eq!(made.iter().map(|entry| entry.actor.as_str()).collect::<Vec<_>>(), ["key:1 app"]);
    assert!(matches!(syncs.record(&key(Scope::Write), from_ref(&known)).await, Err(Error::Refused(_))));
    syncs.record(&key(Scope::Predict), &[known]).await.unwrap();
    assert!(matches!(syncs.plan(&key(Scope::Write), &[plan("ada", &["a"])]).await, Err(Error::Refused(_))));
    assert!(matches!(syncs.list(&key(Scope::Predict), &SyncFilter::default(), None, 1).await, Err(Error::Refused(_))));
}

/// At midnight: ada brought total and address at 21 h, and bob asks, who had the order at 20 h.
#[tokio::test]
async fn a_planned_sync_is_answered_with_advice_and_what_it_comes_from() {
    let field = field().await;
    field.record(&[draft("a", "ada", 21)]).await;
    let asked = [plan("bob", &["total", "note"]), plan("bob", &["note"]), plan("ada", &["total"])];
    let answers = field.desk.syncs().plan(&field.actor, &asked).await.unwrap();
    let advice: Vec<Advice> = answers.iter().map(|answer| answer.advice).collect();
    assert_eq!(advice, [Advice::AskToMerge, Advice::SyncNow, Advice::SyncNow]);
    let features = answers[0].features;
    assert!((features.get("hours_since_last_sync").unwrap() - 4.0).abs() < 1e-6);
    let named = ["concurrent_editors", "conflict_rate_30d", "entity_edits_24h", "field_overlap"];
    assert_eq!(named.map(|name| features.get(name)), [1.0, 0.1, 1.0, 0.5].map(Some));
    assert_eq!((answers[0].predicted.answer.score, answers[0].threshold), (0.6, 0.5));
    let logged = field.logged(answers[0].predicted.id).await;
    let shown = FEATURES
        .iter()
        .all(|info| (logged[info.name].as_f64().unwrap() - features.get(info.name).unwrap()).abs() < 1e-9);
    assert!(shown && logged["at"].is_string(), "{logged}");
    let kept = field.desk.store().planned_sync(field.actor.tenant, answers[0].predicted.id).await.unwrap().unwrap();
    assert_eq!((kept.kind, kept.advice), (PlannedKind::Asked, Advice::AskToMerge));
    // Another organisation sees nothing of it.
    let other = Actor::operator(field.desk.tenants().create("other", "Other", "UTC").await.unwrap().id);
    let elsewhere = field.desk.syncs().plan(&other, &asked[..1]).await.unwrap();
    assert_eq!(elsewhere[0].features.get("concurrent_editors"), Some(0.0));
}

#[tokio::test]
async fn many_planned_syncs_are_answered_in_their_order() {
    let field = field().await;
    field.record(&[draft("a", "p149", 21)]).await;
    let asked: Vec<PlanDraft> = (0..150).map(|i| plan(&format!("p{i}"), &["total"])).collect();
    let answers = field.desk.syncs().plan(&field.actor, &asked).await.unwrap();
    let advised = answers.iter().filter(|answer| answer.advice == Advice::AskToMerge).count();
    assert_eq!((answers.len(), advised, answers[149].advice), (150, 149, Advice::SyncNow));
    for (answer, asked) in answers.iter().zip(&asked) {
        let kept = field.desk.store().planned_sync(field.actor.tenant, answer.predicted.id).await.unwrap().unwrap();
        assert_eq!((kept.sync.person, kept.advice), (asked.person.clone(), answer.advice));
    }
}

#[tokio::test]
async fn outcomes_are_observed_and_late_words_correct_them_at_once() {
    let field = field().await;
    let asked = field.desk.syncs().plan(&field.actor, &[plan("bob", &["note"]), plan("eve", &["note"])]).await.unwrap();
    let (first, second) = (asked[0].predicted.id, asked[1].predicted.id);
    assert_eq!(field.desk.syncs().observe_due().await.unwrap(), Observations::default());
    field.hands.go_on(DAY + SECOND);
    let syncs = field.desk.syncs();
    let both = tokio::join!(syncs.observe_due(), syncs.observe_due());
    let (one, other) = (both.0.unwrap(), both.1.unwrap());
    assert_eq!((one.recorded + other.recorded, one.looked_at + other.looked_at), (2, 2));

    // A person knows better of the second.
    let person = NewPerson {
        email: String::from("sami@acme.example"),
        name: String::from("Sami"),
        role: Role::Supervisor,
        password: String::from("a long password"),
    };
    let sami = field.desk.people().add(&field.actor, person).await.unwrap();
    let sami = Actor { who: Who::Person { id: sami.id, name: sami.name, role: sami.role }, ..field.actor.clone() };
    let predictions = field.desk.predictions();
    predictions.correct_outcome(&sami, second, &json!("yes"), "they called").await.unwrap();
    predictions.correct_outcome(&sami, second, &json!("no"), "they called again").await.unwrap();

    let late = SyncDraft { conflict: Some(true), ..draft("late", "cem", 26) };
    field.record(&[late]).await;
    let (no, yes) = (String::from("no"), String::from("yes"));
    let reason = String::from("what was said later of sync event late");
    assert_eq!(field.truths(first).await, [(no.clone(), String::new()), (yes, reason)]);
    assert_eq!(field.truths(second).await.last().unwrap(), &(no, String::from("they called again")));
    let logged = field.desk.audit().list(&field.actor, Some("outcome.corrected"), None, 9).await.unwrap();
    assert_eq!(logged.len(), 3);
}

/// The sender of a late word settles as much as fits into one transaction, here of 602: what was planned 600 times, the late
/// sync itself, and what it corrects.
#[tokio::test]
async fn a_late_word_waits_for_one_look_at_what_is_due() {
    let field = field().await;
    let syncs = field.desk.syncs();
    syncs.plan(&field.actor, &[plan("bob", &["note"])]).await.unwrap();
    field.hands.go_on(DAY + SECOND);
    assert_eq!(syncs.observe_due().await.unwrap().recorded, 1);
    let asked: Vec<PlanDraft> = (0..600).map(|i| plan(&format!("p{i}"), &["note"])).collect();
    syncs.plan(&field.actor, &asked).await.unwrap();
    field.hands.go_on(DAY + SECOND);
    field.record(&[SyncDraft { conflict: Some(true), ..draft("late", "cem", 26) }]).await;
    let rest = syncs.observe_due().await.unwrap();
    assert_eq!((rest.looked_at, rest.corrected), (102, 1));
}

fn sent(event: &Event, known: bool) -> SyncDraft {
    let sync = event.sync.clone();
    SyncDraft {
        client_id: event.client_id.clone(),
        client: sync.client,
        person: sync.person,
        entity_type: sync.entity.entity_type,
        entity: sync.entity.entity,
        fields: sync.fields,
        last_sync: sync.last_sync,
        at: sync.at,
        conflict: known.then_some(event.conflict),
    }
}

/// Four weeks to learn from, the fifth to be judged by. Every sync of the fifth is scored before anybody knows how it ends;
/// its outcome is observed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trained_model_ranks_the_syncs_of_later_weeks() {
    let field = field().await;
    let world = Plan { people: 40, entities: 300, days: 35, ..Plan::new(7) }.world();
    let cut = MONDAY.plus(28 * DAY);
    let (learnt, judged): (Vec<&Event>, Vec<&Event>) = world.events.iter().partition(|event| event.received_at < cut);
    field.hands.go_on(27 * DAY);
    for part in learnt.chunks(5_000) {
        field.record(&part.iter().map(|event| sent(event, true)).collect::<Vec<_>>()).await;
    }
    field.desk.syncs().observe_due().await.unwrap();
    let options = Options { estimator: Some(EstimatorKind::Boosted), ..Options::default() };
    field.desk.training().start(&field.actor, MODEL, options).await.unwrap();
    while field.desk.training().work_once("worker").await.unwrap() {}
    field.desk.versions().promote(&field.actor, MODEL, 1, "first", false).await.unwrap();

    field.hands.go_on(9 * DAY);
    let (mut scores, mut truths) = (Vec::new(), Vec::new());
    let mut ids = Vec::new();
    for part in judged.chunks(500) {
        let drafts: Vec<SyncDraft> = part.iter().map(|event| sent(event, false)).collect();
        ids.extend(field.record(&drafts).await.iter().map(|reception| event(reception).prediction));
        field.record(&part.iter().map(|event| sent(event, true)).collect::<Vec<_>>()).await;
    }
    field.desk.syncs().observe_due().await.unwrap();
    let tenant = field.actor.tenant;
    for id in ids {
        let planned = field.desk.store().planned_sync(tenant, id).await.unwrap().unwrap();
        let outcome = field.desk.store().prediction(tenant, id).await.unwrap().unwrap().outcome.unwrap();
        assert_eq!(outcome.truth == "yes", planned.observed.unwrap());
        scores.push(planned.score as f32);
        truths.push(u32::from(outcome.truth == "yes"));
    }
    let auc = Sweep::new(&scores, &truths).unwrap().roc_auc().unwrap();
    assert!(auc > 0.80, "{auc} on {} syncs, {} with a conflict", truths.len(), truths.iter().sum::<u32>());
}
