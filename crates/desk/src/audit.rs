//! The audit log: read, and checked link by link.

use domain::audit::{Broken, Entry, Verifier};
use domain::{Actor, Permission};

use futures::TryStreamExt;
use store::Cursor;

use crate::error::Result;
use crate::room;

room! {
    /// Verbs on the audit log.
    Audit
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Entries that are as they were written.
    pub entries: i64,
    /// Hash of the last one.
    pub head: String,
    /// The first one that is not.
    pub broken: Option<Broken>,
}

impl Audit<'_> {
    /// Entries before `before`, newest first; `about` keeps those whose subject or action begins so.
    ///
    /// # Errors
    /// Needs the right to read the audit log.
    pub async fn list(
        &self,
        actor: &Actor,
        about: Option<&str>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Entry>> {
        actor.check(Permission::ReadAudit)?;
        let cursor = before.map(Cursor::number);
        Ok(self.desk.store().audit(actor.tenant, about, cursor.as_ref(), limit.clamp(1, 200)).await?.items)
    }

    /// Checks every link of the tenant's chain.
    ///
    /// # Errors
    /// Needs the right to read the audit log.
    pub async fn verify(&self, actor: &Actor) -> Result<Verified> {
        actor.check(Permission::ReadAudit)?;
        // Before the walk: what it names is written, whatever is written meanwhile.
        let head = self.desk.store().audit_head(actor.tenant).await?;
        let mut verifier = Verifier::new(actor.tenant, head);
        let mut entries = std::pin::pin!(self.desk.store().audit_in_order(actor.tenant));
        let mut broken = None;
        while let (None, Some(entry)) = (&broken, entries.try_next().await?) {
            broken = verifier.check(&entry).err();
        }
        let broken = broken.or_else(|| verifier.finish().err());
        let (entries, head) = verifier.head();
        Ok(Verified { entries, head: head.to_owned(), broken })
    }
}
