//! Decided cases in batches, for an export that never holds them all.

use domain::case::Case;
use domain::{Actor, Permission};
use futures::Stream;
use store::{CaseFilter, CaseOrder, CaseState};

use super::Cases;
use crate::error::Result;

/// Cases of one batch.
const BATCH: u32 = 200;

impl Cases<'_> {
    /// Every decided case by when it was due.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub fn export_decided(&self, actor: &Actor) -> Result<impl Stream<Item = Result<Vec<Case>>> + Send + use<>> {
        actor.check(Permission::ReadPredictions)?;
        let (store, tenant, now) = (self.desk.store().clone(), actor.tenant, self.desk.now());
        let decided = CaseFilter { state: Some(CaseState::Decided), ..CaseFilter::default() };
        Ok(async_stream::try_stream! {
            let mut place = None;
            loop {
                let page = store.cases(tenant, &decided, CaseOrder::DueFirst, now, place.as_ref(), BATCH).await?;
                yield page.items;
                place = page.next;
                if place.is_none() {
                    break;
                }
            }
        })
    }
}
