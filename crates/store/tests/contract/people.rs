use domain::{Role, Timestamp};
use store::{Error, NewPerson};

use crate::support::{NOW, World, event};

crate::on_both!(addresses_are_unique_over_all_tenants, changes_end_sessions, the_last_admin_stays);

pub(crate) fn new_person(email: &str, role: Role) -> NewPerson {
    NewPerson { email: email.into(), name: email.into(), role, password_hash: "$argon2id$…".into() }
}

async fn addresses_are_unique_over_all_tenants(world: &World) {
    let new = new_person("ada@example.org", Role::Admin);
    world.store.create_person(world.us(), &new, NOW, |_| event(world.us(), "person.created")).await.unwrap();
    let again = world.store.create_person(world.them(), &new, NOW, |_| event(world.them(), "person.created")).await;
    assert!(matches!(again, Err(Error::Conflict(_))));
    // Nothing of a refused change is left, not even its audit entry.
    assert_eq!(world.verify_audit(world.them()).await, 1);
    let found = world.store.credentials_by_email("ada@example.org").await.unwrap().unwrap();
    assert_eq!((found.person.tenant, found.password_hash.as_str()), (world.us(), "$argon2id$…"));
    assert!(world.store.credentials_by_email("eve@example.org").await.unwrap().is_none());
    assert_eq!(world.store.count_all_people().await.unwrap(), 1);
}

async fn changes_end_sessions(world: &World) {
    let us = world.us();
    let created = |_: &_| event(us, "person.created");
    let store = &world.store;
    store.create_person(us, &new_person("root@example.org", Role::Admin), NOW, created).await.unwrap();
    let ada = store.create_person(us, &new_person("ada@example.org", Role::Labeler), NOW, created).await.unwrap();
    let epoch = async || store.signed_in(ada.id).await.unwrap().unwrap().session_epoch;
    assert_eq!(epoch().await, 0);
    let changed = event(us, "person.changed");
    assert_eq!(store.set_role(us, ada.id, Role::Supervisor, &changed).await.unwrap().role, Role::Supervisor);
    assert_eq!(epoch().await, 1);
    let disabled = store.disable_person(us, ada.id, Timestamp(5), &changed).await.unwrap();
    assert_eq!(disabled.disabled_at, Some(Timestamp(5)));
    assert_eq!(store.enable_person(us, ada.id, &changed).await.unwrap().disabled_at, None);
    store.set_password_hash(us, ada.id, "other", &changed).await.unwrap();
    store.log_out_everywhere(us, ada.id, &changed).await.unwrap();
    assert_eq!(epoch().await, 5);
    let elsewhere = store.set_role(world.them(), ada.id, Role::Admin, &event(world.them(), "person.changed")).await;
    assert!(matches!(elsewhere, Err(Error::NotFound)));
}

async fn the_last_admin_stays(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let created = |_: &_| event(us, "person.created");
    let ada = store.create_person(us, &new_person("ada@example.org", Role::Admin), NOW, created).await.unwrap();
    let bob = store.create_person(us, &new_person("bob@example.org", Role::Admin), NOW, created).await.unwrap();
    let changed = event(us, "person.changed");
    let both = tokio::join!(
        store.set_role(us, ada.id, Role::Labeler, &changed),
        store.disable_person(us, bob.id, NOW, &changed)
    );
    assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
}
