use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::person::Person;
use domain::time::SECOND;
use domain::{Clock, Role, Scope, Timestamp};
use futures::future::join_all;
use serde_json::json;
use store::{Counted, Error, NewKey, Sessions, ThrottlePolicy};
use time::OffsetDateTime;
use tower_sessions_core::session::{Id, Record};
use tower_sessions_core::{ExpiredDeletion, SessionStore};

use crate::people::new_person;
use crate::support::{NOW, World, event};

crate::on_both!(
    a_setup_link_works_once,
    a_setup_link_expires,
    attempts_are_counted_and_block,
    attempts_at_once_do_not_all_pass,
    a_success_takes_its_own_failures_back,
    sessions_come_back_until_they_expire,
    keys_are_found_by_hash_and_revoked,
);

async fn a_setup_link_works_once(world: &World) {
    let (us, store) = (world.us(), &world.store);
    store.create_setup_link(us, "old", NOW, NOW.plus(100)).await.unwrap();
    store.create_setup_link(us, "hash", NOW, NOW.plus(100)).await.unwrap();
    assert_eq!(store.setup_link("old", NOW).await.unwrap(), None);
    assert_eq!(store.setup_link("hash", NOW).await.unwrap(), Some(us));
    let used = |_: &Person| [event(us, "person.added"), event(us, "tenant.named")];
    let people: Vec<_> = (0..8).map(|i| new_person(&format!("{i}@example.org"), Role::Admin)).collect();
    let tries = people.iter().map(|person| store.consume_setup_link(us, "hash", person, "Ours & Co", NOW, used));
    let results = join_all(tries).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert_eq!(store.count_all_people().await.unwrap(), 1);
    assert_eq!(store.tenant(us).await.unwrap().unwrap().name, "Ours & Co");
    assert_eq!(store.setup_link("hash", NOW).await.unwrap(), None);
    let late = store.create_setup_link(us, "late", NOW, NOW.plus(100)).await;
    assert!(matches!(late, Err(Error::Conflict(_))));
}

async fn a_setup_link_expires(world: &World) {
    let (us, store) = (world.us(), &world.store);
    store.create_setup_link(us, "hash", NOW, NOW.plus(100)).await.unwrap();
    let person = new_person("a@example.org", Role::Admin);
    for (token, at) in [("hash", NOW.plus(100)), ("other", NOW)] {
        let result = store.consume_setup_link(us, token, &person, "Ours", at, |_| unreachable!()).await;
        assert!(matches!(result, Err(Error::NotFound)));
    }
    let result = store.consume_setup_link(world.them(), "hash", &person, "Theirs", NOW, |_| unreachable!()).await;
    assert!(matches!(result, Err(Error::NotFound)));
}

const POLICY: ThrottlePolicy = ThrottlePolicy { window: 60 * SECOND, allowed: 3, block: 30 * SECOND };

async fn attempts_are_counted_and_block(world: &World) {
    let store = &world.store;
    let ada = [Counted { key: "ada", policy: POLICY }];
    let attempt = async |at: i64| store.count_attempt(&ada, NOW.plus(at * SECOND)).await.unwrap();
    let blocked = Some(NOW.plus(32 * SECOND));
    assert_eq!([attempt(0).await, attempt(1).await, attempt(2).await], [None; 3]);
    assert_eq!([attempt(3).await, attempt(31).await], [blocked; 2]);
    let until = async |at: i64| store.attempts_blocked_until("ada", NOW.plus(at * SECOND)).await.unwrap();
    assert_eq!((until(3).await, until(32).await), (blocked, None));
    assert_eq!([attempt(61).await, attempt(62).await], [None; 2], "a new window");
    store.take_back_attempts("ada", None).await.unwrap();
    assert_eq!([attempt(63).await, attempt(64).await, attempt(65).await], [None; 3]);
    assert_eq!(store.delete_old_login_failures(NOW.plus(99 * SECOND), NOW.plus(99 * SECOND)).await.unwrap(), 1);
}

async fn attempts_at_once_do_not_all_pass(world: &World) {
    let eve = [Counted { key: "eve", policy: POLICY }];
    let attempts = join_all((0..10).map(|_| world.store.count_attempt(&eve, NOW))).await;
    assert_eq!(attempts.into_iter().filter(|attempt| attempt.as_ref().unwrap().is_none()).count(), 3);
}

