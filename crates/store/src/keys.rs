use domain::audit::Event;
use domain::person::ApiKey;
use domain::time::SECOND;
use domain::{KeyId, PersonId, Scope, TenantId, Timestamp};

use crate::sql::{Row, args};
use crate::{Error, Store};

/// What a key is made from.
#[derive(Clone)]
pub struct NewKey {
    /// Name to recognise it by.
    pub name: String,
    /// First characters of the secret.
    pub prefix: String,
    /// SHA-256 of the secret.
    pub secret_hash: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// Who makes it.
    pub created_by: String,
    /// The person it comes from, if it is one.
    pub maker: Option<PersonId>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "id, tenant_id, name, prefix, scopes, created_at, created_by, maker_id, expires_at, last_used_at, revoked_at";

impl Store {
    /// Makes a key.
    pub async fn create_key(
        &self,
        tenant: TenantId,
        new: &NewKey,
        now: Timestamp,
        event: impl FnOnce(&ApiKey) -> Event + Send,
    ) -> Result<ApiKey, Error> {
        let mut tx = self.begin().await?;
        tx.lock_log(tenant).await?;
        let insert = format!(
            "INSERT INTO api_keys
                (tenant_id, name, prefix, secret_hash, scopes, created_at, created_by, expires_at, maker_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING {COLUMNS}"
        );
        let scopes = new.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
        let (name, prefix, hash, by) = (&new.name, &new.prefix, &new.secret_hash, &new.created_by);
        let maker = new.maker.map(|person| person.0);
        let values = args![tenant, name, prefix, hash, &scopes, now, by, new.expires_at, maker];
        let row = tx.one(insert, values).await.map_err(|e| e.or_conflict("this secret is in use"))?;
        let key = read(&row)?;
        tx.append(tenant, &event(&key)).await?;
        tx.commit().await?;
        Ok(key)
    }

    /// One key, also if it is no longer valid.
    pub async fn key(&self, tenant: TenantId, id: KeyId) -> Result<Option<ApiKey>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM api_keys WHERE tenant_id = $1 AND id = $2");
        self.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
    }

    /// The key with this hash, also if it is no longer valid. Spans tenants: the key says which one.
    pub async fn key_by_secret_hash(&self, secret_hash: &str) -> Result<Option<ApiKey>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM api_keys WHERE secret_hash = $1");
        self.row(sql, args![secret_hash]).await?.as_ref().map(read).transpose()
    }

    /// Every key of a tenant, newest first.
    pub async fn keys(&self, tenant: TenantId) -> Result<Vec<ApiKey>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM api_keys WHERE tenant_id = $1 ORDER BY id DESC");
        self.rows(sql, args![tenant]).await?.iter().map(read).collect()
    }

    /// Refuses a key from now on. Revoking it again changes nothing but the log.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn revoke_key(
        &self,
        tenant: TenantId,
        id: KeyId,
        now: Timestamp,
        event: &Event,
    ) -> Result<ApiKey, Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        let update = format!(
            "UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $3) WHERE tenant_id = $1 AND id = $2
             RETURNING {COLUMNS}"
        );
        let key = read(&tx.one(update, args![tenant, id, now]).await?)?;
        tx.commit().await?;
        Ok(key)
    }

    /// Notes that `key` was used, at most once a minute; gives whether it wrote.
    pub async fn touch_key(&self, key: &ApiKey, now: Timestamp) -> Result<bool, Error> {
        let stale = now.plus(-60 * SECOND);
        if key.last_used_at.is_some_and(|at| at > stale) {
            return Ok(false);
        }
        let sql = "UPDATE api_keys SET last_used_at = $3
            WHERE tenant_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at <= $4)";
        Ok(self.execute(sql, args![key.tenant, key.id, now, stale]).await? == 1)
    }
}

fn read(row: &Row) -> Result<ApiKey, Error> {
    let scopes = |text: &str| text.split_whitespace().map(|word| word.parse().ok()).collect();
    Ok(ApiKey {
        id: KeyId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        name: row.get("name")?,
        prefix: row.get("prefix")?,
        scopes: row.word("scopes", scopes)?,
        created_at: row.time("created_at")?,
        created_by: row.get("created_by")?,
        maker: row.get::<Option<i64>>("maker_id")?.map(PersonId),
        expires_at: row.opt_time("expires_at")?,
        last_used_at: row.opt_time("last_used_at")?,
        revoked_at: row.opt_time("revoked_at")?,
    })
}
