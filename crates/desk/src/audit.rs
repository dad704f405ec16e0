//! The audit log: read, and checked link by link.

use domain::audit::{Broken, Entry, Verifier};
use domain::{Actor, Permission};

use crate::error::Result;
use crate::room;

room! {
    /// Verbs on the audit log.
    Audit
}

/// Entries read at a time while verifying.
const BATCH: u32 = 1_000;

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
    /// Entries before `before`, newest first; `subject` keeps those whose subject or action starts so.
    ///
    /// # Errors
    /// Needs the right to read the audit log.
    pub async fn list(
        &self,
        actor: &Actor,
        subject: Option<&str>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Entry>> {
        actor.check(Permission::ReadAudit)?;
        Ok(self.desk.store().audit_page(actor.tenant, subject, before, limit.clamp(1, 200)).await?)
    }

    /// Checks every link of the tenant's chain.
    ///
    /// # Errors
    /// Needs the right to read the audit log.
    pub async fn verify(&self, actor: &Actor) -> Result<Verified> {
        actor.check(Permission::ReadAudit)?;
        let mut verifier = Verifier::new(actor.tenant);
        loop {
            let entries = self.desk.store().audit_after(actor.tenant, verifier.head().0, BATCH).await?;
            let broken = entries.iter().find_map(|entry| verifier.check(entry).err());
            if broken.is_some() || entries.is_empty() {
                let (entries, head) = verifier.head();
                return Ok(Verified { entries, head: head.to_owned(), broken });
            }
        }
    }
}
