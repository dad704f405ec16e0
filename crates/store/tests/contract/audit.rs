use domain::Timestamp;
use futures::future::try_join_all;
use store::AuditFilter;

use crate::support::{NOW, World, event, prediction, truth};

crate::on_both!(concurrent_writers_make_one_chain, what_was_written_cannot_be_changed, pages_and_filters);

async fn concurrent_writers_make_one_chain(world: &World) {
    let appends = (0..20).map(|_| async {
        for _ in 0..5 {
            world.store.append_audit(&event(world.us(), "test.made")).await?;
        }
        Ok::<_, store::Error>(())
    });
    try_join_all(appends).await.unwrap();
    assert_eq!(world.verify_audit(world.us()).await, 101);
    assert_eq!(world.verify_audit(world.them()).await, 1);
}

async fn what_was_written_cannot_be_changed(world: &World) {
    let model = world.model("fraud").await;
    let dataset = world.dataset(&model).await;
    let version = world.version(&model, &dataset).await;
    let new = crate::models::promotion(&model, Some(version), None);
    world.store.deploy(world.us(), &new, NOW, &event(world.us(), "version.promoted")).await.unwrap();
    let asked = prediction(&model, NOW, 0.9);
    world.store.insert_predictions(std::slice::from_ref(&asked)).await.unwrap();
    world.store.insert_outcomes(world.us(), &[truth(&asked, "yes", NOW)], None).await.unwrap();
    for table in ["audit_entries", "outcomes", "deployments", "versions"] {
        for statement in [format!("UPDATE {table} SET tenant_id = tenant_id"), format!("DELETE FROM {table}")] {
            let refused = world.raw(&statement).await.unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{statement}: {refused}");
        }
    }
}

async fn pages_and_filters(world: &World) {
    for i in 0..25 {
        let action = if i % 5 == 0 { "rare.done" } else { "common.done" };
        let mut event = event(world.us(), action);
        event.at = NOW.plus(i);
        world.store.append_audit(&event).await.unwrap();
    }
    let all = AuditFilter::default();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = world.store.audit(world.us(), &all, cursor.as_ref(), 7).await.unwrap();
        seen.extend(page.items.iter().map(|entry| entry.sequence));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, (1..=26).rev().collect::<Vec<_>>());
    let rare = AuditFilter { action: Some("rare.done".into()), ..AuditFilter::default() };
    assert_eq!(world.store.audit(world.us(), &rare, None, 50).await.unwrap().items.len(), 5);
    let late = AuditFilter {
        from: Some(NOW.plus(20)),
        until: Some(Timestamp(NOW.0 + 22)),
        actor_prefix: Some("oper".into()),
        subject: Some("test:1".into()),
        ..AuditFilter::default()
    };
    assert_eq!(world.store.audit(world.us(), &late, None, 50).await.unwrap().items.len(), 2);
    assert_eq!(world.store.audit(world.them(), &rare, None, 50).await.unwrap().items.len(), 0);
}
