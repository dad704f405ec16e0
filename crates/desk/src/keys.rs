//! API keys: made once, shown once, stored hashed.

use std::time::Duration;

use domain::audit::Event;
use domain::person::ApiKey;
use domain::time::DAY;
use domain::{Actor, KeyId, Permission, Scope, Who};
use moka::sync::Cache as Moka;

use crate::error::{Error, Result};
use crate::{room, secrets, text};

room! {
    /// Verbs on API keys.
    Keys
}

/// How long a key that was looked up is believed. Another replica's revocation is noticed after at most this.
const BELIEVED: Duration = Duration::from_secs(5);

/// What every secret starts with, so that scanners find a leaked one.
const PREFIX: &str = "vdt_";

/// Keys seen lately, by the hash of their secret.
pub(crate) struct Cache(Moka<String, ApiKey>);

impl Default for Cache {
    fn default() -> Self {
        Self(Moka::builder().max_capacity(10_000).time_to_live(BELIEVED).build())
    }
}

impl Keys<'_> {
    /// The key behind `secret`, as an actor; none if it is unknown, revoked or expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn authenticate(&self, secret: &str) -> Result<Option<Actor>> {
        if !secret.starts_with(PREFIX) || secret.len() > 200 {
            return Ok(None);
        }
        let (hash, now) = (secrets::token_hash(secret), self.desk.now());
        let cache = &self.desk.inner.keys.0;
        let key = match cache.get(&hash) {
            Some(key) => key,
            None => {
                let Some(key) = self.desk.store().key_by_secret_hash(&hash).await? else { return Ok(None) };
                cache.insert(hash, key.clone());
                // Only on a cache miss, so the table is not written on every request.
                self.desk.store().touch_key(&key, now).await?;
                key
            }
        };
        if !key.is_valid(now) {
            return Ok(None);
        }
        let who = Who::Key { id: key.id, name: key.name, scopes: key.scopes };
        Ok(Some(Actor { tenant: key.tenant, who }))
    }

    /// The tenant's keys, newest first.
    ///
    /// # Errors
    /// Needs the right to manage keys.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<ApiKey>> {
        actor.check(Permission::ManageKeys)?;
        Ok(self.desk.store().keys(actor.tenant).await?)
    }

    /// Makes a key and tells its secret, this once.
    ///
    /// # Errors
    /// Needs the right to manage keys; names the wrong field.
    pub async fn create(
        &self,
        actor: &Actor,
        name: &str,
        scopes: &[Scope],
        expires_in_days: Option<u32>,
    ) -> Result<(ApiKey, String)> {
        actor.check(Permission::ManageKeys)?;
        let name = text::required("name", name, 100)?;
        if scopes.is_empty() {
            return Err(Error::field("scopes", "choose at least one"));
        }
        if expires_in_days.is_some_and(|days| !(1..=3_650).contains(&days)) {
            return Err(Error::field("expires_in_days", "1 to 3650 days are possible"));
        }
        let now = self.desk.now();
        let secret = format!("{PREFIX}{}", secrets::token(24));
        let expires_at = expires_in_days.map(|days| now.plus(i64::from(days) * DAY));
        let event = |key: &ApiKey| {
            Event::new(actor, now, "key.created", format!("key:{}", key.id))
                .with(serde_json::json!({ "name": key.name, "scopes": scopes, "expires_at": expires_at }))
        };
        let new = store::NewKey {
            name: name.to_owned(),
            prefix: secret[..PREFIX.len() + 6].to_owned(),
            secret_hash: secrets::token_hash(&secret),
            scopes: scopes.to_vec(),
            created_by: actor.label(),
            expires_at,
        };
        let key = self.desk.store().create_key(actor.tenant, &new, now, event).await?;
        Ok((key, secret))
    }

    /// Refuses a key from now on.
    ///
    /// # Errors
    /// Needs the right to manage keys; [`Error::NotFound`] for a key of another tenant.
    pub async fn revoke(&self, actor: &Actor, id: KeyId) -> Result<()> {
        actor.check(Permission::ManageKeys)?;
        let event = Event::new(actor, self.desk.now(), "key.revoked", format!("key:{id}"));
        self.desk.store().revoke_key(actor.tenant, id, event.at, &event).await?;
        self.desk.inner.keys.0.invalidate_all();
        Ok(())
    }
}
