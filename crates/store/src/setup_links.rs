use domain::audit::Event;
use domain::person::Person;
use domain::{TenantId, Timestamp};

use crate::sql::{Tx, args};
use crate::{Error, NewPerson, Store, people};

const SET_UP: &str = "somebody has set this desk up already";

impl Store {
    /// Keeps the hash of a one-time link that makes the first admin. Links made before lose their force.
    ///
    /// # Errors
    /// [`Error::Conflict`] when there is a person already.
    pub async fn create_setup_link(
        &self,
        tenant: TenantId,
        token_hash: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        nobody_yet(&mut tx).await?;
        tx.execute("DELETE FROM setup_links", &[]).await?;
        let insert = "INSERT INTO setup_links (token_hash, tenant_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
        tx.execute(insert, args![token_hash, tenant, now, expires_at]).await.map_err(Error::or_not_found)?;
        tx.commit().await
    }

    /// The tenant that a link is for, if it can still be used. Spans tenants.
    pub async fn setup_link(&self, token_hash: &str, now: Timestamp) -> Result<Option<TenantId>, Error> {
        let sql = "SELECT tenant_id FROM setup_links WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2";
        let row = self.row(sql, args![token_hash, now]).await?;
        row.map(|row| row.get("tenant_id").map(TenantId)).transpose()
    }

    /// Uses a link up, makes the first person and names their tenant, or does nothing. `events` are what the person and
    /// the name are written down as.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the link is unknown, used or expired; [`Error::Conflict`] when there is a person already.
    pub async fn consume_setup_link(
        &self,
        tenant: TenantId,
        token_hash: &str,
        first: &NewPerson,
        tenant_name: &str,
        now: Timestamp,
        events: impl FnOnce(&Person) -> [Event; 2] + Send,
    ) -> Result<Person, Error> {
        let mut tx = self.begin().await?;
        nobody_yet(&mut tx).await?;
        let usable = "used_at IS NULL AND expires_at > $3";
        let use_up =
            format!("UPDATE setup_links SET used_at = $3 WHERE token_hash = $1 AND tenant_id = $2 AND {usable}");
        if tx.execute(use_up, args![token_hash, tenant, now]).await? == 0 {
            return Err(Error::NotFound);
        }
        tx.lock_log(tenant).await?;
        let person = people::insert(&mut tx, tenant, first, now).await?;
        tx.execute("UPDATE tenants SET name = $2 WHERE id = $1", args![tenant, tenant_name]).await?;
        for event in events(&person) {
            tx.append(tenant, &event).await?;
        }
        tx.commit().await?;
        Ok(person)
    }
}

/// Takes the lock under which the desk is set up, and makes sure that it is not.
async fn nobody_yet(tx: &mut Tx) -> Result<(), Error> {
    tx.execute("UPDATE counters SET value = value + 1 WHERE name = 'setup'", &[]).await?;
    match tx.row("SELECT 1 AS one FROM people LIMIT 1", &[]).await? {
        None => Ok(()),
        Some(_) => Err(Error::Conflict(SET_UP)),
    }
}