async fn a_success_takes_its_own_failures_back(world: &World) {
    let store = &world.store;
    let office = Counted { key: "office", policy: POLICY };
    let attempt = async |key| store.count_attempt(&[Counted { key, policy: POLICY }, office], NOW).await.unwrap();
    assert_eq!([attempt("ada").await, attempt("ada").await], [None; 2]);
    store.take_back_attempts("ada", Some(office)).await.unwrap();
    assert_eq!([attempt("eve").await, attempt("eve").await, attempt("bob").await], [None; 3]);
    for _ in 0..3 {
        assert!(attempt("cyd").await.is_some());
    }
    assert_eq!(store.count_attempt(&[Counted { key: "cyd", ..office }], NOW).await.unwrap(), None, "all or none");
    store.take_back_attempts("bob", Some(office)).await.unwrap();
    assert_eq!(attempt("bob").await, None, "what failed is below the bound again");
}

struct Dial(AtomicI64);

impl Clock for Dial {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

fn record(person: i64) -> Record {
    let data = HashMap::from([(String::from("person_id"), json!(person)), (String::from("flash"), json!("ü\"x\""))]);
    let expiry = i128::from(NOW.plus(60 * SECOND).0) * 1_000;
    Record { id: Id::default(), data, expiry_date: OffsetDateTime::from_unix_timestamp_nanos(expiry).unwrap() }
}

async fn sessions_come_back_until_they_expire(world: &World) {
    let clock = Arc::new(Dial(AtomicI64::new(NOW.0)));
    let sessions = Sessions::new(world.store.clone(), clock.clone());
    let mut ada = record(1);
    sessions.create(&mut ada).await.unwrap();
    assert_eq!(sessions.load(&ada.id).await.unwrap().as_ref(), Some(&ada));
    let mut twin = Record { id: ada.id, ..record(2) };
    sessions.create(&mut twin).await.unwrap();
    assert_ne!(twin.id, ada.id, "an id in use is not handed out again");
    ada.data.insert("flash".into(), json!(null));
    sessions.save(&ada).await.unwrap();
    assert_eq!(sessions.load(&ada.id).await.unwrap(), Some(ada.clone()));
    clock.0.store(NOW.plus(60 * SECOND).0, Ordering::SeqCst);
    assert_eq!(sessions.load(&twin.id).await.unwrap(), None);
    sessions.delete_expired().await.unwrap();
    clock.0.store(NOW.0, Ordering::SeqCst);
    assert_eq!(sessions.load(&twin.id).await.unwrap(), None);
    let mut third = record(3);
    sessions.create(&mut third).await.unwrap();
    sessions.delete(&third.id).await.unwrap();
    assert_eq!(sessions.load(&third.id).await.unwrap(), None);
    sessions.save(&third).await.unwrap();
    assert_eq!(sessions.load(&third.id).await.unwrap(), None, "what is gone stays gone");
}

async fn keys_are_found_by_hash_and_revoked(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let added = |_: &Person| event(us, "person.added");
    let ada = store.create_person(us, &new_person("ada@example.org", Role::Admin), NOW, added).await.unwrap();
    let new = NewKey {
        name: "till".into(),
        prefix: "vk_ab".into(),
        secret_hash: "h1".into(),
        scopes: vec![Scope::Predict, Scope::Read],
        created_by: "operator".into(),
        maker: Some(ada.id),
        expires_at: Some(NOW.plus(9)),
    };
    let key = store.create_key(us, &new, NOW, |_| event(us, "key.created")).await.unwrap();
    assert_eq!(store.key_by_secret_hash("h1").await.unwrap(), Some(key.clone()));
    assert_eq!(store.key_by_secret_hash("h2").await.unwrap(), None);
    assert_eq!(store.key(us, key.id).await.unwrap(), Some(key.clone()));
    assert_eq!(store.key(world.them(), key.id).await.unwrap(), None);
    assert!(store.touch_key(&key, NOW).await.unwrap());
    assert!(!store.touch_key(&key, NOW.plus(59 * SECOND)).await.unwrap(), "once a minute");
    assert!(store.touch_key(&key, NOW.plus(60 * SECOND)).await.unwrap());
    let elsewhere = store.revoke_key(world.them(), key.id, NOW, &event(world.them(), "key.revoked")).await;
    assert!(matches!(elsewhere, Err(Error::NotFound)));
    let revoked = store.revoke_key(us, key.id, NOW, &event(us, "key.revoked")).await.unwrap();
    assert_eq!(revoked.revoked_at, Some(NOW));
    assert_eq!(store.keys(us).await.unwrap(), vec![revoked]);
}
