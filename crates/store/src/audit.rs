use domain::TenantId;
use domain::audit::{Entry, Event, GENESIS, Head};
use futures::stream::{Stream, TryStreamExt, try_unfold};

use crate::page::{before, cut, limit};
use crate::sql::{Row, Tx, args};
use crate::{Cursor, Error, Page, Store};

const COLUMNS: &str = "sequence, at, actor, action, subject, detail, previous_hash, hash";
const STEP: i64 = 1_000;

impl Store {
    /// The newest entries of a tenant's log; with `about` those whose subject or action begins so: `model:claims`,
    /// `version.promoted`.
    pub async fn audit(
        &self,
        tenant: TenantId,
        about: Option<&str>,
        cursor: Option<&Cursor>,
        asked: u32,
    ) -> Result<Page<Entry>, Error> {
        let limit = limit(asked);
        let sql = format!(
            "SELECT {COLUMNS} FROM audit_entries WHERE tenant_id = $1 AND sequence < $2
                AND (substr(subject, 1, length($3)) = $3 OR substr(action, 1, length($3)) = $3)
             ORDER BY sequence DESC LIMIT $4"
        );
        let values = args![tenant, before(cursor), about.unwrap_or(""), limit as i64 + 1];
        let entries = self.rows(sql, values).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(cut(entries, limit, |entry| entry.sequence))
    }

    /// The last entry of a tenant's log, as it is kept beside the log.
    pub async fn audit_head(&self, tenant: TenantId) -> Result<Head, Error> {
        let row = self.row("SELECT sequence, hash FROM audit_heads WHERE tenant_id = $1", args![tenant]).await?;
        let row = row.ok_or(Error::NotFound)?;
        Ok(Head { sequence: row.get("sequence")?, hash: row.get("hash")? })
    }

    /// A tenant's whole log in order, for [`domain::audit::Verifier`].
    pub fn audit_in_order(&self, tenant: TenantId) -> impl Stream<Item = Result<Entry, Error>> + Send + '_ {
        let pages = try_unfold(0_i64, move |after| async move {
            let sql = format!(
                "SELECT {COLUMNS} FROM audit_entries WHERE tenant_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3"
            );
            let rows = self.rows(sql, args![tenant, after, STEP]).await?;
            let entries = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, Error>(entries.last().map(|last| last.sequence).map(|last| (entries, last)))
        });
        pages.map_ok(|entries| futures::stream::iter(entries.into_iter().map(Ok))).try_flatten()
    }
}

impl Tx {
    /// Appends `event` to the log of `tenant`. The update of the head is the lock that keeps the chain in one line.
    ///
    /// Every audited transaction takes this lock before it touches any other row, by this or by [`Tx::lock_log`]: with
    /// one order for all, no two of them can wait for each other.
    pub(crate) async fn append(&mut self, tenant: TenantId, event: &Event) -> Result<Entry, Error> {
        if event.tenant != tenant {
            return Err(Error::Conflict("the audit event belongs to another tenant"));
        }
        let lock = "UPDATE audit_heads SET sequence = sequence + 1 WHERE tenant_id = $1 RETURNING sequence, hash";
        let head = self.one(lock, args![tenant]).await?;
        let entry = Entry::following(event, head.get("sequence")?, &head.get::<String>("hash")?);
        let insert = "INSERT INTO audit_entries
            (tenant_id, sequence, at, actor, action, subject, detail, previous_hash, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let (hash, previous) = (entry.hash.as_str(), entry.previous_hash.as_str());
        let (actor, action, subject) = (entry.actor.as_str(), entry.action.as_str(), entry.subject.as_str());
        let values =
            args![tenant, entry.sequence, entry.at, actor, action, subject, entry.detail.as_str(), previous, hash];
        self.execute(insert, values).await?;
        self.execute("UPDATE audit_heads SET hash = $2 WHERE tenant_id = $1", args![tenant, hash]).await?;
        Ok(entry)
    }

    /// Takes the lock for an entry that can be written only at the end.
    pub(crate) async fn lock_log(&mut self, tenant: TenantId) -> Result<(), Error> {
        self.execute("UPDATE audit_heads SET sequence = sequence WHERE tenant_id = $1", args![tenant]).await.map(drop)
    }

    /// Where the log of a new tenant begins.
    pub(crate) async fn begin_log(&mut self, tenant: TenantId) -> Result<(), Error> {
        let insert = "INSERT INTO audit_heads (tenant_id, sequence, hash) VALUES ($1, 0, $2)";
        self.execute(insert, args![tenant, GENESIS]).await.map(drop)
    }
}

fn read(row: &Row) -> Result<Entry, Error> {
    Ok(Entry {
        sequence: row.get("sequence")?,
        at: row.time("at")?,
        actor: row.get("actor")?,
        action: row.get("action")?,
        subject: row.get("subject")?,
        detail: row.get("detail")?,
        previous_hash: row.get("previous_hash")?,
        hash: row.get("hash")?,
    })
}
