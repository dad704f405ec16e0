use domain::audit::Event;
use futures::future::try_join_all;

use crate::support::{NOW, World, event, new_dataset, prediction, truth};

crate::on_both!(concurrent_writers_make_one_chain, what_was_written_cannot_be_changed, pages_and_filters);

async fn concurrent_writers_make_one_chain(world: &World) {
    let appends = (0..20).map(|_| async {
        for _ in 0..5 {
            append(world, &event(world.us(), "test.made")).await?;
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
        let subject = if i % 5 == 0 { format!("rare:{i}") } else { format!("common:{i}") };
        append(world, &Event { subject, ..event(world.us(), "test.made") }).await.unwrap();
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = world.store.audit(world.us(), None, cursor.as_ref(), 7).await.unwrap();
        seen.extend(page.items.iter().map(|entry| entry.sequence));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, (1..=26).rev().collect::<Vec<_>>());
    for (about, found) in
        [("rare", 5), ("rare:1", 2), ("common:", 20), ("test.", 25), ("tenant.created", 1), ("are", 0)]
    {
        let page = world.store.audit(world.us(), Some(about), None, 50).await.unwrap();
        assert_eq!(page.items.len(), found, "{about}");
    }
    assert_eq!(world.store.audit(world.them(), Some("rare"), None, 50).await.unwrap().items.len(), 0);
}

async fn append(world: &World, event: &Event) -> Result<(), store::Error> {
    world.store.create_dataset(world.us(), &new_dataset(None), NOW, event).await.map(drop)
}
