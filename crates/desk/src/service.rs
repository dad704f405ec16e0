//! How this process does: what it was asked, what it keeps in memory, what waits. For metrics and for the page about it.

use domain::{Actor, Permission};

use crate::error::Result;
use crate::features::Lookups;
use crate::room;
pub use crate::serving::{Counted, Held, LATENCIES, Memory, Source};
pub use store::RunCounts;

room! {
    /// Verbs on the process itself.
    Service
}

/// How this process does. Figures of models are those of the actor's tenant, all others of the process.
#[derive(Clone, Debug)]
pub struct Figures {
    /// What the tenant's models were asked since the process began, by name.
    pub models: Vec<Counted>,
    /// What is kept in memory.
    pub memory: Memory,
    /// Rows that wait to be written, or are being written.
    pub queued: u64,
    /// Transactions of the writer and rows in them, since the process began.
    pub written: (u64, u64),
    /// Reading from the feature store.
    pub lookups: Lookups,
    /// The tenant's runs that wait and work, in all processes; none when the database does not say.
    pub runs: Option<RunCounts>,
}

impl Service<'_> {
    /// How this process does now.
    ///
    /// # Errors
    /// Needs the right to see models.
    pub async fn figures(&self, actor: &Actor) -> Result<Figures> {
        actor.check(Permission::ReadModels)?;
        let inner = &self.desk.inner;
        Ok(Figures {
            models: inner.serving.counted(actor.tenant),
            memory: inner.serving.memory().await,
            queued: inner.writer.queued() as u64,
            written: inner.writer.written(),
            lookups: inner.features.lookups(actor.tenant, self.desk.now()),
            runs: self.desk.store().run_counts(actor.tenant).await.ok(),
        })
    }
}
