use domain::retraining::Trigger;

use super::*;
use crate::retraining::tests::Office;

#[tokio::test]
async fn no_more_files_are_measured_than_fit_into_memory() {
    let office = Office::new("").await;
    let (desk, actor) = (&office.desk, &office.actor);
    desk.retraining().retrain(actor, "model", None, Trigger::Hand).await.unwrap();
    assert!(desk.training().work_once("one").await.unwrap());
    let csv = "x,y\n1,no\n9,yes\n";
    let measure = async || desk.versions().evaluate(actor, "model", 1, csv.into()).await;
    let held = Arc::clone(&desk.inner.measuring).try_acquire_many_owned(MEASURED_AT_ONCE as u32).unwrap();
    assert!(matches!(measure().await, Err(Error::Unavailable { .. })));
    drop(held);
    assert_eq!(measure().await.unwrap().n, 2);
    assert_eq!(desk.inner.measuring.available_permits(), MEASURED_AT_ONCE);
}
